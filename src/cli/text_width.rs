//! Texts of a given width, counted in columns of the terminal: a CJK character or an emoji takes two, and a control
//! character as many as its sign.
//!
//! Names and values are on one line here. Text with styles is for `wrap` alone.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::printable::{one_line, plain};

/// Returns the columns that a text takes.
pub(crate) fn width(text: &str) -> usize {
    one_line(text).width()
}

/// Returns a text filled with blanks to this width.
pub(crate) fn pad(text: &str, to: usize) -> String {
    let text = one_line(text);
    format!("{text}{}", " ".repeat(to.saturating_sub(text.width())))
}

/// Returns the text, cut with `..` if it is wider than this: sentences at their end, names in the middle, because names
/// differ at both ends.
pub(crate) fn cut(text: &str, to: usize) -> String {
    let text = &*one_line(text);
    if width(text) <= to {
        return text.to_owned();
    }
    let columns = to.saturating_sub(2);
    let tail = if text.contains(' ') { 0 } else { columns / 2 };
    let tail = last_columns(text, tail);
    first_columns(&format!("{}..{tail}", first_columns(text, columns - width(tail))), to).to_owned()
}

/// Returns the text, cut with `..` at its end if it is wider than this; between two words if there are some.
pub(crate) fn cut_end(text: &str, to: usize) -> String {
    let text = &*one_line(text);
    if width(text) <= to {
        return text.to_owned();
    }
    let start = first_columns(text, to.saturating_sub(2));
    let is_between = text[start.len()..].starts_with(' ');
    let word_end = start.rfind(' ').filter(|at| !is_between && *at > start.len() / 2);
    format!("{}..", word_end.map_or(start, |at| &start[..at]).trim_end())
}

/// Wraps a line between words; further lines are indented. Styles do not count, and continue on the next line.
pub(crate) fn wrap(line: &str, to: usize, indent: usize) -> String {
    wrap_with(line, to, &" ".repeat(indent))
}

/// Wraps a line between words; further lines begin with a text. What is in back-ticks is one word: a command can be pasted.
pub(crate) fn wrap_with(line: &str, to: usize, further: &str) -> String {
    let visible = |text: &str| width(&plain(text));
    if visible(line) <= to {
        return line.to_owned();
    }
    let (mut text, mut used, mut is_start, mut is_first) = (String::new(), 0, true, true);
    for word in words(line) {
        let columns = visible(word.trim_end_matches(' '));
        if used + columns > to && !is_start {
            text.truncate(text.trim_end_matches(' ').len());
            text.push('\n');
            text.push_str(further);
            (used, is_start, is_first) = (width(further), true, false);
        }
        if is_start && columns == 0 && !is_first {
            continue;
        }
        text.push_str(word);
        used += visible(word);
        // The blanks before the first word are not a place to break.
        is_start = is_start && columns == 0;
    }
    text
}

/// Returns the words of a line with the blanks behind them; what is between two back-ticks is in one word.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let last_tick = if line.matches('`').count().is_multiple_of(2) { None } else { line.rfind('`') };
    let mut rest = line;
    std::iter::from_fn(move || {
        let start = line.len() - rest.len();
        let mut is_code = false;
        let end = rest.char_indices().find_map(|(at, letter)| {
            is_code ^= letter == '`' && Some(start + at) != last_tick;
            (letter == ' ' && !is_code).then_some(at + 1)
        });
        let (word, left) = rest.split_at(end.unwrap_or(rest.len()));
        rest = left;
        (!word.is_empty()).then_some(word)
    })
}

/// Returns a text with a count in place of the rest of each line that has more characters than this. Such a line has no
/// styles.
pub(super) fn clipped(text: &str, most: usize) -> Cow<'_, str> {
    if text.split('\n').all(|line| line.len() <= most) {
        return Cow::Borrowed(text);
    }
    let one = |line: &str| {
        let line = plain(line);
        match line.char_indices().nth(most) {
            Some((end, _)) => format!("{}... ({} more characters)", &line[..end], line[end..].chars().count()),
            None => line,
        }
    };
    Cow::Owned(text.split('\n').map(one).collect::<Vec<_>>().join("\n"))
}

/// Wraps a cell of a table: between words, else after a sign between parts of a name, else within a name.
pub(super) fn wrap_cell(text: &str, to: usize) -> Vec<String> {
    let (text, to) = (one_line(text), to.max(1));
    let (mut lines, mut rest) = (Vec::new(), &*text);
    loop {
        let most = first_columns(rest, to);
        if most.len() == rest.len() {
            break;
        }
        let most = if most.is_empty() { &rest[..rest.chars().next().map_or(0, char::len_utf8)] } else { most };
        let end = if rest[most.len()..].starts_with(' ') { most.len() } else { break_in(most) };
        lines.push(rest[..end].trim_end().to_owned());
        rest = rest[end..].trim_start();
    }
    lines.push(rest.to_owned());
    lines
}

