//! Address ranges of VPCs and subnets.

use std::collections::HashMap;

use ipnet::Ipv4Net;

use super::{SUBNET, VPC};
use crate::cfn::LogicalId;
use crate::cfn::check::context::{CheckContext, ResourceEntry};
use crate::diag::{Code, Sink};

/// Parses `10.0.0.0/16`; bits after the prefix are cleared, as AWS does.
fn parse(text: &str) -> Option<Ipv4Net> {
    text.parse::<Ipv4Net>().ok().map(|range| range.trunc())
}

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for found in scope.all(VPC).chain(scope.all(SUBNET)) {
        size(found, sink);
    }
    let mut by_vpc: HashMap<&LogicalId, Vec<(ResourceEntry<'_>, Ipv4Net)>> = HashMap::new();
    for subnet in scope.all(SUBNET) {
        let vpc = subnet.get("VpcId").and_then(|vpc| scope.target(vpc, VPC));
        let block = subnet.text("CidrBlock").and_then(parse);
        if let (Some(vpc), Some(block)) = (vpc, block) {
            outside(subnet, block, vpc, scope, sink);
            by_vpc.entry(vpc.id).or_default().push((subnet, block));
        }
    }
    by_vpc.into_values().for_each(|subnets| overlaps(subnets, sink));
}

fn size(found: ResourceEntry<'_>, sink: &mut Sink) {
    let Some(text) = found.text("CidrBlock") else { return };
    let Some(block) = parse(text) else {
        let problem = found.error(Code::Cidr, "CidrBlock", format!("`{text}` is not a range of IPv4 addresses"));
        return sink.push(problem.help("write it as `10.0.0.0/16`"));
    };
    let help = "VPCs and subnets have a prefix from /16 (65,536 addresses) to /28 (16)";
    if block.prefix_len() < 16 {
        sink.push(found.error(Code::Cidr, "CidrBlock", format!("`{text}` is too large")).help(help));
    }
    // cfn-lint and the schema let these pass, and templates that are never deployed use them.
    if block.prefix_len() > 28 {
        sink.push(found.warning(Code::Cidr, "CidrBlock", format!("`{text}` is too small")).help(help));
    }
}

fn outside(
    subnet: ResourceEntry<'_>,
    block: Ipv4Net,
    vpc: ResourceEntry<'_>,
    scope: &CheckContext<'_>,
    sink: &mut Sink,
) {
    let has_more = scope.referrers(vpc.id).any(|found| found.kind() == "AWS::EC2::VPCCidrBlock");
    let Some(whole) = vpc.text("CidrBlock").and_then(parse).filter(|_| !has_more) else { return };
    if !whole.contains(&block) {
        let message = format!("the subnet `{}` is outside of its VPC's addresses", subnet.id);
        let problem = subnet.error(Code::SubnetOutsideVpc, "CidrBlock", message);
        sink.push(problem.at(vpc.origin("CidrBlock"), "the VPC's addresses"));
    }
}

fn overlaps(mut subnets: Vec<(ResourceEntry<'_>, Ipv4Net)>, sink: &mut Sink) {
    subnets.sort_by_key(|(_, block)| *block);
    let mut widest: Option<(ResourceEntry<'_>, Ipv4Net)> = None;
    for (subnet, block) in subnets {
        match widest {
            // Subnets that never exist together may share addresses.
            Some((other, before)) if block.network() <= before.broadcast() && same_condition(subnet, other) => {
                let message = format!("the subnets `{}` and `{}` overlap", other.id, subnet.id);
                let problem = subnet.error(Code::SubnetOverlap, "CidrBlock", message);
                sink.push(problem.at(other.origin("CidrBlock"), "the other one"));
            }
            Some((_, before)) if before.broadcast() >= block.broadcast() => {}
            _ => widest = Some((subnet, block)),
        }
    }
}

fn same_condition(one: ResourceEntry<'_>, other: ResourceEntry<'_>) -> bool {
    one.resource.condition == other.resource.condition
        || one.resource.condition.is_none()
        || other.resource.condition.is_none()
}
