//! Lines and their results; transcripts are in `tests/cases/repl`.

mod defaults;

use std::rc::Rc;

use super::*;
use crate::script::session::DirectoryListing;
use crate::script::{Limits, LoadError, SourceLoader};

struct Project(&'static str);

impl SourceLoader for Project {
    fn read(&self, path: &str) -> Result<String, LoadError> {
        if path == "app.rhai" { Ok(self.0.to_owned()) } else { Err(LoadError::Missing) }
    }
}

struct FakeSource;

impl DirectoryListing for FakeSource {
    fn list(&self, _path: &str) -> Vec<String> {
        vec!["app.rhai".into(), "lib/".into(), "notes.txt".into()]
    }
}

impl CompletionSource for FakeSource {
    fn options(&self, command: AccountCommandKind) -> Vec<(String, String)> {
        vec![("--yes".into(), format!("of {}", command.name())), ("--follow".into(), String::new())]
    }
}

const APP: &str = "let s = settings(\"WEB\", #{ cpu: 256 });\n\
    let service = FargateService(\"Web\").image(\"nginx:1.29\").cpu(s.cpu).memory(1024);\nStack(\"web\").add(service)";

fn repl() -> Repl {
    Repl::new(Session::new(Rc::new(Project(APP)), Vec::new(), Limits::default()))
}

#[test]
fn request_to_the_front_end_is_returned() {
    let mut repl = repl();
    let mut request = |line: &str| match repl.evaluate(line) {
        LineResult::Host(request) => request,
        _ => panic!("{line} is a request"),
    };
    assert_eq!(request(":quit"), HostRequest::Quit);
    assert_eq!(
        request(":deploy web"),
        HostRequest::Account { command: AccountCommandKind::Deploy, argument: "web".into() }
    );
    assert_eq!(request(":target rehearsal"), HostRequest::Target { name: "rehearsal".into() });
    assert_eq!(request(":edit a.rhai"), HostRequest::Edit { path: "a.rhai".into() });
}

#[test]
fn command_without_its_colon_is_suggested() {
    for line in ["deploy", "plan web", "deploy web --yes", "load app.rhai", "set cpu=512"] {
        let LineResult::Failed(failed) = repl().evaluate(line) else { panic!("{line} fails") };
        let hints: Vec<String> = failed.problems[0].hints.iter().map(ToString::to_string).collect();
        assert_eq!(hints, [format!("did you mean `:{line}`?")], "{}", failed.problems[0].message);
    }
    let mut repl = repl();
    assert!(matches!(repl.evaluate("let status = 1; status"), LineResult::Done(_)));
    assert!(matches!(repl.evaluate("status"), LineResult::Done(_)));
}

#[test]
fn output_that_is_named_like_a_secret_is_not_shown() {
    let mut repl = repl();
    let stack = "Stack(\"web\").add(AWS::SQS::Queue(\"Jobs\")).output(\"AdminPassword\", \"hunter2\").output(\"Url\", \"a.test\")";
    for line in [stack, ":stacks", ":template", ":show"] {
        if let LineResult::Done(output) = repl.evaluate(line) {
            let text = output.text.to_string();
            assert!(line != stack || text.contains("AdminPassword = (not shown)") && text.contains("a.test"), "{text}");
            assert!(line == ":template" || !text.contains("hunter2"), "{line}: {text}");
        }
    }
}

#[test]
fn abbreviation_of_several_commands_lists_them() {
    let LineResult::Failed(failed) = repl().evaluate(":h") else { panic!("it fails") };
    assert_eq!(failed.problems[0].message, "`:h` may be `:history` or `:help`");
    assert_eq!(failed.problems[0].code, Code::UnknownCommand);
}

#[test]
fn every_command_has_help_and_succeeds() {
    for command in ReplCommand::ALL {
        let spec = command.spec();
        let mut repl = repl();
        assert!(matches!(repl.evaluate(":load app.rhai"), LineResult::Done(_)));
        let argument = match spec.argument_kind {
            ArgumentKind::Expression => "service",
            ArgumentKind::Resource => "WebService",
            ArgumentKind::Setting => "cpu=512",
            ArgumentKind::File => "app.rhai",
            ArgumentKind::Documented => "Alb",
            ArgumentKind::Service if spec.requires_argument() => "Web 2",
            _ => "",
        };
        let line = format!(":{} {argument}", command.name());
        assert!(!matches!(repl.evaluate(&line), LineResult::Failed(_)), "{line}");
        let LineResult::Done(help) = repl.evaluate(&format!(":help {}", command.name())) else { panic!("{line}") };
        assert!(help.text.to_string().contains(spec.summary), "{line}");
    }
}

#[test]
fn arguments_of_commands_are_completed() {
    let mut repl = repl();
    repl.evaluate(":load app.rhai");
    let texts = |text: &str| {
        let found = repl.complete(text, text.len(), &FakeSource);
        found.candidates.into_iter().map(|candidate| candidate.text).collect::<Vec<_>>()
    };
    assert_eq!(texts(":reh"), [":rehearse"]);
    assert_eq!(texts(":set c"), ["cpu="]);
    assert_eq!(texts(":synth "), ["web"]);
    assert_eq!(texts(":deploy other w"), ["web"]);
    assert_eq!(texts(":logs "), ["WebService"]);
    assert_eq!(texts(":deploy web --y"), ["--yes"]);
    assert_eq!(texts(":synth --y"), Vec::<String>::new());
    assert_eq!(texts(":load "), ["app.rhai", "lib/"]);
    assert_eq!(texts(":target a"), ["aws"]);
    assert_eq!(texts(":help grap"), ["graph"]);
    assert!(texts(":why WebServ").contains(&"WebService".to_owned()));
    assert!(texts(":type service.").contains(&"memory(".to_owned()));
    assert!(texts(":doc FargateService.c").contains(&"FargateService.cpu".to_owned()));
    assert!(
        texts(":doc AWS::ECS::Service.DeploymentConfiguration.Min")
            .contains(&"AWS::ECS::Service.DeploymentConfiguration.MinimumHealthyPercent".to_owned())
    );
    assert_eq!(repl.complete(":type serv", 10, &FakeSource).range, 6..10);
    assert_eq!(repl.hint(":set ", 5).map(|hint| hint.signature), Some(":set NAME=VALUE ..".into()));
}

#[test]
fn set_shows_the_changed_variables_and_resources() {
    let mut repl = repl();
    repl.evaluate(":load app.rhai");
    let LineResult::Done(output) = repl.evaluate(":set cpu=512") else { panic!("it is done") };
    let text = output.text.to_string();
    assert!(text.contains("changed: s, service, stack") && text.contains("~ WebTask"), "{text}");
}

#[test]
fn saved_session_is_a_script_with_the_same_templates() {
    let mut repl = repl();
    repl.evaluate(":load app.rhai");
    for line in ["1 + 1", "let queue = AWS::SQS::Queue(\"Jobs\")", "stack.add(queue)", "_.tag(\"Team\", \"maps\")"] {
        assert!(matches!(repl.evaluate(line), LineResult::Done(_)), "{line}");
    }
    let LineResult::Host(HostRequest::Write { text, path }) = repl.evaluate(":save out/all.rhai") else {
        panic!("it is saved")
    };
    assert_eq!(path, "out/all.rhai");
    assert!(!text.contains("1 + 1") && text.contains("tag(\"Team\", \"maps\")"), "{text}");
    let (desired, _) = repl.templates();
    let desired = desired.expect("templates");
    assert!(desired[0].template.resources.keys().any(|id| id.as_str() == "Jobs"));
}

#[test]
fn no_argument_makes_a_command_panic() {
    let arguments = [
        "",
        "é",
        "🦀 🦀",
        "a\u{a0}b\u{3000}c",
        "\u{3000}",
        "(",
        "\"",
        "`${",
        "=",
        "x=",
        "=x",
        "é=é",
        "--é",
        "nothing",
        "_",
        "1 +",
        "AWS::",
        "AWS::S3::Bucket.",
        "AWS::É.é",
        "FargateService.",
        ".",
        "::",
        "/",
        "../..",
        "a\r\nb",
        "#{",
        "[",
        "Stack(\"é\")",
        "FargateService()",
        "loaded.rhai",
        "app.rhai",
        "\0",
    ];
    let setups: [&[&str]; 4] =
        [&[], &[":load app.rhai"], &["let s = Stack(\"é\")", "s"], &["Stack(\"a\").add(Alb(\"🦀\"))"]];
    for setup in setups {
        for command in ReplCommand::ALL.iter().filter(|command| !command.concerns_account()) {
            let mut repl = repl();
            setup.iter().for_each(|line| drop(repl.evaluate(line)));
            for argument in arguments {
                let line = format!(":{} {argument}", command.name());
                repl.evaluate(&line);
                for cursor in 0..=line.len() + 1 {
                    repl.hint(&line, cursor);
                }
                repl.complete(&line, line.len(), &FakeSource);
            }
        }
    }
    let repl = repl();
    for command in ReplCommand::ALL.iter().filter(|command| command.concerns_account()) {
        for argument in arguments {
            let line = format!(":{} {argument}", command.name());
            (0..=line.len() + 1).for_each(|cursor| drop(repl.complete(&line, cursor, &FakeSource)));
        }
    }
}

#[test]
fn missing_or_wrong_file_leaves_the_session_unchanged() {
    struct Changing(std::cell::RefCell<Result<&'static str, LoadError>>);
    impl SourceLoader for Changing {
        fn read(&self, _path: &str) -> Result<String, LoadError> {
            match &*self.0.borrow() {
                Ok(text) => Ok((*text).to_owned()),
                Err(_) => Err(LoadError::Missing),
            }
        }
    }
    let files = Rc::new(Changing(Ok(APP).into()));
    let mut repl = Repl::new(Session::new(files.clone(), Vec::new(), Limits::default()));
    assert!(matches!(repl.evaluate(":load app.rhai"), LineResult::Done(_)));
    for wrong in [
        Err(LoadError::Missing),
        Ok("Stack("),
        Ok("nothing"),
        Ok("\0"),
        Ok("/*"),
        Ok("let x = 1; /* a /* b */"),
        Ok("\"é"),
    ] {
        *files.0.borrow_mut() = wrong;
        for line in [":reload", ":load app.rhai"] {
            assert!(matches!(repl.evaluate(line), LineResult::Failed(_)), "{line}: {:?}", files.0);
        }
        assert!(matches!(repl.evaluate(":why WebService"), LineResult::Done(_)));
    }
    for right in ["", "// nothing", "let x = \"é🦀\";\r\nStack(\"web\")\r\n", APP] {
        *files.0.borrow_mut() = Ok(right);
        assert!(matches!(repl.evaluate(":reload"), LineResult::Done(_)), "{right}");
    }
}

/// Returns the codes and severities of what `:check` reports after these lines.
fn checked(lines: &[&str]) -> Vec<(&'static str, bool)> {
    let mut repl = repl();
    for line in lines {
        assert!(matches!(repl.evaluate(line), LineResult::Done(_)), "{line}");
    }
    let LineResult::Done(output) = repl.evaluate(":check") else { panic!("the check is done") };
    output.diagnostics.problems.iter().map(|problem| (problem.code.as_str(), problem.is_error())).collect()
}

#[test]
fn check_warns_of_changes_and_blocks_that_no_stack_has() {
    let start = [
        "let alb = Alb(\"Web\")",
        "let web = FargateService(\"Web\").image(\"nginx:1.29\").port(80).behind(alb)",
        "let app = Stack(\"web\").add(web)",
    ];
    assert_eq!(checked(&start), []);
    let with = |line: &str| checked(&[&start[..], &[line]].concat());
    assert_eq!(with("alb = alb.idle_timeout(120)"), [("changed-after-use", false)]);
    assert_eq!(with("web = web.cpu(512).memory(1024)"), [("changed-after-use", false)]);
    assert_eq!(with("web.cpu(512).memory(1024)"), []);
    assert_eq!(with("let net = Vpc(\"Other\")"), [("unused-block", false)]);
    let again = ["web = web.cpu(512).memory(1024)", "app = Stack(\"web\").add(web)"];
    assert_eq!(checked(&[&start[..], &again].concat()), []);
}

#[test]
fn lines_of_help_fit_into_80_columns() {
    let LineResult::Done(output) = repl().evaluate(":help") else { panic!("help is shown") };
    let text = output.text.to_string();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    for word in ["property", "refer to it", "of the session"] {
        assert!(text.contains(word), "{text}");
    }
}
