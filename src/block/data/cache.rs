use std::rc::Rc;

use super::network::{self, Placement};
use super::{group_id, out_of_range, part, security_group_id};
use crate::block::kind::{BlockKind, named_block};
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::range_checks::within;
use crate::block::{Block, Flag, Name, Override, Vpc};
use crate::cfn;
use crate::cfn::type_names::{REPLICATION_GROUP, SECRET, SERVERLESS_CACHE};
use crate::cfn::{LogicalId, Ref, Resource, TemplateString};
use crate::diag::{Code, Diagnostic, WithOrigin, did_you_mean};

/// The port of Valkey and Redis.
pub(crate) const PORT: i64 = 6379;
const NODE_TYPE: &str = "cache.t4g.micro";
const TOKEN_LENGTH: i64 = 64;
/// The engines with their versions unless set, which stay the same in later releases ("Engine versions and upgrading in
/// `ElastiCache`", user guide).
const ENGINES: [(&str, &str); 2] = [("valkey", "8.0"), ("redis", "7.1")];
/// The longest name of a serverless cache (`ServerlessCacheName` of `CreateServerlessCache`, `ElastiCache` API).
const LONGEST_NAME: usize = 40;

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

    fn node_count(&self) -> i64 {
        self.nodes.as_ref().map_or(1, |nodes| nodes.value)
    }

    fn problems(&self) -> Vec<Diagnostic> {
        let unknown = self.engine.as_ref().filter(|set| !ENGINES.iter().any(|(name, _)| *name == set.value));
        let unknown = unknown.map(|set| {
            Diagnostic::new(Code::DataSetting, format!("a `Cache` has no engine `{}`", set.value))
                .at(&set.origin, "")
                .help_if(did_you_mean(&set.value, ENGINES.map(|(name, _)| name)))
                .help("use `valkey` or `redis`")
        });
        // One primary and up to five replicas (`NumCacheClusters` of `CreateReplicationGroup`, `ElastiCache` API).
        let nodes = out_of_range(self.nodes.as_ref(), 1..=6, ("the number of nodes", ""));
        let backups = out_of_range(self.backups.as_ref(), 0..=35, ("the retention of backups", "days"));
        let limit = self.serverless.as_ref();
        let limit = limit.and_then(|set| within(set, 1..=5_000, Code::DataSetting, "the size of a cache", "GB"));
        let unused = [
            ("nodes", self.nodes.as_ref().map(|set| &set.origin)),
            ("node_type", self.node_type.as_ref().map(|set| &set.origin)),
            ("auth_token", self.auth_token.as_ref().map(|set| &set.origin)),
        ];
        let unused = unused.into_iter().filter_map(|(name, origin)| {
            let serverless = self.serverless.as_ref()?;
            Some(
                Diagnostic::new(Code::DataSetting, format!("`.{name}` has no effect on a serverless cache"))
                    .at(origin?, "")
                    .at(&serverless.origin, "serverless here")
                    .help("leave one of the two out"),
            )
        });
        unknown.into_iter().chain(nodes).chain(backups).chain(limit).chain(unused).collect()
    }

    fn token(&self, lowering: &mut Lowering<'_>) {
        let Some(set) = &self.auth_token else { return };
        let generated = cfn!({ "ExcludePunctuation": true, "PasswordLength": TOKEN_LENGTH });
        let secret = Resource::new(SECRET, set.origin.clone())
            .with("Description", format!("Token of the cache {}", self.name.value))
            .with("GenerateSecretString", generated);
        lowering.add(self.secret_id(), secret);
    }

    fn group(&self, place: &Placement, lowering: &mut Lowering<'_>) {
        let subnets = Resource::new("AWS::ElastiCache::SubnetGroup", self.name.origin.clone())
            .with("Description", format!("Subnets of the cache {}", self.name.value));
        lowering.add(self.subnet_group_id(), place.put_subnets("SubnetIds", subnets));
        let token = || TemplateString::from("{{resolve:secretsmanager:").with(Ref::to(self.secret_id())).with("}}");
        let is_several = self.node_count() > 1;
        let group = Resource::new(REPLICATION_GROUP, self.name.origin.clone())
            .with("ReplicationGroupDescription", format!("The cache {}", self.name.value))
            .with("Engine", self.engine().0)
            .with_origin("Engine", &self.engine)
            .with("EngineVersion", self.version())
            .with_origin("EngineVersion", &self.version)
            .set_or("CacheNodeType", &self.node_type, NODE_TYPE, String::clone)
            .with("NumCacheClusters", self.node_count())
            .with_origin("NumCacheClusters", &self.nodes)
            .with("AutomaticFailoverEnabled", is_several)
            .with("MultiAZEnabled", is_several)
            .with("AtRestEncryptionEnabled", true)
            .with("TransitEncryptionEnabled", true)
            .set("AuthToken", &self.auth_token, |()| token())
            .set("SnapshotRetentionLimit", &self.backups, |days| *days)
            .with("CacheSubnetGroupName", Ref::to(self.subnet_group_id()))
            .with("SecurityGroupIds", cfn!([self.security_group_id()]));
        lowering.add(self.logical_id(), group);
    }

    fn serverless(&self, limit: &WithOrigin<i64>, place: &Placement, lowering: &mut Lowering<'_>) {
        let major = self.version().split('.').next().unwrap_or_default();
        let storage = cfn!({ "DataStorage": cfn!({ "Maximum": limit.value, "Unit": "GB" }) });
        let cache = Resource::new(SERVERLESS_CACHE, self.name.origin.clone())
            .with("ServerlessCacheName", self.serverless_name(lowering.stack))
            .with("Engine", self.engine().0)
            .with_origin("Engine", &self.engine)
            .with("MajorEngineVersion", major)
            .with_origin("MajorEngineVersion", &self.version)
            .with("CacheUsageLimits", storage)
            .with_origin("CacheUsageLimits", limit)
            .set("SnapshotRetentionLimit", &self.backups, |days| *days)
            .with("SecurityGroupIds", cfn!([self.security_group_id()]));
        lowering.add(self.logical_id(), place.put_subnets("SubnetIds", cache));
    }

    /// Returns the physical name, which a serverless cache must have: that of the stack and its own.
    fn serverless_name(&self, stack: &str) -> String {
        let name: String = format!("{stack}-{}", self.name.value).to_lowercase().chars().take(LONGEST_NAME).collect();
        name.trim_end_matches('-').to_owned()
    }
}

impl BlockKind for Cache {
    named_block!();

    fn logical_ids(&self) -> Vec<LogicalId> {
        let secret = self.auth_token.as_ref().map(|_| self.secret_id());
        let group = group_id(&self.name, "Cache");
        std::iter::once(self.logical_id()).chain(secret).chain([group]).collect()
    }

    fn reference(&self) -> TemplateString {
        self.identifier()
    }

    fn lower(self: &Rc<Self>, lowering: &mut Lowering<'_>) {
        lowering.report_all(self.problems());
        let Some(place) = network::place(&Block::Cache(self.clone()), &self.name, lowering) else { return };
        network::add_group(&self.name, "Cache", &place.vpc, lowering);
        match &self.serverless {
            Some(limit) => self.serverless(limit, &place, lowering),
            None => {
                let needs_zones = self.node_count() > 1;
                lowering.report_all(place.one_zone(&self.name, "a cache with replicas").filter(|_| needs_zones));
                self.token(lowering);
                self.group(&place, lowering);
            }
        }
    }
}
