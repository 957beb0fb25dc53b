//! What is asked of the running account by hand, and what stacks then call drift.

use crate::cfn::type_names::{SCALABLE_TARGET, SCALING_POLICY, SERVICE};
use serde_json::{Value as Json, json};

use super::Account;
use super::service_api::{no_task_definition, refusal};
use super::state::{OutOfBandChange, ResourceState, Stack, outside_key};
use crate::deploy::api::status::AlarmState;
use crate::deploy::api::{
    Alarm, ApiCall, AwsError, ErrorKind, RunTaskRequest, ScalableTarget, Task, UpdateServiceRequest,
};
use crate::rehearsal::cloudformation::property_diff::same;
use crate::rehearsal::faults::TaskFault;
use crate::rehearsal::rng::uuid;

impl Account {
    /// What tasks of a service come to grief by, as was asked for by its logical id.
    pub(crate) fn trouble(&self, logical_id: &str) -> Option<TaskFault> {
        self.faults.services.iter().find(|fault| fault.service == logical_id).map(|fault| fault.trouble)
    }

    /// Notes that a service meets the trouble that was asked for.
    pub(crate) fn see_struck(&mut self, arn: &str, logical_id: &str) {
        if self.trouble(logical_id).is_some_and(|trouble| self.state.fleet.meets(arn, trouble)) {
            self.struck.insert(logical_id.to_owned());
        }
    }

    /// The home of ARNs of ECS in a region.
    pub(crate) fn near(&self, region: &str) -> String {
        let place = self.state.place(region);
        format!("arn:{}:ecs:{region}:{}:cluster/default", place.partition, place.account)
    }

    pub(crate) fn change_service(&mut self, arn: &str, change: &UpdateServiceRequest) -> Result<(), AwsError> {
        let missing = || {
            AwsError::new(
                ErrorKind::Validation,
                ApiCall::UpdateService,
                "ServiceNotFoundException",
                "Service not found.",
            )
        };
        if let Some(name) = &change.task_definition
            && self.state.fleet.definition(arn, name).is_none()
        {
            return Err(no_task_definition(ApiCall::UpdateService));
        }
        let id = self.state.fleet.logical_id(arn).map(str::to_owned);
        let trouble = id.as_deref().and_then(|id| self.trouble(id));
        let at = (self.state.now, self.state.seed);
        if !self.state.fleet.change(arn, change, trouble, at) {
            return Err(missing());
        }
        if let Some(id) = id {
            self.see_struck(arn, &id);
        }
        self.see_outside(self.held(arn).cloned().as_ref());
        Ok(())
    }

    pub(crate) fn set_scalable_target(
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
        self.state.fleet.bound((region, resource), range, at);
        let of = |held: &&ResourceState| {
            held.kind == SCALABLE_TARGET && held.properties.get("ResourceId").and_then(Json::as_str) == Some(resource)
        };
        let targets = self.state.stacks.iter().filter(|stack| stack.region == region);
        let target = targets.flat_map(Stack::held).find(of).cloned();
        if let Some(held) = target {
            let bounds = [("MinCapacity", json!(range.min)), ("MaxCapacity", json!(range.max))];
            self.differs(&held, &bounds);
        }
        Ok(())
    }

    pub(crate) fn run_task(&mut self, region: &str, request: &RunTaskRequest) -> Result<Task, AwsError> {
        let near = self.near(region);
        let cluster = match request.cluster.as_str() {
            arn if arn.starts_with("arn:") => arn.to_owned(),
            name => near.replace("/default", &format!("/{name}")),
        };
        let Some(definition) = self.state.fleet.definition(&near, &request.task_definition) else {
            return Err(no_task_definition(ApiCall::RunTask));
        };
        let asked = self.trouble_of_task(&definition.arn);
        let met = || self.state.fleet.trouble_of(&definition.arn).filter(|trouble| trouble.meets_lone_tasks());
        let trouble = asked.as_ref().map(|(_, trouble)| *trouble).or_else(met);
        self.struck.extend(asked.map(|(id, _)| id));
        if trouble == Some(TaskFault::NoCapacity) {
            let words =
                "Capacity is unavailable at this time. Please try again later or in a different availability zone";
            return Err(AwsError::new(ErrorKind::Unavailable, ApiCall::RunTask, "ClientException", words));
        }
        let at = (self.state.now, self.state.seed);
        self.state.fleet.run(&cluster, request, trouble, at).ok_or_else(|| no_task_definition(ApiCall::RunTask))
    }

