use crate::cli::args::{RunCheck, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::project::{Project, Warnings};
use crate::cli::report::{Output, counted};
use crate::cli::terminal::Terminal;
use crate::diag::Diagnostic;

/// Runs `check`: reports every problem that can be found without AWS.
pub(crate) fn command(args: &RunCheck, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let exit = if project.problems.iter().any(Diagnostic::is_error) { ExitStatus::Script } else { ExitStatus::Ok };
    let output = Output::of_check(terminal, options.script.json, args.sarif);
    if output.machine_problems(&project.problems, &project.script, &project.sources) {
        return exit;
    }
    let result = if project.problems.is_empty() { "no problems" } else { "no errors" };
    let (stacks, _) = match project.chosen(&args.stacks.stacks, Warnings::Shown, terminal) {
        Ok(chosen) => chosen,
        Err(exit) => return exit,
    };
    let resources: usize = stacks.iter().map(|stack| stack.template.resources.len()).sum();
    terminal.status(&format!("{result}: {}, {}", counted(stacks.len(), "stack"), counted(resources, "resource")));
    exit
}
