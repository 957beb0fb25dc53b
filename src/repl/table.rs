//! Columns of plain text.

use super::styled_text::{StyledText, TextStyle};
use crate::printable::one_line;

/// Aligns rows in columns; the first column has the style of names.
pub(super) fn rows(rows: &[Vec<String>]) -> StyledText {
    let visible = |row: &Vec<String>| row.iter().map(|cell| one_line(cell).into_owned()).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(visible).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = StyledText::default();
    for row in &rows {
        for (column, cell) in row.iter().enumerate() {
            let style = match column {
                0 => TextStyle::Name,
                1 => TextStyle::Type,
                _ => TextStyle::Plain,
            };
            text.push(if column == 0 { TextStyle::Plain } else { TextStyle::Faint }, "  ");
            text.push(style, cell.clone());
            if column + 1 < row.len() {
                text.push(TextStyle::Plain, " ".repeat(widths[column] - cell.chars().count()));
            }
        }
        text.push(TextStyle::Plain, "\n");
    }
    text
}
