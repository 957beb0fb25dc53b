//! Amazon ECS: the calls. `service`, `service_deployment`, `task` and `task_definition` convert the answers.
//!
//! *Invariant*: a cluster, service or task that does not exist is an empty result and not an error. A new revision of a
//! task definition keeps all that no override changes.

mod service;
mod service_deployment;
mod task;
mod task_definition;

use std::collections::BTreeMap;

use aws_sdk_ecs::operation::list_tasks::builders::ListTasksFluentBuilder;
use aws_sdk_ecs::types as sdk;

use super::Aws;
use crate::deploy::api::status::TaskStatus;
use crate::deploy::api::{
    ApiCall, AwsError, ContainerOverride, Ecs, EcsService, ErrorKind, ExecSession, RunTaskRequest, ServiceDeployment,
    Task, TaskDefinition, TaskFilter, UpdateServiceRequest,
};

/// The maximal number of services in a call of `DescribeServices`, all of one cluster (API reference).
const SERVICES_A_CALL: usize = 10;

/// The maximal number of tasks in an answer of `ListTasks` and in a call of `DescribeTasks` (API references).
const TASKS_A_CALL: i32 = 100;

impl Ecs for Aws {
    async fn services(&self, arns: &[String]) -> Result<Vec<EcsService>, AwsError> {
        let mut clusters: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for arn in arns {
            clusters.entry(cluster(arn)).or_default().push(arn.clone());
        }
        let mut services = Vec::new();
        for (cluster, arns) in clusters {
            for some in arns.chunks(SERVICES_A_CALL) {
                let call = self.ecs().describe_services().cluster(cluster).set_services(Some(some.to_vec()));
                let reply = call.send().await.map_err(|error| self.api_error(ApiCall::DescribeServices, &error));
                let Some(reply) = unless_gone(reply)? else { continue };
                services.extend(reply.services.into_iter().flatten().map(service::service));
            }
        }
        Ok(services)
    }

    async fn service_deployment(&self, service: &str) -> Result<Option<ServiceDeployment>, AwsError> {
        let call = self.ecs().list_service_deployments().cluster(cluster(service)).service(service);
        let reply = call.send().await.map_err(|error| self.api_error(ApiCall::ListServiceDeployments, &error));
        let latest = unless_gone(reply)?.and_then(|reply| service_deployment::latest(reply.service_deployments));
        let Some(arn) = latest else { return Ok(None) };
        let reply = self.ecs().describe_service_deployments().service_deployment_arns(arn).send().await;
        let reply = reply.map_err(|error| self.api_error(ApiCall::DescribeServiceDeployments, &error));
        let described = unless_gone(reply)?.and_then(|reply| reply.service_deployments);
        Ok(described.into_iter().flatten().next().map(service_deployment::deployment))
    }

    async fn tasks(&self, service: &str, which: TaskFilter) -> Result<Vec<Task>, AwsError> {
        let call = self.ecs().list_tasks().cluster(cluster(service)).service_name(last(service));
        listed(self, call, cluster(service), which).await
    }

    async fn tasks_of_family(&self, cluster: &str, family: &str, which: TaskFilter) -> Result<Vec<Task>, AwsError> {
        let call = self.ecs().list_tasks().cluster(cluster).family(family);
        listed(self, call, cluster, which).await
    }

    async fn task(&self, arn: &str) -> Result<Option<Task>, AwsError> {
        Ok(described(self, cluster(arn), vec![arn.to_owned()]).await?.into_iter().next())
    }

    async fn task_definition(&self, name: &str) -> Result<Option<TaskDefinition>, AwsError> {
        match self.ecs().describe_task_definition().task_definition(name).send().await {
            Ok(reply) => Ok(reply.task_definition.map(task_definition::definition)),
            Err(error) => match self.api_error(ApiCall::DescribeTaskDefinition, &error) {
                error if error.message.starts_with("Unable to describe task definition") => Ok(None),
                error => Err(error),
            },
        }
    }

    async fn revise(&self, task_definition: &str, edits: &[ContainerOverride]) -> Result<String, AwsError> {
        let call = self.ecs().describe_task_definition().task_definition(task_definition);
        let reply = call.include(sdk::TaskDefinitionField::Tags).send().await;
        let described = reply.map_err(|error| self.api_error(ApiCall::DescribeTaskDefinition, &error))?;
        let call = self.ecs().register_task_definition();
        let reply = task_definition::next(call, described, edits)?.send().await;
        let reply = reply.map_err(|error| self.api_error(ApiCall::RegisterTaskDefinition, &error))?;
        Ok(reply.task_definition.and_then(|definition| definition.task_definition_arn).unwrap_or_default())
    }

    async fn update_service(&self, service: &str, change: &UpdateServiceRequest) -> Result<(), AwsError> {
        let call = self.ecs().update_service().cluster(cluster(service)).service(last(service));
        let call = call.set_task_definition(change.task_definition.clone());
        let call = call.set_desired_count(change.desired.map(|count| i32::try_from(count).unwrap_or(i32::MAX)));
        let reply = call.set_force_new_deployment(change.force.then_some(true)).send().await;
        reply.map(|_| ()).map_err(|error| self.api_error(ApiCall::UpdateService, &error))
    }

