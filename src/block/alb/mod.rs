//! An Application Load Balancer.

pub(super) mod access_logs;
mod checks;
mod existing;
mod listeners;
mod lower;

pub use existing::ExistingAlb;
pub(crate) use listeners::{ServingListener, forward};
pub(super) use lower::admits;

use std::rc::Rc;

use crate::block::{Action, Authentication, Block, Flag, Name, Override, Route, Vpc};
use crate::cfn::{LogicalId, Ref, TemplateString};
use crate::diag::WithOrigin;

/// An Application Load Balancer with its listeners.
#[derive(Debug, Clone, PartialEq)]
pub struct Alb {
    /// Its name.
    pub name: WithOrigin<Name>,
    /// The network; else that of the services behind it.
    pub vpc: Option<WithOrigin<Rc<Vpc>>>,
    /// Ports of HTTP; 80 if neither this nor `https` is set.
    pub listen: Vec<WithOrigin<i64>>,
    /// The ARNs of the certificates of HTTPS on port 443, the default one first.
    pub https: Vec<WithOrigin<TemplateString>>,
    /// Whether HTTP on port 80 redirects to HTTPS.
    pub redirect_http: Flag,
    /// Whether it is reached from inside the network only.
    pub internal: Flag,
    /// The addresses that may call it; all unless set.
    pub allow_from: Vec<WithOrigin<TemplateString>>,
    /// Its domain names, as alias records.
    pub domain: Vec<WithOrigin<Domain>>,
    /// Seconds after which a silent connection is closed.
    pub idle_timeout: Option<WithOrigin<i64>>,
    /// The access logs.
    pub access_logs: Option<WithOrigin<AccessLogs>>,
    /// Whether it cannot be deleted.
    pub deletion_protection: Flag,
    /// Whether headers with invalid names are dropped; they always are.
    pub drop_invalid_headers: Flag,
    /// The facts about it, if another team owns it.
    pub existing: Option<WithOrigin<ExistingAlb>>,
    /// The action for requests that no route takes, unless a service takes them.
    pub default: Option<WithOrigin<Action>>,
    /// The requests that it answers or redirects itself.
    pub routes: Vec<WithOrigin<AlbRoute>>,
    /// The login of users before their requests reach a service.
    pub authenticate: Option<WithOrigin<Rc<Authentication>>>,
    /// The ARN of the web ACL that filters requests.
    pub waf: Option<WithOrigin<TemplateString>>,
    /// Whether it has IPv6 addresses too.
    pub dual_stack: Flag,
    /// The handling of the certificates of clients.
    pub mutual_tls: Option<WithOrigin<MutualTls>>,
    /// The security policy of HTTPS.
    pub ssl_policy: Option<WithOrigin<TemplateString>>,
    /// The blocks that are created before it.
    pub depends_on: Vec<WithOrigin<Block>>,
    /// Properties merged into the resources it creates: `.override(type, map)`.
    pub overrides: Vec<WithOrigin<Override>>,
}

/// A name in a hosted zone of Route 53.
#[derive(Debug, Clone, PartialEq)]
pub struct Domain {
    /// The name: `api.example.com`.
    pub name: TemplateString,
    /// The id of the hosted zone.
    pub hosted_zone_id: TemplateString,
}

/// The destination of access logs in S3.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessLogs {
    /// The name of the bucket; without one, the load balancer creates a bucket with its policy.
    pub bucket: Option<TemplateString>,
    /// The prefix of the objects.
    pub prefix: Option<TemplateString>,
}

/// Requests that a load balancer answers or redirects itself.
#[derive(Debug, Clone, PartialEq)]
pub struct AlbRoute {
    /// The requests.
    pub route: Route,
    /// The action.
    pub action: Action,
}

/// Certificates of clients.
#[derive(Debug, Clone, PartialEq)]
pub enum MutualTls {
    /// The load balancer verifies them against the trust store of this ARN.
    Verify(TemplateString),
    /// It hands them to the service in a header.
    PassThrough,
}

impl Alb {
    /// Creates a load balancer that another team owns. Its name is part of the names of target groups.
    pub fn existing(name: WithOrigin<Name>, existing: ExistingAlb) -> Self {
        let origin = name.origin.clone();
        Self { existing: Some(WithOrigin::new(existing, origin)), ..Self::new(name) }
    }

    /// Creates a load balancer of this name.
    pub fn new(name: WithOrigin<Name>) -> Self {
        Self {
            name,
            vpc: None,
            listen: Vec::new(),
            https: Vec::new(),
            redirect_http: None,
            internal: None,
            allow_from: Vec::new(),
            domain: Vec::new(),
            idle_timeout: None,
            access_logs: None,
            deletion_protection: None,
            drop_invalid_headers: None,
            existing: None,
            default: None,
            routes: Vec::new(),
            authenticate: None,
            waf: None,
            dual_stack: None,
            mutual_tls: None,
            ssl_policy: None,
            depends_on: Vec::new(),
            overrides: Vec::new(),
        }
    }

    /// Returns the logical id of the load balancer.
    pub fn logical_id(&self) -> LogicalId {
        format!("{}Alb", self.name.value.stem()).into()
    }

    /// Returns the logical id of its security group.
    pub fn security_group(&self) -> LogicalId {
        format!("{}AlbSecurityGroup", self.name.value.stem()).into()
    }

    /// Returns the address that users open: its first domain if there is one, with `https` if it has a certificate.
    pub fn url(&self) -> TemplateString {
        let host = self.domain.first().map_or_else(|| self.dns_name(), |domain| domain.value.name.clone());
        if !self.https.is_empty() {
            return TemplateString::from("https://").join(host);
        }
        let url = TemplateString::from("http://").join(host);
        match self.listen.first() {
            Some(port) if !self.listen.iter().any(|port| port.value == 80) => url.with(format!(":{}", port.value)),
            _ => url,
        }
    }

    /// Returns its DNS name.
    pub fn dns_name(&self) -> TemplateString {
        Ref::attribute(self.logical_id(), "DNSName").into()
    }

    /// Returns its ARN.
    pub fn arn(&self) -> TemplateString {
        Ref::to(self.logical_id()).into()
    }

    /// Returns its name in metrics of CloudWatch.
    pub fn full_name(&self) -> TemplateString {
        Ref::attribute(self.logical_id(), "LoadBalancerFullName").into()
    }

    /// Returns the ARN of the listener of a port.
    pub fn listener_arn(&self, port: i64) -> TemplateString {
        Ref::to(self.listener_id(port)).into()
    }

    /// Returns the hosted zone of its DNS name, for alias records.
    pub fn hosted_zone_id(&self) -> TemplateString {
        Ref::attribute(self.logical_id(), "CanonicalHostedZoneID").into()
    }

    /// Returns the id of its security group.
    pub fn security_group_id(&self) -> TemplateString {
        Ref::attribute(self.security_group(), "GroupId").into()
    }
}
