//! The load balancers of a service: one of its own is written as a block, a shared one is used as it is.

use serde_json::Value as Json;

use super::properties::{Properties, int, literal};
use super::{ServiceWriter, routes, strategy};
use crate::deploy::operate::{ListenerParts, LoadBalancerParts};
use crate::importers::draft::Draft;
use crate::importers::names::variable_name;
use crate::importers::writer::Expr;

/// The attributes of load balancers with the values that mean nothing is set ("Load balancer attributes" of the guides to
/// Application and Network Load Balancers).
const DEFAULTS: &[(&str, &str)] = &[
    ("access_logs.s3.enabled", "false"),
    ("client_keep_alive.seconds", "3600"),
    ("connection_logs.s3.enabled", "false"),
    ("deletion_protection.enabled", "false"),
    ("dns_record.client_routing_policy", "any_availability_zone"),
    ("health_check_logs.s3.enabled", "false"),
    ("idle_timeout.timeout_seconds", "60"),
    ("ipv6.deny_all_igw_traffic", "false"),
    ("load_balancing.cross_zone.enabled", "false"),
    ("routing.http.desync_mitigation_mode", "defensive"),
    ("routing.http.preserve_host_header.enabled", "false"),
    ("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false"),
    ("routing.http.xff_client_port.enabled", "false"),
    ("routing.http.xff_header_processing.mode", "append"),
    ("routing.http2.enabled", "true"),
    ("waf.fail_open.enabled", "false"),
    ("zonal_shift.config.enabled", "false"),
];

/// A load balancer in the script.
pub(super) struct Balancer<'p> {
    pub(super) parts: &'p LoadBalancerParts,
    pub(super) variable: String,
    /// Whether no other service uses it.
    pub(super) is_own: bool,
}

impl Balancer<'_> {
    pub(super) fn is_network(&self) -> bool {
        self.parts.properties["Type"] == "network"
    }
}

impl<'p> ServiceWriter<'p> {
    /// Returns the load balancers of the service, with names.
    pub(super) fn balancers(&mut self) -> Vec<Balancer<'p>> {
        let groups: Vec<&str> = self.parts.target_groups.keys().map(String::as_str).collect();
        let parts = self.parts;
        let named = parts.load_balancers.iter().map(|balancer| {
            let base = if balancer.properties["Type"] == "network" { "nlb" } else { "alb" };
            let variable = self.names.unique(&variable_name(base), "_");
            Balancer { parts: balancer, variable, is_own: is_own(balancer, &groups) }
        });
        named.collect()
    }

    /// Returns the load balancer that several services share.
    pub(super) fn shared_balancer(&self, balancer: &Balancer<'_>, draft: &mut Draft) -> Expr {
        let listener = balancer.parts.listeners.iter().find(|listener| self.serves(listener));
        let arn = listener.or(balancer.parts.listeners.first()).map_or("", |listener| &listener.arn);
        if balancer.parts.listeners.iter().filter(|listener| self.serves(listener)).count() > 1 {
            draft.note(
                0,
                format!("several listeners of the load balancer serve it; the script has rules on {arn} alone"),
            );
        }
        let mut facts = vec![("listener_arn".to_owned(), Expr::text(arn))];
        if let Some(group) = balancer.parts.properties["SecurityGroups"][0].as_str() {
            facts.push(("security_group_id".to_owned(), Expr::text(group)));
        }
        draft.note(0, "other services use the load balancer: the script adds rules to it");
        Expr::call("Alb::existing", [Expr::Map(facts)])
    }

    fn serves(&self, listener: &ListenerParts) -> bool {
        let groups: Vec<&str> = self.parts.target_groups.keys().map(String::as_str).collect();
        let to_own = |actions: &Json| routes::forwards_to(actions, &groups);
        to_own(&listener.properties["DefaultActions"]) || listener.rules.iter().any(|rule| to_own(&rule["Actions"]))
    }
}

