use std::time::{Duration, Instant};

use super::background_command::{BackgroundCommand, Question};
use super::command_parser::ParsedCommand;
use super::target::Target;
use crate::cli::report::faint;
use crate::cli::terminal::Terminal;
use crate::diag::{Code, Diagnostic};

/// How long what is left may take to say what becomes of it.
pub(super) const LAST_WORDS: Duration = Duration::from_secs(5);

/// The commands that go on aside.
#[derive(Default)]
pub(super) struct BackgroundCommands {
    all: Vec<BackgroundCommand>,
    /// True once a Ctrl-C was answered with what another one does.
    warned: bool,
}

impl BackgroundCommands {
    /// One more goes on aside.
    pub(super) fn add(&mut self, call: BackgroundCommand) {
        self.all.push(call);
    }

    /// Forgets those that are over; who types something else does not mean the next Ctrl-C as the second.
    pub(super) fn forget(&mut self) {
        self.all.retain(|call| !call.is_over());
        self.warned = false;
    }

    /// A question that came up.
    pub(super) fn question(&self) -> Option<Question> {
        self.all.iter().find_map(BackgroundCommand::question)
    }

    /// What forbids a command now: another one has its stacks.
    pub(super) fn busy(&self, entry: &ParsedCommand, held: &[String]) -> Option<Diagnostic> {
        let rehearses = entry.target == Target::Rehearsal;
        let shares = |call: &&BackgroundCommand| {
            // The rehearsal account is one file, and who changes it has it whole.
            let same = rehearses || call.holds.iter().any(|stack| held.contains(stack));
            call.rehearses == rehearses && !call.holds.is_empty() && same && !call.is_over()
        };
        let other = self.all.iter().find(shares).filter(|_| entry.is_operation())?;
        let message = format!("`{}` is still at work on `{}`", other.typed, other.holds.join("`, `"));
        let problem = Diagnostic::new(Code::StackBusy, message);
        Some(problem.help("wait for its end, or press Ctrl-C at an empty prompt to stop waiting for it"))
    }

    /// Ctrl-C at an empty prompt: what looks is not waited for any longer; what changes stacks is left the second time.
    /// False where nothing is at work.
    pub(super) fn stop(&mut self, terminal: &Terminal) -> bool {
        self.all.retain(|call| !call.is_over());
        if self.all.is_empty() {
            return false;
        }
        let (changing, looking): (Vec<BackgroundCommand>, Vec<BackgroundCommand>) =
            self.all.drain(..).partition(|call| call.changes);
        for call in &looking {
            call.mute();
            call.interrupt();
            terminal.say(&no_longer(call));
        }
        self.all = changing;
        if !looking.is_empty() {
            return true;
        }
        if std::mem::replace(&mut self.warned, true) {
            self.all.iter().for_each(BackgroundCommand::interrupt);
        } else {
            self.all.iter().for_each(|call| terminal.say(&warning(call)));
        }
        true
    }

    /// The user leaves: what changes stacks is left, and says what becomes of them.
    pub(super) fn leave(&mut self, terminal: &Terminal) {
        self.all.retain(|call| !call.is_over());
        for call in &self.all {
            if call.changes {
                let fate = if call.rehearses { "the rehearsal ends here" } else { "AWS goes on with it" };
                terminal.say(&faint(&format!("`{}` is left: {fate}", call.typed)));
            } else {
                call.mute();
            }
            call.interrupt();
        }
        let began = Instant::now();
        while began.elapsed() < LAST_WORDS && self.all.iter().any(|call| call.changes && !call.is_over()) {
            std::thread::sleep(Duration::from_millis(20));
        }
        self.all.clear();
    }
}

fn warning(call: &BackgroundCommand) -> String {
    let fate = if call.rehearses { "ends the rehearsal" } else { "leaves it to AWS" };
    faint(&format!("`{}` goes on; Ctrl-C once more {fate}", call.typed))
}

/// Says that a call is not waited for any longer.
pub(super) fn no_longer(call: &BackgroundCommand) -> String {
    faint(&format!("`{}` is not waited for any longer", call.typed))
}
