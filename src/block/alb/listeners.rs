//! The listeners of a load balancer.

use crate::cfn::type_names::LISTENER;
use std::rc::Rc;

use super::Alb;
use crate::block::RoutePriority;
use crate::block::lowering::{Lowering, SetProperty};
use crate::cfn;
use crate::cfn::{LogicalId, Ref, Resource, Value};
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
        if let Some(certificate) = &self.https {
            add(443, ListenerAction::Https, &certificate.origin);
        }
        self.listen.iter().for_each(|port| add(port.value, ListenerAction::Http, &port.origin));
        if self.listen.is_empty() && self.https.is_none() && self.redirect_http.is_none() {
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
        if let Some(certificate) = alb.https.as_ref().filter(|_| listener.serves == ListenerAction::Https) {
            resource = resource.with("Certificates", cfn!([cfn!({ "CertificateArn": &certificate.value })])).set_or(
                "SslPolicy",
                &alb.ssl_policy,
                SSL_POLICY,
                Clone::clone,
            );
        }
        lowering.add(alb.listener_id(listener.port), resource);
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
