use std::collections::HashMap;

use crate::cli::args::{Deny, RunCheck, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::image_checks::{self, FactSource};
use crate::cli::project::{Project, Warnings};
use crate::cli::report::{Output, counted};
use crate::cli::terminal::Terminal;
use crate::diag::{Diagnostic, Severity};

/// Runs `check`: reports every problem that can be found without AWS, with `--images` also those of images.
pub(crate) fn command(args: &RunCheck, options: &RunOptions, mut project: Project, terminal: &Terminal) -> ExitStatus {
    project.ask_services();
    if args.images {
        check_images(&mut project, options, terminal);
    }
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

/// Adds the problems of the stacks with their images. A script with errors has no stacks yet.
fn check_images(project: &mut Project, options: &RunOptions, terminal: &Terminal) {
    let Some(stacks) = &project.stacks else { return };
    let images = image_checks::images_of(stacks);
    let facts = image_checks::facts(&project.script, &images, &FactSource::Registries(&HashMap::new()));
    let mut found = image_checks::problems(stacks, &facts, &project.sources);
    if options.script.deny == Some(Deny::Warnings) {
        found.iter_mut().for_each(|problem| problem.severity = Severity::Error);
    }
    project.problems.extend(found);
    project.problems.sort_by_cached_key(|problem| (problem.origin().cloned(), problem.code));
    if !images.is_empty() {
        let read = image_checks::count_of_read(&facts);
        terminal.status(&format!("read {read} of {}", counted(images.len(), "image")));
    }
}
