//! Rules of security groups that let other services and sources reach a service.
//!
//! Each rule for a group is a resource of its own, so that two services may admit each other.

use std::rc::Rc;

use super::{AllowedSource, FargateService};
use crate::block::Block;
use crate::block::lowering::Lowering;
use crate::block::range_checks::{is_port, port};
use crate::cfn;
use crate::cfn::type_names::SECURITY_GROUP_INGRESS;
use crate::cfn::{LogicalId, Map, Resource, TemplateString, Value};
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

fn ingress(group: TemplateString, source: &AllowedSource, port: i64, origin: &Origin) -> Resource {
    Resource::new(SECURITY_GROUP_INGRESS, origin.clone())
        .with("Description", "Callers of the service")
        .with("GroupId", group)
        .with(source.property(), &source.source)
        .with("IpProtocol", "tcp")
        .with("FromPort", port)
        .with("ToPort", port)
}

/// Adds the rules for the sources that are references, and for the services that this one calls. Returns the resources that
/// the service waits for.
pub(super) fn lower(service: &Rc<FargateService>, lowering: &mut Lowering<'_>) -> Vec<LogicalId> {
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
    service.calls.iter().flat_map(|call| call_of(service, call, lowering)).collect()
}

fn port_suffix(service: &FargateService, port: i64) -> String {
    if service.container_port() == Some(port) { String::new() } else { format!("Port{port}") }
}

fn call_of(
    service: &Rc<FargateService>,
    call: &WithOrigin<Rc<FargateService>>,
    lowering: &mut Lowering<'_>,
) -> Vec<LogicalId> {
    let server = &call.value;
    if let Some(problem) = call_problem(service, call, lowering) {
        lowering.report(problem);
        return Vec::new();
    }
    let Some(port) = server.container_port().filter(|port| is_port(*port)) else { return Vec::new() };
    let id = LogicalId::from(format!("{}To{}", service.logical_id(), server.logical_id()));
    let caller = AllowedSource { source: service.security_group_id(), port: None };
    let rule = ingress(server.security_group_id(), &caller, port, &call.origin);
    lowering.add(id.clone(), rule);
    let (one, other) = (Block::FargateService(service.clone()), Block::FargateService(server.clone()));
    let is_near = lowering.context.in_same_stack(&one, &other);
    std::iter::once(id).chain(is_near.then(|| server.logical_id())).collect()
}

fn call_problem(
    service: &Rc<FargateService>,
    call: &WithOrigin<Rc<FargateService>>,
    lowering: &Lowering<'_>,
) -> Option<Diagnostic> {
    let (caller, server) = (&service.name.value, &call.value);
    let problem = |message: String| Diagnostic::new(Code::ServiceCall, message).at(&call.origin, "called here");
    if server.name.value.stem() == caller.stem() {
        return Some(problem(format!("`{caller}` calls itself")).help("leave the call out"));
    }
    if server.container_port().is_none() {
        let problem = problem(format!("`{}` has no port that `{caller}` could call", server.name.value));
        return Some(problem.at(&server.name.origin, "the service").help("add `.port(8080)` to it"));
    }
    let networks = (lowering.context.network(service), lowering.context.network(server));
    if let (Some(own), Some(other)) = networks
        && own != other
    {
        let problem = problem(format!("`{caller}` and `{}` are in different networks", server.name.value));
        return Some(
            problem
                .at(own.identity.origin(), "the network of the caller")
                .at(other.identity.origin(), "the network of the called service")
                .help("give both services one cluster: `.cluster(cluster)`"),
        );
    }
    None
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
