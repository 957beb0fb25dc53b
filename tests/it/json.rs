//! `--json`: every command prints one document, which fits its schema in `docs/schema`, also if it fails.

use std::path::Path;
use std::process::Output;

use serde_json::Value as Json;

use crate::program::{printed, rtiler};

const SCRIPT: &str = r#"
let s = settings("APP", #{ size: 256, tier: optional("string") });
let web = FargateService("Web").image("nginx:latest").port(80).count(2).cpu(s.size).memory(1024).exec().behind(Alb("Web"));
let tiles = AWS::S3::Bucket("Tiles");
Stack("app").add(web).add(tiles).output("Where", tiles)
"#;

/// A command, the schema of its output, and its exit code in the rehearsed account, in this order.
const CASES: &[(&[&str], &str, i32)] = &[
    (&["check", "app.rhai"], "check", 0),
    (&["run", "app.rhai", "check"], "check", 0),
    (&["run", "app.rhai", "synth"], "synth", 0),
    (&["run", "app.rhai", "synth", "--output", "out"], "synth", 0),
    (&["import-from", "template", "out/app.yaml"], "import-from", 0),
    (&["run", "app.rhai", "ls"], "ls", 0),
    (&["run", "app.rhai", "cost"], "cost", 0),
    (&["run", "app.rhai", "settings", "--set", "size=256"], "settings", 0),
    (&["run", "app.rhai", "images", "--rehearse"], "images", 0),
    (&["run", "app.rhai", "permissions"], "permissions", 0),
    (&["run", "app.rhai", "permissions", "--output", "policies"], "permissions", 0),
    (&["run", "app.rhai", "status", "--rehearse"], "status", 3),
    (&["run", "app.rhai", "outputs", "--rehearse"], "outputs", 3),
    (&["run", "app.rhai", "drift", "--rehearse"], "drift", 3),
    (&["run", "app.rhai", "diff", "--rehearse"], "diff", 5),
    (&["run", "app.rhai", "plan", "--rehearse", "--save", "plan.json"], "plan", 0),
    (&["run", "app.rhai", "deploy", "--rehearse", "--fault", "WebService:unhealthy=500"], "operation", 4),
    (&["run", "app.rhai", "deploy", "--rehearse", "--plan", "plan.json"], "operation", 0),
    (&["run", "app.rhai", "deploy", "--rehearse"], "operation", 0),
    (&["run", "app.rhai", "diff", "--rehearse", "--set", "size=512"], "diff", 5),
    (&["run", "app.rhai", "status", "--rehearse"], "status", 0),
    (&["run", "app.rhai", "outputs", "--rehearse"], "outputs", 0),
    (&["run", "app.rhai", "drift", "--rehearse"], "drift", 0),
    (&["run", "app.rhai", "inspect", "WebService", "--drift", "--rehearse"], "inspect", 0),
    (&["run", "app.rhai", "events", "--rehearse"], "events", 0),
    (&["run", "app.rhai", "events", "--chart", "--rehearse"], "events-chart", 0),
    (&["run", "app.rhai", "logs", "--since", "1h", "--rehearse"], "logs", 0),
    (&["run", "app.rhai", "images", "--rehearse"], "images", 0),
    (&["run", "app.rhai", "tasks", "--rehearse"], "tasks", 0),
    (&["run", "app.rhai", "tasks", "--stopped", "--rehearse"], "tasks", 0),
    (&["run", "app.rhai", "scale", "WebService", "3", "--rehearse"], "scale", 0),
    (&["run", "app.rhai", "exec", "Nothing", "--rehearse"], "exec", 2),
    (&["run", "app.rhai", "run-task", "WebService", "--rehearse", "--", "true"], "run-task", 0),
    (&["run", "app.rhai", "hotswap", "--rehearse"], "operation", 0),
    (&["run", "app.rhai", "deploy", "--rehearse", "--set", "size=512", "--fault", "WebAlb:oom"], "operation", 2),
    (&["run", "app.rhai", "deploy", "--rehearse", "--set", "size=512", "--fault", "WebService:oom"], "operation", 4),
    (
        &[
            "run",
            "app.rhai",
            "deploy",
            "--rehearse",
            "--set",
            "size=512",
            "--fault",
            "WebService:update-fails",
            "--no-rollback",
        ],
        "operation",
        3,
    ),
    (&["run", "app.rhai", "rollback", "--rehearse"], "operation", 0),
    (&["run", "app.rhai", "import", "app", "Tiles=my-bucket", "--rehearse"], "operation", 2),
    (&["run", "app.rhai", "destroy", "--rehearse"], "operation", 0),
    (&["doc", "FargateService.cpu"], "doc", 0),
    (&["doc", "AWS::S3::*"], "doc", 0),
    (&["doc", "iam", "role"], "doc", 0),
    (&["doc"], "doc", 0),
    (&["explain", "fargate-size"], "explain", 0),
    (&["explain"], "explain", 0),
    (&["fmt", "--check"], "fmt", 1),
    (&["test", "--list"], "test", 0),
    (&["test"], "test", 1),
    (&["publish", "oci://registry.example.com/web", "--dry-run"], "publish", 1),
    (&["init", "first"], "init", 0),
    (&["add", "./first"], "add", 1),
    (&["remove", "net"], "add", 1),
    (&["update"], "add", 1),
    (&["tree"], "tree", 1),
    (&["outdated"], "outdated", 1),
    (&["vendor"], "vendor", 1),
    (
        &[
            "repl",
            "app.rhai",
            "-e",
            ":resources",
            "-e",
            ":deploy",
            "-e",
            ":status",
            "-e",
            "s.size",
            "-e",
            ":logs --since 1h",
        ],
        "repl",
        0,
    ),
    (&["bootstrap", "--show"], "synth", 0),
    (&["bootstrap", "--rehearse"], "operation", 0),
    (&["gc", "--rehearse", "--dry-run"], "gc", 0),
    // No region is set.
    (&["doctor"], "doctor", 1),
    (&["bootstrap", "--remove", "--rehearse"], "operation", 0),
];

/// A test that passes and one that fails.
const TESTS: &str = "fn test_one() { assert(true); }\nfn test_two() { assert_eq(1, 2); }\n";

struct Project(tempfile::TempDir);

impl Project {
    fn new(script: &str) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        std::fs::write(project.path().join("app.rhai"), script).unwrap();
        std::fs::create_dir(project.path().join("tests")).unwrap();
        std::fs::write(project.path().join("tests/app.rhai"), TESTS).unwrap();
        project
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs a command; `--json` is before the command of a container.
    fn run(&self, arguments: &[&str], json: bool) -> Output {
        let at = arguments.iter().position(|word| *word == "--").unwrap_or(arguments.len());
        let json: &[&str] = if json { &["--json"] } else { &[] };
        let words = [&arguments[..at], json, &arguments[at..]].concat();
        rtiler(self.path(), words.iter().copied()).output().unwrap()
    }

    fn record(&self) -> String {
        let mut records: Vec<_> =
            std::fs::read_dir(self.path().join(".rtiler/runs")).unwrap().map(|it| it.unwrap().path()).collect();
        records.sort();
        records.first().expect("a record").display().to_string()
    }
}

/// Returns the problems of values with a schema of the documentation.
fn problems(schema: &str, values: &[Json]) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schema/{schema}.json"));
    let schema: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let of = |value: &Json| {
        let text = |error: jsonschema::ValidationError<'_>| format!("{}: {error}", error.instance_path());
        validator.iter_errors(value).map(|error| text(error).chars().take(600).collect()).collect::<Vec<String>>()
    };
    values.iter().flat_map(of).collect()
}

