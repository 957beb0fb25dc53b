//! `rtiler test`: the tests of a project's scripts.

use std::path::Path;
use std::process::Output;
use std::rc::Rc;

use rtiler::diag::Diagnostic;
use rtiler::script::NoFiles;
use rtiler::script::testing::{
    RehearsalRequest, RehearsedStack, SnapshotUse, TestHost, TestInput, TestRun, run_test, tests_of,
};

use crate::program::{printed, rtiler};
use crate::scripted::small;

const LIB: &str = "fn stack(o) {\n    let service = FargateService(\"Web\").image(\"nginx:1.29\").count(o.tasks);\n    \
                   Stack(\"web\").add(service)\n}\n";

const APP: &str = "let s = settings(\"APP\", #{ name: \"first\" });\nStack(\"app\").add(AWS::SNS::Topic(\"Events\", \
                   #{ DisplayName: s.name }))\n";

const TESTS: &str = r#"import "../lib" as lib;

fn test_service_has_two_tasks() {
    template(lib::stack(#{ tasks: 2 })).has("AWS::ECS::Service", #{ DesiredCount: 2 });
}

fn test_program_that_exits_is_rolled_back() {
    let r = rehearse(lib::stack(#{ tasks: 2 }), #{ faults: ["WebService:exit=3"] });
    assert_eq([r.result, r.code], ["rolled back", "task-exited"]);
    assert(r.duration > 60 && r.cause.contains("code 3"));
}

fn test_update_of_a_deployed_stack() {
    let r = rehearse(lib::stack(#{ tasks: 3 }), #{ from: lib::stack(#{ tasks: 2 }) });
    assert_eq(r.result, "updated");
}

fn test_script_has_its_defaults() {
    snapshot(template(script("../app.rhai")), "defaults");
}
"#;

/// A host that has no snapshots and no rehearsals.
struct NoHost;

impl TestHost for NoHost {
    fn rehearse(&self, _: &RehearsalRequest<'_>) -> Result<Vec<RehearsedStack>, Vec<Diagnostic>> {
        unimplemented!("the examples need no rehearsal")
    }

    fn snapshot(&self, _: &SnapshotUse<'_>) -> Result<Option<String>, Diagnostic> {
        Ok(None)
    }

    fn accepts_snapshots(&self) -> bool {
        false
    }
}

/// Runs the first test of a text that imports nothing.
pub(crate) fn run_alone(text: &str) -> TestRun {
    let (name, files, host) = ("tests/app.rhai", Rc::new(NoFiles), Rc::new(NoHost));
    run_test(&TestInput { name, text, files, host, limits: small() }, &tests_of(name, text)[0])
}

fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn shop() -> tempfile::TempDir {
    project(&[
        ("lib.rhai", LIB),
        ("app.rhai", APP),
        ("tests/web.rhai", TESTS),
        ("rtiler.toml", "[package]\nname = \"shop\"\nversion = \"0.1.0\"\n"),
        ("deep/er/note.txt", ""),
    ])
}

fn test(folder: &Path, arguments: &[&str]) -> Output {
    rtiler(folder, ["test"].iter().chain(arguments).copied()).output().unwrap()
}

#[test]
fn tests_of_a_project_run_from_every_folder_of_it() {
    let shop = shop();
    let blessed = test(shop.path(), &["--bless"]);
    assert_eq!(blessed.status.code(), Some(0), "{}", printed(&blessed));
    assert!(printed(&blessed).contains("wrote tests/snapshots/web__defaults.yaml"), "{}", printed(&blessed));
    let output = test(&shop.path().join("deep/er"), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    let lines: Vec<String> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        lines,
        [
            "ok ../../tests/web.rhai::test_service_has_two_tasks",
            "ok ../../tests/web.rhai::test_program_that_exits_is_rolled_back",
            "ok ../../tests/web.rhai::test_update_of_a_deployed_stack",
            "ok ../../tests/web.rhai::test_script_has_its_defaults",
        ]
    );
    assert!(printed(&output).contains("4 tests passed in"), "{}", printed(&output));
}

#[test]
fn nothing_real_is_reached_by_a_test() {
    let shop = shop();
    std::fs::write(shop.path().join(".env"), "APP_NAME=from-the-file\n").unwrap();
    assert_eq!(test(shop.path(), &["--bless"]).status.code(), Some(0));
    let text = std::fs::read_to_string(shop.path().join("tests/snapshots/web__defaults.yaml")).unwrap();
    assert!(text.contains("DisplayName: first"), "{text}");
    let output = rtiler(shop.path(), ["test"]).env("APP_NAME", "from-the-environment").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    assert!(!shop.path().join(".rtiler").exists());
}

#[test]
fn failures_exit_with_1_and_are_in_the_junit_file() {
    let shop = shop();
    std::fs::write(shop.path().join("app.rhai"), APP.replace("first", "second")).unwrap();
    std::fs::create_dir(shop.path().join("tests/snapshots")).unwrap();
    std::fs::write(shop.path().join("tests/snapshots/web__defaults.yaml"), "Resources: {}\n").unwrap();
    std::fs::write(shop.path().join("tests/snapshots/web__old.yaml"), "").unwrap();
    let output = test(shop.path(), &["--junit", "out.xml"]);
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for part in [
        "failed  tests/web.rhai::test_script_has_its_defaults",
        "error[assertion]: the value differs from the snapshot `web__defaults`",
        "-Resources: {}",
        "rtiler test --bless",
        "no test compares tests/snapshots/web__old.yaml",
        "3 passed, 1 failed",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
    let junit = std::fs::read_to_string(shop.path().join("out.xml")).unwrap();
    assert!(junit.contains("tests=\"4\" failures=\"1\"") && junit.contains("type=\"assertion\""), "{junit}");
}

#[test]
fn error_of_a_file_is_printed_once_for_all_its_tests() {
    let folder = project(&[("tests/a.rhai", "fn test_a() {}\nfn test_b() {}\nlet x = ;\n")]);
    let output = test(folder.path(), &[]);
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(text.matches("error[syntax-error]").count(), 1, "{text}");
    assert!(text.contains("0 passed, 2 failed"), "{text}");
}

#[test]
fn filter_selects_tests_by_file_and_name() {
    let shop = shop();
    let listed = |arguments: &[&str]| String::from_utf8(test(shop.path(), arguments).stdout).unwrap();
    assert_eq!(listed(&["--list"]).lines().count(), 4);
    assert_eq!(listed(&["web*tasks", "--list"]), "tests/web.rhai::test_service_has_two_tasks\n");
    let output = test(shop.path(), &["test_servise_has_two_tasks"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(printed(&output).contains("did you mean `test_service_has_two_tasks`?"), "{}", printed(&output));
    let bare = project(&[("note.txt", "")]);
    let empty = test(bare.path(), &[]);
    assert_eq!(empty.status.code(), Some(1));
    assert!(printed(&empty).contains("there are no tests in `tests`"), "{}", printed(&empty));
}

#[test]
fn tests_of_the_standard_library_pass() {
    let output = test(Path::new(env!("CARGO_MANIFEST_DIR")), &["*", "stdlib"]);
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
}

const PUBLIC: &str = "// The site.\nlet bucket = AWS::S3::Bucket(\"Site\", #{ AccessControl: \"PublicRead\", OwnershipControls: #{ Rules: [#{ \
                      ObjectOwnership: \"BucketOwnerPreferred\" }] } });\nStack(\"web\").add(bucket)\n";

#[test]
fn policies_of_the_manifest_run_with_check_and_deploy_and_are_accepted_with_a_reason() {
    let manifest = "policies = [\"std/policies::public_buckets\", \"./rules::strict\"]\n[package]\nname = \"shop\"\nversion = \
                    \"0.1.0\"\nentry = \"app.rhai\"\n";
    let rules = "fn strict(t) { [] }\n";
    let shop = project(&[("rtiler.toml", manifest), ("app.rhai", PUBLIC), ("rules.rhai", rules)]);
    let run = |arguments: &[&str]| rtiler(shop.path(), arguments.iter().copied()).output().unwrap();
    for arguments in [&["check", "app.rhai"][..], &["run", "app.rhai", "deploy", "--rehearse"]] {
        let output = run(arguments);
        assert!(printed(&output).contains("warning[policy:public_buckets]"), "{}", printed(&output));
        assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    }
    let accepted = PUBLIC.replace("// The site.", "// rtiler: allow(policy:public_buckets) the site is public");
    std::fs::write(shop.path().join("app.rhai"), &accepted).unwrap();
    let output = run(&["check", "app.rhai"]);
    assert!(!printed(&output).contains("policy"), "{}", printed(&output));
    let strict = "fn strict(t) { [finding(\"Site\", \"error\", \"buckets are not allowed\")] }\n";
    std::fs::write(shop.path().join("rules.rhai"), strict).unwrap();
    let output = run(&["run", "app.rhai", "deploy", "--rehearse"]);
    assert_eq!(output.status.code(), Some(1), "{}", printed(&output));
    assert!(printed(&output).contains("error[policy:strict]: buckets are not allowed"), "{}", printed(&output));
    let status = run(&["run", "app.rhai", "status", "--rehearse"]);
    assert_eq!(status.status.code(), Some(0), "looking at what runs: {}", printed(&status));
}
