//! Lines and their outcomes; transcripts are in `tests/cases/repl`.

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

struct Outside;

impl DirectoryListing for Outside {
    fn list(&self, _path: &str) -> Vec<String> {
        vec!["app.rhai".into(), "lib/".into(), "notes.txt".into()]
    }
}

impl CompletionSource for Outside {
    fn options(&self, command: &str) -> Vec<(String, String)> {
        vec![("--yes".into(), format!("of {command}")), ("--follow".into(), String::new())]
    }
}

const APP: &str = "let s = settings(\"WEB\", #{ cpu: 256 });\n\
    let service = FargateService(\"Web\").image(\"nginx:1.29\").cpu(s.cpu).memory(1024);\nStack(\"web\").add(service)";

fn repl() -> Repl {
    Repl::new(Session::new(Rc::new(Project(APP)), Vec::new(), Limits::default()))
}

#[test]
fn what_only_a_front_end_can_do_is_asked_of_it() {
    let mut repl = repl();
    let mut ask = |line: &str| match repl.answer(line) {
        LineResult::Ask(request) => request,
        _ => panic!("{line} asks"),
    };
    assert_eq!(ask(":quit"), HostRequest::Quit);
    assert_eq!(ask(":deploy web"), HostRequest::Account { command: "deploy", argument: "web".into() });
    assert_eq!(ask(":target rehearsal"), HostRequest::Account { command: "target", argument: "rehearsal".into() });
    assert_eq!(ask(":edit a.rhai"), HostRequest::Edit { path: "a.rhai".into() });
}

#[test]
fn every_command_is_known_to_its_help_and_does_something() {
    for command in COMMANDS {
        let mut repl = repl();
        assert!(matches!(repl.answer(":load app.rhai"), LineResult::Done(_)));
        let argument = match command.takes {
            ArgumentKind::Expression => "service",
            ArgumentKind::Resource => "WebService",
            ArgumentKind::Setting => "cpu=512",
            ArgumentKind::File => "app.rhai",
            ArgumentKind::Documented => "Alb",
            _ => "",
        };
        let line = format!(":{} {argument}", command.name);
        assert!(!matches!(repl.answer(&line), LineResult::Failed(_)), "{line}");
        let LineResult::Done(help) = repl.answer(&format!(":help {}", command.name)) else { panic!("{line}") };
        assert!(help.page.to_string().contains(command.help), "{line}");
    }
}

#[test]
fn arguments_of_commands_are_completed() {
    let mut repl = repl();
    repl.answer(":load app.rhai");
    let texts = |text: &str| {
        let found = repl.complete(text, text.len(), &Outside);
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
    assert_eq!(repl.complete(":type serv", 10, &Outside).range, 6..10);
    assert_eq!(repl.hint(":set ", 5).map(|hint| hint.signature), Some(":set NAME=VALUE".into()));
}

#[test]
fn a_setting_that_is_set_tells_what_it_changes() {
    let mut repl = repl();
    repl.answer(":load app.rhai");
    let LineResult::Done(answer) = repl.answer(":set cpu=512") else { panic!("it is done") };
    let page = answer.page.to_string();
    assert!(page.contains("changed: s, service, stack") && page.contains("~ WebTask"), "{page}");
}

#[test]
fn a_session_is_saved_as_a_script_that_gives_the_same_templates() {
    let mut repl = repl();
    repl.answer(":load app.rhai");
    for line in ["1 + 1", "let queue = AWS::SQS::Queue(\"Jobs\")", "stack.add(queue)", "_.tag(\"Team\", \"maps\")"] {
        assert!(matches!(repl.answer(line), LineResult::Done(_)), "{line}");
    }
    let LineResult::Ask(HostRequest::Write { text, path }) = repl.answer(":save out/all.rhai") else {
        panic!("it is saved")
    };
    assert_eq!(path, "out/all.rhai");
    assert!(!text.contains("1 + 1") && text.contains("tag(\"Team\", \"maps\")"), "{text}");
    let (wanted, _) = repl.templates();
    let wanted = wanted.expect("templates");
    assert!(wanted[0].template.resources.keys().any(|id| id.as_str() == "Jobs"));
}

#[test]
fn no_command_and_no_argument_is_too_much() {
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
        for command in COMMANDS.iter().filter(|command| !command.account) {
            let mut repl = repl();
            setup.iter().for_each(|line| drop(repl.answer(line)));
            for argument in arguments {
                let line = format!(":{} {argument}", command.name);
                repl.answer(&line);
                for cursor in 0..=line.len() + 1 {
                    repl.hint(&line, cursor);
                }
                repl.complete(&line, line.len(), &Outside);
            }
        }
    }
    let repl = repl();
    for command in COMMANDS.iter().filter(|command| command.account) {
        for argument in arguments {
            let line = format!(":{} {argument}", command.name);
            (0..=line.len() + 1).for_each(|cursor| drop(repl.complete(&line, cursor, &Outside)));
        }
    }
}

#[test]
fn a_file_that_vanished_or_went_wrong_leaves_the_session_as_it_was() {
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
    assert!(matches!(repl.answer(":load app.rhai"), LineResult::Done(_)));
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
            assert!(matches!(repl.answer(line), LineResult::Failed(_)), "{line}: {:?}", files.0);
        }
        assert!(matches!(repl.answer(":why WebService"), LineResult::Done(_)));
    }
    for right in ["", "// nothing", "let x = \"é🦀\";\r\nStack(\"web\")\r\n", APP] {
        *files.0.borrow_mut() = Ok(right);
        assert!(matches!(repl.answer(":reload"), LineResult::Done(_)), "{right}");
    }
}
