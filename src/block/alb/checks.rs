//! The checks of a load balancer.

use std::rc::Rc;

use super::Alb;
use crate::block::lowering_context::LoweringContext;
use crate::block::repeated::repeated;
use crate::block::vpc::SubnetKind;
use crate::block::{Block, Ownership, Vpc, range_checks};
use crate::cfn::TemplateString;
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

/// Returns every problem that the settings alone show.
pub(super) fn settings(alb: &Alb) -> Vec<Diagnostic> {
    let mut problems = certificate(alb);
    problems.extend(given_twice(alb));
    problems.extend(alb.listen.iter().filter_map(range_checks::port));
    problems.extend(alb.idle_timeout.as_ref().and_then(|timeout| {
        // ELBv2 API, `LoadBalancerAttribute`.
        range_checks::within(timeout, 1..=4000, Code::IdleTimeout, "an idle timeout", "seconds")
    }));
    problems.extend(alb.allow_from.iter().filter_map(|caller| {
        let text = caller.value.as_str()?;
        text.parse::<ipnet::IpNet>().is_err().then(|| {
            Diagnostic::new(Code::InvalidCidr, format!("`{text}` is not a block of addresses"))
                .at(&caller.origin, "")
                .help("write it as `203.0.113.0/24`; one address is `203.0.113.7/32`")
        })
    }));
    problems
}

/// Returns every problem of the actions of the load balancer, and of its logins.
pub(super) fn actions(alb: &Alb) -> Vec<Diagnostic> {
    let mut problems: Vec<Diagnostic> = alb.default.iter().flat_map(|set| set.value.problems()).collect();
    for own in &alb.routes {
        problems.extend(own.value.action.problems());
        problems.extend(own.value.route.problems(&own.origin));
    }
    problems.extend(alb.authenticate.iter().flat_map(|set| set.value.problems()));
    problems.extend(alb.waf.as_ref().and_then(|set| {
        let arn = set.value.as_str().filter(|arn| !arn.contains(":wafv2:"))?;
        let problem = Diagnostic::new(Code::ArnForm, format!("`{arn}` is not the ARN of a web ACL"));
        Some(problem.at(&set.origin, "").help("it looks like `arn:aws:wafv2:REGION:ACCOUNT:regional/webacl/NAME/ID`"))
    }));
    problems
}

fn certificate(alb: &Alb) -> Vec<Diagnostic> {
    if !alb.https.is_empty() {
        return alb.https.iter().filter_map(certificate_arn).collect();
    }
    let listens =
        alb.listen.iter().find(|port| port.value == 443).map(|port| (&port.origin, "443 is the port of HTTPS"));
    let redirects = alb.redirect_http.as_ref().map(|set| (&set.origin, "redirects to HTTPS"));
    let policy = alb.ssl_policy.as_ref().map(|set| (&set.origin, "applies to HTTPS only"));
    let mutual = alb.mutual_tls.as_ref().map(|set| (&set.origin, "applies to HTTPS only"));
    let login = alb.authenticate.as_ref().map(|set| (&set.origin, "users log in over HTTPS only"));
    [listens, redirects, policy, mutual, login]
        .into_iter()
        .flatten()
        .map(|(origin, why)| missing(origin, why))
        .collect()
}

fn certificate_arn(certificate: &WithOrigin<TemplateString>) -> Option<Diagnostic> {
    match certificate.value.as_str()? {
        "" => Some(missing(&certificate.origin, "the ARN is empty")),
        arn if !is_certificate(arn) => Some(
            Diagnostic::new(Code::CertificateArn, format!("`{arn}` is not the ARN of a certificate"))
                .at(&certificate.origin, "")
                .help("it looks like `arn:aws:acm:REGION:ACCOUNT:certificate/ID`"),
        ),
        _ => None,
    }
}

/// Returns a problem for each certificate, domain or port that is given twice.
fn given_twice(alb: &Alb) -> Vec<Diagnostic> {
    let certificates = alb.https.iter().map(|it| (it.value.to_placeholder(), &it.origin)).collect();
    let domains = alb.domain.iter().map(|it| (it.value.name.to_placeholder(), &it.origin)).collect();
    let ports = alb.listen.iter().map(|it| (it.value.to_string(), &it.origin)).collect();
    let all: [(&str, Vec<(String, &Origin)>); 3] = [("https", certificates), ("domain", domains), ("listen", ports)];
    let mut problems = Vec::new();
    for (setter, values) in all {
        for ((_, origin), (_, first)) in repeated(&values, |(value, _)| value) {
            let message = format!("`.{setter}` is called twice with the same value");
            problems.push(
                Diagnostic::new(Code::SetterCalledTwice, message)
                    .at(origin, "the second call")
                    .at(first, "the first call")
                    .help("remove one of the two calls, or give it another value"),
            );
        }
    }
    problems
}

