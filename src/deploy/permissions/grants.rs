use std::collections::{BTreeMap, BTreeSet};

/// Permissions by condition and action.
#[derive(Debug, Default)]
pub(super) struct Grants {
    allowed: BTreeMap<Option<Condition>, BTreeMap<String, BTreeSet<String>>>,
    not_limited: BTreeSet<String>,
}

/// A condition of a statement: one key has one of these values (`StringEquals`, or `StringLike` with a `*`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Condition {
    pub(super) key: &'static str,
    pub(super) values: BTreeSet<String>,
}

/// Every resource.
pub(super) const ALL: &str = "*";

impl Grants {
    /// Allows an action on a resource.
    pub(super) fn allow(&mut self, action: impl Into<String>, resource: impl Into<String>) {
        self.insert(None, action.into(), resource.into());
    }

    /// Allows an action on every resource, because those of the stack have no predictable name.
    pub(super) fn allow_unlimited(&mut self, action: &str) {
        self.not_limited.insert(action.to_owned());
        self.allow(action, ALL);
    }

    /// Allows an action on a resource under a condition.
    pub(super) fn allow_if(&mut self, condition: Condition, action: &str, resource: impl Into<String>) {
        self.insert(Some(condition), action.to_owned(), resource.into());
    }

    fn insert(&mut self, condition: Option<Condition>, action: String, resource: String) {
        self.allowed.entry(condition).or_default().entry(action).or_default().insert(resource);
    }

    /// Returns the actions that are allowed on every resource although IAM could limit them.
    pub(super) fn not_limited(&self) -> impl Iterator<Item = String> + '_ {
        self.not_limited.iter().cloned()
    }

    /// Returns the actions that have the same condition and the same resources, together.
    pub(super) fn grouped(&self) -> BTreeMap<(Option<&Condition>, Vec<&str>), Vec<&str>> {
        let mut groups: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        for (condition, actions) in &self.allowed {
            for (action, resources) in actions {
                groups.entry((condition.as_ref(), smallest(resources))).or_default().push(action);
            }
        }
        groups
    }
}

/// Returns the resources without those that another one includes.
fn smallest(resources: &BTreeSet<String>) -> Vec<&str> {
    if resources.contains(ALL) {
        return vec![ALL];
    }
    let includes = |pattern: &str, other: &str| {
        pattern != other && pattern.strip_suffix('*').is_some_and(|start| other.starts_with(start))
    };
    let kept = resources.iter().filter(|one| !resources.iter().any(|other| includes(other, one)));
    kept.map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_with_the_same_resources_are_together_and_smaller_resources_are_left_out() {
        let mut grants = Grants::default();
        for action in ["sqs:CreateQueue", "sqs:DeleteQueue"] {
            grants.allow(action, "arn:aws:sqs:*:*:jobs-*");
            grants.allow(action, "arn:aws:sqs:*:*:jobs-late-*");
        }
        grants.allow("sqs:ListQueues", "arn:aws:sqs:*:*:jobs-*");
        grants.allow_unlimited("sqs:ListQueues");
        let groups = grants.grouped();
        assert_eq!(groups[&(None, vec!["arn:aws:sqs:*:*:jobs-*"])], ["sqs:CreateQueue", "sqs:DeleteQueue"]);
        assert_eq!(groups[&(None, vec!["*"])], ["sqs:ListQueues"]);
    }
}
