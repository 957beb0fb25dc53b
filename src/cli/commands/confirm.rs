use super::context::CommandContext;
use crate::cli::exit::ExitStatus;
use crate::cli::report::faint;
use crate::cli::terminal::prompt::ask;
use crate::diag::Code;

/// Printed if a question cannot be asked.
pub(super) const CANNOT_ASK: &str = "cannot request confirmation: stdin is not a terminal; pass `--yes`";

/// Requests approval before a change; `declined` is printed if the answer is no.
pub(super) async fn confirm(question: &str, declined: &str, cx: &CommandContext<'_>) -> Result<(), ExitStatus> {
    let mut received = cx.signals.subscribe();
    let answer = tokio::select! {
        answer = ask(cx.terminal, question) => answer,
        signal = received.next() => return Err(signal.exit()),
    };
    match answer {
        Some(true) => Ok(()),
        Some(false) => {
            cx.terminal.status(&faint(declined));
            Err(ExitStatus::Interrupted)
        }
        None => {
            cx.terminal.failure(Code::CommandLine, CANNOT_ASK);
            Err(ExitStatus::Usage)
        }
    }
}
