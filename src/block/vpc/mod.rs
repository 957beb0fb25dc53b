//! A network: public, private and isolated subnets over some availability zones.

mod cidr;
mod endpoints;
mod flow_logs;
mod ipv6;
mod layout;
mod lower;
mod placement;
mod subnet_kind;
mod subnets;

pub(crate) use subnet_kind::SubnetKind;

use super::{Block, Flag, Name, Ownership};
use crate::cfn::{LogicalId, Ref, TemplateString, Value};
use crate::diag::{Origin, WithOrigin};

/// A network with a subnet of each kind in each of its zones, or one that exists already.
#[derive(Debug, Clone, PartialEq)]
pub struct Vpc {
    /// Its name, or the id of the one that exists.
    pub identity: Ownership,
    /// The IPv4 block, `10.0.0.0/16` unless set.
    pub cidr: Option<WithOrigin<String>>,
    /// Availability zones, 2 unless set.
    pub azs: Option<WithOrigin<i64>>,
    /// NAT gateways, one for each zone unless set; with 0 the inner subnets are isolated.
    pub nat_gateways: Option<WithOrigin<i64>>,
    /// Services of AWS reached without the internet: `s3`, `dynamodb` (gateways), `ecr.api` and others (interfaces).
    pub endpoint: Vec<WithOrigin<String>>,
    /// Whether it has endpoints for all that its tasks call.
    pub private_endpoints: Flag,
    /// Whether it has isolated subnets besides the private ones.
    pub isolated: Flag,
    /// Whether its subnets have IPv6 addresses, too.
    pub dual_stack: Flag,
    /// Whether rejected and accepted traffic is logged.
    pub flow_logs: Flag,
    /// The public subnets of a network that exists: a list of ids, or a list parameter.
    pub public_subnets: Option<WithOrigin<Value>>,
    /// The private subnets of a network that exists: a list of ids, or a list parameter.
    pub private_subnets: Option<WithOrigin<Value>>,
    /// The isolated subnets of a network that exists: a list of ids, or a list parameter.
    pub isolated_subnets: Option<WithOrigin<Value>>,
    /// The blocks that are created before it.
    pub depends_on: Vec<WithOrigin<Block>>,
}

impl Vpc {
    /// Creates a network of this name, made by the stack.
    pub fn new(name: WithOrigin<Name>) -> Self {
        Self::with(Ownership::Managed(name))
    }

    /// Creates the network of this id.
    pub fn existing(id: WithOrigin<TemplateString>) -> Self {
        Self::with(Ownership::Existing(id))
    }

    fn with(identity: Ownership) -> Self {
        Self {
            identity,
            cidr: None,
            azs: None,
            nat_gateways: None,
            endpoint: Vec::new(),
            private_endpoints: None,
            isolated: None,
            dual_stack: None,
            flow_logs: None,
            public_subnets: None,
            private_subnets: None,
            isolated_subnets: None,
            depends_on: Vec::new(),
        }
    }

    /// Returns the logical id of the network that the stack makes; that of nothing for one that exists.
    pub fn logical_id(&self) -> LogicalId {
        format!("{}Vpc", self.identity.managed_name().map(Name::stem).unwrap_or_default()).into()
    }

    /// Returns the origin of its id, for a network that exists.
    pub(crate) fn id_origin(&self) -> Option<&Origin> {
        match &self.identity {
            Ownership::Managed(_) => None,
            Ownership::Existing(id) => Some(&id.origin),
        }
    }

    /// Returns the block of addresses of a network that the stack makes; `Null` for one that exists.
    pub fn cidr_block(&self) -> Value {
        match &self.identity {
            Ownership::Managed(_) => Ref::attribute(self.logical_id(), "CidrBlock").into(),
            Ownership::Existing(_) => Value::Null,
        }
    }

    /// Returns the network's id.
    pub fn id(&self) -> TemplateString {
        match &self.identity {
            Ownership::Managed(_) => Ref::to(self.logical_id()).into(),
            Ownership::Existing(id) => id.value.clone(),
        }
    }
}
