//! Permissions that a change adds, for `--require-approval broadening`.
//!
//! A permission is compared with those that the same resource granted before. It is not new if an old one covers it.

use crate::cfn::type_names::{SECURITY_GROUP, SECURITY_GROUP_EGRESS, SECURITY_GROUP_INGRESS};
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::cfn::emit::json;
use crate::cfn::{Resource, Template, Value};

/// A permission that is added.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Broadening {
    /// The resource that grants it.
    pub resource: String,
    /// The permission.
    pub grant: Grant,
}

/// A permission in comparable form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grant {
    /// An `Allow` statement of a policy, or a `Deny` statement that is removed.
    Statement {
        /// `Allow`, or `Deny` for one that is removed.
        effect: String,
        /// The actions of `Action` or `NotAction`.
        actions: BTreeSet<String>,
        /// The resources of `Resource` or `NotResource`.
        resources: BTreeSet<String>,
        /// The principals, in policies of resources and roles.
        principals: BTreeSet<String>,
        /// The condition as JSON; empty for none.
        condition: String,
    },
    /// A managed policy that is attached.
    ManagedPolicy(String),
    /// A rule of a security group that allows traffic.
    Rule {
        /// Whether it allows traffic into the group.
        ingress: bool,
        /// The other side: a range, a group, a prefix list.
        peer: String,
        /// The protocol and ports: `tcp 80`, `tcp 8000-8080`, `any protocol`.
        ports: String,
    },
}

