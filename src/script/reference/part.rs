use serde::Serialize;

/// A piece of documentation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", tag = "part")]
pub enum DocElement {
    /// A heading inside of a page.
    Heading {
        /// The text of the heading.
        text: String,
    },
    /// A paragraph; Markdown's back-ticks and stars stay in it.
    Text {
        /// The text, on one line.
        text: String,
    },
    /// An item of a list.
    Item {
        /// The text, on one line.
        text: String,
    },
    /// Lines that are shown as they are.
    Code {
        /// The language: `rhai`, `yaml`, `sh`; empty for plain lines.
        language: String,
        /// Whether the example shows a mistake.
        wrong: bool,
        /// The lines.
        text: String,
    },
    /// Rows under a header; the names in the first column may have pages of their own.
    Table {
        /// The names of the columns.
        header: Vec<String>,
        /// The rows, each as long as the header.
        rows: Vec<Vec<String>>,
    },
}

impl DocElement {
    pub(super) fn text(text: impl Into<String>) -> Self {
        DocElement::Text { text: text.into() }
    }

    pub(super) fn heading(text: impl Into<String>) -> Self {
        DocElement::Heading { text: text.into() }
    }

    /// Creates a table: rows under a header.
    pub fn table(header: &[&str], rows: Vec<Vec<String>>) -> Self {
        DocElement::Table { header: header.iter().map(|name| (*name).to_owned()).collect(), rows }
    }

    /// Returns the parts of a text in Markdown: headings, paragraphs, lists, fenced lines.
    pub fn parse(markdown: &str) -> Vec<DocElement> {
        let mut parts = Vec::new();
        let mut lines = markdown.lines().peekable();
        while let Some(line) = lines.next() {
            let line = line.trim();
            if let Some(head) = line.strip_prefix("```") {
                let body: Vec<&str> = lines.by_ref().take_while(|line| line.trim() != "```").collect();
                parts.push(code(head, &body));
            } else if line.starts_with('#') {
                parts.push(DocElement::heading(line.trim_start_matches('#').trim()));
            } else if line.starts_with('|') {
                parts.push(DocElement::Code { language: String::new(), wrong: false, text: line.to_owned() });
            } else if !line.is_empty() {
                let (item, mut text) = match line.strip_prefix("- ") {
                    Some(rest) => (true, rest.to_owned()),
                    None => (false, line.to_owned()),
                };
                while let Some(next) = lines.next_if(|next| continues_paragraph(next.trim())) {
                    text += " ";
                    text += next.trim();
                }
                parts.push(if item { DocElement::Item { text } } else { DocElement::Text { text } });
            }
        }
        parts
    }
}

fn continues_paragraph(line: &str) -> bool {
    !line.is_empty() && !["```", "#", "- ", "|"].iter().any(|begin| line.starts_with(begin))
}

/// Returns a code block without the indentation that all its lines share.
fn code(head: &str, body: &[&str]) -> DocElement {
    let blanks = |line: &&str| line.len() - line.trim_start().len();
    let indent = body.iter().filter(|line| !line.trim().is_empty()).map(blanks).min().unwrap_or(0);
    let lines: Vec<&str> = body.iter().map(|line| line.get(indent..).unwrap_or("").trim_end()).collect();
    let mut words = head.split_whitespace();
    DocElement::Code {
        language: words.next().unwrap_or("").to_owned(),
        wrong: words.next() == Some("wrong"),
        text: lines.join("\n"),
    }
}

/// Returns the first sentence of a text, without its full stop if it is short enough for a line.
pub(super) fn summary(doc: &str) -> String {
    match DocElement::parse(doc).into_iter().next() {
        Some(DocElement::Text { text }) => first_sentence(&text),
        _ => String::new(),
    }
}

pub(super) fn first_sentence(text: &str) -> String {
    let ends = text.match_indices(". ").map(|(at, _)| at);
    let end = ends.into_iter().find(|at| !text[..*at].ends_with("e.g") && !text[..*at].ends_with("i.e"));
    end.map_or_else(|| text.to_owned(), |end| text[..=end].to_owned())
}
