//! The durations of resource types: `data/durations.tsv`, with a source in each line.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::rehearsal::rng::TriangularDistribution;

/// The durations by operation and type.
static TABLE: LazyLock<BTreeMap<(&'static str, &'static str), TriangularDistribution>> =
    LazyLock::new(|| rows().filter_map(|row| Some(((row.operation, row.kind), row.spread?))).collect());

/// A line of the file.
struct Row {
    operation: &'static str,
    kind: &'static str,
    /// The least, the most frequent and the greatest number of seconds.
    spread: Option<TriangularDistribution>,
    #[cfg_attr(not(test), expect(dead_code, reason = "a source for readers of the file, which a test requires"))]
    source: &'static str,
}

/// Returns the lines of the file.
fn rows() -> impl Iterator<Item = Row> {
    const FILE: &str = include_str!("../../../data/durations.tsv");
    FILE.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut cells = line.split('\t');
        let mut cell = || cells.next().unwrap_or_default();
        let (operation, kind) = (cell(), cell());
        let mut seconds = || cell().parse::<f64>().ok();
        let spread = (|| Some((seconds()?, seconds()?, seconds()?)))();
        Row { operation, kind, spread, source: cell() }
    })
}

/// Returns the duration of an operation on a resource of a type, in seconds, if the file has it.
pub(super) fn of(operation: &str, kind: &str) -> Option<TriangularDistribution> {
    TABLE.get(&(operation, kind)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::schema::Schema;

    #[test]
    fn each_line_has_an_operation_a_type_three_growing_numbers_and_a_source() {
        let mut seen = std::collections::BTreeSet::new();
        for row in rows() {
            let Row { operation, kind, spread, source } = row;
            assert!(matches!(operation, "create" | "update" | "delete"), "{operation} {kind}");
            assert!(Schema::embedded().contains(kind), "{kind} is a type");
            let (least, usual, greatest) = spread.unwrap_or_else(|| panic!("{operation} {kind} has three numbers"));
            assert!(0.0 < least && least <= usual && usual <= greatest, "{operation} {kind}");
            assert!(source.len() > 10, "{operation} {kind} has a source");
            assert!(seen.insert((operation, kind)), "{operation} {kind} is there twice");
        }
        assert!(seen.len() > 50);
    }
}
