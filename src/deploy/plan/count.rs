use serde::{Deserialize, Serialize};

use super::{DeployedStack, PlannedChange};
use crate::cfn::type_names::SERVICE;
use crate::cfn::{Resource, Value};
use crate::deploy::api::{Action, Replacement};
use crate::synth::DesiredStack;

/// A service that runs another number of tasks than a deployment sets, as `scale` leaves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CountChange {
    /// The logical id of the service.
    pub service: String,
    /// The desired count of the service now.
    pub current: u32,
    /// The desired count that the deployment sets.
    pub new: u32,
}

/// Returns the services whose desired count is reset. CloudFormation sends the template's count with every change of the
/// service (`DesiredCount` of `AWS::ECS::Service`: without one, the count is left as it is).
pub(super) fn count_changes(
    live: &DeployedStack,
    desired: &DesiredStack,
    changes: &[PlannedChange],
) -> Vec<CountChange> {
    let is_updated = |change: &&PlannedChange| {
        change.kind == SERVICE && change.action == Action::Modify && change.replacement != Some(Replacement::True)
    };
    let change = |change: &PlannedChange| {
        let current = *live.counts.get(&change.logical_id)?;
        let new = desired_count(desired.template.resources.get(change.logical_id.as_str())?, desired)?;
        // A count that the script itself changes is in the plan.
        let written = live.template.resources.get(change.logical_id.as_str()).and_then(|it| literal(it, live));
        let is_scaled = current != new && written != Some(current);
        is_scaled.then(|| CountChange { service: change.logical_id.clone(), current, new })
    };
    changes.iter().filter(is_updated).filter_map(change).collect()
}

/// Returns the count that a template sets; none if it sets none or if it is not known.
fn desired_count(service: &Resource, desired: &DesiredStack) -> Option<u32> {
    let value = service.properties.get("DesiredCount")?;
    match value.as_reference() {
        Some(reference) => desired.parameters.get(reference.id.as_str())?.parse().ok(),
        None => number(value),
    }
}

/// Returns the count of the deployed template.
fn literal(service: &Resource, live: &DeployedStack) -> Option<u32> {
    let value = service.properties.get("DesiredCount")?;
    match value.as_reference() {
        Some(reference) => live.stack.parameters.get(reference.id.as_str())?.parse().ok(),
        None => number(value),
    }
}

fn number(value: &Value) -> Option<u32> {
    let count = value.as_int().or_else(|| value.as_str()?.parse().ok())?;
    u32::try_from(count).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::api::StackDescription;
    use crate::deploy::api::status::StackStatus;
    use crate::deploy::plan::plan_stack;
    use crate::testing::harness::stack;

    fn counts(count: &str, image: &str, current: u32) -> Vec<(u32, u32)> {
        let template = |count: &str, image: &str| {
            format!(
                "Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties: {{Family: web, ContainerDefinitions: [{{Name: web, Image: '{image}'}}]}}
  Web:
    Type: AWS::ECS::Service
    Properties: {{TaskDefinition: !Ref Task{count}}}
"
            )
        };
        let mut live = DeployedStack::new(
            StackDescription::named("web", StackStatus::CreateComplete),
            &template(", DesiredCount: 1", "nginx:1"),
        );
        live.counts.insert("Web".to_owned(), current);
        let schema = Some(crate::cfn::schema::Schema::embedded());
        let plan = plan_stack(Some(&live), &stack("web", &template(count, image)), schema);
        plan.counts.iter().map(|change| (change.current, change.new)).collect()
    }

    #[test]
    fn count_that_was_scaled_is_reset_by_a_change_of_the_service() {
        assert_eq!(counts(", DesiredCount: 1", "nginx:2", 4), [(4, 1)]);
        assert_eq!(counts(", DesiredCount: 2", "nginx:1", 4), [(4, 2)]);
        assert_eq!(counts(", DesiredCount: 1", "nginx:2", 0), [(0, 1)]);
    }

    #[test]
    fn count_is_kept_without_a_change_without_a_count_or_with_the_same_one() {
        assert_eq!(counts(", DesiredCount: 1", "nginx:1", 4), []);
        assert_eq!(counts("", "nginx:2", 4), []);
        assert_eq!(counts(", DesiredCount: 4", "nginx:2", 4), []);
        assert_eq!(counts(", DesiredCount: 3", "nginx:2", 1), [], "the script changes it");
    }
}
