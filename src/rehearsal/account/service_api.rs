//! The ports of what runs, over the rehearsed account: tasks, logs, targets, scaling, images.
//!
//! What is changed here is changed in the account and not in any stack's template: stacks call that drift.

use crate::deploy::api::{
    Alarm, ApiCall, AutoScaling, AwsError, Clock, ContainerOverride, Ecs, EcsService, ErrorKind, ExecSession,
    ImageRegistry, ImageStatus, LoadBalancing, LogLine, LogPage, LogQuery, Logs, RunTaskRequest, ScalableTarget,
    TargetHealth, Task, TaskDefinition, TaskFilter, UpdateServiceRequest,
};
use crate::rehearsal::Rehearsal;

impl<K: Clock> Ecs for Rehearsal<K> {
    async fn services(&self, arns: &[String]) -> Result<Vec<EcsService>, AwsError> {
        Ok(self.now(|account| arns.iter().filter_map(|arn| account.state.fleet.service(arn)).collect()))
    }

    async fn tasks(&self, service: &str, which: TaskFilter) -> Result<Vec<Task>, AwsError> {
        Ok(self.now(|account| account.state.fleet.tasks(service, which, account.state.now)))
    }

    async fn task(&self, arn: &str) -> Result<Option<Task>, AwsError> {
        Ok(self.now(|account| account.state.fleet.task(arn, account.state.now)))
    }

    async fn task_definition(&self, name: &str) -> Result<Option<TaskDefinition>, AwsError> {
        Ok(self.now(|account| account.state.fleet.definition(&account.near(&self.region), name)))
    }

    async fn revise(&self, task_definition: &str, edits: &[ContainerOverride]) -> Result<String, AwsError> {
        self.now(|account| {
            let revised = account.state.fleet.revise(task_definition, edits);
            revised.ok_or_else(|| no_task_definition(ApiCall::RegisterTaskDefinition))
        })
    }

    async fn update_service(&self, service: &str, change: &UpdateServiceRequest) -> Result<(), AwsError> {
        self.now(|account| account.change_service(service, change))
    }

    async fn run_task(&self, request: &RunTaskRequest) -> Result<Task, AwsError> {
        self.now(|account| account.run_task(&self.region, request))
    }

    async fn stop_task(&self, arn: &str, reason: &str) -> Result<(), AwsError> {
        self.now(|account| {
            let at = (account.state.now, account.state.seed);
            let stopped = account.state.fleet.stop(arn, reason, at);
            stopped.then_some(()).ok_or_else(|| refusal(ApiCall::StopTask, "The referenced task was not found."))
        })
    }

    async fn execute_command(&self, _task: &str, _container: &str, _command: &str) -> Result<ExecSession, AwsError> {
        let help = "a rehearsed task is no process: nothing can be run in it. Use a stack that is really deployed";
        Err(AwsError {
            help: Some(help.to_owned()),
            ..AwsError::new(ErrorKind::Validation, ApiCall::ExecuteCommand, "NotRehearsed", "a rehearsal has no shell")
        })
    }
}

pub(crate) fn refusal(call: ApiCall, message: &str) -> AwsError {
    AwsError::new(ErrorKind::Validation, call, "InvalidParameterException", message)
}

pub(crate) fn no_task_definition(call: ApiCall) -> AwsError {
    AwsError::new(ErrorKind::Validation, call, "ClientException", "Unable to describe task definition.")
}

impl<K: Clock> Logs for Rehearsal<K> {
    async fn tail(&self, group: &str, stream: &str, lines: usize) -> Result<Vec<LogLine>, AwsError> {
        let place = (self.region.as_str(), group);
        Ok(self.now(|account| account.state.fleet.tail(place, stream, lines, account.state.now)))
    }

    async fn search(&self, query: &LogQuery) -> Result<LogPage, AwsError> {
        Ok(self.now(|account| account.state.fleet.search(&self.region, query, account.state.now)))
    }
}

impl<K: Clock> LoadBalancing for Rehearsal<K> {
    async fn target_health(&self, target_group: &str) -> Result<Vec<TargetHealth>, AwsError> {
        Ok(self.now(|account| account.state.fleet.target_health(target_group)))
    }
}

impl<K: Clock> AutoScaling for Rehearsal<K> {
    async fn scalable_target(&self, resource: &str) -> Result<Option<ScalableTarget>, AwsError> {
        Ok(self.now(|account| account.state.fleet.range(&self.region, resource)))
    }

    async fn set_scalable_target(&self, resource: &str, range: ScalableTarget) -> Result<(), AwsError> {
        self.now(|account| account.set_scalable_target(&self.region, resource, range))
    }

    async fn alarms(&self, names: &[String], prefixes: &[String]) -> Result<Vec<Alarm>, AwsError> {
        let wanted =
            |alarm: &Alarm| names.contains(&alarm.name) || prefixes.iter().any(|prefix| alarm.name.starts_with(prefix));
        Ok(self.now(|account| account.alarms(&self.region).into_iter().filter(wanted).collect()))
    }
}

impl<K: Clock> ImageRegistry for Rehearsal<K> {
    async fn image(&self, reference: &str) -> ImageStatus {
        self.now(|account| if account.state.fleet.lacks(reference) { ImageStatus::Missing } else { ImageStatus::Found })
    }
}
