//! Commands that want an account: AWS, or the rehearsal. They are those of `run`, over the session's stacks.
//!
//! `entry` reads a command by the grammar of `run`, `target` says which account it talks to, `call` does it on a thread of
//! its own; `ask` puts its questions. This file waits a moment for an answer, and lets what takes longer go on aside.
//!
//! *Invariant*: the prompt is never held up by an account for longer than the user wants, and nothing is decided here
//! that `run` decides.

mod ask;
mod call;
mod entry;
mod target;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

pub(crate) use target::Target;

use super::interrupt::Interrupt;
use crate::cli::args::{Deny, RunOptions};
use crate::cli::aside::Message;
use crate::cli::caller::Caller;
use crate::cli::exit::Exit;
use crate::cli::project::Project;
use crate::cli::screen::faint;
use crate::cli::terminal::Terminal;
use crate::deploy::chosen;
use crate::diag::{Diagnostic, Severity};
use crate::repl::{Repl, no_stacks};
use crate::script::session::Told;
use call::Call;
use entry::Entry;

/// Prints above the prompt while a line is typed; there is none where nobody types.
pub(super) type Printer = Box<dyn rustyline::ExternalPrinter + Send>;

/// How long an answer is waited for before the prompt comes back.
const GRACE: Duration = Duration::from_millis(600);

/// How often Ctrl-C is looked for while something is waited for.
const GLANCE: Duration = Duration::from_millis(30);

/// How long what was interrupted may take to say what becomes of it.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// The account that commands talk to. The conversation owns one.
pub(super) struct Account {
    /// The options of the command line: profile, region, parameters.
    options: RunOptions,
    /// Where answers go.
    terminal: Terminal,
    /// Raised by Ctrl-C while a command is carried out.
    interrupt: Interrupt,
    /// For what comes while the user types on; none where nobody does, and everything is waited for.
    printer: Option<Arc<Mutex<Printer>>>,
    target: Target,
    /// Commands that go on aside.
    calls: Vec<Call>,
    /// The facts of the last answer, for a program.
    facts: String,
    /// True once a Ctrl-C was answered with what another one does.
    warned: bool,
}

impl Account {
    /// Talks to nobody yet.
    pub(super) fn new(options: &RunOptions, target: Target, terminal: &Terminal, interrupt: Interrupt) -> Self {
        Self {
            options: options.clone(),
            terminal: terminal.clone(),
            interrupt,
            printer: None,
            target,
            calls: Vec::new(),
            facts: String::new(),
            warned: false,
        }
    }

    /// Somebody types: what takes long goes on aside, and is printed above the prompt.
    pub(super) fn prints_with(&mut self, printer: Printer) {
        self.printer = Some(Arc::new(Mutex::new(printer)));
    }

    /// The facts that the last command gave: one value, or one for each line where there were several.
    pub(super) fn facts(&mut self) -> Option<Json> {
        let text = std::mem::take(&mut self.facts);
        let lines = || text.lines().map(serde_json::from_str).collect::<Result<Vec<Json>, _>>().map(Json::from);
        serde_json::from_str(&text).or_else(|_| lines()).ok().filter(|_| !text.is_empty())
    }

    /// Does a command over the stacks of the session.
    pub(super) fn carry_out(&mut self, command: &'static str, argument: &str, repl: &Repl) -> Exit {
        self.catch_up();
        if command == "target" {
            return self.choose(argument);
        }
        let entry = match Entry::read(command, argument, self.target, &self.options) {
            Ok(entry) => entry,
            Err(help) if help.asked => {
                self.terminal.line(&help.words);
                return Exit::Ok;
            }
            Err(wrong) => {
                self.terminal.tell(&wrong.words);
                return Exit::Usage;
            }
        };
        let project = match self.project(&entry, repl) {
            Ok(project) => project,
            Err(told) => {
                self.terminal.problems(&told.problems, &told.sources);
                return Exit::Script;
            }
        };
        let held = held(&entry, &project);
        if let Some(problem) = self.busy(&entry, &held) {
            self.terminal.problems(&[problem], &project.sources);
            return Exit::Usage;
        }
        self.name_place(&entry);
        let exit = self.go(entry, held, project);
        // That there is a difference is what was asked, and no failure.
        if exit == Exit::Different { Exit::Ok } else { exit }
    }

