//! Scripts, and their stacks or problems.

mod limits;
mod options;
mod packages;

use super::*;
use crate::diag::{Color, render};
use crate::settings::Source as From;

struct Folder(Vec<(&'static str, &'static str)>);

impl SourceLoader for Folder {
    fn read(&self, path: &str) -> Result<String, LoadError> {
        let found = self.0.iter().find(|(name, _)| *name == path);
        found.map(|(_, text)| (*text).to_owned()).ok_or(LoadError::Missing)
    }
}

fn evaluate(text: &str, files: Vec<(&'static str, &'static str)>, limits: Limits) -> Evaluation {
    let flag = |name: &str, value: &str| SettingInput { name: name.into(), value: value.into(), source: From::Flag };
    let given = if text.contains("settings(") { vec![flag("size", "512")] } else { Vec::new() };
    eval(&Input { name: "app.rhai", text, files: Rc::new(Folder(files)), given, limits })
}

fn stack(text: &str) -> Rc<Stack> {
    let evaluation = evaluate(text, Vec::new(), Limits::default());
    assert!(evaluation.report.problems.is_empty(), "{}", shown(&evaluation));
    evaluation.report.value.expect("a program").stacks.remove(0)
}

fn shown(evaluation: &Evaluation) -> String {
    let problems = evaluation.report.problems.iter();
    problems.map(|problem| render(problem, &evaluation.sources, Color::Never, 100) + "\n").collect()
}

/// Returns the codes of the problems with their lines, in order.
fn found(text: &str) -> Vec<(&'static str, u32)> {
    found_with(text, Vec::new())
}

fn found_with(text: &str, files: Vec<(&'static str, &'static str)>) -> Vec<(&'static str, u32)> {
    let evaluation = evaluate(text, files, Limits::default());
    let line = |problem: &Diagnostic| problem.origin().map_or(0, |origin| origin.line);
    evaluation.report.problems.iter().map(|problem| (problem.code.as_str(), line(problem))).collect()
}

#[test]
fn titiler_script_gives_one_stack_with_its_service() {
    let stack = stack(
        include_str!("../../../scripts/app.rhai")
            .replace("settings(\"TITILER", "\n settings(\"TITILER")
            .replace("task_cpu", "size")
            .as_str(),
    );
    assert_eq!(stack.name.value, "titiler-ecs-production");
    let crate::block::Block::FargateService(service) = &stack.adds[0].value else { panic!("a service") };
    assert_eq!(service.task.cpu.as_ref().and_then(|cpu| cpu.value.literal()), Some(512));
    assert_eq!(service.task.main.env.len(), 11, "those of GDAL, PORT and GUNICORN_CMD_ARGS");
    assert_eq!(stack.tags.len(), 2, "tags that are not set are left out");
}

#[test]
fn setter_returns_a_new_block_with_its_own_origin() {
    let stack =
        stack("let a = FargateService(\"Web\");\nlet b = a\n  .cpu(512)\n  .memory(());\nStack(\"s\").add([a, b])");
    let services: Vec<_> = stack
        .adds
        .iter()
        .filter_map(|add| match &add.value {
            crate::block::Block::FargateService(service) => Some(service),
            _ => None,
        })
        .collect();
    assert!(services[0].task.cpu.is_none() && services[1].task.memory.is_none());
    assert_eq!(services[1].task.cpu.as_ref().map(|cpu| (cpu.origin.line, cpu.origin.column)), Some((3, 4)));
}

#[test]
fn variable_passed_to_a_constructor_is_unchanged() {
    let script =
        |call: &str| format!("let name = \"Web\";\n{call}\nStack(name).add(Vpc(name)).add(AWS::SNS::Topic(name))");
    for call in ["Alb(name);", "AWS::S3::Bucket(name);", "cfn::sub(name);", "Vpc::existing(name);", "Stack(name);"] {
        assert_eq!(found(&script(call)), [], "{call}");
    }
}

#[test]
fn reference_in_a_string_is_kept_and_includes_its_block() {
    let program = evaluate(
        "let b = AWS::S3::Bucket(\"Tiles\");\nStack(\"s\").output(\"Arn\", `${b.Arn}/*`)",
        vec![],
        Limits::default(),
    );
    let program = program.report.value.expect("a program");
    assert_eq!(
        program.stacks[0].outputs[0].value.value,
        crate::cfn::Value::Text(
            crate::cfn::TemplateString::from(crate::cfn::Ref::attribute("Tiles", "Arn")).with("/*")
        )
    );
    assert_eq!(program.referenced_blocks.of(&"Tiles".into()).len(), 1);
}

