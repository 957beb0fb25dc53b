//! Templates as graphs, and how two of them are reported apart.
//!
//! A resource is first described by its type and its properties, with each reference reduced to its attribute. Then
//! every description takes in those of the resources that it refers to and of those that refer to it, again and again,
//! until resources at different places of the graph have different descriptions.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value, json};

struct Node {
    /// Type, properties and policies, without the ids of what is referred to.
    shape: Value,
    /// The place of a reference, its attribute, and its target.
    edges: Vec<(String, String)>,
    waits: Vec<String>,
}

pub(super) struct Graph {
    nodes: BTreeMap<String, Node>,
}

const ROUNDS: usize = 12;

impl Graph {
    pub(super) fn of(template: &Value) -> Self {
        let resources = template["Resources"].as_object().expect("resources");
        let nodes = resources.iter().map(|(id, resource)| (id.clone(), Node::of(resource, resources))).collect();
        Self { nodes }
    }

    /// Returns the differences as sentences.
    pub(super) fn differences(&self, wanted: &Graph) -> Vec<String> {
        let shapes = |graph: &Graph| graph.nodes.values().map(|node| pretty(&node.shape)).collect::<Vec<_>>();
        let found = unmatched("properties", shapes(self), shapes(wanted));
        if !found.is_empty() {
            return found;
        }
        let (ours, theirs) = (self.descriptions(), wanted.descriptions());
        let place = |graph: &Graph, of: &HashMap<&str, u64>| {
            graph.nodes.iter().map(|(id, node)| format!("{} {:x}", node.shape["Type"], of[id.as_str()])).collect()
        };
        let found = unmatched("wiring", place(self, &ours), place(wanted, &theirs));
        if !found.is_empty() {
            return found;
        }
        let distinct: BTreeSet<u64> = ours.values().copied().collect();
        assert_eq!(distinct.len(), self.nodes.len(), "two resources are at the same place of the graph");
        let by_description: HashMap<u64, &str> = theirs.iter().map(|(id, description)| (*description, *id)).collect();
        let pairs: HashMap<&str, &str> = ours.iter().map(|(id, is)| (*id, by_description[is])).collect();
        let back: HashMap<&str, &str> = pairs.iter().map(|(ours, theirs)| (*theirs, *ours)).collect();
        let mut found = self.unfounded_waits(wanted, &pairs, "waits without need");
        found.extend(wanted.unfounded_waits(self, &back, "does not wait in ours"));
        found
    }

    /// Replaces each reference in a value by the description of its target.
    pub(super) fn described(&self, value: &Value) -> Value {
        let mut edges = Vec::new();
        let shape = mask(value, "", &self.nodes.keys().map(String::as_str).collect(), &mut edges);
        let targets: Vec<Value> = edges.iter().map(|(_, id)| self.nodes[id].shape.clone()).collect();
        json!([shape, targets])
    }

    fn descriptions(&self) -> HashMap<&str, u64> {
        let mut now: HashMap<&str, u64> =
            self.nodes.iter().map(|(id, node)| (id.as_str(), hash(&node.shape.to_string()))).collect();
        for _ in 0..ROUNDS {
            let mut users: HashMap<&str, Vec<(&str, u64)>> = HashMap::new();
            for (id, node) in &self.nodes {
                for (path, target) in &node.edges {
                    users.entry(target).or_default().push((path, now[id.as_str()]));
                }
            }
            users.values_mut().for_each(|all| all.sort_unstable());
            let next = self.nodes.iter().map(|(id, node)| {
                let targets: Vec<(&str, u64)> =
                    node.edges.iter().map(|(path, to)| (path.as_str(), now[to.as_str()])).collect();
                (id.as_str(), hash(&(now[id.as_str()], targets, users.get(id.as_str()))))
            });
            now = next.collect();
        }
        now
    }

    /// Returns the dependencies that the other graph has neither as dependencies nor as references.
    fn unfounded_waits(&self, other: &Graph, pairs: &HashMap<&str, &str>, what: &str) -> Vec<String> {
        let mut found = Vec::new();
        for (id, node) in &self.nodes {
            let needs = other.needs(pairs[id.as_str()]);
            let missing = node.waits.iter().filter(|wait| !needs.contains(pairs[wait.as_str()]));
            found.extend(missing.map(|wait| format!("`{id}` {what}: `{wait}`")));
        }
        found
    }

    /// Returns all resources that exist before a resource.
    fn needs(&self, id: &str) -> BTreeSet<&str> {
        let mut needs = BTreeSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let node = &self.nodes[id];
            for next in node.edges.iter().map(|(_, to)| to).chain(&node.waits) {
                if needs.insert(next.as_str()) {
                    open.push(next);
                }
            }
        }
        needs
    }
}

impl Node {
    fn of(resource: &Value, resources: &Map<String, Value>) -> Self {
        let mut edges = Vec::new();
        let ids = resources.keys().map(String::as_str).collect();
        let mut resource = resource.clone();
        let waits = resource.as_object_mut().expect("a resource").shift_remove("DependsOn").unwrap_or_default();
        let shape = mask(&resource, "", &ids, &mut edges);
        let waits = match &waits {
            Value::String(id) => vec![id.clone()],
            Value::Array(waits) => waits.iter().map(|id| id.as_str().expect("an id").to_owned()).collect(),
            _ => Vec::new(),
        };
        // Rules are folded into their groups, and a wait for one is met by the group.
        let waits = waits.into_iter().filter(|id| resources.contains_key(id)).collect();
        Self { shape, edges, waits }
    }
}

/// Removes the ids of references from a value; these become edges. The keys of objects are sorted.
fn mask(value: &Value, path: &str, ids: &BTreeSet<&str>, edges: &mut Vec<(String, String)>) -> Value {
    match value {
        Value::Object(map) => {
            let attribute = map.get("Fn::GetAtt").map(|argument| (&argument[0], argument[1].to_string()));
            let reference = attribute.or_else(|| map.get("Ref").map(|id| (id, "Ref".to_owned())));
            if let Some((id, attribute)) = reference
                && let Some(id) = id.as_str().filter(|id| ids.contains(id))
            {
                edges.push((format!("{path}.{attribute}"), id.to_owned()));
                return json!({ "refers to": attribute });
            }
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            keys.into_iter()
                .map(|key| (key.clone(), mask(&map[key], &format!("{path}.{key}"), ids, edges)))
                .collect::<Map<_, _>>()
                .into()
        }
        Value::Array(items) => {
            items.iter().enumerate().map(|(at, item)| mask(item, &format!("{path}.{at}"), ids, edges)).collect()
        }
        other => other.clone(),
    }
}

fn unmatched(what: &str, ours: Vec<String>, mut theirs: Vec<String>) -> Vec<String> {
    let mut found = Vec::new();
    for one in ours {
        match theirs.iter().position(|other| *other == one) {
            Some(at) => drop(theirs.swap_remove(at)),
            None => found.push(format!("{what} of ours: {one}")),
        }
    }
    found.extend(theirs.into_iter().map(|one| format!("{what} of the CDK's: {one}")));
    found.sort_by_key(|found| found.split_once('{').map(|(_, shape)| shape.to_owned()));
    found
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("JSON")
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
