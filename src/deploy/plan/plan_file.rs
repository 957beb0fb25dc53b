//! Plans as files: the plan that was shown and approved, with fingerprints of what it was made from.
//!
//! A saved plan holds no template and no value of a parameter, only fingerprints of them. The plan itself has the values
//! that differ, as `diff` shows them.
//!
//! Neither holds a secret, nor a fingerprint of one: a weak secret can be guessed from it. The fingerprints are of templates
//! without what is sensitive. Instead, the plan lists which sensitive values differ from the deployed stack; the list must
//! be the same when the plan is deployed.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::stack_state::StackState;
use super::{DeployedStack, Plan, PropertyChange, plan_stack};
use crate::cfn::schema::Schema;
use crate::cfn::sensitive::{GuardedValue, HIDDEN, KnownSecrets, is_secret_name, masked_resource, masked_sections};
use crate::cfn::{Parameter, Template};
use crate::deploy::api::{Action, AwsEnvironment, Replacement, Timestamp};
use crate::diag::{Code, CommandName, Diagnostic, Hint};
use crate::image::{ImageRepository, ImageSource};
use crate::synth::DesiredStack;

/// The key of the whole template among the fingerprints.
const TEMPLATE: &str = "the template";

/// The plans of some stacks of a script.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SavedPlan {
    /// The version of the file format; other versions are not read.
    #[serde(rename = "format_version")]
    pub version: u32,
    /// The script, as named on the command line.
    pub script: String,
    /// The account and region of the plan.
    pub environment: AwsEnvironment,
    /// The time at which the plan was made.
    pub created: Timestamp,
    /// The values of the script's settings, without secrets.
    pub settings: IndexMap<String, String>,
    /// The stacks, in the order of the script.
    pub stacks: Vec<SavedStackPlan>,
    /// The images that a deployment of the plan builds, or takes from a file, and pushes unless its registry has them.
    #[serde(default)]
    pub images: Vec<PlannedImage>,
    /// The settings that have other values now, as `image` was `2.0.0`.
    #[serde(skip)]
    changed_settings: Vec<String>,
}

/// An image that a deployment pushes unless its registry has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PlannedImage {
    /// The folder that is built, or the file.
    pub path: String,
    /// Whether it is built; else it is in a file.
    pub built: bool,
    /// The repository with its registry; null for that of the bootstrap.
    pub repository: Option<String>,
    /// The tag, which follows from its content.
    pub tag: String,
    /// The size of the context or file in bytes.
    pub bytes: u64,
    /// The stacks that run it.
    pub stacks: Vec<String>,
}

/// Returns the images that a deployment of stacks pushes, each once.
pub fn planned_images(stacks: &[DesiredStack]) -> Vec<PlannedImage> {
    let mut found: Vec<PlannedImage> = Vec::new();
    for stack in stacks {
        for image in &stack.images {
            let repository = match &image.repository {
                ImageRepository::Bootstrap => None,
                ImageRepository::Named(name) => Some(name.clone()),
            };
            match found.iter_mut().find(|known| known.tag == image.tag && known.repository == repository) {
                Some(known) if known.stacks.contains(&stack.name) => {}
                Some(known) => known.stacks.push(stack.name.clone()),
                None => found.push(PlannedImage {
                    path: image.path().to_owned(),
                    built: matches!(image.source, ImageSource::Build(_)),
                    repository,
                    tag: image.tag.clone(),
                    bytes: image.bytes(),
                    stacks: vec![stack.name.clone()],
                }),
            }
        }
    }
    found
}

/// The plan of one stack.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SavedStackPlan {
    /// The plan.
    pub plan: Plan,
    /// Whether CloudFormation computed it by a change set; else it follows from the templates alone.
    pub confirmed: bool,
    /// The fingerprints of what the script sets: of each resource, and of the rest.
    desired: IndexMap<String, String>,
    /// The fingerprint of the deployed stack; none if the stack is to be created.
    deployed: Option<StackFingerprint>,
    /// The values that are not shown and that differ from the deployed stack: `Db.Properties.MasterUserPassword`.
    #[serde(default)]
    hidden_changes: Vec<String>,
}

