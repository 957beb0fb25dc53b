//! Checks what a rollback would need, while AWS creates the change set.

use std::time::Duration;

use futures_util::future::{Either, select};

use super::StackTask;
use super::event::DeployEventKind;
use crate::cfn::type_names::{SERVICE, TASK_DEFINITION};
use crate::deploy::api::{Action, AwsApi, AwsError, Clock, EcsService};
use crate::deploy::plan::Plan;
use crate::deploy::plan::rollback_readiness::{RollbackReadiness, readiness};

/// The time limit of the check.
const LIMIT: Duration = Duration::from_secs(6);

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Emits whether the services that a plan changes could be rolled back. What cannot be found out in time is left out.
    pub(super) async fn check_readiness(&self, plan: &Plan) {
        let changes =
            |kind: &str| plan.resources.iter().any(|change| change.action == Action::Modify && change.kind == kind);
        if !changes(SERVICE) && !changes(TASK_DEFINITION) {
            return;
        }
        let check = std::pin::pin!(self.readiness());
        if let Either::Left((Ok(services), _)) = select(check, std::pin::pin!(self.sleep(LIMIT))).await
            && !services.is_empty()
        {
            self.emit(DeployEventKind::ReadinessChecked { services });
        }
    }

    async fn readiness(&self) -> Result<Vec<RollbackReadiness>, AwsError> {
        let resources = self.api.resources(&self.stack.name).await?;
        let services = resources.into_iter().filter(|resource| resource.kind == SERVICE);
        let services: Vec<_> =
            services.filter_map(|service| Some((service.logical_id, service.physical_id?))).collect();
        if services.is_empty() {
            return Ok(Vec::new());
        }
        let arns: Vec<String> = services.iter().map(|(_, arn)| arn.clone()).collect();
        let running = self.api.services(&arns).await?;
        let mut checked = Vec::new();
        for (id, arn) in &services {
            if let Some(service) = running.iter().find(|service| service.arn == *arn) {
                checked.push(self.readiness_of(id, service).await?);
            }
        }
        Ok(checked)
    }

    async fn readiness_of(&self, id: &str, service: &EcsService) -> Result<RollbackReadiness, AwsError> {
        let definition = self.api.task_definition(&service.task_definition).await?;
        let mut images = Vec::new();
        for container in definition.iter().flat_map(|definition| &definition.containers) {
            images.push((container.image.clone(), self.api.image(&container.image).await));
        }
        Ok(readiness(id, service, definition.as_ref(), &images, self.stack.template.resources.get(id)))
    }
}
