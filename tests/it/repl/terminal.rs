//! A pseudo terminal: tests press keys and wait for the content of the screen.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// The timeout of a wait; only a failing test reaches it.
const TIMEOUT: Duration = Duration::from_secs(90);

/// Keys that are not letters.
pub(super) const ENTER: &str = "\r";
pub(super) const TAB: &str = "\t";
pub(super) const ESCAPE: &str = "\x1b";
pub(super) const UP: &str = "\x1b[A";
pub(super) const LEFT: &str = "\x1b[D";
pub(super) const DOWN: &str = "\x1b[B";
pub(super) const CTRL_C: &str = "\x03";
pub(super) const CTRL_D: &str = "\x04";
pub(super) const CTRL_R: &str = "\x12";

/// A terminal in which `rtiler` runs.
pub(super) struct Terminal {
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    seen: Arc<Mutex<Seen>>,
}

struct Seen {
    screen: vt100::Parser,
    /// Every byte that was written.
    bytes: Vec<u8>,
}

/// The options of a terminal.
pub(super) struct Setup<'a> {
    folder: &'a Path,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    rows: u16,
    columns: u16,
}

/// Returns the options of a REPL whose files and history are in a directory.
pub(super) fn repl(folder: &Path) -> Setup<'_> {
    command(folder, &["repl"])
}

/// Returns the options of a terminal in which `rtiler` runs with arguments.
pub(super) fn command<'a>(folder: &'a Path, arguments: &[&str]) -> Setup<'a> {
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    Setup { folder, arguments, environment: Vec::new(), rows: 30, columns: 90 }
}

impl Setup<'_> {
    pub(super) fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    pub(super) fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn window(self, rows: u16, columns: u16) -> Self {
        Self { rows, columns, ..self }
    }

    /// Opens the terminal, and waits for the prompt.
    pub(super) fn open(self) -> Terminal {
        let mut terminal = self.start();
        terminal.wait("the first prompt", |screen| screen.lines().any(|line| line.trim_end() == ">"));
        terminal
    }

    /// Opens the terminal.
    pub(super) fn start(self) -> Terminal {
        let size = PtySize { rows: self.rows, cols: self.columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("the system gives a pseudo terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_rtiler"));
        command.env_clear();
        command.env("PATH", std::env::var("PATH").unwrap_or_default());
        command.env("HOME", self.folder);
        command.env("TERM", "xterm-256color");
        command.env("PAGER", "cat");
        self.environment.iter().for_each(|(name, value)| command.env(name, value));
        command.cwd(self.folder);
        command.args(&self.arguments);
        let child = pair.slave.spawn_command(command).expect("rtiler starts");
        let keys = pair.master.take_writer().expect("the terminal can be written to");
        let output = pair.master.try_clone_reader().expect("the terminal can be read");
        let screen = vt100::Parser::new(cells(self.rows), cells(self.columns), 0);
        let seen = Arc::new(Mutex::new(Seen { screen, bytes: Vec::new() }));
        let shown = Arc::clone(&seen);
        std::thread::spawn(move || watch(output, &shown));
        Terminal { master: pair.master, keys, child, seen }
    }
}

/// Returns the last line of a screen.
pub(super) fn last(screen: &str) -> &str {
    screen.trim_end().lines().last().unwrap_or("")
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("a window has cells")
}

fn watch(mut output: Box<dyn Read + Send>, seen: &Mutex<Seen>) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = output.read(&mut buffer) {
        let mut seen = seen.lock().unwrap();
        seen.screen.process(&buffer[..count]);
        seen.bytes.extend_from_slice(&buffer[..count]);
    }
}

impl Terminal {
    /// Presses keys.
    pub(super) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush()).expect("the terminal takes keys");
    }

    /// Types a line and ends it.
    pub(super) fn enter(&mut self, line: &str) {
        self.press(&format!("{line}{ENTER}"));
    }

    /// Returns the content of the screen.
    pub(super) fn screen(&self) -> String {
        let seen = self.seen.lock().unwrap();
        let (_, columns) = seen.screen.screen().size();
        let rows = seen.screen.screen().rows(0, columns.get()).map(|row| row.trim_end().to_owned() + "\n");
        rows.collect::<String>().trim_end().to_owned() + "\n"
    }

    /// Returns all output, with its escape sequences.
    pub(super) fn written(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap().bytes).into_owned()
    }

    /// Presses Ctrl-C, and waits for the new prompt: the editor drops lines that were typed ahead.
    pub(super) fn cancel_line(&mut self) {
        self.press(CTRL_C);
        self.wait_last(">");
    }

    /// Types a line that is not on the screen yet, and waits for the next prompt: between two prompts the terminal itself
    /// handles keys that are not letters.
    pub(super) fn enter_and_wait(&mut self, line: &str) {
        self.enter(line);
        self.wait(&format!("the prompt after `{line}`"), |screen| screen.contains(line) && last(screen) == ">");
    }

    /// Waits until the screen shows something.
    pub(super) fn wait(&mut self, what: &str, shows: impl Fn(&str) -> bool) -> String {
        let started = Instant::now();
        loop {
            let screen = self.screen();
            if shows(&screen) {
                return screen;
            }
            assert!(started.elapsed() < TIMEOUT, "timeout: {what}:\n{screen}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until a line of the screen is equal, without blanks at its end.
    pub(super) fn wait_line(&mut self, line: &str) -> String {
        self.wait(&format!("the line `{line}`"), |screen| screen.lines().any(|shown| shown.trim_end() == line))
    }

    /// Waits until the screen contains a text.
    pub(super) fn wait_text(&mut self, text: &str) -> String {
        self.wait(&format!("`{text}`"), |screen| screen.contains(text))
    }

    /// Waits until the last line of the screen is equal: the input, or an empty prompt.
    pub(super) fn wait_last(&mut self, line: &str) -> String {
        self.wait(&format!("`{line}` as the last line"), |screen| last(screen) == line)
    }

    /// Presses keys repeatedly until the screen shows something: some are lost between two states of the terminal.
    pub(super) fn press_until(&mut self, keys: &str, shows: impl Fn(&str) -> bool) {
        let started = Instant::now();
        while !shows(&self.screen()) {
            assert!(started.elapsed() < TIMEOUT, "timeout:\n{}", self.screen());
            self.press(keys);
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Resizes the window.
    pub(super) fn resize(&mut self, rows: u16, columns: u16) {
        self.seen.lock().unwrap().screen.screen_mut().set_size(cells(rows), cells(columns));
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.resize(size).expect("the window can be resized");
    }

    /// Sends a signal to the process.
    pub(super) fn signal(&self, name: &str) {
        let process = self.child.process_id().expect("the process has a number").to_string();
        let sent = std::process::Command::new("kill").args([&format!("-{name}"), &process]).status();
        assert!(sent.expect("the system has `kill`").success(), "{name}");
    }

    /// Returns whether the cursor is hidden.
    pub(super) fn hides_cursor(&self) -> bool {
        self.seen.lock().unwrap().screen.screen().hide_cursor()
    }

    /// Returns the modes of the terminal: whether it echoes, and whether it reads lines or keys.
    pub(super) fn modes(&self) -> String {
        format!("{:?}", self.master.get_termios().expect("a terminal has modes").local_flags)
    }

    /// Waits for the end of the process, and returns its exit code.
    pub(super) fn end(&mut self) -> u32 {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the process can be asked") {
                return status.exit_code();
            }
            assert!(started.elapsed() < TIMEOUT, "timeout: the process is running:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
