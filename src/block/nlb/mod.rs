//! A Network Load Balancer: connections of TCP, UDP and TLS, without a look into requests.

mod checks;
mod listeners;
mod lower;

pub(crate) use listeners::{Listener, Transport};

use std::rc::Rc;

use crate::block::{AccessLogs, Block, Domain, Flag, Name, Override, Vpc};
use crate::cfn::{LogicalId, Ref, TemplateString};
use crate::diag::WithOrigin;

/// A Network Load Balancer with its listeners.
#[derive(Debug, Clone, PartialEq)]
pub struct Nlb {
    /// Its name.
    pub name: WithOrigin<Name>,
    /// The network; else that of the services behind it.
    pub vpc: Option<WithOrigin<Rc<Vpc>>>,
    /// The listeners without encryption.
    pub listen: Vec<WithOrigin<NlbListener>>,
    /// The listeners that decrypt TLS.
    pub tls: Vec<WithOrigin<TlsListener>>,
    /// Whether it is reached from inside the network only.
    pub internal: Flag,
    /// The addresses that may connect; all unless set.
    pub allow_from: Vec<WithOrigin<TemplateString>>,
    /// Its domain names, as alias records.
    pub domain: Vec<WithOrigin<Domain>>,
    /// Whether each of its addresses reaches the tasks of all zones.
    pub cross_zone: Flag,
    /// Whether tasks see the addresses of clients.
    pub preserve_client_ip: Flag,
    /// The allocation ids of its Elastic IP addresses, one for each subnet.
    pub elastic_ip: Vec<WithOrigin<TemplateString>>,
    /// Its private addresses, one for each subnet.
    pub private_address: Vec<WithOrigin<TemplateString>>,
    /// The access logs of its TLS listeners.
    pub access_logs: Option<WithOrigin<AccessLogs>>,
    /// Whether it cannot be deleted.
    pub deletion_protection: Flag,
    /// The security policy of TLS.
    pub ssl_policy: Option<WithOrigin<TemplateString>>,
    /// The blocks that are created before it.
    pub depends_on: Vec<WithOrigin<Block>>,
    /// Properties merged into the resources it creates.
    pub overrides: Vec<WithOrigin<Override>>,
}

/// A port of a Network Load Balancer without encryption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NlbListener {
    /// The port.
    pub port: i64,
    /// One of [`Nlb::PROTOCOLS`].
    pub protocol: String,
}

/// The listener that a `behind` setting names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NlbPort {
    /// The listener of this port.
    Port(i64),
    /// A route, which a Network Load Balancer does not have.
    Route,
}

/// A port of a Network Load Balancer that decrypts TLS.
#[derive(Debug, Clone, PartialEq)]
pub struct TlsListener {
    /// The port.
    pub port: i64,
    /// The ARN of the certificate.
    pub certificate: TemplateString,
}

impl Nlb {
    /// The protocols of listeners without encryption (`Protocol` of `CreateListener`, Elastic Load Balancing API).
    pub const PROTOCOLS: [&'static str; 3] = ["tcp", "udp", "tcp_udp"];

    /// Creates a load balancer of this name.
    pub fn new(name: WithOrigin<Name>) -> Self {
        Self {
            name,
            vpc: None,
            listen: Vec::new(),
            tls: Vec::new(),
            internal: None,
            allow_from: Vec::new(),
            domain: Vec::new(),
            cross_zone: None,
            preserve_client_ip: None,
            elastic_ip: Vec::new(),
            private_address: Vec::new(),
            access_logs: None,
            deletion_protection: None,
            ssl_policy: None,
            depends_on: Vec::new(),
            overrides: Vec::new(),
        }
    }

    /// Returns the logical id of the load balancer.
    pub fn logical_id(&self) -> LogicalId {
        format!("{}Nlb", self.name.value.stem()).into()
    }

    /// Returns the logical id of its security group.
    pub fn security_group(&self) -> LogicalId {
        format!("{}NlbSecurityGroup", self.name.value.stem()).into()
    }

    /// Returns the address that clients connect to, without a port: its first domain if there is one.
    pub fn url(&self) -> TemplateString {
        self.domain.first().map_or_else(|| self.dns_name(), |domain| domain.value.name.clone())
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

    /// Returns the hosted zone of its DNS name, for alias records.
    pub fn hosted_zone_id(&self) -> TemplateString {
        Ref::attribute(self.logical_id(), "CanonicalHostedZoneID").into()
    }

    /// Returns the id of its security group.
    pub fn security_group_id(&self) -> TemplateString {
        Ref::attribute(self.security_group(), "GroupId").into()
    }

    /// Returns the ARN of the listener of a port.
    pub fn listener_arn(&self, port: i64) -> TemplateString {
        Ref::to(self.listener_id(port)).into()
    }
}
