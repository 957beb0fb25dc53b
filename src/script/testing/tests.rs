use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::diag::{Color, render};
use crate::script::{LoadError, NoFiles};

/// A project in memory, with recorded rehearsals and snapshots.
#[derive(Default, Clone)]
struct Project {
    packages: Arc<crate::package::Packages>,
    files: BTreeMap<&'static str, &'static str>,
    snapshots: RefCell<BTreeMap<String, String>>,
    blesses: bool,
}

impl SourceLoader for Project {
    fn read(&self, path: &str) -> Result<String, LoadError> {
        self.files.get(path).map(|text| (*text).to_owned()).ok_or(LoadError::Missing)
    }

    fn packages(&self) -> Arc<crate::package::Packages> {
        Arc::clone(&self.packages)
    }
}

impl TestHost for Project {
    fn rehearse(&self, rehearsal: &RehearsalRequest<'_>) -> Result<Vec<RehearsedStack>, Vec<Diagnostic>> {
        let fails = !rehearsal.faults.is_empty();
        let result = |stack: &crate::synth::DesiredStack| RehearsedStack {
            stack: stack.name.clone(),
            result: if fails { "rolled back" } else { "created" }.to_owned(),
            is_success: !fails,
            duration: Duration::from_millis(61_400),
            problems: if fails { vec![Diagnostic::new(Code::StackFailed, "the task crashed")] } else { Vec::new() },
            outputs: [("Url".to_owned(), "http://x".to_owned())].into_iter().collect(),
        };
        Ok(rehearsal.stacks.iter().map(result).collect())
    }

    fn snapshot(&self, compared: &SnapshotUse<'_>) -> Result<Option<String>, Diagnostic> {
        let recorded = self.snapshots.borrow().get(compared.name).cloned();
        if self.blesses {
            self.snapshots.borrow_mut().insert(compared.name.to_owned(), compared.text.to_owned());
        }
        Ok(recorded)
    }

    fn accepts_snapshots(&self) -> bool {
        self.blesses
    }
}

