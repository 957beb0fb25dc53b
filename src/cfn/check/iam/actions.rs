//! The actions of statements, and whether the resources fit them.
//!
//! Source: the Service Authorization Reference. IAM accepts what is reported here, and it grants nothing, so these are
//! warnings; the list of actions ages.

use wildmatch::WildMatch;

use super::arn_pattern::ArnPattern;
use super::policy_kind::PolicyKind;
use crate::cfn::check::context::{CheckContext, ResourceEntry};
use crate::cfn::iam_actions::{Action, ActionList};
use crate::cfn::{Map, TemplateString, Value};
use crate::diag::{Code, Diagnostic, Sink};

/// The comparisons that one pattern of actions counts as: services have hundreds of actions.
const COST_OF_A_SERVICE: usize = 300;

/// A statement of a policy.
pub(super) struct Statement<'a, 's> {
    pub(super) found: ResourceEntry<'a>,
    pub(super) scope: &'s CheckContext<'a>,
    pub(super) body: &'a Map,
    pub(super) kind: PolicyKind,
    /// The path of the statement.
    pub(super) place: &'s str,
}

impl Statement<'_, '_> {
    pub(super) fn check(&self, sink: &mut Sink) {
        for name in ["Action", "NotAction"] {
            for (at, text) in texts(self.body, name) {
                let actions = text.as_str().and_then(|text| self.known(text, name, at, sink));
                if let Some(actions) = actions.filter(|_| name == "Action") {
                    sink.extend(self.unfit(text, &actions, at));
                }
            }
        }
        self.everything(sink);
    }

    fn report(&self, code: Code, name: &str, at: Option<usize>, message: String) -> Diagnostic {
        let item = at.map(|at| format!(".{at}")).unwrap_or_default();
        self.found.warning(code, &format!("{}.{name}{item}", self.place), message)
    }

    /// Returns the actions of a pattern, and reports one that has none.
    fn known(&self, text: &str, name: &str, at: Option<usize>, sink: &mut Sink) -> Option<Vec<Action<'static>>> {
        let list = ActionList::embedded();
        let (prefix, action) = text.split_once(':')?;
        if prefix.contains(['*', '?', '$']) || action.contains('$') {
            return None;
        }
        let Some(actions) = list.actions(prefix) else {
            let problem = self.report(Code::UnknownAction, name, at, format!("IAM has no service `{prefix}`"));
            sink.push(problem.help_if(self.scope.suggestions.did_you_mean(prefix, list.prefixes())));
            return None;
        };
        if !self.scope.may_compare(COST_OF_A_SERVICE) {
            return None;
        }
        let pattern = WildMatch::new_case_insensitive(action);
        let found: Vec<Action<'_>> = actions.filter(|known| pattern.matches(known.name)).collect();
        if found.is_empty() {
            let names = list.actions(prefix).into_iter().flatten().map(|known| format!("{prefix}:{}", known.name));
            let names: Vec<String> = names.collect();
            let problem = self.report(Code::UnknownAction, name, at, format!("IAM has no action `{text}`"));
            sink.push(problem.help_if(self.scope.suggestions.did_you_mean(text, names.iter().map(String::as_str))));
            return None;
        }
        Some(found)
    }

    /// Reports actions to which no resource of the statement belongs.
    fn unfit(&self, text: &TemplateString, actions: &[Action<'_>], at: Option<usize>) -> Option<Diagnostic> {
        let items: Vec<&Value> = match self.body.get("Resource")? {
            Value::List(items) => items.iter().collect(),
            item => vec![item],
        };
        if !self.scope.may_compare(items.len()) {
            return None;
        }
        let mut patterns = Vec::new();
        for item in &items {
            let Value::Text(text) = item else { return None };
            // CloudFormation checks `CreateChangeSet` on transforms too ("Transform" of the CloudFormation user guide).
            if text.to_string().contains(":transform/") {
                return None;
            }
            patterns.push(ArnPattern::of_resource(text, self.scope)?);
        }
        let mut formats = Vec::new();
        for action in actions {
            formats.extend(action.resources()?);
        }
        if formats.is_empty() {
            // A policy of a resource is about that resource, also for actions that list none.
            return (self.kind == PolicyKind::Identity && !patterns.is_empty()).then(|| {
                let message = format!("`{text}` is about no single resource: it is granted for `*` only");
                self.report(Code::ActionResource, "Action", at, message)
                    .help("use a statement of its own with `Resource: \"*\"`")
            });
        }
        formats.sort_unstable();
        formats.dedup();
        if !self.scope.may_compare(formats.len() * patterns.len()) {
            return None;
        }
        let known: Vec<ArnPattern> = formats.iter().map(|format| ArnPattern::of_format(format)).collect();
        let fits = |pattern: &ArnPattern| known.iter().any(|format| pattern.meets(format));
        if patterns.is_empty() || patterns.iter().any(fits) {
            return None;
        }
        let Value::Text(resource) = items.first()? else { return None };
        let message = format!("`{text}` does not apply to `{resource}`");
        let problem = self.report(Code::ActionResource, "Action", at, message);
        formats.truncate(3);
        let formats: Vec<String> = formats.iter().map(|format| format!("`arn:aws:{format}`")).collect();
        Some(problem.help(format!("it applies to {}", formats.join(", "))))
    }

    /// Reports a statement that allows everything.
    fn everything(&self, sink: &mut Sink) {
        let is_all = |name: &str| texts(self.body, name).any(|(_, text)| text.as_str() == Some("*"));
        let allows = self.body.get("Effect").and_then(Value::as_str) == Some("Allow");
        let is_open = allows && !self.body.contains_key("Condition") && is_all("Action") && is_all("Resource");
        if is_open && self.kind == PolicyKind::Identity {
            let message = "the statement allows every action on every resource".to_owned();
            let problem = self.report(Code::ActionResource, "Action", None, message);
            sink.push(problem.help("list the actions that are needed, and their resources"));
        }
    }
}

/// Returns the strings of an element with their positions in a list.
fn texts<'v>(statement: &'v Map, name: &str) -> impl Iterator<Item = (Option<usize>, &'v TemplateString)> {
    let value = statement.get(name);
    let items = value.and_then(Value::as_list).unwrap_or_default().iter().enumerate();
    let single = value.map(|value| (None, value));
    single.into_iter().chain(items.map(|(at, item)| (Some(at), item))).filter_map(|(at, item)| match item {
        Value::Text(text) => Some((at, text)),
        _ => None,
    })
}
