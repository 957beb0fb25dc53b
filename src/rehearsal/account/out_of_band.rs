//! Changes outside CloudFormation, which drift detection finds, and the task faults of services.

use serde_json::{Value as Json, json};

use super::Account;
use super::service_api::{no_task_definition, refusal};
use crate::cfn::type_names::{SCALABLE_TARGET, SCALING_POLICY, SERVICE};
use crate::deploy::api::status::AlarmState;
use crate::deploy::api::{
    Alarm, ApiCall, AwsError, ErrorKind, RunTaskRequest, ScalableTarget, Task, UpdateServiceRequest,
};
use crate::rehearsal::cloudformation::property_diff::same;
use crate::rehearsal::ecs::StartObstacle;
use crate::rehearsal::faults::TaskFault;
use crate::rehearsal::rng::uuid;
use crate::rehearsal::state::{OutOfBandChange, ResourceState, Stack, resource_key};

impl Account {
    /// Returns the requested fault of a service's tasks, by its logical id.
    pub(in crate::rehearsal) fn task_fault(&self, logical_id: &str) -> Option<TaskFault> {
        self.faults.services.iter().find(|fault| fault.service == logical_id).map(|fault| fault.task_fault)
    }

    /// Records that the requested fault of a service's tasks occurs.
    pub(in crate::rehearsal) fn record_triggered(&mut self, arn: &str, logical_id: &str) {
        if self.task_fault(logical_id).is_some_and(|task_fault| self.state.ecs.has_task_fault(arn, task_fault)) {
            self.triggered.insert(logical_id.to_owned());
        }
    }

    /// Returns the ARN of the default cluster of a region.
    pub(in crate::rehearsal) fn default_cluster_arn(&self, region: &str) -> String {
        let environment = self.state.environment(region);
        format!("arn:{}:ecs:{region}:{}:cluster/default", environment.partition, environment.account)
    }

    /// Returns the ARN of a cluster that is given by its name or ARN.
    pub(in crate::rehearsal) fn cluster_arn(&self, region: &str, cluster: &str) -> String {
        match cluster {
            arn if arn.starts_with("arn:") => arn.to_owned(),
            name => self.default_cluster_arn(region).replace("/default", &format!("/{name}")),
        }
    }

    /// Performs `UpdateService`.
    pub(in crate::rehearsal) fn update_service(
        &mut self,
        arn: &str,
        change: &UpdateServiceRequest,
    ) -> Result<(), AwsError> {
        let missing = || {
            AwsError::new(
                ErrorKind::Validation,
                ApiCall::UpdateService,
                "ServiceNotFoundException",
                "Service not found.",
            )
        };
        if let Some(name) = &change.task_definition
            && self.state.ecs.definition(arn, name).is_none()
        {
            return Err(no_task_definition(ApiCall::UpdateService));
        }
        let id = self.state.ecs.logical_id(arn).map(str::to_owned);
        let task_fault = id.as_deref().and_then(|id| self.task_fault(id));
        let at = (self.state.now, self.state.seed);
        if !self.state.ecs.update_service(arn, change, task_fault, at) {
            return Err(missing());
        }
        if let Some(id) = id {
            self.record_triggered(arn, &id);
        }
        self.record_out_of_band(self.resource(arn).cloned().as_ref());
        Ok(())
    }

    /// Performs `RegisterScalableTarget`.
    pub(in crate::rehearsal) fn set_scalable_target(
        &mut self,
        region: &str,
        resource: &str,
        range: ScalableTarget,
    ) -> Result<(), AwsError> {
        if range.min > range.max {
            return Err(refusal(
                ApiCall::RegisterScalableTarget,
                "Minimum capacity cannot be greater than maximum capacity.",
            ));
        }
        let at = (self.state.now, self.state.seed);
        self.state.ecs.set_bounds((region, resource), range, at);
        let of = |existing: &&ResourceState| {
            existing.kind == SCALABLE_TARGET
                && existing.properties.get("ResourceId").and_then(Json::as_str) == Some(resource)
        };
        let targets = self.state.stacks.iter().filter(|stack| stack.region == region);
        let target = targets.flat_map(Stack::all_resources).find(of).cloned();
        if let Some(existing) = target {
            let bounds = [("MinCapacity", json!(range.min)), ("MaxCapacity", json!(range.max))];
            self.record_differences(&existing, &bounds);
        }
        Ok(())
    }

    /// Performs `RunTask`.
    pub(in crate::rehearsal) fn run_task(&mut self, region: &str, request: &RunTaskRequest) -> Result<Task, AwsError> {
        let default_cluster = self.default_cluster_arn(region);
        let cluster = self.cluster_arn(region, &request.cluster);
        let Some(definition) = self.state.ecs.definition(&default_cluster, &request.task_definition) else {
            return Err(no_task_definition(ApiCall::RunTask));
        };
        let requested = self.standalone_task_fault(&definition.arn);
        let of_service =
            || self.state.ecs.task_fault_of(&definition.arn).filter(|task_fault| task_fault.affects_standalone_tasks());
        let task_fault = requested.as_ref().map(|(_, task_fault)| *task_fault).or_else(of_service);
        self.triggered.extend(requested.map(|(id, _)| id));
        if task_fault == Some(TaskFault::NoCapacity) {
            let message =
                "Capacity is unavailable at this time. Please try again later or in a different availability zone";
            return Err(AwsError::new(ErrorKind::Unavailable, ApiCall::RunTask, "ClientException", message));
        }
        let obstacle = self.standalone_obstacle(region, &definition.arn, request.network.as_ref());
        if let Some(error) = obstacle.as_ref().and_then(StartObstacle::launch_error) {
            return Err(AwsError::new(ErrorKind::Validation, ApiCall::RunTask, "ClientException", error));
        }
        let (at, causes) = ((self.state.now, self.state.seed), (task_fault, obstacle.as_ref()));
        self.state.ecs.run_task(&cluster, request, causes, at).ok_or_else(|| no_task_definition(ApiCall::RunTask))
    }

