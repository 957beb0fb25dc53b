//! Plans: what a deployment will do to a stack.
//!
//! [`plan_stack`] computes a plan from the templates alone; [`Plan::with_change_set`] merges CloudFormation's change set
//! into it. `plan_file` saves plans and checks that they are fresh. `stateful` finds possible data loss, `fixed_names` replacements that cannot work, `broadening` new
//! permissions, `rollback_readiness` obstacles to a rollback, `capabilities` what CloudFormation requires, `hotswap` the
//! changes that need no CloudFormation. `jobs` finds the jobs that run before the services change, and `first_step` makes
//! the template that comes before them. `deployment_order` orders the stacks of a script, `stack_state` decides what to
//! do with an existing stack, and `property_comparison` compares a resource's properties. `removal` reads what happens to
//! resources that are deleted, `count` finds services whose number of tasks is reset, `outage` listeners that forward
//! to no task for a while, `traffic_reset` those whose weights are set back, `shared` resources that other stacks still use, `details` the values that differ,
//! `database_upgrade` new major versions, `generated_secrets` secrets that get a new value, `warnings` explains a plan at the lines
//! of the script.
//!
//! *Invariant*: imports `api`, `synth`, `cfn` and `diag`, and is pure. A plan holds values as [`GuardedValue`]s, so no output or
//! file made from it has a secret.

pub mod broadening;
pub(crate) mod capabilities;
mod count;
mod danger;
pub(crate) mod database_upgrade;
mod deployed_stack;
pub(crate) mod deployment_order;
mod details;
pub mod first_step;
pub mod fixed_names;
pub(crate) mod generated_secrets;
pub mod hotswap;
mod jobs;
mod outage;
pub mod pinned_images;
pub mod plan_file;
pub mod property_comparison;
pub mod removal;
pub mod rollback_readiness;
pub mod shared;
pub(crate) mod stack_state;
pub mod stateful;
mod traffic_reset;
pub mod warnings;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::api::{Action, ChangeDetail, ChangeSet, Replacement, RequiresRecreation, ResourceChange};
use crate::cfn::diff::{ChangeCause, ChangeKind, ResourceDiff, templates};
use crate::cfn::schema::Schema;
use crate::cfn::sensitive::{GuardedValue, KnownSecrets, guarded_at, masked_resource};
use crate::cfn::{PropertyPath, Template};
use crate::diag::Origin;
use crate::synth::DesiredStack;
use broadening::{Broadening, broadenings};
pub use count::CountChange;
use count::count_changes;
pub use danger::Danger;
pub use deployed_stack::{DeployedStack, HotswappedService};
use details::{Masked, details, others};
pub use jobs::PlannedJob;
use jobs::planned_jobs;
pub use outage::Outage;
use outage::outages;
use removal::{Removal, RemovalPolicy};
pub use shared::SharedEnd;
use stack_state::StackState;
pub use stateful::DataEffect;
pub use traffic_reset::TrafficReset;
use traffic_reset::traffic_resets;

/// The changes that a deployment makes to a stack.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Plan {
    /// The name of the stack.
    pub stack: String,
    /// The state of the stack now.
    pub state: StackState,
    /// The changes of resources, in the order of the template, removals last.
    pub resources: Vec<PlannedChange>,
    /// The other changes: `Outputs.Endpoint`, `Parameters.Image`, `Tags.Owner`.
    pub others: Vec<PropertyChange>,
    /// The permissions that are added, the most dangerous first.
    pub broadenings: Vec<Broadening>,
    /// The new termination protection, if it changes.
    pub termination_protection: Option<bool>,
    /// The services that a hotswap changed, and that return to the stack's revision.
    pub hotswapped: Vec<HotswappedService>,
    /// The services that run another number of tasks than this deployment sets.
    #[serde(default)]
    pub counts: Vec<CountChange>,
    /// The times in which a listener forwards to a target group without tasks.
    #[serde(default)]
    pub outages: Vec<Outage>,
    /// The listeners and rules whose weights ECS has set, and that this deployment sets back.
    #[serde(default)]
    pub traffic_resets: Vec<TrafficReset>,
    /// The resources that this deployment deletes or replaces while other stacks of the script use them.
    #[serde(default)]
    pub shared_ends: Vec<SharedEnd>,
    /// The jobs that run before the services change.
    #[serde(default)]
    pub jobs: Vec<PlannedJob>,
}

