//! The services of a file in the order in which they depend on each other, with what they extend.

use std::collections::HashSet;

use crate::importers::source::{Node, NodeValue};

/// A service of the file.
pub(super) struct Service {
    pub(super) name: String,
    /// Its keys, with those of the service that it extends.
    pub(super) node: Node,
    /// The file of the service that it extends, if that is another one or is missing.
    pub(super) base_elsewhere: Option<String>,
}

/// Returns the services: those that others depend on come first.
pub(super) fn services(section: &Node) -> Vec<Service> {
    let mut ordered = Vec::new();
    let mut seen = HashSet::new();
    for (name, _) in section.entries() {
        visit(section, name, &mut seen, &mut ordered);
    }
    ordered
}

/// Adds a service behind those that it depends on. Compose refuses a cycle; here it is cut.
fn visit(section: &Node, name: &str, seen: &mut HashSet<String>, ordered: &mut Vec<Service>) {
    // Each service is added once, so a long chain is not deeper than the file has services.
    let mut open = vec![(name.to_owned(), false)];
    while let Some((name, is_ready)) = open.pop() {
        let Some(node) = section.peek(&name) else { continue };
        if is_ready {
            let (node, base_elsewhere) = extended(section, node, &mut HashSet::from([name.clone()]));
            ordered.push(Service { name, node, base_elsewhere });
            continue;
        }
        if !seen.insert(name.clone()) {
            continue;
        }
        open.push((name.clone(), true));
        let mut needed = needs(node);
        needed.reverse();
        open.extend(needed.into_iter().filter(|needed| !seen.contains(needed)).map(|needed| (needed, false)));
    }
}

/// Returns the services that a service waits for.
fn needs(node: &Node) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(depends_on) = node.peek("depends_on") {
        names.extend(depends_on.entries().iter().map(|(name, _)| name.clone()));
        names.extend(depends_on.items().iter().filter_map(|item| item.text()));
    }
    if let Some(links) = node.peek("links") {
        let name = |link: &&Node| link.text().map(|link| link.split(':').next().unwrap_or_default().to_owned());
        names.extend(links.items().iter().filter_map(name));
    }
    names
}

/// Returns a service with the keys of the one that it extends.
fn extended(section: &Node, node: &Node, seen: &mut HashSet<String>) -> (Node, Option<String>) {
    let Some(extends) = node.peek("extends") else { return (node.clone(), None) };
    let base = extends.text().or_else(|| extends.peek("service").and_then(Node::text)).unwrap_or_default();
    let own = without(node, "extends");
    let file = extends.peek("file").and_then(Node::text);
    match (file, section.peek(&base)) {
        (Some(file), _) => (own, Some(file)),
        (None, Some(found)) if seen.insert(base.clone()) => {
            let (found, elsewhere) = extended(section, found, seen);
            (without(&found, "depends_on").merged(own), elsewhere)
        }
        _ => (own, Some(format!("`{base}`, which is missing"))),
    }
}

fn without(node: &Node, key: &str) -> Node {
    let entries = node.entries().iter().filter(|(name, _)| name != key).cloned();
    Node::new(node.line, NodeValue::Map(entries.collect()))
}