/// Returns the block of a load balancer of the service's own.
pub(super) fn own_balancer(balancer: &Balancer<'_>, name: &str, draft: &mut Draft) -> Expr {
    let network = balancer.is_network();
    listeners(balancer, draft);
    let properties = Properties::of(&balancer.parts.properties);
    if properties.text("Scheme") == Some("internal") {
        draft.set("internal", []);
    }
    if properties.text("IpAddressType") == Some("dualstack") && !network {
        draft.set("dual_stack", []);
    }
    callers(balancer, draft);
    attributes(balancer, draft);
    draft.expression(Expr::call(if network { "Nlb" } else { "Alb" }, [Expr::text(name)]))
}

/// Admits those whom the security group of the load balancer admits.
fn callers(balancer: &Balancer<'_>, draft: &mut Draft) {
    let groups = &balancer.parts.security_groups;
    let known = balancer.parts.properties["SecurityGroups"].as_array().map_or(0, Vec::len);
    if groups.len() < known {
        return draft.note(
            0,
            "the security groups of the load balancer cannot be read: it admits everyone, unless `.allow_from(cidr)` is added",
        );
    }
    let rules = || groups.iter().flat_map(|group| group["SecurityGroupIngress"].as_array().into_iter().flatten());
    let is_open = |rule: &Json| rule["CidrIp"] == "0.0.0.0/0" || rule["CidrIpv6"] == "::/0";
    if rules().any(is_open) {
        return;
    }
    let mut admitted: Vec<&str> =
        rules().filter_map(|rule| rule["CidrIp"].as_str().or(rule["CidrIpv6"].as_str())).collect();
    admitted.dedup();
    for cidr in admitted {
        draft.set_text("allow_from", cidr);
    }
    for rule in rules().filter(|rule| rule["CidrIp"].is_null() && rule["CidrIpv6"].is_null()) {
        draft.note(
            0,
            format!("the load balancer admits a source without an address, which the script does not: {rule}"),
        );
    }
    if rules().next().is_none() {
        draft.note(0, "no rule of the load balancer's security group is known; it admits everyone, unless `.allow_from(cidr)` is added");
    }
}

/// Returns whether no listener sends requests to a target group of another service.
fn is_own(balancer: &LoadBalancerParts, groups: &[&str]) -> bool {
    let is_fine = |actions: &Json| {
        let mut forwards = actions.as_array().into_iter().flatten().filter(|action| action["Type"] == "forward");
        forwards.all(|_| routes::forwards_to(actions, groups))
    };
    balancer.listeners.iter().all(|listener| {
        is_fine(&listener.properties["DefaultActions"]) && listener.rules.iter().all(|rule| is_fine(&rule["Actions"]))
    })
}

fn listeners(balancer: &Balancer<'_>, draft: &mut Draft) {
    for listener in &balancer.parts.listeners {
        let properties = Properties::of(&listener.properties);
        let port = properties.int("Port").unwrap_or_default();
        let protocol = properties.text("Protocol").unwrap_or_default();
        let certificate = || literal(&listener.properties["Certificates"][0]["CertificateArn"]);
        match protocol {
            "HTTP" if routes::redirects_to_https(&listener.properties["DefaultActions"]) => {
                draft.set("redirect_http", []);
            }
            "HTTP" | "TCP" => draft.set_int("listen", port),
            "HTTPS" => {
                draft.set("https", [certificate()]);
                if port != 443 {
                    draft.note(0, format!("the listener of HTTPS has the port {port}; that of the script has 443"));
                }
            }
            "TLS" => draft.set("tls", [Expr::Int(port), certificate()]),
            other => draft.set("listen", [Expr::Int(port), Expr::text(other.to_ascii_lowercase())]),
        }
        let policy = properties.text("SslPolicy").filter(|_| matches!(protocol, "HTTPS" | "TLS"));
        if let Some(policy) = policy.filter(|policy| *policy != "ELBSecurityPolicy-2016-08") {
            draft.set_text("ssl_policy", policy);
        }
        if properties.get("MutualAuthentication").is_some_and(|mutual| mutual["Mode"] != "off") {
            draft.note(0, "the listener verifies clients: see `.mutual_tls()` of the load balancer");
        }
    }
}

