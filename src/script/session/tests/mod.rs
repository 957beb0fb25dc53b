//! Lines of sessions, and their results.

use super::*;
use crate::diag::{Color, render};

struct Project(Vec<(&'static str, &'static str)>);

impl SourceLoader for Project {
    fn read(&self, path: &str) -> Result<String, LoadError> {
        let found = self.0.iter().find(|(name, _)| *name == path);
        found.map(|(_, text)| (*text).to_owned()).ok_or(LoadError::Missing)
    }
}

fn session(files: Vec<(&'static str, &'static str)>) -> Session {
    Session::new(Rc::new(Project(files)), Vec::new(), Limits::default())
}

fn done(entered: EntryResult) -> Evaluated {
    match entered {
        EntryResult::Done(done) => done,
        EntryResult::Failed(diagnostics) => panic!("{}", shown(&diagnostics)),
        EntryResult::Incomplete => panic!("incomplete"),
        EntryResult::Interrupted => panic!("interrupted"),
    }
}

fn shown(diagnostics: &Diagnostics) -> String {
    diagnostics.problems.iter().map(|problem| render(problem, &diagnostics.sources, Color::Never, 100) + "\n").collect()
}

fn failed(entered: EntryResult) -> String {
    let EntryResult::Failed(diagnostics) = entered else { panic!("it did not fail") };
    shown(&diagnostics)
}

/// Evaluates lines and returns the expression of the last value.
fn lines(session: &mut Session, lines: &[&str]) -> String {
    let mut last = String::new();
    for line in lines {
        last = done(session.evaluate(line)).value.map(|value| value.expression()).unwrap_or_default();
    }
    last
}

#[test]
fn variables_functions_and_imports_are_retained() {
    let mut session = session(vec![("lib/web.rhai", "const TAG = \"1.27\"; fn image(name) { name + \":1.27\" }")]);
    let last = lines(
        &mut session,
        &["import \"lib/web\" as web", "fn twice(x) { 2 * x }", "let n = twice(21);", "n + 1", "web::image(\"nginx\")"],
    );
    assert_eq!(last, "\"nginx:1.27\"");
    assert_eq!(lines(&mut session, &["n"]), "42");
    assert_eq!(session.functions(), ["twice(x)"]);
}

#[test]
fn failing_line_changes_nothing_and_is_underlined() {
    let mut session = session(vec![]);
    lines(&mut session, &["let list = [1];"]);
    let diagnostics = failed(session.evaluate("list.push(2);\nlist.psh(3)"));
    assert!(diagnostics.contains("--> repl:2:2:6") && diagnostics.contains("psh"), "{diagnostics}");
    assert_eq!(lines(&mut session, &["list"]), "[1]");
    let diagnostics = failed(session.evaluate("FargateService(\"a\").cpoo(1)"));
    assert!(diagnostics.contains("repl:4:1:21") && diagnostics.contains("^^^^"), "{diagnostics}");
}

#[test]
fn line_that_changes_a_value_is_retained_and_a_query_is_not() {
    let mut session = session(vec![]);
    assert_eq!(lines(&mut session, &["let list = [1]", "list.push(2)", "list"]), "[1, 2]");
    assert!(!done(session.evaluate("list.len()")).retained);
    assert!(done(session.evaluate("list.push(3)")).retained);
    assert_eq!(session.script("a.rhai"), "let list = [1];\nlist.push(2);\nlist.push(3);\n");
}

#[test]
fn underscore_is_the_last_value_and_errors_after_it_have_the_right_column() {
    let mut session = session(vec![]);
    let diagnostics = failed(session.evaluate("_"));
    assert!(diagnostics.contains("no last value"), "{diagnostics}");
    assert_eq!(lines(&mut session, &["20 + 1", "let x = 5", "_ * 2"]), "42");
    assert_eq!(lines(&mut session, &["_ + x"]), "47");
    let diagnostics = failed(session.evaluate("_ + nothing"));
    assert!(diagnostics.contains("repl:6:1:5"), "{diagnostics}");
    assert_eq!(lines(&mut session, &["switch x { 5 => _, _ => 0 }"]), "47");
}

#[test]
fn endless_line_is_stopped_at_the_limit() {
    let mut session =
        Session::new(Rc::new(Project(vec![])), Vec::new(), Limits { operations: 100_000, ..Limits::default() });
    assert!(failed(session.evaluate("loop { }")).contains("limit-operations"));
    assert_eq!(lines(&mut session, &["1 + 1"]), "2");
}

#[test]
fn interrupt_ends_the_line() {
    struct Pressed;
    impl crate::budget::UsageMeter for Pressed {
        fn elapsed(&self) -> std::time::Duration {
            std::time::Duration::ZERO
        }
        fn allocated(&self) -> usize {
            0
        }
        fn interrupted(&self) -> bool {
            true
        }
    }
    let limits = Limits { meter: Rc::new(Pressed), ..Limits::default() };
    let mut session = Session::new(Rc::new(Project(vec![])), Vec::new(), limits);
    assert!(matches!(session.evaluate("loop { }"), EntryResult::Interrupted));
    assert!(session.variables().is_empty());
}

#[test]
fn redefined_function_replaces_the_first_one() {
    let mut session = session(vec![]);
    let last = lines(&mut session, &["fn f() {\n  1\n}", "let a = f()", "fn f() { 2 }", "f() + a"]);
    assert_eq!(last, "4", "the session is a script: what was made with the first is made with the second");
    assert_eq!(session.functions(), ["f()"]);
}