/// Returns the values on standard output, one for each line.
fn values(output: &Output) -> Vec<Json> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {text}"));
    text.lines().map(parse).collect()
}

/// Checks the output of a command: every line fits the schema, and the last one is the document with the exit code.
fn check(arguments: &[&str], schema: &str, output: &Output) {
    let values = values(output);
    assert_eq!(problems(schema, &values), Vec::<String>::new(), "{arguments:?}: {values:#?}");
    let document = values.last().unwrap_or_else(|| panic!("{arguments:?} printed nothing"));
    assert_eq!(document["exit_code"].as_i64(), output.status.code().map(i64::from), "{arguments:?}: {document}");
    assert_eq!(document["format_version"], 1);
    let earlier = values.iter().rev().skip(1);
    assert_eq!(earlier.filter(|line| line.get("format_version").is_some()).count(), 0, "one document: {arguments:?}");
}

#[test]
fn output_of_every_command_fits_its_schema() {
    let project = Project::new(SCRIPT);
    for (arguments, schema, exit) in CASES {
        let output = project.run(arguments, true);
        assert_eq!(output.status.code(), Some(*exit), "{arguments:?}: {}", printed(&output));
        check(arguments, schema, &output);
    }
    let record = project.record();
    check(&["replay"], "operation", &project.run(&["replay", &record], true));
    let lines: Vec<Json> =
        std::fs::read_to_string(&record).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() > 20 && problems("record", &lines).is_empty(), "{:#?}", problems("record", &lines));
    let plan = std::fs::read_to_string(project.path().join("plan.json")).unwrap();
    assert_eq!(problems("plan-file", &[serde_json::from_str(&plan).unwrap()]), Vec::<String>::new());
}

