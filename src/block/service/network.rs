//! The subnets and the security group of a service.

use crate::cfn::type_names::SECURITY_GROUP;
use std::rc::Rc;

use super::{FargateService, load_balancing, reachability};
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::vpc::SubnetKind;
use crate::block::{Ownership, Vpc};
use crate::cfn;
use crate::cfn::{LogicalId, Resource, Value};
use crate::diag::{Code, Diagnostic, Origin, did_you_mean};

/// The place of the tasks of a service.
pub(super) struct NetworkPlacement {
    pub(super) subnets: Value,
    /// The origin of the ids of the subnets.
    pub(super) subnets_origin: Option<Origin>,
    pub(super) public_ip: bool,
    /// The routes and endpoints without which a task cannot pull its image.
    pub(super) needs: Vec<LogicalId>,
}

/// Returns the network of a service.
pub(super) fn of(service: &Rc<FargateService>, lowering: &mut Lowering<'_>) -> Option<Rc<Vpc>> {
    if let Some(vpc) = lowering.context.network(service) {
        return Some(vpc.clone());
    }
    let cluster = lowering.context.cluster(service)?;
    let problem = Diagnostic::new(Code::ClusterWithoutNetwork, "the VPC of this cluster is not known")
        .at(cluster.identity.origin(), "the VPC of an existing cluster is not known")
        .at(&service.name.origin, "the service needs subnets")
        .help("add `.vpc(Vpc::existing(id).private_subnets([..]))` to the cluster");
    lowering.report(problem);
    None
}

/// Returns the subnets of a service: those it sets, else private ones if there are any.
pub(super) fn place(service: &FargateService, vpc: &Vpc, lowering: &mut Lowering<'_>) -> Option<NetworkPlacement> {
    let side = match side(service, vpc) {
        Ok(side) => side,
        Err(problem) => {
            lowering.report(problem);
            return None;
        }
    };
    let public_ip = service.public_ip.is_some() || side == SubnetKind::Public;
    if let (Some(ip), Some(subnets), SubnetKind::Private) = (&service.public_ip, &service.subnets, side) {
        lowering.report(
            Diagnostic::new(Code::PublicIpInPrivateSubnet, "a public address has no effect in a private subnet")
                .at(&ip.origin, "sets public addresses")
                .at(&subnets.origin, "selects private subnets")
                .help("leave one of the two out"),
        );
    }
    let Some(subnets) = vpc.subnet_ids(side) else {
        lowering.report(without_subnets(service, vpc, side));
        return None;
    };
    let subnets_origin = vpc.subnets_origin(side).cloned();
    let needs = vpc.internet_routes(side).into_iter().chain(vpc.endpoint_ids()).collect();
    Some(NetworkPlacement { subnets, subnets_origin, public_ip, needs })
}

fn side(service: &FargateService, vpc: &Vpc) -> Result<SubnetKind, Diagnostic> {
    let Some(wanted) = &service.subnets else {
        let public = service.public_ip.is_some() || !vpc.has_private_subnets();
        return Ok(if public { SubnetKind::Public } else { SubnetKind::Private });
    };
    match wanted.value.as_str() {
        "public" => Ok(SubnetKind::Public),
        "private" => Ok(SubnetKind::Private),
        other => Err(Diagnostic::new(Code::Subnets, format!("`{other}` is not a kind of subnet"))
            .at(&wanted.origin, "")
            .help_if(did_you_mean(other, ["public", "private"]))
            .help("use `public` or `private`")),
    }
}

fn without_subnets(service: &FargateService, vpc: &Vpc, side: SubnetKind) -> Diagnostic {
    let word = if side == SubnetKind::Public { "public" } else { "private" };
    let problem = Diagnostic::new(Code::MissingSubnets, format!("`{}` needs {word} subnets", service.name.value));
    let problem = match &service.subnets {
        Some(wanted) => problem.at(&wanted.origin, "set here"),
        None => problem.at(&service.name.origin, "the service"),
    };
    match (&vpc.identity, &vpc.nat_gateways) {
        (Ownership::Managed(_), Some(gateways)) => problem
            .at(&gateways.origin, "without NAT gateways there are no private subnets")
            .help("leave `.subnets(\"private\")` out, or let the network have NAT gateways"),
        _ => problem
            .at(vpc.identity.origin(), format!("the {word} subnets of this VPC are not known"))
            .help(format!("list them: `Vpc::existing(id).{word}_subnets([..])`")),
    }
}

/// Adds the security group: everything out, and in from the load balancers on the container's port only.
pub(super) fn security_group(service: &Rc<FargateService>, vpc: &Vpc, lowering: &mut Lowering<'_>) {
    let everywhere = cfn!({ "CidrIp": "0.0.0.0/0", "Description": "All outbound traffic", "IpProtocol": "-1" });
    let mut group = Resource::new(SECURITY_GROUP, service.name.origin.clone())
        .with("GroupDescription", format!("{} of {}", service.logical_id(), lowering.stack))
        .with("VpcId", vpc.id())
        .with_origin_at("VpcId", vpc.id_origin())
        .with("SecurityGroupEgress", cfn!([everywhere]));
    let mut rules = Vec::new();
    for (behind, port) in load_balancing::reachable_ports(service) {
        group = group.record_origin(&format!("SecurityGroupIngress.{}", rules.len()), &behind.origin);
        rules.push(cfn!({
            "Description": "Load balancer to target",
            "FromPort": port,
            "IpProtocol": "tcp",
            "SourceSecurityGroupId": behind.value.alb.security_group_id(),
            "ToPort": port,
        }));
    }
    for (rule, allowed) in reachability::inline_rules(service) {
        group = group.record_origin(&format!("SecurityGroupIngress.{}", rules.len()), &allowed.origin);
        rules.push(rule);
    }
    if !rules.is_empty() {
        group = group.with("SecurityGroupIngress", rules);
    }
    lowering.add(service.security_group(), group);
}

/// Returns the network configuration of the service.
pub(super) fn configure(service: &FargateService, placement: &NetworkPlacement, resource: Resource) -> Resource {
    let own = Value::from(service.security_group_id());
    let groups: Vec<Value> =
        std::iter::once(own).chain(service.security_group.iter().map(|group| Value::from(&group.value))).collect();
    let configuration = cfn!({
        "AwsvpcConfiguration": cfn!({
            "AssignPublicIp": if placement.public_ip { "ENABLED" } else { "DISABLED" },
            "SecurityGroups": groups,
            "Subnets": &placement.subnets,
        }),
    });
    let mut resource = resource
        .with("NetworkConfiguration", configuration)
        .with_origin("NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp", &service.public_ip)
        .with_origin("NetworkConfiguration.AwsvpcConfiguration.Subnets", &service.subnets)
        .with_origin_at("NetworkConfiguration.AwsvpcConfiguration.Subnets", placement.subnets_origin.as_ref());
    for (at, group) in service.security_group.iter().enumerate() {
        let path = format!("NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.{}", at + 1);
        resource = resource.record_origin(&path, &group.origin);
    }
    resource
}
