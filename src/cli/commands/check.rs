use crate::cli::args::{RunCheck, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::project::Project;
use crate::cli::terminal::Terminal;
use crate::cli::{json, sarif};
use crate::diag::Diagnostic;

/// `check`: every problem that can be found without AWS.
pub(crate) fn command(args: &RunCheck, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let exit = if project.problems.iter().any(Diagnostic::is_error) { ExitStatus::Script } else { ExitStatus::Ok };
    if args.sarif {
        json::answer(terminal, &sarif::log(&project.problems));
        return exit;
    }
    if options.script.json {
        json::answer(terminal, &json::problems(&project.problems, terminal.frontend()));
        return exit;
    }
    let found_nothing = project.problems.is_empty();
    let (stacks, _) = match project.chosen(&args.stacks.stacks, terminal) {
        Ok(chosen) => chosen,
        Err(exit) => return exit,
    };
    let resources: usize = stacks.iter().map(|stack| stack.template.resources.len()).sum();
    let verdict = if found_nothing { "no problems" } else { "no errors" };
    terminal.say(&format!("{verdict}: {}, {}", counted(stacks.len(), "stack"), counted(resources, "resource")));
    exit
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