#[test]
fn block_in_a_string_becomes_its_ref() {
    let script = "let tag = parameter(\"Tag\");\nlet b = AWS::S3::Bucket(\"Tiles\");\nlet f = |t| `x:${t}`;\n\
        Stack(\"s\").output(\"a\", f.call(tag)).output(\"b\", \"y:\" + b + \"/*\").output(\"c\", cfn::ref(\"Tag\"))";
    let shown: Vec<String> =
        stack(script).outputs.iter().map(|output| crate::cfn::emit::json::compact(&output.value.value)).collect();
    assert_eq!(shown, ["{\"Fn::Sub\":\"x:${Tag}\"}", "{\"Fn::Sub\":\"y:${Tiles}/*\"}", "{\"Ref\":\"Tag\"}"]);
    assert_eq!(found("Stack(`${Scaling(1..=2)}`)"), [("wrong-argument", 1)]);
}

#[test]
fn every_wrong_argument_is_reported_and_the_evaluation_continues() {
    let script = "Stack(\"s\").add(FargateService(\"a\")\n  .cpu(\"256\")\n  .port(true)\n  .scaling(Scaling(1..=2)\n    .cpu(1.5))\n  .env(#{ A: [1],\n B: 2 }))";
    let expected = [("wrong-argument", 2), ("wrong-argument", 3), ("wrong-argument", 5), ("wrong-argument", 6)];
    assert_eq!(found(script), expected);
}

#[test]
fn unknown_name_of_each_kind_has_its_own_code() {
    assert_eq!(found("Stack(\"s\").add(FargateService(\"a\").\n  memry(1))"), [("unknown-method", 2)]);
    assert_eq!(found("Stack(\"s\")\n  .output(\"u\", Alb(\"a\").urll)"), [("unknown-property", 2)]);
    assert_eq!(found("let service = 1;\nservce"), [("unknown-variable", 2)]);
    assert_eq!(found("FargatService(\"a\")"), [("unknown-function", 1)]);
    assert_eq!(found("Stack(\"a\").add()"), [("wrong-arguments", 1)]);
    assert_eq!(found("let s = settings(\"A\", #{ size: 1 });\ns.sice"), [("unknown-key", 2)]);
}

#[test]
fn error_in_a_module_has_a_call_trace() {
    let library = "fn service(cpu) {\n  FargateService(\"a\").cpoo(cpu)\n}";
    let evaluation = evaluate(
        "import \"lib/web\" as web;\nStack(\"s\").add(web::service(1))",
        vec![("lib/web.rhai", library)],
        Limits::default(),
    );
    let problem = &evaluation.report.problems[0];
    assert_eq!(problem.origin().map(ToString::to_string), Some("lib/web.rhai:2:23".into()));
    assert_eq!(problem.trace[0].origin.to_string(), "app.rhai:2:21");
    assert_eq!(problem.trace[0].what, "in this call of `service`");
}

#[test]
fn recoverable_error_in_a_module_has_a_call_trace() {
    let library = "fn service(cpu) {\n  FargateService(\"a\").cpu(cpu).port(true)\n}";
    let files = vec![("lib/web.rhai", library)];
    let evaluation =
        evaluate("import \"lib/web\" as web;\nStack(\"s\").add(web::service(true))", files, Limits::default());
    let traces: Vec<Vec<String>> = evaluation
        .report
        .problems
        .iter()
        .map(|problem| problem.trace.iter().map(|frame| frame.origin.to_string()).collect())
        .collect();
    assert_eq!(traces, [["app.rhai:2:21"], ["app.rhai:2:21"]]);
}

#[test]
fn module_may_use_resource_types_that_the_script_does_not_use() {
    let library = "fn bucket() { AWS::S3::Bucket(\"Tiles\", #{}) }";
    assert_eq!(found_with("import \"lib\" as lib;\nStack(\"s\").add(lib::bucket())", vec![("lib.rhai", library)]), []);
}

#[test]
fn missing_or_cyclic_import_is_reported_at_its_line() {
    assert_eq!(found("\nimport \"lib\" as lib;\n1"), [("file-missing", 2)]);
    assert_eq!(found("import \"std/titler\" as t;\n1"), [("file-missing", 1)]);
    let a = "import \"b\" as b;";
    let b = "\nimport \"a\" as a;";
    assert_eq!(found_with("import \"a\" as a;\n1", vec![("a.rhai", a), ("b.rhai", b)]), [("cyclic-import", 2)]);
}

