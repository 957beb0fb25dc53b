//! The terminal: everything that is printed, every question, and signals.
//!
//! `streams` writes, `prompt` asks questions, `mode` restores the terminal, `signals` delivers Ctrl-C and other signals,
//! `background` connects a command on a thread of its own with the REPL, `wrapped_problem` fits diagnostics into a narrow terminal.
//!
//! May import `diag`, `printable` and `cli::{args, exit, frontend, json, text_width}`.
//!
//! *Invariant*: results go to stdout; progress, questions and diagnostics go to stderr; each text is a `Printable`.

pub(crate) mod background;
mod mode;
pub(crate) mod prompt;
mod secrets;
pub(crate) mod signals;
mod streams;
mod wrapped_problem;

pub(crate) use mode::TerminalMode;
pub(crate) use signals::{Signal, SignalSubscription, Signals};
pub use streams::note_closed_output;
pub(crate) use streams::{Stream, clear_rows_above, end_bracketed_paste, report_panics};

use std::borrow::Cow;
use std::io::{ErrorKind, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::ColorChoice;
use anstyle::{AnsiColor, Style};
use tokio::sync::Notify;

use super::args::{ColorWhen, Globals};
use super::exit::ExitStatus;
use super::frontend::Frontend;
use super::json::Document;
use super::text_width::clipped;
use crate::cfn::sensitive::{GuardedValue, KnownSecrets, ShowValues};
use crate::diag::{Code, Color, Diagnostic, MOST_SHOWN, MOST_SHOWN_VERBOSE, Selection, SourceMap, render, summary};
use crate::printable::{self, Painted, Printable, one_line, styled};
use background::BackgroundChannel;
use secrets::Secrets;

/// The terminal of a command. A closed pipe ends the output quietly.
#[derive(Clone)]
pub(crate) struct Terminal {
    color: ColorChoice,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
    /// Columns of the terminal, or of a page if there is none.
    pub(crate) width: usize,
    /// Whether a result could not be written completely.
    lost: Arc<AtomicBool>,
    /// Notified when the reader of the results has gone.
    reader_gone: Arc<Notify>,
    target: OutputTarget,
    frontend: Arc<Frontend>,
    /// The JSON document of a command with `--json`.
    document: Option<Document>,
    /// The texts that are not printed.
    secrets: Secrets,
    /// Whether a moving display is below the lines.
    has_display: Arc<AtomicBool>,
}

/// The place where output goes.
#[derive(Clone)]
enum OutputTarget {
    /// The streams of the process.
    Streams,
    /// The REPL, which shows the output of a background command to its user.
    Background(BackgroundChannel),
}

/// Columns without a terminal: wide enough for a line of a log.
const PAGE: usize = 120;

/// The characters of a line that a terminal shows, unless `--verbose` is set. In a pipe every line is whole.
const LONGEST_LINE: usize = 20_000;

/// The part of a result that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Detail {
    /// Whether everything is listed.
    pub(crate) verbose: bool,
    /// The columns of a line: those of the terminal; as many as it needs in a pipe.
    pub(crate) width: usize,
    /// The permission to show hidden values, if the user gave it.
    pub(crate) values: Option<ShowValues>,
}

impl Detail {
    /// Returns the part of a value that is shown.
    pub(crate) fn part_of(self, value: &GuardedValue) -> &serde_json::Value {
        self.values.map_or_else(|| value.visible(), |permission| value.revealed(permission))
    }
}

impl Terminal {
    /// Creates the terminal of the process.
    pub(crate) fn new(globals: &Globals) -> Self {
        let color = match globals.color {
            ColorWhen::Auto => ColorChoice::Auto,
            ColorWhen::Always => ColorChoice::AlwaysAnsi,
            ColorWhen::Never => ColorChoice::Never,
        };
        let width = Stream::Status.columns().unwrap_or(PAGE);
        Self {
            color,
            quiet: globals.quiet,
            verbose: globals.verbose,
            width,
            lost: Arc::default(),
            reader_gone: Arc::default(),
            target: OutputTarget::Streams,
            frontend: Arc::default(),
            document: None,
            secrets: Secrets::default(),
            has_display: Arc::default(),
        }
    }

    /// Returns the terminal of a command that shows hidden values: the user requested it, or the values are its purpose.
    pub(crate) fn showing_values(&self) -> Self {
        Self { secrets: self.secrets.shown(), ..self.clone() }
    }

