//! API operations on running services: tasks, logs, targets, scaling and images.
//!
//! They change the account and not the templates of stacks, so that stacks have drift.

use crate::deploy::api::{
    Alarm, ApiCall, AutoScaling, AwsError, Clock, ContainerOverride, Ecs, EcsService, ErrorKind, ExecSession,
    ImageRegistry, ImageStatus, LoadBalancing, LogLine, LogPage, LogQuery, Logs, RegistryCredentials, RunTaskRequest,
    ScalableTarget, ServiceDeployment, TargetHealth, Task, TaskDefinition, TaskFilter, UpdateServiceRequest,
};
use crate::rehearsal::Rehearsal;

impl<K: Clock> Ecs for Rehearsal<K> {
    async fn services(&self, arns: &[String]) -> Result<Vec<EcsService>, AwsError> {
        Ok(self.with_account(|account| arns.iter().filter_map(|arn| account.state.ecs.service(arn)).collect()))
    }

    async fn service_deployment(&self, service: &str) -> Result<Option<ServiceDeployment>, AwsError> {
        Ok(self.with_account(|account| account.state.ecs.service_deployment(service)))
    }

    async fn tasks(&self, service: &str, filter: TaskFilter) -> Result<Vec<Task>, AwsError> {
        Ok(self.with_account(|account| account.state.ecs.tasks(service, filter, account.state.now)))
    }

    async fn tasks_of_family(&self, cluster: &str, family: &str, filter: TaskFilter) -> Result<Vec<Task>, AwsError> {
        Ok(self.with_account(|account| {
            let cluster = account.cluster_arn(&self.region, cluster);
            account.state.ecs.tasks_of_family(&cluster, family, filter, account.state.now)
        }))
    }

    async fn task(&self, arn: &str) -> Result<Option<Task>, AwsError> {
        Ok(self.with_account(|account| account.state.ecs.task(arn, account.state.now)))
    }

    async fn task_definition(&self, name: &str) -> Result<Option<TaskDefinition>, AwsError> {
        Ok(self.with_account(|account| account.state.ecs.definition(&account.default_cluster_arn(&self.region), name)))
    }

    async fn revise(&self, task_definition: &str, edits: &[ContainerOverride]) -> Result<String, AwsError> {
        self.with_account(|account| {
            let revised = account.state.ecs.revise(task_definition, edits);
            revised.ok_or_else(|| no_task_definition(ApiCall::RegisterTaskDefinition))
        })
    }

    async fn update_service(&self, service: &str, change: &UpdateServiceRequest) -> Result<(), AwsError> {
        self.with_account(|account| account.update_service(service, change))
    }

    async fn run_task(&self, request: &RunTaskRequest) -> Result<Task, AwsError> {
        self.with_account(|account| account.run_task(&self.region, request))
    }

    async fn stop_task(&self, arn: &str, reason: &str) -> Result<(), AwsError> {
        self.with_account(|account| {
            let at = (account.state.now, account.state.seed);
            let stopped = account.state.ecs.stop(arn, reason, at);
            stopped.then_some(()).ok_or_else(|| refusal(ApiCall::StopTask, "The referenced task was not found."))
        })
    }

    async fn execute_command(&self, _task: &str, _container: &str, _command: &str) -> Result<ExecSession, AwsError> {
        let help = "a rehearsed task has no processes; use a deployed stack";
        Err(AwsError {
            help: Some(help.to_owned()),
            ..AwsError::new(
                ErrorKind::Validation,
                ApiCall::ExecuteCommand,
                "NotRehearsed",
                "a rehearsal cannot run commands in tasks",
            )
        })
    }
}

/// Creates the error of a rejected request.
pub(super) fn refusal(call: ApiCall, message: &str) -> AwsError {
    AwsError::new(ErrorKind::Validation, call, "InvalidParameterException", message)
}

/// Creates the error of a missing task definition.
pub(super) fn no_task_definition(call: ApiCall) -> AwsError {
    AwsError::new(ErrorKind::Validation, call, "ClientException", "Unable to describe task definition.")
}

impl<K: Clock> Logs for Rehearsal<K> {
    async fn tail(&self, group: &str, stream: &str, lines: usize) -> Result<Vec<LogLine>, AwsError> {
        let place = (self.region.as_str(), group);
        Ok(self.with_account(|account| account.state.ecs.tail(place, stream, lines, account.state.now)))
    }

    async fn search(&self, query: &LogQuery) -> Result<LogPage, AwsError> {
        Ok(self.with_account(|account| account.state.ecs.search(&self.region, query, account.state.now)))
    }
}

impl<K: Clock> LoadBalancing for Rehearsal<K> {
    async fn target_health(&self, target_group: &str) -> Result<Vec<TargetHealth>, AwsError> {
        Ok(self.with_account(|account| account.state.ecs.target_health(target_group)))
    }
}

impl<K: Clock> AutoScaling for Rehearsal<K> {
    async fn scalable_target(&self, resource: &str) -> Result<Option<ScalableTarget>, AwsError> {
        Ok(self.with_account(|account| account.state.ecs.bounds(&self.region, resource)))
    }

    async fn set_scalable_target(&self, resource: &str, range: ScalableTarget) -> Result<(), AwsError> {
        self.with_account(|account| account.set_scalable_target(&self.region, resource, range))
    }

    async fn alarms(&self, names: &[String], prefixes: &[String]) -> Result<Vec<Alarm>, AwsError> {
        let matches =
            |alarm: &Alarm| names.contains(&alarm.name) || prefixes.iter().any(|prefix| alarm.name.starts_with(prefix));
        Ok(self.with_account(|account| account.alarms(&self.region).into_iter().filter(matches).collect()))
    }
}

impl<K: Clock> ImageRegistry for Rehearsal<K> {
    async fn image(&self, reference: &str) -> ImageStatus {
        self.with_account(|account| {
            if account.state.ecs.image_missing(reference) { ImageStatus::Missing } else { ImageStatus::Found }
        })
    }

    async fn digest(&self, _reference: &str) -> Result<Option<String>, String> {
        Ok(None)
    }

    /// Returns credentials that no registry accepts: a rehearsal pushes nothing.
    async fn push_credentials(&self, _region: &str) -> Result<RegistryCredentials, AwsError> {
        Ok(RegistryCredentials { user: "AWS".to_owned(), password: "rehearsal".to_owned() })
    }
}