/// The change of a resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PlannedChange {
    /// The action.
    pub action: Action,
    /// Its name in the template.
    pub logical_id: String,
    /// Its type.
    #[serde(rename = "resource_type")]
    pub kind: String,
    /// The block that creates it: `Vpc Shop`; none for a resource that the script writes itself or no longer has.
    #[serde(default)]
    pub block: Option<String>,
    /// Whether it is replaced; none unless it is modified.
    pub replacement: Option<Replacement>,
    /// Whether a replacement deletes the old resource first.
    pub delete_first: bool,
    /// Whether the old resource is kept outside of the stack (`DeletionPolicy`, `UpdateReplacePolicy`).
    pub retained: bool,
    /// Whether CloudFormation takes a snapshot of the old resource before it deletes it.
    #[serde(default)]
    pub snapshot: bool,
    /// The effect on the data that the resource holds, if it holds data.
    #[serde(default)]
    pub data: Option<DataEffect>,
    /// The values that differ.
    pub details: Vec<PropertyChange>,
    /// The properties, and the resources that it refers to, that cause the replacement, or else the change.
    pub causes: Vec<String>,
    /// The place in the script that creates it.
    #[serde(skip)]
    pub origin: Option<Origin>,
    /// The place in the script that sets the first cause.
    #[serde(skip)]
    pub cause_origin: Option<Origin>,
}

/// A value that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PropertyChange {
    /// The path of the value: `Properties.ContainerDefinitions[titiler].Image`.
    pub path: String,
    /// The old value without its hidden parts; none if it is added.
    pub before: Option<GuardedValue>,
    /// The new value without its hidden parts; none if it is removed.
    pub after: Option<GuardedValue>,
}

/// The plans that need the user's approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalPolicy {
    /// Never (`--yes`, `--require-approval never`).
    Never,
    /// Approval of plans that add permissions.
    Broadening,
    /// Approval of plans with any change.
    AnyChange,
}

/// Returns the plan that follows from the templates.
pub fn plan_stack(live: Option<&DeployedStack>, desired: &DesiredStack, schema: Option<&Schema>) -> Plan {
    let state = StackState::of(live.map(|live| &live.stack));
    let live = live.filter(|_| !matches!(state, StackState::NotFound | StackState::MustBeDeleted));
    let empty = Template::default();
    let before = live.map_or(&empty, |live| &live.template);
    let diff = templates(before, &desired.template, schema);
    let resources: Vec<_> = diff.resources.iter().map(|diff| planned(diff, before, desired, schema)).collect();
    let outages = outages(before, &desired.template, &resources);
    let traffic_resets = traffic_resets(before, &desired.template, &resources);
    let counts = live.map(|live| count_changes(live, desired, &resources)).unwrap_or_default();
    let jobs = planned_jobs(live, desired, &resources);
    let protected = live.is_some_and(|live| live.stack.termination_protection);
    Plan {
        stack: desired.name.clone(),
        state,
        resources,
        others: others(&diff, before, live, desired),
        broadenings: broadenings(live.map(|live| &live.template), desired),
        hotswapped: live.map(|live| live.hotswapped.clone()).unwrap_or_default(),
        counts,
        outages,
        traffic_resets,
        shared_ends: Vec::new(),
        jobs,
        termination_protection: (protected != desired.termination_protection).then_some(desired.termination_protection),
    }
}

