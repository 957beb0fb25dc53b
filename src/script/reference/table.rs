//! Rows of tables of entries.

use super::{Entry, Kind};

/// Returns the row of an entry in the table of its owner: its shortest signature and its summary.
pub(super) fn row(entry: &Entry) -> Vec<String> {
    let owner = entry.owner().unwrap_or_default();
    let short = |signature: &String| {
        let rest = signature.strip_prefix(owner).unwrap_or(signature);
        if entry.kind == Kind::Function { signature.clone() } else { rest.to_owned() }
    };
    let shortest = entry.signatures.iter().min_by_key(|signature| signature.len()).map(short);
    vec![shortest.unwrap_or_else(|| entry.name.clone()), entry.summary.clone()]
}