fn attributes(balancer: &Balancer<'_>, draft: &mut Draft) {
    let all: Vec<(&str, &str)> = balancer.parts.properties["LoadBalancerAttributes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| Some((one["Key"].as_str()?, one["Value"].as_str()?)))
        .collect();
    let value = |wanted: &str| all.iter().find(|(key, _)| *key == wanted).map(|(_, value)| *value);
    for &(key, set) in &all {
        match (key, set) {
            _ if DEFAULTS.contains(&(key, set)) => {}
            // Application Load Balancers always do.
            ("load_balancing.cross_zone.enabled", _) if !balancer.is_network() => {}
            ("load_balancing.cross_zone.enabled", _) => draft.set("cross_zone", []),
            ("idle_timeout.timeout_seconds", seconds) => draft.set_int("idle_timeout", seconds.parse().unwrap_or(60)),
            ("deletion_protection.enabled", _) => draft.set("deletion_protection", []),
            ("routing.http.drop_invalid_header_fields.enabled", "true") => {}
            ("routing.http.drop_invalid_header_fields.enabled", _) => {
                draft.note(0, "the load balancer passes on invalid headers; that of the script drops them");
            }
            ("access_logs.s3.enabled", _) => {
                let bucket = value("access_logs.s3.bucket").unwrap_or_default();
                let prefix = value("access_logs.s3.prefix").filter(|prefix| !prefix.is_empty());
                draft.set("access_logs", [Expr::text(bucket)].into_iter().chain(prefix.map(Expr::text)));
            }
            (key, _) if key.starts_with("access_logs.") || set.is_empty() => {}
            (key, set) => {
                let path = format!("LoadBalancerAttributes[{key}].Value");
                draft.set("override", [Expr::text("LoadBalancer"), Expr::Text(path), Expr::text(set)]);
            }
        }
    }
}

/// Puts the service behind its load balancers.
pub(super) fn behind(balancers: &[Balancer<'_>], service: &Json, draft: &mut Draft) {
    for (at, entry) in service["LoadBalancers"].as_array().into_iter().flatten().enumerate() {
        let groups = strategy::groups(entry);
        // The first one is the target of the service itself.
        let target = (at > 0).then(|| target(entry));
        for balancer in balancers {
            let mut places = places(balancer, (&groups, service), draft);
            if target.is_some() {
                // A target of its own needs a route.
                places.iter_mut().filter(|place| place.is_none()).for_each(|place| *place = Some(Expr::text("/*")));
            }
            for place in places {
                let target = target.clone().filter(|_| place.is_some());
                draft.set("behind", [Expr::name(&balancer.variable)].into_iter().chain(place).chain(target));
            }
        }
    }
}

fn target(entry: &Json) -> Expr {
    let port = int(&entry["ContainerPort"]).unwrap_or_default();
    Expr::call("Target", []).set("container", [literal(&entry["ContainerName"])]).set("port", [Expr::Int(port)])
}

/// Returns what leads from a load balancer to a target group, each once: a route, a port of a Network Load Balancer, or none for
/// all requests.
fn places(balancer: &Balancer<'_>, (group, service): (&[&str], &Json), draft: &mut Draft) -> Vec<Option<Expr>> {
    let mut places: Vec<Option<Expr>> = Vec::new();
    for listener in balancer.parts.listeners.iter().filter(|listener| !strategy::is_for_tests(listener, service)) {
        if routes::forwards_to(&listener.properties["DefaultActions"], group) {
            let port = int(&listener.properties["Port"]).unwrap_or_default();
            places.push(match (balancer.is_network(), balancer.is_own) {
                (true, _) => Some(Expr::Int(port)),
                (false, true) => None,
                (false, false) => Some(Expr::text("/*")),
            });
        }
        for rule in listener.rules.iter().filter(|rule| routes::forwards_to(&rule["Actions"], group)) {
            let is_default = balancer.is_own && strategy::is_default(rule, service);
            places.push((!is_default).then(|| routes::route(rule, balancer.is_own, draft)));
        }
    }
    let mut once: Vec<Option<Expr>> = Vec::new();
    places.into_iter().for_each(|place| {
        if !once.contains(&place) {
            once.push(place);
        }
    });
    once
}