    async fn run_task(&self, request: &RunTaskRequest) -> Result<Task, AwsError> {
        let call = self.ecs().run_task().cluster(&request.cluster).task_definition(&request.task_definition);
        let call = call.launch_type(sdk::LaunchType::Fargate).count(1).started_by(&request.started_by);
        let call = call.set_client_token(request.token.clone());
        // `SERVICE` is for the tasks of services only (`RunTask` of the ECS API).
        let tags = request.propagates_tags.then_some(sdk::PropagateTags::TaskDefinition);
        let call = call.enable_ecs_managed_tags(tags.is_some()).set_propagate_tags(tags);
        let network = request.network.as_ref().map(task::network_configuration).transpose()?;
        let reply = call.set_network_configuration(network).set_overrides(task::overrides(request)).send().await;
        let reply = reply.map_err(|error| self.api_error(ApiCall::RunTask, &error))?;
        match reply.tasks.into_iter().flatten().next() {
            Some(started) => Ok(task::task(started)),
            None => Err(task::not_started(reply.failures.into_iter().flatten().next())),
        }
    }

    async fn stop_task(&self, arn: &str, reason: &str) -> Result<(), AwsError> {
        let reply = self.ecs().stop_task().cluster(cluster(arn)).task(arn).reason(reason).send().await;
        reply.map(|_| ()).map_err(|error| self.api_error(ApiCall::StopTask, &error))
    }

    async fn execute_command(&self, task: &str, container: &str, command: &str) -> Result<ExecSession, AwsError> {
        let call = self.ecs().describe_tasks().cluster(cluster(task)).tasks(task);
        let reply = call.send().await.map_err(|error| self.api_error(ApiCall::DescribeTasks, &error))?;
        let runtime = task::runtime_id(reply.tasks.unwrap_or_default(), container);
        let call = self.ecs().execute_command().cluster(cluster(task)).task(task).container(container);
        let reply = call.command(command).interactive(true).send().await;
        let session = reply.map_err(|error| self.api_error(ApiCall::ExecuteCommand, &error))?.session;
        let session = session.unwrap_or_else(|| sdk::Session::builder().build());
        Ok(ExecSession {
            id: session.session_id.unwrap_or_default(),
            url: session.stream_url.unwrap_or_default(),
            token: session.token_value.unwrap_or_default(),
            target: format!("ecs:{}_{}_{}", cluster(task), last(task), runtime.unwrap_or_default()),
        })
    }
}

/// Returns the tasks of a call of `ListTasks`, newest first.
async fn listed(
    aws: &Aws,
    call: ListTasksFluentBuilder,
    cluster: &str,
    which: TaskFilter,
) -> Result<Vec<Task>, AwsError> {
    let desired = match which {
        TaskFilter::Running => sdk::DesiredStatus::Running,
        TaskFilter::Stopped => sdk::DesiredStatus::Stopped,
    };
    let reply = call.desired_status(desired).max_results(TASKS_A_CALL).send().await;
    let Some(reply) = unless_gone(reply.map_err(|error| aws.api_error(ApiCall::ListTasks, &error)))? else {
        return Ok(Vec::new());
    };
    let mut tasks = described(aws, cluster, reply.task_arns.unwrap_or_default()).await?;
    // A task that is to stop is among the stopped ones while it still does.
    tasks.retain(|task| which == TaskFilter::Running || task.status == TaskStatus::Stopped);
    tasks.sort_by_key(|task| std::cmp::Reverse(task.stopped.or(task.created)));
    Ok(tasks)
}

/// Returns the tasks that AWS still has.
async fn described(aws: &Aws, cluster: &str, tasks: Vec<String>) -> Result<Vec<Task>, AwsError> {
    if tasks.is_empty() {
        return Ok(Vec::new());
    }
    let reply = aws.ecs().describe_tasks().cluster(cluster).set_tasks(Some(tasks)).send().await;
    let reply = unless_gone(reply.map_err(|error| aws.api_error(ApiCall::DescribeTasks, &error)))?;
    Ok(reply.and_then(|reply| reply.tasks).into_iter().flatten().map(task::task).collect())
}

/// Returns nothing if the cluster or the service does not exist.
fn unless_gone<T>(reply: Result<T, AwsError>) -> Result<Option<T>, AwsError> {
    match reply {
        Ok(reply) => Ok(Some(reply)),
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_gone(error: &AwsError) -> bool {
    let codes = ["ClusterNotFoundException", "ServiceNotFoundException", "ServiceNotActiveException"];
    error.kind == ErrorKind::Other && codes.contains(&error.code.as_str())
}

/// Returns the cluster in the ARN of a service or a task: `arn:aws:ecs:eu-central-1:123456789012:service/CLUSTER/SERVICE`.
///
/// ARNs of the form before 2018 have no cluster; they belong to the cluster `default`.
fn cluster(arn: &str) -> &str {
    let mut parts = arn.rsplit('/').skip(1);
    match (parts.next(), parts.next()) {
        (Some(cluster), Some(_)) => cluster,
        _ => "default",
    }
}

/// Returns the name at the end of an ARN.
fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use super::{cluster, last};

    #[test]
    fn arn_of_a_service_has_its_cluster() {
        assert_eq!(cluster("arn:aws:ecs:us-east-1:123456789012:service/titiler/web"), "titiler");
        assert_eq!(cluster("arn:aws:ecs:us-east-1:123456789012:task/titiler/0c4f"), "titiler");
        assert_eq!(cluster("arn:aws:ecs:us-east-1:123456789012:service/web"), "default");
    }

    #[test]
    fn last_part_of_an_arn_is_the_name() {
        assert_eq!(last("arn:aws:ecs:us-east-1:123456789012:service/titiler/web"), "web");
        assert_eq!(last("web"), "web");
    }
}
