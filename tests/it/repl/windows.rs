//! Windows of any width, without colours, and terminals without cursor movement.

use super::terminal::{CTRL_C, CTRL_D, ENTER, TAB, Terminal, last, repl};

#[test]
fn menu_fits_a_narrow_window() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = repl(folder.path()).window(16, 24).open();
    terminal.press(&format!("Alb(\"w\").{TAB}"));
    let screen = terminal.wait_text("deletion_protec");
    let menu: Vec<&str> = screen.lines().skip_while(|line| !line.starts_with("> Alb")).skip(1).collect();
    assert!(menu.len() > 8, "the menu is below the line:\n{screen}");
    assert!(menu.iter().all(|row| row.starts_with("  ")), "each candidate is one row:\n{screen}");
    assert!(menu.len() <= 13, "the menu leaves room for the line:\n{screen}");
    terminal.cancel_line();
    let long = "let a_long_name = [11111, 22222, 33333, 44444, 55555]";
    terminal.enter(long);
    terminal.enter("a_long_name.len() + 700");
    terminal.wait_line("705");
}

#[test]
fn window_can_be_resized_at_any_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = repl(folder.path()).window(20, 60).open();
    terminal.press("let numbers = [1111, 2222, 3333, 4444, 5555]");
    terminal.wait_text("5555]");
    terminal.resize(20, 30);
    terminal.press("; numbers[4]");
    terminal.wait_text("numbers[4]");
    terminal.resize(20, 100);
    terminal.press(" + 1\r");
    terminal.wait_line("5556");
    terminal.wait_last(">");
    terminal.press(&format!("Alb(\"w\").{TAB}"));
    terminal.wait_text("Adds an HTTP listener on a port");
    terminal.resize(12, 40);
    terminal.press(TAB);
    terminal.wait_text("> vpc(");
    terminal.cancel_line();
    terminal.enter("numbers.len() * 100");
    terminal.wait_line("500");
}

#[test]
fn line_that_fills_a_row_is_cleared() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = repl(folder.path()).window(10, 33).open();
    // A line that fills a row to its last column, with a hint below it.
    for length in 24..=34 {
        let name = "a".repeat(length);
        terminal.press(&format!("Alb(\"{name}"));
        terminal.wait_text("Alb(name)");
        terminal.cancel_line();
        let screen = terminal.screen();
        assert!(!screen.contains("Alb(name)"), "{length}: the hint is gone:\n{screen}");
        terminal.enter(&format!("{length} * 1000"));
        terminal.wait_line(&format!("{length}000"));
    }
}

#[test]
fn no_color_writes_no_colours() {
    let folder = tempfile::tempdir().unwrap();
    let without = [
        repl(folder.path()).environment("NO_COLOR", "1").open(),
        repl(folder.path()).argument("--color").argument("never").open(),
    ];
    without.into_iter().for_each(assert_no_colours);

    let mut terminal = repl(folder.path()).open();
    terminal.enter("1 + 1");
    terminal.wait_line("2");
    assert!(terminal.written().contains("\x1b[35m"), "numbers have a colour: {:?}", terminal.written());
}

fn assert_no_colours(mut terminal: Terminal) {
    terminal.press(&format!("Alb(\"w\").{TAB}{TAB}"));
    terminal.wait_text("> vpc(");
    terminal.cancel_line();
    terminal.enter("Alb(\"w\")");
    terminal.wait_text("billed by the hour");
    terminal.enter("nothing");
    terminal.wait_text("there is no variable");
    let written = terminal.written();
    let painted = written.match_indices("\x1b[").find(|(at, _)| {
        let rest = written[at + 2..].trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == ';');
        rest.starts_with('m')
    });
    assert_eq!(painted, None, "{written:?}");
}

#[test]
fn dumb_terminal_gets_no_escape_sequences() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = repl(folder.path()).environment("TERM", "dumb").open();
    terminal.enter("let a = [1,");
    terminal.wait_last(".");
    terminal.enter_and_wait("2]");
    terminal.enter_and_wait("a.len() + 40");
    terminal.wait_line("42");
    terminal.enter("let half = (");
    terminal.wait_last(".");
    terminal.press("half again");
    terminal.wait_text("half again");
    // The signal may reach the process after the line that follows it.
    terminal.press_until(&format!("{CTRL_C}{ENTER}"), |screen| last(screen) == ">");
    terminal.press_until(&format!("a.len() + 400{ENTER}"), |screen| screen.lines().any(|line| line == "402"));
    terminal.enter("Alb(3)");
    terminal.wait_text("takes a name");
    terminal.wait_last(">");
    terminal.press(CTRL_D);
    assert_eq!(terminal.end(), 0);
    assert!(!terminal.written().contains('\x1b'), "{:?}", terminal.written());
}
