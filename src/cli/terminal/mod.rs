pub(crate) mod background;

use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::ColorChoice;

use super::args::{ColorWhen, Globals};
use super::frontend::Frontend;
use crate::diag::{Color, Diagnostic, SourceMap, render, summary};
use background::{BackgroundChannel, InterruptReceiver};

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
    lost: Arc<AtomicBool>,
    company: OutputTarget,
    frontend: Arc<Frontend>,
}

/// Who is at the terminal.
#[derive(Clone)]
enum OutputTarget {
    /// Whoever reads and writes the streams of the process.
    Streams,
    /// Work on another thread: the REPL reads, and passes on to its user.
    Aside(BackgroundChannel),
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
        Self {
            color,
            quiet: globals.quiet,
            verbose: globals.verbose,
            width,
            lost: Arc::default(),
            company: OutputTarget::Streams,
            frontend: Arc::default(),
        }
    }

    /// The same for work on another thread.
    pub(crate) fn aside(&self, aside: BackgroundChannel) -> Self {
        Self { company: OutputTarget::Aside(aside), ..self.clone() }
    }

    /// Returns the terminal of a user who types commands in this way.
    pub(crate) fn for_frontend(&self, frontend: Frontend) -> Self {
        Self { frontend: Arc::new(frontend), ..self.clone() }
    }

    /// Returns how the user types commands.
    pub(crate) fn frontend(&self) -> &Arc<Frontend> {
        &self.frontend
    }

    /// Prints an answer.
    pub(crate) fn answer(&self, text: &str) {
        if let OutputTarget::Aside(aside) = &self.company {
            return aside.answer(text);
        }
        let mut out = anstream::AutoStream::new(std::io::stdout().lock(), self.color_of(&std::io::stdout()));
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        // A reader that has seen enough (`| head`) closes the pipe, and is right to.
        if let Err(error) = written.as_ref()
            && error.kind() != ErrorKind::BrokenPipe
            && !self.lost.swap(true, Ordering::Relaxed)
        {
            self.tell(&format!("the answer could not be written: {error}"));
        }
    }

    /// True once an answer could not be written whole.
    pub(crate) fn lost_an_answer(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
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
        if let OutputTarget::Aside(aside) = &self.company {
            return aside.talk(text);
        }
        let mut out = anstream::AutoStream::new(std::io::stderr().lock(), self.color_of(&std::io::stderr()));
        let _ = writeln!(out, "{text}");
    }

    /// Puts a question; `None` where nobody is there to answer.
    pub(crate) fn ask(&self, question: &str) -> Option<bool> {
        let answer = self.line_of_answer(&format!("{question} [y/N] "))?;
        Some(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    }

    /// Puts a question that is answered with a line; `None` where nobody is there to answer.
    pub(crate) fn line_of_answer(&self, question: &str) -> Option<String> {
        match &self.company {
            OutputTarget::Aside(aside) => return aside.ask(question),
            OutputTarget::Streams if !self.can_answer() => return None,
            OutputTarget::Streams => {}
        }
        let mut out = std::io::stderr().lock();
        let _ = write!(out, "{question}").and_then(|()| out.flush());
        drop(out);
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).ok()?;
        Some(answer)
    }

    /// True where a person at the streams can be asked, also what Ctrl-C is to mean. In a REPL it stops the waiting.
    pub(crate) fn can_answer(&self) -> bool {
        matches!(self.company, OutputTarget::Streams)
            && std::io::stdin().is_terminal()
            && std::io::stderr().is_terminal()
    }

    /// True where a person watches standard error, and nothing else is written there.
    pub(crate) fn is_watched(&self) -> bool {
        matches!(self.company, OutputTarget::Streams) && std::io::stderr().is_terminal()
    }

    /// The user's Ctrl-C from now on.
    pub(crate) fn interrupts(&self) -> InterruptReceiver {
        match &self.company {
            OutputTarget::Aside(aside) => aside.interrupts(),
            OutputTarget::Streams => InterruptReceiver::of_process(),
        }
    }

    /// Nothing is to be asked before the work goes on: whoever waited for that need not wait longer.
    pub(crate) fn goes_on(&self) {
        if let OutputTarget::Aside(aside) = &self.company {
            aside.goes_on();
        }
    }

    /// Prints problems with their source lines, and how many there are.
    pub(crate) fn problems(&self, problems: &[Diagnostic], sources: &SourceMap) {
        let shown = problems.iter().filter(|problem| problem.is_error() || !self.quiet);
        for problem in shown {
            self.tell(&render(&self.frontend.render(problem), sources, Color::Always, self.width));
            self.tell("");
        }
        if let Some(summary) = summary(problems).filter(|_| problems.len() > 1 && !self.quiet) {
            self.tell(&summary);
        }
    }

    /// Text as it goes to standard output by another way: without colours where they are not wanted.
    pub(crate) fn painted(&self, text: &str) -> String {
        if self.wants_color() { text.to_owned() } else { anstream::adapter::strip_str(text).to_string() }
    }

    /// True where answers are shown with colours.
    pub(crate) fn wants_color(&self) -> bool {
        self.color_of(&std::io::stdout()) != ColorChoice::Never
    }

    fn color_of(&self, stream: &impl anstream::stream::RawStream) -> ColorChoice {
        if self.color == ColorChoice::Auto { anstream::AutoStream::choice(stream) } else { self.color }
    }
}
