use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Printer;
use super::command_parser::ParsedCommand;
use super::target::Target;
use crate::cli::commands;
use crate::cli::exit::ExitStatus;
use crate::cli::project::Project;
use crate::cli::terminal::Terminal;
use crate::cli::terminal::background::{BackgroundMessage, InterruptSender, aside};

/// Bytes for a call's stack: values of a script may nest deeply, and the system gives pages when they are used.
const STACK_BYTES: usize = 64 << 20;

/// A command at work on a thread of its own.
pub(super) struct BackgroundCommand {
    /// As it was typed.
    pub(super) typed: String,
    /// The stacks that it has to itself; none where it looks only.
    pub(super) holds: Vec<String>,
    pub(super) rehearses: bool,
    /// True where it changes stacks: what ends its waiting leaves them to AWS.
    pub(super) changes: bool,
    interrupter: InterruptSender,
    messages: Option<Receiver<BackgroundMessage>>,
    relayed: Arc<RelayState>,
    relay: Option<JoinHandle<()>>,
}

/// What comes of a call that nobody waits for.
#[derive(Default)]
struct RelayState {
    /// Questions that wait for the user, with where the answers go.
    questions: Mutex<VecDeque<Question>>,
    /// The user does not want to hear any more.
    muted: AtomicBool,
}

/// A question with where its answer goes.
pub(super) type Question = (String, Sender<String>);

impl BackgroundCommand {
    /// Begins to do a command.
    pub(super) fn begin(
        entry: ParsedCommand,
        holds: Vec<String>,
        project: Project,
        terminal: &Terminal,
    ) -> BackgroundCommand {
        let (end, listener) = aside();
        let (messages, interrupter) = listener.parts();
        let rehearses = entry.target == Target::Rehearsal;
        let (typed, changes, terminal) = (entry.typed.clone(), entry.changes(), terminal.aside(end.clone()));
        let work = move || end.end(commands::over(&entry.command, &entry.options, project, &terminal));
        let thread = std::thread::Builder::new().name(typed.clone()).stack_size(STACK_BYTES).spawn(work);
        thread.expect("the system gives a thread");
        BackgroundCommand {
            typed,
            holds,
            rehearses,
            changes,
            interrupter,
            messages: Some(messages),
            relayed: Arc::default(),
            relay: None,
        }
    }

    /// What Ctrl-C does to it once it goes on aside.
    pub(super) fn fate(&self) -> &'static str {
        match (self.changes, self.rehearses) {
            (false, _) => "Ctrl-C at an empty prompt stops the waiting",
            (true, true) => "Ctrl-C twice at an empty prompt ends the rehearsal",
            (true, false) => "Ctrl-C twice at an empty prompt leaves it to AWS",
        }
    }

    /// The next message to who waits for the call; nothing when none came in this time.
    pub(super) fn next(&self, patience: Duration) -> Option<BackgroundMessage> {
        let messages = self.messages.as_ref()?;
        match messages.recv_timeout(patience) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => None,
            // Its thread is gone without a word.
            Err(RecvTimeoutError::Disconnected) => Some(BackgroundMessage::Ended(ExitStatus::Aws)),
        }
    }

    /// Nobody waits any more: what comes is printed above the prompt.
    pub(super) fn go_aside(&mut self, printer: &Arc<Mutex<Printer>>, terminal: &Terminal) {
        let Some(messages) = self.messages.take() else { return };
        let (relayed, printer, terminal) = (Arc::clone(&self.relayed), Arc::clone(printer), terminal.clone());
        let typed = self.typed.clone();
        self.relay = Some(std::thread::spawn(move || relay(&messages, &relayed, &printer, &terminal, &typed)));
    }

    /// The user does not want to wait any longer.
    pub(super) fn interrupt(&self) {
        self.interrupter.interrupt();
    }

    /// What comes from now on is not printed.
    pub(super) fn mute(&self) {
        self.relayed.muted.store(true, Ordering::Relaxed);
    }

    /// True once everything was printed.
    pub(super) fn is_over(&self) -> bool {
        self.relay.as_ref().is_some_and(JoinHandle::is_finished)
    }

    /// A question that waits for the user.
    pub(super) fn question(&self) -> Option<Question> {
        self.relayed.questions.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

/// Prints what comes until the call has ended; several pieces at once, so that the prompt is not drawn for each.
fn relay(
    messages: &Receiver<BackgroundMessage>,
    relayed: &RelayState,
    printer: &Mutex<Printer>,
    terminal: &Terminal,
    typed: &str,
) {
    while let Ok(first) = messages.recv() {
        let (mut text, mut over) = (String::new(), false);
        for message in std::iter::once(first).chain(std::iter::from_fn(|| messages.try_recv().ok())) {
            match message {
                BackgroundMessage::Answer(answer) => text.push_str(&answer),
                BackgroundMessage::Talk(talk) => text.push_str(&format!("{talk}\n")),
                BackgroundMessage::Question(question, answer) => {
                    text.push_str(&format!("`{typed}` has a question: press Enter to be asked\n"));
                    relayed.questions.lock().unwrap_or_else(PoisonError::into_inner).push_back((question, answer));
                }
                BackgroundMessage::GoesOn => {}
                BackgroundMessage::Ended(_) => over = true,
            }
        }
        if !text.is_empty() && !relayed.muted.load(Ordering::Relaxed) {
            // What a terminal that is gone cannot show is lost.
            let _ = printer.lock().unwrap_or_else(PoisonError::into_inner).print(terminal.painted(&text));
        }
        if over {
            return;
        }
    }
}
