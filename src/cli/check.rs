use std::path::Path;

use super::args::{Check, Deny, ScriptOptions};
use super::exit::ExitStatus;
use super::files::read_text;
use super::project::Project;
use super::terminal::Terminal;
use super::{json, sarif};
use crate::cfn::schema::Schema;
use crate::diag::{Diagnostic, Origin, Severity, Sink, SourceMap};

/// `rtiler check FILE...`: scripts, and templates of any origin.
pub(crate) fn command(check: &Check, terminal: &Terminal, allocated: fn() -> usize) -> ExitStatus {
    let (mut problems, mut sources) = (Sink::new(), SourceMap::default());
    for file in &check.files {
        let (found, texts) = if Path::new(file).extension().is_some_and(|end| end == "rhai") {
            script(file, &check.options, terminal, allocated)
        } else {
            template(file, &check.options)
        };
        problems.extend(found);
        sources.extend(&texts);
    }
    let exit = if problems.iter().any(Diagnostic::is_error) { ExitStatus::Script } else { ExitStatus::Ok };
    if check.sarif {
        json::answer(terminal, &sarif::log(&problems));
    } else if check.options.json {
        json::answer(terminal, &json::problems(&problems, terminal.frontend()));
    } else {
        terminal.problems(&problems, &sources);
        let files = if check.files.len() == 1 { "1 file".to_owned() } else { format!("{} files", check.files.len()) };
        let verdict = if problems.is_empty() { "no problems" } else { "no errors" };
        if exit == ExitStatus::Ok {
            terminal.say(&format!("{verdict}: {files}"));
        }
    }
    exit
}

fn script(file: &str, options: &ScriptOptions, terminal: &Terminal, allocated: fn() -> usize) -> (Sink, SourceMap) {
    let project = Project::load(file, options, terminal, allocated);
    (project.problems, project.sources)
}

fn template(file: &str, options: &ScriptOptions) -> (Sink, SourceMap) {
    let mut sources = SourceMap::default();
    let mut problems = match read_text(Path::new(file)) {
        Ok(text) => {
            let problems = crate::cfn::check::file(file, &text, Schema::embedded());
            sources.add(file, text);
            problems
        }
        Err(why) => vec![why.problem(file).at(&Origin::new(file, 0, 0), "")],
    };
    if options.deny == Some(Deny::Warnings) {
        problems.iter_mut().for_each(|problem| problem.severity = Severity::Error);
    }
    (problems, sources)
}
