//! Subnets with their ways to the internet.

use crate::cfn::type_names::{NAT_GATEWAY, ROUTE, ROUTE_TABLE, ROUTE_TABLE_ASSOCIATION, SUBNET};
use ipnet::Ipv4Net;

use super::layout::NetworkLayout;
use super::subnet_kind::SubnetKind;
use super::{Vpc, ipv6};
use crate::block::Ownership;
use crate::block::lowering::{Lowering, SetProperty};
use crate::cfn;
use crate::cfn::{Function, LogicalId, Ref, Resource, TemplateString, Value};
use crate::diag::{Origin, WithOrigin};

impl Vpc {
    /// Returns the ids of the public subnets; `Null` where they are not known.
    pub fn public_subnet_ids(&self) -> Value {
        self.subnet_ids(SubnetKind::Public).unwrap_or(Value::Null)
    }

    /// Returns the ids of the private subnets; `Null` where there are none, or where they are not known.
    pub fn private_subnet_ids(&self) -> Value {
        self.subnet_ids(SubnetKind::Private).unwrap_or(Value::Null)
    }

    /// Returns the ids of the isolated subnets; `Null` where there are none, or where they are not known.
    pub fn isolated_subnet_ids(&self) -> Value {
        self.subnet_ids(SubnetKind::Isolated).unwrap_or(Value::Null)
    }

    /// Returns the ids of the subnets of a side, as a list property; none where they are not known.
    pub(crate) fn subnet_ids(&self, side: SubnetKind) -> Option<Value> {
        match &self.identity {
            Ownership::Managed(_) => {
                let subnets = self.subnets(side);
                (!subnets.is_empty()).then(|| Value::list(subnets.into_iter().map(Ref::to)))
            }
            Ownership::Existing(_) => self.given_subnets(side).map(|ids| ids.value.clone()),
        }
    }

    /// Returns the ids that the script gives for the subnets of a network that exists.
    pub(crate) fn given_subnets(&self, side: SubnetKind) -> Option<&WithOrigin<Value>> {
        match side {
            SubnetKind::Public => self.public_subnets.as_ref(),
            SubnetKind::Private => self.private_subnets.as_ref(),
            SubnetKind::Isolated => self.isolated_subnets.as_ref(),
        }
    }

    /// Returns the origin of the ids of the subnets of a side, for a network that exists.
    pub(crate) fn subnets_origin(&self, side: SubnetKind) -> Option<&Origin> {
        self.given_subnets(side).map(|ids| &ids.origin)
    }

    /// Returns the routes and associations that give the subnets of a side access to the internet. Isolated subnets have
    /// the associations alone, which give them the routes of gateway endpoints.
    pub(crate) fn internet_routes(&self, side: SubnetKind) -> Vec<LogicalId> {
        self.subnets(side).into_iter().flat_map(|subnet| self.routes_of(side, &subnet)).collect()
    }

    /// Returns the routes and associations of subnets that the network makes, found by the references of a list.
    pub(crate) fn routes_of_subnets(&self, ids: &Value) -> Vec<LogicalId> {
        let listed = |subnet: &LogicalId| {
            ids.as_list().is_some_and(|ids| ids.iter().any(|id| id.as_reference().is_some_and(|it| it.id == *subnet)))
        };
        let of_side = |side| self.subnets(side).into_iter().filter(listed).map(move |subnet| (side, subnet));
        let subnets = SubnetKind::ALL.into_iter().flat_map(of_side);
        subnets.flat_map(|(side, subnet)| self.routes_of(side, &subnet)).collect()
    }

    fn routes_of(&self, side: SubnetKind, subnet: &LogicalId) -> Vec<LogicalId> {
        let is_isolated = side == SubnetKind::Isolated;
        let ipv4 = (!is_isolated).then(|| part(subnet, "DefaultRoute"));
        let ipv6 = self.dual_stack.as_ref().filter(|_| !is_isolated).map(|_| ipv6::route_id(subnet));
        ipv4.into_iter().chain(ipv6).chain([part(subnet, "RouteTableAssociation")]).collect()
    }

    /// Returns the route tables of all subnets.
    pub(super) fn route_tables(&self) -> impl Iterator<Item = Ref> {
        let subnets = SubnetKind::ALL.into_iter().flat_map(|side| self.subnets(side));
        subnets.map(|subnet| Ref::to(part(&subnet, "RouteTable")))
    }

    fn subnets(&self, side: SubnetKind) -> Vec<LogicalId> {
        let there = match side {
            SubnetKind::Public => true,
            SubnetKind::Private => self.has_private_subnets(),
            SubnetKind::Isolated => self.has_isolated_subnets(),
        };
        let zones = self.zones().filter(|_| there).unwrap_or(0);
        (1..=zones).map(|zone| self.part(&format!("{}{zone}", side.name()))).collect()
    }
}

