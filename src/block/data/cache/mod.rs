//! A cache of `ElastiCache`.

mod checks;
mod lower;
mod offers;

use std::ops::RangeInclusive;
use std::rc::Rc;

use super::{part, security_group_id};
use crate::block::{Block, Flag, Name, Override, Vpc};
use crate::cfn::{LogicalId, Ref, TemplateString};
use crate::diag::WithOrigin;

/// The port of Valkey and Redis.
const PORT: i64 = 6379;
/// The port for reading of a serverless cache ("Best practices for using read replicas", `ElastiCache` user guide).
const READER_PORT: i64 = 6380;
const NODE_TYPE: &str = "cache.t4g.micro";
/// The engines with their versions unless set, which stay the same in later releases ("Engine versions and upgrading in
/// `ElastiCache`", user guide).
const ENGINES: [(&str, &str); 2] = [("valkey", "8.0"), ("redis", "7.1")];

/// A cache of `ElastiCache`.
#[derive(Debug, Clone, PartialEq)]
pub struct Cache {
    /// Its name.
    pub name: WithOrigin<Name>,
    /// `valkey` or `redis`.
    pub engine: Option<WithOrigin<String>>,
    /// The version of the engine.
    pub version: Option<WithOrigin<String>>,
    /// The type of its nodes.
    pub node_type: Option<WithOrigin<String>>,
    /// The number of nodes: one primary, the others replicas.
    pub nodes: Option<WithOrigin<i64>>,
    /// GB up to which a serverless cache grows.
    pub serverless: Option<WithOrigin<i64>>,
    /// Whether clients need a token.
    pub auth_token: Flag,
    /// Days that daily backups are kept, none unless set.
    pub backups: Option<WithOrigin<i64>>,
    /// The network; else that of the services that link it, or of its stack.
    pub vpc: Option<WithOrigin<Rc<Vpc>>>,
    /// The blocks that are created before it.
    pub depends_on: Vec<WithOrigin<Block>>,
    /// Properties merged into the resources it makes.
    pub overrides: Vec<WithOrigin<Override>>,
}

impl Cache {
    /// Creates a cache of this name.
    pub fn new(name: WithOrigin<Name>) -> Self {
        Self {
            name,
            engine: None,
            version: None,
            node_type: None,
            nodes: None,
            serverless: None,
            auth_token: None,
            backups: None,
            vpc: None,
            depends_on: Vec::new(),
            overrides: Vec::new(),
        }
    }

    /// Returns the logical id of the replication group, or of the serverless cache.
    pub fn logical_id(&self) -> LogicalId {
        part(&self.name, if self.serverless.is_some() { "ServerlessCache" } else { "Cache" })
    }

    fn secret_id(&self) -> LogicalId {
        part(&self.name, "CacheSecret")
    }

    fn subnet_group_id(&self) -> LogicalId {
        part(&self.name, "CacheSubnetGroup")
    }

    /// Returns the host of the primary node.
    pub fn host(&self) -> TemplateString {
        let attribute = if self.serverless.is_some() { "Endpoint.Address" } else { "PrimaryEndPoint.Address" };
        Ref::attribute(self.logical_id(), attribute).into()
    }

    /// Returns the host of the replicas.
    pub fn reader_host(&self) -> TemplateString {
        let attribute = if self.serverless.is_some() { "ReaderEndpoint.Address" } else { "ReaderEndPoint.Address" };
        Ref::attribute(self.logical_id(), attribute).into()
    }

    /// Returns its port.
    pub fn port(&self) -> TemplateString {
        let attribute = if self.serverless.is_some() { "Endpoint.Port" } else { "PrimaryEndPoint.Port" };
        Ref::attribute(self.logical_id(), attribute).into()
    }

    /// Returns the port for reading: a serverless cache has one of its own, at the same host.
    pub fn reader_port(&self) -> TemplateString {
        let attribute = if self.serverless.is_some() { "ReaderEndpoint.Port" } else { "ReaderEndPoint.Port" };
        Ref::attribute(self.logical_id(), attribute).into()
    }

    /// Returns the ports that clients connect to: clients of a serverless cache need both, because it answers as a cluster that
    /// names them.
    pub(crate) fn ports(&self) -> RangeInclusive<i64> {
        PORT..=if self.serverless.is_some() { READER_PORT } else { PORT }
    }

    /// Returns whether clients speak the protocol of a cluster to it: a serverless cache runs in cluster mode ("How
    /// `ElastiCache` works", `ElastiCache` user guide).
    pub(crate) fn is_in_cluster_mode(&self) -> bool {
        self.serverless.is_some()
    }

    /// Returns its URL, with TLS: `rediss://..`.
    pub fn url(&self) -> TemplateString {
        TemplateString::from("rediss://").join(self.host()).with(":").join(self.port())
    }

    /// Returns the ARN of the secret that holds the token, if clients need one.
    pub fn secret_arn(&self) -> Option<TemplateString> {
        self.auth_token.as_ref().map(|_| Ref::to(self.secret_id()).into())
    }

    /// Returns the identifier of the replication group or serverless cache.
    pub fn identifier(&self) -> TemplateString {
        Ref::to(self.logical_id()).into()
    }

    /// Returns the id of its security group.
    pub fn security_group_id(&self) -> TemplateString {
        security_group_id(&self.name, "Cache")
    }

    fn engine(&self) -> (&'static str, &'static str) {
        let named = self.engine.as_ref().and_then(|set| ENGINES.into_iter().find(|(name, _)| *name == set.value));
        named.unwrap_or(ENGINES[0])
    }

    fn version(&self) -> &str {
        self.version.as_ref().map_or(self.engine().1, |version| &version.value)
    }

    fn node_type(&self) -> &str {
        self.node_type.as_ref().map_or(NODE_TYPE, |kind| &kind.value)
    }

    fn node_count(&self) -> i64 {
        self.nodes.as_ref().map_or(1, |nodes| nodes.value)
    }
}
