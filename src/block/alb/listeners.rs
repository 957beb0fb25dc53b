//! The listeners of a load balancer.

use crate::cfn::type_names::{LISTENER, LISTENER_CERTIFICATE};
use std::rc::Rc;

use super::Alb;
use crate::block::RoutePriority;
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::route::text_name;
use crate::cfn;
use crate::cfn::{LogicalId, Ref, Resource, TemplateString, Value};
use crate::diag::Origin;

/// The newest policy that AWS recommends (Elastic Load Balancing User Guide, "Security policies for your ALB").
const SSL_POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/// A port with its action.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Listener {
    /// The port.
    pub(crate) port: i64,
    /// The action.
    pub(crate) serves: ListenerAction,
    /// The setting behind it.
    pub(crate) origin: Origin,
}

/// The action for the requests of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListenerAction {
    /// Forwards HTTP requests to services.
    Http,
    /// Decrypts HTTPS requests and forwards them to services.
    Https,
    /// Redirects requests to HTTPS.
    Redirect,
}

impl Alb {
    /// Returns the listeners in the order of the settings.
    pub(crate) fn listeners(&self) -> Vec<Listener> {
        let mut listeners: Vec<Listener> = Vec::new();
        let mut add = |port, serves, origin: &Origin| {
            if !listeners.iter().any(|listener| listener.port == port) {
                listeners.push(Listener { port, serves, origin: origin.clone() });
            }
        };
        if let Some(redirect) = &self.redirect_http {
            add(80, ListenerAction::Redirect, &redirect.origin);
        }
        if let Some(certificate) = self.https.first() {
            add(443, ListenerAction::Https, &certificate.origin);
        }
        self.listen.iter().for_each(|port| add(port.value, ListenerAction::Http, &port.origin));
        if self.listen.is_empty() && self.https.is_empty() && self.redirect_http.is_none() {
            add(80, ListenerAction::Http, &self.name.origin);
        }
        listeners
    }

    /// Returns the listeners that forward requests to services.
    pub(crate) fn serving(&self) -> impl Iterator<Item = Listener> {
        self.listeners().into_iter().filter(|listener| listener.serves != ListenerAction::Redirect)
    }

    /// Returns the logical id of the listener of a port.
    pub(crate) fn listener_id(&self, port: i64) -> LogicalId {
        format!("{}Listener{port}", self.name.value.stem()).into()
    }
}

pub(super) fn lower(alb: &Rc<Alb>, lowering: &mut Lowering<'_>) {
    let default = default_action(alb, lowering);
    for listener in alb.listeners() {
        let action = if listener.serves == ListenerAction::Redirect { redirect() } else { default.clone() };
        let protocol = if listener.serves == ListenerAction::Https { "HTTPS" } else { "HTTP" };
        let mut resource = Resource::new(LISTENER, listener.origin.clone())
            .with("LoadBalancerArn", alb.arn())
            .with("Port", listener.port)
            .with("Protocol", protocol)
            .with("DefaultActions", Value::List(vec![action]));
        if let Some(certificate) = alb.https.first().filter(|_| listener.serves == ListenerAction::Https) {
            resource = resource.with("Certificates", cfn!([cfn!({ "CertificateArn": &certificate.value })])).set_or(
                "SslPolicy",
                &alb.ssl_policy,
                SSL_POLICY,
                Clone::clone,
            );
        }
        let id = alb.listener_id(listener.port);
        lowering.add(id.clone(), resource);
        if listener.serves == ListenerAction::Https {
            further_certificates(alb, &id, lowering);
        }
    }
}

/// Adds the certificates besides the default one, which the listener chooses by server name. A listener has its default
/// certificate only; each other one is a `ListenerCertificate` (CloudFormation, `AWS::ElasticLoadBalancingV2::Listener`).
fn further_certificates(alb: &Rc<Alb>, listener: &LogicalId, lowering: &mut Lowering<'_>) {
    for certificate in alb.https.iter().skip(1) {
        let resource = Resource::new(LISTENER_CERTIFICATE, certificate.origin.clone())
            .with("ListenerArn", Ref::to(listener.clone()))
            .with("Certificates", cfn!([cfn!({ "CertificateArn": &certificate.value })]));
        lowering.add(format!("{listener}Certificate{}", certificate_name(&certificate.value)), resource);
    }
}

/// Returns the part of a logical id that names a certificate: the id at the end of its ARN.
fn certificate_name(arn: &TemplateString) -> String {
    match arn.as_str().and_then(|arn| arn.rsplit('/').next()) {
        Some(id) => id.chars().filter(char::is_ascii_alphanumeric).collect(),
        None => text_name(arn),
    }
}

fn default_action(alb: &Rc<Alb>, lowering: &Lowering<'_>) -> Value {
    let default = lowering.context.routed_services(alb).iter().find(|routed| routed.priority == RoutePriority::Default);
    match default {
        Some(routed) => forward(routed.service.target_group(alb)),
        None => cfn!({
            "Type": "fixed-response",
            "FixedResponseConfig":
                cfn!({ "StatusCode": "404", "ContentType": "text/plain", "MessageBody": "no service takes this request" }),
        }),
    }
}

/// Returns the action that forwards requests to a target group.
pub(crate) fn forward(target_group: LogicalId) -> Value {
    cfn!({ "Type": "forward", "TargetGroupArn": Ref::to(target_group) })
}

fn redirect() -> Value {
    cfn!({
        "Type": "redirect",
        "RedirectConfig": cfn!({ "Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301" }),
    })
}
