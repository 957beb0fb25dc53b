/// Rows in columns that are as wide as their widest cell; the last column is not padded.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let header: Vec<String> = header.iter().map(|cell| (*cell).to_owned()).collect();
    let all: Vec<&Vec<String>> = std::iter::once(&header).chain(rows).collect();
    let width = |column: usize| all.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..header.len()).map(|column| width(column).unwrap_or(0)).collect();
    all.iter().map(|row| line(row, &widths)).collect()
}

/// A table of at most so many columns: the widest cells are cut until it fits.
pub(crate) fn table_within(header: &[&str], rows: &[Vec<String>], width: usize) -> String {
    const NARROWEST: usize = 8;
    let count = |cell: &String| cell.chars().count();
    let mut widths: Vec<usize> = header.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        widths.iter_mut().zip(row).for_each(|(width, cell)| *width = (*width).max(count(cell)));
    }
    let gaps = 2 * widths.len().saturating_sub(1);
    while let Some(widest) = (0..widths.len()).max_by_key(|at| widths[*at])
        && widths.iter().sum::<usize>() + gaps > width
        && widths[widest] > NARROWEST
    {
        widths[widest] -= 1;
    }
    let cut = |row: &Vec<String>| row.iter().zip(&widths).map(|(cell, width)| cut(cell, *width)).collect();
    table(header, &rows.iter().map(cut).collect::<Vec<_>>())
}

/// The text, cut with `..` where it is longer than that: words at their end, and a name in its middle, since names differ
/// at both ends.
pub(crate) fn cut(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length <= width {
        return text.to_owned();
    }
    let kept = width.saturating_sub(2);
    let tail = if text.contains(' ') { 0 } else { kept / 2 };
    let (head, rest) = (text.chars().take(kept - tail), text.chars().skip(length - tail));
    head.chain("..".chars()).chain(rest).take(width).collect()
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
    let line = cells.collect::<Vec<_>>().join("  ");
    format!("{}\n", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_is_too_wide_cuts_its_widest_cells() {
        let rows = [vec!["short".to_owned(), "a".repeat(60), "b".repeat(30)]];
        let text = table_within(&["ONE", "TWO", "THREE"], &rows, 40);
        assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
        assert!(text.contains("short  aaaaaaa..aaaaaaa  bbbbbbb..bbbbbb"), "{text}");
        assert_eq!(table_within(&["A"], &[vec!["x".repeat(20)]], usize::MAX), format!("A\n{}\n", "x".repeat(20)));
    }

    #[test]
    fn names_keep_both_ends_and_sentences_their_beginning() {
        assert_eq!(cut("titiler-ecs-production-Titiler:12", 16), "titiler..iler:12");
        assert_eq!(cut("a task has stopped in a way", 12), "a task has..");
        assert_eq!((cut("abcdef", 2), cut("abcdef", 1), cut("abc", 3)), ("..".into(), ".".into(), "abc".into()));
    }

    #[test]
    fn columns_line_up_and_lines_have_no_trailing_blanks() {
        let text =
            table(&["NAME", "VALUE"], &[vec!["task_cpu".into(), "256".into()], vec!["key".into(), String::new()]]);
        assert_eq!(text, "NAME      VALUE\ntask_cpu  256\nkey\n");
    }
}
