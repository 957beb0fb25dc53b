//! Columns of plain text.

use super::page::{Page, Paint};

/// Rows with columns as wide as they need to be; the first is painted as names.
pub(super) fn rows(rows: &[Vec<String>]) -> Page {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut page = Page::default();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            let paint = match column {
                0 => Paint::Name,
                1 => Paint::Type,
                _ => Paint::Plain,
            };
            page.push(if column == 0 { Paint::Plain } else { Paint::Faint }, "  ");
            page.push(paint, cell.clone());
            if column + 1 < row.len() {
                page.push(Paint::Plain, " ".repeat(widths[column] - cell.chars().count()));
            }
        }
        page.push(Paint::Plain, "\n");
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
