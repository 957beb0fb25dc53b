//! The way of a task to its image, its secrets and its logs: the internet, or the endpoints of its network.
//!
//! Sources: "Amazon ECS task networking options for Fargate" (developer guide) and "Amazon ECR interface VPC endpoints" (ECR user
//! guide). The messages are those of the troubleshooting pages of ECS and of public issues (umotif-public/terraform-aws-ecs-fargate#50,
//! aws/copilot-cli#5927, deepfence/terraform-aws-cloud-scanner#13); that of the layers in S3 is inferred.

use super::super::view::{AccountView, Existing};
use super::TaskStart;
use super::secrets::values;
use crate::cfn::TemplateString;
use crate::cfn::check::registry::{Registry, registry};
use crate::cfn::type_names::{INTERNET_GATEWAY, ROUTE, ROUTE_TABLE, ROUTE_TABLE_ASSOCIATION, SUBNET, VPC_ENDPOINT};
use crate::rehearsal::ecs::{StartObstacle, no_registry, no_route};
use crate::rehearsal::property_access::{boolean, strings, text};

/// A subnet without a way to the internet, with the endpoints that it reaches.
struct ClosedSubnet {
    /// The last parts of the names of the services: `ecr.api`.
    endpoints: Vec<String>,
}

impl ClosedSubnet {
    fn lacks(&self, service: &str) -> bool {
        !self.endpoints.iter().any(|name| name == service)
    }
}

/// Finds something that the task needs to start and cannot reach from one of its subnets.
pub(super) fn unreachable(start: &TaskStart<'_>, view: &AccountView<'_>) -> Option<StartObstacle> {
    if !view.complete || start.awaits_ways {
        return None;
    }
    let subnet = start.subnets.iter().find_map(|subnet| closed(subnet, start.public_ip, view))?;
    let images: Vec<String> = start.containers().filter_map(|container| text(container, "Image")).collect();
    let reason = images
        .iter()
        .find_map(|image| registry_auth(image, &subnet, view))
        .or_else(|| values(start).iter().find_map(|secret| secret_read(secret, &subnet)))
        .or_else(|| images.iter().find_map(|image| pulled(image, &subnet, view)))
        .or_else(|| logs(start, &subnet, view))?;
    Some(StartObstacle::Stopped(reason))
}

/// Returns a subnet if its route table is known and has no route to the internet for a task.
fn closed(id: &str, public_ip: bool, view: &AccountView<'_>) -> Option<ClosedSubnet> {
    let vpc = view.find(SUBNET, id)?.text("VpcId")?;
    let association = view.of(ROUTE_TABLE_ASSOCIATION).find(|it| it.has("SubnetId", id) && !it.is_pending)?;
    let table = association.text("RouteTableId").filter(|table| view.find(ROUTE_TABLE, table).is_some())?;
    let leads_out = |route: &Existing<'_>| {
        let gateway = route.text("GatewayId").filter(|gateway| view.find(INTERNET_GATEWAY, gateway).is_some());
        gateway.is_none() || public_ip
    };
    let is_default = |route: &Existing<'_>| {
        let known = route.text("DestinationCidrBlock");
        known.map_or_else(|| route.properties.get("DestinationIpv6CidrBlock").is_none(), |block| block.ends_with("/0"))
    };
    let mut routes = view.of(ROUTE).filter(|it| it.has("RouteTableId", &table) && !it.is_pending);
    if routes.any(|route| is_default(route) && leads_out(route)) {
        return None;
    }
    let reached = |endpoint: &&Existing<'_>| {
        let is_gateway = endpoint.text("VpcEndpointType").is_none_or(|kind| kind == "Gateway");
        let here = if is_gateway {
            strings(endpoint.properties, "RouteTableIds").contains(&table)
        } else {
            boolean(endpoint.properties, "PrivateDnsEnabled")
        };
        endpoint.has("VpcId", &vpc) && !endpoint.is_pending && here
    };
    let names = view.of(VPC_ENDPOINT).filter(reached).filter_map(|endpoint| {
        let service = endpoint.text("ServiceName")?;
        Some(service.strip_prefix("com.amazonaws.")?.split_once('.')?.1.to_owned())
    });
    Some(ClosedSubnet { endpoints: names.collect() })
}

fn registry_auth(image: &str, subnet: &ClosedSubnet, view: &AccountView<'_>) -> Option<String> {
    let is_ecr = registry(&TemplateString::from(image)) == Registry::Ecr;
    (is_ecr && subnet.lacks("ecr.api")).then(|| no_route(image, view.region))
}

fn secret_read(value: &str, subnet: &ClosedSubnet) -> Option<String> {
    let (endpoint, what) = if value.contains(":secretsmanager:") {
        ("secretsmanager", "unable to retrieve secret from asm")
    } else {
        ("ssm", "unable to retrieve secrets from ssm")
    };
    subnet.lacks(endpoint).then(|| {
        format!(
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: {what}: \
             service call has been retried 5 time(s): RequestCanceled: request context canceled caused by: context deadline \
             exceeded"
        )
    })
}

fn pulled(image: &str, subnet: &ClosedSubnet, view: &AccountView<'_>) -> Option<String> {
    match registry(&TemplateString::from(image)) {
        Registry::Ecr if subnet.lacks("ecr.dkr") => Some(no_registry(image)),
        Registry::Ecr if subnet.lacks("s3") => Some(format!(
            "CannotPullContainerError: failed to copy: httpReadSeeker: failed open: failed to do request: Get \
             \"https://prod-{region}-starport-layer-bucket.s3.{region}.amazonaws.com/\": dial tcp 198.51.100.34:443: i/o timeout",
            region = view.region
        )),
        Registry::Public => Some(no_registry(image)),
        Registry::Ecr | Registry::Unknown => None,
    }
}

fn logs(start: &TaskStart<'_>, subnet: &ClosedSubnet, view: &AccountView<'_>) -> Option<String> {
    let by_driver = |container: &serde_json::Value| {
        container.get("LogConfiguration").and_then(|log| text(log, "LogDriver")).as_deref() == Some("awslogs")
    };
    (subnet.lacks("logs") && start.containers().any(by_driver)).then(|| {
        format!(
            "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create \
             Cloudwatch log stream: RequestError: send request failed caused by: Post https://logs.{}.amazonaws.com/: dial tcp \
             198.51.100.51:443: i/o timeout : exit status 1",
            view.region
        )
    })
}
