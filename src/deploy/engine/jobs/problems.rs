//! The diagnostics of jobs.

use super::super::abort::Abort;
use crate::cfn::StackJob;
use crate::deploy::api::{Task, revision};
use crate::diag::{Code, CommandName, Diagnostic, Hint};
use crate::synth::DesiredStack;

/// Reports a job whose program returned another exit code than 0.
pub(super) fn failed(job: &StackJob, task: &Task, code: Option<i32>, log: &[String]) -> Diagnostic {
    let end = code.map_or_else(|| "was stopped".to_owned(), |code| format!("exited with code {code}"));
    let message = format!("the job `{}` {end}, so no service was changed", job.name);
    with_log(Diagnostic::new(Code::JobFailed, message).at(&job.origin, "it runs before the services change"), log)
        .note(place(task))
        .help("correct the program or its settings, then deploy again: the job runs with the new task definition")
}

/// Reports a job whose task did not run, with the cause that AWS names.
pub(super) fn did_not_run(problem: Diagnostic, job: &StackJob, log: &[String]) -> Diagnostic {
    with_log(problem, log).note(format!("the job `{}` runs before the services change; none was changed", job.name))
}

/// Reports a job that ran longer than its timeout.
pub(super) fn timed_out(job: &StackJob, task: &Task, log: &[String]) -> Diagnostic {
    let (name, seconds) = (&job.name, job.timeout);
    let message = format!("the job `{name}` did not end within {seconds} seconds, so no service was changed");
    with_log(Diagnostic::new(Code::JobTimedOut, message).at(&job.origin, "it runs before the services change"), log)
        .note(place(task))
        .help(format!("set a longer limit with `.timeout({})`", seconds.saturating_mul(2)))
}

/// Reports that the caller cancelled the deployment while a job ran.
pub(super) fn cancelled(stack: &DesiredStack) -> Diagnostic {
    let message = format!("the deployment of stack `{}` was cancelled, as you asked", stack.name);
    Diagnostic::new(Code::DeploymentCancelled, message).at(&stack.origin, "this stack")
}

/// Returns the end of a run whose job continues without it.
pub(super) fn left_running(job: &StackJob, task: &Task) -> Abort {
    let message =
        format!("task {} of the job `{}` continues, and the services are not changed yet", task.id(), job.name);
    let problem = Diagnostic::new(Code::JobLeftRunning, message).at(&job.origin, "it runs before the services change");
    Abort::JobLeftRunning(
        problem.help(
            Hint::from("run ")
                .command(CommandName::Deploy.alone())
                .text(" again: it waits for the task, then changes the services"),
        ),
    )
}

/// Reports a stack without the output that has the network of a job.
pub(super) fn no_placement(job: &StackJob) -> Diagnostic {
    let message = format!("the stack has no output with the network of the job `{}`", job.name);
    Diagnostic::new(Code::JobFailed, message)
        .at(&job.origin, "it runs before the services change")
        .help("deploy again: another run may have changed the stack at the same time")
}

/// Returns the hint for a first step that was not reverted.
pub(super) fn left_in_place(stack: &str, existed: bool) -> Hint {
    let command = if existed { CommandName::Deploy } else { CommandName::Destroy };
    let hint = Hint::from("what the job needs was left as it is (`--no-rollback`); ");
    let hint = hint.text(if existed { "continue with " } else { "delete it with " });
    hint.command(command.of(stack))
}

fn place(task: &Task) -> String {
    format!("task {}, {}", task.id(), revision(&task.task_definition))
}

fn with_log(problem: Diagnostic, log: &[String]) -> Diagnostic {
    if log.is_empty() { problem } else { problem.note(format!("last log lines:\n{}", log.join("\n"))) }
}
