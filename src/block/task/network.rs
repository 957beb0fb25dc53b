//! The subnets and the security groups of a task.

use std::rc::Rc;

use super::subnets::ChosenSubnets;
use super::{Task, TaskOwner, isolation, subnets};
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::vpc::SubnetKind;
use crate::block::{Ownership, Vpc};
use crate::cfn;
use crate::cfn::type_names::SECURITY_GROUP;
use crate::cfn::{LogicalId, Resource, TemplateString, Value};
use crate::diag::{Code, Diagnostic, Origin};

/// The place of a task in its network.
pub(crate) struct NetworkPlacement {
    subnets: Value,
    /// The origin of the ids of the subnets.
    subnets_origin: Option<Origin>,
    public_ip: bool,
    /// The routes and endpoints without which a task cannot pull its image.
    pub(crate) needs: Vec<LogicalId>,
}

impl NetworkPlacement {
    /// Returns the ids of the subnets.
    pub(crate) fn subnets(&self) -> &Value {
        &self.subnets
    }

    /// Returns the origin of the ids of the subnets.
    pub(crate) fn subnets_origin(&self) -> Option<&Origin> {
        self.subnets_origin.as_ref()
    }

    /// Returns whether a task gets a public address.
    pub(crate) fn has_public_ip(&self) -> bool {
        self.public_ip
    }
}

/// Returns the network of a task.
pub(super) fn of(owner: &TaskOwner<'_>, lowering: &mut Lowering<'_>) -> Option<Rc<Vpc>> {
    if let Some(vpc) = lowering.context.network_of(owner.block, owner.task) {
        return Some(vpc.clone());
    }
    let cluster = lowering.context.cluster_of(owner.block, owner.task)?;
    let problem = Diagnostic::new(Code::ClusterWithoutNetwork, "the VPC of this cluster is not known")
        .at(cluster.identity.origin(), "the VPC of an existing cluster is not known")
        .at(&owner.task.name.origin, format!("the {} needs subnets", owner.noun))
        .help("add `.vpc(Vpc::existing(id).private_subnets([..]))` to the cluster");
    lowering.report(problem);
    None
}

/// Returns the subnets of a task: those it sets, else those of its network for tasks.
pub(super) fn place(owner: &TaskOwner<'_>, vpc: &Rc<Vpc>, lowering: &mut Lowering<'_>) -> Option<NetworkPlacement> {
    let task = owner.task;
    let side = match subnets::chosen(task, vpc) {
        Ok(ChosenSubnets::Side(_)) if owner.is_public && task.subnets.is_none() => SubnetKind::Public,
        Ok(ChosenSubnets::Side(side)) => side,
        Ok(ChosenSubnets::Listed(ids)) => {
            let ways = vpc.routes_of_subnets(&ids.value);
            let needs = ways.into_iter().chain(vpc.endpoint_ids(lowering.context)).collect();
            let (subnets, public_ip) = (ids.value, task.public_ip.is_some());
            return Some(NetworkPlacement { subnets, subnets_origin: Some(ids.origin), public_ip, needs });
        }
        Err(problem) => {
            lowering.report(problem);
            return None;
        }
    };
    let public_ip = task.public_ip.is_some() || side == SubnetKind::Public;
    if let (Some(ip), Some(subnets), true) = (&task.public_ip, &task.subnets, side != SubnetKind::Public) {
        let word = side.word();
        let message = format!("a public address has no effect in {word} subnets");
        lowering.report(
            Diagnostic::new(Code::PublicIpInPrivateSubnet, message)
                .at(&ip.origin, "sets public addresses")
                .at(&subnets.origin, format!("selects {word} subnets"))
                .help("leave one of the two out"),
        );
    }
    let Some(subnets) = vpc.subnet_ids(side) else {
        lowering.report(without_subnets(owner, vpc, side));
        return None;
    };
    if side == SubnetKind::Isolated {
        lowering.report_all(isolation::problems(owner, vpc, lowering.context));
    }
    let subnets_origin = vpc.subnets_origin(side).cloned();
    let needs = vpc.internet_routes(side).into_iter().chain(vpc.endpoint_ids(lowering.context)).collect();
    Some(NetworkPlacement { subnets, subnets_origin, public_ip, needs })
}

