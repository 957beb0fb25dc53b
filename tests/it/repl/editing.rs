//! Typing: completion, continuation lines, history, interruptions, pastes.

use super::terminal::{CTRL_C, CTRL_D, CTRL_R, DOWN, ENTER, ESCAPE, LEFT, TAB, UP, repl};

#[test]
fn tab_shows_candidates_and_chooses_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = repl(folder.path()).open();
    terminal.press("Alb(\"web\").");
    terminal.press(TAB);
    let screen = terminal.wait_text("Adds an HTTP listener on a port");
    assert!(screen.contains("> Alb(\"web\").\n"), "nothing is chosen before the candidates are shown:\n{screen}");
    terminal.press("lis");
    terminal.wait("the menu to close", |screen| !screen.contains("Adds an HTTPS listener"));
    terminal.press(TAB);
    // `listener(` begins with the same letters.
    terminal.wait_text("> Alb(\"web\").listen\n");
    terminal.press("(");
    terminal.wait_text("> Alb(\"web\").listen(\n");
    // The signature of the call is below the line.
    terminal.press("8080");
    terminal.wait_text("Alb.listen(port)  Adds an HTTP listener on a port");
    terminal.enter(")");
    terminal.wait_text("    .listen(8080)\n");
}

#[test]
fn completion_does_not_repeat_text_around_the_cursor() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = repl(folder.path()).open();
    terminal.press(&format!("FargService(\"web\"){}", LEFT.repeat(14)));
    terminal.press(TAB);
    terminal.wait_text("> FargateService(\"web\")\n");
    terminal.cancel_line();
    terminal.press(&format!("let web = Farg{TAB}"));
    terminal.wait_text("> let web = FargateService(\n");
    terminal.press("(\"web\")");
    terminal.wait_text("> let web = FargateService(\"web\")\n");
    terminal.press("((");
    terminal.wait_text("> let web = FargateService(\"web\")((\n");
}

#[test]
fn line_that_begins_with_a_dot_gets_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = repl(folder.path()).open();
    terminal.enter("let web = FargateService(\"web\")");
    terminal.enter(".cpu(512)");
    terminal.wait_text("help: the line before is a complete entry");
}

#[test]
fn arrows_and_enter_choose_from_the_menu_and_escape_closes_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = repl(folder.path()).open();
    terminal.press(&format!(":{TAB}"));
    terminal.wait_text("  :type       show the type");
    terminal.press(&format!("{DOWN}{DOWN}"));
    terminal.wait_text("> :type       show the type");
    terminal.press(UP);
    terminal.wait_text("> :doc        show");
    terminal.press(ENTER);
    terminal.wait_text(":doc [NAME]  show documentation");
    terminal.wait("the menu to close", |screen| !screen.contains("show the type"));
    terminal.press(&format!(" idl{TAB}"));
    terminal.cancel_line();
    terminal.press(&format!(":{TAB}{DOWN}"));
    terminal.wait_text("> :doc        show");
    terminal.press(ESCAPE);
    terminal.wait("the menu to close", |screen| !screen.contains("show the type"));
}

#[test]
fn properties_of_a_resource_are_offered_in_its_braces() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = repl(folder.path()).open();
    terminal.press(&format!("AWS::S3::Bucket(\"Tiles\", #{{{ENTER}"));
    terminal.press(&format!("Versioning{TAB}"));
    terminal.wait_text("\n    VersioningConfiguration");
}

#[test]
fn entry_continues_until_it_is_complete() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = repl(folder.path()).open();
    terminal.enter("fn twice(a) {");
    terminal.enter("if a > 0 {");
    terminal.enter("a * 2");
    terminal.enter("} else { 0 }");
    terminal.enter("}");
    terminal.wait_text("> fn twice(a) {\n    if a > 0 {\n        a * 2\n    } else { 0 }\n}\n>");
    terminal.enter("twice(21)");
    terminal.wait_line("42");
    terminal.enter("\"a text\".");
    terminal.enter("len()");
    terminal.wait_line("6");
    terminal.wait_last(">");
    // An earlier line of an entry can be changed before it is entered.
    terminal.press(&format!("[1,{ENTER}2{UP}"));
    terminal.press("\x7f0,");
    terminal.press(&format!("{DOWN}{DOWN}]{ENTER}"));
    terminal.wait_text("[10, 2]");
}

#[test]
fn error_is_shown_at_its_place_in_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = repl(folder.path()).open();
    terminal.enter("Alb(\"web\").lisen(80)");
    let screen = terminal.wait_text("did you mean");
    let (line, caret) = {
        let mut lines = screen.lines().skip_while(|line| !line.starts_with("1 | "));
        (lines.next().unwrap_or("").to_owned(), lines.next().unwrap_or("").to_owned())
    };
    assert_eq!(caret.find('^'), line.find("lisen"), "{screen}");
}

