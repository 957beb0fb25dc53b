//! Plans as files: what was shown and approved, with the marks of what it was made from.
//!
//! A saved plan holds no template and no value of a parameter, only fingerprints of them; the plan itself shows the
//! values that differ, as `diff` does.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::stack_state::StackState;
use super::{DeployedStack, Plan};
use crate::cfn::Template;
use crate::cfn::emit;
use crate::deploy::api::{Action, AwsEnvironment, Replacement, Timestamp};
use crate::diag::{Code, CommandName, Diagnostic, Hint};
use crate::synth::DesiredStack;

/// The plans of some stacks of a script.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SavedPlan {
    /// The form of this file; another one is not read.
    pub version: u32,
    /// The script as it was named.
    pub script: String,
    /// The account and region that it was made for.
    pub place: AwsEnvironment,
    /// When.
    pub made: Timestamp,
    /// The stacks, in the order of the script.
    pub stacks: Vec<SavedStackPlan>,
}

/// The plan of one stack.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SavedStackPlan {
    /// What happens.
    pub plan: Plan,
    /// Whether AWS wrote a change set for it; else the templates alone told.
    pub confirmed: bool,
    /// Fingerprints of what the script wants: of each resource, and of the rest.
    wanted: IndexMap<String, String>,
    /// What was there; none where the stack is made.
    found: Option<StackFingerprint>,
}

/// The marks of a deployed stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct StackFingerprint {
    id: String,
    updated: Option<Timestamp>,
    operation: Option<String>,
    template: String,
}

impl SavedPlan {
    /// The form that this program writes and reads.
    pub const VERSION: u32 = 1;

    /// The plan of a stack.
    pub fn stack(&self, name: &str) -> Option<&SavedStackPlan> {
        self.stacks.iter().find(|saved| saved.plan.stack == name)
    }
}

impl SavedStackPlan {
    /// A plan with the marks of what it was made from.
    pub fn new(desired: &DesiredStack, live: Option<&DeployedStack>, plan: Plan, confirmed: bool) -> Self {
        Self { plan, confirmed, wanted: wanted(desired), found: found(live) }
    }

    /// What is not any more as it was when the plan was made.
    pub fn outdated(&self, desired: &DesiredStack, live: Option<&DeployedStack>) -> Option<Diagnostic> {
        let name = &desired.name;
        let (before, now) = (&self.wanted, wanted(desired));
        let differ = before.keys().chain(now.keys().filter(|key| !before.contains_key(*key)));
        let differ: Vec<String> =
            differ.filter(|key| before.get(*key) != now.get(*key)).map(|key| format!("`{key}`")).collect();
        if !differ.is_empty() {
            let message = format!("the script wants another stack `{name}` than when the plan was made");
            let problem = Diagnostic::new(Code::PlanOutdated, message).at(&desired.origin, "this stack");
            return Some(problem.note(format!("it differs in {}", differ.join(", "))).help(new_plan()));
        }
        let note = match (&self.found, &found(live)) {
            (before, now) if before == now => return None,
            (None, Some(_)) => "it was not there, and is now".to_owned(),
            (Some(_), None) => "it was there, and is not any more".to_owned(),
            (Some(before), Some(now)) if before.id != now.id => "it was deleted and made anew".to_owned(),
            (_, now) => {
                let when = now.as_ref().and_then(|now| now.updated).map_or_else(String::new, |it| format!(" at {it}"));
                format!("it was last updated{when}")
            }
        };
        let message = format!("stack `{name}` was changed since the plan was made");
        let problem = Diagnostic::new(Code::PlanOutdated, message).at(&desired.origin, "this stack");
        Some(problem.note(note).help(new_plan()))
    }

    /// What a change set would do that the plan did not say. Where the stack follows others of the same plan
    /// (`follows`), values of theirs may change more of it in place; a replacement or removal must have been told.
    pub fn exceeded(&self, desired: &DesiredStack, now: &Plan, follows: bool) -> Option<Diagnostic> {
        let weight = |plan: &Plan, id: &str| {
            let change = plan.resources.iter().find(|change| change.logical_id == id)?;
            Some(match (change.action, change.replacement) {
                (Action::Remove, _) => 3,
                (_, Some(Replacement::True | Replacement::Conditional)) => 2,
                _ => 1,
            })
        };
        let lenient = u8::from(follows || !self.confirmed);
        let more = now.resources.iter().filter(|change| {
            let told = weight(&self.plan, &change.logical_id).unwrap_or(0).max(lenient);
            weight(now, &change.logical_id).unwrap_or(0) > told
        });
        let more: Vec<String> = more.map(|change| format!("`{}`", change.logical_id)).collect();
        let message = format!("stack `{}` would change more than the plan says", desired.name);
        let problem = Diagnostic::new(Code::PlanOutdated, message).at(&desired.origin, "this stack");
        (!more.is_empty())
            .then(|| problem.note(format!("AWS's change set also does {}", more.join(", "))).help(new_plan()))
    }
}

/// Returns the advice for a plan that does not fit any more.
pub(crate) fn new_plan() -> Hint {
    let save = CommandName::Plan.of("--save").arg("FILE");
    Hint::from("save a new plan with ").command(save).text(", review it and deploy it")
}

fn wanted(desired: &DesiredStack) -> IndexMap<String, String> {
    let whole = emit::json(&desired.template);
    let mut prints: IndexMap<String, String> = IndexMap::new();
    for (id, resource) in &desired.template.resources {
        let alone =
            Template { resources: std::iter::once((id.clone(), resource.clone())).collect(), ..Template::default() };
        prints.insert(id.to_string(), fingerprint(&[&emit::json(&alone)]));
    }
    let parameters: Vec<&str> = desired.parameters.iter().flat_map(|(key, value)| [&**key, value]).collect();
    let tags: Vec<&str> = desired.tags.iter().flat_map(|(key, value)| [&**key, value]).collect();
    prints.insert("the template".to_owned(), fingerprint(&[&whole]));
    prints.insert("the values of parameters".to_owned(), fingerprint(&parameters));
    prints.insert("the tags".to_owned(), fingerprint(&tags));
    let protected = desired.termination_protection.to_string();
    prints.insert("termination protection".to_owned(), fingerprint(&[&protected]));
    prints
}

fn found(live: Option<&DeployedStack>) -> Option<StackFingerprint> {
    let live = live.filter(|live| {
        !matches!(StackState::of(Some(&live.stack)), StackState::NotFound | StackState::MustBeDeleted)
    })?;
    Some(StackFingerprint {
        id: live.stack.id.clone(),
        updated: live.stack.updated,
        operation: live.stack.last_operation.clone(),
        template: fingerprint(&[&emit::json(&live.template)]),
    })
}

/// The beginning of a SHA-256 over texts and their lengths.
pub(crate) fn fingerprint(texts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.len().to_le_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}