    /// Returns whether a user sees what is printed, and no program or log keeps it.
    pub(crate) fn can_show_values(&self) -> bool {
        let is_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
        matches!(self.target, OutputTarget::Streams)
            && !is_ci
            && self.document.is_none()
            && Stream::Output.is_terminal()
            && Stream::Status.is_terminal()
    }

    /// Hides secrets in everything that is printed from now on.
    pub(crate) fn hide(&self, known: &KnownSecrets) {
        self.secrets.add(known);
    }

    /// Returns the terminal of a background command.
    pub(crate) fn for_background(&self, channel: BackgroundChannel) -> Self {
        Self { target: OutputTarget::Background(channel), ..self.clone() }
    }

    /// Returns the terminal of a user who types commands in this way.
    pub(crate) fn for_frontend(&self, frontend: Frontend) -> Self {
        Self { frontend: Arc::new(frontend), ..self.clone() }
    }

    /// Returns the terminal of a command whose problems and result go to a JSON document.
    pub(crate) fn for_document(&self, document: Document) -> Self {
        Self { document: Some(document), ..self.clone() }
    }

    /// Returns the JSON document of the command, if it has one.
    pub(crate) fn document(&self) -> Option<&Document> {
        self.document.as_ref()
    }

    /// Prints the JSON document of the command, if it has one: indented for a user, on one line for a program.
    pub(crate) fn finish_document(&self, command: Option<&str>, exit: ExitStatus) {
        let Some(document) = &self.document else { return };
        let value = document.finish(command, exit);
        self.print_json(&value, Stream::Output.is_terminal() && !document.has_lines());
    }

    /// Prints a JSON value with a line break; indented for a user, on one line for a program.
    pub(crate) fn print_json(&self, value: &serde_json::Value, indented: bool) {
        let text = if indented { format!("{value:#}") } else { value.to_string() };
        self.println(&printable::json(&text));
    }

    /// Returns how the user types commands.
    pub(crate) fn frontend(&self) -> &Arc<Frontend> {
        &self.frontend
    }

    /// Prints a result to stdout.
    pub(crate) fn print(&self, text: &str) {
        let text = &*self.secrets.hidden_in(text);
        if let OutputTarget::Background(channel) = &self.target {
            return channel.print(text);
        }
        match Stream::Output.write(&self.painted(&self.shown(text, Stream::Output))) {
            // A reader that needs no more (`| head`) closes the pipe.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => self.reader_gone.notify_one(),
            Err(error) if !self.lost.swap(true, Ordering::Relaxed) => {
                self.message(&format!("cannot write to standard output: {error}"));
            }
            _ => {}
        }
    }

    /// Waits until the reader of the results has gone, which a write finds out.
    pub(crate) async fn reader_gone(&self) {
        self.reader_gone.notified().await;
    }

