//! The services of AWS that a task calls over its network.
//!
//! Sources: "Amazon ECS interface VPC endpoints" of the ECS developer guide (logs, secrets, parameters, ECS Exec), "Amazon ECR
//! interface VPC endpoints" of the ECR user guide (images need S3, too), and "AWS services that integrate with AWS
//! `PrivateLink`" for the names. Service Connect and the credentials of the task role need no endpoint on Fargate.

use std::collections::BTreeSet;

use super::{Container, Permission, Task, logs, roles};
use crate::block::LoweringContext;
use crate::cfn::TemplateString;
use crate::cfn::check::registry::{Registry, registry};

/// The endpoints behind the prefixes of actions.
const ENDPOINTS: &[(&str, &[&str])] = &[
    ("athena", &["athena"]),
    ("autoscaling", &["autoscaling"]),
    ("batch", &["batch"]),
    ("bedrock", &["bedrock-runtime"]),
    ("cloudformation", &["cloudformation"]),
    ("cloudwatch", &["monitoring"]),
    ("comprehend", &["comprehend"]),
    ("dynamodb", &["dynamodb"]),
    ("ecr", &["ecr.api", "ecr.dkr", "s3"]),
    ("ecs", &["ecs"]),
    ("elasticfilesystem", &["elasticfilesystem"]),
    ("events", &["events"]),
    ("execute-api", &["execute-api"]),
    ("firehose", &["kinesis-firehose"]),
    ("glue", &["glue"]),
    ("kinesis", &["kinesis-streams"]),
    ("kms", &["kms"]),
    ("lambda", &["lambda"]),
    ("logs", &["logs"]),
    ("rds-data", &["rds-data"]),
    ("rekognition", &["rekognition"]),
    ("s3", &["s3"]),
    ("scheduler", &["scheduler"]),
    ("secretsmanager", &["secretsmanager"]),
    ("servicediscovery", &["servicediscovery"]),
    ("sns", &["sns"]),
    ("sqs", &["sqs"]),
    ("ssm", &["ssm"]),
    ("ssmmessages", &["ssmmessages"]),
    ("states", &["states"]),
    ("sts", &["sts"]),
    ("textract", &["textract"]),
    ("transcribe", &["transcribe"]),
    ("translate", &["translate"]),
    ("xray", &["xray"]),
];

impl Task {
    /// Returns the services that ECS calls to start the task, and those that its containers may call by its permissions, by the
    /// names of their endpoints.
    pub(crate) fn called_services(&self, context: &LoweringContext) -> BTreeSet<&'static str> {
        let mut found: BTreeSet<&str> = self.containers().flat_map(of_container).collect();
        let started = roles::needed_to_start(self, context, &mut Vec::new());
        let read = started.iter().flat_map(|statement| &statement.value.actions).filter(|action| is_read(action));
        found.extend(read.flat_map(endpoints));
        let routed = logs::permissions(self);
        let allowed = self.permissions_of_calls();
        let called = allowed.iter().flat_map(|permission| &permission.actions);
        found.extend(called.chain(routed.iter().flat_map(|it| &it.value.actions)).flat_map(endpoints));
        if self.exec.is_some() {
            found.insert("ssmmessages");
        }
        found
    }

    /// Returns the permissions of what the containers call themselves. SNS calls KMS for them: the key of a linked topic is
    /// not called.
    fn permissions_of_calls(&self) -> Vec<&Permission> {
        let linked: Vec<Permission> = self.link.iter().flat_map(|link| link.value.gives().allow).collect();
        let is_of_key = |permission: &Permission| permission.actions.iter().all(|action| prefix(action) == Some("kms"));
        let allowed = self.allow.iter().map(|set| &set.value);
        allowed.filter(|permission| !(is_of_key(permission) && linked.contains(permission))).collect()
    }
}

/// Returns whether ECS reads something by an action: the key of a secret is used by Secrets Manager, and logs depend on the
/// driver.
fn is_read(action: &TemplateString) -> bool {
    !matches!(prefix(action), Some("kms" | "logs"))
}

fn of_container(container: &Container) -> Vec<&'static str> {
    let image = container.image.as_ref().and_then(|image| image.value.name());
    let is_of_ecr = image.is_some_and(|image| registry(&image) == Registry::Ecr);
    let pulled: &[&str] = if is_of_ecr { &["ecr.api", "ecr.dkr", "s3"] } else { &[] };
    let logs = logs::writes_to_cloudwatch(container).then_some("logs");
    pulled.iter().copied().chain(logs).collect()
}

fn prefix(action: &TemplateString) -> Option<&str> {
    Some(action.as_str()?.split_once(':')?.0)
}

/// Returns the endpoints of the service of an action; none of a service that has none, or that is not known.
fn endpoints(action: &TemplateString) -> impl Iterator<Item = &'static str> + use<> {
    let known = prefix(action).and_then(|prefix| ENDPOINTS.iter().find(|(name, _)| *name == prefix));
    known.into_iter().flat_map(|(_, names)| names.iter().copied())
}
