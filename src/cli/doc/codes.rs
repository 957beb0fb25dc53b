use crate::explain::pages;
use crate::script::reference::{Entry, Kind, Part};

/// The pages about kinds of problems.
pub(super) fn entries() -> Vec<Entry> {
    pages()
        .map(|page| {
            let mut parts = vec![Part::Text { text: page.summary().to_owned() }];
            // The title is the summary.
            parts.extend(Part::parse(page.text).into_iter().skip(1));
            let name = page.code.to_owned();
            Entry { kind: Kind::Code, name, signatures: Vec::new(), summary: page.summary().to_owned(), parts }
        })
        .collect()
}
