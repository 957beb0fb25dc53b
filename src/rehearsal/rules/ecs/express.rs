//! Services of Express Mode.

use super::super::policy::is_closed_to;
use super::super::view::AccountView;
use super::super::{CHANGES, CREATION, Refusal, Rule, Subject};
use super::{capacity_providers, invalid_parameter, is_of};
use crate::cfn::type_names::{CLUSTER, EXPRESS_SERVICE, SUBNET};
use crate::rehearsal::property_access::{strings, text};

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: EXPRESS_SERVICE, intents: CHANGES, check: role_not_assumable },
    Rule { kind: EXPRESS_SERVICE, intents: CHANGES, check: subnets_in_one_zone },
    Rule { kind: EXPRESS_SERVICE, intents: CREATION, check: fargate_missing },
];

/// Refuses an infrastructure role that ECS cannot assume, and an execution role that tasks cannot ("Amazon ECS infrastructure IAM
/// role" and "Amazon ECS task execution IAM role", developer guide. The message is inferred.)
fn role_not_assumable(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    const ROLES: [(&str, &str); 2] =
        [("InfrastructureRoleArn", "ecs.amazonaws.com"), ("ExecutionRoleArn", "ecs-tasks.amazonaws.com")];
    let closed = |(property, service): (&str, &str)| {
        let role = text(subject.properties, property)?;
        is_closed_to(view, &role, service).then_some(role)
    };
    let role = ROLES.into_iter().find_map(closed)?;
    Some(invalid_parameter(format!(
        "Unable to assume the role '{role}'. Verify the trust relationship and the permissions of the role."
    )))
}

/// Refuses subnets in fewer than two zones ("Network configuration defaults" of Express Mode, developer guide: two public subnets in
/// two zones; "Availability Zones for your Application Load Balancer". The message is inferred.)
fn subnets_in_one_zone(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let network = subject.properties.get("NetworkConfiguration")?;
    let subnets = strings(network, "Subnets");
    let zone = |id: &String| view.find(SUBNET, id).and_then(|subnet| subnet.text("AvailabilityZone"));
    let mut zones: Vec<String> = subnets.iter().map(zone).collect::<Option<_>>()?;
    zones.sort();
    zones.dedup();
    (zones.len() == 1).then(|| {
        invalid_parameter("At least two subnets in two different Availability Zones must be specified".to_owned())
    })
}

/// Refuses a cluster of the account without the capacity provider FARGATE, which Express Mode uses ("Service defaults" of Express
/// Mode, developer guide; `capacityProviderStrategy` of `CreateService`, ECS API).
fn fargate_missing(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let cluster = text(subject.properties, "Cluster")?;
    let found = view.of(CLUSTER).find(|it| is_of(it, &cluster)).filter(|_| view.complete)?;
    let offers = capacity_providers(found, view).iter().any(|provider| provider == "FARGATE");
    (!offers).then(|| {
        invalid_parameter(
            "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the \
             cluster. Associate the capacity provider with the cluster and try again."
                .to_owned(),
        )
    })
}
