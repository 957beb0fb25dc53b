//! Commands of an account in a terminal: long ones run in the background, and the prompt stays usable.

use std::path::Path;

use super::terminal::{CTRL_C, CTRL_D, Terminal, repl};

/// Some seconds of the clock on the wall, where time does not fly.
const SCRIPT: &str = r#"
let jobs = AWS::SQS::Queue("Jobs", #{ VisibilityTimeout: 30 });
Stack("work").add(jobs)
"#;

fn open(folder: &Path) -> Terminal {
    std::fs::write(folder.join("app.rhai"), SCRIPT).unwrap();
    let mut terminal = repl(folder).argument("app.rhai").window(60, 100).open();
    terminal.wait_text("variables: jobs");
    terminal
}

/// Opens a terminal with a deployment in the background.
fn deploying(folder: &Path) -> Terminal {
    let mut terminal = open(folder);
    terminal.enter(":rehearse --speed 1");
    terminal.wait_text("`:rehearse --speed 1` goes on aside");
    terminal.wait_text("0:00  creates the stack");
    terminal.wait_last(">");
    terminal
}

#[test]
fn background_deployment_continues_while_lines_are_evaluated() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = deploying(folder.path());
    terminal.enter("40 + 2");
    let screen = terminal.wait_line("42");
    assert!(!screen.contains("work created in"), "the prompt did not wait for it:\n{screen}");
    // A half typed line stays below the output.
    terminal.press("40 + 3");
    let screen = terminal.wait_text("work created in");
    assert!(screen.find("42").unwrap() < screen.find("work created in").unwrap(), "{screen}");
    terminal.wait_last("> 40 + 3");
    terminal.enter("");
    terminal.wait_line("43");
    terminal.enter(":status");
    terminal.wait_text("CREATE_COMPLETE");
}

#[test]
fn background_command_locks_its_stacks_and_can_be_watched() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = deploying(folder.path());
    terminal.enter(":destroy");
    let screen = terminal.wait_text("error[stack-busy]: `:rehearse --speed 1` is still at work on `work`");
    assert!(!screen.contains("work deleted"), "{screen}");
    terminal.enter(":status");
    terminal.wait_text("CREATE_IN_PROGRESS");
    terminal.wait_text("work created in");
    terminal.enter(":destroy");
    terminal.wait_text("work deleted in");
}

#[test]
fn ctrl_c_ends_a_read_only_command() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("app.rhai"),
        r#"Stack("work").add(FargateService("Web").image("nginx:1.29").port(80))"#,
    )
    .unwrap();
    let mut terminal = repl(folder.path()).argument("app.rhai").window(60, 100).open();
    terminal.enter(":rehearse");
    terminal.wait_text("work created in");
    terminal.wait_last(">");
    terminal.enter(":logs --follow");
    terminal.wait_text("`:logs --follow` goes on aside");
    terminal.wait_last(">");
    terminal.press(CTRL_C);
    terminal.wait_text("`:logs --follow` is not waited for any longer");
    terminal.enter("6 * 7");
    terminal.wait_line("42");
    // While the prompt is not there yet, Ctrl-C does the same.
    terminal.enter(":logs --follow --since 1m");
    terminal.press_until(CTRL_C, |screen| screen.contains("`:logs --follow --since 1m` is not waited for any longer"));
}

#[test]
fn second_ctrl_c_detaches_from_a_deployment_and_reports_how_to_follow_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = deploying(folder.path());
    terminal.press(CTRL_C);
    terminal.wait_text("Ctrl-C once more ends the rehearsal");
    assert!(!terminal.screen().contains("left running"), "{}", terminal.screen());
    terminal.press(CTRL_C);
    let screen = terminal.wait_text("work left running");
    assert!(screen.contains("warning[detached]") && screen.contains("`:rehearse work`"), "{screen}");
    terminal.enter(":rehearse");
    terminal.wait_text("follows it to its end first");
    terminal.wait_text("work no changes");
}

#[test]
fn quit_during_a_deployment_reports_what_happens_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = deploying(folder.path());
    terminal.press(CTRL_D);
    assert_eq!(terminal.end(), 0);
    let written = terminal.written();
    assert!(written.contains("`:rehearse --speed 1` is left: the rehearsal ends here"), "{written}");
    assert!(written.contains(" left running\r\n"), "{written}");
}