    /// Returns the part of a text that is shown: a terminal would be busy for minutes with a line of some megabytes.
    fn shown<'t>(&self, text: &'t str, stream: Stream) -> Cow<'t, str> {
        let is_whole = self.verbose || self.document.is_some() || !stream.is_terminal();
        if is_whole { Cow::Borrowed(text) } else { clipped(text, LONGEST_LINE) }
    }

    /// Prints a result with a line break.
    pub(crate) fn println(&self, text: &str) {
        self.print(&format!("{text}\n"));
    }

    /// Returns whether a result could not be written completely.
    pub(crate) fn lost_output(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// Returns the part of a result that is printed to stdout.
    pub(crate) fn detail(&self) -> Detail {
        let width = Stream::Output.columns().unwrap_or(usize::MAX);
        Detail { verbose: self.verbose, width, values: self.secrets.permission() }
    }

    /// Returns the part of a result that is printed to stderr.
    pub(crate) fn status_detail(&self) -> Detail {
        let width = Stream::Status.columns().unwrap_or(usize::MAX);
        Detail { verbose: self.verbose, width, values: self.secrets.permission() }
    }

    /// Prints progress to stderr, with a line break, unless `--quiet` is set.
    pub(crate) fn status(&self, text: &str) {
        if !self.quiet {
            self.message(text);
        }
    }

    /// Prints a message to stderr, with a line break, also with `--quiet`.
    pub(crate) fn message(&self, text: &str) {
        let text = &*self.secrets.hidden_in(text);
        if let OutputTarget::Background(channel) = &self.target {
            return channel.status(text);
        }
        let text = self.shown(text, Stream::Status);
        let _ = Stream::Status.write(&self.painted_status(&format!("{text}\n")));
    }

    /// Prints an error of the command line, and what to do.
    pub(crate) fn error(&self, message: &str, help: &str) {
        let (error, bold) = (AnsiColor::Red.on_default().bold(), Style::new().bold());
        let (message_line, help_line) = (one_line(message), one_line(help));
        self.message(&format!("{} {message_line}\n{} {help_line}", styled("error:", error), styled("help:", bold)));
        self.note(&[Diagnostic::new(Code::CommandLine, message).help(help)], &SourceMap::default());
    }

    /// Prints why a command failed, in a sentence.
    pub(crate) fn failure(&self, code: Code, message: &str) {
        self.message(&one_line(message));
        self.note(&[Diagnostic::new(code, message)], &SourceMap::default());
    }

    /// Adds problems to the JSON document of the command.
    pub(crate) fn note(&self, found: &[Diagnostic], sources: &SourceMap) {
        if let Some(document) = &self.document {
            document.add(&self.secrets.hidden_in_each(found), sources, &self.frontend);
        }
    }

    /// Returns whether a user at the terminal can answer questions about a running operation. In the REPL, Ctrl-C
    /// detaches without a question.
    pub(crate) fn can_answer(&self) -> bool {
        matches!(self.target, OutputTarget::Streams) && std::io::stdin().is_terminal() && Stream::Status.is_terminal()
    }

    /// Returns whether stderr is a terminal that nothing else writes to.
    pub(crate) fn is_watched(&self) -> bool {
        matches!(self.target, OutputTarget::Streams) && Stream::Status.is_terminal()
    }

    /// Notes whether a moving display is below the lines, which shows by itself that the command works.
    pub(crate) fn note_display(&self, is_shown: bool) {
        self.has_display.store(is_shown, Ordering::Relaxed);
    }

    /// Prints that the command waits, unless a moving display shows it.
    pub(crate) fn waiting(&self, text: &str) {
        if !self.has_display.load(Ordering::Relaxed) {
            self.status(text);
        }
    }

    /// Returns the signals of a command.
    pub(crate) fn signals(&self) -> Signals {
        match &self.target {
            OutputTarget::Background(channel) => Signals::of_channel(channel.signals()),
            OutputTarget::Streams => Signals::of_process(),
        }
    }

    /// Reports that the operation is running: the REPL need not wait for a question before it.
    pub(crate) fn notify_started(&self) {
        if let OutputTarget::Background(channel) = &self.target {
            channel.notify_started();
        }
    }

    /// Prints diagnostics with their source lines, and how many there are.
    pub(crate) fn problems(&self, problems: &[Diagnostic], sources: &SourceMap) {
        self.note(problems, sources);
        let most = if self.verbose { MOST_SHOWN_VERBOSE } else { MOST_SHOWN };
        let selection = Selection::new(problems.iter().filter(|problem| problem.is_error() || !self.quiet), most);
        let shown: Vec<Diagnostic> = selection.shown.iter().map(|problem| (*problem).clone()).collect();
        let (shown, clean_sources) = &self.secrets.hidden_in_problems(&shown, sources);
        for problem in shown {
            let text = render(&self.frontend.render(problem), clean_sources, Color::Always, self.width);
            self.message(&wrapped_problem::wrapped(&text, Stream::Status.columns().unwrap_or(usize::MAX)));
            self.message("");
        }
        if let Some(rest) = selection.rest() {
            let more = if self.verbose { "" } else { "; `--verbose` shows more" };
            self.message(&format!("{rest}{more}"));
        }
        if let Some(summary) = summary(problems).filter(|_| problems.len() > 1 && !self.quiet) {
            self.message(&summary);
        }
    }

    /// Returns text as it is printed to stdout: each character visible, and without colours unless they are used.
    pub(crate) fn painted(&self, text: &str) -> Painted {
        Printable::of(text).paint(self.wants_color())
    }

    /// Returns text as it is printed to stderr.
    pub(crate) fn painted_status(&self, text: &str) -> Painted {
        Printable::of(text).paint(Stream::Status.has_color(self.color))
    }

    /// Returns whether stdout uses colours.
    pub(crate) fn wants_color(&self) -> bool {
        Stream::Output.has_color(self.color)
    }
}
