//! Listeners and their rules.

use super::super::view::{AccountView, Existing};
use super::super::{CHANGES, Intent, Refusal, Rule, Subject};
use super::{forwards_to, invalid_configuration, load_balancer_of, refuse, validation_error, vpcs};
use crate::cfn::type_names::{LISTENER, LISTENER_RULE, LOAD_BALANCER, TARGET_GROUP};
use crate::rehearsal::property_access::{list, text};

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: LISTENER, intents: CHANGES, check: port_in_use },
    Rule { kind: LISTENER, intents: CHANGES, check: certificate_missing },
    Rule { kind: LISTENER, intents: CHANGES, check: certificate_of_another_region },
    Rule { kind: LISTENER, intents: CHANGES, check: target_group_of_another_load_balancer },
    Rule { kind: LISTENER, intents: CHANGES, check: target_group_of_another_vpc },
    Rule { kind: LISTENER, intents: CHANGES, check: grpc_without_https },
    Rule { kind: LISTENER_RULE, intents: CHANGES, check: priority_in_use },
    Rule { kind: LISTENER_RULE, intents: CHANGES, check: target_group_of_another_load_balancer },
    Rule { kind: LISTENER_RULE, intents: CHANGES, check: target_group_of_another_vpc },
    Rule { kind: LISTENER_RULE, intents: CHANGES, check: grpc_without_https },
];

/// Refuses a second listener on a port (`DuplicateListener` of `CreateListener`, ELBv2 API; the messages are quoted in
/// hashicorp/terraform#26407 and aws-cdk#13901).
fn port_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let balancer = text(subject.properties, "LoadBalancerArn")?;
    let port = text(subject.properties, "Port")?;
    let same = |other: &Existing<'_>| other.has("LoadBalancerArn", &balancer) && other.has("Port", &port);
    view.others(LISTENER, subject).find(|other| same(other))?;
    Some(if subject.intent == Intent::Create {
        let text = format!("A listener already exists on this port for this load balancer '{balancer}'");
        refuse("DuplicateListener", "AlreadyExists", text)
    } else {
        validation_error(format!("Listener port '{port}' is already in use"))
    })
}

/// Refuses a priority that another rule of the listener has at this moment (`PriorityInUse` of `CreateRule` and
/// `SetRulePriorities`, ELBv2 API; the message is quoted in stelligent/mu#324).
fn priority_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let listener = text(subject.properties, "ListenerArn")?;
    let priority = text(subject.properties, "Priority")?;
    if subject.before.and_then(|before| text(before, "Priority")).as_ref() == Some(&priority) {
        return None;
    }
    let same = |other: &Existing<'_>| other.has("ListenerArn", &listener) && other.has("Priority", &priority);
    view.others(LISTENER_RULE, subject).find(|other| same(other))?;
    Some(refuse("PriorityInUse", "AlreadyExists", format!("Priority '{priority}' is currently in use")))
}

/// Refuses a target group that a listener or rule of another load balancer uses (`TargetGroupAssociationLimit` of
/// `CreateListener`, `CreateRule`, `ModifyListener` and `ModifyRule`, ELBv2 API).
fn target_group_of_another_load_balancer(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let own = load_balancer_of(subject.kind, subject.properties)?;
    let users: Vec<_> = view.others(LISTENER, subject).chain(view.others(LISTENER_RULE, subject)).collect();
    let elsewhere = |group: &String| {
        users.iter().any(|user| {
            load_balancer_of(user.kind, user.properties).is_some_and(|other| other != own)
                && forwards_to(user.kind, user.properties).contains(group)
        })
    };
    let shared: Vec<_> = forwards_to(subject.kind, subject.properties).into_iter().filter(elsewhere).collect();
    (!shared.is_empty()).then(|| {
        let groups = shared.join(", ");
        let text =
            format!("The following target groups cannot be associated with more than one load balancer: {groups}");
        refuse("TargetGroupAssociationLimit", "InvalidRequest", text)
    })
}

/// Refuses a target group of another VPC (`InvalidConfigurationRequest`, ELBv2 API; the message is quoted in
/// kubernetes-sigs/aws-load-balancer-controller#1045).
fn target_group_of_another_vpc(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let balancer = match subject.kind {
        LISTENER => text(subject.properties, "LoadBalancerArn")?,
        _ => listener(subject, view)?.text("LoadBalancerArn")?,
    };
    let vpcs = vpcs(view.find(LOAD_BALANCER, &balancer)?.properties, view);
    let [own] = vpcs.as_slice() else { return None };
    let elsewhere = |group: &String| {
        view.find(TARGET_GROUP, group).and_then(|group| group.text("VpcId")).is_some_and(|other| other != *own)
    };
    let group = forwards_to(subject.kind, subject.properties).into_iter().find(elsewhere)?;
    Some(invalid_configuration(format!("Target group '{group}' is in a different VPC than load balancer '{balancer}'")))
}

/// Refuses a gRPC target group behind an HTTP listener ("Protocol version" in "Target groups for your Application Load
/// Balancers", user guide: gRPC needs an HTTPS listener).
fn grpc_without_https(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let protocol = match subject.kind {
        LISTENER => text(subject.properties, "Protocol")?,
        _ => listener(subject, view)?.text("Protocol")?,
    };
    let grpc =
        |group: &String| view.find(TARGET_GROUP, group).is_some_and(|group| group.has("ProtocolVersion", "GRPC"));
    (protocol == "HTTP" && forwards_to(subject.kind, subject.properties).iter().any(grpc)).then(|| {
        invalid_configuration(
            "Listener protocol 'HTTP' is not supported with a target group with the protocol-version 'GRPC'".to_owned(),
        )
    })
}

/// Refuses an HTTPS listener without a certificate (`Certificates` of `CreateListener`, ELBv2 API; the message is quoted in
/// pulumi/pulumi#15712).
fn certificate_missing(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let https = text(subject.properties, "Protocol").is_some_and(|protocol| protocol == "HTTPS");
    let text = "A certificate must be specified for HTTPS listeners".to_owned();
    (https && list(subject.properties, "Certificates").next().is_none()).then(|| validation_error(text))
}

/// Refuses a certificate of another region (`CertificateNotFound`, ELBv2 API; "HTTPS listeners for your Application Load
/// Balancer", user guide: the certificate is in the region of the load balancer).
fn certificate_of_another_region(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let own = view.known_region()?;
    let region = |arn: &str| arn.split(':').nth(3).unwrap_or_default().to_owned();
    let mut arns = list(subject.properties, "Certificates").filter_map(|it| text(it, "CertificateArn"));
    let arn = arns.find(|arn| arn.contains(":acm:") && region(arn) != own)?;
    Some(refuse("CertificateNotFound", "InvalidRequest", format!("Certificate '{arn}' not found")))
}

/// Returns the listener of a rule.
fn listener<'v, 'a>(subject: &Subject<'_>, view: &'v AccountView<'a>) -> Option<&'v Existing<'a>> {
    view.find(LISTENER, &text(subject.properties, "ListenerArn")?)
}
