//! Tables and texts of a given width, counted in columns of the terminal: a CJK character or an emoji takes two.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Returns rows in columns that are as wide as their widest cell; the last column is not padded.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let header: Vec<String> = header.iter().map(|cell| (*cell).to_owned()).collect();
    let all: Vec<&Vec<String>> = std::iter::once(&header).chain(rows).collect();
    let widest = |column: usize| all.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max();
    let widths: Vec<usize> = (0..header.len()).map(|column| widest(column).unwrap_or(0)).collect();
    all.iter().map(|row| line(row, &widths)).collect()
}

/// Returns a table of at most this many columns: the widest cells are cut until it fits.
pub(crate) fn table_within(header: &[&str], rows: &[Vec<String>], limit: usize) -> String {
    const NARROWEST: usize = 8;
    let mut widths: Vec<usize> = header.iter().map(|cell| width(cell)).collect();
    for row in rows {
        widths.iter_mut().zip(row).for_each(|(widest, cell)| *widest = (*widest).max(width(cell)));
    }
    let gaps = 2 * widths.len().saturating_sub(1);
    while let Some(widest) = (0..widths.len()).max_by_key(|at| widths[*at])
        && widths.iter().sum::<usize>() + gaps > limit
        && widths[widest] > NARROWEST
    {
        widths[widest] -= 1;
    }
    let cut = |row: &Vec<String>| row.iter().zip(&widths).map(|(cell, width)| cut(cell, *width)).collect();
    table(header, &rows.iter().map(cut).collect::<Vec<_>>())
}

/// Returns the columns that a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// Returns a text filled with blanks to this width.
pub(crate) fn pad(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(to.saturating_sub(width(text))))
}

/// Returns the text, cut with `..` if it is wider than this: sentences at their end, names in the middle, because names
/// differ at both ends.
pub(crate) fn cut(text: &str, to: usize) -> String {
    if width(text) <= to {
        return text.to_owned();
    }
    let columns = to.saturating_sub(2);
    let tail = if text.contains(' ') { 0 } else { columns / 2 };
    let tail = last_columns(text, tail);
    first_columns(&format!("{}..{tail}", first_columns(text, columns - width(tail))), to).to_owned()
}

/// Returns the text, cut with `..` at its end if it is wider than this.
pub(crate) fn cut_end(text: &str, to: usize) -> String {
    if width(text) <= to { text.to_owned() } else { format!("{}..", first_columns(text, to.saturating_sub(2))) }
}

/// Returns the text, cut with `..` at its beginning if it is wider than this.
pub(crate) fn cut_start(text: &str, to: usize) -> String {
    if width(text) <= to { text.to_owned() } else { format!("..{}", last_columns(text, to.saturating_sub(2))) }
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

fn line(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).map(|(cell, width)| pad(cell, *width));
    let line = cells.collect::<Vec<_>>().join("  ");
    format!("{}\n", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_that_is_too_wide_cuts_its_widest_cells() {
        let rows = [vec!["short".to_owned(), "a".repeat(60), "b".repeat(30)]];
        let text = table_within(&["ONE", "TWO", "THREE"], &rows, 40);
        assert!(text.lines().all(|line| width(line) <= 40), "{text}");
        assert!(text.contains("short  aaaaaaa..aaaaaaa  bbbbbbb..bbbbbb"), "{text}");
        assert_eq!(table_within(&["A"], &[vec!["x".repeat(20)]], usize::MAX), format!("A\n{}\n", "x".repeat(20)));
    }

    #[test]
    fn names_are_cut_in_the_middle_and_sentences_at_the_end() {
        assert_eq!(cut("titiler-ecs-production-Titiler:12", 16), "titiler..iler:12");
        assert_eq!(cut("a task has stopped in a way", 12), "a task has..");
        assert_eq!((cut("abcdef", 2), cut("abcdef", 1), cut("abc", 3)), ("..".into(), ".".into(), "abc".into()));
        assert_eq!((cut_end("abcdef", 4), cut_start("abcdef", 4)), ("ab..".into(), "..ef".into()));
    }

    #[test]
    fn columns_are_aligned_without_trailing_blanks() {
        let text =
            table(&["NAME", "VALUE"], &[vec!["task_cpu".into(), "256".into()], vec!["key".into(), String::new()]]);
        assert_eq!(text, "NAME      VALUE\ntask_cpu  256\nkey\n");
    }

    #[test]
    fn cjk_and_emoji_take_two_columns() {
        let rows =
            [vec!["地図".into(), "tiles".into()], vec!["🚀".into(), "rocket".into()], vec!["é".into(), "e".into()]];
        assert_eq!(table(&["NAME", "VALUE"], &rows), "NAME  VALUE\n地図  tiles\n🚀    rocket\né     e\n");
        for limit in 2..14 {
            let cut = cut("地図地図地図地図", limit);
            assert!(width(&cut) <= limit && cut.contains(".."), "{limit}: {cut}");
        }
    }
}
