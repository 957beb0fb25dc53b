//! Without a terminal: `-e`, pipes and files, text and JSON.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::program::rtiler;

fn command(folder: &Path, arguments: &[&str]) -> Command {
    rtiler(folder, ["repl"].iter().chain(arguments).copied())
}

/// Runs the REPL with a text as standard input.
fn run(arguments: &[&str], input: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    run_in(folder.path(), arguments, input)
}

fn run_in(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = command(folder, arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The process may end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn objects(output: &Output) -> Vec<Value> {
    out(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn entries_are_evaluated_in_order() {
    let input = "let a = 40\na + 2\nfn f(x) {\n  x * 2\n}\n// a chain\nAlb(\"web\")\n    // a minute\n    .idle_timeout(f(a))\n:type a";
    let output = run(&[], input);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let text = out(&output);
    assert!(text.starts_with("42\nAlb(\"web\")\n    .idle_timeout(80)\n3 resources\n"), "{text}");
    assert!(text.ends_with("\nwhole number\n"), "{text}");
    assert!(!text.contains('\x1b') && err(&output).is_empty(), "{text} {}", err(&output));
}

#[test]
fn first_error_ends_the_input_without_keep_going() {
    let input = "1 + 1\nnothing\n2 + 2\n";
    let output = run(&[], input);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(1), "2\n"));
    assert!(err(&output).contains("error[unknown-variable]") && !err(&output).contains('\x1b'), "{}", err(&output));
    let output = run(&["--keep-going"], input);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(1), "2\n4\n"));
    let output = run(&["--keep-going"], "1\n2\n");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn incomplete_input_is_an_error() {
    let output = run(&[], "let a = [1,\n2");
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("incomplete input"), "{}", err(&output));
}

#[test]
fn expressions_of_the_command_line_replace_standard_input() {
    let output = run(&["-e", "let a = 1", "-e", "a + 1; ", "-e", "print(`${a} and`)\n-a"], "nothing");
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(0), "2\n1 and\n-1\n"), "{}", err(&output));
    let output = run(&["-e", "1", "-e", ":quit", "-e", "2"], "");
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(0), "1\n"));
    let output = run(&["-e", "Alb(", "-e", "2"], "");
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(1), ""));
}

#[test]
fn script_is_loaded_first_with_its_settings() {
    let folder = tempfile::tempdir().unwrap();
    let script = "let s = settings(\"WEB\", #{ size: 1 });\nlet seconds = s.size * 60;\nStack(\"web\").add(Alb(\"Web\").vpc(Vpc(\"Web\")).idle_timeout(seconds))";
    std::fs::write(folder.path().join("app.rhai"), script).unwrap();
    let output = run_in(folder.path(), &["app.rhai", "--set", "size=2", "-e", "seconds"], "");
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(out(&output).ends_with("\n120\n"), "{}", out(&output));
    let output = run_in(folder.path(), &["other.rhai", "-e", "1"], "");
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(1), ""));
    assert!(err(&output).contains("error[file-missing]"), "{}", err(&output));
    let output = run_in(folder.path(), &["app.rhai", "--set", "size=two", "-e", "1"], "");
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(1), ""), "{}", err(&output));
}

#[test]
fn denied_warnings_end_the_input() {
    let input = "FargateService(\"a\").image(\"nginx\")";
    let output = run(&["-e", input], "");
    assert_eq!(output.status.code(), Some(0));
    assert!(err(&output).contains("warning["), "{}", err(&output));
    let output = run(&["--deny", "warnings", "-e", input], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("error["), "{}", err(&output));
}