    /// What a task without a service meets: what was asked for the service whose task definition it runs. Health checks
    /// are none of its business.
    fn trouble_of_task(&self, task_definition: &str) -> Option<(String, TaskFault)> {
        let mut ids = self.state.fleet.that_run(task_definition);
        ids.find_map(|id| Some((id.to_owned(), self.trouble(id).filter(|trouble| trouble.meets_lone_tasks())?)))
    }

    /// The alarms of a region: those of stacks, and those that target tracking makes for itself. Nothing in a rehearsal
    /// has load, so all is well.
    pub(crate) fn alarms(&self, region: &str) -> Vec<Alarm> {
        let stacks = self.state.stacks.iter().filter(|stack| stack.region == region);
        let held = stacks.flat_map(Stack::held).filter_map(|held| Some((held, held.physical_id.as_deref()?)));
        let named = held.flat_map(|(held, id)| match held.kind.as_str() {
            "AWS::CloudWatch::Alarm" => vec![(held, id.to_owned())],
            SCALING_POLICY => {
                let names = ["AlarmHigh", "AlarmLow"].into_iter();
                let resource = self.scaled_by(region, held).unwrap_or_default();
                let unique = |end: &str| uuid(self.state.seed, &[id, end]);
                names.map(|end| (held, format!("TargetTracking-{resource}-{end}-{}", unique(end)))).collect()
            }
            _ => Vec::new(),
        });
        let told = named.map(|(held, name)| {
            let reason = Some("Unchecked: Initial alarm creation".to_owned());
            Alarm { name, state: AlarmState::Ok, reason, since: Some(held.updated) }
        });
        told.collect()
    }

    /// The resource id that a scaling policy works on.
    fn scaled_by(&self, region: &str, policy: &ResourceState) -> Option<String> {
        let text = |held: &ResourceState, name: &str| held.properties.get(name)?.as_str().map(str::to_owned);
        if let Some(own) = text(policy, "ResourceId") {
            return Some(own);
        }
        let target = text(policy, "ScalingTargetId")?;
        let stacks = self.state.stacks.iter().filter(|stack| stack.region == region);
        let target = stacks.flat_map(Stack::held).find(|held| held.physical_id.as_ref() == Some(&target))?;
        text(target, "ResourceId")
    }

    fn held(&self, physical_id: &str) -> Option<&ResourceState> {
        self.state.stacks.iter().flat_map(Stack::held).find(|held| held.physical_id.as_deref() == Some(physical_id))
    }

    /// A service may run something else than its template says: by somebody's hand, or because ECS itself went back.
    pub(crate) fn see_outside(&mut self, held: Option<&ResourceState>) {
        let Some(held) = held.filter(|held| held.kind == SERVICE) else { return };
        let Some(service) = held.physical_id.as_deref().and_then(|arn| self.state.fleet.service(arn)) else { return };
        // A template may call it by its family; that is no difference.
        let said = held.properties.get("TaskDefinition").and_then(Json::as_str).unwrap_or_default();
        let as_said = self.state.fleet.full_name(&service.arn, said) == service.task_definition;
        let task_definition = if as_said { said } else { &service.task_definition };
        let mut truth = vec![("TaskDefinition", json!(task_definition))];
        if held.properties.get("DesiredCount").is_some() {
            truth.push(("DesiredCount", json!(service.desired)));
        }
        self.differs(held, &truth);
    }

    /// What is true of a resource now, whatever its template says.
    fn differs(&mut self, held: &ResourceState, truth: &[(&str, Json)]) {
        let Some(physical_id) = &held.physical_id else { return };
        let key = outside_key(&held.kind, physical_id);
        let mut actual = match self.state.outside.get(&key) {
            Some(OutOfBandChange::Changed(actual)) => actual.clone(),
            Some(OutOfBandChange::Deleted) => return,
            None => held.properties.clone(),
        };
        for (name, value) in truth {
            if !same(actual.get(*name), Some(value)) {
                actual[*name] = value.clone();
            }
        }
        if same(Some(&actual), Some(&held.properties)) {
            self.state.outside.remove(&key);
        } else {
            self.state.outside.insert(key, OutOfBandChange::Changed(actual));
        }
    }
}
