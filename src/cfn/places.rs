//! The places of values by their paths. A template of a megabyte has 100,000 of them, so they are found by search in an
//! order, not one after the other.

use std::sync::OnceLock;

use super::property_path::{PathSegment, PropertyPath};
use crate::diag::Origin;

/// The number of places up to which looking at each is faster than an order.
const FEW: usize = 32;

/// The places of values, in the order in which they were recorded.
#[derive(Debug, Clone, Default)]
pub struct Places {
    entries: Vec<(PropertyPath, Origin)>,
    /// The positions of the entries, sorted by path and position; made at the first search among many.
    sorted: OnceLock<Vec<u32>>,
}

impl PartialEq for Places {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl Places {
    /// Records the place of a value.
    pub fn push(&mut self, path: PropertyPath, origin: Origin) {
        self.entries.push((path, origin));
        self.sorted = OnceLock::new();
    }

    /// Removes the places of a value and of everything inside it.
    pub fn remove(&mut self, path: &PropertyPath) {
        self.entries.retain(|(marked, _)| !marked.0.starts_with(&path.0));
        self.sorted = OnceLock::new();
    }

    /// Returns the places with their paths, in the order in which they were recorded.
    pub fn iter(&self) -> std::slice::Iter<'_, (PropertyPath, Origin)> {
        self.entries.iter()
    }

    /// Returns the place nearest to a path: its own, or that of the value that holds it. Of two for one path, the later one.
    pub fn nearest(&self, path: &PropertyPath) -> Option<&Origin> {
        if self.entries.len() <= FEW {
            let holding = self.entries.iter().filter(|(marked, _)| path.0.starts_with(&marked.0));
            return holding.max_by_key(|(marked, _)| marked.0.len()).map(|(_, origin)| origin);
        }
        (0..=path.0.len()).rev().find_map(|length| self.of(&path.0[..length]))
    }

    /// Returns the last place recorded for a path.
    fn of(&self, path: &[PathSegment]) -> Option<&Origin> {
        let sorted = self.sorted.get_or_init(|| self.order());
        let entry = |at: u32| &self.entries[at as usize];
        let end = sorted.partition_point(|at| entry(*at).0.0.as_slice() <= path);
        let (marked, origin) = entry(*sorted.get(end.checked_sub(1)?)?);
        (marked.0 == path).then_some(origin)
    }

    fn order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..u32::try_from(self.entries.len()).unwrap_or(u32::MAX)).collect();
        order.sort_by(|a, b| self.entries[*a as usize].0.cmp(&self.entries[*b as usize].0));
        order
    }
}

impl<'a> IntoIterator for &'a Places {
    type Item = &'a (PropertyPath, Origin);
    type IntoIter = std::slice::Iter<'a, (PropertyPath, Origin)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(places: &Places, path: &str) -> Option<u32> {
        places.nearest(&PropertyPath::property(path)).map(|origin| origin.line)
    }

    #[test]
    fn nearest_place_is_the_same_among_few_and_among_many() {
        let mut places = Places::default();
        for (path, line) in [("Tags", 1), ("Tags.0.Key", 2), ("Tags.0.Key", 3), ("Name", 4)] {
            places.push(PropertyPath::property(path), Origin::new("a", line, 1));
        }
        for _ in 0..2 {
            assert_eq!(line(&places, "Tags.0.Key"), Some(3));
            assert_eq!(line(&places, "Tags.0.Value"), Some(1));
            assert_eq!(line(&places, "Name.First"), Some(4));
            assert_eq!(line(&places, "Other"), None);
            for at in 0..FEW {
                places.push(PropertyPath::property(&format!("Items.{at}")), Origin::new("a", 9, 1));
            }
        }
        places.remove(&PropertyPath::property("Tags"));
        assert_eq!(line(&places, "Tags.0.Key"), None);
    }
}
