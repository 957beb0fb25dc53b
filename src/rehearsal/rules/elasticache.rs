//! Amazon `ElastiCache`: caches and their subnet groups.

use std::cmp::Ordering;

use super::versions::compare;
use super::view::{AccountView, Existing};
use super::{CHANGES, DELETION, Intent, Refusal, Rule, Subject};
use crate::cfn::type_names::{SECURITY_GROUP, SUBNET};
use crate::rehearsal::property_access::{boolean, number, strings, text};

const SUBNET_GROUP: &str = "AWS::ElastiCache::SubnetGroup";
const REPLICATION_GROUP: &str = "AWS::ElastiCache::ReplicationGroup";
const CACHE_CLUSTER: &str = "AWS::ElastiCache::CacheCluster";

pub(super) const RULES: &[Rule] = &[
    Rule { kind: SUBNET_GROUP, intents: CHANGES, check: subnets_of_several_vpcs },
    Rule { kind: SUBNET_GROUP, intents: DELETION, check: subnet_group_in_use },
    Rule { kind: REPLICATION_GROUP, intents: CHANGES, check: failover_without_replica },
    Rule { kind: REPLICATION_GROUP, intents: CHANGES, check: zones_without_failover },
    Rule { kind: REPLICATION_GROUP, intents: &[Intent::Update], check: older_version },
    Rule { kind: REPLICATION_GROUP, intents: CHANGES, check: invalid_token },
    Rule { kind: REPLICATION_GROUP, intents: CHANGES, check: security_group_of_another_vpc },
    Rule { kind: CACHE_CLUSTER, intents: CHANGES, check: several_redis_nodes },
    Rule { kind: CACHE_CLUSTER, intents: &[Intent::Update], check: older_version },
    Rule { kind: CACHE_CLUSTER, intents: CHANGES, check: security_group_of_another_vpc },
];

/// Returns a refusal of the service.
fn refuse(error: &'static str, handler: &'static str, text: impl Into<String>) -> Refusal {
    Refusal::new("ElastiCache", error, handler, text)
}

/// Refuses subnets of several VPCs (`InvalidSubnet` of `CreateCacheSubnetGroup`, `ElastiCache` API; the message is quoted in
/// floci-io/floci#2401).
fn subnets_of_several_vpcs(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let subnets = strings(subject.properties, "SubnetIds");
    let located: Vec<_> =
        subnets.iter().filter_map(|subnet| Some((subnet, view.find(SUBNET, subnet)?.text("VpcId")?))).collect();
    let (first, vpc) = located.first()?;
    let (other, _) = located.iter().find(|(_, other)| other != vpc)?;
    let text = format!("Subnets {first} and {other} are not in the same VPC.");
    Some(refuse("InvalidSubnet", "InvalidRequest", text))
}

/// Refuses the deletion of a subnet group that a cache uses (`CacheSubnetGroupInUse` of `DeleteCacheSubnetGroup`, `ElastiCache`
/// API; the message is quoted in aws-cdk#6935).
fn subnet_group_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let name = subject.physical_id?;
    let uses = |other: &&Existing<'_>| {
        matches!(other.kind, REPLICATION_GROUP | CACHE_CLUSTER)
            && other.text("CacheSubnetGroupName").is_some_and(|group| group.eq_ignore_ascii_case(name))
    };
    view.staying().find(uses)?;
    let text = format!("Cache subnet group {name} is currently in use by a cache cluster.");
    Some(refuse("CacheSubnetGroupInUse", "ResourceConflict", text))
}

/// Refuses automatic failover with one node (`AutomaticFailoverEnabled` and `NumCacheClusters` of `CreateReplicationGroup`,
/// `ElastiCache` API: "if `AutomaticFailoverEnabled` is `true`, the value of this parameter must be at least 2"; the message is quoted
/// in hashicorp/terraform#25077). Several shards, and a group that others replicate into, have other rules.
fn failover_without_replica(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    const SHARDS: [&str; 4] = ["ClusterMode", "GlobalReplicationGroupId", "NodeGroupConfiguration", "PrimaryClusterId"];
    let group = subject.properties.get("CacheParameterGroupName").is_some();
    let sharded = SHARDS.iter().any(|name| subject.properties.get(name).is_some());
    if sharded || number(subject.properties, "NumNodeGroups").is_some_and(|shards| shards != 1) {
        return None;
    }
    // A parameter group may enable shards, which may have no replicas.
    let replicas = number(subject.properties, "ReplicasPerNodeGroup").filter(|_| !group);
    let nodes = number(subject.properties, "NumCacheClusters").or(replicas.map(|replicas| replicas + 1))?;
    (boolean(subject.properties, "AutomaticFailoverEnabled") && nodes < 2).then(|| {
        let text = "When using automatic failover, there must be at least 2 cache clusters in the replication group.";
        refuse("InvalidParameterCombination", "InvalidRequest", text)
    })
}

