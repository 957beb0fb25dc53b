use std::sync::Arc;

use aws_config::Region;

use super::{Aws, change_sets, drift, rollbacks, stacks, template_upload};
use crate::deploy::api::{
    AwsEnvironment, AwsError, ChangeSet, ChangeSetId, ChangeSetRequest, ChangeSetSummary, ClientRequestToken,
    CloudFormation, DriftDetection, EventPage, Export, ResourceDrift, StackDescription, StackResource,
};

impl CloudFormation for Aws {
    fn in_region(&self, region: &str) -> Aws {
        if self.region() == Some(region) {
            return self.clone();
        }
        let config = self.config.clone().into_builder().region(Region::new(region.to_owned())).build();
        Aws { config, clients: Arc::default(), ..self.clone() }
    }

    async fn environment(&self) -> Result<AwsEnvironment, AwsError> {
        stacks::environment(self).await
    }

    async fn describe_stack(&self, stack: &str) -> Result<Option<StackDescription>, AwsError> {
        stacks::describe(self, stack).await
    }

    async fn template(&self, stack: &str) -> Result<String, AwsError> {
        stacks::template(self, stack).await
    }

    async fn resources(&self, stack: &str) -> Result<Vec<StackResource>, AwsError> {
        stacks::resources(self, stack).await
    }

    async fn events(&self, stack: &str, page: Option<&str>) -> Result<EventPage, AwsError> {
        stacks::events(self, stack, page).await
    }

    async fn create_change_set(&self, request: &ChangeSetRequest) -> Result<ChangeSetId, AwsError> {
        change_sets::create(self, request).await
    }

    async fn describe_change_set(&self, id: &ChangeSetId) -> Result<ChangeSet, AwsError> {
        change_sets::describe(self, id).await
    }

    async fn execute_change_set(
        &self,
        id: &ChangeSetId,
        token: &ClientRequestToken,
        keep: bool,
    ) -> Result<(), AwsError> {
        change_sets::execute(self, id, token, keep).await
    }

    async fn delete_change_set(&self, id: &ChangeSetId) -> Result<(), AwsError> {
        change_sets::delete(self, id).await
    }

    async fn delete_stack(&self, stack: &str, token: &ClientRequestToken, retain: &[String]) -> Result<(), AwsError> {
        stacks::delete(self, stack, token, retain).await
    }

    async fn change_sets(&self, stack: &str) -> Result<Vec<ChangeSetSummary>, AwsError> {
        change_sets::list(self, stack).await
    }

    async fn cancel_update(&self, stack: &str, token: &ClientRequestToken) -> Result<(), AwsError> {
        rollbacks::cancel_update(self, stack, token).await
    }

    async fn rollback_stack(&self, stack: &str, token: &ClientRequestToken) -> Result<(), AwsError> {
        rollbacks::rollback(self, stack, token).await
    }

    async fn continue_rollback(
        &self,
        stack: &str,
        token: &ClientRequestToken,
        skip: &[String],
    ) -> Result<(), AwsError> {
        rollbacks::continue_rollback(self, stack, token, skip).await
    }

    async fn detect_drift(&self, stack: &str) -> Result<String, AwsError> {
        drift::detect(self, stack).await
    }

    async fn drift_detection(&self, id: &str) -> Result<DriftDetection, AwsError> {
        drift::detection(self, id).await
    }

    async fn drifts(&self, stack: &str) -> Result<Vec<ResourceDrift>, AwsError> {
        drift::drifts(self, stack).await
    }

    async fn set_termination_protection(&self, stack: &str, on: bool) -> Result<(), AwsError> {
        stacks::set_termination_protection(self, stack, on).await
    }

    async fn upload_template(&self, stack: &str, body: &str) -> Result<String, AwsError> {
        template_upload::upload(self, stack, body).await
    }

    async fn stacks(&self) -> Result<Vec<String>, AwsError> {
        stacks::list(self).await
    }

    async fn exports(&self) -> Result<Vec<Export>, AwsError> {
        stacks::exports(self).await
    }

    async fn imports(&self, export: &str) -> Result<Vec<String>, AwsError> {
        stacks::imports(self, export).await
    }
}
