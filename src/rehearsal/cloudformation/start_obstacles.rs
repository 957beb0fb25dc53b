//! Obstacles that keep tasks from starting: found when a service is applied, and looked for again as its stack changes.

use serde_json::Value as Json;

use crate::cfn::LogicalId;
use crate::cfn::type_names::{EXPRESS_SERVICE, NAT_GATEWAY, ROUTE, SERVICE, TASK_DEFINITION, VPC_ENDPOINT};
use crate::deploy::api::TaskNetwork;
use crate::rehearsal::account::Account;
use crate::rehearsal::ecs::{StartObstacle, express};
use crate::rehearsal::property_access::{strings, text};
use crate::rehearsal::rules::{AccountView, TaskStart, obstacle};
use crate::rehearsal::state::{Operation, Stack, Step, StepAction, StepState};

impl Account {
    /// Finds what keeps the tasks of a service from starting.
    pub(super) fn find_obstacle(
        &mut self,
        stack: &Stack,
        operation: &Operation,
        (kind, service): (&str, &str),
        properties: &Json,
    ) {
        let awaits_ways = self.awaits_ways(operation);
        let view = AccountView::new(&self.state, stack, operation);
        let found = of_service(&view, (kind, service), properties, awaits_ways);
        self.state.ecs.set_obstacle(service, found);
    }

    /// Looks again for what keeps tasks from starting, after a resource has changed.
    pub(super) fn review_obstacles(&mut self, stack: &Stack, operation: &Operation) {
        let services = self.state.ecs.obstructed();
        if services.is_empty() {
            return;
        }
        let awaits_ways = self.awaits_ways(operation);
        let view = AccountView::new(&self.state, stack, operation);
        let review = |service: String| {
            let of = |kind| Some((kind, view.find(kind, &service)?.properties));
            let (kind, properties) = of(SERVICE).or_else(|| of(EXPRESS_SERVICE))?;
            Some((of_service(&view, (kind, &service), properties, awaits_ways), service))
        };
        for (found, service) in services.into_iter().filter_map(review).collect::<Vec<_>>() {
            self.state.ecs.set_obstacle(&service, found);
        }
    }

    /// Returns whether an operation has yet to create ways out of a network. A task tries for minutes to reach what it needs.
    fn awaits_ways(&mut self, operation: &Operation) -> bool {
        const WAYS: [&str; 3] = [NAT_GATEWAY, ROUTE, VPC_ENDPOINT];
        let template = self.template(&operation.spec.body);
        let is_way = |step: &&Step| {
            let resource = template.resources.get(&LogicalId::from(step.id.as_str()));
            resource.is_some_and(|resource| WAYS.contains(&resource.kind.as_str()))
        };
        let is_open = |step: &Step| matches!(step.state, StepState::Waiting | StepState::Running);
        operation.steps.iter().filter(is_way).any(|step| step.action == StepAction::Create && is_open(step))
    }

    /// Returns what keeps a task without a service from starting.
    pub(in crate::rehearsal) fn standalone_obstacle(
        &self,
        region: &str,
        task_definition: &str,
        network: Option<&TaskNetwork>,
    ) -> Option<StartObstacle> {
        let view = AccountView::of_region(&self.state, region);
        let subnets = network.map(|network| network.subnets.clone()).unwrap_or_default();
        let public_ip = network.is_some_and(|network| network.public_ip);
        of_task(&view, &TaskOf { task_definition, subnets: &subnets, public_ip, awaits_ways: false })
    }
}

/// A task and where it starts.
struct TaskOf<'a> {
    task_definition: &'a str,
    subnets: &'a [String],
    public_ip: bool,
    awaits_ways: bool,
}

/// Returns what keeps the tasks of a service from starting.
fn of_service(
    view: &AccountView<'_>,
    (kind, arn): (&str, &str),
    properties: &Json,
    awaits_ways: bool,
) -> Option<StartObstacle> {
    if kind == EXPRESS_SERVICE {
        let task_definition = &express::task_definition(properties);
        let service = express::service(arn, properties, "");
        let network = &service["NetworkConfiguration"]["AwsvpcConfiguration"];
        let subnets = &strings(network, "Subnets");
        return obstacle(&TaskStart { task_definition, subnets, public_ip: true, awaits_ways }, view);
    }
    let network = properties.get("NetworkConfiguration").and_then(|it| it.get("AwsvpcConfiguration"));
    let subnets = network.map(|network| strings(network, "Subnets")).unwrap_or_default();
    let public_ip = network.is_some_and(|network| text(network, "AssignPublicIp").as_deref() == Some("ENABLED"));
    let task_definition = text(properties, "TaskDefinition")?;
    of_task(view, &TaskOf { task_definition: &task_definition, subnets: &subnets, public_ip, awaits_ways })
}

/// Returns what keeps a task from starting, if its task definition is known.
fn of_task(view: &AccountView<'_>, task: &TaskOf<'_>) -> Option<StartObstacle> {
    let TaskOf { subnets, public_ip, awaits_ways, .. } = *task;
    let task_definition = view.find(TASK_DEFINITION, task.task_definition)?.properties;
    obstacle(&TaskStart { task_definition, subnets, public_ip, awaits_ways }, view)
}
