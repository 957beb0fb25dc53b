use super::context::{CommandContext, answer};
use crate::cli::exit::ExitStatus;

/// Asks before something is changed; what is rehearsed or was answered by `--yes` is not asked about.
pub(super) async fn confirm(question: &str, settled: bool, cx: &CommandContext<'_>) -> Result<(), ExitStatus> {
    if settled {
        return Ok(());
    }
    let answer = tokio::select! {
        answer = answer(question.to_owned(), cx.terminal) => answer,
        () = cx.interrupted.notified() => return Err(ExitStatus::Interrupted),
    };
    match answer {
        Some(true) => Ok(()),
        Some(false) => {
            cx.terminal.say("nothing was changed");
            Err(ExitStatus::Interrupted)
        }
        None => {
            cx.terminal.tell("nobody is there to answer; `--yes` goes on without asking");
            Err(ExitStatus::Usage)
        }
    }
}
