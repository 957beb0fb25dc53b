//! Names that two resources of a type cannot share.

use std::collections::HashMap;

use super::context::{CheckContext, ResourceEntry};
use crate::cfn::Value;
use crate::cfn::emit::json;
use crate::cfn::type_names::{LOAD_BALANCER, QUEUE, SECURITY_GROUP, SERVICE, TARGET_GROUP};
use crate::diag::{Code, Sink};

/// Types whose name is not their identifier in the schema, with the properties that must differ together.
///
/// Sources: `QueueNameExists`, `DuplicateLoadBalancerName`, `DuplicateTargetGroupName`, `InvalidGroup.Duplicate` and the
/// like in the API references of the services; a topic or service that exists is refused by CloudFormation itself.
const NAMES: [(&str, &[&str]); 17] = [
    ("AWS::Batch::ComputeEnvironment", &["ComputeEnvironmentName"]),
    ("AWS::Batch::JobQueue", &["JobQueueName"]),
    ("AWS::CodePipeline::Pipeline", &["Name"]),
    ("AWS::EC2::LaunchTemplate", &["LaunchTemplateName"]),
    (SECURITY_GROUP, &["GroupName", "VpcId"]),
    (SERVICE, &["ServiceName", "Cluster"]),
    (LOAD_BALANCER, &["Name"]),
    (TARGET_GROUP, &["Name"]),
    ("AWS::Events::Rule", &["Name", "EventBusName"]),
    ("AWS::Glue::Job", &["Name"]),
    ("AWS::IAM::ManagedPolicy", &["ManagedPolicyName"]),
    ("AWS::MSK::Cluster", &["ClusterName"]),
    ("AWS::Scheduler::Schedule", &["Name", "GroupName"]),
    ("AWS::SecretsManager::Secret", &["Name"]),
    ("AWS::SNS::Topic", &["TopicName"]),
    (QUEUE, &["QueueName"]),
    ("AWS::StepFunctions::StateMachine", &["StateMachineName"]),
];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    let mut seen: HashMap<(&str, String), Vec<ResourceEntry<'_>>> = HashMap::new();
    for found in scope.resources() {
        let Some((property, key)) = name_of(found, scope) else { continue };
        let same = seen.entry((found.kind(), key)).or_default();
        let condition = found.resource.condition.as_deref();
        let other =
            same.iter().find(|first| scope.can_both_exist(first.resource.condition.as_deref(), condition)).copied();
        same.push(found);
        let Some(first) = other else { continue };
        let message = format!("`{}` and `{}` have the same `{property}`", first.id, found.id);
        let problem = found.error(Code::DuplicatePhysicalName, property, message);
        let problem = problem.at(first.origin(property), "the other one");
        sink.push(problem.help(format!("change one name, or leave `{property}` out: AWS makes one that is free")));
    }
}

/// Returns the property that names a resource, and its value with what it must be unique in.
fn name_of<'a>(found: ResourceEntry<'a>, scope: &CheckContext<'a>) -> Option<(&'a str, String)> {
    let listed = NAMES.iter().find(|(kind, _)| *kind == found.kind());
    let (property, others): (&str, &[&str]) = match listed {
        Some((_, names)) => (names[0], &names[1..]),
        None => (identifier(found, scope)?, &[]),
    };
    let name = text(found.get(property)?)?;
    let mut key = name;
    for other in others {
        key.push('\n');
        match found.get(other) {
            Some(value) => key.push_str(&text(value)?),
            None if found.lacks(other) => {}
            None => return None,
        }
    }
    Some((property, key))
}

fn text(value: &Value) -> Option<String> {
    matches!(value, Value::Text(_)).then(|| json::compact(value))
}

/// Returns the property that identifies resources of a type and that the template sets.
fn identifier<'a>(found: ResourceEntry<'a>, scope: &CheckContext<'a>) -> Option<&'a str> {
    let kind = scope.schema.get(found.kind())?;
    let mut names = kind.primary_identifier();
    let name = names.next().filter(|_| names.next().is_none())?;
    let is_set = found.resource.properties.contains_key(name);
    let is_made_by_aws = kind.read_only().any(|read_only| read_only == name);
    (is_set && !is_made_by_aws && kind.create_only_properties().any(|fixed| fixed == name)).then_some(name)
}
