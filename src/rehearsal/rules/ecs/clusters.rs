//! Clusters and their capacity providers.

use super::super::view::{AccountView, Existing};
use super::super::{DELETION, Intent, Refusal, Rule, Subject};
use super::{ASSOCIATIONS, last_segment, refuse};
use crate::cfn::type_names::{CLUSTER, SERVICE};
use crate::rehearsal::property_access::{list, strings, text};

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: CLUSTER, intents: DELETION, check: services_in_cluster },
    Rule { kind: ASSOCIATIONS, intents: &[Intent::Update, Intent::Delete], check: capacity_provider_in_use },
];

/// Refuses the deletion of a cluster with services (`ClusterContainsServicesException` of `DeleteCluster`, ECS API).
fn services_in_cluster(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let cluster = subject.physical_id?;
    view.staying().find(|other| runs_in(other, cluster))?;
    let text = "The Cluster cannot be deleted while Services are active.";
    Some(refuse("ClusterContainsServicesException", "ResourceConflict", text.to_owned()))
}

/// Refuses to remove a capacity provider that a service uses (`ResourceInUseException` of `PutClusterCapacityProviders`, ECS API).
fn capacity_provider_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let cluster = text(subject.properties, "Cluster")?;
    let left = match subject.intent {
        Intent::Delete => Vec::new(),
        _ => strings(subject.properties, "CapacityProviders"),
    };
    let removed = |provider: &String| !left.contains(provider);
    let uses = |other: &Existing<'_>| {
        let strategy = list(other.properties, "CapacityProviderStrategy");
        strategy.filter_map(|it| text(it, "CapacityProvider")).any(|provider| removed(&provider))
    };
    view.staying().find(|other| runs_in(other, &cluster) && uses(other))?;
    let text = "The specified capacity provider is in use and cannot be removed.";
    Some(refuse("ResourceInUseException", "ResourceConflict", text.to_owned()))
}

/// Returns whether a resource is a service in a cluster.
fn runs_in(other: &Existing<'_>, cluster: &str) -> bool {
    other.kind == SERVICE && other.text("Cluster").is_some_and(|it| last_segment(&it) == last_segment(cluster))
}
