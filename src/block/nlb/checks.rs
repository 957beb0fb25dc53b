//! The checks of a Network Load Balancer.

use super::Nlb;
use crate::block::range_checks::{one_of, port};
use crate::block::repeated::repeated;
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

/// Returns every problem that the settings alone show.
pub(super) fn settings(nlb: &Nlb) -> Vec<Diagnostic> {
    let ports: Vec<WithOrigin<i64>> = nlb
        .listen
        .iter()
        .map(|set| WithOrigin::new(set.value.port, set.origin.clone()))
        .chain(nlb.tls.iter().map(|set| WithOrigin::new(set.value.port, set.origin.clone())))
        .collect();
    let mut problems: Vec<Diagnostic> = ports.iter().filter_map(port).collect();
    for (again, first) in repeated(&ports, |port| port.value) {
        problems.push(
            Diagnostic::new(Code::DuplicateListenerPort, format!("two listeners have the port {}", again.value))
                .at(&again.origin, "the same port again")
                .at(&first.origin, "the first listener")
                .help("a port that takes TCP and UDP is `.listen(53, \"tcp_udp\")`"),
        );
    }
    problems.extend(nlb.listen.iter().filter_map(|set| {
        let word = WithOrigin::new(set.value.protocol.clone(), set.origin.clone());
        one_of(&word, &Nlb::PROTOCOLS, "a protocol of a listener", Code::ListenerProtocol)
    }));
    problems.extend(nlb.allow_from.iter().filter_map(|caller| {
        let text = caller.value.as_str()?;
        text.parse::<ipnet::IpNet>().is_err().then(|| {
            Diagnostic::new(Code::InvalidCidr, format!("`{text}` is not a block of addresses"))
                .at(&caller.origin, "")
                .help("write it as `203.0.113.0/24`; one address is `203.0.113.7/32`")
        })
    }));
    problems.extend(unused(nlb));
    problems
}

/// Reports a load balancer without a port, and settings that need another one.
fn unused(nlb: &Nlb) -> Vec<Diagnostic> {
    let wrong = |message: &str, origin: &Origin, help: &str| {
        Diagnostic::new(Code::NlbListener, message.to_owned()).at(origin, "").help(help)
    };
    let none = (nlb.listen.is_empty() && nlb.tls.is_empty()).then(|| {
        wrong(
            "the load balancer listens on no port",
            &nlb.name.origin,
            "add `.listen(443)` or `.tls(443, certificate)`",
        )
    });
    let needs_tls = |origin: &Origin, what: &str| wrong(what, origin, "add `.tls(port, certificate)`, or leave it out");
    let logs = nlb.access_logs.as_ref().filter(|_| nlb.tls.is_empty());
    let policy = nlb.ssl_policy.as_ref().filter(|_| nlb.tls.is_empty());
    let public = nlb.private_address.first().filter(|_| nlb.internal.is_none());
    let internal = nlb.elastic_ip.first().filter(|_| nlb.internal.is_some());
    [
        none,
        logs.map(|set| needs_tls(&set.origin, "only listeners for TLS write access logs")),
        policy.map(|set| needs_tls(&set.origin, "only listeners for TLS have a security policy")),
        public.map(|set| {
            wrong(
                "a public load balancer has no private addresses",
                &set.origin,
                "add `.internal()`, or use `.elastic_ip(id)`",
            )
        }),
        internal.map(|set| {
            wrong("an internal load balancer has no Elastic IP addresses", &set.origin, "use `.private_address(ip)`")
        }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Reports static addresses that are not one for each subnet.
pub(super) fn addresses(nlb: &Nlb, subnets: usize) -> Option<Diagnostic> {
    let set = if nlb.elastic_ip.is_empty() { &nlb.private_address } else { &nlb.elastic_ip };
    let last = set.last().filter(|_| set.len() != subnets)?;
    let message = format!("the load balancer has {subnets} subnets and {} static addresses", set.len());
    Some(
        Diagnostic::new(Code::NlbListener, message)
            .at(&last.origin, "the last address")
            .help("give one address for each subnet, in their order, or none"),
    )
}

pub(super) fn without_network(nlb: &Nlb) -> Diagnostic {
    Diagnostic::new(Code::AlbWithoutNetwork, format!("`{}` has no VPC", nlb.name.value))
        .at(&nlb.name.origin, "no service is attached to it")
        .help("set one with `.vpc(vpc)`, or attach a service with `.behind(nlb)`")
}
