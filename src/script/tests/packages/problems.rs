//! Problems of packages and functions at the lines of their callers.

use super::*;

fn labels(problem: &Diagnostic) -> Vec<String> {
    problem.labels.iter().map(|label| format!("{} {}", label.origin, label.message)).collect()
}

#[test]
fn error_inside_a_package_points_at_the_call_of_the_project() {
    let entry = "fn web_service(cpu) {\n  sized(cpu)\n}\nfn sized(cpu) {\n  FargateService(\"a\").cpoo(cpu)\n}";
    let project = Project::default().package("web", entry, &[]);
    let evaluation = project.eval("import \"web\" as web;\n\nStack(\"s\").add(web::web_service(1))");
    let problem = &evaluation.report.problems[0];
    assert_eq!(labels(problem)[0], "app.rhai:3:21 in this call of `web_service`");
    assert!(labels(problem)[1].starts_with("web@1.2.0/main.rhai:5:"), "{:?}", labels(problem));
    assert_eq!(problem.trace[0].origin.to_string(), "web@1.2.0/main.rhai:2:3");
}

#[test]
fn wrong_argument_of_a_setter_inside_a_package_points_at_the_call() {
    let project = Project::default().package("web", "fn web_service(cpu) { FargateService(\"a\").cpu(cpu) }", &[]);
    assert_eq!(
        project.problems("import \"web\" as web;\nlet s = web::web_service(true);"),
        [("wrong-argument", "app.rhai:2".into())]
    );
}

#[test]
fn problem_of_synthesis_inside_a_package_points_at_the_call() {
    let project = Project::default().package(
        "web",
        "fn service() { FargateService(\"Web\").image(\"nginx:1.29\")\n.cpu(257) }",
        &[],
    );
    let text = "import \"web\" as web;\nlet s = web::service().cluster(Cluster(\"C\"));\nStack(\"s\").add(s)";
    let input = Input { name: "app.rhai", text, files: Rc::new(project), given: Vec::new(), limits: Limits::default() };
    let mut evaluation = eval(&input);
    let report = evaluation.and_then(|program| crate::synth::synth(&program, crate::cfn::schema::Schema::embedded()));
    let mut problems = report.problems;
    trace_problems((&input, &evaluation.budget), &mut problems);
    let problem = problems.iter().find(|problem| problem.code == Code::FargateSize).expect("a problem of the size");
    assert_eq!(problem.origin().map(|origin| (&*origin.source, origin.line)), Some(("app.rhai", 2)));
}

#[test]
fn fail_of_a_package_is_at_the_call_of_the_project() {
    let entry = "fn web(cpu) {\n  checked(cpu)\n}\nfn checked(cpu) {\n  if cpu < 256 { fail(\"too small\", \"use 256\"); }\n  cpu\n}";
    let project = Project::default().package("web", entry, &[]);
    let evaluation =
        project.eval("import \"web\" as web;\nlet a = web::web(1);\nlet b = web::web(2);\nStack(\"s\").add(a)");
    let found: Vec<(Code, Vec<String>)> =
        evaluation.report.problems.iter().map(|problem| (problem.code, labels(problem))).collect();
    assert_eq!(
        found,
        [
            (Code::PackageError, vec!["app.rhai:2:14 in this call of `web`".to_owned()]),
            (Code::PackageError, vec!["app.rhai:3:14 in this call of `web`".to_owned()]),
        ]
    );
    assert_eq!(evaluation.report.problems[0].hints[0].to_string(), "use 256");
}

#[test]
fn fail_of_the_project_is_at_the_call_of_its_function() {
    let project = Project::default();
    let script = "fn checked(cpu) {\n  if cpu < 256 { fail(\"too small\"); }\n  cpu\n}\nlet a = checked(1);";
    assert_eq!(project.problems(script), [("package-error", "app.rhai:5".into())]);
    assert_eq!(project.problems("fail(\"never\");"), [("package-error", "app.rhai:1".into())]);
    assert_eq!(project.problems("let a = [1].map(|x| fail(\"never\"));"), [("package-error", "app.rhai:1".into())]);
}

#[test]
fn warnings_are_at_the_calls_and_the_evaluation_continues() {
    let project = Project::default().package("web", "fn web(n) {\n  if n > 1 { warn(\"large\"); }\n  n\n}", &[]);
    let script = "import \"web\" as web;\nfn own(n) {\n  warn(\"own\", \"help\");\n  n\n}\nown(1);\nown(2);\nweb::web(2);\nweb::web(3);\nwarn(\"top\");\nprint(web::web(1));";
    let lines = ["app.rhai:6", "app.rhai:7", "app.rhai:8", "app.rhai:9", "app.rhai:10"];
    assert_eq!(project.problems(script), lines.map(|line| ("package-warning", line.to_owned())));
}

#[test]
fn warning_of_a_package_is_suppressed_at_the_call() {
    let project = Project::default().package("web", "fn web(n) { warn(\"large\"); n }", &[]);
    let text = "import \"web\" as web;\n// rtiler: allow(package-warning) it is a test\nlet a = web::web(1);\nStack(\"s\").add(AWS::SNS::Topic(\"T\"))";
    let evaluation = project.eval(text);
    let sources = &evaluation.sources;
    assert_eq!(crate::diag::apply_suppressions(evaluation.report.problems, sources, true), []);
}

#[test]
fn fail_of_an_inner_package_is_at_the_call_of_the_project() {
    let project = Project::default()
        .inner_package("outer", "inner", "import \"inner\" as i;\nfn f() { i::g() }", &[])
        .inner_package("inner", "", "fn g() { fail(\"no\") }", &[])
        .depends_on("outer");
    assert_eq!(project.problems("import \"outer\" as o;\no::f();"), [("package-error", "app.rhai:2".into())]);
}

#[test]
fn caught_failure_has_its_message() {
    let project = Project::default().package("web", "fn f() { fail(\"no\") }", &[]);
    let script = "import \"web\" as web;\ntry { web::f(); } catch (e) { print(e.message); print(`${e}`); }";
    assert_eq!(project.printed(script), ["no", "no"]);
}

#[test]
fn warning_of_synthesis_inside_a_package_is_suppressed_at_the_call() {
    let project =
        Project::default().package("web", "fn service() {\n  FargateService(\"Web\").image(\"nginx:latest\")\n}", &[]);
    let text = "import \"web\" as web;\n// rtiler: allow(mutable-image-tag) it is a test\nlet s = web::service().cluster(Cluster(\"C\"));\nStack(\"s\").add(s)";
    let input = Input { name: "app.rhai", text, files: Rc::new(project), given: Vec::new(), limits: Limits::default() };
    let mut evaluation = eval(&input);
    let report = evaluation.and_then(|program| crate::synth::synth(&program, crate::cfn::schema::Schema::embedded()));
    let mut problems = report.problems;
    assert!(problems.iter().any(|problem| problem.code == Code::MutableImageTag));
    trace_problems_of_packages((&input, &evaluation.budget), &mut problems);
    assert_eq!(crate::diag::apply_suppressions(problems, &evaluation.sources, true), []);
}