#[test]
fn ctrl_c_clears_a_line_and_interrupts_an_evaluation() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = repl(folder.path()).open();
    terminal.enter_and_wait("let five = 5");
    terminal.press("Alb(");
    terminal.wait_text("Alb(name)");
    terminal.cancel_line();
    assert!(!terminal.screen().contains("Alb(name)"), "the hint is gone:\n{}", terminal.screen());
    terminal.enter("let half = [");
    terminal.wait_text("half = [");
    terminal.cancel_line();
    terminal.enter("five + 1");
    terminal.wait_line("6");
    terminal.enter("loop {}");
    // Before the editor has read the line, Ctrl-C would clear it.
    terminal.wait_text("> loop {}");
    terminal.press_until(CTRL_C, |screen| screen.contains("interrupted"));
    // A late Ctrl-C clears the next line.
    terminal.press_until("five + 2\r", |screen| screen.lines().any(|line| line == "7"));
}

#[test]
fn ctrl_d_leaves_only_from_an_empty_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = repl(folder.path()).open();
    terminal.press(&format!("1 + 1{CTRL_D}"));
    terminal.press(ENTER);
    terminal.wait_line("2");
    terminal.wait_last(">");
    terminal.press(CTRL_D);
    assert_eq!(terminal.end(), 0);
    let mut terminal = repl(folder.path()).open();
    terminal.enter(":quit");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn history_is_available_in_the_next_session() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state").display().to_string();
    let mut first = repl(folder.path()).environment("XDG_STATE_HOME", &state).open();
    first.enter("let remembered = 7");
    first.enter("[1,");
    first.enter("2]");
    first.wait_text("[1, 2]");
    first.enter_and_wait(" let secret = 1");
    first.press(CTRL_D);
    assert_eq!(first.end(), 0);
    let file = folder.path().join("state/rtiler/history");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "an entry may hold a secret");
    let history = std::fs::read_to_string(&file).unwrap();
    assert!(
        history.contains("remembered") && !history.contains("secret"),
        "a line after a blank is not stored: {history}"
    );

    let mut second = repl(folder.path()).environment("XDG_STATE_HOME", &state).open();
    second.press(UP);
    second.wait_text("> [1,\n    2]");
    second.cancel_line();
    second.press(&format!("{CTRL_R}memb"));
    second.wait_text("(reverse-i-search)`memb': let remembered = 7");
    second.press(ENTER);
    second.enter("remembered * 6");
    second.wait_line("42");
    second.enter(":history");
    second.wait_text("1  let remembered = 7\n");
}

#[test]
fn history_without_a_file_lasts_for_the_session() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let nowhere = folder.path().join("file").display().to_string();
    let mut terminal = repl(folder.path()).environment("XDG_STATE_HOME", &nowhere).open();
    terminal.enter("let a = 1");
    terminal.enter("a + 1");
    terminal.wait_line("2");
    terminal.wait_last(">");
    terminal.press(&format!("{UP}{UP}"));
    terminal.wait_last("> let a = 1");
    assert!(!terminal.screen().contains("error"), "{}", terminal.screen());
}

#[test]
fn pasted_lines_are_evaluated_statement_by_statement() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = repl(folder.path()).open();
    let text = "let a = 20\nlet b = 22\n// the balancer\nAlb(\"pasted\")\n    .idle_timeout(a + b)\n\na * 100\n";
    terminal.press(&format!("\x1b[200~{text}\x1b[201~"));
    terminal.wait_text("a * 100");
    assert!(!terminal.screen().contains("resources"), "a paste waits for Enter:\n{}", terminal.screen());
    terminal.press(ENTER);
    let screen = terminal.wait_line("2000");
    assert!(screen.contains("Alb(\"pasted\")\n    .idle_timeout(42)\n3 resources"), "{screen}");
    terminal.wait_last(">");
    // The entries after an error are not evaluated.
    terminal.press(&format!("\x1b[200~let c = nothing\nlet d = 3\nlet e = 4\x1b[201~{ENTER}"));
    terminal.wait_text("2 entries after it were not evaluated");
    terminal.enter("a + 4000");
    terminal.wait_line("4020");
}

#[test]
fn lines_typed_ahead_are_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = repl(folder.path()).open();
    let lines: String = (1..=20).map(|at| format!("let v{at} = {at}{ENTER}")).collect();
    terminal.press(&lines);
    terminal.enter("v1 + v20 + 1000");
    terminal.wait_line("1021");
}
