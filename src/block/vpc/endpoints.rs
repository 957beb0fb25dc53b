//! Ways to services of AWS that do not lead through the internet.

use super::Vpc;
use super::layout::NetworkLayout;
use super::subnets::SubnetKind;
use crate::block::lowering::Lowering;
use crate::cfn;
use crate::cfn::type_names::{SECURITY_GROUP, VPC_ENDPOINT};
use crate::cfn::{LogicalId, Ref, Resource, TemplateString, Value, names};
use crate::diag::{Code, Diagnostic, WithOrigin};

/// The services with gateways (Amazon VPC guide to `PrivateLink`, "Gateway endpoints"); all others have interfaces.
const GATEWAYS: [&str; 2] = ["s3", "dynamodb"];

pub(super) fn lower(vpc: &Vpc, plan: &NetworkLayout, lowering: &mut Lowering<'_>) {
    let mut grouped = false;
    for (at, service) in vpc.endpoint.iter().enumerate() {
        if let Some(first) = vpc.endpoint[..at].iter().find(|other| other.value == service.value) {
            lowering.report(given_twice(service, first));
            continue;
        }
        if !is_service(&service.value) {
            lowering.report(unknown(service));
            continue;
        }
        let gateway = GATEWAYS.contains(&service.value.as_str());
        if !gateway && !grouped {
            security_group(vpc, plan, lowering, service);
            grouped = true;
        }
        let made = if gateway { gateway_endpoint(vpc, service) } else { interface_endpoint(vpc, service) };
        lowering.add(id(vpc, &service.value), made);
    }
}

impl Vpc {
    /// Returns the endpoints, through which tasks pull images, read secrets and write logs.
    pub(crate) fn endpoint_ids(&self) -> Vec<LogicalId> {
        let known = self.endpoint.iter().filter(|service| is_service(&service.value));
        let managed = known.filter(|_| self.identity.managed_name().is_some());
        managed.map(|service| id(self, &service.value)).collect()
    }
}

fn id(vpc: &Vpc, service: &str) -> LogicalId {
    vpc.part(&format!("{}Endpoint", names::stem(&service.replace(['.', '_'], "-"))))
}

fn is_service(name: &str) -> bool {
    let letters = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-._".contains(letter);
    !name.is_empty() && name.chars().all(letters) && !name.starts_with("com.")
}

fn given_twice(service: &WithOrigin<String>, first: &WithOrigin<String>) -> Diagnostic {
    Diagnostic::new(Code::SetterCalledTwice, "`.endpoint` is called twice with the same value")
        .at(&service.origin, "the second call")
        .at(&first.origin, "the first call")
        .help("remove one of the two calls")
}

fn unknown(service: &WithOrigin<String>) -> Diagnostic {
    Diagnostic::new(Code::VpcEndpoint, format!("`{}` is not the name of a service with endpoints", service.value))
        .at(&service.origin, "")
        .help("write the last part of its name alone: `s3`, `ecr.api`, `ecr.dkr`, `logs`, `secretsmanager`")
}

fn endpoint(vpc: &Vpc, service: &WithOrigin<String>, kind: &str) -> Resource {
    let name = TemplateString::from("com.amazonaws.").with(Ref::to("AWS::Region")).with(format!(".{}", service.value));
    Resource::new(VPC_ENDPOINT, service.origin.clone())
        .with("VpcEndpointType", kind)
        .with("ServiceName", name)
        .with("VpcId", vpc.id())
}

fn gateway_endpoint(vpc: &Vpc, service: &WithOrigin<String>) -> Resource {
    endpoint(vpc, service, "Gateway").with("RouteTableIds", Value::list(vpc.route_tables()))
}

fn interface_endpoint(vpc: &Vpc, service: &WithOrigin<String>) -> Resource {
    let side = if vpc.has_private_subnets() { SubnetKind::Private } else { SubnetKind::Public };
    endpoint(vpc, service, "Interface")
        .with("PrivateDnsEnabled", true)
        .with("SecurityGroupIds", cfn!([Ref::attribute(vpc.part("EndpointSecurityGroup"), "GroupId")]))
        .with_some("SubnetIds", vpc.subnet_ids(side))
}

fn security_group(vpc: &Vpc, plan: &NetworkLayout, lowering: &mut Lowering<'_>, service: &WithOrigin<String>) {
    let id = vpc.part("EndpointSecurityGroup");
    let rule = cfn!({
        "CidrIp": plan.range.to_string(),
        "Description": "HTTPS from the network",
        "FromPort": 443_i64,
        "IpProtocol": "tcp",
        "ToPort": 443_i64,
    });
    let group = Resource::new(SECURITY_GROUP, service.origin.clone())
        .with("GroupDescription", format!("Endpoints of {}", vpc.logical_id()))
        .with("SecurityGroupIngress", cfn!([rule]))
        .with("VpcId", vpc.id())
        .with("Tags", lowering.name_tag(&id));
    lowering.add(id, group);
}
