//! Permissions that a change adds, for `--require-approval broadening`.
//!
//! A permission is compared with those that the same resource granted before. It is not new if an old one covers it.
//! A permission that a block adds itself, as the minimum of what it needs, is marked: no line of the script requests it.

use crate::cfn::type_names::{SECURITY_GROUP, SECURITY_GROUP_EGRESS, SECURITY_GROUP_INGRESS};
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::cfn::emit::json;
use crate::cfn::{PathSegment, PropertyPath, Resource, Template, Value};
use crate::synth::DesiredStack;

/// A permission that is added.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Broadening {
    /// The resource that grants it.
    pub resource: String,
    /// The permission.
    pub grant: Grant,
    /// Whether a block adds it itself, as the minimum of what it needs: the trust policy of a service's role, its log group.
    #[serde(default)]
    pub minimum: bool,
}

/// A permission in comparable form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
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

/// Returns every permission of the new template that the old one does not cover, the most dangerous first.
pub fn broadenings(before: Option<&Template>, after: &DesiredStack) -> Vec<Broadening> {
    let old = |id: &str| before.and_then(|template| template.resources.get(id));
    let mut found: Vec<_> = after
        .template
        .resources
        .iter()
        .flat_map(|(id, resource)| {
            let had = old(id.as_str()).map(grants).unwrap_or_default();
            let has = grants(resource);
            let is_of_block = after.block_of(id).is_some();
            let is_new =
                |it: &&LocatedGrant| !is_deny(&it.grant) && !had.iter().any(|old| covers(&old.grant, &it.grant));
            let is_lifted = |it: &&LocatedGrant| is_deny(&it.grant) && !has.iter().any(|now| now.grant == it.grant);
            let new = has.iter().filter(is_new).map(|it| (it, is_of_block && it.is_minimum_of(resource)));
            let all = new.chain(had.iter().filter(is_lifted).map(|it| (it, false)));
            let one = |(it, minimum): (&LocatedGrant, bool)| Broadening {
                resource: id.to_string(),
                grant: it.grant.clone(),
                minimum,
            };
            all.map(one).collect::<Vec<_>>()
        })
        .collect();
    found.sort_by_cached_key(|broadening| (std::cmp::Reverse(broadening.danger()), broadening.clone()));
    found.dedup();
    found
}

/// A permission with its place in the resource.
struct LocatedGrant {
    grant: Grant,
    path: PropertyPath,
}

impl LocatedGrant {
    /// Returns whether the block of the resource adds the permission without a setter that requests it: to its own role, for
    /// its own services, or between security groups of the stack.
    fn is_minimum_of(&self, resource: &Resource) -> bool {
        let is_of_setter = *resource.origin_of(&self.path) != resource.origin;
        match &self.grant {
            Grant::Statement { actions, principals, .. } if is_trust_of_service(actions, principals) => true,
            Grant::Statement { .. } | Grant::ManagedPolicy(_) => !is_of_setter,
            Grant::Rule { ingress: false, .. } => true,
            Grant::Rule { ingress: true, peer, .. } => peer.starts_with("${"),
        }
    }
}