const APP: &str = r#"
let s = settings("APP", #{ stage: "dev", tasks: 2, names: [] });
let bucket = AWS::S3::Bucket("Data", #{ BucketName: `data-${s.stage}` });
Stack("app").add(bucket).add(AWS::SQS::Queue("Jobs", #{ VisibilityTimeout: s.tasks })).output("Count", s.names.len())
"#;

const LIB: &str = r#"
fn stack(o) {
    Stack("lib").add(AWS::SQS::Queue("Jobs", #{ VisibilityTimeout: o.timeout }))
}
"#;

fn project() -> Project {
    Project { files: [("app.rhai", APP), ("lib.rhai", LIB)].into_iter().collect(), ..Project::default() }
}

fn run_in(project: &Rc<Project>, text: &str) -> TestRun {
    let files: Rc<dyn SourceLoader> = Rc::clone(project) as Rc<dyn SourceLoader>;
    let host: Rc<dyn TestHost> = Rc::clone(project) as Rc<dyn TestHost>;
    let input = TestInput { name: "tests/a.rhai", text, files, host, limits: Limits::default() };
    let tests = tests_of(input.name, input.text);
    run_test(&input, tests.last().expect("a test"))
}

/// Runs the body of a test, and returns its problems as users read them.
fn problems(body: &str) -> String {
    let run = run_in(&Rc::new(project()), &format!("import \"../lib\" as lib;\nfn test_it() {{\n{body}\n}}"));
    run.problems.iter().map(|problem| render(problem, &run.sources, Color::Never, 120) + "\n").collect()
}

fn assert_passes(body: &str) {
    let problems = problems(body);
    assert!(problems.is_empty(), "{body}\n{problems}");
}

/// Asserts that a test fails with these texts in its message.
fn assert_fails(body: &str, texts: &[&str]) {
    let problems = problems(body);
    texts.iter().for_each(|text| assert!(problems.contains(text), "no {text:?} in:\n{problems}\n{body}"));
}

#[test]
fn tests_are_the_functions_with_the_prefix_in_their_order() {
    let text = "fn helper() {}\nfn test_b() {}\n// fn test_old() {}\nfn test_a(x) {}\nlet f = \"fn test_c() {}\";";
    let tests = tests_of("a.rhai", text);
    let names: Vec<(&str, u32)> = tests.iter().map(|test| (test.name.as_str(), test.origin.line)).collect();
    assert_eq!(names, [("test_b", 2), ("test_a", 4)]);
    let run = run_in(&Rc::new(project()), text);
    assert_eq!(run.problems[0].message, "the test `test_a` has parameters");
}

#[test]
fn assertions_pass_or_fail_at_their_line_with_both_values() {
    assert_passes(
        "assert(1 < 2); assert(true, \"x\"); assert_eq([1, 2.0], [1.0, 2]); assert_ne(#{ a: 1 }, #{ a: 2 });",
    );
    assert_fails(
        "assert_eq(1 + 1,\n  3);",
        &["error[assertion]: the values differ", "a.rhai:3:1", " left: 2", "right: 3"],
    );
    assert_fails("assert(false, \"too many\");", &["error[assertion]: too many"]);
    assert_fails("assert_ne([1], [1]);", &["the values are equal", "both are [1]"]);
    assert_fails("let x = nothing;", &["nothing"]);
}

#[test]
fn templates_are_equal_by_their_content_and_functions_never() {
    let both = "let a = template(lib::stack(#{ timeout: 60 })); let b = template(lib::stack(#{ timeout: 61 }));";
    assert_passes(&format!(
        "{both} assert_ne(a, b); assert_eq(a, a); assert_ne([a], [b]); assert_ne(#{{ t: a }}, #{{ t: b }});"
    ));
    assert_fails(&format!("{both} assert_eq(a, b);"), &["the values differ", "VisibilityTimeout: 61"]);
    assert_fails("assert_eq(|| 1, || 2);", &["the values differ"]);
}

#[test]
fn long_values_are_shown_with_the_lines_that_differ() {
    let body = "let long = #{ name: \"a name that is long enough for several lines\", items: [1, 2, 3], more: \"and more\" };\n\
                let other = long; other.items = [1, 2];\nassert_eq(long, other);";
    assert_fails(body, &["-        3,", "lines with `-` are in the left only"]);
}

#[test]
fn template_of_a_stack_has_its_resources() {
    assert_passes(
        "let t = template(lib::stack(#{ timeout: 60 }));\n\
         assert_eq(t.count(\"AWS::SQS::Queue\"), 1); assert_eq(t.count(\"AWS::S3::Bucket\"), 0);\n\
         assert_eq(t.count(\"AWS::SQS::*\"), 1); assert_eq(t.count(), 1); assert_eq(t.name, \"lib\");\n\
         let r = t.resources(\"AWS::SQS::Queue\")[0];\n\
         assert_eq([r.id, r.type, r.source, r.line], [\"Jobs\", \"AWS::SQS::Queue\", \"lib.rhai\", 3]);\n\
         assert_eq(t.resource(\"Jobs\").properties, #{ VisibilityTimeout: 60 });",
    );
    assert_fails(
        "template(lib::stack(#{ timeout: 60 })).count(\"AWS::SQS::Queu\");",
        &["did you mean `AWS::SQS::Queue`?"],
    );
    assert_fails(
        "template(lib::stack(#{ timeout: 60 })).resource(\"Job\");",
        &["no resource `Job`", "did you mean `Jobs`?"],
    );
    assert_fails("template(5);", &["`template` takes a stack, or a list of stacks, not the whole number 5"]);
}

#[test]
fn error_of_the_synthesis_fails_the_test_at_both_lines() {
    assert_fails(
        "template(lib::stack(#{ timeout: -1 }));",
        &["lib.rhai:3", "VisibilityTimeout", "found here", "tests/a.rhai:3"],
    );
}

#[test]
fn has_matches_a_part_of_the_properties() {
    let t = "let t = template(Stack(\"s\").add(AWS::EC2::SecurityGroup(\"Web\", #{ GroupDescription: \"web\", VpcId: \
             AWS::EC2::VPC(\"Net\", #{ CidrBlock: \"10.0.0.0/16\" }), SecurityGroupIngress: [\
             #{ IpProtocol: \"tcp\", FromPort: 80, ToPort: 80, CidrIp: \"10.0.0.0/8\" }, \
             #{ IpProtocol: \"tcp\", FromPort: 443, ToPort: 443, CidrIp: \"10.0.0.0/8\" }] })));\n";
    let has = |properties: &str| format!("{t}t.has(\"AWS::EC2::SecurityGroup\", {properties});");
    assert_passes(&has("#{ GroupDescription: \"web\" }"));
    assert_passes(&has("#{ SecurityGroupIngress: [#{ FromPort: 443 }], GroupName: () }"));
    assert_passes(&has("#{ VpcId: #{ Ref: \"Net\" } }"));
    assert_fails(
        &has("#{ SecurityGroupIngress: [#{ FromPort: 444 }], GroupDescription: () }"),
        &[
            "no `AWS::EC2::SecurityGroup` has these properties",
            "the nearest is `Web`:",
            "SecurityGroupIngress[0].FromPort: expected 444, found 80",
            "GroupDescription: expected not set, found \"web\"",
        ],
    );
    assert_fails(&has("#{ GroupName: \"x\" }"), &["GroupName: expected \"x\", found not set"]);
    assert_fails(
        &format!("{t}t.has(\"AWS::SQS::Queue\", #{{}});"),
        &["has no `AWS::SQS::Queue`", "its types are AWS::EC2"],
    );
}

#[test]
fn expected_error_is_found_by_its_code_or_message() {
    let small = "|| FargateService(\"Web\").image(\"nginx:1.27\").cpu(256).memory(4096)";
    assert_passes(&format!("assert_error({small}, \"fargate-size\"); assert_error({small}, \"cannot run 256*4096\");"));
    assert_passes("assert_error(|| lib::stack(#{ timeout: \"x\".nothing() }), \"unknown-function\"); assert(true);");
    assert_passes("assert_error(|| { throw \"too small\" }, \"too small\");");
    assert_passes("assert_warning(|| FargateService(\"Web\").image(\"nginx:latest\"), \"mutable-image-tag\");");
    assert_fails(
        &format!("assert_error({small}, \"fargate-sise\");"),
        &["did you mean `fargate-size`?", "error[fargate-size]"],
    );
    assert_fails("assert_error(|| 5, \"fargate-size\");", &["there is no error `fargate-size`", "has no problems"]);
    assert_fails("assert_error(5, \"x\");", &["`assert_error` takes a function and text"]);
}

#[test]
fn same_error_after_an_expected_one_fails_the_test() {
    let call = "Stack(\"x\").region(5)";
    assert_fails(
        &format!("for i in 0..2 {{ if i == 0 {{ assert_error(|| {call}, \"wrong-argument\"); }} else {{ {call}; }} }}"),
        &["`.region` takes"],
    );
}

#[test]
fn script_is_evaluated_with_the_settings_of_the_test() {
    assert_passes(
        "let t = template(script(\"../app.rhai\", #{ stage: \"production\", tasks: 30, names: [\"a\", \"b\"] }));\n\
         t.has(\"AWS::S3::Bucket\", #{ BucketName: \"data-production\" });\n\
         t.has(\"AWS::SQS::Queue\", #{ VisibilityTimeout: 30 }); assert_eq(t.outputs.Count, 2);\n\
         template(script(\"../app.rhai\")).has(\"AWS::S3::Bucket\", #{ BucketName: \"data-dev\" });",
    );
    assert_fails(
        "script(\"../app.rhai\", #{ stag: 1 });",
        &["the script has no setting `stag`", "did you mean `stage`?", "a.rhai:3"],
    );
    assert_fails("script(\"../app.rhai\", #{ tasks: \"many\" });", &["the setting `tasks` is not"]);
    assert_fails("script(\"app.rhai\");", &["there is no file `tests/app.rhai`", "relative to the test file"]);
    assert_passes("assert_error(|| script(\"../app.rhai\", #{ tasks: \"many\" }), \"setting-type\");");
}

#[test]
fn snapshot_is_written_when_it_is_accepted_and_compared_afterwards() {
    let test = |timeout: u8| {
        format!(
            "import \"../lib\" as lib;\nfn test_it() {{ snapshot(template(lib::stack(#{{ timeout: {timeout} }})), \"small\"); }}"
        )
    };
    let mut project = project();
    let missing = run_in(&Rc::new(Project { files: project.files.clone(), ..Project::default() }), &test(60));
    assert_eq!(missing.problems[0].message, "there is no snapshot `a__small`");
    project.blesses = true;
    let mut project = Rc::new(project);
    assert!(run_in(&project, &test(60)).problems.is_empty());
    let recorded = project.snapshots.borrow()["a__small"].clone();
    assert!(recorded.contains("VisibilityTimeout: 60"), "{recorded}");
    Rc::get_mut(&mut project).expect("one owner").blesses = false;
    assert!(run_in(&project, &test(60)).problems.is_empty());
    let differs = run_in(&project, &test(61));
    assert!(
        differs.problems[0].notes[0].contains("-      VisibilityTimeout: 60\n+      VisibilityTimeout: 61"),
        "{:?}",
        differs.problems
    );
}

#[test]
fn rehearsal_gives_its_result_as_a_map() {
    assert_passes(
        "let stack = lib::stack(#{ timeout: 60 });\nlet r = rehearse(stack);\n\
         assert_eq([r.result, r.duration, r.cause, r.outputs.Url], [\"created\", 61, (), \"http://x\"]);\n\
         let r = rehearse([stack], #{ faults: [\"Jobs:create-fails\"], seed: 3 });\n\
         assert_eq([r.result, r.cause, r.code, r.stacks.lib.result], [\"rolled back\", \"the task crashed\", \"stack-failed\", \"rolled back\"]);",
    );
    assert_fails(
        "rehearse(lib::stack(#{ timeout: 60 }), #{ fault: [] });",
        &["no option `fault`", "did you mean `faults`?"],
    );
}

#[test]
fn each_test_is_evaluated_for_itself() {
    let text = "import \"../lib\" as lib;\nlet all = [];\nfn test_a() { assert_eq(lib::stack(#{ timeout: 1 }).type_of(), \"Stack\"); }\n\
                fn test_b() { lib::stack(#{ timeout: 2 }); }";
    assert!(run_in(&Rc::new(project()), text).problems.is_empty());
}

#[test]
fn environment_of_a_test_has_what_the_test_sets() {
    let manifest = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\n[permissions.shop]\nenv = [\"ACME_*\"]\n";
    let manifest = crate::package::Manifest::parse("rtiler.toml", manifest).expect("a manifest");
    let project = Project {
        files: [("app.rhai", "Stack(env(\"ACME_TEAM\")).add(AWS::SNS::Topic(\"T\"))")].into_iter().collect(),
        packages: Arc::new(crate::package::Packages::new(Arc::new(manifest), Vec::new())),
        ..Project::default()
    };
    let problems = |body: &str| run_in(&Rc::new(project.clone()), &format!("fn test_it() {{ {body} }}")).problems;
    let name = "assert_eq(template(script(\"../app.rhai\")).name, \"maps\");";
    assert_eq!(problems(&format!("set_env(\"ACME_TEAM\", \"maps\"); {name}")), []);
    let missing = problems(name);
    assert_eq!(missing[0].code, Code::VariableMissing);
    assert_eq!(missing[0].hints[0].to_string(), "set it in the test: `set_env(\"ACME_TEAM\", \"..\")`");
    // Nothing that the manifest does not grant can be set.
    assert_eq!(problems("set_env(\"TEAM\", \"x\"); env(\"TEAM\", \"y\")")[0].code, Code::PermissionDenied);
}

#[test]
fn assertion_that_every_problem_fulfils_is_refused() {
    for expected in ["", "*", " "] {
        let body = format!("assert_error(|| FargateService(\"Web\").cpu(3), \"{expected}\");");
        assert_fails(&body, &["wrong-argument", "every message has this one", "name the problem"]);
    }
    assert_fails("#{ a: 1 }.value_at(\"a.b[\");", &["`a.b[` is not a path", "`Rules[0].Status`"]);
}

#[test]
fn endless_loop_is_shown_at_the_loop() {
    let limits = Limits { operations: 10_000, ..Limits::default() };
    let problem = |text: &str| {
        let project = Rc::new(project());
        let (files, host) = (Rc::clone(&project) as Rc<dyn SourceLoader>, project as Rc<dyn TestHost>);
        let input = TestInput { name: "tests/a.rhai", text, files, host, limits: limits.clone() };
        run_test(&input, tests_of(input.name, text).last().expect("a test")).problems.remove(0)
    };
    let line = |problem: &Diagnostic| problem.origin().map(|origin| (origin.source.to_string(), origin.line));
    let own = problem("fn test_it() {\n  let x = 1;\n  loop { x += 1; }\n}");
    assert_eq!((own.code, line(&own)), (Code::LimitOperations, Some(("tests/a.rhai".to_owned(), 3))));
    let called = problem("fn wait() {\n  while true { }\n}\nfn test_it() {\n  wait();\n}");
    assert_eq!(line(&called), Some(("tests/a.rhai".to_owned(), 2)));
    // A closure has its own place.
    let closure = problem(
        "fn test_it() {\n  let f = |f| { [1, 2, 3, 4, 5, 6, 7, 8].map(|x| [1, 2, 3, 4, 5, 6, 7, 8].map(|y| [1, 2, 3, 4, 5, 6, 7, 8, 9].map(|z| [1, 2, 3, 4, 5, 6, 7, 8, 9].map(|a| a * 2)))) };\n  f.call(1); f.call(2)\n}",
    );
    assert_eq!(line(&closure), Some(("tests/a.rhai".to_owned(), 2)), "{closure:?}");
}

#[test]
fn endless_test_ends_with_a_limit() {
    assert_fails("loop { }", &["error[limit-operations]"]);
    assert_fails("assert_error(|| { loop { } }, \"x\");", &["error[limit-operations]"]);
}

#[test]
fn failure_in_a_function_shows_the_call_in_the_test() {
    let text = "fn check(n) {\n  assert_eq(n, 1);\n}\nfn test_it() {\n  check(2);\n}";
    let run = run_in(&Rc::new(project()), text);
    let frames: Vec<(&str, u32)> =
        run.problems[0].trace.iter().map(|frame| (frame.what.as_str(), frame.origin.line)).collect();
    assert_eq!(frames, [("in this call of `check`", 5)]);
}

#[test]
fn functions_of_tests_are_unknown_in_scripts() {
    let input = Input {
        name: "app.rhai",
        text: "assert_eq(1, 1);\nStack(\"a\")",
        files: Rc::new(NoFiles),
        given: Vec::new(),
        limits: Limits::default(),
    };
    let problems = crate::script::eval(&input).report.problems;
    assert_eq!(problems[0].code, "unknown-function");
    assert!(problems[0].hints.iter().any(|hint| hint.to_string().contains("tests/*.rhai")), "{problems:?}");
}

#[test]
fn examples_of_the_documentation_pass() {
    let entries = crate::script::reference::Reference::of_language();
    let examples = entries.entries().iter().flat_map(|entry| &entry.parts).filter_map(|part| match part {
        crate::script::reference::DocElement::Code { language, text, .. } if language == "rhai-test" => Some(text),
        _ => None,
    });
    let stack = "Stack(\"web\").add(AWS::SQS::Queue(\"Jobs\", #{ VisibilityTimeout: 60 }))";
    let mut seen = 0;
    for example in examples {
        let project = Rc::new(Project { blesses: true, ..project() });
        let run = run_in(&project, &format!("fn test_it() {{\nlet stack = {stack};\n{example}\n}}"));
        assert!(run.problems.is_empty(), "{example}\n{:?}", run.problems);
        seen += 1;
    }
    assert!(seen >= 20, "{seen} examples");
}

#[test]
fn mistakes_with_templates_have_a_remedy() {
    let t = "let t = template(lib::stack(#{ timeout: 60 }));";
    assert_fails(&format!("{t} t.resources(\"AWS::SQS::Queue\").id;"), &["a list has no property `id`", "`[0].id`"]);
    assert_fails(&format!("{t} t.count;"), &["`.count()` is a method: write it with brackets"]);
    assert_fails(&format!("{t} t.outputz;"), &["did you mean `outputs`?"]);
    assert_fails("template(lib);", &["`lib` is a module", "`script(\"../app.rhai\")`"]);
}
