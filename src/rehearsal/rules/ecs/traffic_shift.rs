//! Services whose deployments shift traffic: their target groups, rules and roles.
//!
//! Source: "Troubleshooting Amazon ECS blue/green deployments" (developer guide), which quotes some of the messages; the others are
//! inferred from the requirements of "Required resources for Amazon ECS blue/green deployments".

use serde_json::Value as Json;

use super::super::view::AccountView;
use super::super::{CHANGES, Refusal, Rule, Subject, access, elb, policy};
use super::invalid_parameter;
use crate::cfn::type_names::{LISTENER, LISTENER_RULE, LOAD_BALANCER, SERVICE, TARGET_GROUP};
use crate::rehearsal::property_access::{list, text};

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: SERVICE, intents: CHANGES, check: without_alternate_group },
    Rule { kind: SERVICE, intents: CHANGES, check: one_group_twice },
    Rule { kind: SERVICE, intents: CHANGES, check: listener_in_place_of_a_rule },
    Rule { kind: SERVICE, intents: CHANGES, check: one_rule_twice },
    Rule { kind: SERVICE, intents: CHANGES, check: rule_missing },
    Rule { kind: SERVICE, intents: CHANGES, check: group_without_the_rule },
    Rule { kind: SERVICE, intents: CHANGES, check: role_unusable },
];

/// Returns the load balancers of a service that shifts traffic, each with what ECS needs for it.
fn advanced<'s>(subject: &'s Subject<'_>) -> Vec<(&'s Json, Option<&'s Json>)> {
    let strategy = subject.properties.get("DeploymentConfiguration").and_then(|it| text(it, "Strategy"));
    if strategy.is_none_or(|strategy| strategy == "ROLLING") {
        return Vec::new();
    }
    list(subject.properties, "LoadBalancers").map(|it| (it, it.get("AdvancedConfiguration"))).collect()
}

/// Returns a property of what ECS needs for each load balancer.
fn of_each(subject: &Subject<'_>, name: &str) -> Vec<String> {
    advanced(subject).into_iter().filter_map(|(_, it)| text(it?, name)).collect()
}

/// Refuses a load balancer without a second target group or without a role.
fn without_alternate_group(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let needed = ["AlternateTargetGroupArn", "ProductionListenerRule", "RoleArn"];
    let lacks = |it: Option<&Json>| needed.into_iter().find(|name| it.and_then(|it| text(it, name)).is_none());
    let missing = advanced(subject).into_iter().find_map(|(_, it)| lacks(it))?;
    let name = missing[..1].to_lowercase() + &missing[1..];
    Some(invalid_parameter(format!(
        "advancedConfiguration.{name} is required for load balancers of a service with this deployment strategy."
    )))
}

/// Refuses a pair of one target group.
fn one_group_twice(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let is_same = |(balancer, it): (&Json, Option<&Json>)| {
        let group = text(balancer, "TargetGroupArn")?;
        (text(it?, "AlternateTargetGroupArn")? == group).then_some(group)
    };
    let group = advanced(subject).into_iter().find_map(is_same)?;
    Some(invalid_parameter(format!("targetGroupArn and alternateTargetGroupArn must not be the same. Got: {group}")))
}

/// Refuses a listener of an Application Load Balancer in place of one of its rules.
fn listener_in_place_of_a_rule(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let wrong = |name: &str| of_each(subject, name).into_iter().find(|arn| arn.contains(":listener/app/"));
    let names = [("ProductionListenerRule", "productionListenerRule"), ("TestListenerRule", "testListenerRule")];
    let (name, arn) = names.into_iter().find_map(|(name, shown)| Some((shown, wrong(name)?)))?;
    Some(invalid_parameter(format!(
        "{name} has an invalid ARN format. Must be RuleArn for ALB or ListenerArn for NLB. Got: {arn}"
    )))
}

/// Refuses one rule for users and for tests.
fn one_rule_twice(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let tests = of_each(subject, "TestListenerRule");
    let rule = of_each(subject, "ProductionListenerRule").into_iter().find(|rule| tests.contains(rule))?;
    Some(invalid_parameter(format!(
        "The following rules cannot be used as both production and test listener rules: {rule}"
    )))
}

/// Refuses a rule or listener that does not exist.
fn rule_missing(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let all = ["ProductionListenerRule", "TestListenerRule"].into_iter().flat_map(|name| of_each(subject, name));
    let exists = |arn: &String| view.find(LISTENER_RULE, arn).is_some() || view.find(LISTENER, arn).is_some();
    let missing = all.into_iter().find(|arn| view.complete && is_of_known_balancer(view, arn) && !exists(arn))?;
    Some(invalid_parameter(format!("The specified listener rule does not exist: {missing}")))
}

/// Returns whether the ARN of a rule or listener is that of a load balancer of the account.
fn is_of_known_balancer(view: &AccountView<'_>, arn: &str) -> bool {
    let parts: Vec<&str> = arn.split('/').take(4).collect();
    let [_, kind, name, id] = parts.as_slice() else { return false };
    let end = format!(":loadbalancer/{kind}/{name}/{id}");
    view.of(LOAD_BALANCER).any(|it| it.physical_id.is_some_and(|arn| arn.ends_with(&end)))
}

/// Refuses target groups that neither the rule for users nor the one for tests forwards to.
fn group_without_the_rule(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let lacks = |(balancer, it): (&Json, Option<&Json>)| {
        let it = it?;
        let rules = ["ProductionListenerRule", "TestListenerRule"].into_iter().filter_map(|name| text(it, name));
        let forwards: Vec<String> = rules
            .filter_map(|arn| view.find(LISTENER_RULE, &arn).or_else(|| view.find(LISTENER, &arn)))
            .flat_map(|user| elb::forwards_to(user.kind, user.properties))
            .collect();
        let groups = [text(balancer, "TargetGroupArn")?, text(it, "AlternateTargetGroupArn")?];
        let is_known = |group: &String| view.find(TARGET_GROUP, group).is_some();
        groups.iter().any(|group| is_known(group) && !forwards.contains(group)).then_some(())
    };
    advanced(subject).into_iter().find_map(lacks).filter(|()| view.complete)?;
    let text = "Both targetGroup and alternateTargetGroup must be associated with the productionListenerRule or \
                testListenerRule.";
    Some(invalid_parameter(text.to_owned()))
}

/// Refuses a role that ECS cannot assume, or that may not change rules ("Amazon ECS infrastructure IAM role for load balancers").
fn role_unusable(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let roles = of_each(subject, "RoleArn");
    if let Some(role) = roles.iter().find(|role| policy::is_closed_to(view, role, "ecs.amazonaws.com")) {
        return Some(invalid_parameter(format!(
            "Unable to assume the role {role}. Please verify that the ECS service can assume it."
        )));
    }
    let may_not = |role: &&String| {
        let allowed = policy::role(view, role)
            .and_then(|found| access::role_allows(view, found, "elasticloadbalancing:ModifyRule", "*"));
        allowed == Some(false)
    };
    let role = roles.iter().find(may_not)?;
    Some(invalid_parameter(format!("The role {role} is not authorized to perform: elasticloadbalancing:ModifyRule")))
}
