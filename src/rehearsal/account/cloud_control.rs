//! Cloud Control API: the resources of all stacks with their resolved properties.

use serde_json::{Value as Json, json};

use super::Account;
use crate::cfn::type_names::{LISTENER, LISTENER_RULE, TARGET_GROUP};
use crate::deploy::api::{AwsError, Clock, CloudControl};
use crate::rehearsal::Rehearsal;
use crate::rehearsal::state::ResourceState;

impl<K: Clock> CloudControl for Rehearsal<K> {
    async fn live_resource(&self, kind: &str, identifier: &str) -> Result<Option<Json>, AwsError> {
        Ok(self.with_account(|account| {
            let found = account.resources_of(&self.region, kind).find(|resource| is_named(resource, identifier))?;
            let mut properties = found.properties.clone();
            if kind == TARGET_GROUP {
                properties["LoadBalancerArns"] = json!(account.balancers_of(&self.region, identifier));
            }
            Some(properties)
        }))
    }

    async fn live_identifiers(&self, kind: &str, parent: &Json) -> Result<Vec<String>, AwsError> {
        Ok(self.with_account(|account| {
            let has_parent = |resource: &&ResourceState| {
                parent.as_object().into_iter().flatten().all(|(key, value)| resource.properties[key] == *value)
            };
            let found = account.resources_of(&self.region, kind).filter(has_parent);
            found.filter_map(|resource| resource.physical_id.clone()).collect()
        }))
    }
}

impl Account {
    fn resources_of<'a>(&'a self, region: &'a str, kind: &'a str) -> impl Iterator<Item = &'a ResourceState> {
        let stacks = self.state.stacks.iter().filter(move |stack| stack.region == region);
        stacks.flat_map(|stack| stack.resources.values()).filter(move |resource| resource.kind == kind)
    }

    /// Returns the load balancers whose listeners and rules send requests to a target group: ELB returns them with the group.
    fn balancers_of(&self, region: &str, target_group: &str) -> Vec<Json> {
        let sends = |actions: &Json| actions.to_string().contains(target_group);
        let listeners = || self.resources_of(region, LISTENER);
        let of_rules = self.resources_of(region, LISTENER_RULE).filter(|rule| sends(&rule.properties["Actions"]));
        let of_rules = of_rules.filter_map(|rule| {
            let listener = rule.properties["ListenerArn"].as_str()?;
            listeners().find(|known| known.physical_id.as_deref() == Some(listener))
        });
        let serving = listeners().filter(|listener| sends(&listener.properties["DefaultActions"]));
        let mut found: Vec<Json> = Vec::new();
        for listener in serving.chain(of_rules) {
            let balancer = &listener.properties["LoadBalancerArn"];
            if !found.contains(balancer) {
                found.push(balancer.clone());
            }
        }
        found
    }
}

/// Returns whether an identifier is that of a resource: its id, alone or as the first of several parts.
fn is_named(resource: &ResourceState, identifier: &str) -> bool {
    let id = resource.physical_id.as_deref().unwrap_or_default();
    id == identifier || identifier.split('|').next() == Some(id)
}
