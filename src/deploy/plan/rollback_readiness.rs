//! Whether a rollback would work: what an ECS service needs to go back to the tasks that run now.

use serde::{Deserialize, Serialize};

use crate::cfn::{Resource, Value};
use crate::deploy::api::{EcsService, ImageStatus, TaskDefinition, revision};

/// How ready a service is to go back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackReadiness {
    /// The logical id of the service.
    pub service: String,
    /// `family:revision` of the task definition that it runs.
    pub revision: String,
    /// What stands in the way, in words; nothing where it is ready.
    pub hindrances: Vec<String>,
    /// What could not be found out, or may bring something else than what runs.
    pub doubts: Vec<String>,
}

/// Judges a service: is its revision still active, are its images still there, and would its old tasks answer in the
/// target groups that the new template gives it.
///
/// "You can't use an INACTIVE task definition to run new tasks" (ECS API reference, `DeregisterTaskDefinition`).
pub fn readiness(
    logical_id: &str,
    service: &EcsService,
    definition: Option<&TaskDefinition>,
    images: &[(String, ImageStatus)],
    wanted: Option<&Resource>,
) -> RollbackReadiness {
    let revision = revision(&service.task_definition).to_owned();
    let (mut hindrances, mut doubts) = (Vec::new(), Vec::new());
    match definition {
        Some(definition) if definition.status == "ACTIVE" => {
            hindrances.extend(wanted.and_then(|wanted| unanswered(wanted, definition)));
        }
        Some(_) => hindrances.push(format!("the revision {revision} is deregistered, so no new task can run it")),
        None => hindrances.push(format!("the revision {revision} is gone")),
    }
    for (reference, image) in images {
        match image {
            ImageStatus::Missing => hindrances.push(format!("its image {reference} is not there any more")),
            ImageStatus::Unknown(why) => doubts.push(format!("whether {reference} is still there: {why}")),
            ImageStatus::Found if moves(reference) => {
                doubts.push(format!("what {reference} is by then: the tag moves"))
            }
            ImageStatus::Found => {}
        }
    }
    RollbackReadiness { service: logical_id.to_owned(), revision, hindrances, doubts }
}

/// A tag that is meant to be overwritten, or none at all.
fn moves(reference: &str) -> bool {
    let name = reference.rsplit('/').next().unwrap_or(reference);
    !name.contains('@') && name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

/// A container and port that the new service asks for and the old tasks do not have.
fn unanswered(wanted: &Resource, old: &TaskDefinition) -> Option<String> {
    let Some(Value::List(balancers)) = wanted.properties.get("LoadBalancers") else { return None };
    balancers.iter().find_map(|balancer| {
        let Value::Map(balancer) = balancer else { return None };
        let name = balancer.get("ContainerName").and_then(Value::as_str)?;
        let port = match balancer.get("ContainerPort")? {
            Value::Int(port) => u16::try_from(*port).ok()?,
            other => other.as_str()?.parse().ok()?,
        };
        let answers = old.containers.iter().any(|container| container.name == name && container.ports.contains(&port));
        (!answers)
            .then(|| format!("its tasks have no container `{name}` on port {port}, which the load balancer will ask"))
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

    fn wanted(port: i64) -> Resource {
        let balancer = [("ContainerName", Value::from("web")), ("ContainerPort", Value::from(port))];
        let balancer = balancer.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        Resource::new("AWS::ECS::Service", Origin::unknown())
            .with("LoadBalancers", Value::List(vec![Value::Map(balancer)]))
    }

    fn judged(status: &str, image: &str, found: ImageStatus, port: i64) -> RollbackReadiness {
        let images = [(image.to_owned(), found)];
        readiness("Web", &fixtures::service(7), Some(&definition(status, image)), &images, Some(&wanted(port)))
    }

    #[test]
    fn a_pinned_image_of_an_active_revision_is_ready() {
        let ready = judged("ACTIVE", "ghcr.io/x/web:1.2", ImageStatus::Found, 80);
        assert_eq!((ready.revision.as_str(), ready.hindrances.len(), ready.doubts.len()), ("tiles:7", 0, 0));
    }

    #[test]
    fn what_stands_in_the_way_is_named() {
        let words = |ready: RollbackReadiness| [ready.hindrances, ready.doubts].concat().join("; ");
        assert!(words(judged("INACTIVE", "web:1", ImageStatus::Found, 80)).contains("tiles:7 is deregistered"));
        assert!(words(judged("ACTIVE", "web:1", ImageStatus::Missing, 80)).contains("image web:1 is not there"));
        assert!(words(judged("ACTIVE", "web", ImageStatus::Found, 80)).contains("the tag moves"));
        assert!(words(judged("ACTIVE", "host:5000/web:1", ImageStatus::Found, 80)).is_empty());
        assert!(words(judged("ACTIVE", "web:1", ImageStatus::Found, 8080)).contains("container `web` on port 8080"));
        assert!(words(readiness("Web", &fixtures::service(7), None, &[], None)).contains("tiles:7 is gone"));
    }
}
