//! Cloud Control API: the resources of all stacks with their resolved properties.

use serde_json::{Value as Json, json};

use super::Account;
use crate::cfn::type_names::{LISTENER, LISTENER_RULE, SCALABLE_TARGET, TARGET_GROUP};
use crate::deploy::api::{AwsError, Clock, CloudControl};
use crate::rehearsal::Rehearsal;
use crate::rehearsal::state::ResourceState;

const SCALING_POLICY: &str = "AWS::ApplicationAutoScaling::ScalingPolicy";

/// The parts of the identifier of a scalable target, which AWS returns with its policies, too.
const TARGET_PARTS: [&str; 3] = ["ResourceId", "ScalableDimension", "ServiceNamespace"];

impl<K: Clock> CloudControl for Rehearsal<K> {
    async fn live_resource(&self, kind: &str, identifier: &str) -> Result<Option<Json>, AwsError> {
        Ok(self.with_account(|account| {
            let found = account.resources_of(&self.region, kind).find(|resource| is_named(resource, identifier))?;
            Some(account.described(&self.region, found))
        }))
    }

    async fn live_identifiers(&self, kind: &str, parent: &Json) -> Result<Vec<String>, AwsError> {
        Ok(self.with_account(|account| {
            let has_parent = |resource: &&ResourceState| {
                let properties = account.described(&self.region, resource);
                parent.as_object().into_iter().flatten().all(|(key, value)| properties[key] == *value)
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

    /// Returns the properties of a resource, with those that AWS adds.
    fn described(&self, region: &str, resource: &ResourceState) -> Json {
        let mut properties = resource.properties.clone();
        let id = resource.physical_id.as_deref().unwrap_or_default();
        if resource.kind == TARGET_GROUP {
            properties["LoadBalancerArns"] = json!(self.balancers_of(region, id));
        }
        if resource.kind == SCALING_POLICY {
            let target = properties["ScalingTargetId"].as_str().unwrap_or_default().to_owned();
            let mut targets = self.resources_of(region, SCALABLE_TARGET);
            if let Some(target) = targets.find(|known| known.physical_id.as_deref() == Some(&*target)) {
                TARGET_PARTS.iter().for_each(|part| properties[*part] = target.properties[*part].clone());
            }
        }
        properties
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

/// Returns whether an identifier is that of a resource: its id, alone or as the first of several parts, or the parts that name it.
fn is_named(resource: &ResourceState, identifier: &str) -> bool {
    let id = resource.physical_id.as_deref().unwrap_or_default();
    if resource.kind == SCALABLE_TARGET {
        let parts = TARGET_PARTS.map(|part| resource.properties[part].as_str().unwrap_or_default());
        return parts.join("|") == identifier;
    }
    id == identifier || identifier.split('|').next() == Some(id)
}
