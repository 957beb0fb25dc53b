//! The parts of a network, with the problems of its settings.

use ipnet::Ipv4Net;

use super::{Vpc, cidr};
use crate::block::Ownership;
use crate::diag::{Code, Diagnostic, Sink, WithOrigin};

const DEFAULT_CIDR: &str = "10.0.0.0/16";
const DEFAULT_ZONES: i64 = 2;
/// The most zones of any region (us-east-1).
const MOST_ZONES: i64 = 6;

/// Zones, gateways and blocks of addresses of a network.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NetworkLayout {
    /// The whole block.
    pub(crate) range: Ipv4Net,
    /// NAT gateways, in the first public subnets.
    pub(crate) gateways: usize,
    /// One block for each zone.
    pub(crate) public: Vec<Ipv4Net>,
    /// One block for each zone; none without NAT gateways.
    pub(crate) private: Vec<Ipv4Net>,
    /// One block for each zone; none unless the script wants them or there are no NAT gateways.
    pub(crate) isolated: Vec<Ipv4Net>,
}

impl NetworkLayout {
    /// Creates the plan of a network that the stack makes.
    pub(crate) fn of(vpc: &Vpc, problems: &mut Sink) -> Option<Self> {
        let zones = zones(vpc.azs.as_ref(), problems);
        let range = block(vpc.cidr.as_ref(), problems);
        let gateways = zones.and_then(|zones| gateways(vpc.nat_gateways.as_ref(), zones, problems));
        let (zones, range, gateways) = (zones?, range?, gateways?);
        let inner = [gateways > 0, vpc.has_isolated_subnets()];
        let subnets = zones * (1 + inner.iter().filter(|has| **has).count());
        let Some(mut public) = cidr::split(range, subnets) else {
            problems.push(too_small(vpc, range, subnets));
            return None;
        };
        let mut private = public.split_off(zones);
        let isolated = private.split_off(if gateways > 0 { zones } else { 0 });
        Some(Self { range, gateways, public, private, isolated })
    }
}

impl Vpc {
    /// Returns the number of zones of a network that the stack makes; none if there cannot be so many.
    pub(crate) fn zones(&self) -> Option<i64> {
        let zones = self.identity.managed_name().map(|_| self.azs.as_ref().map_or(DEFAULT_ZONES, |azs| azs.value));
        zones.filter(|zones| (1..=MOST_ZONES).contains(zones))
    }

    /// Returns whether there are private subnets.
    pub(crate) fn has_private_subnets(&self) -> bool {
        match &self.identity {
            Ownership::Managed(_) => self.nat_gateways.as_ref().is_none_or(|gateways| gateways.value > 0),
            Ownership::Existing(_) => self.private_subnets.is_some(),
        }
    }

    /// Returns whether there are isolated subnets. Without NAT gateways the inner subnets of a new network are isolated.
    pub(crate) fn has_isolated_subnets(&self) -> bool {
        match &self.identity {
            Ownership::Managed(_) => self.isolated.is_some() || !self.has_private_subnets(),
            Ownership::Existing(_) => self.isolated_subnets.is_some(),
        }
    }
}

fn zones(azs: Option<&WithOrigin<i64>>, problems: &mut Sink) -> Option<usize> {
    let zones = azs.map_or(DEFAULT_ZONES, |azs| azs.value);
    if (1..=MOST_ZONES).contains(&zones) {
        return usize::try_from(zones).ok();
    }
    problems.push(
        Diagnostic::new(Code::AvailabilityZones, format!("a network cannot span {zones} availability zones"))
            .at(&azs?.origin, "set here")
            .help(format!("use 1 to {MOST_ZONES}; a load balancer needs 2")),
    );
    None
}

fn gateways(wanted: Option<&WithOrigin<i64>>, zones: usize, problems: &mut Sink) -> Option<usize> {
    let Some(wanted) = wanted else { return Some(zones) };
    let count = usize::try_from(wanted.value).ok().filter(|count| *count <= zones);
    if count.is_none() {
        let message = format!("a network of {zones} zones cannot have {} NAT gateways", wanted.value);
        problems.push(
            Diagnostic::new(Code::NatGateways, message)
                .at(&wanted.origin, "set here")
                .help(format!("use 0 (public and isolated subnets) to {zones} (one for each zone)")),
        );
    }
    count
}

fn block(cidr: Option<&WithOrigin<String>>, problems: &mut Sink) -> Option<Ipv4Net> {
    let Some(wanted) = cidr else { return DEFAULT_CIDR.parse().ok() };
    let wrong = |message: &str, help: String| {
        Diagnostic::new(Code::InvalidCidr, format!("`{}` {message}", wanted.value)).at(&wanted.origin, "").help(help)
    };
    let problem = match wanted.value.parse::<Ipv4Net>() {
        Err(_) => wrong("is not a block of IPv4 addresses", format!("write it as `{DEFAULT_CIDR}`")),
        Ok(range) if range != range.trunc() => {
            wrong("has bits set beyond its prefix", format!("the block is `{}`", range.trunc()))
        }
        Ok(range) if !(16..=28).contains(&range.prefix_len()) => {
            wrong("is not a size of a VPC", "the prefix is 16 to 28 bits long".to_owned())
        }
        Ok(range) => return Some(range),
    };
    problems.push(problem);
    None
}

fn too_small(vpc: &Vpc, range: Ipv4Net, subnets: usize) -> Diagnostic {
    let origin = vpc.cidr.as_ref().map_or(vpc.identity.origin(), |cidr| &cidr.origin);
    let problem = Diagnostic::new(Code::CidrTooSmall, format!("`{range}` is too small for {subnets} subnets"))
        .at(origin, "this block is shared by all subnets")
        .help("use a shorter prefix: a subnet has at least 16 addresses (`/28`)");
    match &vpc.azs {
        Some(azs) => problem.at(&azs.origin, "the zones are set here"),
        None => problem,
    }
}
