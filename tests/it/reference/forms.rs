//! Forms that mean the same, as one.

use serde_json::{Map, Value, json};

use super::Resources;

/// Names and descriptions without effect: only their presence is compared.
const NAMES: [&str; 5] = ["Family", "PolicyName", "GroupDescription", "Description", "awslogs-stream-prefix"];

/// Rules of security groups inside their group, policies inside their role, texts as lists of pieces, tags, variables
/// and attributes as objects, names as names.
pub(super) fn one_form(template: &Value) -> Value {
    let mut template = template.clone();
    let resources = template["Resources"].as_object_mut().expect("resources");
    full_names(resources);
    rules_inside(resources, "AWS::EC2::SecurityGroupIngress", "SecurityGroupIngress");
    rules_inside(resources, "AWS::EC2::SecurityGroupEgress", "SecurityGroupEgress");
    policies_inside(resources);
    let mut same = Map::new();
    for (key, value) in template.as_object().expect("an object") {
        same.insert(key.clone(), simple(value));
    }
    same.into()
}

fn take(resources: &mut Resources, kind: &str) -> Vec<Value> {
    let ids: Vec<String> = resources.iter().filter(|(_, is)| is["Type"] == kind).map(|(id, _)| id.clone()).collect();
    ids.iter().map(|id| resources.shift_remove(id).expect("just found")).collect()
}

fn rules_inside(resources: &mut Resources, kind: &str, property: &str) {
    for rule in take(resources, kind) {
        let mut rule = rule["Properties"].as_object().expect("properties").clone();
        // A rule that lost its group has no place, and must not get lost for it.
        let Some(group) = rule.shift_remove("GroupId").and_then(|id| target(&id)) else {
            resources.insert(format!("Lost{kind}"), json!({ "Type": kind, "Properties": rule }));
            continue;
        };
        let rules = &mut resources[&group]["Properties"][property];
        let mut all = rules.as_array().cloned().unwrap_or_default();
        all.push(rule.into());
        *rules = all.into();
    }
}

fn policies_inside(resources: &mut Resources) {
    for policy in take(resources, "AWS::IAM::Policy") {
        let policy = &policy["Properties"];
        for role in policy["Roles"].as_array().expect("roles") {
            let role = &mut resources[&target(role).expect("a role")]["Properties"]["Policies"];
            let mut all = role.as_array().cloned().unwrap_or_default();
            all.push(json!({ "PolicyName": policy["PolicyName"], "PolicyDocument": policy["PolicyDocument"] }));
            *role = all.into();
        }
    }
}

fn target(reference: &Value) -> Option<String> {
    let id = reference.get("Ref").or_else(|| reference.get("Fn::GetAtt")?.get(0))?;
    id.as_str().map(str::to_owned)
}

/// Replaces the CDK's way to cut the load balancer's full name out of the listener's ARN.
fn full_names(resources: &mut Resources) {
    let listeners: Vec<(String, Value)> = resources
        .iter()
        .filter(|(_, is)| is["Type"] == "AWS::ElasticLoadBalancingV2::Listener")
        .map(|(id, is)| (id.clone(), is.clone()))
        .collect();
    for (id, listener) in listeners {
        let Some(balancer) = target(&listener["Properties"]["LoadBalancerArn"]) else { continue };
        let cut = |part: usize| json!({ "Fn::Select": [part, { "Fn::Split": ["/", { "Ref": &id }] }] });
        let long = [cut(1), json!("/"), cut(2), json!("/"), cut(3)];
        let short = json!({ "Fn::GetAtt": [balancer, "LoadBalancerFullName"] });
        for policy in resources.values_mut() {
            let label = "/Properties/TargetTrackingScalingPolicyConfiguration/PredefinedMetricSpecification/ResourceLabel/Fn::Join/1";
            let Some(Value::Array(pieces)) = policy.pointer_mut(label) else { continue };
            if pieces.starts_with(&long) {
                pieces.splice(..long.len(), [short.clone()]);
            }
        }
    }
}

fn simple(value: &Value) -> Value {
    match value {
        Value::Object(map) => match (map.get("Fn::Join"), map.get("Fn::Sub")) {
            (Some(join), _) if join[0] == "" => json!({ "text": pieces(join[1].as_array().expect("pieces")) }),
            (_, Some(Value::String(sub))) => json!({ "text": pieces(&substituted(sub)) }),
            _ => map.iter().map(|(key, value)| (key.clone(), named(key, value))).collect::<Map<_, _>>().into(),
        },
        Value::Array(items) => keyed(items).unwrap_or_else(|| items.iter().map(simple).collect()),
        other => other.clone(),
    }
}

fn named(key: &str, value: &Value) -> Value {
    if NAMES.contains(&key) && value.is_string() { json!("a name") } else { simple(value) }
}

/// Turns a list of tags, attributes or variables into an object; that a network's part has a name counts, not
/// which.
fn keyed(items: &[Value]) -> Option<Value> {
    let key = |item: &Value| item.get("Key").or_else(|| item.get("Name")).and_then(Value::as_str).map(str::to_owned);
    let pair = |item: &Value| item.as_object().is_some_and(|map| map.len() == 2 && map.contains_key("Value"));
    if items.is_empty() || !items.iter().all(pair) {
        return None;
    }
    let entry = |item: &Value| {
        let key = key(item)?;
        let value = if key == "Name" { json!("a name") } else { simple(&item["Value"]) };
        Some((key, value))
    };
    items.iter().map(entry).collect::<Option<Map<_, _>>>().map(sorted)
}

fn sorted(map: Map<String, Value>) -> Value {
    let mut entries: Vec<(String, Value)> = map.into_iter().collect();
    entries.sort_by(|(one, _), (other, _)| one.cmp(other));
    entries.into_iter().collect::<Map<_, _>>().into()
}

fn substituted(sub: &str) -> Vec<Value> {
    let mut pieces = Vec::new();
    let mut rest = sub;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, behind) = after.split_once('}').expect("a closed reference");
        pieces.push(before.into());
        pieces.push(match name.split_once('.') {
            Some((id, attribute)) => json!({ "Fn::GetAtt": [id, attribute] }),
            None => json!({ "Ref": name }),
        });
        rest = behind;
    }
    pieces.push(rest.into());
    pieces
}

fn pieces(parts: &[Value]) -> Vec<Value> {
    let mut pieces: Vec<Value> = Vec::new();
    for part in parts.iter().filter(|part| **part != "") {
        match (pieces.last_mut(), part) {
            (Some(Value::String(before)), Value::String(text)) => before.push_str(text),
            _ => pieces.push(simple(part)),
        }
    }
    pieces
}
