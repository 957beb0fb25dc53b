//! Listeners and their rules.

use serde_json::Value as Json;

use super::super::view::{AccountView, Existing};
use super::super::{CHANGES, Intent, Refusal, Rule, Subject};
use super::{forwards_to, invalid_configuration, load_balancer_of, refuse, validation_error, vpcs};
use crate::cfn::type_names::{LISTENER, LISTENER_RULE, LOAD_BALANCER, TARGET_GROUP};
use crate::rehearsal::property_access::{list, text};

const LISTENER_CERTIFICATE: &str = "AWS::ElasticLoadBalancingV2::ListenerCertificate";

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: LISTENER, intents: CHANGES, check: port_in_use },
    Rule { kind: LISTENER, intents: CHANGES, check: certificate_missing },
    Rule { kind: LISTENER, intents: CHANGES, check: certificate_of_another_region },
    Rule { kind: LISTENER, intents: CHANGES, check: target_group_of_another_load_balancer },
    Rule { kind: LISTENER, intents: CHANGES, check: target_group_of_another_vpc },
    Rule { kind: LISTENER, intents: CHANGES, check: http2_without_https },
    Rule { kind: LISTENER, intents: CHANGES, check: protocol_of_another_load_balancer },
    Rule { kind: LISTENER, intents: CHANGES, check: incompatible_protocols },
    Rule { kind: LISTENER, intents: CHANGES, check: redirect_to_itself },
    Rule { kind: LISTENER_RULE, intents: CHANGES, check: priority_in_use },
    Rule { kind: LISTENER_RULE, intents: CHANGES, check: target_group_of_another_load_balancer },
    Rule { kind: LISTENER_RULE, intents: CHANGES, check: target_group_of_another_vpc },
    Rule { kind: LISTENER_RULE, intents: CHANGES, check: http2_without_https },
    Rule { kind: LISTENER_RULE, intents: CHANGES, check: redirect_to_itself },
    Rule { kind: LISTENER_CERTIFICATE, intents: CHANGES, check: certificate_of_another_region },
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

/// Refuses a target group of HTTP/2 or gRPC behind an HTTP listener ("Protocol version" in "Target groups for your Application Load
/// Balancers", user guide; the message is quoted in aws/copilot-cli#4551).
fn http2_without_https(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let protocol = match subject.kind {
        LISTENER => text(subject.properties, "Protocol")?,
        _ => listener(subject, view)?.text("Protocol")?,
    };
    let version = |group: &String| {
        view.find(TARGET_GROUP, group)?.text("ProtocolVersion").filter(|it| matches!(it.as_str(), "GRPC" | "HTTP2"))
    };
    let version = forwards_to(subject.kind, subject.properties).iter().find_map(version)?;
    (protocol == "HTTP").then(|| {
        invalid_configuration(format!(
            "Listener protocol 'HTTP' is not supported with a target group with the protocol-version '{version}'"
        ))
    })
}

/// Refuses a listener of another protocol than HTTP and HTTPS on an Application Load Balancer (`Protocol` of `CreateListener`, ELBv2
/// API; the message is quoted in hashicorp/terraform-provider-aws#6173).
fn protocol_of_another_load_balancer(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let balancer = view.find(LOAD_BALANCER, &text(subject.properties, "LoadBalancerArn")?)?;
    let protocol = text(subject.properties, "Protocol")?;
    let application = balancer.text("Type").is_none_or(|kind| kind == "application");
    (application && !matches!(protocol.as_str(), "HTTP" | "HTTPS"))
        .then(|| validation_error(format!("Listener protocol '{protocol}' must be one of 'HTTPS, HTTP'")))
}

/// Refuses a target group whose protocol does not fit the listener's (`IncompatibleProtocols` of `CreateListener`, ELBv2 API;
/// "Target groups for your Network Load Balancers", user guide; the message is quoted in hashicorp/terraform-provider-aws#4955).
fn incompatible_protocols(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let protocol = text(subject.properties, "Protocol")?;
    let fits = |other: &str| match protocol.as_str() {
        "HTTP" | "HTTPS" => matches!(other, "HTTP" | "HTTPS"),
        "TCP" => matches!(other, "TCP" | "TCP_UDP"),
        "TLS" => matches!(other, "TCP" | "TLS"),
        "UDP" => matches!(other, "UDP" | "TCP_UDP"),
        _ => true,
    };
    let of_group = |arn: &String| view.find(TARGET_GROUP, arn)?.text("Protocol").filter(|other| !fits(other));
    let groups = forwards_to(subject.kind, subject.properties);
    let (group, other) = groups.iter().find_map(|arn| Some((arn, of_group(arn)?)))?;
    let text = format!(
        "The listener and its associated target group '{group}' have incompatible protocols: '{protocol}' and '{other}'"
    );
    Some(refuse("IncompatibleProtocols", "InvalidRequest", text))
}

/// Refuses a redirect to the address of the request (`RedirectActionConfig`, ELBv2 API: "you must specify at least one of the
/// following components that will make the redirect URI different").
fn redirect_to_itself(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let own = |name: &str| match subject.kind {
        LISTENER => text(subject.properties, name),
        _ => listener(subject, view)?.text(name),
    };
    let (protocol, port) = (own("Protocol")?, own("Port")?);
    let same = |redirect: &Json, name: &str, own: &str| text(redirect, name).is_none_or(|value| value == own);
    let loops = |redirect: &Json| {
        (same(redirect, "Protocol", "#{protocol}") || same(redirect, "Protocol", &protocol))
            && (same(redirect, "Port", "#{port}") || same(redirect, "Port", &port))
            && same(redirect, "Host", "#{host}")
            && same(redirect, "Path", "/#{path}")
            && same(redirect, "Query", "#{query}")
    };
    let actions = if subject.kind == LISTENER { "DefaultActions" } else { "Actions" };
    list(subject.properties, actions).filter_map(|action| action.get("RedirectConfig")).find(|it| loops(it))?;
    let text = "The redirect configuration is not valid because it creates a loop.";
    Some(refuse("InvalidLoadBalancerAction", "InvalidRequest", text.to_owned()))
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
