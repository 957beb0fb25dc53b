//! `rtiler replay FILE`: a recorded operation again, as it went.

use std::time::Duration;

use super::args::Replay as Args;
use super::exit::ExitStatus;
use super::files::read_text;
use super::report::{Reporter, closing_of, faint, plan};
use super::terminal::Terminal;
use crate::deploy::DeployEventKind;
use crate::deploy::api::Timestamp;
use crate::deploy::record::{RecordEntry, RecordedDiagnostic, RunFinished, RunStarted, StackFinished, read};
use crate::diag::{Code, Diagnostic, Origin, SourceMap};

/// How often the moving parts of a screen move, in time of ours.
const TICK: Duration = Duration::from_millis(100);

/// `replay`: shows a record through the screens of the operation itself.
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
        let problem = Diagnostic::new(Code::RecordUnreadable, format!("`{name}` is no record of an operation"));
        let problem = problem.at(&Origin::new(name.as_str(), 1, 1), "not a line of a record");
        terminal.problems(&[problem.help("records are in `.rtiler/runs/`, one file for each operation")], &sources);
        return ExitStatus::Usage;
    }
    play(args, &entries, terminal);
    terminal.problems(&problems, &sources);
    ExitStatus::Ok
}

/// The lines that can be read, and a warning for each that cannot.
fn entries(name: &str, text: &str) -> (Vec<RecordEntry>, Vec<Diagnostic>) {
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match read(line) {
            Ok(entry) => entries.push(entry),
            Err(why) => {
                let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
                let problem =
                    Diagnostic::new(Code::RecordLine, format!("line {number} of the record is left out: {why}"));
                problems.push(problem.at(&Origin::new(name, number, 1), "this line"));
            }
        }
    }
    (entries, problems)
}

fn play(args: &Args, entries: &[RecordEntry], terminal: &Terminal) {
    let several = entries.iter().any(|entry| matches!(entry, RecordEntry::Run(begun) if begun.stacks.len() > 1));
    let screen = Reporter::new(terminal, args.json, args.speed.is_some(), several);
    let mut last: Option<Timestamp> = None;
    let mut ended = false;
    for entry in entries {
        match entry {
            RecordEntry::Run(begun) if !args.json => terminal.say(&faint(&beginning(begun))),
            RecordEntry::Run(_) => {}
            RecordEntry::Event { time, event } => {
                pass(last, *time, args.speed, &screen);
                last = Some(*time);
                screen.show(event);
                if let (DeployEventKind::Planned { plan: planned }, false) = (&event.fact, args.json) {
                    screen.suspended(|| terminal.say(&plan(planned)));
                }
            }
            RecordEntry::End(end) => {
                pass(last, end.time, args.speed, &screen);
                screen.clear();
                close(end, args.json, terminal);
                ended = true;
            }
        }
    }
    screen.clear();
    if !ended {
        terminal.tell("the record has no end: the run was killed, or goes on");
    }
}

/// Lets time pass between two events, at the speed that was asked for.
fn pass(last: Option<Timestamp>, next: Timestamp, speed: Option<f64>, screen: &Reporter) {
    let (Some(mut now), Some(speed)) = (last, speed) else { return };
    while now < next {
        let step = TICK.mul_f64(speed).min(next.since(now));
        std::thread::sleep(step.div_f64(speed));
        // A step that is less than time is counted in must not stand still.
        now = (now + step).max(Timestamp(now.0 + 1));
        screen.tick(now);
    }
}

fn beginning(begun: &RunStarted) -> String {
    let place = begun.place.as_ref().map(|place| format!(" in {} of {}", place.region, place.account));
    let what = if begun.seed.is_some() { "rehearsal of " } else { "" };
    let RunStarted { command, script, time, version, .. } = begun;
    format!("{what}{command} of {script}{} at {time}, rtiler {version}", place.unwrap_or_default())
}

/// The closing lines, as the operation itself printed them.
fn close(end: &RunFinished, json: bool, terminal: &Terminal) {
    let tell =
        |problems: &[RecordedDiagnostic]| problems.iter().for_each(|told| terminal.tell(&format!("{}\n", told.shown)));
    tell(&end.problems);
    for stack in &end.stacks {
        let StackFinished { problems, ending, duration, outputs, retained, .. } = stack;
        tell(problems);
        if !json {
            terminal.say(closing_of(&stack.stack, ending, *duration, outputs, retained).trim_end());
        }
    }
    if end.exit != 0 {
        terminal.say(&faint(&format!("it ended with exit code {}", end.exit)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_cannot_be_read_are_told_with_their_numbers() {
        let begun = r#"{"record":"run","version":"0","command":"deploy","script":"a.rhai","stacks":["a"],"place":null,"seed":1,"time":0}"#;
        let event = r#"{"record":"event","time":5,"event":{"stack":"a","fact":"unchanged"}}"#;
        let text = format!("{begun}\n\nnonsense\n{event}\n{}", &event[..30]);
        let (entries, problems) = entries("x.ndjson", &text);
        assert_eq!(entries.len(), 2);
        let lines: Vec<u32> =
            problems.iter().filter_map(|problem| problem.origin()).map(|origin| origin.line).collect();
        assert_eq!(lines, [3, 5]);
        assert!(problems[1].message.contains("it ends in the middle"), "{}", problems[1].message);
    }
}
