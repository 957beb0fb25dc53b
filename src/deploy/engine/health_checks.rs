//! Services whose tasks have a health check.

use crate::cfn::type_names::EXPRESS_SERVICE;
use crate::cfn::{Resource, Template, Value};

/// Returns whether ECS knows from a health check whether the tasks of a service work: a check of a target group, or of an
/// essential container. Values that are not known are taken for one, and so is a deployment by another controller.
pub(super) fn has_health_check(template: &Template, service: &Resource) -> bool {
    // ECS checks the path of the health check, `/` unless set (`healthCheckPath` of `CreateExpressGatewayService`, ECS API).
    if service.kind.as_str() == EXPRESS_SERVICE {
        return true;
    }
    let is_used = |value: &Value| value.as_list().is_none_or(|items| !items.is_empty());
    let controller = service.properties.get("DeploymentController").and_then(|it| it.get("Type"));
    if controller.is_some_and(|kind| kind.as_str() != Some("ECS")) {
        return true;
    }
    if service.properties.get("LoadBalancers").is_some_and(is_used) {
        return true;
    }
    let definition = service.properties.get("TaskDefinition").and_then(Value::as_reference);
    let definition = definition.and_then(|reference| template.resources.get(reference.id.as_str()));
    let containers = definition.and_then(|definition| definition.properties.get("ContainerDefinitions"));
    let is_checked = |container: &Value| {
        let essential = container.get("Essential").is_none_or(|it| *it != Value::Bool(false));
        essential && container.get("HealthCheck").is_some()
    };
    containers.and_then(Value::as_list).is_some_and(|containers| containers.iter().any(is_checked))
}
