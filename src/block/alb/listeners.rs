//! The listeners of a load balancer.

use crate::cfn::type_names::{LISTENER, LISTENER_CERTIFICATE};
use std::rc::Rc;

use super::{Alb, AlbRoute, MutualTls};
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::route::{rule, rule_name, text_name};
use crate::block::service::test_ports;
use crate::block::{Authentication, Route, RoutedService};
use crate::cfn;
use crate::cfn::{LogicalId, Ref, Resource, TemplateString, Value};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

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

/// A listener that forwards requests to services.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ServingListener {
    /// The stem of the logical ids of its rules.
    pub(crate) stem: String,
    /// The port in logical ids; empty for a listener that exists.
    pub(crate) port: String,
    /// Its ARN.
    pub(crate) arn: TemplateString,
    /// Its logical id, if the load balancer makes it.
    pub(crate) made: Option<LogicalId>,
}

impl ServingListener {
    /// Returns the logical id of a rule of this listener for a route of `owner`. A listener has one rule of a priority at a time,
    /// so a number that the script sets, or that of the last rule, names the rule: a renamed service or another condition changes
    /// the rule in place.
    pub(crate) fn rule_id(&self, owner: &str, route: Option<&Route>, priority: i64, is_reported: bool) -> LogicalId {
        match route {
            None => format!("{}RuleLast", self.stem),
            Some(route) if route.priority.is_some() && !is_reported => format!("{}Rule{priority}", self.stem),
            Some(route) => format!("{owner}ListenerRule{}{}", self.port, rule_name(route)),
        }
        .into()
    }
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

    /// Returns the listeners whose rules forward requests to services.
    pub(crate) fn serving(&self) -> Vec<ServingListener> {
        if let Some(existing) = &self.existing {
            let stem = format!("{}Listener", self.name.value.stem());
            let arn = existing.value.listener_arn.clone();
            return vec![ServingListener { stem, port: String::new(), arn, made: None }];
        }
        let serving = self.listeners().into_iter().filter(|listener| listener.serves != ListenerAction::Redirect);
        let serving = serving.map(|listener| {
            let id = self.listener_id(listener.port);
            let arn = Ref::to(id.clone()).into();
            ServingListener { stem: id.to_string(), port: listener.port.to_string(), arn, made: Some(id) }
        });
        serving.collect()
    }

    /// Returns the logical id of the listener of a port.
    pub(crate) fn listener_id(&self, port: i64) -> LogicalId {
        format!("{}Listener{port}", self.name.value.stem()).into()
    }
}

pub(super) fn lower(alb: &Rc<Alb>, lowering: &mut Lowering<'_>) {
    let default = default_actions(alb, lowering);
    let unused = unused_default(alb, lowering);
    lowering.report_all(unused);
    let tests = test_ports(alb, lowering.context);
    for listener in alb.listeners() {
        let actions = match listener.serves {
            ListenerAction::Redirect => vec![redirect()],
            _ if tests.contains(&listener.port) => vec![unserved()],
            _ => default.clone(),
        };
        let protocol = if listener.serves == ListenerAction::Https { "HTTPS" } else { "HTTP" };
        let mut resource = Resource::new(LISTENER, listener.origin.clone())
            .with("LoadBalancerArn", alb.arn())
            .with("Port", listener.port)
            .with("Protocol", protocol)
            .with("DefaultActions", actions)
            .with_origin("DefaultActions.0", &alb.default)
            .with_origin("DefaultActions.0", &alb.authenticate);
        if let Some(certificate) = alb.https.first().filter(|_| listener.serves == ListenerAction::Https) {
            resource = resource.with("Certificates", cfn!([cfn!({ "CertificateArn": &certificate.value })])).set_or(
                "SslPolicy",
                &alb.ssl_policy,
                SSL_POLICY,
                Clone::clone,
            );
            resource = resource.set("MutualAuthentication", &alb.mutual_tls, mutual_authentication);
        }
        let id = alb.listener_id(listener.port);
        lowering.add(id.clone(), resource);
        if listener.serves == ListenerAction::Https {
            further_certificates(alb, &id, lowering);
        }
    }
    own_rules(alb, lowering);
}