/// Returns whether it is the ARN of a certificate: of ACM, or of IAM for regions without it (`CertificateArn` of a
/// listener).
fn is_certificate(arn: &str) -> bool {
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "acm", .., resource] => resource.starts_with("certificate/"),
        ["arn", _, "iam", .., resource] => resource.starts_with("server-certificate/"),
        _ => false,
    }
}

fn missing(origin: &Origin, why: &str) -> Diagnostic {
    Diagnostic::new(Code::HttpsWithoutCertificate, "HTTPS needs a certificate")
        .at(origin, why)
        .help("add `.https(certificate_arn)` with the ARN of a certificate of AWS Certificate Manager")
}

/// Checks that an ALB has subnets in two zones (Elastic Load Balancing User Guide).
pub(super) fn two_zones(alb: &Alb, vpc: &Vpc) -> Option<Diagnostic> {
    let (zones, set) = match &vpc.identity {
        Ownership::Managed(name) => (vpc.zones()?, vpc.azs.as_ref().map_or(&name.origin, |azs| &azs.origin)),
        Ownership::Existing(_) => {
            let side = if alb.internal.is_some() { vpc.inner_side() } else { SubnetKind::Public };
            let setting = vpc.given_subnets(side)?;
            (i64::try_from(setting.value.as_list()?.len()).ok()?, &setting.origin)
        }
    };
    (zones < 2).then(|| {
        Diagnostic::new(Code::AlbZones, format!("`{}` needs subnets in two availability zones", alb.name.value))
            .at(set, format!("there {} {zones}", if zones == 1 { "is" } else { "are" }))
            .at(&alb.name.origin, "the load balancer")
            .help("set `.azs(2)` on the network or its cluster")
    })
}

/// Checks that the services behind one load balancer are in its network.
pub(super) fn one_network(alb: &Rc<Alb>, context: &LoweringContext) -> Vec<Diagnostic> {
    let Some(own) = context.alb_network(alb) else { return Vec::new() };
    let elsewhere = context.routed_services(alb).iter().filter_map(|routed| {
        let (service, _) = routed.service()?;
        let other = context.network(service)?;
        (!context.is_same_network(other, &own)).then(|| {
            Diagnostic::new(
                Code::AlbTwoNetworks,
                format!(
                    "the load balancer `{}` and the service `{}` are in different networks",
                    alb.name.value, service.name.value
                ),
            )
            .at(routed.origin(), "the load balancer cannot reach it")
            .at(other.identity.origin(), "the service's network")
            .at(own.identity.origin(), "the load balancer's network")
            .help(if alb.vpc.is_none() {
                "give both services the same cluster: `.cluster(cluster)`"
            } else if other.identity.is_of_stack() {
                "give the service's stack the network of the load balancer: `Stack(..).vpc(vpc)`"
            } else {
                "give the service's cluster the network of the load balancer: `.cluster(Cluster(\"Apps\").vpc(vpc))`"
            })
        })
    });
    elsewhere.collect()
}

/// Reports a load balancer without a network whose services run in the network of another stack: each stack would need
/// the other one first.
pub(super) fn network_of_other_stack(alb: &Rc<Alb>, vpc: &Rc<Vpc>, context: &LoweringContext) -> Option<Diagnostic> {
    let place = |block: Block| context.place(&block).map(|place| place.stack);
    let is_foreign = place(Block::Vpc(vpc.clone())) != place(Block::Alb(alb.clone()));
    (is_foreign && vpc.identity.is_of_stack()).then(|| {
        Diagnostic::new(Code::AlbWithoutNetwork, format!("`{}` has no VPC", alb.name.value))
            .at(&alb.name.origin, "the load balancer")
            .at(vpc.identity.origin(), "its services run in the network of another stack")
            .help("give both the same network: `.vpc(vpc)` on the load balancer, and `Stack(..).vpc(vpc)`")
    })
}

pub(super) fn without_subnets(alb: &Alb, vpc: &Vpc, side: SubnetKind) -> Diagnostic {
    let word = side.word();
    Diagnostic::new(Code::MissingSubnets, format!("`{}` needs {word} subnets", alb.name.value))
        .at(vpc.identity.origin(), format!("the {word} subnets of this VPC are not known"))
        .at(&alb.name.origin, "the load balancer")
        .help(format!("list them: `Vpc::existing(id).{word}_subnets([..])`"))
}