fn without_subnets(owner: &TaskOwner<'_>, vpc: &Vpc, side: SubnetKind) -> Diagnostic {
    let task = owner.task;
    let word = side.word();
    let problem = Diagnostic::new(Code::MissingSubnets, format!("`{}` needs {word} subnets", task.name.value));
    let problem = match &task.subnets {
        Some(wanted) => problem.at(&wanted.origin, "set here"),
        None => problem.at(&task.name.origin, format!("the {}", owner.noun)),
    };
    match (&vpc.identity, &vpc.nat_gateways) {
        (Ownership::Managed(_), Some(gateways)) if side == SubnetKind::Private => problem
            .at(&gateways.origin, "without NAT gateways there are no private subnets")
            .help("use `.subnets(\"isolated\")`, or let the network have NAT gateways"),
        (Ownership::Managed(_), _) => problem
            .at(vpc.identity.origin(), format!("this network has no {word} subnets"))
            .help(format!("add `.{word}_subnets()` to the network")),
        _ => problem
            .at(vpc.identity.origin(), format!("the {word} subnets of this VPC are not known"))
            .help(format!("list them: `Vpc::existing(id).{word}_subnets([..])`")),
    }
}

/// The rules that let traffic into a security group, each with its setter.
pub(crate) type SecurityGroupRules<'a> = Vec<(Value, &'a Origin)>;

impl Task {
    /// Adds the security group of the service or job with this logical id: everything out, and in what the rules say.
    pub(crate) fn add_security_group(
        &self,
        of: &LogicalId,
        vpc: &Vpc,
        ingress: SecurityGroupRules<'_>,
        lowering: &mut Lowering<'_>,
    ) {
        let ipv4 = cfn!({ "CidrIp": "0.0.0.0/0", "Description": "All outbound traffic", "IpProtocol": "-1" });
        let ipv6 = cfn!({ "CidrIpv6": "::/0", "Description": "All outbound traffic", "IpProtocol": "-1" });
        let ipv6 = vpc.dual_stack.as_ref().map(|_| ipv6);
        let egress: Vec<Value> = std::iter::once(ipv4).chain(ipv6).collect();
        let mut group = Resource::new(SECURITY_GROUP, self.name.origin.clone())
            .with("GroupDescription", format!("{of} of {}", lowering.stack))
            .with("VpcId", vpc.id())
            .with_origin_at("VpcId", vpc.id_origin())
            .with("SecurityGroupEgress", egress)
            .with_origin("SecurityGroupEgress.1", &vpc.dual_stack);
        for (at, (_, origin)) in ingress.iter().enumerate() {
            group = group.record_origin(&format!("SecurityGroupIngress.{at}"), origin);
        }
        if !ingress.is_empty() {
            group = group.with("SecurityGroupIngress", ingress.into_iter().map(|(rule, _)| rule).collect::<Vec<_>>());
        }
        lowering.add(format!("{of}SecurityGroup"), group);
    }

    /// Returns the network configuration of what runs the task: its own security group, then those that the script adds.
    pub(crate) fn network_configuration(&self, own: TemplateString, placement: &NetworkPlacement) -> Value {
        let added = self.security_group.iter().map(|group| Value::from(&group.value));
        let groups: Vec<Value> = std::iter::once(Value::from(own)).chain(added).collect();
        cfn!({
            "AwsvpcConfiguration": cfn!({
                "AssignPublicIp": if placement.public_ip { "ENABLED" } else { "DISABLED" },
                "SecurityGroups": groups,
                "Subnets": &placement.subnets,
            }),
        })
    }

    /// Records the setters of the network configuration, which is the property at this path.
    pub(crate) fn record_network(&self, path: &str, placement: &NetworkPlacement, resource: Resource) -> Resource {
        let path = format!("{path}.AwsvpcConfiguration");
        let mut resource = resource
            .with_origin(&format!("{path}.AssignPublicIp"), &self.public_ip)
            .with_origin(&format!("{path}.Subnets"), &self.subnets)
            .with_origin_at(&format!("{path}.Subnets"), placement.subnets_origin.as_ref());
        for (at, group) in self.security_group.iter().enumerate() {
            resource = resource.record_origin(&format!("{path}.SecurityGroups.{}", at + 1), &group.origin);
        }
        resource
    }
}