/// Returns the place of the last good break in a text that does not fit.
fn break_in(text: &str) -> usize {
    let after = |at: usize| at + text[at..].chars().next().map_or(1, char::len_utf8);
    let is_late = |at: &usize| *at > text.len() / 2;
    let blank = text.rfind(' ').filter(|at| *at > 0);
    let sign = || text.rfind(['/', ':', '-', '.', ',', '_', '|', '=']).map(after).filter(is_late);
    let capital = || text.rfind(char::is_uppercase).filter(is_late);
    // A character that is wider than the column makes progress, too.
    blank.or_else(sign).or_else(capital).unwrap_or(text.len()).max(after(0))
}

/// Returns the longest beginning of a text that fits.
fn first_columns(text: &str, columns: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|(_, letter)| {
        used += letter.width().unwrap_or(0);
        used > columns
    });
    end.map_or(text, |(at, _)| &text[..at])
}

/// Returns the longest end of a text that fits.
fn last_columns(text: &str, columns: usize) -> &str {
    let mut used = 0;
    let start = text.char_indices().rev().find(|(_, letter)| {
        used += letter.width().unwrap_or(0);
        used > columns
    });
    start.map_or(text, |(at, letter)| &text[at + letter.len_utf8()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_in_the_middle_and_sentences_at_the_end() {
        assert_eq!(cut("titiler-ecs-production-Titiler:12", 16), "titiler..iler:12");
        assert_eq!(cut("a task has stopped in a way", 12), "a task has..");
        assert_eq!((cut("abcdef", 2), cut("abcdef", 1), cut("abc", 3)), ("..".into(), ".".into(), "abc".into()));
        for limit in 2..14 {
            let cut = cut("地図地図地図地図", limit);
            assert!(width(&cut) <= limit && cut.contains(".."), "{limit}: {cut}");
        }
    }

    #[test]
    fn control_character_takes_the_columns_of_its_sign() {
        assert_eq!((width("a\u{1b}b"), width("\u{202e}"), width("a\nb")), (3, 8, 3));
        assert_eq!(pad("\u{1b}", 3), "␛  ");
        assert_eq!(cut("\u{202e}\u{202e}", 10), "<U+2..02E>");
    }

    #[test]
    fn rest_of_a_very_long_line_is_counted() {
        assert_eq!(clipped("ab\nabcdef\n", 4), "ab\nabcd... (2 more characters)\n");
        assert_eq!(clipped(&crate::cli::report::bold("地図地図"), 3), "地図地... (1 more characters)");
        assert!(matches!(clipped("ab\nabcd", 4), Cow::Borrowed(_)));
    }

    #[test]
    fn cell_of_a_million_characters_is_wrapped_in_linear_time() {
        // Quadratic work would take hours.
        assert_eq!(wrap_cell(&"x".repeat(4_000_000), 40).len(), 100_000);
    }

    #[test]
    fn sentence_is_cut_between_words() {
        assert_eq!(cut_end("the service was unable to place a task", 22), "the service was..");
        assert_eq!(cut_end("abcdef", 4), "ab..");
    }

    #[test]
    fn line_is_wrapped_between_words_and_styles_do_not_count() {
        assert_eq!(wrap("one two three four", 9, 2), "one two\n  three\n  four");
        let bold = crate::cli::report::bold("one two");
        assert_eq!(wrap(&bold, 7, 2), bold);
        assert_eq!(wrap("a averyverylongword", 6, 2), "a\n  averyverylongword");
        assert_eq!(wrap("  name   type", 8, 4), "  name\n    type", "blanks between columns");
    }

    #[test]
    fn code_in_back_ticks_is_not_wrapped() {
        assert_eq!(wrap("run `rtiler run a b` now", 12, 2), "run\n  `rtiler run a b`\n  now");
        assert_eq!(wrap("a ` tick of its own", 8, 0), "a ` tick\nof its\nown");
    }

    #[test]
    fn name_in_a_cell_breaks_at_its_signs() {
        assert_eq!(wrap_cell("arn:aws:iam::123456789012:role/web", 26), ["arn:aws:iam::123456789012:", "role/web"]);
        assert_eq!(wrap_cell("ShopVpcPublicSubnet1", 16), ["ShopVpcPublic", "Subnet1"]);
        assert_eq!(wrap_cell("地図", 1).concat(), "地図");
    }
}