    /// Before a prompt: forgets what is over, and puts the questions that came up meanwhile.
    pub(super) fn catch_up(&mut self) {
        while let Some((question, answer)) = self.calls.iter().find_map(Call::question) {
            if let Some(line) = ask::line(&question) {
                let _ = answer.send(line);
            }
        }
        self.calls.retain(|call| !call.is_over());
    }

    /// Ctrl-C at an empty prompt: nobody waits any longer. What changes stacks is left at the second time.
    pub(super) fn stop(&mut self) {
        self.calls.retain(|call| !call.is_over());
        let (changing, looking): (Vec<Call>, Vec<Call>) = self.calls.drain(..).partition(|call| call.changes);
        for call in &looking {
            call.mute();
            call.interrupt();
            self.no_longer(call);
        }
        self.calls = changing;
        if !looking.is_empty() || self.calls.is_empty() {
            return;
        }
        if std::mem::replace(&mut self.warned, true) {
            self.calls.iter().for_each(Call::interrupt);
            self.warned = false;
        } else {
            let names: Vec<String> = self.calls.iter().map(|call| format!("`{}`", call.typed)).collect();
            let whom =
                if self.calls.iter().all(|call| call.rehearses) { "ends the rehearsal" } else { "leaves it to AWS" };
            let words = format!("{} goes on aside; Ctrl-C once more {whom}", names.join(", "));
            self.terminal.say(&faint(&words));
        }
    }

    /// The user leaves: what is still at work is left, and says so.
    pub(super) fn finish(&mut self) -> Exit {
        for call in &self.calls {
            if call.changes && !call.is_over() {
                let whom = if call.rehearses { "the rehearsal ends here" } else { "AWS goes on with it" };
                self.terminal.say(&faint(&format!("`{}` is left: {whom}", call.typed)));
            } else {
                call.mute();
            }
            call.interrupt();
        }
        let began = Instant::now();
        while began.elapsed() < LAST_WORDS && self.calls.iter().any(|call| call.changes && !call.is_over()) {
            std::thread::sleep(GLANCE);
        }
        Exit::Ok
    }

    /// Shows or sets the account that commands talk to.
    fn choose(&mut self, name: &str) -> Exit {
        if !name.is_empty() {
            match Target::of(name) {
                Some(target) => self.target = target,
                None => {
                    let problem =
                        Diagnostic::error("wrong-argument", format!("there is no account `{name}` to talk to"))
                            .help("`:target aws`, or `:target rehearsal`");
                    self.terminal.problems(&[problem], &crate::diag::Sources::default());
                    return Exit::Usage;
                }
            }
        }
        if self.options.script.json {
            let name = if self.target == Target::Aws { "aws" } else { "rehearsal" };
            self.facts = serde_json::json!({ "target": name }).to_string();
        } else {
            self.terminal.line(&self.target.to_string());
        }
        Exit::Ok
    }

    /// The session's stacks as `run` takes them.
    fn project(&self, entry: &Entry, repl: &Repl) -> Result<Project, Told> {
        let (stacks, mut told) = repl.templates();
        if entry.options.script.deny == Some(Deny::Warnings) {
            told.problems.iter_mut().for_each(|problem| problem.severity = Severity::Error);
        }
        let stacks = match stacks {
            Some(stacks) if !told.has_errors() => stacks,
            _ => return Err(told),
        };
        if stacks.is_empty() {
            return Err(Told { problems: vec![no_stacks()], sources: told.sources });
        }
        let script = repl.session().loaded().pop().unwrap_or_else(|| "SCRIPT".to_owned());
        // Warnings were shown when they arose; who is about to deploy sees them once more.
        let problems = if entry.changes() { told.problems } else { Vec::new() };
        let settings = repl.session().settings();
        Ok(Project { script, stacks: Some(stacks), settings, problems, sources: told.sources, caller: Caller::Session })
    }

    /// What forbids the command now: another one has its stacks.
    fn busy(&self, entry: &Entry, held: &[String]) -> Option<Diagnostic> {
        let rehearses = entry.target == Target::Rehearsal;
        let shares = |call: &&Call| {
            // The rehearsal account is one file, and who changes it has it whole.
            let same = rehearses || call.holds.iter().any(|stack| held.contains(stack));
            call.rehearses == rehearses && !call.holds.is_empty() && same
        };
        let other = self.calls.iter().find(shares).filter(|_| entry.is_operation())?;
        let message = format!("`{}` is still at work on `{}`", other.typed, other.holds.join("`, `"));
        let problem = Diagnostic::error("stack-busy", message);
        Some(problem.help("wait for its end, or press Ctrl-C at an empty prompt to stop waiting for it"))
    }

