use serde::{Deserialize, Serialize};

use super::PlannedChange;
use crate::cfn::type_names::SERVICE;
use crate::cfn::{Resource, Template, Value};
use crate::deploy::api::Action;

/// A listener or rule whose weights ECS has set in deployments of a service, and that this deployment changes: CloudFormation sets
/// the weights of the template again, and requests fail if the other target group has the tasks (aws/aws-cdk#36649).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TrafficReset {
    /// The logical id of the service.
    pub service: String,
    /// The logical id of the listener or rule.
    pub listener: String,
}

/// Returns the listeners and rules whose weights a plan sets back: those of services that shift traffic now, and stay.
pub(super) fn traffic_resets(before: &Template, after: &Template, changes: &[PlannedChange]) -> Vec<TrafficReset> {
    let mut found = Vec::new();
    for (id, service) in &before.resources {
        if service.kind.as_str() != SERVICE || !after.resources.contains_key(id) {
            continue;
        }
        for listener in production_rules(service) {
            let is_set_back = |change: &PlannedChange| change.logical_id == listener && change.action != Action::Add;
            if changes.iter().any(is_set_back) {
                found.push(TrafficReset { service: id.to_string(), listener });
            }
        }
    }
    found
}

/// Returns the logical ids of the listeners and rules whose weights ECS changes.
fn production_rules(service: &Resource) -> Vec<String> {
    let balancers = service.properties.get("LoadBalancers").and_then(Value::as_list).unwrap_or_default();
    let mut rules = Vec::new();
    for balancer in balancers {
        let rule = balancer.get("AdvancedConfiguration").and_then(|it| it.get("ProductionListenerRule"));
        if let Some(rule) = rule {
            rule.each_ref(&mut |reference| rules.push(reference.id.to_string()));
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use crate::cfn::parse;
    use crate::cfn::schema::Schema;
    use crate::deploy::plan::plan_against;
    use crate::testing::harness::stack;

    const WEB: &str = "Resources:
  Rule:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties: {ListenerArn: arn, Priority: 7, Conditions: [], Actions: []}
  Web:
    Type: AWS::ECS::Service
    Properties:
      DesiredCount: 2
      LoadBalancers: [{ContainerName: web, AdvancedConfiguration: {ProductionListenerRule: !Ref Rule}}]
";

    fn resets(before: &str, after: &str) -> Vec<(String, String)> {
        let before = parse::template("before.yaml", before).value.expect("a template");
        let plan = plan_against(&before, &stack("web", after), Some(Schema::embedded()));
        plan.traffic_resets.into_iter().map(|reset| (reset.service, reset.listener)).collect()
    }

    #[test]
    fn changed_rule_of_a_service_that_shifts_traffic_is_a_reset() {
        let expected = vec![("Web".to_owned(), "Rule".to_owned())];
        assert_eq!(resets(WEB, &WEB.replace("Priority: 7", "Priority: 8")), expected);
        let rolling = WEB.replace(", AdvancedConfiguration: {ProductionListenerRule: !Ref Rule}", "");
        assert_eq!(resets(WEB, &rolling.replace("Priority: 7", "Priority: 8")), expected, "it shifted traffic before");
        let without_rule = &rolling[..rolling.find("  Rule").expect("the rule")];
        let web = &rolling[rolling.find("  Web").expect("the service")..];
        assert_eq!(resets(WEB, &format!("{without_rule}{web}")), expected, "the rule is removed");
    }

    #[test]
    fn other_changes_leave_the_traffic_alone() {
        assert_eq!(resets(WEB, &WEB.replace("DesiredCount: 2", "DesiredCount: 3")), []);
        assert_eq!(resets("Resources: {}", WEB), []);
        let rolling = WEB.replace(", AdvancedConfiguration: {ProductionListenerRule: !Ref Rule}", "");
        assert_eq!(resets(&rolling, &WEB.replace("Priority: 7", "Priority: 8")), [], "nothing was shifted yet");
    }
}
