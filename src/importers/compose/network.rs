//! Ports, load balancers, and the services that a service calls.

use super::{Compose, Counterpart};
use crate::importers::draft::Draft;
use crate::importers::names::variable_name;
use crate::importers::source::Node;
use crate::importers::writer::Expr;

/// Ports that are published for protocols other than HTTP.
const NOT_HTTP: &[i64] = &[
    21, 22, 23, 25, 53, 110, 143, 389, 465, 587, 636, 993, 995, 1433, 1521, 1883, 3306, 5432, 5672, 6379, 8883, 9092,
    11211, 27017,
];

/// A port of a service.
#[derive(Debug, Clone, PartialEq)]
struct Port {
    container: i64,
    published: Option<i64>,
    protocol: String,
    host: Option<String>,
    line: u32,
}

/// The ports of a service.
#[derive(Debug, Default)]
pub(super) struct Ports {
    /// The port that the container listens on.
    pub(super) container: Option<i64>,
    /// The port of the load balancer, if the service is published for HTTP.
    listen: Option<i64>,
}

/// Sets the port of the container. The first published one wins; others are noted.
pub(super) fn ports(compose: &Compose<'_>, node: &Node, draft: &mut Draft) -> Ports {
    let mut all = Vec::new();
    for item in node.get("ports").map(Node::items).unwrap_or_default() {
        match read(compose, item, draft) {
            Some(port) => all.push(port),
            None => draft.note(item.line, "a port that is not a number from 1 to 65535, or a range of ports"),
        }
    }
    let exposed = node.get("expose").map(Node::items).unwrap_or_default().into_iter().filter_map(|item| {
        let number = item.text()?.split('/').next()?.parse().ok()?;
        Some(Port { container: number, published: None, protocol: "tcp".into(), host: None, line: item.line })
    });
    all.extend(exposed);
    let is_public = |port: &&Port| {
        port.published.is_some() && port.protocol == "tcp" && port.host.is_none() && !NOT_HTTP.contains(&port.container)
    };
    let public = all.iter().find(is_public).cloned();
    let main = public.clone().or_else(|| all.iter().find(|port| port.protocol == "tcp").cloned());
    for port in &all {
        let number = port.container;
        if Some(port) == main.as_ref() {
            if port.published.is_some() && public.is_none() && port.host.is_none() {
                draft.note(port.line, format!("port {number} is published and is not HTTP: it needs a Network Load Balancer (`AWS::ElasticLoadBalancingV2::LoadBalancer`)"));
            }
            if let Some(host) = &port.host {
                draft.note(
                    port.line,
                    format!("port {number} is published on {host} only: other services reach it with `.calls`"),
                );
            }
        } else if main.as_ref().is_none_or(|main| main.container != number) {
            draft.note(
                port.line,
                format!("port {number}/{} is a further port of the service: the script has one", port.protocol),
            );
        }
    }
    if let Some(main) = &main {
        draft.set_int("port", main.container);
    }
    let listen = public.as_ref().and_then(|port| port.published);
    if listen == Some(443) {
        let line = public.as_ref().map_or(node.line, |port| port.line);
        draft.note(
            line,
            "HTTPS needs a certificate: `.https(certificate_arn)` of the load balancer, which listens on port 80",
        );
    }
    Ports { container: main.map(|port| port.container), listen: listen.map(|port| if port == 443 { 80 } else { port }) }
}

fn read(compose: &Compose<'_>, item: &Node, draft: &mut Draft) -> Option<Port> {
    let valid = |text: &str| text.parse::<i64>().ok().filter(|port| (1..=65_535).contains(port));
    if item.is_map() {
        let number = |key: &str, draft: &mut Draft| {
            let found = item.get(key)?;
            valid(&compose.plain(found, key, draft)?)
        };
        let host = item.peek("host_ip").and_then(Node::text).filter(|host| is_local(host));
        let protocol = item.get("protocol").and_then(Node::text).unwrap_or_else(|| "tcp".into());
        let container = number("target", draft)?;
        let published = number("published", draft);
        return Some(Port { container, published, protocol, host, line: item.line });
    }
    let text = compose.plain(item, "ports", draft)?;
    let (text, protocol) = text.split_once('/').unwrap_or((&text, "tcp"));
    // An address of IPv6 has colons of its own.
    let (before, container) = text.rsplit_once(':').map_or((None, text), |(before, port)| (Some(before), port));
    let (host, published) = match before {
        None => (None, None),
        Some(before) => before.rsplit_once(':').map_or((None, Some(before)), |(host, port)| (Some(host), Some(port))),
    };
    let host = host.filter(|host| is_local(host)).map(str::to_owned);
    // Without a number the port of the host is a free one.
    let container = valid(container)?;
    let published = published.map_or(Some(container), valid);
    Some(Port { container, published, protocol: protocol.to_owned(), host, line: item.line })
}

