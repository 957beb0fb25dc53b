//! Account commands in a terminal: long ones continue in the background, and the prompt stays usable.

use std::path::Path;

use super::terminal::{CTRL_C, CTRL_D, Terminal, repl};

/// A script whose deployment takes some seconds in real time.
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
    terminal.wait_text("`:rehearse --speed 1` continues in the background");
    terminal.wait_text("0:00  creating the stack");
    terminal.wait_last(">");
    terminal
}

#[test]
fn deployment_continues_in_the_background_while_lines_are_evaluated() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = deploying(folder.path());
    terminal.enter("40 + 2");
    let screen = terminal.wait_line("42");
    assert!(!screen.contains("work created in"), "the prompt did not wait for it:\n{screen}");
    // A half-typed line stays below the output.
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
fn second_operation_on_a_stack_is_refused_and_status_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = deploying(folder.path());
    terminal.enter(":destroy");
    let screen = terminal.wait_text("error[stack-busy]: `:rehearse --speed 1` is still running on `work`");
    assert!(!screen.contains("work deleted"), "{screen}");
    terminal.enter(":status");
    terminal.wait_text("CREATE_IN_PROGRESS");
    terminal.wait_text("work created in");
    // A user who has seen the result does not wait for the last line.
    terminal.enter(":destroy");
    terminal.wait_text("work deleted in");
}

#[test]
fn ctrl_c_detaches_from_a_command_that_only_reads() {
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
    terminal.wait_text("`:logs --follow` continues in the background");
    terminal.wait_last(">");
    terminal.press_until(CTRL_C, |screen| screen.contains("detached from `:logs --follow`"));
    terminal.enter("6 * 7");
    terminal.wait_line("42");
    // Before the prompt is back, Ctrl-C does the same. It would discard a line that the editor has not read yet.
    terminal.wait_last(">");
    let is_detached = |screen: &str| screen.contains("detached from `:logs --follow --since 1m`");
    for _ in 0..20 {
        terminal.enter(":logs --follow --since 1m");
        terminal.press(CTRL_C);
        // A discarded line is entered again.
        std::thread::sleep(std::time::Duration::from_millis(500));
        if is_detached(&terminal.screen()) {
            return;
        }
    }
    panic!("Ctrl-C did not detach:\n{}", terminal.screen());
}

#[test]
fn second_ctrl_c_detaches_from_a_deployment_and_says_how_to_follow_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = deploying(folder.path());
    terminal.press(CTRL_C);
    terminal.wait_text("Ctrl-C again ends the rehearsal");
    assert!(!terminal.screen().contains("work detached"), "{}", terminal.screen());
    terminal.press(CTRL_C);
    let screen = terminal.wait_text("work detached");
    assert!(screen.contains("warning[detached]") && screen.contains("`:rehearse work`"), "{screen}");
    terminal.enter(":rehearse");
    terminal.wait_text("waiting for its end first");
    terminal.wait_text("work: no changes");
}

#[test]
fn ctrl_d_during_a_deployment_prints_its_fate() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = deploying(folder.path());
    terminal.press(CTRL_D);
    assert_eq!(terminal.end(), 0);
    let written = terminal.written();
    assert!(written.contains("detaching from `:rehearse --speed 1`: the rehearsal ends"), "{written}");
    assert!(written.contains(" detached\r\n"), "{written}");
}
