//! Load balancers with IPv6 addresses.
//!
//! Source: "IP address types" of an Application Load Balancer in the Elastic Load Balancing user guide: the subnets of a
//! dual-stack load balancer have IPv6 CIDR blocks.

use super::context::{CheckContext, ResourceEntry};
use super::network::SUBNET;
use crate::cfn::type_names::LOAD_BALANCER;
use crate::diag::{Code, Sink};

const SUBNET_CIDR_BLOCK: &str = "AWS::EC2::SubnetCidrBlock";

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    let is_dual =
        |balancer: &ResourceEntry<'_>| balancer.text("IpAddressType").is_some_and(|kind| kind.starts_with("dualstack"));
    for balancer in scope.all(LOAD_BALANCER).filter(is_dual) {
        let mapped = balancer.list("SubnetMappings").iter().filter_map(|mapping| mapping.get("SubnetId"));
        let subnets = balancer.list("Subnets").iter().chain(mapped).filter_map(|subnet| scope.target(subnet, SUBNET));
        let Some(subnet) = subnets.into_iter().find(|subnet| has_only_ipv4(*subnet, scope)) else { continue };
        let message =
            format!("a dual-stack load balancer needs subnets with IPv6 addresses, and `{}` has none", subnet.id);
        let problem =
            balancer.error(Code::DualStackSubnets, "IpAddressType", message).at(subnet.origin(""), "the subnet");
        let problem =
            problem.help("give the network of the load balancer IPv6 addresses: `.dual_stack()` on the `Vpc`");
        sink.push(
            problem.help("in a template, leave `IpAddressType` out, or set `Ipv6CidrBlock` of each of its subnets"),
        );
    }
}

fn has_only_ipv4(subnet: ResourceEntry<'_>, scope: &CheckContext<'_>) -> bool {
    let own = ["Ipv6CidrBlock", "Ipv6IpamPoolId", "Ipv6NetmaskLength", "Ipv6Native"];
    let is_block = |other: ResourceEntry<'_>| other.kind() == SUBNET_CIDR_BLOCK;
    own.iter().all(|property| subnet.lacks(property)) && !scope.referrers(subnet.id).any(is_block)
}