/// The fingerprint of a deployed stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct StackFingerprint {
    /// The stack's id.
    id: String,
    /// The time of its last update.
    updated: Option<Timestamp>,
    /// The id of its last operation.
    operation: Option<String>,
    /// The hash of its template.
    template: String,
}

impl SavedPlan {
    /// The version of the file format that this program writes and reads.
    pub const VERSION: u32 = 1;

    /// Creates the plan of a script in an account and region.
    pub fn new(script: &str, environment: AwsEnvironment, created: Timestamp, stacks: Vec<SavedStackPlan>) -> Self {
        Self {
            version: Self::VERSION,
            script: script.to_owned(),
            environment,
            created,
            settings: IndexMap::new(),
            stacks,
            images: Vec::new(),
            changed_settings: Vec::new(),
        }
    }

    /// Returns the plan of a stack.
    pub fn stack(&self, name: &str) -> Option<&SavedStackPlan> {
        self.stacks.iter().find(|saved| saved.plan.stack == name)
    }

    /// Records which settings have other values than when the plan was made.
    pub fn compare_settings(&mut self, now: &IndexMap<String, String>) {
        let changed = self.settings.iter().filter(|(name, value)| now.get(*name).is_some_and(|now| now != *value));
        let changed = changed.map(|(name, value)| format!("`{name}` was `{value}` when it was planned"));
        self.changed_settings = changed.collect();
    }

    /// Returns an error if the script or the deployed stack changed since the plan was made.
    pub fn check_fresh(&self, desired: &DesiredStack, live: Option<&DeployedStack>) -> Option<Diagnostic> {
        let name = &desired.name;
        let Some(saved) = self.stack(name) else {
            return Some(outdated(desired, format!("the plan does not contain stack `{name}`")));
        };
        let differences = saved.differences(desired);
        if !differences.is_empty() {
            let message = format!("the script sets another stack `{name}` than when the plan was made");
            let note = match self.changed_settings.as_slice() {
                [] => format!("different from the plan: {}", differences.join(", ")),
                changed => format!("the settings differ: {}", changed.join(", ")),
            };
            return Some(outdated(desired, message).note(note));
        }
        if let Some(note) = saved.hidden_difference(desired, live) {
            let message = format!("the script sets another stack `{name}` than when the plan was made");
            return Some(outdated(desired, message).note(note));
        }
        let note = deployed_change(saved.deployed.as_ref(), fingerprint_of(live).as_ref())?;
        Some(outdated(desired, format!("stack `{name}` was changed since the plan was made")).note(note))
    }
}

impl SavedStackPlan {
    /// Creates a plan with the fingerprints of what it was made from.
    pub fn new(desired: &DesiredStack, live: Option<&DeployedStack>, plan: Plan, confirmed: bool) -> Self {
        let hidden_changes = hidden_changes(desired, live);
        Self { plan, confirmed, desired: fingerprints(desired), deployed: fingerprint_of(live), hidden_changes }
    }

    /// Returns which hidden value differs from the deployed stack now and did not when the plan was made, or the reverse.
    fn hidden_difference(&self, desired: &DesiredStack, live: Option<&DeployedStack>) -> Option<String> {
        let (before, now) = (&self.hidden_changes, hidden_changes(desired, live));
        let other = now.iter().find(|path| !before.contains(path)).map(|path| (path, "changes now"));
        let gone = before.iter().find(|path| !now.contains(path)).map(|path| (path, "does not change any more"));
        let (path, what) = other.or(gone)?;
        Some(format!("`{path}`, whose value is not shown, {what}"))
    }