#[test]
fn results_of_commands_on_packages_fit_their_schemas() {
    let project = Project::new(SCRIPT);
    let write = |path: &str, name: &str, rest: &str| {
        let text = format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\n{rest}");
        std::fs::create_dir_all(project.path().join(path)).unwrap();
        std::fs::write(project.path().join(path).join("rtiler.toml"), text).unwrap();
    };
    write(".", "shop", "");
    write("net", "net", "[requests]\nenv = [\"NET_*\"]\n");
    for (arguments, schema) in [
        (&["add", "./net"][..], "add"),
        (&["add", "./net", "--grant"], "add"),
        (&["tree"], "tree"),
        (&["outdated"], "outdated"),
        (&["vendor"], "vendor"),
        (&["update"], "add"),
        (&["remove", "net"], "add"),
    ] {
        let output = project.run(arguments, true);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", printed(&output));
        check(arguments, schema, &output);
        assert!(!values(&output)[0]["result"].is_null(), "{arguments:?}: {}", printed(&output));
    }
}

#[test]
fn every_command_with_json_has_a_case() {
    let folder = tempfile::tempdir().unwrap();
    let mut missing = Vec::new();
    for (prefix, outer) in [(&["help"][..], &[][..]), (&["run", "--help"], &["run", "app.rhai"])] {
        let help = printed(&rtiler(folder.path(), prefix.iter().copied()).output().unwrap());
        let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
        let names = commands
            .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next().filter(|_| !line.starts_with("   ")));
        for name in names.filter(|name| !["run", "help", "replay", "licenses", "completions", "man"].contains(name)) {
            let words: Vec<&str> = outer.iter().copied().chain([name]).collect();
            if !CASES.iter().any(|(arguments, ..)| arguments.starts_with(&words)) {
                missing.push(words.join(" "));
            }
        }
    }
    assert!(missing.is_empty(), "commands without a case in `CASES`: {missing:?}");
}