/// Returns the plan of a stack whose deployed template is `before`, without calling AWS.
pub fn plan_against(before: &Template, desired: &DesiredStack, schema: Option<&Schema>) -> Plan {
    let diff = templates(before, &desired.template, schema);
    let resources: Vec<_> = diff.resources.iter().map(|diff| planned(diff, before, desired, schema)).collect();
    Plan {
        stack: desired.name.clone(),
        state: StackState::Updatable,
        outages: outages(before, &desired.template, &resources),
        traffic_resets: traffic_resets(before, &desired.template, &resources),
        shared_ends: Vec::new(),
        jobs: planned_jobs(None, desired, &resources),
        resources,
        others: others(&diff, before, None, desired),
        broadenings: broadenings(Some(before), desired),
        termination_protection: None,
        hotswapped: Vec::new(),
        counts: Vec::new(),
    }
}

impl Plan {
    /// Returns whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty()
            && self.others.is_empty()
            && self.termination_protection.is_none()
            && self.hotswapped.is_empty()
    }

    /// Returns whether the plan needs approval.
    pub fn needs_approval(&self, approval: ApprovalPolicy) -> bool {
        match approval {
            ApprovalPolicy::Never => false,
            ApprovalPolicy::Broadening => !self.broadenings.is_empty(),
            ApprovalPolicy::AnyChange => !self.is_empty(),
        }
    }

    /// Returns the plan with the changes of CloudFormation's change set. If CloudFormation calls a replacement conditional
    /// and the templates decide it, the templates count.
    #[must_use]
    pub fn with_change_set(mut self, change_set: &ChangeSet, known: &KnownSecrets) -> Plan {
        let mut predicted = std::mem::take(&mut self.resources);
        for change in &change_set.changes {
            let at = predicted.iter().position(|planned| planned.logical_id == change.logical_id);
            self.resources.push(match at.map(|at| predicted.remove(at)) {
                Some(planned) => merge(planned, change),
                None => from_change_set(change, known),
            });
        }
        self
    }

    /// Returns the plan if CloudFormation finds nothing to change in the stack.
    #[must_use]
    pub fn without_changes(self) -> Plan {
        Plan {
            resources: Vec::new(),
            others: Vec::new(),
            broadenings: Vec::new(),
            counts: Vec::new(),
            outages: Vec::new(),
            traffic_resets: Vec::new(),
            shared_ends: Vec::new(),
            jobs: Vec::new(),
            ..self
        }
    }

    /// Returns the plan with the resources that end while other stacks use them.
    #[must_use]
    pub fn with_shared_ends(self, shared_ends: Vec<SharedEnd>) -> Plan {
        Plan { shared_ends, ..self }
    }

    /// Returns the names of the resources that are or may be replaced.
    pub fn replaced(&self) -> impl Iterator<Item = &str> {
        let replaced = |change: &&PlannedChange| change.replacement.is_some_and(|it| it != Replacement::False);
        self.resources.iter().filter(replaced).map(|change| change.logical_id.as_str())
    }
}

impl PlannedChange {
    /// Sets the effect on the data of the resource.
    fn with_data_effect(self) -> Self {
        Self { data: stateful::effect(&self), ..self }
    }
}

fn merge(mut planned: PlannedChange, change: &ResourceChange) -> PlannedChange {
    let before = planned.replacement;
    planned.action = change.action;
    planned.replacement = match (change.replacement, planned.replacement) {
        (Some(Replacement::Conditional), Some(decided)) => Some(decided),
        (replacement, _) => replacement,
    };
    let is_decisive = |detail: &&ChangeDetail| detail.recreation == RequiresRecreation::Always;
    if planned.replacement == Some(Replacement::True) && before != planned.replacement {
        let decisive = change.details.iter().filter(is_decisive).filter_map(|detail| detail.name.clone());
        planned.causes = decisive.collect();
        planned.causes.dedup();
    }
    planned.data = stateful::effect(&planned);
    planned
}

