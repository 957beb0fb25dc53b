//! Tasks in isolated subnets: what they cannot reach.
//!
//! Source: "Amazon ECS task networking options for Fargate" of the ECS developer guide: a task pulls its image through the internet,
//! or through the endpoints of Amazon ECR.

use std::rc::Rc;

use super::{Task, TaskOwner, logs};
use crate::block::{Container, LoweringContext, Vpc};
use crate::cfn::check::registry::{Registry, registry};
use crate::cfn::type_names::ROUTE;
use crate::diag::{Code, Diagnostic};

/// Returns the problems of a task in the isolated subnets of a network that the stack makes. The routes of others are not
/// known.
pub(super) fn problems(owner: &TaskOwner<'_>, vpc: &Rc<Vpc>, context: &LoweringContext) -> Vec<Diagnostic> {
    if vpc.identity.managed_name().is_none() || context.has_raw(ROUTE) {
        return Vec::new();
    }
    let task = owner.task;
    let router = logs::router(task);
    let images = task.containers().chain(router.iter()).filter_map(|container| unreachable(container, task, vpc));
    // The template of a service shows what it lacks; that of a job has no network, nor has that of Express Mode
    // a task definition.
    let lacking = (owner.noun != "service").then(|| without_endpoints(task, vpc, context)).flatten();
    images.chain(lacking).collect()
}

fn unreachable(container: &Container, task: &Task, vpc: &Vpc) -> Option<Diagnostic> {
    let set = container.image.as_ref()?;
    let image = set.value.name().filter(|image| registry(image) == Registry::Public)?;
    let message = format!("the registry of `{image}` cannot be reached from isolated subnets");
    let problem = Diagnostic::new(Code::UnreachableRegistry, message).at(&set.origin, "pulled over the internet");
    let problem = match &task.subnets {
        Some(wanted) => problem.at(&wanted.origin, "without a route to the internet"),
        None => problem.at(vpc.identity.origin(), "without a route to the internet"),
    };
    Some(
        problem
            .help("copy the image to ECR, and name it there: `.image(\"123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1.0.0\")`")
            .help("or give the tasks a route: `.nat_gateways(1)` of the network, or `.subnets(\"public\")`"),
    )
}

fn without_endpoints(task: &Task, vpc: &Rc<Vpc>, context: &LoweringContext) -> Option<Diagnostic> {
    let there = vpc.endpoint_services(context);
    let lacks = |name: &&str| !there.iter().any(|endpoint| endpoint.value == *name);
    let missing: Vec<String> =
        task.called_services(context).iter().copied().filter(lacks).map(|name| format!("`{name}`")).collect();
    (!missing.is_empty()).then(|| {
        let message = format!("the tasks of `{}` cannot reach {}", task.name.value, missing.join(", "));
        Diagnostic::new(Code::NoInternetRoute, message)
            .at(&task.name.origin, "runs in isolated subnets")
            .at(vpc.identity.origin(), "the network has no endpoints for them")
            .help("add `.private_endpoints()` to the network")
    })
}