fn mutual_authentication(mutual: &MutualTls) -> Value {
    match mutual {
        MutualTls::Verify(trust_store) => cfn!({ "Mode": "verify", "TrustStoreArn": trust_store }),
        MutualTls::PassThrough => cfn!({ "Mode": "passthrough" }),
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

/// Returns the actions for requests that no rule takes.
fn default_actions(alb: &Rc<Alb>, lowering: &Lowering<'_>) -> Vec<Value> {
    let routed = lowering.context.routed_services(alb).iter();
    let mut default = routed.filter(|routed| routed.is_default()).filter_map(RoutedService::service);
    match (default.next(), &alb.default) {
        // A service whose traffic is shifted also has a rule for all requests, which come here no more. The action stays as it is,
        // so that a service that gets such a strategy is reachable until the rule exists.
        (Some((service, at)), _) => {
            let group = Ref::to(service.target_group_at(at));
            forward(alb, None, cfn!({ "Type": "forward", "TargetGroupArn": group }))
        }
        (None, Some(action)) => vec![action.value.lower()],
        (None, None) => vec![unserved()],
    }
}

/// Reports a default action besides a service that takes all requests of the same listeners.
fn unused_default(alb: &Rc<Alb>, lowering: &Lowering<'_>) -> Option<Diagnostic> {
    let action = alb.default.as_ref()?;
    let mut routed = lowering.context.routed_services(alb).iter();
    let (service, at) = routed.find(|routed| routed.is_default())?.service()?;
    let name = &service.name.value;
    Some(
        Diagnostic::new(
            Code::ListenerAction,
            format!("the default action has no effect: `{name}` takes every request"),
        )
        .as_warning()
        .at(&action.origin, "for requests that no route takes")
        .at(&service.behind[at].origin, "takes all of them")
        .help("give the service a route, `.behind(alb, \"/api/*\")`, or leave the action out"),
    )
}

/// Returns the answer to requests that no service takes.
fn unserved() -> Value {
    cfn!({
        "Type": "fixed-response",
        "FixedResponseConfig":
            cfn!({ "StatusCode": "404", "ContentType": "text/plain", "MessageBody": "no service takes this request" }),
    })
}

/// Returns the actions for the requests of a route: the login if there is one, then the action that forwards them.
pub(crate) fn forward(alb: &Alb, route: Option<&Route>, forward: Value) -> Vec<Value> {
    let Some(authentication) = authentication(alb, route) else { return vec![forward] };
    // With several actions, each has its place in the order (`Action`, Elastic Load Balancing API).
    let ordered = |mut action: Value, order: i64| {
        if let Value::Map(properties) = &mut action {
            properties.insert("Order".to_owned(), order.into());
        }
        action
    };
    vec![ordered(authentication.lower(), 1), ordered(forward, 2)]
}

fn authentication<'a>(alb: &'a Alb, route: Option<&'a Route>) -> Option<&'a Authentication> {
    let own = route.and_then(|route| route.authenticate.as_ref());
    let of_alb = || alb.authenticate.as_ref().filter(|_| route.is_none_or(|route| route.no_authentication.is_none()));
    own.or_else(of_alb).map(|set| &*set.value)
}

/// Adds the rules for requests that the load balancer answers or redirects itself.
fn own_rules(alb: &Rc<Alb>, lowering: &mut Lowering<'_>) {
    let own: Vec<(usize, i64, bool)> = lowering
        .context
        .routed_services(alb)
        .iter()
        .filter_map(|routed| Some((routed.own_route()?, routed.rule_priority()?, routed.has_priority_of_another)))
        .collect();
    let mut rules = Vec::new();
    for listener in alb.serving() {
        for (at, priority, is_reported) in &own {
            let WithOrigin { value: AlbRoute { route, action }, origin } = &alb.routes[*at];
            let id = listener.rule_id(&alb.name.value.stem(), Some(route), *priority, *is_reported);
            rules.push((id, rule(Some(route), origin, listener.arn.clone(), *priority, vec![action.lower()])));
        }
    }
    rules.sort_by(|(one, _), (other, _)| one.cmp(other));
    rules.into_iter().for_each(|(id, rule)| lowering.add(id, rule));
}

fn redirect() -> Value {
    cfn!({
        "Type": "redirect",
        "RedirectConfig": cfn!({ "Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301" }),
    })
}
