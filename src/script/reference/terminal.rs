//! Documentation as lines of a terminal.

use super::{DocElement, Entry};

/// The minimum width of a description next to a name.
const LEAST: usize = 40;

impl Entry {
    /// Returns lines of at most `width` columns; lines of code are not broken.
    pub fn to_text(&self, width: usize) -> String {
        let mut head: Vec<String> = self.signatures.clone();
        if head.is_empty() {
            head.push(self.name.clone());
        }
        let blocks = self.parts.iter().map(|part| part.to_text(width.max(40)));
        let mut text = head.join("\n") + "\n";
        for (at, block) in blocks.enumerate() {
            let in_a_list = at > 0
                && matches!(self.parts[at], DocElement::Item { .. })
                && matches!(self.parts[at - 1], DocElement::Item { .. });
            text += if in_a_list { "" } else { "\n" };
            text += &block;
        }
        text
    }

    /// Returns the lines of a list: the name, and the summary next to it, wrapped at the width.
    pub fn to_lines(&self, column: usize, width: usize) -> String {
        let shown = self.signatures.first().unwrap_or(&self.name);
        let indent = " ".repeat(column + 2);
        if shown.chars().count() > column {
            return format!("{shown}\n{}", wrapped(&self.summary, &indent, &indent, width));
        }
        wrapped(&self.summary, &format!("{shown:<column$}  "), &indent, width)
    }
}

impl DocElement {
    fn to_text(&self, width: usize) -> String {
        match self {
            DocElement::Heading { text } => format!("{}\n", text.to_uppercase()),
            DocElement::Text { text } => wrapped(text, "", "", width),
            DocElement::Item { text } => wrapped(text, "- ", "  ", width),
            DocElement::Code { text, wrong, .. } => {
                let mark = wrong.then_some("    // wrong:\n".to_owned()).into_iter();
                let lines = text.lines().map(|line| format!("    {line}").trim_end().to_owned() + "\n");
                mark.chain(lines).collect()
            }
            DocElement::Table { header, rows } => table(header, rows, width),
        }
    }
}

fn wrapped(text: &str, first: &str, further: &str, width: usize) -> String {
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    let mut started = false;
    for word in text.split_whitespace() {
        if started && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::replace(&mut line, further.to_owned()));
            started = false;
        }
        if started {
            line.push(' ');
        }
        line += word;
        started = true;
    }
    lines.push(line);
    lines.into_iter().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// Returns the rows of a table. The last column is wrapped next to the others, or below them if it is too narrow.
fn table(header: &[String], rows: &[Vec<String>], width: usize) -> String {
    let columns = header.len().saturating_sub(1);
    let widest = |column: usize| {
        let cells = std::iter::once(header).chain(rows.iter().map(Vec::as_slice)).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let before = widths.iter().map(|width| width + 2).sum::<usize>();
    let is_wide = before + LEAST <= width;
    let mut text = String::new();
    for row in rows {
        let cells: String = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}  ")).collect();
        let last = row.last().map_or("", String::as_str);
        if is_wide {
            text += &wrapped(last, &cells, &" ".repeat(before), width);
        } else {
            let stacked = stacked(row, columns);
            let fits = stacked.chars().count() <= width;
            text += &if fits { format!("{stacked}\n") } else { wrapped(&stacked, "", "  ", width) };
            text += &if last.is_empty() { String::new() } else { wrapped(last, "    ", "    ", width) };
        }
    }
    text
}

/// Returns the cells before the last as one line: `BucketName  string, replaces`.
fn stacked(row: &[String], columns: usize) -> String {
    let (name, rest) = row[..columns].split_first().map_or(("", &[][..]), |(name, rest)| (name.as_str(), rest));
    let rest: Vec<&str> = rest.iter().map(String::as_str).filter(|cell| !cell.is_empty()).collect();
    format!("{name:<30}  {}", rest.join(", "))
}
