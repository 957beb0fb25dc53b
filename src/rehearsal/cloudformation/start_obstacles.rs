//! Obstacles that keep tasks from starting: found when a service is applied, and looked for again as its stack changes.

use serde_json::Value as Json;

use crate::cfn::type_names::{SERVICE, TASK_DEFINITION};
use crate::deploy::api::TaskNetwork;
use crate::rehearsal::account::Account;
use crate::rehearsal::ecs::StartObstacle;
use crate::rehearsal::property_access::{strings, text};
use crate::rehearsal::rules::{AccountView, TaskStart, obstacle};
use crate::rehearsal::state::{Operation, Stack};

impl Account {
    /// Finds what keeps the tasks of a service from starting.
    pub(super) fn find_obstacle(&mut self, stack: &Stack, operation: &Operation, service: &str, properties: &Json) {
        let view = AccountView::new(&self.state, stack, operation);
        let found = of_service(&view, properties);
        self.state.ecs.set_obstacle(service, found);
    }

    /// Looks again for what keeps tasks from starting, after a resource has changed.
    pub(super) fn review_obstacles(&mut self, stack: &Stack, operation: &Operation) {
        let services = self.state.ecs.obstructed();
        if services.is_empty() {
            return;
        }
        let view = AccountView::new(&self.state, stack, operation);
        let review = |service: String| {
            let properties = view.find(SERVICE, &service)?.properties;
            Some((of_service(&view, properties), service))
        };
        for (found, service) in services.into_iter().filter_map(review).collect::<Vec<_>>() {
            self.state.ecs.set_obstacle(&service, found);
        }
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
        of_task(&view, task_definition, &subnets)
    }
}

/// Returns what keeps the tasks of a service from starting.
fn of_service(view: &AccountView<'_>, properties: &Json) -> Option<StartObstacle> {
    let network = properties.get("NetworkConfiguration").and_then(|it| it.get("AwsvpcConfiguration"));
    let subnets = network.map(|network| strings(network, "Subnets")).unwrap_or_default();
    of_task(view, &text(properties, "TaskDefinition")?, &subnets)
}

/// Returns what keeps a task from starting, if its task definition is known.
fn of_task(view: &AccountView<'_>, task_definition: &str, subnets: &[String]) -> Option<StartObstacle> {
    let task_definition = view.find(TASK_DEFINITION, task_definition)?.properties;
    obstacle(&TaskStart { task_definition, subnets }, view)
}
