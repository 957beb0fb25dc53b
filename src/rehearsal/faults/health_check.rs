//! Finds faults that no health check of the service can notice.

use super::TaskFault;
use crate::cfn::type_names::EXPRESS_SERVICE;
use crate::cfn::{PropertyPath, Resource, Template, Value};
use crate::diag::{Code, Diagnostic};

/// The codes that a target group accepts by default ("Health checks for Application Load Balancer target
/// groups").
const HEALTHY: &str = "200";

/// Returns the reason why a fault cannot make a service unhealthy: it has no health check, or the status counts as
/// healthy. Returns `None` if the fault can, or if the template leaves that open.
pub(super) fn cannot_fail(
    template: &Template,
    id: &str,
    service: &Resource,
    task_fault: TaskFault,
) -> Option<Diagnostic> {
    if !matches!(task_fault, TaskFault::Unhealthy(_) | TaskFault::Silent | TaskFault::ReadyAfter(_)) {
        return None;
    }
    // ECS always checks those of Express Mode (`healthCheckPath` of `CreateExpressGatewayService`, ECS API).
    if service.kind.as_str() == EXPRESS_SERVICE {
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
        return (!has_container_check(template, service)?).then(|| unchecked(id, service));
    }
    let TaskFault::Unhealthy(status) = task_fault else { return None };
    let mut accepting = groups.iter().map(|group| accepted(group).filter(|codes| contains(codes, status)));
    let codes = accepting.next().flatten()?;
    // Another target group may treat the status as unhealthy.
    if !accepting.all(|codes| codes.is_some()) {
        return None;
    }
    let message = format!("`{id}` is healthy when it answers with {status}: its target group accepts {codes}");
    let origin = groups[0].origin_of(&PropertyPath::property("Matcher"));
    let problem = Diagnostic::new(Code::FaultValue, message).at(origin, "its health check");
    Some(problem.help(format!("write `--fault {id}:unhealthy=500`")))
}

/// Reports a service without a health check.
fn unchecked(id: &str, service: &Resource) -> Diagnostic {
    let message = format!("`{id}` has no health check, so its tasks cannot fail one");
    Diagnostic::new(Code::FaultValue, message)
        .at(&service.origin, "neither a target group nor a container health check")
        .help(format!("let its container exit instead: `--fault {id}:exit=1`"))
}

/// Returns whether a container of the service has a health check, `None` if the template leaves that open.
fn has_container_check(template: &Template, service: &Resource) -> Option<bool> {
    let task = referred(template, service.properties.get("TaskDefinition")?)?;
    let containers = task.properties.get("ContainerDefinitions")?.as_list()?;
    Some(containers.iter().any(|container| container.get("HealthCheck").is_some()))
}

/// Returns the HTTP codes that a target group accepts, if they are literal.
fn accepted(group: &Resource) -> Option<&str> {
    match group.properties.get("Matcher") {
        None => Some(HEALTHY),
        Some(matcher) => matcher.get("HttpCode")?.as_str(),
    }
}

/// Returns whether codes such as `200`, `200,202` or `200-299` contain a status.
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