    /// Returns an error if a change set does more than the plan. If the stack follows others of the same plan
    /// (`follows`), their values may change more of it in place; a replacement or removal must be in the plan.
    pub fn check_within(&self, desired: &DesiredStack, now: &Plan, follows: bool) -> Option<Diagnostic> {
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
            let planned = weight(&self.plan, &change.logical_id).unwrap_or(0).max(lenient);
            weight(now, &change.logical_id).unwrap_or(0) > planned
        });
        let more: Vec<String> = more.map(|change| format!("`{}`", change.logical_id)).collect();
        let message = format!("stack `{}` would change more than the plan says", desired.name);
        let note = format!("the change set also changes {}", more.join(", "));
        (!more.is_empty()).then(|| outdated(desired, message).note(note))
    }

    /// Returns the parts of the script's stack that differ from the plan.
    fn differences(&self, desired: &DesiredStack) -> Vec<String> {
        let (before, now) = (&self.desired, fingerprints(desired));
        let keys = before.keys().chain(now.keys().filter(|key| !before.contains_key(*key)));
        let differing: Vec<&String> = keys.filter(|key| before.get(*key) != now.get(*key)).collect();
        let is_resource = |key: &str| !key.contains(' ');
        let has_resources = differing.iter().any(|key| is_resource(key));
        let shown = differing.into_iter().filter(|key| !(has_resources && *key == TEMPLATE));
        shown.map(|key| if is_resource(key) { format!("`{key}`") } else { key.clone() }).collect()
    }
}

/// Returns how a deployed stack changed; nothing if it did not.
fn deployed_change(before: Option<&StackFingerprint>, now: Option<&StackFingerprint>) -> Option<String> {
    match (before, now) {
        (before, now) if before == now => None,
        (None, Some(_)) => Some("it did not exist, and exists now".to_owned()),
        (Some(_), None) => Some("it existed, and no longer does".to_owned()),
        (Some(before), Some(now)) if before.id != now.id => Some("it was deleted and created again".to_owned()),
        (_, now) => {
            let time = now.and_then(|now| now.updated).map_or_else(String::new, |time| format!(" at {time}"));
            Some(format!("it was last updated{time}"))
        }
    }
}

fn outdated(desired: &DesiredStack, message: String) -> Diagnostic {
    Diagnostic::new(Code::PlanOutdated, message).at(&desired.origin, "this stack").help(new_plan())
}

/// Returns the advice for a plan that is not valid any more.
pub(crate) fn new_plan() -> Hint {
    let save = CommandName::Plan.of("--save").arg("FILE");
    Hint::from("save a new plan with ").command(save).text(", review it and deploy it")
}

/// Returns the paths of the hidden values that differ from an existing stack.
fn hidden_changes(desired: &DesiredStack, live: Option<&DeployedStack>) -> Vec<String> {
    let exists = |live: &&DeployedStack| {
        !matches!(StackState::of(Some(&live.stack)), StackState::NotFound | StackState::MustBeDeleted)
    };
    let Some(live) = live.filter(exists) else { return Vec::new() };
    let plan = plan_stack(Some(live), desired, None);
    let hidden =
        |change: &&PropertyChange| [&change.before, &change.after].into_iter().flatten().any(GuardedValue::is_hidden);
    let resources = plan.resources.iter().flat_map(|resource| {
        resource.details.iter().filter(hidden).map(|change| format!("{}.{}", resource.logical_id, change.path))
    });
    resources.chain(plan.others.iter().filter(hidden).map(|change| change.path.clone())).collect()
}

