//! The violations of constraints, as data; `messages` makes diagnostics of them.

use crate::cfn::schema::{JsonTypes, Node, Scalar};
use crate::cfn::{PathSegment, Value};

/// A violation with the path of the value.
#[derive(Clone)]
pub(super) struct LocatedViolation<'a> {
    pub(super) path: Vec<PathSegment>,
    pub(super) violation: Violation<'a>,
    /// The facts that make the constraint apply: `` `TargetType` is `lambda` ``.
    pub(super) since: Vec<String>,
    /// The fact behind the constraint, if the violation does not show it.
    pub(super) fact: &'a str,
    /// The number of forms that the value may have, if this is about the nearest one.
    pub(super) nearest_of: usize,
}

#[derive(Clone)]
pub(super) enum Violation<'a> {
    UnknownProperty {
        name: &'a str,
        object: Node<'a>,
    },
    BadName {
        name: &'a str,
    },
    WrongType {
        expected: JsonTypes,
        found: ActualType<'a>,
    },
    NotInEnum {
        found: &'a Value,
        allowed: Vec<Scalar<'a>>,
    },
    Refused {
        found: &'a Value,
        by: Node<'a>,
    },
    Pattern {
        found: &'a Value,
        pattern: &'a str,
    },
    Format {
        found: &'a Value,
        formats: Vec<&'a str>,
    },
    Reference {
        to: &'a crate::cfn::Ref,
        formats: Vec<&'a str>,
    },
    Range {
        found: &'a Value,
        node: Node<'a>,
    },
    Multiple {
        found: &'a Value,
        of: Scalar<'a>,
    },
    Length {
        length: usize,
        min: usize,
        max: Option<usize>,
    },
    Count {
        what: &'static str,
        count: usize,
        min: usize,
        max: Option<usize>,
    },
    Duplicate {
        key: Option<&'a str>,
    },
    Contains,
    Missing {
        name: &'a str,
    },
    NeedsOne {
        names: Vec<&'a str>,
    },
    Needs {
        name: &'a str,
        other: &'a str,
    },
    Exclusive {
        names: Vec<&'a str>,
    },
    ReadOnly,
    /// One object where there is a list: CloudFormation makes a list of it.
    SingleObject,
    /// The name of a role where ECS stores its ARN.
    RoleName {
        role: &'a str,
    },
    NotAllowed,
}

/// The value found instead of another type.
#[derive(Clone)]
pub(super) enum ActualType<'a> {
    Value(&'a Value),
    /// A computed value, and what it gives: `` `Fn::Split` ``, `a list`.
    Computed(String, &'static str),
}

/// The result of a check of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Conformance {
    Fits,
    Breaks,
    /// The result depends on a value that is known only when the stack is deployed.
    Unknown,
}
