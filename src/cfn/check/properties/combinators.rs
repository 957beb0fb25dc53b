//! Schemas made of schemas: all of, any of, one of, not, if.

use super::object::{Presence, presence};
use super::scalar::written;
use super::validator::{TrialResult, Validator};
use super::violation::{Conformance, LocatedViolation, Violation};
use crate::cfn::schema::{Keyword, Node};
use crate::cfn::{Map, Value};

impl<'a> Validator<'a, '_> {
    pub(super) fn composed(&mut self, value: &'a Value, node: Node<'a>, keyword: Keyword<'a>) {
        match keyword {
            Keyword::AllOf(parts) => parts.into_iter().for_each(|part| self.value(value, part)),
            Keyword::AnyOf(parts) => self.alternatives(value, &parts, false),
            Keyword::OneOf(parts) => self.alternatives(value, &parts, true),
            Keyword::Not(not) => match self.probe(value, not).verdict() {
                Conformance::Fits => self.violation(Violation::Refused { found: value, by: not }),
                Conformance::Unknown => self.unknown = true,
                Conformance::Breaks => {}
            },
            Keyword::If(condition) => self.conditional(value, node, condition),
            _ => {}
        }
    }

    fn conditional(&mut self, value: &'a Value, node: Node<'a>, condition: Node<'a>) {
        let wanted = match self.probe(value, condition).verdict() {
            Conformance::Unknown => return self.unknown = true,
            Conformance::Fits => node.keywords().find_map(|keyword| match keyword {
                Keyword::Then(then) => Some(then),
                _ => None,
            }),
            Conformance::Breaks => node.keywords().find_map(|keyword| match keyword {
                Keyword::Else(otherwise) => Some(otherwise),
                _ => None,
            }),
        };
        let Some(wanted) = wanted else { return };
        let before = self.violations.len();
        self.value(value, wanted);
        let since = value.as_map().map_or_else(Vec::new, |map| circumstances(map, condition));
        for located in &mut self.violations[before..] {
            located
                .since
                .extend(since.iter().filter(|fact| !located.since.contains(fact)).cloned().collect::<Vec<_>>());
        }
    }

    fn alternatives(&mut self, value: &'a Value, parts: &[Node<'a>], one: bool) {
        let probes: Vec<_> = parts.iter().map(|part| self.probe(value, *part)).collect();
        let fitting: Vec<_> = probes
            .iter()
            .zip(parts)
            .filter(|(probe, _)| probe.verdict() == Conformance::Fits)
            .map(|(_, part)| *part)
            .collect();
        if fitting.is_empty() {
            if probes.iter().all(|probe| probe.verdict() == Conformance::Breaks) {
                self.none_fits(probes);
            } else {
                self.unknown = true;
            }
        } else if let (true, 2.., Value::Map(map)) = (one, fitting.len(), value) {
            self.several_fit(map, &fitting);
        }
    }

    /// Reports alternatives that exclude each other: those that differ in what they require. Others that overlap do no
    /// harm.
    fn several_fit(&mut self, map: &Map, fitting: &[Node<'a>]) {
        let mut names: Vec<_> = fitting.iter().flat_map(|part| part.required()).collect();
        names.sort_unstable();
        names.dedup();
        names.retain(|name| presence(map, name) == Presence::Present);
        if names.len() > 1 && fitting.iter().all(|part| !part.required().is_empty()) {
            self.violation(Violation::Exclusive { names });
        }
    }

    fn none_fits(&mut self, probes: Vec<TrialResult<'a>>) {
        if let Some(violation) = self.merged(&probes) {
            return self.violation(violation);
        }
        let forms = probes.len();
        let nearest = probes.into_iter().map(|probe| probe.violations).min_by_key(|violations| {
            let other_type = |located: &LocatedViolation<'_>| {
                matches!(located.violation, Violation::WrongType { .. }) && located.path == self.path
            };
            (violations.iter().any(other_type), violations.len())
        });
        for mut located in nearest.unwrap_or_default() {
            located.nearest_of = located.nearest_of.max(forms);
            self.violations.push(located);
        }
    }

    /// Returns one violation if every alternative fails for one reason at this very place.
    fn merged(&self, probes: &[TrialResult<'a>]) -> Option<Violation<'a>> {
        let here = |located: &LocatedViolation<'a>| located.path == self.path;
        let single = |probe: &TrialResult<'a>| match probe.violations.as_slice() {
            [only] if here(only) => Some(only.violation.clone()),
            _ => None,
        };
        let violations = probes.iter().map(single).collect::<Option<Vec<_>>>()?;
        let mut violations = violations.into_iter();
        let first = violations.next()?;
        violations.try_fold(first, merge)
    }
}

fn merge<'a>(one: Violation<'a>, other: Violation<'a>) -> Option<Violation<'a>> {
    match (one, other) {
        (Violation::Missing { name }, Violation::Missing { name: other }) => {
            Some(Violation::NeedsOne { names: vec![name, other] })
        }
        (Violation::NeedsOne { mut names }, Violation::Missing { name }) => {
            names.push(name);
            Some(Violation::NeedsOne { names })
        }
        (Violation::Format { found, mut formats }, Violation::Format { formats: others, .. }) => {
            formats.extend(others);
            Some(Violation::Format { found, formats })
        }
        (Violation::WrongType { expected, found }, Violation::WrongType { expected: other, .. }) => {
            Some(Violation::WrongType { expected: expected.and(other), found })
        }
        (Violation::NotInEnum { found, mut allowed }, Violation::NotInEnum { allowed: others, .. }) => {
            allowed.extend(others);
            Some(Violation::NotInEnum { found, allowed })
        }
        _ => None,
    }
}

/// Returns the facts of the value that a condition looks at, as text.
fn circumstances(map: &Map, condition: Node<'_>) -> Vec<String> {
    let restricts = |node: Node<'_>| node.keywords().any(|keyword| !matches!(keyword, Keyword::Type(_)));
    let properties = condition.properties().into_iter().filter(|(_, node)| restricts(*node)).map(|(name, _)| name);
    let mut names: Vec<_> = properties.chain(condition.required()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| circumstance(map, name)).collect()
}

fn circumstance(map: &Map, name: &str) -> String {
    match (presence(map, name), map.get(name)) {
        (Presence::Absent, _) | (_, None) => format!("`{name}` is not set"),
        (_, Some(Value::Map(_) | Value::List(_) | Value::Call(_))) => format!("`{name}` is set"),
        (_, Some(Value::Text(text))) if text.as_str().is_none() => format!("`{name}` is set"),
        (_, Some(value)) => format!("`{name}` is `{}`", written(value)),
    }
}