/// Returns the fingerprints of the parts of a stack, without what is sensitive.
fn fingerprints(desired: &DesiredStack) -> IndexMap<String, String> {
    let mut prints: IndexMap<String, String> = IndexMap::new();
    for (id, text) in masked_resources(&desired.template, &desired.secrets) {
        prints.insert(id, fingerprint(&[&text]));
    }
    let whole: Vec<&str> = prints.iter().flat_map(|(id, print)| [id.as_str(), print]).collect();
    let sections = masked_rest(&desired.template, &desired.secrets);
    let whole = fingerprint(&[whole.as_slice(), &[&*sections]].concat());
    let is_secret =
        |name: &str| is_secret_name(name) || desired.template.parameters.get(name).is_some_and(Parameter::is_secret);
    let clean = |(key, value): (&String, &String)| {
        [key.clone(), if is_secret(key) { HIDDEN.to_owned() } else { desired.secrets.text(value) }]
    };
    let of_map = |map: &IndexMap<String, String>| {
        let texts: Vec<String> = map.iter().flat_map(clean).collect();
        fingerprint(&texts.iter().map(String::as_str).collect::<Vec<_>>())
    };
    prints.insert(TEMPLATE.to_owned(), whole);
    prints.insert("the values of parameters".to_owned(), of_map(&desired.parameters));
    prints.insert("the tags".to_owned(), of_map(&desired.tags));
    let protected = desired.termination_protection.to_string();
    prints.insert("the termination protection".to_owned(), fingerprint(&[&protected]));
    prints
}

fn masked_resources(template: &Template, known: &KnownSecrets) -> Vec<(String, String)> {
    let mask = |resource| masked_resource(resource, Some(Schema::embedded()), known).to_string();
    template.resources.iter().map(|(id, resource)| (id.to_string(), mask(resource))).collect()
}

/// Returns everything but the resources of a template as text, without what is sensitive.
fn masked_rest(template: &Template, known: &KnownSecrets) -> String {
    let has_no_echo = |name: &str| template.parameters.get(name).is_some_and(Parameter::is_secret);
    masked_sections(template, has_no_echo, known).to_string()
}

fn fingerprint_of(live: Option<&DeployedStack>) -> Option<StackFingerprint> {
    let live = live.filter(|live| {
        !matches!(StackState::of(Some(&live.stack)), StackState::NotFound | StackState::MustBeDeleted)
    })?;
    Some(StackFingerprint {
        id: live.stack.id.clone(),
        updated: live.stack.updated,
        operation: live.stack.last_operation.clone(),
        template: {
            let known = KnownSecrets::default();
            let resources = masked_resources(&live.template, &known);
            let texts = resources.iter().flat_map(|(id, text)| [id.as_str(), text]);
            fingerprint(&texts.chain([&*masked_rest(&live.template, &known)]).collect::<Vec<_>>())
        },
    })
}

/// Returns the beginning of a SHA-256 over texts and their lengths.
pub(crate) fn fingerprint(texts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.len().to_le_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Origin;
    use crate::image::{ImageArchive, RequiredImage};
    use crate::testing::harness::stack;

    #[test]
    fn image_of_two_stacks_is_planned_once_with_both() {
        let digest = "0a".repeat(32);
        let archive = ImageArchive { file: "web.tar".to_owned(), path: "/web.tar".into(), digest, bytes: 7 };
        let image = |repository: ImageRepository| RequiredImage {
            tag: archive.tag(),
            source: ImageSource::Archive(Box::new(archive.clone())),
            repository,
            extra_tags: Vec::new(),
            origin: Origin::unknown(),
        };
        let with = |name: &str, images: Vec<RequiredImage>| DesiredStack { images, ..stack(name, "Resources: {}\n") };
        let elsewhere = image(ImageRepository::Named("ghcr.io/acme/web".to_owned()));
        let stacks = [
            with("a", vec![image(ImageRepository::Bootstrap)]),
            with("b", vec![image(ImageRepository::Bootstrap), elsewhere]),
        ];
        let planned = planned_images(&stacks);
        let seen: Vec<_> = planned.iter().map(|it| (it.repository.as_deref(), it.stacks.join(","))).collect();
        assert_eq!(seen, [(None, "a,b".to_owned()), (Some("ghcr.io/acme/web"), "b".to_owned())]);
        assert!(planned.iter().all(|it| !it.built && it.path == "web.tar" && it.bytes == 7));
    }
}
