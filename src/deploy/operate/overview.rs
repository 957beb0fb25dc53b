//! The state of a stack with its services, targets and alarms.

use futures_util::future::join_all;
use serde::Serialize;

use super::job_view::{self, JobView};
use super::jobs::jobs;
use super::services::{StackService, is_named, services};
use super::stopped_tasks::{StoppedTasks, stopped_tasks};
use crate::cfn::StackJob;
use crate::cfn::type_names::TARGET_GROUP;
use crate::deploy::api::queries::{StackSnapshot, snapshot};
use crate::deploy::api::{
    Alarm, AutoScaling, AwsApi, AwsError, LoadBalancing, ScalableTarget, ServiceDeployment, TargetHealth, Task,
    TaskFilter,
};

/// A stack with its services and alarms.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Overview {
    /// The stack and its resources.
    #[serde(flatten)]
    pub snapshot: StackSnapshot,
    /// Its services.
    pub services: Vec<ServiceView>,
    /// Its jobs.
    pub jobs: Vec<JobView>,
    /// Its alarms: those of the template, and those that scale its services.
    pub alarms: Vec<Alarm>,
    /// The errors of calls that failed; their results are missing here.
    pub errors: Vec<AwsError>,
}

/// A service with its tasks, targets and scaling.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ServiceView {
    /// The service with its deployments.
    #[serde(flatten)]
    pub service: StackService,
    /// Its running tasks, newest first.
    pub tasks: Vec<Task>,
    /// Its tasks that stopped by themselves or failed in the last hour, by cause, most recent first.
    pub stopped: Vec<StoppedTasks>,
    /// The health of its targets.
    pub targets: Vec<TargetGroupView>,
    /// The bounds between which it scales, if it does.
    pub scaling: Option<ScalableTarget>,
    /// Its latest deployment, if it shifts traffic.
    pub shift: Option<ServiceDeployment>,
}

/// A target group with its targets.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TargetGroupView {
    /// Its ARN.
    pub arn: String,
    /// Its targets.
    pub targets: Vec<TargetHealth>,
}

impl Overview {
    /// Keeps the services and jobs that a pattern names, and of the resources only target groups.
    pub fn keep(&mut self, patterns: &[String]) {
        self.services.retain(|view| patterns.iter().any(|pattern| view.service.matches(pattern)));
        self.jobs.retain(|view| patterns.iter().any(|pattern| is_named(&view.logical_id, pattern)));
        self.alarms.clear();
        // A service that shifts traffic is shown with the names of its target groups.
        self.snapshot.resources.retain(|resource| resource.kind == TARGET_GROUP);
    }
}

/// Returns the overview of a stack with its jobs, or nothing if it does not exist. Calls that fail do not hide the results of others.
///
/// # Errors
///
/// The stack itself cannot be read.
pub async fn overview(cloud: &impl AwsApi, stack: &str, stack_jobs: &[StackJob]) -> Result<Option<Overview>, AwsError> {
    let Some(snapshot) = snapshot(cloud, stack).await? else { return Ok(None) };
    let mut errors = Vec::new();
    let found = collect_error(services(cloud, stack, &snapshot.resources).await, &mut errors);
    let views = join_all(found.into_iter().map(|service| view(cloud, service))).await;
    let mut services = Vec::new();
    for (service, missing) in views {
        services.push(service);
        errors.extend(missing);
    }
    let mut views = Vec::new();
    for deployed in jobs(stack, stack_jobs, &snapshot.resources) {
        if let Some(job) = stack_jobs.iter().find(|job| job.task_definition.as_str() == deployed.logical_id) {
            views.push(job_view::view(cloud, job, &deployed, &mut errors).await);
        }
    }
    let alarms = collect_error(alarms(cloud, &snapshot, &services).await, &mut errors);
    // A missing permission is reported once, also if there are several services.
    errors.dedup_by(|a, b| a.call == b.call && a.code == b.code);
    Ok(Some(Overview { snapshot, services, jobs: views, alarms, errors }))
}

async fn view<C: AwsApi>(cloud: &C, service: StackService) -> (ServiceView, Vec<AwsError>) {
    let mut errors = Vec::new();
    let tasks = collect_error(cloud.tasks(&service.service.arn, TaskFilter::Running).await, &mut errors);
    let stopped = collect_error(cloud.tasks(&service.service.arn, TaskFilter::Stopped).await, &mut errors);
    let stopped = stopped_tasks(&stopped);
    let mut targets = Vec::new();
    for group in &service.service.target_groups {
        let found = collect_error(LoadBalancing::target_health(cloud, &group.arn).await, &mut errors);
        targets.push(TargetGroupView { arn: group.arn.clone(), targets: found });
    }
    let scaling = collect_error(AutoScaling::scalable_target(cloud, &service.scalable_resource()).await, &mut errors);
    let shift = if service.service.shifts_traffic() {
        collect_error(cloud.service_deployment(&service.service.arn).await, &mut errors)
    } else {
        None
    };
    (ServiceView { service, tasks, stopped, targets, scaling, shift }, errors)
}

/// Returns the alarms of the template, and those that target tracking creates for services (their names begin with
/// `TargetTracking-service/CLUSTER/SERVICE-`; "Target tracking scaling policies" of Application Auto Scaling).
async fn alarms(
    cloud: &impl AwsApi,
    snapshot: &StackSnapshot,
    services: &[ServiceView],
) -> Result<Vec<Alarm>, AwsError> {
    let own = snapshot.resources.iter().filter(|resource| resource.kind == "AWS::CloudWatch::Alarm");
    let names: Vec<String> = own.filter_map(|resource| resource.physical_id.clone()).collect();
    let prefixes = services.iter().filter(|view| view.scaling.is_some());
    let prefixes: Vec<String> =
        prefixes.map(|view| format!("TargetTracking-{}-", view.service.scalable_resource())).collect();
    if names.is_empty() && prefixes.is_empty() {
        return Ok(Vec::new());
    }
    cloud.alarms(&names, &prefixes).await
}

/// Returns the answer, or the default after an error, which is collected.
fn collect_error<T: Default>(answer: Result<T, AwsError>, errors: &mut Vec<AwsError>) -> T {
    answer.unwrap_or_else(|error| {
        errors.push(error);
        T::default()
    })
}
