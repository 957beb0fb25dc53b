//! Roles of IAM and what they may do.

use crate::cfn;
use crate::cfn::type_names::ROLE;
use crate::cfn::{Resource, TemplateString, Value};
use crate::diag::Origin;

/// A statement that allows actions on resources.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Statement {
    pub(crate) actions: Vec<TemplateString>,
    pub(crate) resources: Vec<TemplateString>,
}

impl Statement {
    /// Allows actions on one resource.
    pub(crate) fn allow(actions: &[&str], resource: impl Into<TemplateString>) -> Self {
        let actions = actions.iter().map(|action| TemplateString::from(*action)).collect();
        Self { actions, resources: vec![resource.into()] }
    }

    fn to_value(&self) -> Value {
        cfn!({ "Effect": "Allow", "Action": one_or_many(&self.actions), "Resource": one_or_many(&self.resources) })
    }
}

/// Returns a role that a service of AWS assumes, with an inline policy: the policy exists with the role, so nothing
/// needs to wait for a policy.
pub(crate) fn role<'s>(
    origin: &Origin,
    service: &str,
    statements: impl IntoIterator<Item = &'s Statement>,
) -> Resource {
    let statements: Vec<Value> = statements.into_iter().map(Statement::to_value).collect();
    let trust = cfn!({ "Effect": "Allow", "Principal": cfn!({ "Service": service }), "Action": "sts:AssumeRole" });
    let role = Resource::new(ROLE, origin.clone()).with("AssumeRolePolicyDocument", document(vec![trust]));
    if statements.is_empty() {
        return role;
    }
    let policy = document(statements);
    role.with("Policies", cfn!([cfn!({ "PolicyName": "Inline", "PolicyDocument": policy })]))
}

fn document(statements: Vec<Value>) -> Value {
    cfn!({ "Version": "2012-10-17", "Statement": statements })
}

fn one_or_many(texts: &[TemplateString]) -> Value {
    match texts {
        [one] => one.into(),
        many => Value::list(many),
    }
}
