use std::borrow::Cow;
use std::fmt::Write as _;

use super::characters::is_printable;

/// Returns a text of several lines with a sign for each character that would not be shown: `␛` for ESC, `<U+202E>` for a
/// control of the direction of text. Line breaks and tabs stay.
pub fn visible(text: &str) -> Cow<'_, str> {
    replaced(text, |c| is_printable(c) || matches!(c, '\n' | '\t'), write_sign)
}

/// Returns a text on one line: as [`visible`] does, and line breaks are signs, too; tabs are blanks.
pub fn one_line(text: &str) -> Cow<'_, str> {
    replaced(text, is_printable, |out, c| if c == '\t' { out.push(' ') } else { write_sign(out, c) })
}

/// Returns a text of several lines as [`visible`] does, its further lines indented: they do not look like lines of ours.
pub fn indented(text: &str) -> String {
    visible(text.trim_end_matches(['\r', '\n'])).replace('\n', "\n    ")
}

/// Returns JSON with an escape for each character of its strings that would not be shown. Its value is unchanged.
pub fn json(text: &str) -> Cow<'_, str> {
    replaced(
        text,
        |c| is_printable(c) || c == '\n',
        |out, c| {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        },
    )
}

/// Writes the sign of a character: a control picture of Unicode for the controls of ASCII, else its number.
pub(super) fn write_sign(out: &mut String, character: char) {
    const PICTURES: u32 = 0x2400;
    const DELETE: char = '\u{2421}';
    match character {
        '\u{7f}' => out.push(DELETE),
        c if c.is_ascii_control() => out.push(char::from_u32(PICTURES + c as u32).unwrap_or(DELETE)),
        c => {
            let _ = write!(out, "<U+{:04X}>", c as u32);
        }
    }
}

/// Returns a text in which `write` writes each character that is not kept.
fn replaced(text: &str, keep: impl Fn(char) -> bool, write: impl Fn(&mut String, char)) -> Cow<'_, str> {
    let Some((first, _)) = text.char_indices().find(|(_, c)| !keep(*c)) else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(&text[..first]);
    for c in text[first..].chars() {
        if keep(c) { out.push(c) } else { write(&mut out, c) }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_become_signs() {
        assert_eq!(visible("\u{1b}]0;title\u{7}"), "␛]0;title␇");
        assert_eq!(visible("a\rb\u{8}\u{7f}\u{9b}31m\u{202e}"), "a␍b␈␡<U+009B>31m<U+202E>");
        assert_eq!(visible("one\n\ttwo"), "one\n\ttwo");
        assert_eq!(visible("\u{E0041}"), "<U+E0041>");
    }

    #[test]
    fn line_break_in_a_line_is_a_sign() {
        assert_eq!(one_line("web\nerror: forged\r\n"), "web␊error: forged␍␊");
        assert_eq!(one_line("a\tb"), "a b");
    }

    #[test]
    fn further_lines_of_a_text_are_indented() {
        assert_eq!(indented("Traceback\n  File\nerror: forged\r\n"), "Traceback\n      File\n    error: forged");
    }

    #[test]
    fn escaped_json_has_the_same_value() {
        let value = serde_json::json!({ "a\u{9b}": ["\u{202e}\u{7f}\u{1b}", "\u{E0001}\u{FDD0}", "Größe", "\n\t"] });
        for text in [value.to_string(), format!("{value:#}")] {
            let escaped = json(&text);
            assert!(escaped.chars().all(|c| is_printable(c) || c == '\n'), "{escaped}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).expect("it is JSON"), value);
        }
        assert_eq!(json("\"\u{202e}\u{E0001}\""), r#""\u202e\udb40\udc01""#);
    }

    #[test]
    fn printable_text_is_not_copied() {
        assert!(matches!(visible("Größe\n地図"), Cow::Borrowed(_)));
    }
}
