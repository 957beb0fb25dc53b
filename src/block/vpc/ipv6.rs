//! IPv6 addresses of a network: its block, those of its subnets, and routes.
//!
//! Sources: "Subnet CIDR blocks" and "Egress-only internet gateways" of the Amazon VPC user guide; `Fn::Cidr` of the
//! CloudFormation guide, "Creating an IPv6 enabled VPC".

use super::Vpc;
use super::subnet_kind::SubnetKind;
use crate::block::lowering::{Lowering, SetProperty};
use crate::cfn;
use crate::cfn::type_names::ROUTE;
use crate::cfn::{Function, LogicalId, Ref, Resource, Value};

/// The number of blocks that the subnets of one kind may have. Blocks are counted for each kind, so that a subnet keeps its
/// block when the network gets another zone or another kind of subnets.
const BLOCKS_OF_A_KIND: i64 = 8;
const KINDS: i64 = 3;
/// The bits of an IPv6 address that are left to the hosts of a subnet.
const HOST_BITS: i64 = 64;

/// Adds the IPv6 block of the network, and the gateway through which private subnets reach the internet.
pub(super) fn lower(vpc: &Vpc, lowering: &mut Lowering<'_>) {
    let Some(set) = &vpc.dual_stack else { return };
    let block = Resource::new("AWS::EC2::VPCCidrBlock", set.origin.clone())
        .with("AmazonProvidedIpv6CidrBlock", true)
        .with("VpcId", vpc.id());
    lowering.add(block_id(vpc), block);
    if vpc.has_private_subnets() {
        let id = gateway_id(vpc);
        let gateway = Resource::new("AWS::EC2::EgressOnlyInternetGateway", set.origin.clone())
            .with("VpcId", vpc.id())
            .with("Tags", lowering.name_tag(&id));
        lowering.add(id, gateway);
    }
}

/// Gives a subnet a block of the network's IPv6 addresses. The subnet is at this position among those of its kind.
pub(super) fn address(vpc: &Vpc, side: SubnetKind, at: i64, subnet: Resource) -> Resource {
    if vpc.dual_stack.is_none() {
        return subnet;
    }
    let whole = Value::call(Function::Select, cfn!([0_i64, Ref::attribute(vpc.logical_id(), "Ipv6CidrBlocks")]));
    let blocks = Value::call(Function::Cidr, cfn!([whole, BLOCKS_OF_A_KIND * KINDS, HOST_BITS]));
    subnet
        .with("Ipv6CidrBlock", Value::call(Function::Select, cfn!([first_block(side) + at, blocks])))
        .with("AssignIpv6AddressOnCreation", true)
        .with_origin("Ipv6CidrBlock", &vpc.dual_stack)
        .with_origin("AssignIpv6AddressOnCreation", &vpc.dual_stack)
        .after(block_id(vpc))
}

/// Adds the route of a subnet to the internet by IPv6. Isolated subnets have none.
pub(super) fn route(vpc: &Vpc, side: SubnetKind, subnet: &LogicalId, lowering: &mut Lowering<'_>) {
    let Some(set) = &vpc.dual_stack else { return };
    let route = Resource::new(ROUTE, set.origin.clone());
    let route = match side {
        SubnetKind::Public => {
            route.with("GatewayId", Ref::to(vpc.part("InternetGateway"))).after(vpc.part("GatewayAttachment"))
        }
        SubnetKind::Private => route.with("EgressOnlyInternetGatewayId", Ref::to(gateway_id(vpc))),
        SubnetKind::Isolated => return,
    };
    let route =
        route.with("DestinationIpv6CidrBlock", "::/0").with("RouteTableId", Ref::to(format!("{subnet}RouteTable")));
    lowering.add(route_id(subnet), route);
}

/// Returns the logical id of the route of a subnet.
pub(super) fn route_id(subnet: &LogicalId) -> LogicalId {
    format!("{subnet}DefaultRouteIpv6").into()
}

fn first_block(side: SubnetKind) -> i64 {
    BLOCKS_OF_A_KIND
        * match side {
            SubnetKind::Public => 0,
            SubnetKind::Private => 1,
            SubnetKind::Isolated => 2,
        }
}

fn block_id(vpc: &Vpc) -> LogicalId {
    vpc.part("Ipv6Block")
}

fn gateway_id(vpc: &Vpc) -> LogicalId {
    vpc.part("EgressOnlyGateway")
}
