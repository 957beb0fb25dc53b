//! Ways to services of AWS that do not lead through the internet.

use std::rc::Rc;

use super::Vpc;
use super::layout::NetworkLayout;
use crate::block::LoweringContext;
use crate::block::lowering::Lowering;
use crate::cfn;
use crate::cfn::type_names::{SECURITY_GROUP, VPC_ENDPOINT};
use crate::cfn::{LogicalId, Ref, Resource, TemplateString, Value, names};
use crate::diag::{Code, Diagnostic, WithOrigin};

/// The services with gateways (Amazon VPC guide to `PrivateLink`, "Gateway endpoints"); all others have interfaces.
const GATEWAYS: [&str; 2] = ["s3", "dynamodb"];

/// The endpoints of a network whose tasks the script does not know: an image of ECR, and logs ("Amazon ECR interface VPC
/// endpoints", Amazon ECR user guide).
const OF_EVERY_TASK: [&str; 4] = ["ecr.api", "ecr.dkr", "logs", "s3"];

pub(super) fn lower(vpc: &Rc<Vpc>, plan: &NetworkLayout, lowering: &mut Lowering<'_>) {
    lowering.report_all(problems(vpc));
    let services = vpc.endpoint_services(lowering.context);
    let is_gateway = |service: &WithOrigin<String>| GATEWAYS.contains(&service.value.as_str());
    if let Some(first) = services.iter().find(|service| !is_gateway(service)) {
        security_group(vpc, plan, lowering, first);
    }
    for service in &services {
        let made = if is_gateway(service) { gateway_endpoint(vpc, service) } else { interface_endpoint(vpc, service) };
        lowering.add(id(vpc, &service.value), made);
    }
}

impl Vpc {
    /// Returns the logical ids of the endpoints, through which tasks pull images, read secrets and write logs.
    pub(crate) fn endpoint_ids(self: &Rc<Self>, context: &LoweringContext) -> Vec<LogicalId> {
        let services =
            if self.identity.managed_name().is_some() { self.endpoint_services(context) } else { Vec::new() };
        services.iter().map(|service| id(self, &service.value)).collect()
    }

    /// Returns the services with endpoints, each once: those that the script names, then those that the tasks call.
    pub(crate) fn endpoint_services(self: &Rc<Self>, context: &LoweringContext) -> Vec<WithOrigin<String>> {
        let mut found: Vec<WithOrigin<String>> = Vec::new();
        let mut add = |service: WithOrigin<String>| {
            if !found.iter().any(|known| known.value == service.value) {
                found.push(service);
            }
        };
        self.endpoint.iter().filter(|service| is_service(&service.value)).cloned().for_each(&mut add);
        if let Some(set) = &self.private_endpoints {
            let called = context.services_called_in(self);
            let names: Vec<&str> =
                if called.is_empty() { OF_EVERY_TASK.to_vec() } else { called.iter().copied().collect() };
            names.into_iter().for_each(|name| add(WithOrigin::new(name.to_owned(), set.origin.clone())));
        }
        found
    }
}

fn id(vpc: &Vpc, service: &str) -> LogicalId {
    vpc.part(&format!("{}Endpoint", names::stem(&service.replace(['.', '_'], "-"))))
}

fn problems(vpc: &Vpc) -> Vec<Diagnostic> {
    let problem = |(at, service): (usize, &WithOrigin<String>)| {
        if let Some(first) = vpc.endpoint[..at].iter().find(|other| other.value == service.value) {
            return Some(given_twice(service, first));
        }
        (!is_service(&service.value)).then(|| unknown(service))
    };
    vpc.endpoint.iter().enumerate().filter_map(problem).collect()
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
    endpoint(vpc, service, "Interface")
        .with("PrivateDnsEnabled", true)
        .with("SecurityGroupIds", cfn!([Ref::attribute(vpc.part("EndpointSecurityGroup"), "GroupId")]))
        .with_some("SubnetIds", vpc.subnet_ids(vpc.inner_side()))
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
