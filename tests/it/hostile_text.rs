//! Texts of others with control characters: no command prints one.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rtiler::printable::is_printable;
use serde_json::{Value as Json, json};

use crate::program::rtiler;

/// Sequences that terminals obey: the title of the window, the clipboard, colours, moves of the cursor, direction of text.
/// A line that begins with `FORGED` would look like one of rtiler's.
const ATTACKS: &[&str] = &[
    "\u{1b}]0;PWN\u{7}",
    "\u{1b}]52;c;ZXZpbA==\u{7}",
    "\u{1b}[2J\u{1b}[1;1H\u{1b}[31m",
    "\u{9b}31m\u{90}q\u{9c}",
    "\u{202e}\u{2066}\u{200f}\u{61c}",
    "\u{200b}\u{200d}\u{2060}\u{feff}\u{ad}",
    "\u{e0001}\u{e0041}\u{e007f}",
    "10%\r20%\u{8}\u{8}\u{7f}\u{b}\u{c}",
    "\u{2028}FORGED\u{2029}FORGED\u{85}FORGED",
    "\nFORGED\r\nFORGED\n\tFORGED",
    "\u{fdd0}31\u{fdd1}\u{fdd0}8\u{fdd1}\u{ffff}",
];

/// Returns texts with all attacks in any order, between any characters.
fn hostile() -> impl Strategy<Value = String> {
    let attacks: Vec<String> = ATTACKS.iter().map(|attack| (*attack).to_owned()).collect();
    (Just(attacks).prop_shuffle(), any::<String>()).prop_map(|(attacks, between)| {
        let between: String = between.chars().filter(|c| *c != '\0' && *c != '/').take(8).collect();
        attacks.join(&format!("x{between}")) + "x"
    })
}

/// Panics if a text has a control character other than line breaks, tabs and our colours, or a line of another.
fn assert_printable(text: &str, what: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(|c| !is_printable(c) && !matches!(c, '\n' | '\t')) {
        let style = rest[at..].strip_prefix("\u{1b}[").and_then(|after| {
            let length = after.find(|c: char| !c.is_ascii_digit() && c != ';')?;
            after[length..].strip_prefix('m')
        });
        rest = style.unwrap_or_else(|| panic!("{what} printed {:?}:\n{}", &rest[at..], text.escape_debug()));
    }
    assert!(!text.lines().any(|line| line.starts_with("FORGED")), "{what} printed a forged line:\n{text}");
}

/// A folder with a script whose values are a hostile text.
struct Project {
    folder: tempfile::TempDir,
    text: String,
}

