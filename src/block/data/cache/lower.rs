//! The resources of a cache.

use std::rc::Rc;

use super::Cache;
use crate::block::Block;
use crate::block::data::group_id;
use crate::block::data::network::{self, Placement};
use crate::block::kind::{BlockKind, named_block};
use crate::block::lowering::{Lowering, SetProperty};
use crate::cfn;
use crate::cfn::hash::{FNV_OFFSET, fnv1a};
use crate::cfn::type_names::{REPLICATION_GROUP, SECRET, SERVERLESS_CACHE};
use crate::cfn::{LogicalId, Ref, Resource, TemplateString};
use crate::diag::WithOrigin;

const TOKEN_LENGTH: i64 = 64;
/// The longest name of a serverless cache (`ServerlessCacheName` of `CreateServerlessCache`, `ElastiCache` API).
const LONGEST_NAME: usize = 40;
/// The digits that distinguish names which are cut.
const DIGITS: usize = 6;

impl Cache {
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
            .with("CacheNodeType", self.node_type())
            .with_origin("CacheNodeType", &self.node_type)
            .with_some("DataTieringEnabled", self.has_data_tiering().then_some(true))
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

    /// Returns the physical name, which a serverless cache must have: that of the stack and its own. A name that is too long is
    /// cut, and ends with digits that follow from the whole one.
    fn serverless_name(&self, stack: &str) -> String {
        let whole = format!("{stack}-{}", self.name.value).to_lowercase();
        let words: Vec<&str> = whole.split('-').filter(|word| !word.is_empty()).collect();
        let name = words.join("-");
        if name.len() <= LONGEST_NAME {
            return name;
        }
        let start: String = name.chars().take(LONGEST_NAME - DIGITS - 1).collect();
        let digits = format!("{:016x}", fnv1a(FNV_OFFSET, whole.bytes()));
        format!("{}-{}", start.trim_end_matches('-'), &digits[..DIGITS])
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