#[test]
fn failures_are_one_document_with_the_exit_code_of_the_text() {
    let wrong_script = "Stack(\"app\").add(FargateService(\"Web\").cpu(300))";
    for (script, further, code) in [
        (wrong_script, &[][..], 1),
        ("let a = ;", &[], 1),
        (SCRIPT, &["--bogus"], 2),
        (SCRIPT, &["--set", "sice=3"], 1),
        (SCRIPT, &["--parameter", "nothing=3"], 2),
    ] {
        let project = Project::new(script);
        for (arguments, ..) in CASES.iter().filter(|(arguments, ..)| arguments[0] == "run") {
            if script == SCRIPT
                && further[0] == "--parameter"
                && ["synth", "check", "ls", "cost", "settings", "permissions"].contains(&arguments[2])
            {
                continue;
            }
            let at = arguments.iter().position(|word| *word == "--").unwrap_or(arguments.len());
            let arguments = [&arguments[..at], further, &arguments[at..]].concat();
            let output = project.run(&arguments, true);
            let values = values(&output);
            let [document] = values.as_slice() else { panic!("{arguments:?}: {}", printed(&output)) };
            let errors = document["problems"].as_array().unwrap().iter().filter(|one| one["severity"] == "error");
            assert!(errors.count() > 0, "{arguments:?}: {document:#}");
            let plain = project.run(&arguments, false);
            assert_eq!(output.status.code(), plain.status.code(), "{arguments:?}");
            let is_plan = arguments.contains(&"--plan");
            assert!(is_plan || output.status.code() == Some(code), "{arguments:?}: {}", printed(&output));
            let schema = if further == ["--bogus"] { "error" } else { schema_of(&arguments) };
            check(&arguments, schema, &output);
        }
    }
}

fn schema_of(arguments: &[&str]) -> &'static str {
    CASES.iter().find(|(known, ..)| known.get(..3) == Some(&arguments[..3])).map(|(_, schema, _)| *schema).unwrap()
}

#[test]
fn command_line_errors_are_documents_without_a_command() {
    let project = Project::new(SCRIPT);
    for arguments in [
        &["deploy", "app.rhai"][..],
        &["nonsense"],
        &["run", "app.rhai", "deploy", "--concurrency", "0"],
        &["explain", "a", "b"],
    ] {
        let output = project.run(arguments, true);
        let values = values(&output);
        assert_eq!((values.len(), output.status.code()), (1, Some(2)), "{arguments:?}: {}", printed(&output));
        assert_eq!(values[0]["problems"][0]["code"], "command-line");
        assert!(values[0]["command"].is_null(), "{:#}", values[0]);
        check(arguments, "error", &output);
    }
    let unknown = project.run(&["explain", "fargate-sise"], true);
    assert_eq!(values(&unknown)[0]["problems"][0]["help"][0], "did you mean `fargate-size`?");
    // A file that cannot be read, and an approval without a terminal.
    check(&["check"], "check", &project.run(&["check", "absent.yaml"], true));
    check(&["replay"], "operation", &project.run(&["replay", "absent.ndjson"], true));
    let plan = project.run(&["run", "app.rhai", "deploy", "--rehearse", "--plan", "absent.json"], true);
    check(&["deploy"], "operation", &plan);
}

#[test]
fn warning_of_a_command_that_succeeds_is_in_its_document_with_the_end_of_its_place() {
    let project = Project::new(SCRIPT);
    let document = values(&project.run(&["run", "app.rhai", "synth"], true)).remove(0);
    let problem = &document["problems"][0];
    assert_eq!((&problem["severity"], &problem["code"]), (&"warning".into(), &"mutable-image-tag".into()));
    let label = &problem["labels"][0];
    assert_eq!((label["line"].as_u64(), &label["source"]), (Some(3), &"app.rhai".into()));
    let columns = (label["column"].as_u64().unwrap(), label["end_column"].as_u64().unwrap());
    assert!(columns.0 < columns.1, "{label}");
    assert_eq!(document["result"][0]["stack"], "app");
}

#[test]
fn field_that_no_schema_names_is_refused() {
    let project = Project::new(SCRIPT);
    let mut document = values(&project.run(&["run", "app.rhai", "status", "--rehearse"], true)).remove(0);
    assert_eq!(problems("status", std::slice::from_ref(&document)), Vec::<String>::new());
    document["result"][0]["color"] = "red".into();
    assert_ne!(problems("status", &[document]), Vec::<String>::new());
}
