use futures_util::future::join_all;
use serde::Serialize;

use super::services::{StackService, services};
use crate::deploy::api::queries::{StackSnapshot, snapshot};
use crate::deploy::api::{
    Alarm, AutoScaling, AwsApi, AwsError, LoadBalancing, ScalableTarget, TargetHealth, Task, TaskFilter,
};

/// A stack with all that runs in it.
#[derive(Debug, Clone, Serialize)]
pub struct Overview {
    /// The stack and its resources.
    #[serde(flatten)]
    pub inspected: StackSnapshot,
    /// Its services.
    pub services: Vec<ServiceView>,
    /// Its alarms: those of the template, and those that scale its services.
    pub alarms: Vec<Alarm>,
    /// What could not be looked at.
    pub unseen: Vec<AwsError>,
}

/// A service from every side.
#[derive(Debug, Clone, Serialize)]
pub struct ServiceView {
    /// The service with its deployments.
    #[serde(flatten)]
    pub service: StackService,
    /// Its tasks that run, newest first.
    pub tasks: Vec<Task>,
    /// The health of its targets.
    pub targets: Vec<TargetGroupView>,
    /// Between which bounds it scales; none where it does not.
    pub scaling: Option<ScalableTarget>,
}

/// A target group and who stands in it.
#[derive(Debug, Clone, Serialize)]
pub struct TargetGroupView {
    /// Its ARN.
    pub arn: String,
    /// Its targets.
    pub targets: Vec<TargetHealth>,
}

/// A stack from every side; nothing where it is not there. What cannot be looked at does not hide the rest.
///
/// # Errors
///
/// The stack itself cannot be looked at.
pub async fn overview(cloud: &impl AwsApi, stack: &str) -> Result<Option<Overview>, AwsError> {
    let Some(inspected) = snapshot(cloud, stack).await? else { return Ok(None) };
    let mut unseen = Vec::new();
    let found = seen(services(cloud, stack, &inspected.resources).await, &mut unseen);
    let views = join_all(found.into_iter().map(|service| view(cloud, service))).await;
    let mut services = Vec::new();
    for (service, missed) in views {
        services.push(service);
        unseen.extend(missed);
    }
    let alarms = seen(alarms(cloud, &inspected, &services).await, &mut unseen);
    // One missing permission is told once, however many services there are.
    unseen.dedup_by(|a, b| a.call == b.call && a.code == b.code);
    Ok(Some(Overview { inspected, services, alarms, unseen }))
}

async fn view<C: AwsApi>(cloud: &C, service: StackService) -> (ServiceView, Vec<AwsError>) {
    let mut missed = Vec::new();
    let tasks = seen(cloud.tasks(&service.service.arn, TaskFilter::Running).await, &mut missed);
    let mut targets = Vec::new();
    for group in &service.service.target_groups {
        let found = seen(LoadBalancing::target_health(cloud, &group.arn).await, &mut missed);
        targets.push(TargetGroupView { arn: group.arn.clone(), targets: found });
    }
    let scaling = seen(AutoScaling::scalable_target(cloud, &service.scalable_resource()).await, &mut missed);
    (ServiceView { service, tasks, targets, scaling }, missed)
}

/// The alarms of the template, and those that target tracking makes for services (their names begin with
/// `TargetTracking-service/CLUSTER/SERVICE-`; "Target tracking scaling policies" of Application Auto Scaling).
async fn alarms(
    cloud: &impl AwsApi,
    inspected: &StackSnapshot,
    services: &[ServiceView],
) -> Result<Vec<Alarm>, AwsError> {
    let own = inspected.resources.iter().filter(|resource| resource.kind == "AWS::CloudWatch::Alarm");
    let names: Vec<String> = own.filter_map(|resource| resource.physical_id.clone()).collect();
    let prefixes = services.iter().filter(|view| view.scaling.is_some());
    let prefixes: Vec<String> =
        prefixes.map(|view| format!("TargetTracking-{}-", view.service.scalable_resource())).collect();
    if names.is_empty() && prefixes.is_empty() {
        return Ok(Vec::new());
    }
    cloud.alarms(&names, &prefixes).await
}

/// What was found; an error is kept, and nothing was found.
fn seen<T: Default>(answer: Result<T, AwsError>, unseen: &mut Vec<AwsError>) -> T {
    answer.unwrap_or_else(|error| {
        unseen.push(error);
        T::default()
    })
}
