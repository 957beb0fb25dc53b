//! Automatic failover of caches without a node to fail over to, in each branch of the template's conditions.
//!
//! Source: `NumCacheClusters` of `CreateReplicationGroup`, `ElastiCache` API ("if `AutomaticFailoverEnabled` is `true`, the value of
//! this parameter must be at least 2"); `MultiAZEnabled` of `AWS::ElastiCache::ReplicationGroup` (failover must be enabled).

use super::condition_logic::Possibility;
use super::context::{Branch, CheckContext, ResourceEntry, is_true};
use crate::cfn::Value;
use crate::diag::{Code, Diagnostic, Sink};

const GROUP: &str = "AWS::ElastiCache::ReplicationGroup";
const FAILOVER: &str = "AutomaticFailoverEnabled";
const NODES: &str = "NumCacheClusters";
const ZONES: &str = "MultiAZEnabled";

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for group in scope.all(GROUP) {
        let is_sharded =
            ["ClusterMode", "GlobalReplicationGroupId", "NodeGroupConfiguration", "NumNodeGroups", "PrimaryClusterId"]
                .iter()
                .any(|name| group.has(name));
        if !is_sharded {
            sink.extend(too_few_nodes(group, scope));
        }
        sink.extend(zones_without_failover(group, scope));
    }
}

/// Returns the first pair of values of two properties that are not accepted together and may exist together.
fn pair<'a>(
    group: ResourceEntry<'a>,
    scope: &CheckContext<'a>,
    (first, is_first): (&str, fn(&Value) -> bool),
    (second, is_second): (&str, fn(&Value) -> bool),
) -> Option<(Branch<'a>, Branch<'a>)> {
    let of = |path: &str, is_it: fn(&Value) -> bool| -> Vec<Branch<'a>> {
        group.branches(path).into_iter().filter(|branch| branch.value.is_some_and(is_it)).collect()
    };
    let seconds = of(second, is_second);
    let condition = group.resource.condition.as_deref();
    of(first, is_first).into_iter().find_map(|one| {
        let may_meet = |other: &&Branch<'a>| {
            let all: Vec<(&str, bool)> = condition
                .map(|name| (name, true))
                .into_iter()
                .chain(one.assumptions.iter().copied())
                .chain(other.assumptions.iter().copied())
                .collect();
            scope.possibility(&all) == Possibility::Possible
        };
        seconds.iter().find(may_meet).cloned().map(|other| (one.clone(), other))
    })
}

fn too_few_nodes(group: ResourceEntry<'_>, scope: &CheckContext<'_>) -> Option<Diagnostic> {
    let is_one =
        |value: &Value| value.as_int().or_else(|| value.as_str()?.parse().ok()).is_some_and(|nodes: i64| nodes < 2);
    let (_, nodes) = pair(group, scope, (FAILOVER, is_true), (NODES, is_one))?;
    let message = format!("automatic failover of `{}` needs at least two nodes{}", group.id, condition(&nodes));
    let problem = group.error(Code::CacheFailover, NODES, message).at(group.origin(FAILOVER), "enabled here");
    Some(problem.help(format!("set `{NODES}` to 2 or more, or `{FAILOVER}` to false in the same case")))
}

fn zones_without_failover(group: ResourceEntry<'_>, scope: &CheckContext<'_>) -> Option<Diagnostic> {
    let is_false = |value: &Value| {
        *value == Value::Bool(false) || value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("false"))
    };
    let (_, failover) = pair(group, scope, (ZONES, is_true), (FAILOVER, is_false))?;
    let message = format!("`{}` is in several zones without automatic failover{}", group.id, condition(&failover));
    let problem = group.error(Code::CacheFailover, FAILOVER, message).at(group.origin(ZONES), "several zones");
    Some(problem.help(format!("set `{FAILOVER}: true`")))
}

/// Returns when a branch is used, after a comma.
fn condition(branch: &Branch<'_>) -> String {
    let names: Vec<String> = branch
        .assumptions
        .iter()
        .map(|(name, holds)| if *holds { format!("`{name}` holds") } else { format!("`{name}` does not hold") })
        .collect();
    if names.is_empty() { String::new() } else { format!(", if {}", names.join(" and ")) }
}