pub(super) fn lower(vpc: &Vpc, plan: &NetworkLayout, lowering: &mut Lowering<'_>) {
    for (at, block) in plan.public.iter().enumerate() {
        let subnet = subnet(vpc, SubnetKind::Public, at, *block, lowering);
        let route = Resource::new(ROUTE, vpc.identity.origin().clone())
            .with("GatewayId", Ref::to(vpc.part("InternetGateway")))
            .after(vpc.part("GatewayAttachment"));
        default_route(&subnet, route, lowering);
        if at < plan.gateways {
            nat_gateway(vpc, &subnet, lowering);
        }
    }
    for (at, block) in plan.private.iter().enumerate() {
        let subnet = subnet(vpc, SubnetKind::Private, at, *block, lowering);
        let gateway = vpc.part(&format!("PublicSubnet{}NatGateway", at % plan.gateways + 1));
        let route = Resource::new(ROUTE, vpc.identity.origin().clone())
            .with("NatGatewayId", Ref::to(gateway))
            .with_origin("NatGatewayId", &vpc.nat_gateways);
        default_route(&subnet, route, lowering);
    }
    for (at, block) in plan.isolated.iter().enumerate() {
        subnet(vpc, SubnetKind::Isolated, at, *block, lowering);
    }
}

fn part(subnet: &LogicalId, role: &str) -> LogicalId {
    format!("{subnet}{role}").into()
}

fn subnet(vpc: &Vpc, side: SubnetKind, at: usize, block: Ipv4Net, lowering: &mut Lowering<'_>) -> LogicalId {
    let origin = vpc.identity.origin();
    let id = vpc.part(&format!("{}{}", side.name(), at + 1));
    let zones = Value::call(Function::GetAzs, "");
    let index = i64::try_from(at).expect("a network has six zones at most");
    let subnet = Resource::new(SUBNET, origin.clone())
        .with("AvailabilityZone", Value::call(Function::Select, cfn!([index, zones])))
        .with("CidrBlock", block.to_string())
        .with("MapPublicIpOnLaunch", side == SubnetKind::Public)
        .with("VpcId", vpc.id())
        .with("Tags", lowering.name_tag(&id))
        .with_origin("CidrBlock", &vpc.cidr)
        .with_origin("AvailabilityZone", &vpc.azs);
    let subnet = ipv6::address(vpc, side, index, subnet);
    let table = Resource::new(ROUTE_TABLE, origin.clone())
        .with("VpcId", vpc.id())
        .with("Tags", lowering.name_tag(&part(&id, "RouteTable")));
    let association = Resource::new(ROUTE_TABLE_ASSOCIATION, origin.clone())
        .with("RouteTableId", Ref::to(part(&id, "RouteTable")))
        .with("SubnetId", Ref::to(id.clone()));
    lowering.add(id.clone(), subnet);
    lowering.add(part(&id, "RouteTable"), table);
    lowering.add(part(&id, "RouteTableAssociation"), association);
    ipv6::route(vpc, side, &id, lowering);
    id
}

fn default_route(subnet: &LogicalId, route: Resource, lowering: &mut Lowering<'_>) {
    let route =
        route.with("DestinationCidrBlock", "0.0.0.0/0").with("RouteTableId", Ref::to(part(subnet, "RouteTable")));
    lowering.add(part(subnet, "DefaultRoute"), route);
}

/// Adds a NAT gateway with its address. Both depend on the internet gateway: without it AWS refuses the address, and
/// the gateway has no route to the internet.
fn nat_gateway(vpc: &Vpc, subnet: &LogicalId, lowering: &mut Lowering<'_>) {
    let origin = vpc.nat_gateways.as_ref().map_or(vpc.identity.origin(), |set| &set.origin);
    let (address, gateway) = (part(subnet, "Eip"), part(subnet, "NatGateway"));
    let attachment = vpc.part("GatewayAttachment");
    let eip = Resource::new("AWS::EC2::EIP", origin.clone())
        .with("Domain", "vpc")
        .with("Tags", lowering.name_tag(&address))
        .after(attachment.clone());
    let nat = Resource::new(NAT_GATEWAY, origin.clone())
        .with("AllocationId", TemplateString::from(Ref::attribute(address.clone(), "AllocationId")))
        .with("SubnetId", Ref::to(subnet.clone()))
        .with("Tags", lowering.name_tag(&gateway))
        .after(part(subnet, "DefaultRoute"))
        .after(part(subnet, "RouteTableAssociation"))
        .after(attachment);
    lowering.add(address, eip);
    lowering.add(gateway, nat);
}
