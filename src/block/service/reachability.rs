//! Rules of security groups that let sources reach a service.
//!
//! Each rule for a group is a resource of its own, so that two services may admit each other.

use super::{AllowedSource, FargateService};
use crate::block::lowering::Lowering;
use crate::block::range_checks::{is_port, port};
use crate::cfn;
use crate::cfn::type_names::SECURITY_GROUP_INGRESS;
use crate::cfn::{Map, Resource, TemplateString, Value};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

/// Returns the inline rules for literal sources, each with its setting.
pub(super) fn inline_rules(service: &FargateService) -> Vec<(Value, &Origin)> {
    let literal = service.allow_from.iter().filter(|allowed| allowed.value.source.as_str().is_some());
    let rule = |allowed: &'_ AllowedSource| {
        let port = allowed.port.or(service.container_port()).filter(|port| is_port(*port))?;
        let mut rule = rule(port, "Callers of the service");
        rule.insert(allowed.property().to_owned(), (&allowed.source).into());
        Some(Value::Map(rule))
    };
    literal.filter_map(|allowed| Some((rule(&allowed.value)?, &allowed.origin))).collect()
}

fn rule(port: i64, description: &str) -> Map {
    let rule = cfn!({ "Description": description, "FromPort": port, "IpProtocol": "tcp", "ToPort": port });
    rule.as_map().cloned().unwrap_or_default()
}

pub(in crate::block) fn ingress(group: TemplateString, source: &AllowedSource, port: i64, origin: &Origin) -> Resource {
    Resource::new(SECURITY_GROUP_INGRESS, origin.clone())
        .with("Description", "Callers of the service")
        .with("GroupId", group)
        .with(source.property(), &source.source)
        .with("IpProtocol", "tcp")
        .with("FromPort", port)
        .with("ToPort", port)
}

/// Adds the rules for the sources that are references.
pub(super) fn lower(service: &FargateService, lowering: &mut Lowering<'_>) {
    for allowed in &service.allow_from {
        lowering.report_all(source_problem(service, allowed));
        let Some(reference) = allowed.value.source.refs().next() else { continue };
        let Some(port) = allowed.value.port.or(service.container_port()).filter(|port| is_port(*port)) else {
            continue;
        };
        let which = port_suffix(service, port);
        let source: String = reference.id.as_str().chars().filter(char::is_ascii_alphanumeric).collect();
        let rule = ingress(service.security_group_id(), &allowed.value, port, &allowed.origin);
        lowering.add(format!("{}From{source}{which}", service.logical_id()), rule);
    }
}

pub(in crate::block) fn port_suffix(service: &FargateService, port: i64) -> String {
    if service.container_port() == Some(port) { String::new() } else { format!("Port{port}") }
}

fn source_problem(service: &FargateService, allowed: &WithOrigin<AllowedSource>) -> Option<Diagnostic> {
    let port_set = allowed.value.port.map(|number| WithOrigin::new(number, allowed.origin.clone()));
    if let Some(problem) = port_set.as_ref().and_then(port) {
        return Some(problem);
    }
    if allowed.value.port.or(service.container_port()).is_none() {
        let message = format!("`{}` has no port to admit the source on", service.name.value);
        let problem = Diagnostic::new(Code::ServiceCall, message).at(&allowed.origin, "");
        return Some(problem.help("add `.port(8080)`, or name the port: `.allow_from(source, 8080)`"));
    }
    let text = allowed.value.source.as_str()?;
    let is_id = ["sg-", "pl-"].iter().any(|start| text.starts_with(start));
    (!is_id && text.parse::<ipnet::IpNet>().is_err()).then(|| {
        Diagnostic::new(
            Code::InvalidCidr,
            format!("`{text}` is not a block of addresses or the id of a security group"),
        )
        .at(&allowed.origin, "")
        .help("write `10.0.0.0/16`, `sg-0a1b2c3d4e5f60718`, or give the service or its `.security_group_id`")
    })
}
