//! The listeners of a Network Load Balancer.

use std::rc::Rc;

use super::Nlb;
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::service::action;
use crate::cfn;
use crate::cfn::type_names::LISTENER;
use crate::cfn::{LogicalId, Resource, TemplateString};
use crate::diag::{Code, Diagnostic, Origin};

/// The newest policy that AWS recommends ("Security policies for your Network Load Balancer").
const SSL_POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/// A protocol between a load balancer and its targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Transport {
    /// Connections of TCP, also those that the load balancer decrypts.
    Tcp,
    /// Packets of UDP.
    Udp,
    /// Both on one port.
    TcpUdp,
}

impl Transport {
    /// Returns the name of the protocol of a target group.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::TcpUdp => "TCP_UDP",
        }
    }

    /// Returns the part of a logical id that names it; empty for TCP.
    pub(crate) fn role(self) -> &'static str {
        match self {
            Self::Tcp => "",
            Self::Udp => "Udp",
            Self::TcpUdp => "TcpUdp",
        }
    }

    /// Returns the protocols of the rules of security groups.
    pub(crate) fn ip_protocols(self) -> &'static [&'static str] {
        match self {
            Self::Tcp => &["tcp"],
            Self::Udp => &["udp"],
            Self::TcpUdp => &["tcp", "udp"],
        }
    }
}

/// A port of a Network Load Balancer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Listener<'a> {
    /// The port.
    pub(crate) port: i64,
    /// The protocol between the load balancer and its targets.
    pub(crate) transport: Transport,
    /// The certificate of TLS.
    pub(crate) certificate: Option<&'a TemplateString>,
    /// The setting behind it.
    pub(crate) origin: &'a Origin,
}

impl Nlb {
    /// Returns the listeners in the order of their ports.
    pub(crate) fn listeners(&self) -> Vec<Listener<'_>> {
        let plain = self.listen.iter().map(|set| {
            let transport = match set.value.protocol.as_str() {
                "udp" => Transport::Udp,
                "tcp_udp" => Transport::TcpUdp,
                // Another word is reported where it is set.
                _ => Transport::Tcp,
            };
            Listener { port: set.value.port, transport, certificate: None, origin: &set.origin }
        });
        let tls = self.tls.iter().map(|set| Listener {
            port: set.value.port,
            transport: Transport::Tcp,
            certificate: Some(&set.value.certificate),
            origin: &set.origin,
        });
        let mut all: Vec<Listener<'_>> = plain.chain(tls).collect();
        all.sort_by_key(|listener| listener.port);
        all.dedup_by_key(|listener| listener.port);
        all
    }

    /// Returns the logical id of the listener of a port.
    pub(crate) fn listener_id(&self, port: i64) -> LogicalId {
        format!("{}NlbListener{port}", self.name.value.stem()).into()
    }
}

/// Adds the listeners, each with the service that takes its connections.
pub(super) fn lower(nlb: &Rc<Nlb>, lowering: &mut Lowering<'_>) {
    for listener in nlb.listeners() {
        let takers: Vec<_> = lowering
            .context
            .nlb_services(nlb)
            .iter()
            .filter_map(|(service, at)| {
                let group = service.nlb_target_group(*at, &listener)?;
                Some((service.clone(), service.nlb[*at].origin.clone(), group))
            })
            .collect();
        let Some((service, first, group)) = takers.first() else {
            lowering.report(without_service(nlb, &listener));
            continue;
        };
        for (_, second, _) in takers.iter().skip(1) {
            lowering.report(taken_twice(&listener, first, second));
        }
        let protocol = if listener.certificate.is_some() { "TLS" } else { listener.transport.name() };
        let mut resource = Resource::new(LISTENER, listener.origin.clone())
            .with("LoadBalancerArn", nlb.arn())
            .with("Port", listener.port)
            .with("Protocol", protocol)
            .with("DefaultActions", vec![action(service, group.clone())]);
        if let Some(certificate) = listener.certificate {
            resource = resource.with("Certificates", cfn!([cfn!({ "CertificateArn": certificate })])).set_or(
                "SslPolicy",
                &nlb.ssl_policy,
                SSL_POLICY,
                Clone::clone,
            );
        }
        lowering.add(nlb.listener_id(listener.port), resource);
    }
}

fn without_service(nlb: &Nlb, listener: &Listener<'_>) -> Diagnostic {
    let message = format!("no service takes the connections of port {} of `{}`", listener.port, nlb.name.value);
    Diagnostic::new(Code::NlbListener, message)
        .at(listener.origin, "the listener")
        .help(format!("attach a service: `.behind(nlb)`, or `.behind(nlb, {})` for this port", listener.port))
}

fn taken_twice(listener: &Listener<'_>, first: &Origin, second: &Origin) -> Diagnostic {
    Diagnostic::new(Code::NlbListener, format!("two services take the connections of port {}", listener.port))
        .at(second, "the second one")
        .at(first, "the first one")
        .help("give each service a port of its own: `.behind(nlb, 5432)`")
}
