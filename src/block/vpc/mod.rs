//! A network: public and private subnets over some availability zones.

mod cidr;
mod endpoints;
mod flow_logs;
mod lower;
mod plan;
mod subnets;

pub(crate) use cidr::Cidr;
pub(crate) use subnets::Side;

use crate::block::{Flag, Identity, Name};
use crate::cfn::{LogicalId, Ref, Text, Value};
use crate::diag::{Origin, Spanned};

/// A network with a public and a private subnet in each of its zones, or one that exists already.
#[derive(Debug, Clone, PartialEq)]
pub struct Vpc {
    /// Its name, or the id of the one that exists.
    pub identity: Identity,
    /// The IPv4 block, `10.0.0.0/16` unless set.
    pub cidr: Option<Spanned<String>>,
    /// Availability zones, 2 unless set.
    pub azs: Option<Spanned<i64>>,
    /// NAT gateways, one for each zone unless set; 0 leaves the private subnets out.
    pub nat_gateways: Option<Spanned<i64>>,
    /// Services of AWS reached without the internet: `s3`, `dynamodb` (gateways), `ecr.api` and others (interfaces).
    pub endpoint: Vec<Spanned<String>>,
    /// Whether rejected and accepted traffic is logged.
    pub flow_logs: Flag,
    /// The public subnets of a network that exists: a list of ids, or a list parameter.
    pub public_subnets: Option<Spanned<Value>>,
    /// The private subnets of a network that exists: a list of ids, or a list parameter.
    pub private_subnets: Option<Spanned<Value>>,
}

impl Vpc {
    /// A network of this name, made by the stack.
    pub fn new(name: Spanned<Name>) -> Self {
        Self::with(Identity::Made(name))
    }

    /// The network of this id.
    pub fn existing(id: Spanned<Text>) -> Self {
        Self::with(Identity::Existing(id))
    }

    fn with(identity: Identity) -> Self {
        Self {
            identity,
            cidr: None,
            azs: None,
            nat_gateways: None,
            endpoint: Vec::new(),
            flow_logs: None,
            public_subnets: None,
            private_subnets: None,
        }
    }

    /// The logical id of the network that the stack makes; that of nothing for one that exists.
    pub fn logical_id(&self) -> LogicalId {
        format!("{}Vpc", self.identity.made().map(Name::stem).unwrap_or_default()).into()
    }

    /// Where its id was given, for a network that exists.
    pub(crate) fn id_origin(&self) -> Option<&Origin> {
        match &self.identity {
            Identity::Made(_) => None,
            Identity::Existing(id) => Some(&id.origin),
        }
    }

    /// The network's id.
    pub fn id(&self) -> Text {
        match &self.identity {
            Identity::Made(_) => Ref::to(self.logical_id()).into(),
            Identity::Existing(id) => id.value.clone(),
        }
    }
}
