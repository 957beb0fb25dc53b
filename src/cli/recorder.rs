//! Records of operations: one file for each operation, written line by line while it runs.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::files::StateFolder;
use super::frontend::Frontend;
use super::json::Problem;
use super::terminal::Terminal;
use crate::cfn::schema::Schema;
use crate::deploy::api::Timestamp;
use crate::deploy::record::{
    RecordEntry, RecordedDiagnostic, Redactor, RunFinished, RunStarted, StackFinished, secrets_of_outputs, write,
};
use crate::deploy::{DeployEvent, Outcome, StackOutcome};
use crate::diag::{Color, Diagnostic, SourceMap, render};
use crate::synth::DesiredStack;

/// The number of records to keep; older ones are deleted.
const MAX_RECORDS: usize = 50;

/// The width of diagnostics in a record.
const PAGE: usize = 100;

/// Records an operation; reports if the record cannot be created.
#[derive(Default)]
pub(crate) struct Recorder {
    open: RefCell<Option<Open>>,
    failed: Cell<bool>,
}

struct Open {
    file: File,
    redaction: Redactor,
    frontend: Arc<Frontend>,
    now: Box<dyn Fn() -> Timestamp>,
}

/// Returns the folder of the records, next to the rehearsal account.
pub(super) fn folder() -> StateFolder {
    StateFolder::of_project().subfolder("runs")
}

impl Recorder {
    /// Opens the record of an operation.
    pub(crate) fn begin(
        &self,
        started: RunStarted,
        stacks: &[DesiredStack],
        now: impl Fn() -> Timestamp + 'static,
        terminal: &Terminal,
    ) {
        let redaction = Redactor::of(stacks, Some(Schema::embedded()));
        match create(&folder(), &started) {
            Ok(file) => {
                *self.open.borrow_mut() =
                    Some(Open { file, redaction, frontend: Arc::clone(terminal.frontend()), now: Box::new(now) });
                self.write(&RecordEntry::RunStarted(started));
            }
            Err(error) => terminal.status(&format!("cannot record this run in {}: {error}", folder().shown())),
        }
    }

    /// Records an event.
    pub(crate) fn event(&self, event: &DeployEvent) {
        let time = self.open.borrow().as_ref().map(|open| (open.now)());
        if let Some(time) = time {
            self.write(&RecordEntry::Event { time, event: event.clone() });
        }
    }

    /// Records the result and closes the record.
    pub(crate) fn end(&self, outcome: &Outcome, exit: u8, sources: &SourceMap) {
        let opened =
            self.open.borrow().as_ref().map(|open| ((open.now)(), open.redaction.clone(), Arc::clone(&open.frontend)));
        let Some((time, redaction, frontend)) = opened else { return };
        let redaction =
            outcome.stacks.iter().fold(redaction, |all, stack| all.with(&secrets_of_outputs(&stack.outputs)));
        if let Some(open) = self.open.borrow_mut().as_mut() {
            open.redaction = redaction.clone();
        }
        let recorded = |problem: &Diagnostic| recorded(problem, sources, &redaction, &frontend);
        let finished = RunFinished {
            time,
            exit_code: exit,
            stacks: outcome.stacks.iter().map(|stack| stack_finished(stack, &recorded)).collect(),
            problems: outcome.problems.iter().map(recorded).collect(),
        };
        self.write(&RecordEntry::RunFinished(finished));
        *self.open.borrow_mut() = None;
        prune(&folder());
    }

    fn write(&self, entry: &RecordEntry) {
        let mut open = self.open.borrow_mut();
        let Some(Open { file, redaction, .. }) = open.as_mut() else { return };
        let line = format!("{}\n", write(entry, redaction));
        // One write for each line, so that a killed process leaves whole lines.
        if file.write_all(line.as_bytes()).and_then(|()| file.flush()).is_err() && !self.failed.replace(true) {
            *open = None;
        }
    }
}

fn stack_finished(stack: &StackOutcome, recorded: &impl Fn(&Diagnostic) -> RecordedDiagnostic) -> StackFinished {
    StackFinished::of(stack, stack.problems.iter().map(recorded).collect())
}

/// Returns a diagnostic with its rendered source lines, without secrets.
fn recorded(
    problem: &Diagnostic,
    sources: &SourceMap,
    redaction: &Redactor,
    frontend: &Frontend,
) -> RecordedDiagnostic {
    RecordedDiagnostic {
        problem: serde_json::to_value(Problem::new(problem, sources, frontend)).unwrap_or_default(),
        text: redaction.text(&render(&frontend.render(problem), sources, Color::Never, PAGE)),
    }
}

/// Creates a file that only its owner can read: `20261122T204107Z-deploy-web.ndjson`.
fn create(folder: &StateFolder, started: &RunStarted) -> std::io::Result<File> {
    let name = name(started);
    // Two operations may start in one second.
    let mut last = Ok(());
    for copy in 1..100 {
        // An underscore sorts after the dot of the first one, so that names are in the order of time.
        let suffix = if copy == 1 { String::new() } else { format!("_{copy}") };
        match folder.create_new(&format!("{name}{suffix}.ndjson")) {
            Ok(file) => return Ok(file),
            Err(error) => last = Err(error),
        }
    }
    last.and_then(|()| Err(std::io::Error::other("no free file name")))
}

fn name(started: &RunStarted) -> String {
    const LONGEST: usize = 80;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let time = (Timestamp::default() + now).to_string().replace(['-', ':'], "");
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let stacks: String =
        started.stacks.join("+").chars().take(LONGEST).map(|c| if c == '+' { c } else { plain(c) }).collect();
    format!("{time}-{}-{stacks}", started.command)
}

/// Deletes the oldest records; their names begin with their times.
fn prune(folder: &StateFolder) {
    let names = folder.names();
    let records: Vec<&String> = names.iter().filter(|name| name.ends_with(".ndjson")).collect();
    for name in &records[..records.len().saturating_sub(MAX_RECORDS)] {
        // Another run may have deleted it meanwhile.
        let _ = folder.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started(stacks: &[&str]) -> RunStarted {
        RunStarted {
            version: "0".to_owned(),
            command: "deploy".to_owned(),
            script: "a.rhai".to_owned(),
            stacks: stacks.iter().map(|stack| (*stack).to_owned()).collect(),
            environment: None,
            seed: None,
            time: Timestamp::default(),
        }
    }

    #[test]
    fn newest_fifty_records_are_kept() {
        let project = tempfile::tempdir().expect("a folder");
        let folder = StateFolder::below(project.path());
        for at in 0..60 {
            folder.create_new(&format!("20260101T0000{at:02}Z-deploy-a.ndjson")).expect("a file");
        }
        folder.create_new("notes.txt").expect("a file");
        prune(&folder);
        let left = folder.names();
        assert_eq!((left.len(), left[0].as_str()), (51, "20260101T000010Z-deploy-a.ndjson"));
    }

    #[test]
    fn operations_in_one_second_have_separate_files() {
        let project = tempfile::tempdir().expect("a folder");
        let folder = StateFolder::below(project.path()).subfolder("runs");
        for _ in 0..3 {
            create(&folder, &started(&["a", "b"])).expect("a file");
        }
        assert_eq!(folder.names().len(), 3);
        let long = name(&started(&["../x y"; 60]));
        assert!(long.len() < 120 && !long.contains(['/', ' ']), "{long}");
    }
}
