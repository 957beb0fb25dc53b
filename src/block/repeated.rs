//! Items that are given twice.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

/// Returns each item whose key an earlier one has, with the first of that key. One pass, because a loop of a script may give
/// thousands of items.
pub(crate) fn repeated<'a, T, K: Hash + Eq>(
    items: impl IntoIterator<Item = &'a T>,
    key: impl Fn(&'a T) -> K,
) -> Vec<(&'a T, &'a T)> {
    let mut firsts: HashMap<K, &T> = HashMap::new();
    let again = items.into_iter().filter_map(|item| match firsts.entry(key(item)) {
        Entry::Occupied(first) => Some((item, *first.get())),
        Entry::Vacant(place) => {
            place.insert(item);
            None
        }
    });
    again.collect()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn each_repetition_comes_with_the_first_item_and_each_key_is_taken_once() {
        let taken = Cell::new(0);
        let items = ["a1", "b1", "a2", "c1", "a3"];
        let found = repeated(&items, |item| {
            taken.set(taken.get() + 1);
            &item[..1]
        });
        assert_eq!(found, [(&"a2", &"a1"), (&"a3", &"a1")]);
        assert_eq!(taken.get(), items.len());
    }
}
