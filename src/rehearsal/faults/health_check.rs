//! The health checks that a trouble is to fail.

use super::TaskFault;
use crate::cfn::{PropertyPath, Resource, Template, Value};
use crate::diag::{Code, Diagnostic};

/// What a target group takes for healthy where it says nothing ("Health checks for Application Load Balancer target
/// groups").
const HEALTHY: &str = "200";

/// Why a service could never be unhealthy by a trouble: nothing looks whether it is, or the status counts as healthy.
/// Nothing where the template leaves that open.
pub(super) fn never_unwell(
    template: &Template,
    id: &str,
    service: &Resource,
    trouble: TaskFault,
) -> Option<Diagnostic> {
    if !matches!(trouble, TaskFault::Unhealthy(_) | TaskFault::Silent) {
        return None;
    }
    let groups = match service.properties.get("LoadBalancers") {
        None => Vec::new(),
        Some(balancers) => {
            let group = |balancer: &Value| referred(template, balancer.get("TargetGroupArn")?);
            balancers.as_list()?.iter().map(group).collect::<Option<Vec<_>>>()?
        }
    };
    if groups.is_empty() {
        return (!has_own_check(template, service)?).then(|| unchecked(id, service));
    }
    let TaskFault::Unhealthy(status) = trouble else { return None };
    let mut accepting = groups.iter().map(|group| accepted(group).filter(|codes| contains(codes, status)));
    let codes = accepting.next().flatten()?;
    // Another target group may see it otherwise.
    if !accepting.all(|codes| codes.is_some()) {
        return None;
    }
    let message = format!("`{id}` is healthy when it answers with {status}: its target group takes {codes}");
    let origin = groups[0].origin_of(&PropertyPath::property("Matcher"));
    let problem = Diagnostic::new(Code::FaultValue, message).at(origin, "its health check");
    Some(problem.help(format!("write `--fault {id}:unhealthy=500`")))
}

fn unchecked(id: &str, service: &Resource) -> Diagnostic {
    let message = format!("`{id}` has no health check, so its tasks cannot fail one");
    Diagnostic::new(Code::FaultValue, message)
        .at(&service.origin, "neither a target group nor a check of a container")
        .help(format!("let its program end instead: `--fault {id}:exit=1`"))
}

/// Whether a container of the service has a check of its own; nothing where the template does not tell.
fn has_own_check(template: &Template, service: &Resource) -> Option<bool> {
    let task = referred(template, service.properties.get("TaskDefinition")?)?;
    let containers = task.properties.get("ContainerDefinitions")?.as_list()?;
    Some(containers.iter().any(|container| container.get("HealthCheck").is_some()))
}

/// The codes that a target group takes for healthy, where they are HTTP's and literal.
fn accepted(group: &Resource) -> Option<&str> {
    match group.properties.get("Matcher") {
        None => Some(HEALTHY),
        Some(matcher) => matcher.get("HttpCode")?.as_str(),
    }
}

/// `200`, `200,202`, `200-299`.
fn contains(codes: &str, status: u16) -> bool {
    codes.split(',').any(|part| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let bounds = from.trim().parse::<u16>().ok().zip(to.trim().parse::<u16>().ok());
        bounds.is_some_and(|(from, to)| (from..=to).contains(&status))
    })
}

fn referred<'t>(template: &'t Template, value: &Value) -> Option<&'t Resource> {
    template.resources.get(&value.as_reference()?.id)
}
