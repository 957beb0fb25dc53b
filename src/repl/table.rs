//! Columns of plain text.

use super::styled_text::{StyledText, TextStyle};

/// Rows with columns as wide as they need to be; the first is painted as names.
pub(super) fn rows(rows: &[Vec<String>]) -> StyledText {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut page = StyledText::default();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            let paint = match column {
                0 => TextStyle::Name,
                1 => TextStyle::Type,
                _ => TextStyle::Plain,
            };
            page.push(if column == 0 { TextStyle::Plain } else { TextStyle::Faint }, "  ");
            page.push(paint, cell.clone());
            if column + 1 < row.len() {
                page.push(TextStyle::Plain, " ".repeat(widths[column] - cell.chars().count()));
            }
        }
        page.push(TextStyle::Plain, "\n");
    }
    page
}

/// A text cut where nobody would read on.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(2)).chain("..".chars()).collect()
}