    /// Returns the fault of a standalone task: the requested fault of the service whose task definition it runs, unless
    /// only health checks find it, or of the task definition itself.
    fn standalone_task_fault(&self, task_definition: &str) -> Option<(String, TaskFault)> {
        let of_services = self.state.ecs.services_running(task_definition);
        let of_jobs = self.resource_id(task_definition).into_iter();
        of_services.chain(of_jobs).find_map(|id| {
            Some((id.to_owned(), self.task_fault(id).filter(|task_fault| task_fault.affects_standalone_tasks())?))
        })
    }

    /// Returns the alarms of a region: those of stacks, and those that target tracking creates. A rehearsal has no load, so
    /// all of them are `OK`.
    pub(in crate::rehearsal) fn alarms(&self, region: &str) -> Vec<Alarm> {
        let stacks = self.state.stacks.iter().filter(|stack| stack.region == region);
        let existing = stacks
            .flat_map(Stack::all_resources)
            .filter_map(|existing| Some((existing, existing.physical_id.as_deref()?)));
        let named = existing.flat_map(|(existing, id)| match existing.kind.as_str() {
            "AWS::CloudWatch::Alarm" => vec![(existing, id.to_owned())],
            SCALING_POLICY => {
                let names = ["AlarmHigh", "AlarmLow"].into_iter();
                let resource = self.scaled_by(region, existing).unwrap_or_default();
                let unique = |end: &str| uuid(self.state.seed, &[id, end]);
                names.map(|end| (existing, format!("TargetTracking-{resource}-{end}-{}", unique(end)))).collect()
            }
            _ => Vec::new(),
        });
        let alarms = named.map(|(existing, name)| {
            let reason = Some("Unchecked: Initial alarm creation".to_owned());
            Alarm { name, state: AlarmState::Ok, reason, since: Some(existing.updated) }
        });
        alarms.collect()
    }

    /// Returns the resource id that a scaling policy scales.
    fn scaled_by(&self, region: &str, policy: &ResourceState) -> Option<String> {
        let text = |existing: &ResourceState, name: &str| existing.properties.get(name)?.as_str().map(str::to_owned);
        if let Some(own) = text(policy, "ResourceId") {
            return Some(own);
        }
        let target = text(policy, "ScalingTargetId")?;
        let stacks = self.state.stacks.iter().filter(|stack| stack.region == region);
        let target =
            stacks.flat_map(Stack::all_resources).find(|existing| existing.physical_id.as_ref() == Some(&target))?;
        text(target, "ResourceId")
    }

    /// Returns the logical id of the resource with a physical id.
    fn resource_id(&self, physical_id: &str) -> Option<&str> {
        let resources = self.state.stacks.iter().flat_map(|stack| &stack.resources);
        let mut found = resources.filter(|(_, existing)| existing.physical_id.as_deref() == Some(physical_id));
        found.next().map(|(id, _)| id.as_str())
    }

    /// Returns the resource with a physical id.
    fn resource(&self, physical_id: &str) -> Option<&ResourceState> {
        self.state
            .stacks
            .iter()
            .flat_map(Stack::all_resources)
            .find(|existing| existing.physical_id.as_deref() == Some(physical_id))
    }

    /// Records the differences of a service from its template: it was changed out of band, or ECS rolled it back.
    pub(in crate::rehearsal) fn record_out_of_band(&mut self, existing: Option<&ResourceState>) {
        let Some(existing) = existing.filter(|existing| existing.kind == SERVICE) else { return };
        let Some(service) = existing.physical_id.as_deref().and_then(|arn| self.state.ecs.service(arn)) else { return };
        // The template may name it by its family; that is not a difference.
        let declared = existing.properties.get("TaskDefinition").and_then(Json::as_str).unwrap_or_default();
        let as_declared = self.state.ecs.resolve_arn(&service.arn, declared) == service.task_definition;
        let task_definition = if as_declared { declared } else { &service.task_definition };
        let mut actual_values = vec![("TaskDefinition", json!(task_definition))];
        if existing.properties.get("DesiredCount").is_some() {
            actual_values.push(("DesiredCount", json!(service.desired)));
        }
        self.record_differences(existing, &actual_values);
    }

    /// Records the actual values of a resource's properties.
    fn record_differences(&mut self, existing: &ResourceState, actual_values: &[(&str, Json)]) {
        let Some(physical_id) = &existing.physical_id else { return };
        let key = resource_key(&existing.kind, physical_id);
        let mut actual = match self.state.out_of_band.get(&key) {
            Some(OutOfBandChange::Changed(actual)) => actual.clone(),
            Some(OutOfBandChange::Deleted) => return,
            None => existing.properties.clone(),
        };
        for (name, value) in actual_values {
            if !same(actual.get(*name), Some(value)) {
                actual[*name] = value.clone();
            }
        }
        if same(Some(&actual), Some(&existing.properties)) {
            self.state.out_of_band.remove(&key);
        } else {
            self.state.out_of_band.insert(key, OutOfBandChange::Changed(actual));
        }
    }
}
