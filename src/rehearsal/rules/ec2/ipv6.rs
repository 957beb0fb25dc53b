//! IPv6 blocks of subnets.

use ipnet::Ipv6Net;

use super::super::view::{AccountView, Existing};
use super::super::{CREATION, Refusal, Rule, Subject};
use super::refuse;
use crate::cfn::type_names::{SUBNET, VPC};
use crate::rehearsal::property_access::{boolean, text};

const BLOCK: &str = "Ipv6CidrBlock";
const SUBNET_BLOCK: &str = "AWS::EC2::SubnetCidrBlock";
const VPC_BLOCK: &str = "AWS::EC2::VPCCidrBlock";

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: SUBNET, intents: CREATION, check: outside_the_vpc },
    Rule { kind: SUBNET, intents: CREATION, check: overlapping },
    Rule { kind: SUBNET_BLOCK, intents: CREATION, check: outside_the_vpc },
    Rule { kind: SUBNET_BLOCK, intents: CREATION, check: overlapping },
    Rule { kind: SUBNET_BLOCK, intents: CREATION, check: subnet_has_a_block },
];

/// Returns the VPC of a subnet or of a block of a subnet.
fn network(kind: &str, subnet: Option<String>, vpc: Option<String>, view: &AccountView<'_>) -> Option<String> {
    if kind == SUBNET { vpc } else { view.find(SUBNET, &subnet?)?.text("VpcId") }
}

/// Returns the VPC and the block of a request.
fn requested(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<(String, Ipv6Net)> {
    let read = |name: &str| text(subject.properties, name);
    Some((network(subject.kind, read("SubnetId"), read("VpcId"), view)?, read(BLOCK)?.parse().ok()?))
}

/// Refuses a block whose VPC has no IPv6 block yet, or another one, and a prefix that EC2 does not take (`InvalidSubnet.Range`, EC2 error
/// codes; "Subnet CIDR blocks", VPC user guide: /44 to /64 in steps of 4, inside the block of the VPC).
fn outside_the_vpc(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let (vpc, block) = requested(subject, view)?;
    let size = block.prefix_len();
    let has_size = (44..=64).contains(&size) && size.is_multiple_of(4);
    (!has_size || !may_contain(&vpc, block, view))
        .then(|| refuse("InvalidSubnet.Range", "InvalidRequest", format!("The CIDR '{block}' is invalid.")))
}

/// Returns whether a VPC may have an IPv6 block that contains another. The addresses of a block that AWS chooses are not known.
fn may_contain(vpc: &str, block: Ipv6Net, view: &AccountView<'_>) -> bool {
    if !view.complete || view.find(VPC, vpc).is_none() {
        return true;
    }
    let contains = |it: &Existing<'_>| match it.text(BLOCK).map(|text| text.parse::<Ipv6Net>()) {
        Some(Ok(own)) => own.contains(&block),
        Some(Err(_)) => true,
        None => boolean(it.properties, "AmazonProvidedIpv6CidrBlock") || it.text("Ipv6IpamPoolId").is_some(),
    };
    view.of(VPC_BLOCK).any(|it| !it.is_pending && it.has("VpcId", vpc) && contains(it))
}

/// Refuses a block that overlaps the block of another subnet of the VPC (`InvalidSubnet.Conflict`, EC2 error codes; `CreateSubnet`, EC2
/// API).
fn overlapping(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let (vpc, block) = requested(subject, view)?;
    let overlaps = |it: &&Existing<'_>| {
        let own = || network(it.kind, it.text("SubnetId"), it.text("VpcId"), view);
        let other = it.text(BLOCK).and_then(|text| text.parse::<Ipv6Net>().ok());
        other.is_some_and(|other| (other.contains(&block) || block.contains(&other)) && own().as_ref() == Some(&vpc))
    };
    view.others(SUBNET, subject).chain(view.others(SUBNET_BLOCK, subject)).find(overlaps)?;
    let text = format!("The CIDR '{block}' conflicts with another subnet");
    Some(refuse("InvalidSubnet.Conflict", "AlreadyExists", text))
}

/// Refuses a second IPv6 block of a subnet (`AssociateSubnetCidrBlock`, EC2 API: "you can only associate a single IPv6 CIDR block with
/// your subnet". The message is inferred.)
fn subnet_has_a_block(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let subnet = text(subject.properties, "SubnetId")?;
    let own = view.find(SUBNET, &subnet).is_some_and(|it| it.text(BLOCK).is_some());
    let mut others = view.others(SUBNET_BLOCK, subject).filter(|it| it.has("SubnetId", &subnet));
    let taken = own || others.any(|it| subject.replaces.is_none() || it.physical_id != subject.replaces);
    taken.then(|| {
        let text = format!("The subnet '{subnet}' already has an IPv6 CIDR block associated");
        refuse("InvalidSubnet.Conflict", "AlreadyExists", text)
    })
}
