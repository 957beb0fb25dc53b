//! The actions that rtiler itself calls, from the table of its calls (`deploy::api::ApiCall`).

use std::collections::BTreeSet;

use super::grants::{ALL, Grants};
use super::resource_names::{Place, arn, is_for_all_resources};
use super::{EXECUTION_ROLE, PolicyScope, passed_roles};
use crate::cfn::iam_actions::ActionList;
use crate::cfn::type_names::{CLUSTER, EXPRESS_SERVICE, LOG_GROUP, SERVICE, TASK_DEFINITION, is_service};
use crate::cfn::{Resource, Value};
use crate::deploy::api::{ApiCall, AwsService, INLINE_TEMPLATE_BYTES};
use crate::deploy::bootstrap::{Need, need};
use crate::image::bootstrap_names;
use crate::synth::DesiredStack;

pub(super) fn grant(stack: &DesiredStack, scope: PolicyScope<'_>, grants: &mut Grants) {
    let place = Place { stack, region: stack.region.as_deref().or(scope.region) };
    let runs_services = kinds(stack).any(|kind| is_service(kind) || kind == TASK_DEFINITION);
    for call in ApiCall::ALL {
        match call.service() {
            _ if FOR_THE_ACCOUNT.contains(call) => {}
            AwsService::CloudFormation => cloudformation(place, *call, grants),
            // "GetCallerIdentity" of the STS API reference: no permissions are required.
            AwsService::Sts => {}
            AwsService::S3 => bucket(place, scope, *call, grants),
            AwsService::Ecr => images(place, *call, grants),
            _ if runs_services => services(place, *call, grants),
            _ => {}
        }
    }
    if !stack.jobs.is_empty() {
        // "Grant permission to tag resources on creation" of the ECS Developer Guide: tasks of jobs get the tags of their task definition.
        grants.allow("ecs:TagResource", place.arn("ecs:*:*:task/*"));
    }
    pass_roles(place, scope, grants);
    bootstrap(place, scope, grants);
}

/// Allows the look at the stack of `rtiler bootstrap`, and the push of images to its repository, if the stack needs them.
fn bootstrap(place: Place<'_>, scope: PolicyScope<'_>, grants: &mut Grants) {
    let Some(need) = need(place.stack, scope.template_bucket.is_some()) else { return };
    let stack = place.arn(&format!("cloudformation:*:*:stack/{}/*", bootstrap_names::STACK));
    grants.allow(ApiCall::DescribeStacks.iam_action(), stack);
    if need == Need::Images {
        grants.allow("ecr:GetAuthorizationToken", ALL);
        let repository = place.arn(&format!("ecr:*:*:repository/{}", bootstrap_names::REPOSITORY));
        PUSH.iter().for_each(|action| grants.allow(*action, repository.clone()));
    }
}

/// Calls of `gc`, `bootstrap`, `doctor` and `import-from service`, not of a deployment.
const FOR_THE_ACCOUNT: [ApiCall; 9] = [
    ApiCall::ListStacks,
    ApiCall::DescribeAddresses,
    ApiCall::DescribeInternetGateways,
    ApiCall::DescribeLoadBalancers,
    ApiCall::DescribeVpcs,
    ApiCall::GetResource,
    ApiCall::GetRole,
    ApiCall::GetServiceQuota,
    ApiCall::ListResources,
];

/// The actions of a push besides `BatchGetImage` ("Required IAM permissions for pushing an image", Amazon ECR user guide).
const PUSH: [&str; 5] = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
];

fn kinds(stack: &DesiredStack) -> impl Iterator<Item = &str> {
    stack.template.resources.values().map(|resource| resource.kind.as_str())
}

fn cloudformation(place: Place<'_>, call: ApiCall, grants: &mut Grants) {
    let action = call.iam_action();
    let is_limited = formats(&action).is_some_and(|formats| !formats.is_empty());
    let resource = if is_limited {
        place.arn(&format!("cloudformation:*:*:stack/{}/*", place.stack.name))
    } else {
        ALL.to_owned()
    };
    grants.allow(action, resource);
    if call == ApiCall::CreateChangeSet && place.stack.template.other.contains_key("Transform") {
        // "Transform" of the CloudFormation user guide: the transform is a resource of the call.
        grants.allow("cloudformation:CreateChangeSet", arn("cloudformation:*:aws:transform/*", place.region));
    }
}

fn formats(action: &str) -> Option<Vec<&'static str>> {
    ActionList::embedded().find(action)?.resources()
}