#[test]
fn endless_or_growing_script_is_stopped_at_its_limit() {
    let limits = || Limits { operations: 200_000, ..Limits::default() };
    let codes = |script: &str| {
        let evaluation = evaluate(script, vec![], limits());
        evaluation.report.problems.iter().map(|problem| problem.code).collect::<Vec<_>>()
    };
    assert_eq!(codes("loop { }"), ["limit-operations"]);
    assert_eq!(codes("fn f(x) { f(x) }\nf(1)"), ["limit-calls"]);
    assert_eq!(codes("let a = \"aaaaaaaa\"; loop { a += a; }"), ["limit-string"]);
    assert_eq!(codes("let a = []; loop { a.push(1); }"), ["limit-array"]);
    assert_eq!(codes("let a = \"aaaa\"; for i in 0..9 { a.replace(\"a\", \"aaaaaaaaaaaaaaaa\"); }"), ["limit-string"]);
    assert_eq!(codes("let a = cfn::base64(\"x\"); for i in 0..200 { a = cfn::base64(a); }"), ["limit-value"]);
    let large = "let a = cfn::join(\"\", [cfn::sub(\"x\")]); for i in 0..40 { a = cfn::join(\"\", [a, a]); }";
    assert_eq!(codes(large), ["limit-value"]);
    assert_eq!(codes("sleep(1)"), ["unknown-function"]);
    assert_eq!(codes(&format!("{}1{}", "(".repeat(500), ")".repeat(500))), ["limit-depth"]);
}

#[test]
fn modules_that_import_each_other_are_loaded_once() {
    let texts: Vec<(String, String)> = (0..40)
        .map(|at| (format!("m{at}.rhai"), (at + 1..40).map(|to| format!("import \"m{to}\" as m{to};\n")).collect()))
        .collect();
    let files = texts.into_iter().map(|(name, text)| (&*name.leak(), &*text.leak())).collect();
    assert_eq!(found_with("import \"m0\" as m;\nStack(\"s\").add(AWS::S3::Bucket(\"B\"))", files), []);
}

#[test]
fn long_chain_of_modules_is_refused() {
    let texts: Vec<(String, String)> =
        (0..60).map(|at| (format!("m{at}.rhai"), format!("import \"m{}\" as m;", at + 1))).collect();
    let files = texts.into_iter().map(|(name, text)| (&*name.leak(), &*text.leak())).collect();
    assert_eq!(found_with("import \"m0\" as m;\n1", files), [("limit-modules", 1)]);
}

#[test]
fn text_that_does_not_end_with_a_stack_is_an_error() {
    assert_eq!(found(""), [("not-a-stack", 0)]);
    assert_eq!(found("// nothing"), [("not-a-stack", 0)]);
    assert_eq!(found("let a = 1;\na"), [("not-a-stack", 2)]);
    assert_eq!(found("[]"), [("not-a-stack", 1)]);
    assert_eq!(found("[Stack(\"a\"),\n 1]"), [("not-a-stack", 2)]);
    assert_eq!(found("\0\u{1}"), [("not-a-script", 0)]);
    assert_eq!(found("Stack(\"a\""), [("syntax-error", 1)]);
}

#[test]
fn caught_wrong_argument_is_still_reported() {
    assert_eq!(found("let s = Stack(\"a\");\ntry { s = s.add(1); } catch { }\ns"), [("wrong-argument", 2)]);
}

#[test]
fn comparing_or_cutting_a_reference_is_an_error() {
    assert_eq!(found("if Alb(\"a\").url == \"x\" { 1 }"), [("deferred-value", 1)]);
    assert_eq!(
        found("let u = `${Alb(\"a\").url}`;\nStack(\"s\").output(\"a\", u.sub_string(0, 12))"),
        [("truncated-reference", 2)]
    );
}

#[test]
fn thrown_value_or_unknown_flag_is_reported() {
    assert_eq!(found("throw \"not today\""), [("script-throw", 1)]);
    assert_eq!(found("let s = settings(\"A\", #{ other: 1 });\nStack(\"a\")"), [("unknown-setting", 0)]);
}

#[test]
fn unclosed_bracket_of_every_kind_has_a_label() {
    for script in [
        "fn f() {\n  1",
        "fn f() {\n  let a = 1;\nStack(\"a\")",
        "fn f() {\n  1;\n\nfn g() { 2 }\nStack(\"a\")",
        "fn f() {\n  1\n\nfn g() { 2 }\nStack(\"a\")",
        "fn f() {\n  1\nStack(\"a\")",
        "fn f() {\n  if true { 1\n}\nStack(\"a\")",
        "fn f(a, {\n 1",
        "if true {\n  1;\nexport const A = 1;",
        "let f = |x| {\n  1;",
        "let m = #{ a: 1",
        "let l = [1,",
        "Stack(\"a\"",
    ] {
        let evaluation = evaluate(script, Vec::new(), Limits::default());
        let problem = &evaluation.report.problems[0];
        let is_labelled = problem.labels.iter().any(|label| label.message.ends_with("is not closed"));
        assert!(is_labelled, "{script}: {}", shown(&evaluation));
    }
}

