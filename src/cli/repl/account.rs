//! Commands that want an account: AWS, or the rehearsal.

use crate::cli::args::RunOptions;
use crate::cli::exit::Exit;
use crate::cli::terminal::Terminal;
use crate::repl::Repl;

use super::interrupt::Interrupt;

/// Prints above the prompt while a line is typed; there is none where nobody types.
pub(super) type Printer = Box<dyn rustyline::ExternalPrinter + Send>;

/// The account that commands talk to. The conversation owns one.
pub(super) struct Account {
    /// The options of the command line: profile, region, parameters.
    #[allow(dead_code, reason = "the commands that talk to an account come next")]
    options: RunOptions,
    /// Where answers go.
    terminal: Terminal,
    /// Raised by Ctrl-C while a command is carried out.
    #[allow(dead_code, reason = "the commands that talk to an account come next")]
    interrupt: Interrupt,
    /// For what comes while the user types on; none without a terminal.
    #[allow(dead_code, reason = "the commands that talk to an account come next")]
    printer: Option<Printer>,
}

impl Account {
    /// Talks to nobody yet.
    pub(super) fn new(
        options: &RunOptions,
        terminal: &Terminal,
        interrupt: Interrupt,
        printer: Option<Printer>,
    ) -> Self {
        Self { options: options.clone(), terminal: terminal.clone(), interrupt, printer }
    }

    /// Does a command; the stacks are those of `repl.session().program()`, their templates `repl.templates()`.
    pub(super) fn carry_out(&mut self, command: &'static str, argument: &str, _repl: &Repl) -> Exit {
        self.terminal.tell(&format!("`:{command} {argument}` cannot reach an account from here yet"));
        Exit::Usage
    }

    /// The stacks that are deployed, as far as that is known already: completion does not wait.
    #[allow(dead_code, reason = "completion asks next")]
    pub(super) fn stacks(&self) -> Vec<String> {
        Vec::new()
    }

    /// The services that are deployed, as far as that is known already.
    #[allow(dead_code, reason = "completion asks next")]
    pub(super) fn services(&self) -> Vec<String> {
        Vec::new()
    }

    /// Waits for what still runs: before the process ends, and after each entry where nobody types.
    pub(super) fn finish(&mut self) -> Exit {
        Exit::Ok
    }
}