/// Returns whether a statement is the trust policy of a role that a service of AWS assumes.
fn is_trust_of_service(actions: &BTreeSet<String>, principals: &BTreeSet<String>) -> bool {
    let is_service = |principal: &String| principal.starts_with("Service:") && principal.ends_with(".amazonaws.com");
    actions.iter().all(|action| action == "sts:AssumeRole")
        && !principals.is_empty()
        && principals.iter().all(is_service)
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

fn grants(resource: &Resource) -> Vec<LocatedGrant> {
    let mut found = Vec::new();
    for (name, value) in &resource.properties {
        let path = PropertyPath::property(name);
        let rules = |ingress: bool| {
            let path = path.clone();
            let one = move |(at, it): (usize, &Value)| LocatedGrant {
                grant: rule(it, ingress),
                path: path.clone().then(PathSegment::Index(at)),
            };
            items(value).enumerate().map(one).collect::<Vec<_>>()
        };
        match (resource.kind.as_str(), name.as_str()) {
            (_, "ManagedPolicyArns") => found.extend(items(value).enumerate().map(|(at, arn)| LocatedGrant {
                grant: Grant::ManagedPolicy(readable(arn)),
                path: path.clone().then(PathSegment::Index(at)),
            })),
            (SECURITY_GROUP, "SecurityGroupIngress") => found.extend(rules(true)),
            (SECURITY_GROUP, "SecurityGroupEgress") => found.extend(rules(false)),
            _ => statements(value, &path, &mut found),
        }
    }
    let whole = Value::Map(resource.properties.clone());
    let path = PropertyPath(Vec::new());
    match resource.kind.as_str() {
        SECURITY_GROUP_INGRESS => found.push(LocatedGrant { grant: rule(&whole, true), path }),
        SECURITY_GROUP_EGRESS => found.push(LocatedGrant { grant: rule(&whole, false), path }),
        _ => {}
    }
    found
}

/// Collects the statements of all policy documents in a value: objects with a `Statement`.
fn statements(value: &Value, path: &PropertyPath, found: &mut Vec<LocatedGrant>) {
    // Rules of AWS WAF have a `Statement` too, which grants nothing: a statement of a policy has an `Effect`.
    let is_policy = |list: &Value| items(list).any(|it| it.as_map().is_none_or(|it| it.contains_key("Effect")));
    if let Some(list) = value.get("Statement").filter(|list| is_policy(list)) {
        let path = path.clone().then(PathSegment::Key("Statement".to_owned()));
        found.extend(
            items(list)
                .enumerate()
                .map(|(at, it)| LocatedGrant { grant: statement(it), path: path.clone().then(PathSegment::Index(at)) }),
        );
        return;
    }
    match value {
        Value::Map(map) => map
            .iter()
            .for_each(|(key, inner)| statements(inner, &path.clone().then(PathSegment::Key(key.clone())), found)),
        Value::List(list) => list
            .iter()
            .enumerate()
            .for_each(|(at, inner)| statements(inner, &path.clone().then(PathSegment::Index(at)), found)),
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

    /// Returns the permissions that a template adds.
    fn broadened(before: Option<&Template>, after: &Template) -> Vec<Broadening> {
        broadenings(before, &DesiredStack::new("web", after.clone(), Origin::unknown()))
    }

    #[test]
    fn added_action_is_a_broadening_and_removed_action_is_not() {
        let (narrow, wide) = (policy(&["s3:Get"], "*"), policy(&["s3:Get", "s3:Put"], "*"));
        assert_eq!(broadened(Some(&narrow), &wide).len(), 1);
        assert_eq!(broadened(Some(&wide), &narrow), []);
        assert_eq!(broadened(None, &narrow).len(), 1);
    }

    #[test]
    fn statement_with_a_star_covers_narrower_ones() {
        assert_eq!(broadened(Some(&policy(&["*"], "*")), &policy(&["s3:Get"], "arn:x")), []);
        assert_eq!(broadened(Some(&policy(&["s3:Get"], "arn:x")), &policy(&["s3:Get"], "*")).len(), 1);
    }

    #[test]
    fn removed_deny_statement_is_a_broadening() {
        let document = cfn!({ "Statement": cfn!([cfn!({ "Effect": "Deny", "Action": "*", "Resource": "*" })]) });
        let denied = with(Resource::new("AWS::IAM::Policy", Origin::unknown()).with("PolicyDocument", document));
        assert_eq!(broadened(Some(&denied), &with(Resource::new("AWS::IAM::Policy", Origin::unknown()))).len(), 1);
        assert_eq!(broadened(None, &denied), []);
    }

    #[test]
    fn statement_of_a_firewall_rule_is_not_a_permission() {
        let rule =
            cfn!({ "Name": "common", "Statement": cfn!({ "ManagedRuleGroupStatement": cfn!({ "Name": "Common" }) }) });
        let firewall = with(Resource::new("AWS::WAFv2::WebACL", Origin::unknown()).with("Rules", cfn!([rule])));
        assert_eq!(broadened(None, &firewall), []);
    }

    #[test]
    fn rule_for_all_traffic_names_any_protocol() {
        let all = rule(&cfn!({ "IpProtocol": "-1", "CidrIp": "0.0.0.0/0" }), true);
        assert_eq!(all, Grant::Rule { ingress: true, peer: "0.0.0.0/0".to_owned(), ports: "any protocol".to_owned() });
    }

    #[test]
    fn rule_for_a_wider_range_is_a_broadening() {
        assert_eq!(broadened(Some(&opened("10.0.0.0/8")), &opened("10.0.0.0/8")), []);
        let Grant::Rule { ingress, peer, ports } =
            &broadened(Some(&opened("10.0.0.0/8")), &opened("0.0.0.0/0"))[0].grant
        else {
            panic!("a rule was widened")
        };
        assert_eq!((*ingress, peer.as_str(), ports.as_str()), (true, "0.0.0.0/0", "tcp 80"));
    }

    #[test]
    fn permission_without_a_setter_is_the_minimum_of_its_block() {
        let (line, setter) = (Origin::new("a.rhai", 1, 1), Origin::new("a.rhai", 2, 4));
        let statement = |principal: &str, action: &str| cfn!({ "Statement": cfn!([cfn!({ "Effect": "Allow", "Action": action, "Principal": cfn!({ "Service": principal }), "Resource": "arn:x" })]) });
        let role = |action: &str| {
            Resource::new("AWS::IAM::Role", line.clone())
                .with("AssumeRolePolicyDocument", statement("ecs-tasks.amazonaws.com", "sts:AssumeRole"))
                .with("Document", statement("logs.amazonaws.com", action))
        };
        let requested = role("s3:GetObject").record_origin("Document.Statement.0", &setter);
        let template = Template {
            resources: [("Own".into(), role("logs:PutLogEvents")), ("Asked".into(), requested)].into_iter().collect(),
            ..Template::default()
        };
        let mut stack = DesiredStack::new("web", template, line.clone());
        let minimums = |stack: &DesiredStack| {
            broadenings(None, stack).into_iter().filter(|it| it.minimum).map(|it| it.resource).collect::<Vec<_>>()
        };
        assert!(minimums(&stack).is_empty(), "resources that the script writes itself have no minimum");
        for id in ["Own", "Asked"] {
            let owner = crate::synth::OwnerBlock { origin: line.clone(), label: Some("FargateService Web".into()) };
            stack.owners.insert(id.into(), owner);
        }
        assert_eq!(minimums(&stack), ["Asked", "Own", "Own"]);
        assert_eq!(broadenings(None, &stack)[0].resource, "Asked", "the most dangerous is first");
    }
}
