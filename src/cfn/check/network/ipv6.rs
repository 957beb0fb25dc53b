//! IPv6 blocks of VPCs and subnets.
//!
//! Sources: "VPC CIDR blocks" and "Subnet CIDR blocks" of the Amazon VPC user guide (VPCs have /44 to /60, subnets /44 to /64, in
//! steps of 4); `CreateSubnet` and `ModifySubnetAttribute` of the EC2 API.

use std::collections::HashMap;

use ipnet::Ipv6Net;

use super::{SUBNET, VPC};
use crate::cfn::LogicalId;
use crate::cfn::check::context::{CheckContext, ResourceEntry, is_true};
use crate::diag::{Code, Diagnostic, Sink};

const VPC_BLOCK: &str = "AWS::EC2::VPCCidrBlock";
const SUBNET_BLOCK: &str = "AWS::EC2::SubnetCidrBlock";
const BLOCK: &str = "Ipv6CidrBlock";
const ASSIGNS: &str = "AssignIpv6AddressOnCreation";
/// The properties of a VPC block that bring IPv6 addresses.
const SOURCES: [&str; 3] = ["AmazonProvidedIpv6CidrBlock", BLOCK, "Ipv6IpamPoolId"];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    scope.all(VPC_BLOCK).for_each(|block| size(block, 60, sink));
    scope.all(SUBNET_BLOCK).for_each(|block| size(block, 64, sink));
    let mut taken: HashMap<(&LogicalId, Ipv6Net), ResourceEntry<'_>> = HashMap::new();
    for subnet in scope.all(SUBNET) {
        size(subnet, 64, sink);
        sink.extend(without_block(subnet, scope));
        let Some(vpc) = subnet.get("VpcId").and_then(|vpc| scope.target(vpc, VPC)) else { continue };
        sink.extend(vpc_without_block(subnet, vpc, scope));
        let Some(block) = subnet.text(BLOCK).and_then(|text| text.parse::<Ipv6Net>().ok()) else { continue };
        let first = *taken.entry((vpc.id, block.trunc())).or_insert(subnet);
        let conditions = (first.resource.condition.as_deref(), subnet.resource.condition.as_deref());
        if first.id != subnet.id && scope.can_both_exist(conditions.0, conditions.1) {
            let message = format!("the subnets `{}` and `{}` overlap", first.id, subnet.id);
            sink.push(subnet.error(Code::SubnetOverlap, BLOCK, message).at(first.origin(BLOCK), "the other one"));
        }
    }
}

/// Checks the prefix of a literal block.
fn size(found: ResourceEntry<'_>, longest: u8, sink: &mut Sink) {
    let Some(text) = found.text(BLOCK) else { return };
    let help = format!("write a block of IPv6 addresses with a prefix from /44 to /{longest}, in steps of 4");
    match text.parse::<Ipv6Net>() {
        Ok(block) if (44..=longest).contains(&block.prefix_len()) && block.prefix_len() % 4 == 0 => {}
        Ok(block) => {
            let message = format!("`{text}` has the prefix /{}, which EC2 does not accept here", block.prefix_len());
            sink.push(found.error(Code::Ipv6Block, BLOCK, message).help(help));
        }
        Err(_) => {
            let message = format!("`{text}` is not a block of IPv6 addresses");
            sink.push(found.error(Code::Ipv6Block, BLOCK, message).help(help));
        }
    }
}

/// Reports a subnet that assigns IPv6 addresses and has none.
fn without_block(subnet: ResourceEntry<'_>, scope: &CheckContext<'_>) -> Option<Diagnostic> {
    let assigns = subnet.get(ASSIGNS).is_some_and(is_true);
    let has_block = [BLOCK, "Ipv6NetmaskLength", "Ipv6IpamPoolId"].iter().any(|name| subnet.has(name));
    let gets_block = scope.referrers(subnet.id).any(|found| found.kind() == SUBNET_BLOCK);
    (assigns && !has_block && !gets_block).then(|| {
        let message = format!("the subnet `{}` assigns IPv6 addresses and has no IPv6 block", subnet.id);
        subnet.error(Code::Ipv6Block, ASSIGNS, message).help(format!("set `{BLOCK}`, or remove `{ASSIGNS}`"))
    })
}

/// Reports a subnet with an IPv6 block in a VPC of the template that has none, or that may get it later than the subnet.
fn vpc_without_block(
    subnet: ResourceEntry<'_>,
    vpc: ResourceEntry<'_>,
    scope: &CheckContext<'_>,
) -> Option<Diagnostic> {
    if subnet.lacks(BLOCK) || scope.is_transformed() {
        return None;
    }
    let is_source = |block: &ResourceEntry<'_>| block.kind() == VPC_BLOCK && SOURCES.iter().any(|name| block.has(name));
    let blocks: Vec<ResourceEntry<'_>> = scope.referrers(vpc.id).filter(is_source).collect();
    let Some(first) = blocks.first() else {
        let message = format!("the VPC `{}` has no IPv6 block for the subnet `{}`", vpc.id, subnet.id);
        let problem = subnet.error(Code::Ipv6Block, BLOCK, message).at(&vpc.resource.origin, "the VPC");
        return Some(problem.help(format!(
            "add an `AWS::EC2::VPCCidrBlock` with `VpcId: {}` and `AmazonProvidedIpv6CidrBlock: true`",
            vpc.id
        )));
    };
    let needs = scope.graph().all_needs(subnet.id);
    (!blocks.iter().any(|block| needs.contains(&block.id))).then(|| {
        let message = format!("the subnet `{}` may be created before its VPC has an IPv6 block", subnet.id);
        let problem = subnet.warning(Code::Ipv6Block, BLOCK, message).at(&first.resource.origin, "the IPv6 block");
        problem.help(format!("add `DependsOn: {}`", first.id))
    })
}
