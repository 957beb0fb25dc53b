//! Application Auto Scaling: scalable targets and scaling policies of ECS services.

use super::view::{AccountView, Existing};
use super::{CHANGES, CREATION, Refusal, Rule, Subject};
use crate::cfn::type_names::{CLUSTER, SCALABLE_TARGET, SCALING_POLICY, SERVICE};
use crate::rehearsal::property_access::{number, text};

pub(super) const RULES: &[Rule] = &[
    Rule { kind: SCALABLE_TARGET, intents: CHANGES, check: bounds_exchanged },
    Rule { kind: SCALABLE_TARGET, intents: CREATION, check: service_missing },
    Rule { kind: SCALING_POLICY, intents: CREATION, check: target_missing },
];

/// Returns a refusal of the service.
fn refuse(error: &'static str, handler: &'static str, text: String) -> Refusal {
    Refusal { service: "ApplicationAutoScaling", status: 400, error, handler, text }
}

/// Refuses a maximum below the minimum (`MaxCapacity` of `RegisterScalableTarget`, Application Auto Scaling API).
fn bounds_exchanged(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let minimum = number(subject.properties, "MinCapacity")?;
    let maximum = number(subject.properties, "MaxCapacity")?;
    let text = "Maximum capacity cannot be less than minimum capacity".to_owned();
    (maximum < minimum).then(|| refuse("ValidationException", "InvalidRequest", text))
}

/// Refuses a target whose service does not exist (`ValidationException` of `RegisterScalableTarget`, Application Auto Scaling
/// API). Only services in clusters of the account are known.
fn service_missing(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let resource = text(subject.properties, "ResourceId").filter(|_| view.complete)?;
    let (cluster, _) = resource.strip_prefix("service/")?.split_once('/')?;
    view.find(CLUSTER, cluster)?;
    let is_service = |it: &Existing<'_>| it.physical_id.is_some_and(|arn| arn.ends_with(&format!(":{resource}")));
    let exists = view.of(SERVICE).any(is_service);
    (!exists).then(|| refuse("ValidationException", "InvalidRequest", format!("ECS service doesn't exist: {resource}")))
}

/// Refuses a policy without its target (`ObjectNotFoundException` of `PutScalingPolicy`, Application Auto Scaling API).
fn target_missing(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let resource = text(subject.properties, "ResourceId").filter(|_| view.complete)?;
    let namespace = text(subject.properties, "ServiceNamespace")?;
    let dimension = text(subject.properties, "ScalableDimension")?;
    let is_target = |it: &Existing<'_>| it.has("ResourceId", &resource) && it.has("ScalableDimension", &dimension);
    let known = resource.strip_prefix("service/").and_then(|rest| view.find(CLUSTER, rest.split('/').next()?));
    let missing = known.is_some() && !view.of(SCALABLE_TARGET).any(is_target);
    missing.then(|| {
        let text = format!(
            "No scalable target registered for service namespace: {namespace}, resource ID: {resource}, scalable \
             dimension: {dimension}"
        );
        refuse("ObjectNotFoundException", "NotFound", text)
    })
}
