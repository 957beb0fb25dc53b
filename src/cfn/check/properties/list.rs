//! Constraints on lists.

use std::collections::HashSet;

use super::object::{Presence, present};
use super::validator::Validator;
use super::violation::{Conformance, Violation};
use crate::cfn::emit::json;
use crate::cfn::schema::{Keyword, Node};
use crate::cfn::{PathSegment, Value};

impl<'a> Validator<'a, '_> {
    pub(super) fn list(&mut self, items: &'a [Value], keyword: Keyword<'a>) {
        match keyword {
            Keyword::Items(part) => {
                for (at, item) in items.iter().enumerate() {
                    self.inside(PathSegment::Index(at), |validator| validator.value(item, part));
                }
            }
            Keyword::PrefixItems(parts) => {
                for (at, (item, part)) in items.iter().zip(parts).enumerate() {
                    self.inside(PathSegment::Index(at), |validator| validator.value(item, part));
                }
            }
            Keyword::ItemCount { min, max } => self.item_count(items, min, max),
            Keyword::UniqueItems => self.unique(items, Some, None),
            Keyword::UniqueKeys(keys) => {
                for key in keys {
                    self.unique(items, |item| item.get(key), Some(key));
                }
            }
            Keyword::Contains(part) => self.contains(items, part),
            _ => {}
        }
    }

    fn item_count(&mut self, items: &[Value], min: usize, max: Option<usize>) {
        let with = |wanted| items.iter().filter(|item| present(item) == wanted).count();
        let sure = with(Presence::Present);
        self.count("items", sure, sure + with(Presence::Maybe), min, max);
    }

    /// Reports two equal items; equal references are equal when deployed too.
    fn unique(&mut self, items: &'a [Value], part: impl Fn(&'a Value) -> Option<&'a Value>, key: Option<&'a str>) {
        if items.len() < 2 {
            return;
        }
        let mut seen = HashSet::new();
        for (at, item) in items.iter().enumerate() {
            let value = part(item).filter(|_| present(item) == Presence::Present);
            if value.is_some_and(|value| !seen.insert(json::compact(value))) {
                self.inside(PathSegment::Index(at), |validator| validator.violation(Violation::Duplicate { key }));
            }
        }
    }

    fn contains(&mut self, items: &'a [Value], part: Node<'a>) {
        let verdicts: Vec<_> = items.iter().map(|item| self.probe(item, part).verdict()).collect();
        if verdicts.contains(&Conformance::Unknown) && !verdicts.contains(&Conformance::Fits) {
            self.unknown = true;
        } else if !verdicts.contains(&Conformance::Fits) {
            self.violation(Violation::Contains);
        }
    }
}