/// Refuses several zones without automatic failover (`MultiAZEnabled` of `AWS::ElastiCache::ReplicationGroup`, CloudFormation user
/// guide; "Minimizing downtime by using Multi-AZ", user guide: failover must be enabled. The message is inferred.)
fn zones_without_failover(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let failover = text(subject.properties, "AutomaticFailoverEnabled");
    let disabled = failover.is_some_and(|failover| failover == "false");
    (disabled && boolean(subject.properties, "MultiAZEnabled")).then(|| {
        let text = "Automatic failover must be enabled for Multi-AZ replication groups.";
        refuse("InvalidParameterCombination", "InvalidRequest", text)
    })
}

/// Refuses an older version of the same engine (`EngineVersion` of `ModifyReplicationGroup` and `ModifyCacheCluster`, `ElastiCache`
/// API: "you can upgrade to a newer engine version, but you cannot downgrade to an earlier engine version". The message is
/// inferred.) Another engine is not compared.
fn older_version(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let before = subject.before?;
    let (own, previous) = (text(subject.properties, "EngineVersion")?, text(before, "EngineVersion")?);
    let engine = text(subject.properties, "Engine");
    (engine == text(before, "Engine") && compare(&own, &previous) == Ordering::Less).then(|| {
        let text = format!("Cannot downgrade the engine version from {previous} to {own}.");
        refuse("InvalidParameterValue", "InvalidRequest", text)
    })
}

/// Refuses a token without encryption in transit, or with another length (`AuthToken` of `CreateReplicationGroup`, `ElastiCache`
/// API: "`TransitEncryptionEnabled` must be true", 16 to 128 characters). References to secrets are not resolved.
fn invalid_token(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let token = text(subject.properties, "AuthToken")?;
    if !boolean(subject.properties, "TransitEncryptionEnabled") {
        let text = "The AUTH token is only supported when encryption-in-transit is enabled";
        return Some(refuse("InvalidParameterCombination", "InvalidRequest", text));
    }
    let known = !token.contains("{{resolve:");
    (known && !(16..=128).contains(&token.chars().count())).then(|| {
        let text = "Invalid AuthToken provided.";
        refuse("InvalidParameterValue", "InvalidRequest", text)
    })
}

/// Refuses several nodes of Redis outside a replication group (`NumCacheNodes` of `CreateCacheCluster`, `ElastiCache` API: "for
/// clusters running Valkey or Redis OSS, this value must be 1").
fn several_redis_nodes(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let engine = text(subject.properties, "Engine")?;
    let nodes = number(subject.properties, "NumCacheNodes")?;
    (matches!(engine.as_str(), "redis" | "valkey") && nodes > 1).then(|| {
        let text = format!("Cannot create a {engine} cluster with a NumCacheNodes parameter greater than 1.");
        refuse("InvalidParameterValue", "InvalidRequest", text)
    })
}

/// Refuses security groups of another VPC than the subnet group's (`InvalidParameterValue`, `ElastiCache` API: "Amazon VPC security
/// groups" of the VPC in which the cache is created).
fn security_group_of_another_vpc(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let group = view.find(SUBNET_GROUP, &text(subject.properties, "CacheSubnetGroupName")?)?;
    let own = strings(group.properties, "SubnetIds").iter().find_map(|id| view.find(SUBNET, id)?.text("VpcId"))?;
    let property = if subject.kind == CACHE_CLUSTER { "VpcSecurityGroupIds" } else { "SecurityGroupIds" };
    let groups = strings(subject.properties, property);
    let elsewhere = |group: &&String| {
        view.find(SECURITY_GROUP, group).and_then(|group| group.text("VpcId")).is_some_and(|other| other != own)
    };
    let group = groups.iter().find(elsewhere)?;
    let text = format!("Some security groups are not in the VPC {own} of the cache subnet group: [{group}].");
    Some(refuse("InvalidParameterValue", "InvalidRequest", text))
}
