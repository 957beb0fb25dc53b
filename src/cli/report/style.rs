use anstyle::{AnsiColor, Style};

use crate::deploy::api::status::Sentiment;
use crate::printable::styled;

/// Returns bold text.
pub(crate) fn bold(text: &str) -> String {
    styled(text, Style::new().bold())
}

/// Returns faint text.
pub(crate) fn faint(text: &str) -> String {
    styled(text, Style::new().dimmed())
}

/// Returns text in the colour of success.
pub(crate) fn good(text: &str) -> String {
    styled(text, AnsiColor::Green.on_default())
}

/// Returns text in the colour of warnings.
pub(super) fn warning(text: &str) -> String {
    styled(text, AnsiColor::Yellow.on_default())
}

/// Returns text in the colour of failures.
pub(crate) fn bad(text: &str) -> String {
    styled(text, AnsiColor::Red.on_default().bold())
}

/// Returns text in a colour chosen by a name.
pub(super) fn tinted(text: &str, name: &str) -> String {
    const COLORS: [AnsiColor; 6] = [
        AnsiColor::Cyan,
        AnsiColor::Magenta,
        AnsiColor::Green,
        AnsiColor::Yellow,
        AnsiColor::Blue,
        AnsiColor::BrightRed,
    ];
    let sum: usize = name.bytes().map(usize::from).sum();
    styled(text, COLORS[sum % COLORS.len()].on_default())
}

/// Returns text in the colour of a status.
pub(super) fn with_sentiment(text: &str, sentiment: Sentiment) -> String {
    match sentiment {
        Sentiment::Good => good(text),
        Sentiment::Busy => text.to_owned(),
        Sentiment::Bad => bad(text),
    }
}
