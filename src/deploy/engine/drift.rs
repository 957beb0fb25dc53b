//! Drift: changes of a stack's resources outside of CloudFormation.

use super::retry::CallError;
use super::{Engine, StackTask};
use crate::cfn::schema::Schema;
use crate::cfn::sensitive::GuardedValue;
use crate::cfn::{PathSegment, PropertyPath};
use crate::deploy::api::poll_interval::PollInterval;
use crate::deploy::api::{AwsApi, AwsError, Clock, DriftStatus, PropertyDrift, ResourceDrift};
use crate::deploy::plan::reported;
use crate::diag::{Code, CommandName, Diagnostic, Hint};
use crate::synth::DesiredStack;

/// The maximum number of polls of a drift detection, with pauses of up to five seconds: a quarter of an hour.
const POLLS: u32 = 200;

impl<A: AwsApi, K: Clock> Engine<'_, A, K> {
    /// Detects drift of a stack; none if the stack does not exist.
    ///
    /// # Errors
    ///
    /// If AWS refuses or does not answer.
    pub async fn drift(&self, stack: &DesiredStack) -> Result<Option<Vec<ResourceDrift>>, AwsError> {
        self.task(stack).drift().await.map_err(CallError::into_api_error)
    }
}

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    async fn drift(&self) -> Result<Option<Vec<ResourceDrift>>, CallError> {
        let found = self.retry(async || self.api.describe_stack(&self.stack.name).await).await?;
        let Some(stack) = found else { return Ok(None) };
        let detection = self.retry(async || self.api.detect_drift(&stack.id).await).await?;
        let mut interval = PollInterval::of_events(self.seed());
        for _ in 0..POLLS {
            if self.retry(async || self.api.drift_detection(&detection).await).await?.done {
                break;
            }
            self.sleep(interval.on_idle()).await;
        }
        let mut drifts = self.retry(async || self.api.drifts(&stack.id).await).await?;
        drifts.iter_mut().for_each(|drift| hide(drift, self.stack));
        Ok(Some(drifts))
    }
}

/// Hides what is sensitive in the values of a drift.
fn hide(drift: &mut ResourceDrift, stack: &DesiredStack) {
    let known = stack.known_secrets(Some(Schema::embedded()));
    for change in &mut drift.differences {
        let value =
            |text: &Option<String>| text.as_deref().map(|text| reported(&drift.kind, &change.path, text, &known));
        let (expected, actual) = GuardedValue::changed(value(&change.expected), value(&change.actual));
        let text = |value: Option<GuardedValue>| {
            value.map(|value| value.visible().as_str().map_or_else(|| value.visible().to_string(), str::to_owned))
        };
        (change.expected, change.actual) = (text(expected), text(actual));
    }
}

/// Reports drift at the lines of the script.
pub fn drifted(stack: &DesiredStack, drifts: &[ResourceDrift]) -> Vec<Diagnostic> {
    drifts.iter().flat_map(|drift| of_resource(stack, drift)).collect()
}

fn of_resource(stack: &DesiredStack, drift: &ResourceDrift) -> Vec<Diagnostic> {
    let id = &drift.logical_id;
    let resource = stack.template.resources.get(id.as_str());
    let origin = |path: Option<&PropertyPath>| match (resource, path) {
        (Some(resource), Some(path)) => resource.origin_of(path),
        (Some(resource), None) => &resource.origin,
        (None, _) => &stack.origin,
    };
    let revert = Hint::command_first(CommandName::Deploy.of(&stack.name).arg("--revert-drift"))
        .text(" restores the values of the template");
    match drift.status {
        DriftStatus::Deleted => {
            let message = format!("`{id}` was deleted outside of CloudFormation");
            vec![Diagnostic::new(Code::Drift, message).at(origin(None), format!("`{id}` is created here")).help(revert)]
        }
        DriftStatus::Modified => {
            let one = |difference: &PropertyDrift| {
                let path = path(&difference.path);
                let message =
                    format!("`{path}` of `{id}` was changed outside of CloudFormation: {}", differs(difference));
                Diagnostic::new(Code::Drift, message)
                    .at(origin(Some(&path)), "the template's value")
                    .help(revert.clone())
            };
            drift.differences.iter().map(one).collect()
        }
        DriftStatus::InSync | DriftStatus::NotChecked => Vec::new(),
    }
}

fn differs(difference: &PropertyDrift) -> String {
    match (&difference.expected, &difference.actual) {
        (Some(expected), Some(actual)) => format!("it is `{actual}`, and the template says `{expected}`"),
        (None, Some(actual)) => format!("it is `{actual}`, and the template does not set it"),
        (Some(expected), None) => format!("it was removed, and the template says `{expected}`"),
        (None, None) => "it differs".to_owned(),
    }
}

/// Returns a JSON pointer as a property path.
fn path(pointer: &str) -> PropertyPath {
    let mut steps = pointer.split('/').filter(|step| !step.is_empty());
    let first = PropertyPath::property(steps.next().unwrap_or_default());
    steps.fold(first, |path, step| {
        let step = step.replace("~1", "/").replace("~0", "~");
        path.then(step.parse().map_or_else(|_| PathSegment::Key(step.clone()), PathSegment::Index))
    })
}
