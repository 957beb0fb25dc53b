//! `rtiler replay FILE`: shows a recorded operation again.

use std::time::Duration;

use super::args::Replay as Args;
use super::exit::ExitStatus;
use super::files::read_text;
use super::json::{RunResult, StackRunResult};
use super::report::{OperationModel, Output, Reporter, faint, plan, summary_of};
use super::terminal::Terminal;
use crate::deploy::DeployEventKind;
use crate::deploy::api::Timestamp;
use crate::deploy::record::{RecordEntry, RecordedDiagnostic, RunFinished, RunStarted, StackFinished, read};
use crate::diag::{Code, Diagnostic, Origin, SourceMap};
use crate::printable::one_line;

/// The interval between two frames of the progress display, in real time.
const TICK: Duration = Duration::from_millis(100);

/// Runs `replay`: shows a record with the reporters of the operation itself.
pub(crate) fn command(args: &Args, terminal: &Terminal) -> ExitStatus {
    let name = args.file.display().to_string();
    let text = match read_text(&args.file) {
        Ok(text) => text,
        Err(why) => {
            let problem = why.problem(&name).at(&Origin::new(name.as_str(), 0, 0), "");
            terminal.problems(&[problem], &SourceMap::default());
            return ExitStatus::Usage;
        }
    };
    let (entries, problems) = entries(&name, &text);
    let mut sources = SourceMap::default();
    sources.add(name.as_str(), text.as_str());
    if entries.is_empty() {
        let problem = Diagnostic::new(Code::RecordUnreadable, format!("`{name}` is not a record of an operation"));
        let problem = problem.at(&Origin::new(name.as_str(), 1, 1), "not a line of a record");
        terminal.problems(&[problem.help("records are in `.rtiler/runs/`, one file for each operation")], &sources);
        return ExitStatus::Usage;
    }
    play(args, &entries, &Output::new(terminal, args.json), terminal);
    terminal.problems(&problems, &sources);
    ExitStatus::Ok
}

/// Returns the entries, and a warning for each line that cannot be read.
pub(super) fn entries(name: &str, text: &str) -> (Vec<RecordEntry>, Vec<Diagnostic>) {
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match read(line) {
            Ok(entry) => entries.push(entry),
            Err(why) => {
                let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
                let problem = Diagnostic::new(Code::RecordLine, format!("skipped line {number} of the record: {why}"));
                problems.push(problem.at(&Origin::new(name, number, 1), "this line"));
            }
        }
    }
    (entries, problems)
}

fn play(args: &Args, entries: &[RecordEntry], output: &Output, terminal: &Terminal) {
    let stacks: Vec<&str> = entries.iter().flat_map(stacks).collect();
    let reporter = Reporter::new(output, args.speed.is_some(), &stacks, OperationModel::default());
    let mut last: Option<Timestamp> = None;
    let mut finished = false;
    for entry in entries {
        match entry {
            RecordEntry::RunStarted(started) => output.status(&faint(&one_line(&title(started)))),
            RecordEntry::Event { time, event } => {
                pass(last, *time, args.speed, &reporter);
                last = Some(*time);
                reporter.show(event, *time);
                if let DeployEventKind::Planned { plan: planned } = &event.kind {
                    let text = plan(planned, terminal.status_detail());
                    reporter.suspended(|| output.status(&text));
                }
            }
            RecordEntry::RunFinished(end) => {
                pass(last, end.time, args.speed, &reporter);
                reporter.clear();
                show_result(end, output, terminal);
                finished = true;
            }
        }
    }
    reporter.clear();
    if !finished {
        terminal.message("the record is incomplete: the run was killed, or is still running");
    }
}

/// Returns the stacks of a run, from its first entry.
pub(super) fn stacks(entry: &RecordEntry) -> impl Iterator<Item = &str> {
    let started = match entry {
        RecordEntry::RunStarted(started) => Some(started),
        _ => None,
    };
    started.into_iter().flat_map(|started| &started.stacks).map(String::as_str)
}

/// Waits for the time between two events, at the given speed.
fn pass(last: Option<Timestamp>, next: Timestamp, speed: Option<f64>, reporter: &Reporter) {
    let (Some(mut now), Some(speed)) = (last, speed) else { return };
    while now < next {
        let step = TICK.mul_f64(speed).min(next.since(now));
        std::thread::sleep(step.div_f64(speed));
        // A step shorter than the unit of timestamps must still advance.
        now = (now + step).max(Timestamp(now.0 + 1));
        reporter.tick(now);
    }
}

pub(super) fn title(started: &RunStarted) -> String {
    let environment = started
        .environment
        .as_ref()
        .map(|environment| format!(" in {} of {}", environment.region, environment.account));
    let what = if started.seed.is_some() { "rehearsal of " } else { "" };
    let RunStarted { command, script, time, version, .. } = started;
    format!("{what}{command} of {script}{} at {time}, rtiler {version}", environment.unwrap_or_default())
}

/// Prints the result as the operation itself printed it.
fn show_result(end: &RunFinished, output: &Output, terminal: &Terminal) {
    let report = |problems: &[RecordedDiagnostic]| {
        problems.iter().for_each(|problem| terminal.message(&format!("{}\n", problem.text)));
    };
    output.json(&RunResult { stacks: end.stacks.iter().cloned().map(StackRunResult::from).collect() });
    report(&end.problems);
    for stack in &end.stacks {
        let StackFinished { problems, result, duration, outputs, retained, .. } = stack;
        report(problems);
        output.status(
            summary_of(&stack.stack, result, *duration, outputs, retained, terminal.status_detail().width).trim_end(),
        );
    }
    if end.exit_code != 0 {
        terminal.status(&faint(&format!("exit code {}", end.exit_code)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreadable_line_is_reported_with_its_number() {
        let started = r#"{"record":"run-started","rtiler_version":"0","command":"deploy","script":"a.rhai","stacks":["a"],"environment":null,"seed":1,"time":"1970-01-01T00:00:00Z"}"#;
        let event = r#"{"record":"event","time":"1970-01-01T00:00:05Z","event":{"stack":"a","type":"unchanged"}}"#;
        let text = format!("{started}\n\nnonsense\n{event}\n{}", &event[..30]);
        let (entries, problems) = entries("x.ndjson", &text);
        assert_eq!(entries.len(), 2);
        let lines: Vec<u32> =
            problems.iter().filter_map(|problem| problem.origin()).map(|origin| origin.line).collect();
        assert_eq!(lines, [3, 5]);
        assert!(problems[1].message.contains("it ends in the middle"), "{}", problems[1].message);
    }
}