#[test]
fn json_gives_an_object_for_each_entry() {
    let input = "let a = #{ b: [1, 2.5, \"c\", true] }\na\nprint(\"hey\"); Alb(\"web\")\n:vars\nnothing\n";
    let output = run(&["--json"], input);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(err(&output), "");
    let all = objects(&output);
    assert_eq!(all.len(), 6, "{all:#?}");
    assert_eq!((&all[5]["command"], &all[5]["exit_code"]), (&json!("repl"), &json!(1)));
    assert_eq!(all[0]["input"], "let a = #{ b: [1, 2.5, \"c\", true] }");
    assert_eq!(all[1]["value"], json!({ "b": [1, 2.5, "c", true] }));
    assert_eq!((all[2]["type"].as_str(), all[2]["value"].is_null()), (Some("Alb"), true));
    assert_eq!(all[2]["expression"], "Alb(\"web\")");
    assert_eq!(all[2]["printed"][0]["text"], "hey");
    assert!(all[3]["text"].as_str().unwrap().contains('a'), "{}", all[3]);
    assert_eq!((&all[4]["problems"][0]["code"], &all[4]["exit_code"]), (&json!("unknown-variable"), &json!(1)));
    assert_eq!(all[3]["exit_code"], 0);
}

#[test]
fn json_result_is_printed_as_soon_as_the_entry_is_complete() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(folder.path(), &["--json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    // A semicolon, an empty line and a command end an entry.
    for (entry, value) in [("let a = 1;\n", json!(null)), ("a + 1\n\n", json!(2)), ("[a,\n3];\n", json!([1, 3]))] {
        input.write_all(entry.as_bytes()).and_then(|()| input.flush()).unwrap();
        let answer: Value = serde_json::from_str(&answers.next().unwrap().unwrap()).unwrap();
        assert_eq!(answer["value"], value, "{answer}");
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn overwriting_and_editing_need_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine.rhai"), "// mine\n").unwrap();
    let stack = "Stack(\"web\").add(Alb(\"Web\").vpc(Vpc(\"Web\")))";
    let output = run_in(folder.path(), &["-e", stack, "-e", ":save new.rhai", "-e", ":save new.rhai"], "");
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(out(&output).ends_with("wrote new.rhai\nnew.rhai is unchanged\n"), "{}", out(&output));
    let output = run_in(folder.path(), &["-e", stack, "-e", ":save mine.rhai"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("error[file-exists]"), "{}", err(&output));
    assert_eq!(std::fs::read_to_string(folder.path().join("mine.rhai")).unwrap(), "// mine\n");
    let output = run_in(folder.path(), &["-e", ":edit mine.rhai"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("error[no-editor]"), "{}", err(&output));
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files.len(), 2, "no history, and nothing half written: {files:?}");
}

#[test]
fn input_that_is_not_text_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bytes"), b"1 + 1\n\xff\xfe\n2\n").unwrap();
    let input = std::fs::File::open(folder.path().join("bytes")).unwrap();
    let output = command(folder.path(), &[]).stdin(input).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("cannot read standard input"), "{}", err(&output));
}

#[test]
fn policies_of_the_project_judge_what_is_deployed() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "rtiler.toml",
        "policies = [\"./rules::names\"]\n[package]\nname = \"shop\"\nversion = \"0.1.0\"\nentry = \"app.rhai\"\n",
    );
    let rule = |severity: &str| {
        format!(
            "fn names(template) {{\n  print(\"judged\");\n  finding(\"Jobs\", \"{severity}\", \"it has a fixed name\")\n}}\n"
        )
    };
    write("rules.rhai", &rule("error"));
    write("app.rhai", "Stack(\"shop\").add(AWS::SQS::Queue(\"Jobs\", #{ QueueName: \"jobs\" }))\n");
    let refused = run_in(folder.path(), &["."], ":rehearse\n");
    assert_eq!(refused.status.code(), Some(1), "{} {}", out(&refused), err(&refused));
    assert!(err(&refused).contains("error[policy:names]: it has a fixed name"), "{}", err(&refused));
    assert!(err(&refused).contains("judged"), "{}", err(&refused));
    write("rules.rhai", &rule("warning"));
    let warned = run_in(folder.path(), &["."], ":rehearse\n:status\n");
    assert_eq!(warned.status.code(), Some(0), "{} {}", out(&warned), err(&warned));
    assert_eq!(err(&warned).matches("warning[policy:names]").count(), 1, "{}", err(&warned));
}
