//! Gateways of a VPC: each is attached to one VPC, and a VPC has one of each kind.
//!
//! Sources: `AttachInternetGateway` and `AttachVpnGateway` of the EC2 API; "Internet gateways" of the Amazon VPC user guide (a
//! second attachment is refused with `Resource.AlreadyAssociated`).

use std::collections::HashMap;

use super::VPC;
use crate::cfn::LogicalId;
use crate::cfn::check::context::{CheckContext, ResourceEntry};
use crate::cfn::type_names::GATEWAY_ATTACHMENT;
use crate::diag::{Code, Sink};

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for property in ["InternetGatewayId", "VpnGatewayId"] {
        let mut by_gateway: HashMap<&LogicalId, ResourceEntry<'_>> = HashMap::new();
        let mut by_vpc: HashMap<&LogicalId, ResourceEntry<'_>> = HashMap::new();
        for found in scope.all(GATEWAY_ATTACHMENT) {
            let (Some(gateway), Some(vpc)) = (found.reference(property), found.get("VpcId")) else { continue };
            let second = match by_gateway.get(&gateway.id) {
                Some(first) => Some((*first, format!("the gateway `{}` is attached twice", gateway.id))),
                None => scope.target(vpc, VPC).and_then(|vpc| {
                    let first = by_vpc.get(vpc.id)?;
                    Some((*first, format!("two gateways are attached to the VPC `{}`", vpc.id)))
                }),
            };
            let second = second.filter(|(first, _)| exist_together(scope, *first, found));
            if let Some((first, message)) = second {
                let problem = found.error(Code::GatewayAttachedTwice, property, message);
                let problem = problem.at(first.origin(property), "the other attachment");
                sink.push(
                    problem.help(
                        "a gateway belongs to one VPC, and a VPC has one gateway of a kind: remove one of the two",
                    ),
                );
            }
            by_gateway.entry(&gateway.id).or_insert(found);
            if let Some(vpc) = scope.target(vpc, VPC) {
                by_vpc.entry(vpc.id).or_insert(found);
            }
        }
    }
}

fn exist_together(scope: &CheckContext<'_>, first: ResourceEntry<'_>, second: ResourceEntry<'_>) -> bool {
    scope.can_both_exist(first.resource.condition.as_deref(), second.resource.condition.as_deref())
}
