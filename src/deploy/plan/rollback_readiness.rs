//! Predicts if a rollback would work: what an ECS service needs to return to the tasks that run now.

use serde::{Deserialize, Serialize};

use crate::cfn::{Resource, Value};
use crate::deploy::api::{EcsService, ImageStatus, TaskDefinition, revision};

/// Whether a service could be rolled back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RollbackReadiness {
    /// The logical id of the service.
    pub service: String,
    /// `family:revision` of the task definition that it runs.
    pub revision: String,
    /// The reasons why a rollback would fail; none if it would work.
    pub blockers: Vec<String>,
    /// The reasons why a rollback may fail, or run something else than now.
    pub risks: Vec<String>,
}

/// Checks that a service's revision is active, that its images exist, and that its old tasks would fit the target groups
/// of the new template.
///
/// "You can't use an INACTIVE task definition to run new tasks" (ECS API reference, `DeregisterTaskDefinition`).
pub fn readiness(
    logical_id: &str,
    service: &EcsService,
    definition: Option<&TaskDefinition>,
    images: &[(String, ImageStatus)],
    desired: Option<&Resource>,
) -> RollbackReadiness {
    let revision = revision(&service.task_definition).to_owned();
    let (mut blockers, mut risks) = (Vec::new(), Vec::new());
    match definition {
        Some(definition) if definition.status == "ACTIVE" => {
            blockers.extend(desired.and_then(|desired| unserved_target(desired, definition)));
        }
        Some(_) => blockers.push(format!("the revision {revision} is deregistered, so no new task can run it")),
        None => blockers.push(format!("the revision {revision} does not exist")),
    }
    for (reference, image) in images {
        match image {
            ImageStatus::Missing => blockers.push(format!("its image {reference} no longer exists")),
            ImageStatus::Unknown(why) => risks.push(format!("cannot check that {reference} exists: {why}")),
            ImageStatus::Found if is_mutable(reference) => {
                risks.push(format!("the tag of {reference} may point to another image by then"));
            }
            ImageStatus::Found => {}
        }
    }
    RollbackReadiness { service: logical_id.to_owned(), revision, blockers, risks }
}

/// Returns whether a reference has no tag, or one that is usually overwritten.
fn is_mutable(reference: &str) -> bool {
    let name = reference.rsplit('/').next().unwrap_or(reference);
    !name.contains('@') && name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

/// Returns a container and port that the new service needs and the old tasks do not have.
fn unserved_target(desired: &Resource, old: &TaskDefinition) -> Option<String> {
    let Some(Value::List(balancers)) = desired.properties.get("LoadBalancers") else { return None };
    balancers.iter().find_map(|balancer| {
        let Value::Map(balancer) = balancer else { return None };
        let name = balancer.get("ContainerName").and_then(Value::as_str)?;
        let port = match balancer.get("ContainerPort")? {
            Value::Int(port) => u16::try_from(*port).ok()?,
            other => other.as_str()?.parse().ok()?,
        };
        let answers = old.containers.iter().any(|container| container.name == name && container.ports.contains(&port));
        (!answers)
            .then(|| format!("its tasks have no container `{name}` on port {port}, which the load balancer needs"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::api::ContainerDefinition;
    use crate::diag::Origin;
    use crate::testing::fixtures;

    fn definition(status: &str, image: &str) -> TaskDefinition {
        TaskDefinition {
            arn: fixtures::service(7).task_definition,
            status: status.to_owned(),
            cpu: None,
            memory: None,
            containers: vec![ContainerDefinition {
                name: "web".to_owned(),
                image: image.to_owned(),
                essential: true,
                ports: vec![80],
                environment: indexmap::IndexMap::new(),
                log: None,
            }],
        }
    }

    fn desired(port: i64) -> Resource {
        let balancer = [("ContainerName", Value::from("web")), ("ContainerPort", Value::from(port))];
        let balancer = balancer.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        Resource::new("AWS::ECS::Service", Origin::unknown())
            .with("LoadBalancers", Value::List(vec![Value::Map(balancer)]))
    }

    fn checked(status: &str, image: &str, found: ImageStatus, port: i64) -> RollbackReadiness {
        let images = [(image.to_owned(), found)];
        readiness("Web", &fixtures::service(7), Some(&definition(status, image)), &images, Some(&desired(port)))
    }

    #[test]
    fn active_revision_with_a_pinned_image_is_ready() {
        let ready = checked("ACTIVE", "ghcr.io/x/web:1.2", ImageStatus::Found, 80);
        assert_eq!((ready.revision.as_str(), ready.blockers.len(), ready.risks.len()), ("tiles:7", 0, 0));
    }

    #[test]
    fn each_blocker_and_risk_is_named() {
        let reasons = |ready: RollbackReadiness| [ready.blockers, ready.risks].concat().join("; ");
        assert!(reasons(checked("INACTIVE", "web:1", ImageStatus::Found, 80)).contains("tiles:7 is deregistered"));
        assert!(reasons(checked("ACTIVE", "web:1", ImageStatus::Missing, 80)).contains("image web:1 no longer exists"));
        assert!(reasons(checked("ACTIVE", "web", ImageStatus::Found, 80)).contains("may point to another image"));
        assert!(reasons(checked("ACTIVE", "host:5000/web:1", ImageStatus::Found, 80)).is_empty());
        assert!(reasons(checked("ACTIVE", "web:1", ImageStatus::Found, 8080)).contains("container `web` on port 8080"));
        assert!(reasons(readiness("Web", &fixtures::service(7), None, &[], None)).contains("tiles:7 does not exist"));
    }
}
