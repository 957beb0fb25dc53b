//! The kinds of policies.

/// The kind of a policy decides what its statements must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PolicyKind {
    /// A policy of a user, group or role.
    Identity,
    /// The principals that may assume a role.
    Trust,
    /// A policy of a resource.
    Resource,
}