    /// Says where the answer comes from; AWS says it itself.
    fn name_place(&self, entry: &Entry) {
        if entry.target == Target::Rehearsal && !self.options.script.json {
            let other = if self.target == Target::Rehearsal { " (`:target aws` talks to yours)" } else { "" };
            self.terminal.say(&faint(&format!("rehearsal account{other}")));
        }
    }

    /// Does it on a thread of its own, and waits as long as is right.
    fn go(&mut self, entry: Entry, held: Vec<String>, project: Project) -> Exit {
        self.warned = false;
        let may_ask = entry.may_ask();
        let call = Call::begin(entry, held, project, &self.terminal);
        let mut answer = String::new();
        let exit = match &self.printer {
            Some(_) => self.attend(&call, may_ask, &mut answer),
            None => Some(self.to_the_end(&call, &mut answer)),
        };
        if self.options.script.json {
            self.facts = answer;
        } else {
            self.terminal.answer(&answer);
        }
        exit.unwrap_or_else(|| self.put_aside(call))
    }

    /// Waits for a moment, or until what is to be asked was asked; nothing where it goes on after that.
    fn attend(&self, call: &Call, mut may_ask: bool, answer: &mut String) -> Option<Exit> {
        let mut until = Instant::now() + GRACE;
        let mut interrupted = false;
        loop {
            match call.next(GLANCE) {
                Some(Message::Ended(exit)) => return Some(exit),
                Some(Message::Question(question, reply)) => {
                    self.flush(answer);
                    match ask::line(&question) {
                        Some(line) => drop(reply.send(line)),
                        None => call.interrupt(),
                    }
                    until = Instant::now() + GRACE;
                }
                Some(Message::GoesOn) => (may_ask, until) = (false, Instant::now() + GRACE),
                Some(other) => self.hear(other, answer),
                None => {}
            }
            if self.interrupt.clear() {
                call.interrupt();
                if interrupted || !call.changes {
                    self.no_longer(call);
                    return Some(Exit::Interrupted);
                }
                (interrupted, may_ask, until) = (true, false, Instant::now() + LAST_WORDS);
            }
            if !may_ask && Instant::now() >= until {
                return None;
            }
        }
    }

    /// Waits for the end: nobody types, and nobody is asked.
    fn to_the_end(&self, call: &Call, answer: &mut String) -> Exit {
        let began = self.interrupt.listen();
        loop {
            match call.next(GLANCE) {
                Some(Message::Ended(exit)) => return exit,
                // Nobody answers a question that is dropped.
                Some(Message::Question(..)) => {}
                Some(other) => self.hear(other, answer),
                None => {}
            }
            if began.is_ok() && self.interrupt.clear() {
                call.interrupt();
            }
        }
    }

    fn hear(&self, message: Message, answer: &mut String) {
        match message {
            Message::Answer(text) => answer.push_str(&text),
            Message::Talk(text) => {
                self.flush(answer);
                self.terminal.tell(&text);
            }
            _ => {}
        }
    }

    /// Shows the answer so far, unless a program gets it as a whole.
    fn flush(&self, answer: &mut String) {
        if !self.options.script.json {
            self.terminal.answer(&std::mem::take(answer));
        }
    }

    fn no_longer(&self, call: &Call) {
        self.terminal.say(&faint(&format!("`{}` is not waited for any longer", call.typed)));
    }

    fn put_aside(&mut self, mut call: Call) -> Exit {
        let Some(printer) = &self.printer else { return Exit::Ok };
        let words = format!("`{}` goes on aside; Ctrl-C at an empty prompt stops the waiting", call.typed);
        self.terminal.say(&faint(&words));
        call.go_aside(printer, &self.terminal);
        self.calls.push(call);
        Exit::Ok
    }
}

/// The stacks that an operation has to itself.
fn held(entry: &Entry, project: &Project) -> Vec<String> {
    if !entry.is_operation() {
        return Vec::new();
    }
    let stacks = project.stacks.as_deref().unwrap_or_default();
    let names: Vec<&str> = stacks.iter().map(|stack| stack.name.value.as_str()).collect();
    let chosen = chosen(&names, entry.stacks()).unwrap_or_default();
    chosen.into_iter().map(|at| names[at].to_owned()).collect()
}
