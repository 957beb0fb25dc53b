//! Address ranges of VPCs and subnets.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use super::{SUBNET, VPC};
use crate::cfn::LogicalId;
use crate::cfn::check::context::{CheckContext, ResourceEntry};
use crate::diag::{Code, Sink};

/// A range of IPv4 addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ipv4Cidr {
    first: u32,
    prefix: u32,
}

impl Ipv4Cidr {
    /// The block that `10.0.0.0/16` stands for, host bits taken away as AWS does.
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let prefix: u32 = prefix.parse().ok().filter(|prefix| *prefix <= 32)?;
        let address = u32::from(address.parse::<Ipv4Addr>().ok()?);
        let hosts = u32::MAX.checked_shr(prefix).unwrap_or(0);
        Some(Self { first: address & !hosts, prefix })
    }

    fn last(self) -> u32 {
        self.first | u32::MAX.checked_shr(self.prefix).unwrap_or(0)
    }

    fn contains(self, other: Ipv4Cidr) -> bool {
        self.first <= other.first && other.last() <= self.last()
    }
}

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for found in scope.all(VPC).chain(scope.all(SUBNET)) {
        size(found, sink);
    }
    let mut by_vpc: HashMap<&LogicalId, Vec<(ResourceEntry<'_>, Ipv4Cidr)>> = HashMap::new();
    for subnet in scope.all(SUBNET) {
        let vpc = subnet.get("VpcId").and_then(|vpc| scope.target(vpc, VPC));
        let block = subnet.text("CidrBlock").and_then(Ipv4Cidr::parse);
        if let (Some(vpc), Some(block)) = (vpc, block) {
            outside(subnet, block, vpc, scope, sink);
            by_vpc.entry(vpc.id).or_default().push((subnet, block));
        }
    }
    by_vpc.into_values().for_each(|subnets| overlaps(subnets, sink));
}

fn size(found: ResourceEntry<'_>, sink: &mut Sink) {
    let Some(text) = found.text("CidrBlock") else { return };
    let Some(block) = Ipv4Cidr::parse(text) else {
        let problem = found.error(Code::Cidr, "CidrBlock", format!("`{text}` is not a range of IPv4 addresses"));
        return sink.push(problem.help("write it as `10.0.0.0/16`"));
    };
    let help = "VPCs and subnets have a prefix from /16 (65,536 addresses) to /28 (16)";
    if block.prefix < 16 {
        sink.push(found.error(Code::Cidr, "CidrBlock", format!("`{text}` is too large")).help(help));
    }
    // cfn-lint and the schema let these pass, and templates that are never deployed use them.
    if block.prefix > 28 {
        sink.push(found.warning(Code::Cidr, "CidrBlock", format!("`{text}` is too small")).help(help));
    }
}

fn outside(
    subnet: ResourceEntry<'_>,
    block: Ipv4Cidr,
    vpc: ResourceEntry<'_>,
    scope: &CheckContext<'_>,
    sink: &mut Sink,
) {
    let has_more = scope.referrers(vpc.id).any(|found| found.kind() == "AWS::EC2::VPCCidrBlock");
    let Some(whole) = vpc.text("CidrBlock").and_then(Ipv4Cidr::parse).filter(|_| !has_more) else { return };
    if !whole.contains(block) {
        let message = format!("the subnet `{}` is outside of its VPC's addresses", subnet.id);
        let problem = subnet.error(Code::SubnetOutsideVpc, "CidrBlock", message);
        sink.push(problem.at(vpc.origin("CidrBlock"), "the VPC's addresses"));
    }
}

fn overlaps(mut subnets: Vec<(ResourceEntry<'_>, Ipv4Cidr)>, sink: &mut Sink) {
    subnets.sort_by_key(|(_, block)| (block.first, block.prefix));
    let mut widest: Option<(ResourceEntry<'_>, Ipv4Cidr)> = None;
    for (subnet, block) in subnets {
        match widest {
            // Subnets that never exist together may share addresses.
            Some((other, before)) if block.first <= before.last() && same_condition(subnet, other) => {
                let message = format!("the subnets `{}` and `{}` overlap", other.id, subnet.id);
                let problem = subnet.error(Code::SubnetOverlap, "CidrBlock", message);
                sink.push(problem.at(other.origin("CidrBlock"), "the other one"));
            }
            Some((_, before)) if before.last() >= block.last() => {}
            _ => widest = Some((subnet, block)),
        }
    }
}

fn same_condition(one: ResourceEntry<'_>, other: ResourceEntry<'_>) -> bool {
    one.resource.condition == other.resource.condition
        || one.resource.condition.is_none()
        || other.resource.condition.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_contain_and_end() {
        let block = |text| Ipv4Cidr::parse(text).expect("a block");
        assert!(block("10.0.0.0/16").contains(block("10.0.255.0/24")));
        assert!(!block("10.0.0.0/16").contains(block("10.1.0.0/24")));
        assert_eq!(block("0.0.0.0/0").last(), u32::MAX);
        assert_eq!(block("10.0.0.9/32").last(), block("10.0.0.9/32").first);
        assert_eq!(block("10.0.7.9/16"), block("10.0.0.0/16"));
        for wrong in ["10.0.0.0", "10.0.0/8", "10.0.0.0/33", "x/8"] {
            assert_eq!(Ipv4Cidr::parse(wrong), None);
        }
    }
}