impl Project {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = format!(
            r#"
let s = settings("APP", #{{ text: {literal} }});
print(s.text);
let parameter = AWS::SSM::Parameter("Param", #{{ Type: "String", Value: s.text, Description: s.text }});
let web = FargateService("Web").image("nginx:1.27").cpu(256).memory(512).env("TEXT", s.text).command([s.text]);
Stack("app").description("a stack").add(parameter).add(web).output("Out", s.text).output("Key", parameter.Value)
"#,
            literal = literal(text)
        );
        fs::write(folder.path().join("app.rhai"), script).unwrap();
        fs::write(folder.path().join("broken.rhai"), format!("let a = 1;\nlet b = \"{text}\" +* `{text}`; {text}\n"))
            .unwrap();
        Self { folder, text: text.to_owned() }
    }

    /// Runs the program; both of its outputs must be printable. Returns stdout.
    fn run(&self, arguments: &[&str], input: &str) -> String {
        let mut command = rtiler(self.folder.path(), arguments.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that does not read its input closes it.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let what = format!("{arguments:?} of {:?}", self.text);
        assert!(output.status.code().is_some_and(|code| code != 101 && code < 128), "{what}: {}", output.status);
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert_printable(&stdout, &what);
        assert_printable(&String::from_utf8(output.stderr).unwrap(), &what);
        stdout
    }

    fn on_script(&self, arguments: &[&str]) -> String {
        self.run(&[&["run", "app.rhai"], arguments].concat(), "")
    }
}

/// Returns a text in quotes as a script writes it.
fn literal(text: &str) -> String {
    let escaped: String = text.chars().map(|c| format!("\\U{:08x}", c as u32)).collect();
    format!("\"{escaped}\"")
}

/// Returns a record whose texts are hostile.
fn record(text: &str) -> String {
    let started = json!({
        "record": "run-started", "rtiler_version": text, "command": text, "script": text, "stacks": [text],
        "environment": { "account": text, "region": text, "partition": "aws" }, "seed": 1, "time": "1970-01-01T00:00:00Z",
    });
    let event = |kind: Json| {
        let mut event = json!({ "stack": text, "at": "1970-01-01T00:00:05Z" });
        event.as_object_mut().unwrap().extend(kind.as_object().unwrap().clone());
        json!({ "record": "event", "time": "1970-01-01T00:00:05Z", "event": event })
    };
    let events = [
        json!({ "type": "cancel-rejected", "reason": text }),
        json!({ "type": "skipped", "dependency": text }),
        json!({ "type": "orphans-deleted", "change_sets": [text] }),
    ];
    let finished = json!({
        "record": "run-finished", "time": "1970-01-01T00:00:09Z", "exit_code": 0,
        // A problem has lines of its own.
        "problems": [{ "problem": {}, "text": format!("error: {}", text.replace('\n', " ")) }],
        "stacks": [{ "stack": text, "result": "created", "duration_seconds": 1.0, "retained": [text], "timeline": null,
            "outputs": [{ "key": text, "value": text, "description": text, "export": null }], "problems": [] }],
    });
    let lines = std::iter::once(started).chain(events.map(event)).chain([finished]);
    lines.map(|line| line.to_string() + "\n").collect()
}

/// Appends a text to each text of a JSON value for which it remains valid.
fn poisoned(value: &mut Json, text: &str, is_valid: &dyn Fn(&Json) -> bool) {
    for pointer in texts(value, String::new()) {
        let leaf = value.pointer_mut(&pointer).unwrap();
        let before = leaf.clone();
        *leaf = json!(format!("{}{text}", before.as_str().unwrap_or_default()));
        if !is_valid(value) {
            *value.pointer_mut(&pointer).unwrap() = before;
        }
    }
}

/// Returns the pointers of all texts below a place.
fn texts(value: &Json, place: String) -> Vec<String> {
    let below =
        |key: &str, value: &Json| texts(value, format!("{place}/{}", key.replace('~', "~0").replace('/', "~1")));
    match value {
        Json::String(_) => vec![place],
        Json::Array(items) => items.iter().enumerate().flat_map(|(at, item)| below(&at.to_string(), item)).collect(),
        Json::Object(entries) => entries.iter().flat_map(|(key, value)| below(key, value)).collect(),
        _ => Vec::new(),
    }
}

/// Returns a record in which each text that may be any text is hostile, except those of whole problems.
fn poisoned_record(record: &str, text: &str) -> String {
    let mut lines = String::new();
    for line in record.lines() {
        let mut entry: Json = serde_json::from_str(line).unwrap();
        poisoned(&mut entry, text, &|entry| rtiler::deploy::record::read(&entry.to_string()).is_ok());
        lines += &(entry.to_string() + "\n");
    }
    lines
}

/// Makes what AWS and containers wrote into an account hostile; ids and names stay, so that commands find what they look for.
fn poison_account(file: &Path, text: &str) {
    const FREE: &[&str] =
        &["reason", "detail", "description", "value", "message", "text", "physical_id", "zone", "address", "token"];
    let mut state: Json = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    for pointer in texts(&state, String::new()) {
        if FREE.iter().any(|key| pointer.ends_with(&format!("/{key}"))) {
            let leaf = state.pointer_mut(&pointer).unwrap();
            let before = leaf.as_str().unwrap_or_default();
            // Commands find services by it.
            if !before.contains(":ecs:") {
                *leaf = json!(format!("{before}{text}"));
            }
        }
    }
    fs::write(file, state.to_string()).unwrap();
}

fn records_of(folder: &Path) -> Vec<String> {
    let runs = fs::read_dir(folder.join(".rtiler/runs")).unwrap();
    runs.map(|entry| entry.unwrap().path().display().to_string()).filter(|path| path.ends_with(".ndjson")).collect()
}

/// Replays the records of a project, as they are and with a text in each of their values.
fn replay_poisoned_records(project: &Project, text: &str) {
    let records = records_of(project.folder.path());
    assert!(!records.is_empty());
    let evil = project.folder.path().join("evil.ndjson");
    for record in records {
        project.run(&["replay", &record, "--color", "always"], "");
        // A problem is text of several lines; its line breaks stay.
        let no_lines = text.replace(['\n', '\r'], " ");
        fs::write(&evil, poisoned_record(&fs::read_to_string(&record).unwrap(), &no_lines)).unwrap();
        project.run(&["replay", "evil.ndjson"], "");
        project.run(&["replay", "evil.ndjson", "-v", "--color", "always"], "");
    }
}

/// Runs the commands that read an account whose values hold a text.
fn run_on_a_poisoned_account(project: &Project, text: &str) {
    poison_account(&project.folder.path().join(".rtiler/rehearsal.json"), text);
    for arguments in [
        &["status"][..],
        &["status", "-v"],
        &["outputs"],
        &["inspect", "Param"],
        &["events"],
        &["tasks"],
        &["tasks", "--stopped"],
        &["logs"],
        &["drift"],
        &["diff"],
        &["destroy", "--yes"],
    ] {
        project.on_script(&[arguments, &["--rehearse", "--color", "always"]].concat());
    }
}

/// Runs a test on some texts. Each runs the program some thirty times, so that the number of cases of other properties would
/// take minutes.
fn for_hostile_texts(test: impl Fn(String) -> Result<(), TestCaseError>) {
    let config =
        ProptestConfig { cases: 2, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config).run(&hostile(), test).unwrap();
}

#[test]
fn commands_print_no_control_character_of_a_script() {
    for_hostile_texts(|text| {
        let project = Project::new(&text);
        let yaml = project.on_script(&["synth"]);
        prop_assert!(yaml.contains("AWS::SSM::Parameter"), "{}", yaml);
        let template = project.on_script(&["synth", "--format", "json"]);
        let template: Json = serde_json::from_str(&template).unwrap();
        prop_assert_eq!(&template["Resources"]["Param"]["Properties"]["Value"], &json!(text));
        let parsed = rtiler::cfn::parse::template("app.yaml", &yaml);
        prop_assert!(parsed.value.is_some(), "{}", yaml);
        for arguments in [
            &["check"][..],
            &["check", "--json"],
            &["check", "--sarif"],
            &["settings"],
            &["settings", "--json"],
            &["ls"],
            &["deploy", "--rehearse", "--yes"],
            &["status", "--rehearse"],
            &["status", "--rehearse", "-v"],
            &["outputs", "--rehearse"],
            &["outputs", "--rehearse", "--json"],
            &["inspect", "Param", "--rehearse"],
            &["inspect", "Param", "--rehearse", "--color", "always"],
            &["events", "--rehearse"],
            &["tasks", "--rehearse"],
            &["logs", "--rehearse"],
            &["diff", "--rehearse", "--set", "text=other", "--color", "always"],
            &["plan", "--rehearse", "--set", "text=other", "-v"],
            &[
                "deploy",
                "--rehearse",
                "--yes",
                "--set",
                "text=other",
                "--fault",
                "WebService:oom",
                "--color",
                "always",
                "-v",
            ],
            &["exec", "Web", "--rehearse", "--", &format!("echo {text}")],
        ] {
            project.on_script(arguments);
        }
        let listed = project.on_script(&["outputs", "--rehearse", "--json"]);
        prop_assert!(serde_json::from_str::<Json>(&listed).is_ok(), "{}", listed);
        replay_poisoned_records(&project, &text);
        run_on_a_poisoned_account(&project, &text);
        Ok(())
    });
}

#[test]
fn records_names_and_arguments_are_printed_as_signs() {
    for_hostile_texts(|text| {
        let project = Project::new(&text);
        fs::write(project.folder.path().join("evil.ndjson"), record(&text)).unwrap();
        let replayed = project.run(&["replay", "evil.ndjson", "--json"], "");
        for line in replayed.lines() {
            prop_assert!(serde_json::from_str::<Json>(line).is_ok(), "{}", line);
        }
        prop_assert!(replayed.contains("\"exit_code\":0"), "{}", replayed);
        project.run(&["replay", "evil.ndjson"], "");
        project.run(&["replay", "evil.ndjson", "--color", "always"], "");
        project.run(&["run", "broken.rhai", "check"], "");
        project.run(&["run", "broken.rhai", "check", "--color", "always"], "");
        project.run(&["run", "broken.rhai", "check", "--json"], "");
        // The names of files are shorter than 256 bytes.
        let name: String = text.chars().take(50).collect::<String>() + ".rhai";
        fs::copy(project.folder.path().join("broken.rhai"), project.folder.path().join(&name)).unwrap();
        project.run(&["check", &name], "");
        project.run(&["run", &name, "check"], "");
        project.run(&["run", "app.rhai", "deploy", &format!("--{text}")], "");
        project.run(&["run", "app.rhai", "outputs", &text, "--rehearse"], "");
        project.run(&["run", "app.rhai", "check", "--set", &format!("text={text}")], "");
        project.run(&["run", "app.rhai", "check", "--set", &format!("{text}=1")], "");
        project.run(&[&text], "");
        project.run(&["doc", &text], "");
        project.run(&["explain", &text], "");
        project.run(&["complete", "--", "rtiler", "run", ""], "");
        Ok(())
    });
}

#[test]
fn session_in_a_pipe_prints_no_control_character() {
    for_hostile_texts(|text| {
        let project = Project::new(&text);
        let literal = literal(&text);
        let input = format!(
            ":load app.rhai\nprint({literal})\nlet a = {literal};\na\n[a, #{{ b: a }}]\n:settings\n:resources\n:outputs\n\
             :set text={text}\nthrow a\n:rehearse\n:outputs\n:logs --{text}\n:doc {text}\n:history\n"
        );
        project.run(&["repl", "--keep-going"], &input);
        project.run(&["repl", "--keep-going", "--color", "always"], &input);
        let lines = project.run(&["repl", "--keep-going", "--json"], &input);
        for line in lines.lines() {
            prop_assert!(serde_json::from_str::<Json>(line).is_ok(), "{}", line);
        }
        Ok(())
    });
}