#[test]
fn loaded_script_defines_its_variables_settings_and_stacks() {
    let files = vec![
        (
            "apps/web.rhai",
            "import \"lib/n\" as n;\nlet s = settings(\"WEB\", #{ cpu: n::CPU });\nlet service = FargateService(\"Web\").cpu(s.cpu);\nStack(\"web\").add(service)",
        ),
        ("apps/lib/n.rhai", "export const CPU = 256;"),
    ];
    let mut session = session(files);
    assert!(done(session.load("apps/web.rhai")).value.is_some_and(|value| value.is_stack()));
    assert_eq!(session.program().stacks.len(), 1);
    assert_eq!(lines(&mut session, &["s.cpu"]), "256");
    assert_eq!(done(session.set(&[("cpu".to_owned(), "512".to_owned())])).changed, ["s", "service", "stack"]);
    assert_eq!(lines(&mut session, &["s.cpu"]), "512");
    assert!(failed(session.set(&[("cpuu".to_owned(), "1".to_owned())])).contains("did you mean `cpu`"));
    assert!(failed(session.set(&[("cpu".to_owned(), "much".to_owned())])).contains("setting-type"));
    assert_eq!(lines(&mut session, &["s.cpu", "service"]), "FargateService(\"Web\")\n    .cpu(512)");
    let saved = session.script("all.rhai");
    assert!(
        saved.contains("import \"apps/lib/n\" as n;") && saved.ends_with("Stack(\"web\").add(service)\n"),
        "{saved}"
    );
}

#[test]
fn redeclared_variable_is_saved_once_unless_it_was_used() {
    let mut session = session(vec![]);
    for n in 0..50 {
        lines(&mut session, &[&format!("let x = {n}"), "x"]);
    }
    lines(&mut session, &["let y = x", "let x = 1"]);
    assert_eq!(session.script("a.rhai"), "let x = 49;\nlet y = x;\nlet x = 1;\n");
}

#[test]
fn block_is_shown_as_the_expression_that_creates_it() {
    let mut session = session(vec![]);
    let shown = lines(
        &mut session,
        &[
            "let alb = Alb(\"Web\").listen(80)",
            "let tiles = AWS::S3::Bucket(\"Tiles\", #{ BucketName: \"a\\\"b\" })",
            "FargateService(\"Web\").behind(alb).env(#{ URL: `${alb.url}/x`, B: tiles, A: tiles.Arn }).scaling(Scaling(1..=4).cpu(50))",
        ],
    );
    let expected = "FargateService(\"Web\")\n    .behind(alb)\n    .env(#{ A: tiles.Arn, B: tiles, URL: `http://${alb.dns_name}/x` })\n    .scaling(Scaling(1..=4).cpu(50))";
    assert_eq!(shown, expected);
    assert_eq!(lines(&mut session, &["tiles"]), "AWS::S3::Bucket(\"Tiles\", #{ BucketName: \"a\\\"b\" })");
}

#[test]
fn flag_without_a_setting_is_a_warning_of_the_loaded_script() {
    let files = vec![("web.rhai", "let s = settings(\"WEB\", #{ cpu: 256 });\nStack(\"web\")")];
    let given = vec![SettingInput { name: "cpuu".into(), value: "1".into(), source: Source::Flag }];
    let mut session = Session::new(Rc::new(Project(files)), given, Limits::default());
    let diagnostics = done(session.load("web.rhai")).diagnostics;
    assert!(shown(&diagnostics).contains("cpuu") && !diagnostics.has_errors(), "{}", shown(&diagnostics));
}

#[test]
fn long_session_retains_only_the_entries_in_use() {
    let mut session = session(vec![]);
    lines(&mut session, &["let x = 0", "let list = [1, 2]", "fn f() { 0 }"]);
    for n in 1..=30 {
        lines(&mut session, &[&format!("x = {n}"), "list.len()", "_ + x", "_ * 2"]);
        lines(&mut session, &[&format!("Stack(\"s{n}\")"), &format!("fn f() {{ {n} }}")]);
    }
    assert!(session.entries.len() < 35, "{}", session.script("a.rhai"));
    assert_eq!(lines(&mut session, &["x + f()"]), "60");
    assert_eq!(session.program().stacks[0].name.value, "s30");
}

#[test]
fn assignment_without_a_use_is_not_saved() {
    let mut session = session(vec![]);
    lines(&mut session, &["let x = 0", "x = 1", "x = 2", "let y = x", "x = 3", "x = x + 1", "x = 9", "x = 10"]);
    assert_eq!(session.script("a.rhai"), "let x = 0;\nx = 2;\nlet y = x;\nx = 10;\n");
    let mut session = self::session(vec![]);
    lines(&mut session, &["let list = [1, 2]", "let x = 0", "x = list.pop()", "x = 5"]);
    assert_eq!(lines(&mut session, &["list"]), "[1]", "what else an assignment did stays");
}

#[test]
fn value_of_a_line_with_side_effects_is_evaluated_once() {
    let mut session = session(vec![]);
    assert_eq!(lines(&mut session, &["let list = [1, 2]", "list.pop()", "_ + 1", "_ + 1"]), "4");
    assert_eq!(lines(&mut session, &["list"]), "[1]");
}
