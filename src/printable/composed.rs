//! The way from a text with styles to what a terminal receives.

use std::fmt;

use super::characters::is_printable;
use super::style::{END, START, split_at_end};
use super::visible::write_sign;

/// A text of which each character is shown, with marks for its styles. A terminal accepts nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printable(String);

/// A [`Printable`] in the form that is written: its styles are escape sequences, or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Painted(String);

impl Printable {
    /// Makes each control character of a text visible, except line breaks and tabs.
    pub fn of(text: &str) -> Self {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(|c| !is_printable(c) && !matches!(c, '\n' | '\t')) {
            out.push_str(&rest[..at]);
            let mut characters = rest[at..].chars();
            let Some(c) = characters.next() else { break };
            rest = characters.as_str();
            match (c == START).then(|| split_at_end(rest, END)).flatten() {
                Some((parameters, after)) => {
                    out.push(START);
                    out.push_str(parameters);
                    out.push(END);
                    rest = after;
                }
                None => write_sign(&mut out, c),
            }
        }
        out.push_str(rest);
        Self(out)
    }

    /// Returns the text in the form that is written, with or without colours.
    pub fn paint(&self, color: bool) -> Painted {
        if !self.0.contains(START) {
            return Painted(self.0.clone());
        }
        Painted(if color { self.0.replace(START, "\u{1b}[").replace(END, "m") } else { plain(&self.0) })
    }
}

impl Painted {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Painted> for String {
    fn from(painted: Painted) -> Self {
        painted.0
    }
}

impl fmt::Display for Painted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Returns a text without its styles.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(START) {
        out.push_str(before);
        rest = match split_at_end(after, END) {
            Some((_, after)) => after,
            None => {
                out.push(START);
                after
            }
        };
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escape_sequence_of_a_text_is_shown_with_colours_and_without() {
        let attack = "\u{1b}]0;PWN\u{7}\u{1b}]52;c;ZXZpbA==\u{7}\u{1b}[2J\u{9b}31m\u{202e}";
        let shown = "␛]0;PWN␇␛]52;c;ZXZpbA==␇␛[2J<U+009B>31m<U+202E>";
        assert_eq!(Printable::of(attack).paint(true).as_str(), shown);
        assert_eq!(Printable::of(attack).paint(false).as_str(), shown);
    }

    #[test]
    fn mark_without_a_style_is_shown() {
        for text in ["\u{FDD0}", "\u{FDD0}8\u{FDD1}", "\u{FDD1}", "\u{FDD0}1;31", "\u{FDD0}\u{1b}[2J\u{FDD1}"] {
            let painted = Printable::of(text).paint(true);
            assert!(!painted.as_str().contains('\u{1b}') && painted.as_str().contains("<U+FDD"), "{painted:?}");
        }
    }

    proptest! {
        #[test]
        fn painted_text_has_only_line_breaks_tabs_and_colours(text in any::<String>(), color in any::<bool>()) {
            let marked = format!("{text}\u{FDD0}{text}\u{1b}[{text}\u{FDD1}");
            for text in [text, marked] {
                let painted = Printable::of(&text).paint(color);
                let mut rest = painted.as_str();
                while let Some((before, after)) = rest.split_once('\u{1b}') {
                    prop_assert!(before.chars().all(|c| is_printable(c) || matches!(c, '\n' | '\t')));
                    let style = after.strip_prefix('[').and_then(|after| split_at_end(after, 'm'));
                    prop_assert!(color && style.is_some(), "{painted:?}");
                    rest = style.map_or("", |(_, after)| after);
                }
                prop_assert!(rest.chars().all(|c| is_printable(c) || matches!(c, '\n' | '\t')));
            }
        }
    }
}
