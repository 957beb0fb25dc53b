use anstyle::{AnsiColor, Style};

use crate::deploy::api::status::Sentiment;

/// Text in a style; the terminal takes the colours out where they are not wanted.
pub(crate) fn styled(text: &str, style: Style) -> String {
    // A style that went over a line break would colour what a pager or the line editor puts behind it.
    let one = |line: &str| if line.is_empty() { String::new() } else { format!("{style}{line}{style:#}") };
    text.split('\n').map(one).collect::<Vec<_>>().join("\n")
}

pub(crate) fn bold(text: &str) -> String {
    styled(text, Style::new().bold())
}

pub(crate) fn faint(text: &str) -> String {
    styled(text, Style::new().dimmed())
}

pub(super) fn good(text: &str) -> String {
    styled(text, AnsiColor::Green.on_default())
}

pub(super) fn warning(text: &str) -> String {
    styled(text, AnsiColor::Yellow.on_default())
}

pub(super) fn bad(text: &str) -> String {
    styled(text, AnsiColor::Red.on_default().bold())
}

/// Text in a colour that goes with a name.
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

/// Text in the colour of a status.
pub(super) fn felt(text: &str, sentiment: Sentiment) -> String {
    match sentiment {
        Sentiment::Good => good(text),
        Sentiment::Busy => text.to_owned(),
        Sentiment::Bad => bad(text),
    }
}
