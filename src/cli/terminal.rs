use std::cell::Cell;
use std::io::{ErrorKind, IsTerminal, Write};
use std::rc::Rc;

use anstream::ColorChoice;

use super::args::{ColorWhen, Globals};
use crate::diag::{Color, Diagnostic, Sources, render, summary};

/// Where everything is printed: answers to standard output, talk about the work to standard error.
///
/// A pipe that the reader closed ends the talk quietly.
#[derive(Clone)]
pub(crate) struct Terminal {
    color: ColorChoice,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
    /// Columns of the terminal, or of a page where there is none.
    pub(crate) width: usize,
    /// True once an answer could not be written whole.
    lost: Rc<Cell<bool>>,
}

/// Columns where nobody tells: wide enough for a line of log.
const PAGE: usize = 120;

impl Terminal {
    pub(crate) fn new(globals: &Globals) -> Self {
        let color = match globals.color {
            ColorWhen::Auto => ColorChoice::Auto,
            ColorWhen::Always => ColorChoice::AlwaysAnsi,
            ColorWhen::Never => ColorChoice::Never,
        };
        let columns = terminal_size::terminal_size_of(std::io::stderr()).map(|(width, _)| usize::from(width.0));
        let width = columns.filter(|width| *width >= 20).unwrap_or(PAGE);
        Self { color, quiet: globals.quiet, verbose: globals.verbose, width, lost: Rc::default() }
    }

    /// Prints an answer.
    pub(crate) fn answer(&self, text: &str) {
        let mut out = anstream::AutoStream::new(std::io::stdout().lock(), self.color_of(&std::io::stdout()));
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        // A reader that has seen enough (`| head`) closes the pipe, and is right to.
        if let Err(error) = written.as_ref()
            && error.kind() != ErrorKind::BrokenPipe
            && !self.lost.replace(true)
        {
            self.tell(&format!("the answer could not be written: {error}"));
        }
    }

    /// True once an answer could not be written whole.
    pub(crate) fn lost_an_answer(&self) -> bool {
        self.lost.get()
    }

    /// Columns that a table may take: those of the terminal, or 80; all that it wants with `--verbose`.
    pub(crate) fn table_width(&self) -> usize {
        let columns = terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0));
        if self.verbose { usize::MAX } else { columns.filter(|width| *width >= 20).unwrap_or(80) }
    }

    /// Prints an answer with a line break.
    pub(crate) fn line(&self, text: &str) {
        self.answer(&format!("{text}\n"));
    }

    /// Says something about the work, with a line break, unless it is to be quiet.
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            self.tell(text);
        }
    }

    /// Says what must be heard, with a line break.
    pub(crate) fn tell(&self, text: &str) {
        let mut out = anstream::AutoStream::new(std::io::stderr().lock(), self.color_of(&std::io::stderr()));
        let _ = writeln!(out, "{text}");
    }

    /// Puts a question; `None` where nobody is there to answer.
    pub(crate) fn ask(question: &str) -> Option<bool> {
        let answer = Self::line_of_answer(&format!("{question} [y/N] "))?;
        Some(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    }

    /// Puts a question that is answered with a line; `None` where nobody is there to answer.
    pub(crate) fn line_of_answer(question: &str) -> Option<String> {
        if !Self::can_answer() {
            return None;
        }
        let mut out = std::io::stderr().lock();
        let _ = write!(out, "{question}").and_then(|()| out.flush());
        drop(out);
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).ok()?;
        Some(answer)
    }

    /// True where a person can be asked.
    pub(crate) fn can_answer() -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// True where a person watches standard error.
    pub(crate) fn is_watched() -> bool {
        std::io::stderr().is_terminal()
    }

    /// Prints problems with their source lines, and how many there are.
    pub(crate) fn problems(&self, problems: &[Diagnostic], sources: &Sources) {
        let shown = problems.iter().filter(|problem| problem.is_error() || !self.quiet);
        for problem in shown {
            self.tell(&render(problem, sources, Color::Always, self.width));
            self.tell("");
        }
        if let Some(summary) = summary(problems).filter(|_| problems.len() > 1 && !self.quiet) {
            self.tell(&summary);
        }
    }

    fn color_of(&self, stream: &impl anstream::stream::RawStream) -> ColorChoice {
        if self.color == ColorChoice::Auto { anstream::AutoStream::choice(stream) } else { self.color }
    }
}
