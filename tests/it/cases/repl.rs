//! Transcripts of the REPL.

use std::rc::Rc;

use rtiler::diag::{Color, render};
use rtiler::repl::{HostRequest, LineOutput, LineResult, Repl};
use rtiler::script::session::{Diagnostics, Session};

use super::snapshots::Snapshots;
use super::{Folder, files, folder};
use crate::scripted::{deep, small};

#[test]
fn repl_transcripts_have_their_recorded_answers() {
    deep(|| {
        let mut snapshots = Snapshots::new();
        let cases = files(&folder("tests/cases/repl"), "txt");
        assert!(cases.len() >= 5, "the transcripts were found: {}", cases.len());
        for case in cases {
            let text = std::fs::read_to_string(&case).unwrap();
            snapshots.compare(&case, &transcript(&inputs(&text)));
        }
        snapshots.end();
    });
}

/// What was typed, each with its further lines.
fn inputs(text: &str) -> Vec<String> {
    let mut inputs: Vec<String> = Vec::new();
    for line in text.lines() {
        if let Some(first) = line.strip_prefix("> ") {
            inputs.push(first.to_owned());
        } else if let (Some(more), Some(last)) = (line.strip_prefix(". "), inputs.last_mut()) {
            last.push('\n');
            last.push_str(more);
        }
    }
    inputs
}

fn transcript(inputs: &[String]) -> String {
    let files = Rc::new(Folder(folder("scripts")));
    let mut repl = Repl::new(Session::new(files, Vec::new(), small()));
    let mut text = String::new();
    for input in inputs {
        text += &format!("> {}\n", input.replace('\n', "\n. "));
        let answer = match repl.answer(input) {
            LineResult::Incomplete => "(continues)\n".to_owned(),
            LineResult::Interrupted => "(interrupted)\n".to_owned(),
            LineResult::Failed(reported) => problems(&reported),
            LineResult::Ask(HostRequest::Write { path, text }) => format!("(writes {path})\n{text}"),
            LineResult::Ask(request) => format!("({request:?})\n"),
            LineResult::Done(answer) => done(&answer),
        };
        text += &answer;
    }
    text
}

fn done(answer: &LineOutput) -> String {
    let printed: String = answer.printed.iter().map(|(_, text)| format!("{text}\n")).collect();
    let page = answer.page.to_string();
    let end = if page.is_empty() || page.ends_with('\n') { "" } else { "\n" };
    format!("{printed}{page}{end}{}", problems(&answer.told))
}

fn problems(reported: &Diagnostics) -> String {
    reported.problems.iter().map(|problem| render(problem, &reported.sources, Color::Never, 100) + "\n").collect()
}
