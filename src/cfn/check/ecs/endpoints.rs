//! Private subnets without a route to the internet: the endpoints that a task needs to start.
//!
//! Sources: "Amazon ECR interface VPC endpoints" of the ECR guide (ecr.api, ecr.dkr, and S3 for the layers), "Amazon ECS
//! interface VPC endpoints" of the ECS guide (logs, secretsmanager, ssm; ssmmessages for ECS Exec).

use super::registry::{Registry, registry};
use super::task_definition::{containers_of, path};
use super::{LaunchType, service_launch, task_of};
use crate::cfn::check::context::{CheckContext, ResourceEntry};
use crate::cfn::check::network::{self, SUBNET, VPC};
use crate::cfn::type_names::VPC_ENDPOINT;
use crate::cfn::{Segment, TemplateString, Value};
use crate::diag::{Code, Diagnostic, Sink};

const NETWORK: &str = "NetworkConfiguration.AwsvpcConfiguration";

/// An endpoint that a task needs, or the internet, with the place that needs it.
struct Need {
    /// The last part of the name of the service; nothing for the internet.
    endpoint: Option<&'static str>,
    what: String,
    path: String,
}

pub(super) fn private(service: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    if service_launch(service) != LaunchType::Fargate
        || service.text(&format!("{NETWORK}.AssignPublicIp")) == Some("ENABLED")
    {
        return;
    }
    let Some(task) = task_of(service, scope) else { return };
    let subnets = service.list(&format!("{NETWORK}.Subnets"));
    let subnet = subnets
        .iter()
        .filter_map(|subnet| scope.target(subnet, SUBNET))
        .find(|subnet| network::has_endpoints(*subnet, scope) && !network::reaches_internet(*subnet, scope));
    let Some((subnet, endpoints)) = subnet.and_then(|subnet| Some((subnet, endpoints(subnet, scope)?))) else { return };
    let needs = needs(task, service);
    let missing: Vec<&Need> =
        needs.iter().filter(|need| need.endpoint.is_none_or(|name| !endpoints.iter().any(|it| it == name))).collect();
    let mut reported: Vec<Option<&str>> = Vec::new();
    for need in missing {
        if reported.contains(&need.endpoint) {
            continue;
        }
        reported.push(need.endpoint);
        sink.push(problem(need, task, subnet, scope));
    }
}

fn problem(need: &Need, task: ResourceEntry<'_>, subnet: ResourceEntry<'_>, scope: &CheckContext<'_>) -> Diagnostic {
    let vpc = subnet.get("VpcId").and_then(|vpc| scope.target(vpc, VPC));
    let problem = match need.endpoint {
        Some(name) => {
            let message = format!("{} needs the endpoint `{name}`, which the network does not have", need.what);
            let problem = task.warning(Code::MissingEndpoint, &need.path, message);
            problem
                .help(format!(
                    "add `.endpoint(\"{name}\")` to the network, or `.private_endpoints()` for all that its tasks need"
                ))
                .help(format!("in a template, add an `AWS::EC2::VPCEndpoint` for `com.amazonaws.REGION.{name}`"))
        }
        None => {
            let message = format!("{} is reached over the internet, and the subnet has no route to it", need.what);
            let problem = task.warning(Code::MissingEndpoint, &need.path, message);
            problem.help("copy the image to ECR, or give the subnet a route to a NAT gateway")
        }
    };
    let problem = problem.at(&subnet.resource.origin, "the subnet has no route to the internet");
    match vpc {
        Some(vpc) if vpc.resource.origin != subnet.resource.origin => problem.at(&vpc.resource.origin, "the network"),
        _ => problem,
    }
}

/// Returns the services whose endpoints a subnet reaches; nothing if one is not known.
fn endpoints(subnet: ResourceEntry<'_>, scope: &CheckContext<'_>) -> Option<Vec<String>> {
    let vpc = scope.target(subnet.get("VpcId")?, VPC)?;
    let mut found = Vec::new();
    for endpoint in scope.referrers(vpc.id).filter(|it| it.kind() == VPC_ENDPOINT) {
        let name = service_name(endpoint.get("ServiceName")?)?;
        let is_gateway = endpoint.lacks("VpcEndpointType") || endpoint.text("VpcEndpointType") == Some("Gateway");
        let private_dns = endpoint.get("PrivateDnsEnabled");
        let has_names = endpoint.has("PrivateDnsEnabled")
            && private_dns.is_none_or(|it| *it == Value::Bool(true) || it.as_str() == Some("true"));
        let is_reached =
            if is_gateway { network::routes_to_gateway(subnet, endpoint, scope) } else { has_names || name == "s3" };
        if is_reached {
            found.push(name);
        }
    }
    Some(found)
}

/// Returns the last part of `com.amazonaws.eu-west-1.ecr.api`: `ecr.api`.
fn service_name(value: &Value) -> Option<String> {
    let Value::Text(text) = value else { return None };
    let whole = text.pieces().iter().map(|piece| match piece {
        Segment::Literal(literal) => Some(literal.as_str()),
        Segment::Ref(reference) if reference.id.as_str() == "AWS::Region" => Some("region"),
        _ => None,
    });
    let whole: String = whole.collect::<Option<Vec<_>>>()?.concat();
    let rest = whole.strip_prefix("com.amazonaws.").or_else(|| whole.strip_prefix("aws.api."))?;
    Some(rest.split_once('.')?.1.to_owned())
}

fn needs(task: ResourceEntry<'_>, service: ResourceEntry<'_>) -> Vec<Need> {
    let mut needs = Vec::new();
    let mut add = |endpoint, what: String, path: String| needs.push(Need { endpoint, what, path });
    for (at, container) in containers_of(task) {
        if let Some(Value::Text(image)) = container.get("Image") {
            let place = path(at, "Image");
            match registry(image) {
                Registry::Ecr => {
                    for name in ["ecr.api", "ecr.dkr", "s3"] {
                        add(Some(name), format!("the image `{image}`"), place.clone());
                    }
                }
                Registry::Public => add(None, format!("the registry of the image `{image}`"), place),
                Registry::Unknown => {}
            }
        }
        if container.get("LogConfiguration").and_then(|it| it.get("LogDriver")).and_then(Value::as_str)
            == Some("awslogs")
        {
            add(Some("logs"), "the log driver `awslogs`".to_owned(), path(at, "LogConfiguration"));
        }
        for (index, secret) in task.list(&path(at, "Secrets")).iter().enumerate() {
            let endpoint = secret.get("ValueFrom").and_then(secret_endpoint);
            if let Some(endpoint) = endpoint {
                let name = secret.get("Name").and_then(Value::as_str).unwrap_or_default();
                add(Some(endpoint), format!("the secret `{name}`"), path(at, &format!("Secrets.{index}")));
            }
        }
    }
    let exec = service.get("EnableExecuteCommand");
    if exec.is_some_and(|it| *it == Value::Bool(true) || it.as_str() == Some("true")) {
        add(Some("ssmmessages"), "ECS Exec".to_owned(), "ContainerDefinitions".to_owned());
    }
    needs
}

fn secret_endpoint(value: &Value) -> Option<&'static str> {
    let Value::Text(text) = value else { return None };
    match text.split(':').get(2).and_then(TemplateString::as_str) {
        Some("secretsmanager") => Some("secretsmanager"),
        Some("ssm") => Some("ssm"),
        _ => None,
    }
}
