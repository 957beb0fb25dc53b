//! Patterns of ARNs: whether two can match the same ARN.

use crate::cfn::check::context::CheckContext;
use crate::cfn::type_names::BUCKET;
use crate::cfn::{Ref, Segment, TemplateString};

/// A part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Char(char),
    /// Any characters.
    Any,
    /// Any characters without a slash.
    Name,
}

/// A pattern of an ARN from the service on, `s3:::tiles/*`: its service, region, account and resource. A wildcard does not
/// reach over a colon between them ("IAM JSON policy elements: Resource").
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ArnPattern([Vec<Part>; 4]);

impl ArnPattern {
    fn new(pattern: &str, star: Part) -> Self {
        let mut segments = pattern.splitn(4, ':');
        let part = |c| if "*?".contains(c) { star } else { Part::Char(c) };
        // What is missing is behind the wildcard or reference at the end.
        Self(
            [(); 4].map(|()| {
                segments.next().map_or_else(|| vec![Part::Any], |segment| segment.chars().map(part).collect())
            }),
        )
    }

    /// Returns the pattern of a format of the action list. The name of a bucket has no slash.
    pub(super) fn of_format(format: &str) -> Self {
        Self::new(format, if format == "s3:::*" { Part::Name } else { Part::Any })
    }

    /// Returns the pattern of a resource in a policy; what only a deployment knows may be any text. `None` for every
    /// resource.
    pub(super) fn of_resource(text: &TemplateString, scope: &CheckContext<'_>) -> Option<Self> {
        let mut whole = String::new();
        for piece in text.pieces() {
            match piece {
                Segment::Literal(text) => whole.push_str(&without_variables(text)),
                Segment::Ref(reference) => whole.push_str(known(reference, scope).unwrap_or("*")),
                Segment::Call(_) => whole.push('*'),
            }
        }
        // `arn`, the partition, and the rest.
        let mut parts = whole.splitn(3, ':');
        let (arn, _, rest) = (parts.next()?, parts.next()?, parts.next()?);
        (arn == "arn").then(|| Self::new(rest, Part::Any))
    }

    /// Returns whether some ARN matches both.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| segments_meet(a, b))
    }
}

/// Returns whether some text matches both.
fn segments_meet(a: &[Part], b: &[Part]) -> bool {
    // From the end: whether the rests of both can be equal.
    let mut after = vec![false; b.len() + 1];
    for at in (0..=a.len()).rev() {
        let mut row = vec![false; b.len() + 1];
        for to in (0..=b.len()).rev() {
            row[to] = match (a.get(at), b.get(to)) {
                (None, None) => true,
                (Some(Part::Char(x)), Some(Part::Char(y))) => x == y && after[to + 1],
                (Some(star @ (Part::Any | Part::Name)), next) => {
                    after[to] || next.is_some_and(|next| takes(*star, *next) && row[to + 1])
                }
                (next, Some(star @ (Part::Any | Part::Name))) => {
                    row[to + 1] || next.is_some_and(|next| takes(*star, *next) && after[to])
                }
                _ => false,
            };
        }
        after = row;
    }
    after[0]
}

fn takes(star: Part, next: Part) -> bool {
    !(star == Part::Name && next == Part::Char('/'))
}

/// Replaces the variables of policies, `${aws:username}`, by `*`.
fn without_variables(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("${") {
        out.push_str(before);
        out.push('*');
        rest = inside.split_once('}').map_or("", |(_, rest)| rest);
    }
    out + rest
}

/// Returns what is certain of a reference: a bucket of the template has a name without a slash.
fn known(reference: &Ref, scope: &CheckContext<'_>) -> Option<&'static str> {
    let resource = scope.template.resources.get(&reference.id)?;
    match (resource.kind.as_str(), reference.attribute.as_deref()) {
        (BUCKET, None) => Some("bucket"),
        (BUCKET, Some("Arn")) => Some("arn:aws:s3:::bucket"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::Template;
    use crate::cfn::schema::Schema;

    fn meets(resource: &str, format: &str) -> bool {
        let template = Template::default();
        let scope = CheckContext::new(&template, Schema::embedded(), crate::cfn::check::StackFacts::default());
        let pattern = ArnPattern::of_resource(&TemplateString::from_sub(resource), &scope).expect("an ARN");
        pattern.meets(&ArnPattern::of_format(format))
    }

    #[test]
    fn resource_meets_the_formats_of_its_kind_alone() {
        assert!(meets("arn:aws:s3:::tiles/*", "s3:::*/*"));
        assert!(!meets("arn:aws:s3:::tiles", "s3:::*/*"));
        assert!(meets("arn:aws:s3:::tiles", "s3:::*"));
        assert!(!meets("arn:aws:s3:::tiles/*", "s3:::*"));
        assert!(meets("arn:aws:s3:::tiles*", "s3:::*/*"));
        assert!(meets("arn:${AWS::Partition}:s3:::${Name}", "s3:::*/*"));
        assert!(meets("arn:aws:logs:*:*:log-group:/ecs/a:*", "logs:*:*:log-group:*:log-stream:*"));
        assert!(!meets("arn:aws:logs:*:*:log-group:/ecs/a", "logs:*:*:log-group:*:log-stream:*"));
        assert!(meets("arn:aws:dynamodb:${AWS::Region}:1:table/${Table}/index/*", "dynamodb:*:*:table/*/index/*"));
        assert!(!meets("arn:aws:sqs:eu-west-1:1:jobs", "sns:*:*:*"));
        assert!(meets("arn:aws:s3:::home/${!aws:username}/*", "s3:::*/*"));
    }
}
