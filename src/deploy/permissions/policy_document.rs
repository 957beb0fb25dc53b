//! Policies as JSON to paste.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::grants::{Condition, Grants};

/// The largest managed policy in characters, white space not counted ("IAM and AWS STS quotas" of the IAM user guide).
pub const LARGEST_POLICY: usize = 6144;

/// A policy of IAM.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyDocument {
    version: &'static str,
    /// The statements.
    pub statement: Vec<Statement>,
}

/// A statement that allows actions.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    effect: &'static str,
    /// The actions.
    pub action: Vec<String>,
    /// The ARNs of the resources, or `*`.
    pub resource: Vec<String>,
    /// The conditions: operators with the values of keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<BTreeMap<&'static str, BTreeMap<&'static str, Vec<String>>>>,
}

impl PolicyDocument {
    fn of(statement: Vec<Statement>) -> Self {
        Self { version: "2012-10-17", statement }
    }

    /// Returns the number of characters that IAM counts.
    pub fn size(&self) -> usize {
        size(self)
    }
}

impl Statement {
    fn new(condition: Option<&Condition>, resources: &[&str], actions: &[&str]) -> Self {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let condition = condition.map(|Condition { key, values }| {
            let has_pattern = values.iter().any(|value| value.contains('*'));
            let operator = if has_pattern { "StringLike" } else { "StringEquals" };
            BTreeMap::from([(operator, BTreeMap::from([(*key, values.iter().cloned().collect())]))])
        });
        Self { effect: "Allow", action: owned(actions), resource: owned(resources), condition }
    }

    /// Returns the statement in parts that fit into a policy.
    fn parts(self) -> Vec<Statement> {
        let limit = LARGEST_POLICY - EMPTY;
        let half = |list: &[String]| list.len().div_ceil(2);
        let (first, second) = match (self.action.len(), self.resource.len()) {
            _ if size(&self) <= limit => return vec![self],
            (1, 1) => return vec![self],
            (actions, resources) if actions >= resources => {
                let (first, second) = self.action.split_at(half(&self.action));
                let part = |action: &[String]| Statement { action: action.to_vec(), ..self.clone() };
                (part(first), part(second))
            }
            _ => {
                let (first, second) = self.resource.split_at(half(&self.resource));
                let part = |resource: &[String]| Statement { resource: resource.to_vec(), ..self.clone() };
                (part(first), part(second))
            }
        };
        [first.parts(), second.parts()].concat()
    }
}

/// The characters of a policy without statements.
const EMPTY: usize = r#"{"Version":"2012-10-17","Statement":[]}"#.len();

/// Returns the permissions as policies of which each fits IAM's limit.
pub(super) fn documents(grants: &Grants) -> Vec<PolicyDocument> {
    let mut statements: Vec<Statement> = (grants.grouped().into_iter())
        .flat_map(|((condition, resources), actions)| Statement::new(condition, &resources, &actions).parts())
        .collect();
    // What a reader looks at first: what is allowed on everything.
    statements.sort_by_key(|statement| statement.resource != ["*"]);
    let mut documents: Vec<(usize, Vec<Statement>)> = Vec::new();
    for statement in statements {
        let length = size(&statement) + 1;
        match documents.iter_mut().find(|(taken, _)| taken + length <= LARGEST_POLICY) {
            Some((taken, statements)) => {
                *taken += length;
                statements.push(statement);
            }
            None => documents.push((EMPTY + length, vec![statement])),
        }
    }
    documents.into_iter().map(|(_, statements)| PolicyDocument::of(statements)).collect()
}

/// Returns the characters of JSON without white space.
fn size(value: &impl Serialize) -> usize {
    let json: Json = serde_json::to_value(value).unwrap_or_default();
    json.to_string().chars().filter(|character| !character.is_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_actions_and_resources_are_split_into_policies_within_the_limit() {
        let mut grants = Grants::default();
        for action in 0..300 {
            for resource in 0..40 {
                grants
                    .allow(format!("ecs:Action{action}"), format!("arn:aws:ecs:*:*:service/web/service-{resource}-*"));
            }
        }
        let documents = documents(&grants);
        assert!(documents.len() > 1 && documents.iter().all(|document| document.size() <= LARGEST_POLICY));
        let granted: usize = (documents.iter().flat_map(|document| &document.statement))
            .map(|statement| statement.action.len() * statement.resource.len())
            .sum();
        assert_eq!(granted, 300 * 40);
    }
}
