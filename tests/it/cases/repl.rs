//! Transcripts of the REPL.

use std::rc::Rc;

use rtiler::diag::{Color, render};
use rtiler::repl::{HostRequest, LineOutput, LineResult, Repl};
use rtiler::script::session::{Diagnostics, Session};

use super::snapshots::Snapshots;
use super::{Folder, files, folder};
use crate::scripted::{deep, small};

#[test]
fn transcripts_are_reproduced() {
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

/// Returns the entries, each with its continuation lines.
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
        let result = match repl.evaluate(input) {
            LineResult::Incomplete => "(incomplete)\n".to_owned(),
            LineResult::Interrupted => "(interrupted)\n".to_owned(),
            LineResult::Failed(diagnostics) => problems(&diagnostics),
            LineResult::Host(HostRequest::Write { path, text }) => format!("(writes {path})\n{text}"),
            LineResult::Host(request) => format!("({request:?})\n"),
            LineResult::Done(output) => done(&output),
        };
        text += &result;
    }
    text
}

fn done(output: &LineOutput) -> String {
    let printed: String = output.printed.iter().map(|(_, text)| format!("{text}\n")).collect();
    let shown = output.text.to_string();
    let end = if shown.is_empty() || shown.ends_with('\n') { "" } else { "\n" };
    format!("{printed}{shown}{end}{}", problems(&output.diagnostics))
}

fn problems(diagnostics: &Diagnostics) -> String {
    diagnostics.problems.iter().map(|problem| render(problem, &diagnostics.sources, Color::Never, 100) + "\n").collect()
}