fn from_change_set(change: &ResourceChange, known: &KnownSecrets) -> PlannedChange {
    let mut causes: Vec<_> = change.details.iter().filter_map(|detail| detail.cause.clone()).collect();
    causes.dedup();
    let details = change.details.iter().filter(|detail| detail.before.is_some() || detail.after.is_some());
    let details = details.map(|detail| {
        let path = detail.path.clone().or(detail.name.clone()).unwrap_or_else(|| detail.attribute.clone());
        let guard = |text: &Option<String>| text.as_deref().map(|text| reported(&change.kind, &path, text, known));
        let (before, after) = GuardedValue::changed(guard(&detail.before), guard(&detail.after));
        PropertyChange { path: path.clone(), before, after }
    });
    PlannedChange {
        action: change.action,
        logical_id: change.logical_id.clone(),
        kind: change.kind.clone(),
        block: None,
        replacement: change.replacement,
        delete_first: false,
        retained: false,
        snapshot: false,
        data: None,
        details: details.collect(),
        causes,
        origin: None,
        cause_origin: None,
    }
    .with_data_effect()
}

/// Returns a value that AWS reports as text: objects and lists as JSON.
pub(crate) fn reported(kind: &str, path: &str, text: &str, known: &KnownSecrets) -> GuardedValue {
    let pointer = path.strip_prefix("/Properties").unwrap_or(path);
    let parsed = serde_json::from_str(text).ok().filter(|json: &Json| json.is_object() || json.is_array());
    guarded_at(kind, pointer, parsed.unwrap_or_else(|| text.into()), Some(Schema::embedded()), known)
}

fn planned(diff: &ResourceDiff, before: &Template, desired: &DesiredStack, schema: Option<&Schema>) -> PlannedChange {
    let (action, replacement) = match diff.change {
        ChangeKind::Added => (Action::Add, None),
        ChangeKind::Removed => (Action::Remove, None),
        ChangeKind::Modified => (Action::Modify, Some(Replacement::False)),
        ChangeKind::PerhapsReplaced => (Action::Modify, Some(Replacement::Conditional)),
        ChangeKind::Replaced { .. } => (Action::Modify, Some(Replacement::True)),
    };
    let event = if diff.change == ChangeKind::Removed { Removal::Deletion } else { Removal::Replacement };
    let old = before.resources.get(&diff.id);
    let policy = old.map(|old| event.policy(old));
    let removed = old.filter(|_| diff.change == ChangeKind::Removed);
    let removed_name = removed.zip(schema).and_then(|(old, schema)| fixed_names::removed_name(old, schema));
    let ends = replacement.is_none_or(|replacement| replacement != Replacement::False);
    let new = desired.template.resources.get(&diff.id);
    let first = diff.deciding_causes().next();
    let mask = |resource| masked_resource(resource, schema, &desired.secrets);
    let has_parts = !diff.parts.is_empty();
    let (masked_old, masked_new) = (old.filter(|_| has_parts).map(mask), new.filter(|_| has_parts).map(mask));
    let masked = Masked { before: masked_old.as_ref(), after: masked_new.as_ref() };
    PlannedChange {
        action,
        logical_id: diff.id.to_string(),
        kind: diff.kind.to_string(),
        block: desired.block_of(&diff.id).map(str::to_owned),
        replacement,
        delete_first: diff.change == ChangeKind::Replaced { delete_first: true },
        retained: ends && policy == Some(RemovalPolicy::Retain),
        snapshot: ends && policy == Some(RemovalPolicy::Snapshot),
        data: None,
        details: diff.parts.iter().flat_map(|entry| details(entry, "", masked)).chain(removed_name).collect(),
        causes: diff.deciding_causes().map(cause).collect(),
        origin: new.map(|resource| resource.origin.clone()),
        cause_origin: new.zip(first).map(|(resource, cause)| resource.origin_of(&cause.path).clone()),
    }
    .with_data_effect()
}

fn cause(cause: &ChangeCause) -> String {
    match &cause.through {
        Some(id) => format!("{} refers to {id}", cause.property),
        None => cause.property.clone(),
    }
}

/// Returns the place of a planned value in the script.
pub fn origin_of_change<'t>(template: &'t Template, id: &str, path: &str) -> Option<&'t Origin> {
    let resource = template.resources.get(id)?;
    Some(resource.origin_of(&PropertyPath::property(path.strip_prefix("Properties.").unwrap_or(path))))
}
