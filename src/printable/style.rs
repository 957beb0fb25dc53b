//! Styles as marks in a text: a noncharacter, the parameters of the style, another noncharacter.

use anstyle::Style;

/// The mark before the parameters of a style. Noncharacters are for internal use (The Unicode Standard, 23.7); where one
/// comes from outside, `visible` and `one_line` replace it.
pub(super) const START: char = '\u{FDD0}';

/// The mark after the parameters of a style.
pub(super) const END: char = '\u{FDD1}';

/// Returns text in a style; the terminal removes styles if colours are not used.
pub fn styled(text: &str, style: Style) -> String {
    let (start, end) = (from_ansi(&style.to_string()), from_ansi(&format!("{style:#}")));
    // A style across a line break would colour what a pager or the line editor prints after it.
    let one = |line: &str| if line.is_empty() { String::new() } else { format!("{start}{line}{end}") };
    text.split('\n').map(one).collect::<Vec<_>>().join("\n")
}

/// Returns text with the colours of a library that writes escape sequences: they become styles, and other sequences remain
/// what they are.
pub fn from_ansi(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\u{1b}[") {
        out.push_str(&rest[..at]);
        rest = &rest[at + 2..];
        match split_at_end(rest, 'm') {
            Some((parameters, after)) => {
                out.extend([START]);
                out.push_str(parameters);
                out.extend([END]);
                rest = after;
            }
            None => out.push_str("\u{1b}["),
        }
    }
    out + rest
}

/// Splits a text behind a mark at the end of the parameters of a style; `None` if it is not a style of ours.
pub(super) fn split_at_end(text: &str, end: char) -> Option<(&str, &str)> {
    /// The longest parameters of a style: bold, faint, underlined and a colour.
    const LONGEST: usize = 12;
    let length = text.bytes().take(LONGEST + 1).position(|byte| !byte.is_ascii_digit() && byte != b';')?;
    let after = text[length..].strip_prefix(end)?;
    let parameters = &text[..length];
    parameters.split(';').all(is_parameter).then_some((parameters, after))
}

/// Returns whether a parameter is a reset, a weight, an underline, inverted or in a colour: nothing that hides text.
fn is_parameter(parameter: &str) -> bool {
    parameter.is_empty()
        || parameter.parse().is_ok_and(|code: u8| matches!(code, 0..=4 | 7 | 22 | 30..=37 | 39 | 90..=97))
}

#[cfg(test)]
mod tests {
    use anstyle::AnsiColor;

    use super::*;
    use crate::printable::{Printable, plain};

    #[test]
    fn style_is_painted_as_its_escape_sequence() {
        let text = styled("web", AnsiColor::Red.on_default().bold());
        assert_eq!(Printable::of(&text).paint(true).as_str(), "\u{1b}[1m\u{1b}[31mweb\u{1b}[0m");
        assert_eq!(Printable::of(&text).paint(false).as_str(), "web");
        assert_eq!(plain(&text), "web");
    }

    #[test]
    fn each_line_has_its_own_style() {
        let text = styled("a\n\nb", Style::new().bold());
        assert_eq!(Printable::of(&text).paint(true).as_str(), "\u{1b}[1ma\u{1b}[0m\n\n\u{1b}[1mb\u{1b}[0m");
    }

    #[test]
    fn sequences_that_hide_or_move_are_not_styles() {
        for sequence in ["\u{1b}[8m", "\u{1b}[2J", "\u{1b}[1;1H", "\u{1b}[38;5;1m", "\u{1b}[m;m", "\u{1b}["] {
            let painted = Printable::of(&from_ansi(sequence)).paint(true);
            assert!(!painted.as_str().contains("\u{1b}[8") && !painted.as_str().contains("\u{1b}[2J"), "{painted:?}");
        }
        assert_eq!(Printable::of(&from_ansi("\u{1b}[8mx")).paint(true).as_str(), "␛[8mx");
    }
}
