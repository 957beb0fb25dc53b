//! A command on a thread of its own.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::command_parser::ParsedCommand;
use super::target::Target;
use crate::cli::commands;
use crate::cli::exit::ExitStatus;
use crate::cli::project::Project;
use crate::cli::repl::ctrl_c::SigintFlag;
use crate::cli::report::faint;
use crate::cli::terminal::background::{BackgroundMessage, channel};
use crate::cli::terminal::signals::SignalSender;
use crate::cli::terminal::{Signal, Terminal};

/// The stack size of a command's thread in bytes: values of a script may be deeply nested, and the system allocates pages
/// only when they are used.
const STACK_BYTES: usize = 64 << 20;

/// The time that a command which has printed its result has for its last writes, before another one is refused.
const END_TIMEOUT: Duration = Duration::from_secs(2);

/// The time in which a detached command prints its last messages.
pub(super) const DETACH_TIMEOUT: Duration = Duration::from_secs(5);

/// Prints above the prompt while a line is typed.
pub(in crate::cli::repl) type Printer = Box<dyn rustyline::ExternalPrinter + Send>;

/// A question, and the sender of its answer.
pub(super) type Question = (String, Sender<String>);

/// A command on a thread of its own.
pub(super) struct BackgroundCommand {
    /// The line that was typed.
    pub(super) input: String,
    /// The stacks on which no other operation may run; none if the command only reads.
    pub(super) stacks: Vec<String>,
    pub(super) is_rehearsal: bool,
    /// Whether the command changes stacks.
    pub(super) changes: bool,
    signals: SignalSender,
    /// The command itself; it may have ended before its last messages are printed.
    thread: JoinHandle<()>,
    /// The messages of the command; none once a relay thread prints them.
    messages: Option<Receiver<BackgroundMessage>>,
    state: Arc<RelayState>,
    relay: Option<JoinHandle<()>>,
}

/// The state that is shared with the relay thread.
#[derive(Default)]
struct RelayState {
    /// Questions that wait for the user.
    questions: Mutex<VecDeque<Question>>,
    /// Whether messages are dropped.
    muted: AtomicBool,
}

impl BackgroundCommand {
    /// Starts a command.
    pub(super) fn start(
        command: ParsedCommand,
        stacks: Vec<String>,
        project: Project,
        terminal: &Terminal,
        prints_document: bool,
        sigint: &SigintFlag,
    ) -> BackgroundCommand {
        let (channel, handle) = channel();
        let (messages, signals) = handle.parts();
        sigint.add_command(signals.clone());
        let is_rehearsal = command.target == Target::Rehearsal;
        let (input, changes) = (command.input.clone(), command.changes());
        let terminal = terminal.for_background(channel.clone());
        // A hint of a rehearsal must not deploy to AWS.
        let terminal = if is_rehearsal { terminal.for_frontend(terminal.frontend().for_rehearsal()) } else { terminal };
        let work = move || {
            let exit = commands::execute(&command.command, &command.options, project, &terminal);
            if prints_document {
                terminal.finish_document(Some(&command.input), exit);
            }
            channel.end(exit);
        };
        let thread = std::thread::Builder::new().name("account command".to_owned()).stack_size(STACK_BYTES).spawn(work);
        BackgroundCommand {
            input,
            stacks,
            is_rehearsal,
            changes,
            signals,
            thread: thread.expect("the system starts a thread"),
            messages: Some(messages),
            state: Arc::default(),
            relay: None,
        }
    }

    /// Returns the effect of Ctrl-C in the background.
    pub(super) fn detach_hint(&self) -> &'static str {
        match (self.changes, self.is_rehearsal) {
            (false, _) => "Ctrl-C at an empty prompt detaches",
            (true, true) => "Ctrl-C twice at an empty prompt ends the rehearsal",
            (true, false) => "Ctrl-C twice at an empty prompt detaches; CloudFormation continues",
        }
    }

    /// Returns the note that the user detached from the command.
    pub(super) fn detached_note(&self) -> String {
        faint(&format!("detached from `{}`", self.input))
    }

    /// Returns the next message; none if none comes in this time.
    pub(super) fn next_message(&self, timeout: Duration) -> Option<BackgroundMessage> {
        let messages = self.messages.as_ref()?;
        match messages.recv_timeout(timeout) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => None,
            // The thread ended without an exit status.
            Err(RecvTimeoutError::Disconnected) => Some(BackgroundMessage::Finished(ExitStatus::Aws)),
        }
    }

    /// Prints further messages above the prompt.
    pub(super) fn print_above_prompt(&mut self, printer: &Arc<Mutex<Printer>>, terminal: &Terminal) {
        let Some(messages) = self.messages.take() else { return };
        let (state, printer, terminal) = (Arc::clone(&self.state), Arc::clone(printer), terminal.clone());
        let input = self.input.clone();
        self.relay = Some(std::thread::spawn(move || relay(&messages, &state, &printer, &terminal, &input)));
    }

    /// Sends Ctrl-C to the command.
    pub(super) fn interrupt(&self) {
        self.signals.send(Signal::Interrupt);
    }

    /// Drops further messages.
    pub(super) fn mute(&self) {
        self.state.muted.store(true, Ordering::Relaxed);
    }

    /// Returns whether the command uses its stacks. Its result is on the screen a moment before it ends, and who has seen it
    /// may enter the next command at once: the end is waited for.
    pub(super) fn uses_its_stacks(&self) -> bool {
        let started = Instant::now();
        while !self.thread.is_finished() {
            if started.elapsed() > END_TIMEOUT {
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }

    /// Returns whether the command ended and its messages are printed.
    pub(super) fn is_finished(&self) -> bool {
        self.relay.as_ref().is_some_and(JoinHandle::is_finished)
    }

    /// Takes the next question for the user.
    pub(super) fn next_question(&self) -> Option<Question> {
        self.state.questions.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

/// Prints the messages of a command until it ends; several at once, so that the prompt is not drawn for each.
fn relay(
    messages: &Receiver<BackgroundMessage>,
    state: &RelayState,
    printer: &Mutex<Printer>,
    terminal: &Terminal,
    input: &str,
) {
    while let Ok(first) = messages.recv() {
        let (mut text, mut ended) = (String::new(), false);
        for message in std::iter::once(first).chain(std::iter::from_fn(|| messages.try_recv().ok())) {
            match message {
                BackgroundMessage::Output(answer) => text.push_str(&answer),
                BackgroundMessage::Status(talk) => text.push_str(&format!("{talk}\n")),
                BackgroundMessage::Question(question, answer) => {
                    text.push_str(&format!("`{input}` has a question: press Enter to see it\n"));
                    state.questions.lock().unwrap_or_else(PoisonError::into_inner).push_back((question, answer));
                }
                BackgroundMessage::Started => {}
                BackgroundMessage::Finished(_) => ended = true,
            }
        }
        if !text.is_empty() && !state.muted.load(Ordering::Relaxed) {
            // The terminal may be closed.
            let _ = printer.lock().unwrap_or_else(PoisonError::into_inner).print(terminal.painted(&text).into());
        }
        if ended {
            return;
        }
    }
}
