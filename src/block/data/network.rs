//! The network of a block that services reach by address: its subnets and its security group.

use std::rc::Rc;

use super::group_id;
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::{Block, Name, Ownership, Vpc};
use crate::cfn;
use crate::cfn::type_names::SECURITY_GROUP;
use crate::cfn::{Resource, Value};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

/// The network of a block, and the subnets in which it is.
pub(super) struct Placement {
    pub(super) vpc: Rc<Vpc>,
    pub(super) subnets: Value,
    /// The origin of the ids of the subnets.
    pub(super) origin: Option<Origin>,
}

/// Returns the network of a block: isolated subnets if the script wants them, else private ones, or the public ones of a network that
/// has no others. The block has no public address in any.
pub(super) fn place(block: &Block, name: &WithOrigin<Name>, lowering: &mut Lowering<'_>) -> Option<Placement> {
    let Some(vpc) = lowering.context.data_network(block).cloned() else {
        let message = format!("the network of `{}` is not known", name.value);
        lowering.report(
            Diagnostic::new(Code::ClusterWithoutNetwork, message)
                .at(&name.origin, "needs subnets")
                .help("add `.vpc(Vpc::existing(id).private_subnets([..]))` to it, or a network to the cluster"),
        );
        return None;
    };
    let side = vpc.side_of_data();
    let Some(subnets) = vpc.subnet_ids(side) else {
        if vpc.identity.managed_name().is_none() {
            let message = format!("`{}` needs the subnets of its network", name.value);
            lowering.report(
                Diagnostic::new(Code::MissingSubnets, message)
                    .at(&name.origin, "needs subnets")
                    .at(vpc.identity.origin(), "the subnets of this VPC are not known")
                    .help("list them: `Vpc::existing(id).private_subnets([..])`"),
            );
        }
        return None;
    };
    let origin = vpc.subnets_origin(side).cloned();
    Some(Placement { vpc, subnets, origin })
}

impl Placement {
    /// Returns a list of its subnets that sets a property of a resource.
    pub(super) fn put_subnets(&self, property: &str, resource: Resource) -> Resource {
        resource.with(property, &self.subnets).with_origin_at(property, self.origin.as_ref())
    }

    /// Reports a network in one zone, where a subnet group needs two.
    pub(super) fn one_zone(&self, name: &WithOrigin<Name>, what: &str) -> Option<Diagnostic> {
        let is_one = match (&self.vpc.identity, &self.subnets) {
            (Ownership::Managed(_), _) => self.vpc.zones() == Some(1),
            (Ownership::Existing(_), Value::List(ids)) => ids.len() == 1,
            _ => false,
        };
        let at = self.vpc.azs.as_ref().map_or(self.vpc.identity.origin(), |azs| &azs.origin);
        is_one.then(|| {
            Diagnostic::new(Code::AvailabilityZones, format!("{what} needs subnets in two availability zones"))
                .at(&name.origin, "")
                .at(at, "the network has one zone")
                .help("let the network have two: `.azs(2)`, or two subnets")
        })
    }
}

/// Adds the security group of a block: it admits no source until a service links the block, and no connection leaves it.
pub(super) fn add_group(name: &WithOrigin<Name>, role: &str, vpc: &Vpc, lowering: &mut Lowering<'_>) {
    let id = group_id(name, role);
    // Without a rule of its own a group lets everything out (`SecurityGroupEgress`, CloudFormation guide).
    let nowhere = cfn!({ "CidrIp": "127.0.0.1/32", "Description": "No outbound traffic", "IpProtocol": "-1" });
    let group = Resource::new(SECURITY_GROUP, name.origin.clone())
        .with("GroupDescription", format!("{id} of {}", lowering.stack))
        .with("SecurityGroupEgress", cfn!([nowhere]))
        .with("VpcId", vpc.id())
        .with_origin_at("VpcId", vpc.id_origin());
    lowering.add(id, group);
}
