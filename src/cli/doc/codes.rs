use crate::explain::pages;
use crate::script::reference::{DocElement, Entry, Kind};

/// Returns the pages of the diagnostic codes.
pub(super) fn entries() -> Vec<Entry> {
    pages()
        .map(|page| {
            let summary = page.code.title().to_owned();
            let mut parts = vec![DocElement::Text { text: summary.clone() }];
            parts.extend(DocElement::parse(page.text));
            Entry { kind: Kind::Code, name: page.code.to_string(), signatures: Vec::new(), summary, parts }
        })
        .collect()
}