/// Returns every permission of the new template that the old one does not cover.
pub fn broadenings(before: Option<&Template>, after: &Template) -> Vec<Broadening> {
    let old = |id: &str| before.and_then(|template| template.resources.get(id));
    let mut found: Vec<_> = after
        .resources
        .iter()
        .flat_map(|(id, resource)| {
            let had = old(id.as_str()).map(grants).unwrap_or_default();
            let has = grants(resource);
            let new = has.iter().filter(|grant| !is_deny(grant) && !had.iter().any(|old| covers(old, grant)));
            let lifted = had.iter().filter(|grant| is_deny(grant) && !has.contains(grant));
            let all = new.chain(lifted).cloned().collect::<Vec<_>>();
            all.into_iter().map(|grant| Broadening { resource: id.to_string(), grant })
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

fn is_deny(grant: &Grant) -> bool {
    matches!(grant, Grant::Statement { effect, .. } if effect == "Deny")
}

fn covers(old: &Grant, new: &Grant) -> bool {
    match (old, new) {
        (
            Grant::Statement { effect, actions, resources, principals, condition },
            Grant::Statement { effect: now, actions: to_do, resources: on, principals: by, condition: when },
        ) => {
            effect == now
                && includes(actions, to_do)
                && includes(resources, on)
                && includes(principals, by)
                && condition == when
        }
        _ => old == new,
    }
}

fn includes(wide: &BTreeSet<String>, narrow: &BTreeSet<String>) -> bool {
    wide.contains("*") || narrow.is_subset(wide)
}

fn grants(resource: &Resource) -> Vec<Grant> {
    let mut found = Vec::new();
    for (name, value) in &resource.properties {
        match (resource.kind.as_str(), name.as_str()) {
            (_, "ManagedPolicyArns") => found.extend(texts(value).into_iter().map(Grant::ManagedPolicy)),
            (SECURITY_GROUP, "SecurityGroupIngress") => found.extend(items(value).map(|it| rule(it, true))),
            (SECURITY_GROUP, "SecurityGroupEgress") => found.extend(items(value).map(|it| rule(it, false))),
            _ => statements(value, &mut found),
        }
    }
    let whole = Value::Map(resource.properties.clone());
    match resource.kind.as_str() {
        SECURITY_GROUP_INGRESS => found.push(rule(&whole, true)),
        SECURITY_GROUP_EGRESS => found.push(rule(&whole, false)),
        _ => {}
    }
    found
}

/// Collects the statements of all policy documents in a value: objects with a `Statement`.
fn statements(value: &Value, found: &mut Vec<Grant>) {
    if let Some(list) = value.get("Statement") {
        found.extend(items(list).map(statement));
        return;
    }
    match value {
        Value::Map(map) => map.values().for_each(|inner| statements(inner, found)),
        Value::List(list) => list.iter().for_each(|inner| statements(inner, found)),
        _ => {}
    }
}

fn statement(value: &Value) -> Grant {
    let part = |name: &str, negated: &str| match (value.get(name), value.get(negated)) {
        (Some(list), _) => texts(list),
        (None, Some(list)) => texts(list).into_iter().map(|text| format!("not {text}")).collect(),
        (None, None) => BTreeSet::new(),
    };
    Grant::Statement {
        effect: value.get("Effect").and_then(Value::as_str).unwrap_or("Allow").to_owned(),
        actions: part("Action", "NotAction"),
        resources: part("Resource", "NotResource"),
        principals: part("Principal", "NotPrincipal"),
        condition: value.get("Condition").map(json::compact).unwrap_or_default(),
    }
}

fn rule(value: &Value, ingress: bool) -> Grant {
    const PEERS: [&str; 9] = [
        "CidrIp",
        "CidrIpv6",
        "SourceSecurityGroupId",
        "DestinationSecurityGroupId",
        "SourcePrefixListId",
        "DestinationPrefixListId",
        "SourceSecurityGroupName",
        "SourceSecurityGroupOwnerId",
        "GroupId",
    ];
    let text = |name: &str| value.get(name).map(readable);
    let peer = PEERS.iter().find_map(|name| text(name)).unwrap_or_default();
    let protocol = match text("IpProtocol").unwrap_or_default() {
        all if all == "-1" => "any protocol".to_owned(),
        protocol => protocol,
    };
    let ports = match (text("FromPort"), text("ToPort")) {
        (Some(from), Some(to)) if from == to => format!("{protocol} {from}"),
        (Some(from), Some(to)) => format!("{protocol} {from}-{to}"),
        _ => protocol,
    };
    Grant::Rule { ingress, peer, ports }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::List(list) => list.iter(),
        single => std::slice::from_ref(single).iter(),
    }
}

fn texts(value: &Value) -> BTreeSet<String> {
    match value {
        Value::List(list) => list.iter().map(readable).collect(),
        Value::Map(map) => {
            map.iter().flat_map(|(kind, who)| items(who).map(move |one| format!("{kind}:{}", readable(one)))).collect()
        }
        single => BTreeSet::from([readable(single)]),
    }
}

fn readable(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        other => json::compact(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn;
    use crate::diag::Origin;

    fn with(resource: Resource) -> Template {
        Template { resources: [("It".into(), resource)].into_iter().collect(), ..Template::default() }
    }

    fn policy(actions: &[&str], resource: &str) -> Template {
        let document = cfn!({ "Statement": cfn!([cfn!({
            "Effect": "Allow", "Action": Value::list(actions.iter().copied()), "Resource": resource
        })]) });
        with(Resource::new("AWS::IAM::Policy", Origin::unknown()).with("PolicyDocument", document))
    }

    fn opened(cidr: &str) -> Template {
        let rules = cfn!([cfn!({ "IpProtocol": "tcp", "FromPort": 80_i64, "ToPort": 80_i64, "CidrIp": cidr })]);
        with(Resource::new("AWS::EC2::SecurityGroup", Origin::unknown()).with("SecurityGroupIngress", rules))
    }

    #[test]
    fn added_action_is_a_broadening_and_removed_action_is_not() {
        let (narrow, wide) = (policy(&["s3:Get"], "*"), policy(&["s3:Get", "s3:Put"], "*"));
        assert_eq!(broadenings(Some(&narrow), &wide).len(), 1);
        assert_eq!(broadenings(Some(&wide), &narrow), []);
        assert_eq!(broadenings(None, &narrow).len(), 1);
    }

    #[test]
    fn statement_with_a_star_covers_narrower_ones() {
        assert_eq!(broadenings(Some(&policy(&["*"], "*")), &policy(&["s3:Get"], "arn:x")), []);
        assert_eq!(broadenings(Some(&policy(&["s3:Get"], "arn:x")), &policy(&["s3:Get"], "*")).len(), 1);
    }

    #[test]
    fn removed_deny_statement_is_a_broadening() {
        let document = cfn!({ "Statement": cfn!([cfn!({ "Effect": "Deny", "Action": "*", "Resource": "*" })]) });
        let denied = with(Resource::new("AWS::IAM::Policy", Origin::unknown()).with("PolicyDocument", document));
        assert_eq!(broadenings(Some(&denied), &with(Resource::new("AWS::IAM::Policy", Origin::unknown()))).len(), 1);
        assert_eq!(broadenings(None, &denied), []);
    }

    #[test]
    fn rule_for_all_traffic_names_any_protocol() {
        let all = rule(&cfn!({ "IpProtocol": "-1", "CidrIp": "0.0.0.0/0" }), true);
        assert_eq!(all, Grant::Rule { ingress: true, peer: "0.0.0.0/0".to_owned(), ports: "any protocol".to_owned() });
    }

    #[test]
    fn rule_for_a_wider_range_is_a_broadening() {
        assert_eq!(broadenings(Some(&opened("10.0.0.0/8")), &opened("10.0.0.0/8")), []);
        let Grant::Rule { ingress, peer, ports } =
            &broadenings(Some(&opened("10.0.0.0/8")), &opened("0.0.0.0/0"))[0].grant
        else {
            panic!("a rule was widened")
        };
        assert_eq!((*ingress, peer.as_str(), ports.as_str()), (true, "0.0.0.0/0", "tcp 80"));
    }
}
