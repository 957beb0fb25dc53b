//! Constraints on objects.

use super::validator::{Validator, is_aws_no_value};
use super::violation::Violation;
use crate::cfn::schema::{Keyword, Node, Scalar};
use crate::cfn::{Function, Map, PathSegment, Value};

/// Whether a property is there when the stack is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Absent,
    /// The property depends on a condition, or on a macro that fills the object.
    Maybe,
    Present,
}

impl<'a> Validator<'a, '_> {
    pub(super) fn object(&mut self, map: &'a Map, node: Node<'a>, keyword: Keyword<'a>) {
        match keyword {
            Keyword::Properties => self.properties(map, node),
            Keyword::AdditionalProperties(rest) => self.additional(map, node, rest),
            Keyword::PatternProperties(patterns) => self.pattern_properties(map, node, &patterns),
            Keyword::PropertyNames(names) => self.names(map, names),
            Keyword::PropertyCount { min, max } => self.property_count(map, min, max),
            Keyword::Required(names) => self.required(map, &names),
            Keyword::DependentRequired(lists) => self.dependent_required(map, &lists),
            Keyword::DependentExcluded(lists) => self.dependent_excluded(map, &lists),
            Keyword::RequiredXor(names) => {
                self.at_least_one(map, &names);
                self.at_most_one(map, &names);
            }
            Keyword::RequiredOr(names) => self.at_least_one(map, &names),
            _ => {}
        }
    }

    fn properties(&mut self, map: &'a Map, node: Node<'a>) {
        for (name, value) in map {
            if let Some(part) = node.own_property(name) {
                self.inside(PathSegment::Key(name.clone()), |validator| validator.value(value, part));
            }
        }
    }

    /// Checks the keys that neither the properties nor the patterns name.
    fn additional(&mut self, map: &'a Map, node: Node<'a>, rest: Option<Node<'a>>) {
        let patterns = patterns_of(node);
        for (name, value) in map {
            if is_macro(name) || node.own_property(name).is_some() {
                continue;
            }
            if patterns.iter().any(|(pattern, _)| self.patterns.fits(pattern, name)) || is_aws_no_value(value) {
                continue;
            }
            self.inside(PathSegment::Key(name.clone()), |validator| match rest {
                Some(rest) => validator.value(value, rest),
                None => validator.violation(Violation::UnknownProperty { name, object: node }),
            });
        }
    }

    fn pattern_properties(&mut self, map: &'a Map, node: Node<'a>, patterns: &[(&'a str, Node<'a>)]) {
        for (name, value) in map.iter().filter(|(name, _)| !is_macro(name)) {
            let listed = node.own_property(name).is_some();
            if let Some((_, part)) = patterns.iter().find(|(pattern, _)| !listed && self.patterns.fits(pattern, name)) {
                self.inside(PathSegment::Key(name.clone()), |validator| validator.value(value, *part));
            }
        }
    }

    fn names(&mut self, map: &'a Map, names: Node<'a>) {
        for name in map.keys().filter(|name| !is_macro(name)) {
            if !self.name_fits(name, names) {
                self.inside(PathSegment::Key(name.clone()), |validator| {
                    validator.violation(Violation::BadName { name });
                });
            }
        }
    }

    fn name_fits(&mut self, name: &str, node: Node<'a>) -> bool {
        let text = |scalar: &Scalar<'_>| matches!(scalar, Scalar::Text(text) if *text == name);
        node.keywords().all(|keyword| match keyword {
            Keyword::Enum { values, .. } => values.iter().any(text),
            Keyword::Pattern(pattern) => self.patterns.fits(pattern, name),
            Keyword::Length { min, max } => fits_count(name.chars().count(), min, max),
            Keyword::Not(not) => !self.name_fits(name, not),
            _ => true,
        })
    }

    fn property_count(&mut self, map: &Map, min: usize, max: Option<usize>) {
        let sure = map.keys().filter(|name| presence(map, name) == Presence::Present).count();
        self.count("properties", sure, map.len(), min, max);
    }

    fn required(&mut self, map: &'a Map, names: &[&'a str]) {
        for name in names {
            match presence(map, name) {
                Presence::Absent => self.violation(Violation::Missing { name }),
                Presence::Maybe if self.is_unconditional() => self.required_always(map, name),
                Presence::Maybe => self.unknown = true,
                Presence::Present => {}
            }
        }
    }

    /// Reports a required property that one branch of a condition removes, in a resource that exists in both.
    fn required_always(&mut self, map: &'a Map, name: &'a str) {
        let Some(Value::Call(call)) = map.get(name) else { return };
        let Some([condition, yes, no]) = call.argument.as_list() else { return };
        let removed = [(yes, "true"), (no, "false")].into_iter().find(|(branch, _)| is_aws_no_value(branch));
        if let (Some((_, branch)), Some(condition)) = (removed, condition.as_str()) {
            self.violation(Violation::Missing { name });
            let since = format!("`{name}` is removed if the condition `{condition}` is {branch}");
            self.violations.iter_mut().rev().take(1).for_each(|located| located.since.push(since.clone()));
        }
    }

    fn dependent_required(&mut self, map: &Map, lists: &[(&'a str, Vec<&'a str>)]) {
        for (name, others) in lists {
            for other in others.iter().filter(|other| !has_snapshot_instead(map, other)) {
                match (presence(map, name), presence(map, other)) {
                    (Presence::Present, Presence::Absent) => self.violation(Violation::Needs { name, other }),
                    (Presence::Absent, _) | (_, Presence::Present) => {}
                    _ => self.unknown = true,
                }
            }
        }
    }

    fn dependent_excluded(&mut self, map: &Map, lists: &[(&'a str, Vec<&'a str>)]) {
        for (name, others) in lists {
            for other in others {
                let mirrored = lists.iter().any(|(key, excluded)| key == other && excluded.contains(name));
                if !mirrored || name < other {
                    self.at_most_one(map, &[name, other]);
                }
            }
        }
    }

    fn at_least_one(&mut self, map: &Map, names: &[&'a str]) {
        match names.iter().map(|name| presence(map, name)).max_by_key(|presence| *presence as u8) {
            Some(Presence::Absent) => self.violation(Violation::NeedsOne { names: names.to_vec() }),
            Some(Presence::Maybe) => self.unknown = true,
            _ => {}
        }
    }

    fn at_most_one(&mut self, map: &Map, names: &[&'a str]) {
        let with = |wanted| names.iter().copied().filter(move |name| presence(map, name) == wanted);
        let present: Vec<_> = with(Presence::Present).collect();
        if present.len() > 1 {
            self.violation(Violation::Exclusive { names: present });
        } else if present.len() + with(Presence::Maybe).count() > 1 {
            self.unknown = true;
        }
    }

    /// Checks a count of which only a part is certain.
    pub(super) fn count(&mut self, what: &'static str, sure: usize, most: usize, min: usize, max: Option<usize>) {
        if most < min || max.is_some_and(|max| sure > max) {
            let count = if most < min { most } else { sure };
            self.violation(Violation::Count { what, count, min, max });
        } else if sure < min || max.is_some_and(|max| most > max) {
            self.unknown = true;
        }
    }
}

pub(super) fn fits_count(count: usize, min: usize, max: Option<usize>) -> bool {
    count >= min && max.is_none_or(|max| count <= max)
}

fn patterns_of(node: Node<'_>) -> Vec<(&str, Node<'_>)> {
    let mut keywords = node.keywords();
    let found = keywords.find_map(|keyword| match keyword {
        Keyword::PatternProperties(patterns) => Some(patterns),
        _ => None,
    });
    found.unwrap_or_default()
}

/// Returns whether CloudFormation replaces the key by others before it reads the properties.
fn is_macro(name: &str) -> bool {
    name == "Fn::Transform" || name.starts_with("Fn::ForEach::")
}

/// Returns whether a database gets a property from the snapshot that it is restored from: a new password may be set, and the user is
/// that of the snapshot (`MasterUsername` of `AWS::RDS::DBCluster` and `AWS::RDS::DBInstance`, CloudFormation guide; the CDK's
/// `DatabaseClusterFromSnapshot` writes such templates).
fn has_snapshot_instead(map: &Map, property: &str) -> bool {
    let snapshots = ["SnapshotIdentifier", "DBSnapshotIdentifier"];
    property == "MasterUsername" && snapshots.iter().any(|name| map.contains_key(*name))
}

pub(super) fn presence(map: &Map, name: &str) -> Presence {
    match map.get(name) {
        Some(value) => present(value),
        None if map.keys().any(|key| is_macro(key)) => Presence::Maybe,
        None => Presence::Absent,
    }
}

/// Returns whether a value is present; `AWS::NoValue` removes it.
pub(super) fn present(value: &Value) -> Presence {
    match value {
        Value::Call(call) if call.function == Function::If => match call.argument.as_list() {
            Some([_, yes, no]) if present(yes) == present(no) => present(yes),
            _ => Presence::Maybe,
        },
        Value::Call(call) if call.function == Function::Transform => Presence::Maybe,
        value if is_aws_no_value(value) => Presence::Absent,
        _ => Presence::Present,
    }
}
