//! A look at what a rollback would need, while AWS writes the change set.

use crate::cfn::type_names::{SERVICE, TASK_DEFINITION};
use std::time::Duration;

use futures_util::future::{Either, select};

use super::Engine;
use super::event::DeployEventKind;
use crate::deploy::api::{Action, AwsApi, AwsError, Clock, EcsService};
use crate::deploy::plan::Plan;
use crate::deploy::plan::rollback_readiness::{RollbackReadiness, readiness};
use crate::synth::DesiredStack;

/// A look that takes longer than this is not worth waiting for.
const PATIENCE: Duration = Duration::from_secs(6);

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    /// Tells how ready the services are to go back, for those that the plan changes. It never stands in the way: what
    /// cannot be found out in time is left out.
    pub(super) async fn tell_readiness(&self, cloud: &C, desired: &DesiredStack, plan: &Plan) {
        let changed =
            |kind: &str| plan.resources.iter().any(|change| change.action == Action::Modify && change.kind == kind);
        if !changed(SERVICE) && !changed(TASK_DEFINITION) {
            return;
        }
        let look = std::pin::pin!(self.readiness(cloud, desired));
        if let Either::Left((Ok(services), _)) = select(look, std::pin::pin!(self.clock.sleep(PATIENCE))).await
            && !services.is_empty()
        {
            self.tell(&desired.name, DeployEventKind::Readiness { services });
        }
    }

    async fn readiness(&self, cloud: &C, desired: &DesiredStack) -> Result<Vec<RollbackReadiness>, AwsError> {
        let resources = cloud.resources(&desired.name).await?;
        let services = resources.into_iter().filter(|resource| resource.kind == SERVICE);
        let named: Vec<_> = services.filter_map(|service| Some((service.logical_id, service.physical_id?))).collect();
        let arns: Vec<String> = named.iter().map(|(_, arn)| arn.clone()).collect();
        if arns.is_empty() {
            return Ok(Vec::new());
        }
        let running = cloud.services(&arns).await?;
        let mut judged = Vec::new();
        for (id, arn) in &named {
            if let Some(service) = running.iter().find(|service| service.arn == *arn) {
                judged.push(self.judge(cloud, desired, id, service).await?);
            }
        }
        Ok(judged)
    }

    async fn judge(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        id: &str,
        service: &EcsService,
    ) -> Result<RollbackReadiness, AwsError> {
        let definition = cloud.task_definition(&service.task_definition).await?;
        let mut images = Vec::new();
        for container in definition.iter().flat_map(|definition| &definition.containers) {
            images.push((container.image.clone(), cloud.image(&container.image).await));
        }
        Ok(readiness(id, service, definition.as_ref(), &images, desired.template.resources.get(id)))
    }
}
