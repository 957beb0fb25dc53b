//! Questions to the user.

use super::{OutputTarget, Stream, Terminal};

/// Asks a question that is answered with a line; `None` without a terminal.
///
/// Reading a line blocks, so this happens on a thread of its own: meanwhile the caller can wait for Ctrl-C.
pub(crate) async fn ask_line(terminal: &Terminal, question: String) -> Option<String> {
    let (send, answer) = tokio::sync::oneshot::channel();
    let terminal = terminal.clone();
    std::thread::spawn(move || send.send(read_line(&terminal, &question)));
    answer.await.ok().flatten()
}

/// Reads a line of standard input, without its end; `None` at the end of the input. Meanwhile the caller can wait for
/// signals.
pub(crate) async fn input_line() -> Option<String> {
    let (send, line) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || send.send(std::io::stdin().lines().next().and_then(Result::ok)));
    line.await.ok().flatten()
}

/// Asks a question that is answered with yes or no; `None` without a terminal.
pub(crate) async fn ask(terminal: &Terminal, question: &str) -> Option<bool> {
    ask_line(terminal, yes_or_no(question)).await.map(|line| is_yes(&line))
}

impl Terminal {
    /// Asks a question that is answered with yes or no, and blocks until then; `None` without a terminal.
    pub(crate) fn ask(&self, question: &str) -> Option<bool> {
        read_line(self, &yes_or_no(question)).map(|line| is_yes(&line))
    }
}

fn yes_or_no(question: &str) -> String {
    format!("{question} [y/N] ")
}

fn is_yes(line: &str) -> bool {
    matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

fn read_line(terminal: &Terminal, question: &str) -> Option<String> {
    match &terminal.target {
        OutputTarget::Background(channel) => return channel.ask(question),
        OutputTarget::Streams if !terminal.can_answer() => return None,
        OutputTarget::Streams => {}
    }
    let _ = Stream::Status.write(&terminal.painted_status(question));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).ok()?;
    Some(answer)
}

#[cfg(test)]
mod tests {
    use super::is_yes;

    #[test]
    fn only_y_and_yes_are_a_yes() {
        assert_eq!(["y\n", " YES", "", "no", "yeah"].map(is_yes), [true, true, false, false, false]);
    }
}
