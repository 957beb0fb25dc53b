//! What somebody changed in the resources of a stack, beside CloudFormation.

use super::Engine;
use super::poll_interval::PollInterval;
use crate::cfn::{PathSegment, PropertyPath};
use crate::deploy::api::{AwsApi, AwsError, Clock, DriftStatus, PropertyDrift, ResourceDrift};
use crate::diag::{Code, CommandName, Diagnostic, Hint};
use crate::synth::DesiredStack;

/// How long a search may take in polls of up to five seconds: a quarter of an hour.
const POLLS: u32 = 200;

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    /// Lets AWS look for drift in a stack; nothing where there is no such stack.
    pub async fn drift(&self, desired: &DesiredStack) -> Result<Option<Vec<ResourceDrift>>, AwsError> {
        let cloud = self.cloud.for_region(desired.region.as_deref());
        let (cloud, name) = (&cloud, &desired.name);
        let Some(stack) = self.insist(name, async || cloud.describe_stack(name).await).await? else { return Ok(None) };
        let search = self.insist(name, async || cloud.detect_drift(&stack.id).await).await?;
        let mut pace = PollInterval::of_events(self.seed(name));
        for _ in 0..POLLS {
            if self.insist(name, async || cloud.drift_detection(&search).await).await?.done {
                break;
            }
            self.clock.sleep(pace.quiet()).await;
        }
        self.insist(name, async || cloud.drifts(&stack.id).await).await.map(Some)
    }
}

/// Drift as problems at the lines of the script.
pub fn drifted(desired: &DesiredStack, drifts: &[ResourceDrift]) -> Vec<Diagnostic> {
    drifts.iter().flat_map(|drift| of_resource(desired, drift)).collect()
}

fn of_resource(desired: &DesiredStack, drift: &ResourceDrift) -> Vec<Diagnostic> {
    let id = &drift.logical_id;
    let resource = desired.template.resources.get(id.as_str());
    let origin = |path: Option<&PropertyPath>| match (resource, path) {
        (Some(resource), Some(path)) => resource.origin_of(path),
        (Some(resource), None) => &resource.origin,
        (None, _) => &desired.origin,
    };
    let revert = Hint::command_first(CommandName::Deploy.of(&desired.name).arg("--revert-drift"))
        .text(" restores the values of the template");
    match drift.status {
        DriftStatus::Deleted => {
            let message = format!("`{id}` was deleted outside of CloudFormation");
            vec![Diagnostic::new(Code::Drift, message).at(origin(None), format!("`{id}` is made here")).help(revert)]
        }
        DriftStatus::Modified => {
            let one = |difference: &PropertyDrift| {
                let path = path(&difference.path);
                let message = format!("`{path}` of `{id}` was changed outside of CloudFormation: {}", said(difference));
                Diagnostic::new(Code::Drift, message)
                    .at(origin(Some(&path)), "the template's value")
                    .help(revert.clone())
            };
            drift.differences.iter().map(one).collect()
        }
        DriftStatus::InSync | DriftStatus::NotChecked => Vec::new(),
    }
}

fn said(difference: &PropertyDrift) -> String {
    match (&difference.expected, &difference.actual) {
        (Some(expected), Some(actual)) => format!("it is `{actual}`, and the template says `{expected}`"),
        (None, Some(actual)) => format!("it is `{actual}`, and the template says nothing"),
        (Some(expected), None) => format!("it is gone, and the template says `{expected}`"),
        (None, None) => "it differs".to_owned(),
    }
}

/// A JSON pointer as the way into properties.
fn path(pointer: &str) -> PropertyPath {
    let mut steps = pointer.split('/').filter(|step| !step.is_empty());
    let first = PropertyPath::property(steps.next().unwrap_or_default());
    steps.fold(first, |path, step| {
        let step = step.replace("~1", "/").replace("~0", "~");
        path.then(step.parse().map_or_else(|_| PathSegment::Key(step.clone()), PathSegment::Index))
    })
}