/// Allows a call about services, tasks and their logs on those of the stack.
fn services(place: Place<'_>, call: ApiCall, grants: &mut Grants) {
    let action = call.iam_action();
    let formats = formats(&action).unwrap_or_default();
    let of_stack = [SERVICE, EXPRESS_SERVICE, TASK_DEFINITION, CLUSTER, LOG_GROUP];
    let resources =
        place.stack.template.resources.iter().filter(|(_, resource)| of_stack.contains(&resource.kind.as_str()));
    let mut arns: BTreeSet<String> =
        resources.filter_map(|(id, resource)| place.arns(resource, id.as_str(), &formats)).flatten().collect();
    // Tasks have no predictable name, but that of their cluster.
    let cluster = |arn: &String| Some(arn.split_once(":service/")?.1.split('/').next()?.to_owned());
    if formats.contains(&"ecs:*:*:task/*/*") {
        let service = ["ecs:*:*:service/*/*"];
        let of_services =
            place.stack.template.resources.iter().filter(|(_, resource)| is_service(resource.kind.as_str()));
        let services = of_services.filter_map(|(id, resource)| place.arns(resource, id.as_str(), &service)).flatten();
        arns.extend(services.filter_map(|arn| cluster(&arn)).map(|name| place.arn(&format!("ecs:*:*:task/{name}/*"))));
    }
    if arns.is_empty() || is_for_all_resources(&action) {
        if formats.is_empty() { grants.allow(action, ALL) } else { grants.allow_unlimited(&action) }
    } else {
        arns.into_iter().for_each(|arn| grants.allow(action.clone(), arn));
    }
}

/// Allows the upload of a template that is too large for a request.
fn bucket(place: Place<'_>, scope: PolicyScope<'_>, call: ApiCall, grants: &mut Grants) {
    if place.stack.body().len() <= INLINE_TEMPLATE_BYTES {
        return;
    }
    let account = place.stack.account.as_deref().unwrap_or("*");
    let own = || bootstrap_names::bucket(account, place.region.unwrap_or("*"));
    let bucket = scope.template_bucket.map_or_else(own, str::to_owned);
    if call == ApiCall::PutObject {
        // CloudFormation reads the template with the rights of the caller.
        for action in [call.iam_action(), "s3:GetObject".to_owned()] {
            grants.allow(action, arn(&format!("s3:::{bucket}/*"), place.region));
        }
    }
}

/// The actions with which `deploy` reads images of ECR before it changes a stack: the manifest, and the configuration, which is
/// stored as a layer ("Private registry authentication" and "Required IAM permissions for pulling an image", Amazon ECR user guide).
const READ: [&str; 2] = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

/// Allows the look at images in ECR.
fn images(place: Place<'_>, call: ApiCall, grants: &mut Grants) {
    if call != ApiCall::BatchGetImage {
        return;
    }
    for resource in place.stack.template.resources.values().filter(|resource| resource.kind.as_str() == TASK_DEFINITION)
    {
        for repository in container_images(resource).filter_map(|image| repository(&image).map(str::to_owned)) {
            grants.allow("ecr:GetAuthorizationToken", ALL);
            let arn = place.arn(&format!("ecr:*:*:repository/{repository}"));
            READ.iter().for_each(|action| grants.allow(*action, arn.clone()));
        }
    }
}

fn container_images(task: &Resource) -> impl Iterator<Item = String> {
    let containers = task.properties.get("ContainerDefinitions").and_then(Value::as_list).unwrap_or_default();
    containers.iter().filter_map(|container| match container.get("Image")? {
        Value::Text(text) => Some(text.to_string()),
        _ => None,
    })
}

/// Returns the repository of an image in ECR: `web` of `123456789012.dkr.ecr.eu-central-1.amazonaws.com/web:1`.
fn repository(image: &str) -> Option<&str> {
    let (_, path) = image.split_once(".dkr.ecr.")?.1.split_once('/')?;
    path.split(['@', ':']).next()
}

/// Allows rtiler to pass the execution role to CloudFormation, and the roles of tasks to ECS: `hotswap` and `run-task` register
/// and run task definitions.
fn pass_roles(place: Place<'_>, scope: PolicyScope<'_>, grants: &mut Grants) {
    let own = || place.arn(&format!("iam::*:role/{EXECUTION_ROLE}"));
    let role = scope.execution_role.map_or_else(own, str::to_owned);
    passed_roles::pass(&role, BTreeSet::from(["cloudformation.amazonaws.com".to_owned()]), grants);
    for resource in place.stack.template.resources.values().filter(|resource| resource.kind.as_str() == TASK_DEFINITION)
    {
        passed_roles::grant(place, resource, grants);
    }
}
