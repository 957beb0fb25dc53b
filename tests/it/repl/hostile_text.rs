//! Values, history and names with control characters on a terminal.

use super::terminal::{TAB, UP, repl};

/// A title of the window, the clipboard, a cleared screen, a C1 control and a control of direction.
const ATTACK: &str = "\u{1b}]0;PWN\u{7}\u{1b}]52;c;ZXZpbA==\u{7}\u{1b}[3J\u{9b}31m\u{202e}\u{200b}";

/// The attack as a script writes it.
const LITERAL: &str = r#""\u001b]0;PWN\u0007\u001b]52;c;ZXZpbA==\u0007\u001b[3J\u009b31m\u202e\u200b""#;

/// Panics if a part of the attack was written as it is.
fn assert_harmless(written: &str) {
    for part in ["\u{1b}]", "\u{7}", "\u{1b}[3J", "\u{9b}", "\u{202e}", "\u{200b}"] {
        assert!(!written.contains(part), "{part:?} reached the terminal:\n{}", written.escape_debug());
    }
}

#[test]
fn printed_text_and_values_are_signs() {
    let folder = tempfile::tempdir().unwrap();
    let script = format!("let s = settings(\"APP\", #{{ text: {LITERAL} }});\nStack(\"app\").output(\"Out\", s.text)");
    std::fs::write(folder.path().join("app.rhai"), script).unwrap();
    let mut terminal = repl(folder.path()).argument("app.rhai").open();
    terminal.enter_and_wait(&format!("print({LITERAL})"));
    terminal.wait_text("␛]0;PWN␇");
    terminal.enter_and_wait(&format!("throw {LITERAL}"));
    terminal.enter_and_wait(":settings");
    terminal.enter_and_wait(":rehearse");
    terminal.enter_and_wait(":outputs");
    assert_harmless(&terminal.written());
}

#[test]
fn history_of_others_and_names_of_files_are_signs() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join(".local/state/rtiler");
    std::fs::create_dir_all(&state).unwrap();
    std::fs::write(folder.path().join(format!("evil{}.rhai", ATTACK.replace('/', ""))), "1").unwrap();
    std::fs::write(folder.path().join("evident.rhai"), "1").unwrap();
    for color in ["always", "never"] {
        std::fs::write(state.join("history"), format!("#V2\nlet a = 1; // {ATTACK}\n")).unwrap();
        let mut terminal = repl(folder.path()).argument("--color").argument(color).open();
        terminal.press(UP);
        terminal.wait_text("let a = 1;");
        terminal.cancel_line();
        terminal.press(&format!(":load evi{TAB}"));
        terminal.wait_text("evident.rhai");
        terminal.cancel_line();
        terminal.enter_and_wait(":history");
        assert_harmless(&terminal.written());
    }
}
