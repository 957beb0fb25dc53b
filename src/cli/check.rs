use std::path::Path;

use super::args::{Check, Deny, ScriptOptions};
use super::exit::ExitStatus;
use super::files::read_text;
use super::project::Project;
use super::report::Output;
use super::terminal::Terminal;
use crate::cfn::parse;
use crate::cfn::schema::Schema;
use crate::cfn::sensitive::secrets_of;
use crate::diag::{Diagnostic, Origin, Severity, Sink, SourceMap};

/// Runs `rtiler check FILE...`: checks scripts, and templates of any tool.
pub(crate) fn command(check: &Check, terminal: &Terminal, allocated: fn() -> usize) -> ExitStatus {
    let (mut problems, mut sources) = (Sink::new(), SourceMap::default());
    for file in &check.files {
        let (found, texts) = if Path::new(file).extension().is_some_and(|end| end == "rhai") || Path::new(file).is_dir()
        {
            script(file, &check.options, terminal, allocated)
        } else {
            template(file, &check.options, terminal)
        };
        problems.extend(found);
        sources.extend(&texts);
    }
    let exit = if problems.iter().any(Diagnostic::is_error) { ExitStatus::Script } else { ExitStatus::Ok };
    if Output::of_check(terminal, check.options.json, check.sarif).machine_problems(
        &problems,
        &check.files[0],
        &sources,
    ) {
        return exit;
    }
    terminal.problems(&problems, &sources);
    if exit == ExitStatus::Ok {
        let files = if check.files.len() == 1 { "1 file".to_owned() } else { format!("{} files", check.files.len()) };
        let result = if problems.is_empty() { "no problems" } else { "no errors" };
        terminal.status(&format!("{result}: {files}"));
    }
    exit
}

fn script(file: &str, options: &ScriptOptions, terminal: &Terminal, allocated: fn() -> usize) -> (Sink, SourceMap) {
    let mut project = Project::load(file, options, terminal, allocated);
    project.ask_services();
    (project.problems, project.sources)
}

fn template(file: &str, options: &ScriptOptions, terminal: &Terminal) -> (Sink, SourceMap) {
    let mut sources = SourceMap::default();
    let mut problems = match read_text(Path::new(file)) {
        Ok(text) => {
            let mut problems = crate::cfn::check::file(file, &text, Schema::embedded());
            let template = parse::template(file, &text).value;
            if let Some(template) = template.as_ref().filter(|_| !problems.iter().any(Diagnostic::is_error)) {
                problems.extend(crate::rehearsal::refusals(template));
            }
            if let Some(template) = template.filter(|_| !problems.is_empty()) {
                terminal.hide(&secrets_of(&template, Some(Schema::embedded())));
            }
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
