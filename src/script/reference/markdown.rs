//! Documentation as a page of Markdown.

use super::{DocElement, Entry};

impl Entry {
    /// Returns a page or section of Markdown; `level` is that of its heading, `link` gives the address of a name that
    /// has a page.
    pub fn to_markdown(&self, level: usize, link: &dyn Fn(&str) -> Option<String>) -> String {
        let mut text = format!("{} {}\n", "#".repeat(level), self.name);
        if !self.signatures.is_empty() {
            text += &format!("\n```text\n{}\n```\n", self.signatures.join("\n"));
        }
        let mut in_a_list = false;
        for part in &self.parts {
            let is_item = matches!(part, DocElement::Item { .. });
            text += if in_a_list && is_item { "" } else { "\n" };
            text += &part.to_markdown(level + 1, &self.name, link);
            in_a_list = is_item;
        }
        text
    }
}

impl DocElement {
    fn to_markdown(&self, level: usize, owner: &str, link: &dyn Fn(&str) -> Option<String>) -> String {
        match self {
            DocElement::Heading { text } => format!("{} {text}\n", "#".repeat(level)),
            DocElement::Text { text } => format!("{text}\n"),
            DocElement::Item { text } => format!("- {text}\n"),
            DocElement::Code { language, wrong, text } => {
                let language = if language.is_empty() { "text" } else { language };
                format!("```{language}{}\n{text}\n```\n", if *wrong { " wrong" } else { "" })
            }
            DocElement::Table { header, rows } => table(header, rows, owner, link),
        }
    }
}

fn table(header: &[String], rows: &[Vec<String>], owner: &str, link: &dyn Fn(&str) -> Option<String>) -> String {
    let mut text = format!("| {} |\n|{}\n", header.join(" | "), "---|".repeat(header.len()));
    for row in rows {
        let mut cells: Vec<String> = row.iter().map(|cell| escaped(cell)).collect();
        if let (Some(first), Some(name)) = (cells.first_mut(), row.first()) {
            let known = link(&format!("{owner}{}", name_without_arguments(name)))
                .or_else(|| link(name_without_arguments(name)));
            *first = known.map_or_else(|| format!("`{first}`"), |address| format!("[`{first}`]({address})"));
        }
        text += &format!("| {} |\n", cells.join(" | "));
    }
    text
}

/// Returns a name without its arguments: `.cpu` of `.cpu(units)`.
fn name_without_arguments(name: &str) -> &str {
    name.split('(').next().unwrap_or(name)
}

fn escaped(cell: &str) -> String {
    cell.replace('|', "\\|").replace('\n', " ")
}
