use serde::{Deserialize, Serialize};

use super::PlannedChange;
use crate::cfn::type_names::{LISTENER, LISTENER_RULE, SERVICE, TARGET_GROUP};
use crate::cfn::{Resource, Template, Value};
use crate::deploy::api::{Action, Replacement};

/// A time in which a listener forwards to a target group that has no tasks yet, so that it answers with 503.
///
/// CloudFormation changes the listener or rule first, because the service depends on it (a service needs a target group that
/// a load balancer uses, `CreateService` of the ECS API). The tasks are registered with the new target group afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Outage {
    /// The logical id of the service.
    pub service: String,
    /// The logical id of the listener or rule.
    pub listener: String,
    /// The logical id of the new target group.
    pub target_group: String,
}

/// Returns the outages of a plan: listeners that forward to tasks of a service now, and to a new target group of it then.
pub(super) fn outages(before: &Template, after: &Template, changes: &[PlannedChange]) -> Vec<Outage> {
    let is_new = |change: &&PlannedChange| {
        let created = change.action == Action::Add || change.replacement == Some(Replacement::True);
        change.kind == TARGET_GROUP && created
    };
    let new: Vec<&str> = changes.iter().filter(is_new).map(|change| change.logical_id.as_str()).collect();
    if new.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (id, service) in services(after) {
        let Some(old) = before.resources.get(id).filter(|_| rolls(service)) else { continue };
        let (had, has) = (target_groups(before, old), target_groups(after, service));
        for target_group in has.into_iter().filter(|id| new.contains(&id.as_str())) {
            let listener = listeners(after).find(|(listener, resource)| {
                let forwarded = before.resources.get(*listener).map(|old| target_groups(before, old));
                let served = forwarded.is_some_and(|groups| groups.iter().any(|group| had.contains(group)));
                served && target_groups(after, resource).contains(&target_group)
            });
            found.extend(listener.map(|(listener, _)| Outage {
                service: id.to_owned(),
                listener: listener.to_owned(),
                target_group,
            }));
        }
    }
    found
}

fn services(template: &Template) -> impl Iterator<Item = (&str, &Resource)> {
    let services = template.resources.iter().filter(|(_, resource)| resource.kind.as_str() == SERVICE);
    services.map(|(id, resource)| (id.as_str(), resource))
}

fn listeners(template: &Template) -> impl Iterator<Item = (&str, &Resource)> {
    let is_listener = |resource: &Resource| [LISTENER, LISTENER_RULE].contains(&resource.kind.as_str());
    let listeners = template.resources.iter().filter(move |(_, resource)| is_listener(resource));
    listeners.map(|(id, resource)| (id.as_str(), resource))
}

/// Returns whether new tasks replace old ones step by step; other strategies shift the traffic themselves.
fn rolls(service: &Resource) -> bool {
    let strategy = service.properties.get("DeploymentConfiguration").and_then(|it| it.get("Strategy"));
    strategy.is_none_or(|strategy| strategy.as_str() == Some("ROLLING"))
}

/// Returns the target groups that a resource refers to.
fn target_groups(template: &Template, resource: &Resource) -> Vec<String> {
    let mut found = Vec::new();
    let is_group = |id: &str| template.resources.get(id).is_some_and(|it| it.kind.as_str() == TARGET_GROUP);
    let values = ["LoadBalancers", "DefaultActions", "Actions"].map(|name| resource.properties.get(name));
    values.into_iter().flatten().for_each(|value: &Value| {
        value.each_ref(&mut |reference| {
            if is_group(reference.id.as_str()) && !found.contains(&reference.id.to_string()) {
                found.push(reference.id.to_string());
            }
        });
    });
    found
}

#[cfg(test)]
mod tests {
    use crate::cfn::parse;
    use crate::cfn::schema::Schema;
    use crate::deploy::plan::plan_against;
    use crate::testing::harness::stack;

    const WEB: &str = "Resources:
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {Port: 80, Protocol: HTTP, VpcId: vpc-1, TargetType: ip}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties: {DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]}
  Web:
    Type: AWS::ECS::Service
    Properties: {LoadBalancers: [{ContainerName: web, ContainerPort: 80, TargetGroupArn: !Ref Group}]}
";

    fn outages(before: &str, after: &str) -> Vec<(String, String)> {
        let before = parse::template("before.yaml", before).value.expect("a template");
        let plan = plan_against(&before, &stack("web", after), Some(Schema::embedded()));
        plan.outages.into_iter().map(|outage| (outage.listener, outage.target_group)).collect()
    }

    #[test]
    fn listener_that_turns_to_a_new_target_group_of_a_running_service_is_an_outage() {
        let expected = |group: &str| vec![("Listener".to_owned(), group.to_owned())];
        assert_eq!(outages(WEB, &WEB.replace("Port: 80, P", "Port: 9090, P")), expected("Group"), "it is replaced");
        let renamed = WEB.replace("  Group:", "  Group9090:").replace("!Ref Group", "!Ref Group9090");
        assert_eq!(outages(WEB, &renamed), expected("Group9090"));
    }

    #[test]
    fn new_service_other_change_and_blue_green_deployment_are_not_outages() {
        assert_eq!(outages("Resources: {}", WEB), []);
        assert_eq!(outages(WEB, &WEB.replace("TargetType: ip", "TargetType: ip, HealthCheckPath: /up")), []);
        let blue_green =
            WEB.replace("{LoadBalancers", "{DeploymentConfiguration: {Strategy: BLUE_GREEN}, LoadBalancers");
        assert_eq!(outages(&blue_green, &blue_green.replace("Port: 80, P", "Port: 9090, P")), []);
        let fixed = WEB.replace("{Type: forward, TargetGroupArn: !Ref Group}", "{Type: fixed-response}");
        assert_eq!(outages(&fixed, &WEB.replace("Port: 80, P", "Port: 9090, P")), [], "it did not forward before");
    }
}