#[test]
fn function_in_a_closed_block_has_no_bracket_label() {
    let evaluation = evaluate("if true { fn f() { 1 } }", Vec::new(), Limits::default());
    assert!(!shown(&evaluation).contains("is not closed"), "{}", shown(&evaluation));
}

#[test]
fn number_as_an_image_is_a_wrong_argument() {
    for script in ["FargateService(\"a\").image(5)", "Container(\"b\").image(1.5)"] {
        let problems = found(script);
        assert!(problems.contains(&("wrong-argument", 1)), "{script}: {problems:?}");
    }
}

#[test]
fn getter_of_workers_names_the_setter_if_it_is_given_a_number_of_workers() {
    let text = "FargateService(\"web\").gunicorn(Gunicorn().workers(3))";
    let shown = shown(&evaluate(text, Vec::new(), Limits::default()));
    assert!(shown.contains("set the number of workers with `.web_concurrency(3)`"), "{shown}");
    assert!(!shown.contains("takes a Gunicorn"), "the consequence is not reported: {shown}");
}

#[test]
fn logical_id_and_priority_of_a_rule_do_not_follow_from_a_secret() {
    let template = |value: &str| {
        let text = "let s = settings(\"APP\", #{ origin: secret(\"string\") });
            let web = FargateService(\"web\").image(\"nginx:1.29\").port(80);
            Stack(\"a\").add(web.behind(Alb(\"front\"), Route().header(\"X-Origin-Verify\", s.origin)))";
        let given = vec![SettingInput { name: "origin".into(), value: value.into(), source: From::Flag }];
        let files = Rc::new(Folder(Vec::new()));
        let evaluation = eval(&Input { name: "app.rhai", text, files, given, limits: Limits::default() });
        let program = evaluation.report.value.expect("a program");
        let stacks = crate::synth::synth(&program, crate::cfn::schema::Schema::embedded()).value.expect("stacks");
        let resources = stacks[0].template.resources.iter();
        let priority = |resource: &crate::cfn::Resource| resource.properties.get("Priority").cloned();
        resources.map(|(id, resource)| (id.to_string(), priority(resource))).collect::<Vec<_>>()
    };
    let first = template("abc123xyz");
    assert!(first.iter().any(|(id, _)| id.ends_with("HeaderXOriginVerify")), "{first:?}");
    assert_eq!(first, template("quite-another-one"));
}

#[test]
fn file_of_variables_that_ecs_does_not_read_is_an_error() {
    for (name, line) in [("web.txt", 1), ("*.env", 1), ("web", 1)] {
        let text =
            format!("FargateService(\"web\").image(\"nginx:1.29\").port(80).env_file(\"arn:aws:s3:::acme/{name}\")");
        let evaluation = evaluate(&format!("Stack(\"a\").add({text})"), Vec::new(), Limits::default());
        let program = evaluation.report.value.expect("a program");
        let problems = crate::synth::synth(&program, crate::cfn::schema::Schema::embedded()).problems;
        let found = problems.iter().find(|problem| problem.code == Code::ContainerSetting);
        assert_eq!(found.and_then(Diagnostic::origin).map(|origin| origin.line), Some(line), "{name}: {problems:?}");
    }
}

#[test]
fn settings_of_a_service_are_those_of_the_proxy_in_front_of_it() {
    let template = |behind: &str| {
        let text = format!(
            "let proxy = Container(\"proxy\").image(\"nginx:1.29\").port(80);
            let web = FargateService(\"web\").image(\"acme/web:1\").port(8000).port(\"admin\", 9000).sidecar(proxy).health_check(\"/up\").sticky(60);
            let alb = Alb(\"front\");
            Stack(\"a\").add(web{behind})"
        );
        let program = evaluate(&text, Vec::new(), Limits::default()).report.value.expect("a program");
        crate::synth::synth(&program, crate::cfn::schema::Schema::embedded())
    };
    let proxied = template(".behind(alb, \"/*\", Target().container(\"proxy\"))");
    let stacks = proxied.value.expect("stacks");
    let (_, group) =
        stacks[0].template.resources.iter().find(|(id, _)| id.as_str().ends_with("TargetGroup")).expect("it");
    assert_eq!(group.properties.get("HealthCheckPath"), Some(&"/up".into()));
    let two = ".behind(alb, \"/a/*\", Target().container(\"proxy\")).behind(alb, \"/b/*\", Target().port(9000))";
    let problems = template(two).problems;
    let lost = problems.iter().filter(|problem| problem.code == Code::TargetSettings).count();
    assert_eq!(lost, 2, "the health check and the cookie: {problems:?}");
}