fn is_local(host: &str) -> bool {
    host.starts_with("127.") || matches!(host, "localhost" | "::1" | "[::1]")
}

/// Puts a published service behind a load balancer of its own. Returns the load balancer with its variable.
pub(super) fn load_balancers(
    compose: &mut Compose<'_>,
    ports: &Ports,
    (block, variable): (&str, &str),
    node: &Node,
    draft: &mut Draft,
) -> Vec<(String, Expr)> {
    let Some(listen) = ports.listen else { return Vec::new() };
    let name = compose.names.unique(&variable_name(&format!("{variable}_alb")), "_");
    draft.set("behind", [Expr::name(&name)]);
    if let Some(path) = health_path(compose, node) {
        draft.set_text("health_check", path);
    }
    let output = format!("{}Url", crate::cfn::names::stem(block));
    compose.outputs.push((output, Expr::name(format!("{name}.url"))));
    let alb = Expr::call("Alb", [Expr::text(block)]).set("listen", [Expr::Int(listen)]);
    vec![(name, alb)]
}

/// Returns the path that the health check of the container requests from itself: `curl -f http://localhost:8080/health`.
fn health_path(compose: &Compose<'_>, node: &Node) -> Option<String> {
    let test = node.peek("healthcheck")?.peek("test")?;
    let words: Vec<String> = test.items().iter().filter_map(|word| word.text()).collect();
    let command = compose.variables.plain(&words.join(" ")).0;
    let rest =
        ["http://localhost", "http://127.0.0.1", "http://0.0.0.0"].iter().find_map(|host| command.split_once(host))?.1;
    let rest = rest.trim_start_matches(|letter: char| letter == ':' || letter.is_ascii_digit());
    let is_path = |letter: &char| letter.is_ascii_alphanumeric() || "/-_.~".contains(*letter);
    let path: String = rest.chars().take_while(is_path).collect();
    (path.starts_with('/') && path.len() > 1).then_some(path)
}

/// Sets the services that a service calls, and those that it only waits for.
pub(super) fn dependencies(compose: &Compose<'_>, node: &Node, draft: &mut Draft) {
    let mut needed: Vec<(String, u32)> = Vec::new();
    if let Some(depends_on) = node.get("depends_on") {
        for (name, condition) in depends_on.entries() {
            condition.mark();
            let wanted = condition.get("condition").and_then(Node::text);
            if wanted.as_deref() == Some("service_completed_successfully") {
                draft.note(condition.line, format!("`{name}` must have ended before: run it with `rtiler run app.rhai run-task` before the deployment"));
            }
            needed.push((name.clone(), condition.line));
        }
        needed.extend(depends_on.items().iter().filter_map(|item| Some((item.text()?, item.line))));
    }
    for link in node.get("links").map(Node::items).unwrap_or_default() {
        let Some(text) = link.text() else { continue };
        let name = text.split(':').next().unwrap_or_default();
        needed.push((name.to_owned(), link.line));
    }
    let mut seen = std::collections::HashSet::new();
    needed.retain(|(name, _)| seen.insert(name.clone()));
    for (name, line) in needed {
        match compose.services.get(&name) {
            Some(Counterpart::Service { variable, port: Some(_) }) => {
                draft.set("calls", [Expr::name(variable)]);
                draft.note(line, format!("the name `{name}` is not known on ECS: give the address of the service in a variable, or use a load balancer or Service Connect"));
            }
            Some(Counterpart::Service { variable, port: None }) => draft.set("depends_on", [Expr::name(variable)]),
            Some(Counterpart::Store) => {
                draft.note(
                    line,
                    format!("the service uses `{name}`: give it the address and the password of the store"),
                );
            }
            None => draft.note(line, format!("`{name}` is not a service of the file")),
        }
    }
}
