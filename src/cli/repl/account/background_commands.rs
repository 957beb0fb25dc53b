//! The commands in the background.

use std::time::{Duration, Instant};

use super::background_command::{BackgroundCommand, DETACH_TIMEOUT, Question};
use super::command_parser::ParsedCommand;
use super::target::Target;
use crate::cli::report::faint;
use crate::cli::terminal::Terminal;
use crate::diag::{Code, Diagnostic};

/// The commands in the background.
#[derive(Default)]
pub(super) struct BackgroundCommands {
    commands: Vec<BackgroundCommand>,
    /// Whether Ctrl-C was pressed, and its effect at the second press printed.
    warned: bool,
}

impl BackgroundCommands {
    /// Adds a command.
    pub(super) fn add(&mut self, command: BackgroundCommand) {
        self.commands.push(command);
    }

    /// Removes the finished commands; another command in between makes the next Ctrl-C the first one again.
    pub(super) fn remove_finished(&mut self) {
        self.commands.retain(|command| !command.is_finished());
        self.warned = false;
    }

    /// Takes the next question for the user.
    pub(super) fn next_question(&self) -> Option<Question> {
        self.commands.iter().find_map(BackgroundCommand::next_question)
    }

    /// Returns the diagnostic of an operation whose stacks another operation uses.
    pub(super) fn conflict(&self, command: &ParsedCommand, stacks: &[String]) -> Option<Diagnostic> {
        let is_rehearsal = command.target == Target::Rehearsal;
        let conflicts = |other: &&BackgroundCommand| {
            // The rehearsal account is one file, which an operation locks as a whole.
            let shares = is_rehearsal || other.stacks.iter().any(|stack| stacks.contains(stack));
            other.is_rehearsal == is_rehearsal && !other.stacks.is_empty() && shares && other.uses_its_stacks()
        };
        let other = self.commands.iter().filter(|_| command.is_operation()).find(conflicts)?;
        let message = format!("`{}` is still running on `{}`", other.input, other.stacks.join("`, `"));
        let problem = Diagnostic::new(Code::StackBusy, message);
        Some(problem.help("wait for its end, or press Ctrl-C at an empty prompt to detach from it"))
    }

    /// Handles Ctrl-C at an empty prompt: detaches from commands that only read, and at the second press from those that
    /// change stacks. Returns whether a command is running.
    pub(super) fn interrupt(&mut self, terminal: &Terminal) -> bool {
        self.commands.retain(|command| !command.is_finished());
        if self.commands.is_empty() {
            return false;
        }
        let (changing, reading): (Vec<BackgroundCommand>, Vec<BackgroundCommand>) =
            self.commands.drain(..).partition(|command| command.changes);
        for command in &reading {
            command.mute();
            command.interrupt();
            terminal.status(&command.detached_note());
        }
        self.commands = changing;
        if !reading.is_empty() {
            return true;
        }
        if std::mem::replace(&mut self.warned, true) {
            self.commands.iter().for_each(BackgroundCommand::interrupt);
        } else {
            self.commands.iter().for_each(|command| terminal.status(&warning(command)));
        }
        true
    }

    /// Detaches from all commands; waits for the last messages of those that change stacks.
    pub(super) fn shut_down(&mut self, terminal: &Terminal) {
        self.commands.retain(|command| !command.is_finished());
        for command in &self.commands {
            if command.changes {
                let effect = if command.is_rehearsal { "the rehearsal ends" } else { "CloudFormation continues" };
                terminal.status(&faint(&format!("detaching from `{}`: {effect}", command.input)));
            } else {
                command.mute();
            }
            command.interrupt();
        }
        let started = Instant::now();
        let is_running = |command: &BackgroundCommand| command.changes && !command.is_finished();
        while started.elapsed() < DETACH_TIMEOUT && self.commands.iter().any(is_running) {
            std::thread::sleep(Duration::from_millis(20));
        }
        self.commands.clear();
    }
}

fn warning(command: &BackgroundCommand) -> String {
    let effect =
        if command.is_rehearsal { "ends the rehearsal" } else { "detaches from it (CloudFormation continues)" };
    faint(&format!("`{}` is running; Ctrl-C again {effect}", command.input))
}
