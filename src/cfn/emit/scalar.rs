//! Writes strings so that no reader of YAML 1.1 or 1.2 takes them for anything else.

use crate::printable::is_printable;

/// The ways to write a string in block context.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Unchanged.
    Plain,
    /// In double quotes, with escapes.
    Quoted,
    /// Lines below a `|`.
    Block,
}

/// Returns the style that keeps a string whole and reads best.
pub(super) fn style(text: &str) -> Style {
    if is_block(text) {
        Style::Block
    } else if is_plain(text) {
        Style::Plain
    } else {
        Style::Quoted
    }
}

/// Writes a string on one line: plain where that is safe, else in double quotes.
pub(super) fn write_inline(out: &mut String, text: &str) {
    if is_plain(text) { out.push_str(text) } else { quote(out, text) }
}

/// Writes a string in double quotes.
pub(super) fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if needs_escape(c) => out.push_str(&escape(c)),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn escape(c: char) -> String {
    match c as u32 {
        code @ 0..=0xFF => format!("\\x{code:02X}"),
        code @ 0x100..=0xFFFF => format!("\\u{code:04X}"),
        code => format!("\\U{code:08X}"),
    }
}

/// Returns whether it is a control, another line break or a byte order mark, which YAML forbids, folds or strips, or another
/// character that is not shown.
fn needs_escape(c: char) -> bool {
    !is_printable(c)
}

/// Returns whether the text can be written below a `|` without an indentation indicator and without spaces at their
/// ends.
fn is_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    body.contains('\n')
        && !text.starts_with([' ', '\t', '\n'])
        && !body.ends_with('\n')
        && body.split('\n').all(|line| !line.ends_with([' ', '\t']) && !line.starts_with('\t'))
        && !body.chars().any(|c| needs_escape(c) && c != '\n' && c != '\t')
}

fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    !"-?:,[]{}#&*!|>'\"%@`= ~<".contains(first)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.chars().any(needs_escape)
        && !is_word(text)
        && !is_number_like(first, text)
}

/// Returns whether some reader of YAML 1.1 takes the text for a boolean, null or a number.
fn is_word(text: &str) -> bool {
    const WORDS: [&str; 11] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", ".inf", ".nan"];
    text.len() <= 5 && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Returns whether the text could be a number in any base, a time of day in base 60, a date or a document marker.
fn is_number_like(first: char, text: &str) -> bool {
    (first.is_ascii_digit() || matches!(first, '+' | '.'))
        && text.chars().all(|c| c.is_ascii_hexdigit() || "xXoO_.:+-TtZz ".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ambiguous_string_is_quoted() {
        let risky = "yes No ON off true Null ~ y 012 012345678901 1e3 0x1F 0o17 0b1 1_000 3.14 .5 .inf .NaN -1 +1 \
            2010-09-09 12:30:45 1:30 <<";
        for word in risky.split_whitespace().chain(["", " a", "a ", "a: b", "a #b", "a:", "2010-09-09 10:00:00", "---"])
        {
            assert_eq!(style(word), Style::Quoted, "{word:?}");
        }
        for indicator in "*&!%@|>[]{}#,?:-=`'\"".chars() {
            assert_eq!(style(&format!("{indicator}x")), Style::Quoted, "{indicator}x");
        }
    }

    #[test]
    fn safe_string_stays_plain() {
        for word in ["10.0.0.0/16", "arn:aws:s3:::tiles/*", "nginx:1.27", "a#b", "Größe", "it's", "AWS::Region", "5m"]
        {
            assert_eq!(style(word), Style::Plain, "{word:?}");
        }
    }

    #[test]
    fn multiline_string_becomes_a_block_unless_its_spaces_matter() {
        assert_eq!(style("#!/bin/bash\necho\n"), Style::Block);
        assert_eq!(style("echo\n\n  one\n"), Style::Block);
        assert_eq!(style("one \ntwo"), Style::Quoted);
        assert_eq!(style(" one\ntwo"), Style::Quoted);
        assert_eq!(style("one\ntwo\n\n"), Style::Quoted);
        assert_eq!(style("one\rtwo\nthree"), Style::Quoted);
    }
}
