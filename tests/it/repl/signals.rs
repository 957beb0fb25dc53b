//! Signals that the system or a shell sends to a program in a terminal.

use super::terminal::{CTRL_D, command, repl};

#[test]
fn terminal_is_as_before_after_the_system_ends_the_session() {
    for (name, exit) in [("TERM", 143), ("HUP", 129)] {
        let folder = tempfile::tempdir().unwrap();
        let mut terminal = repl(folder.path()).open();
        let at_the_prompt = terminal.modes();
        assert!(!at_the_prompt.contains("ICANON"), "the editor reads keys: {at_the_prompt}");
        terminal.signal(name);
        assert_eq!(terminal.end(), exit, "{name}");
        let after = terminal.modes();
        assert!(after.contains("ICANON") && after.split(" | ").any(|mode| mode == "ECHO"), "{name}: {after}");
    }
}

#[test]
fn stopped_deployment_continues_when_the_shell_continues_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.rhai"), r#"Stack("work").add(AWS::SQS::Queue("Jobs", #{}))"#).unwrap();
    let arguments = ["run", "app.rhai", "deploy", "--rehearse", "--speed", "4"];
    let mut terminal = command(folder.path(), &arguments).window(40, 100).start();
    terminal.wait_text("Jobs");
    // A deployment does not change the modes of the terminal, so the shell that stops it finds them as they were.
    let modes = terminal.modes();
    assert!(modes.contains("ICANON"), "{modes}");
    terminal.signal("STOP");
    // What was written before is still on its way.
    std::thread::sleep(std::time::Duration::from_secs(1));
    let stopped = terminal.written();
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert_eq!(terminal.written(), stopped, "a stopped program draws nothing");
    terminal.signal("CONT");
    terminal.wait_text("work created in");
    assert_eq!(terminal.end(), 0);
    assert!(!terminal.hides_cursor());
}

#[test]
fn session_in_a_terminal_restores_its_modes() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = repl(folder.path()).open();
    terminal.press(CTRL_D);
    assert_eq!(terminal.end(), 0);
    assert!(terminal.modes().contains("ICANON"), "{}", terminal.modes());
}
