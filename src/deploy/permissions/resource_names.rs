//! The ARNs of resources before they exist: from the name that the script sets, or from the name that CloudFormation generates.
//!
//! A generated name is `STACK-LOGICALID-RANDOM`; for a short limit of characters, stack and logical id are cut ("Name type" of the
//! CloudFormation template reference). A pattern keeps the part that is always there.

use crate::cfn::type_names::{
    BUCKET, BUCKET_POLICY, CLUSTER, EXPRESS_SERVICE, LISTENER, LISTENER_RULE, LOAD_BALANCER, LOG_GROUP, QUEUE, ROLE,
    SERVICE, TARGET_GROUP, TASK_DEFINITION,
};
use crate::cfn::{Resource, Segment, TemplateString, Value};
use crate::deploy::api::partition_of;
use crate::synth::DesiredStack;

/// A stack with the region in which it is deployed, if that is known.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) stack: &'a DesiredStack,
    pub(super) region: Option<&'a str>,
}

/// A source of the name in an ARN.
enum Name {
    /// The property with the name of the resource; without it, CloudFormation generates one of at most so many characters.
    Own(&'static str, usize),
    /// Such a name in lower case.
    OwnLower(&'static str, usize),
    /// The name of another resource, to which a property refers.
    Of(&'static str),
    /// The names of other resources, to which the items of a property refer.
    OfEach(&'static str),
}

use Name::{Of, OfEach, Own, OwnLower};

/// The names in the ARNs of a type: for the resource parts of its ARNs, as `iam_actions` writes them, a name for each `*`.
struct Naming {
    kind: &'static str,
    formats: &'static [(&'static str, &'static [Name])],
    /// Whether actions of the type also need the resources of other formats: `CreateDBInstance` needs its parameter group.
    needs_others: bool,
}

const fn naming(kind: &'static str, formats: &'static [(&'static str, &'static [Name])]) -> Naming {
    Naming { kind, formats, needs_others: false }
}

const NAMINGS: &[Naming] = &[
    naming(ROLE, &[("role/*", &[Own("RoleName", 64)])]),
    naming("AWS::IAM::Policy", &[("role/*", &[OfEach("Roles")])]),
    naming("AWS::IAM::RolePolicy", &[("role/*", &[Of("RoleName")])]),
    naming("AWS::IAM::ManagedPolicy", &[("policy/*", &[Own("ManagedPolicyName", 128)])]),
    naming(
        LOG_GROUP,
        &[("log-group:*", &[Own("LogGroupName", 512)]), ("log-group:*:log-stream:*", &[Own("LogGroupName", 512)])],
    ),
    naming(CLUSTER, &[("cluster/*", &[Own("ClusterName", 255)])]),
    naming(
        SERVICE,
        &[
            ("service/*/*", &[Of("Cluster"), Own("ServiceName", 255)]),
            ("service-deployment/*/*/*", &[Of("Cluster"), Own("ServiceName", 255)]),
            ("cluster/*", &[Of("Cluster")]),
        ],
    ),
    naming(
        EXPRESS_SERVICE,
        &[
            ("service/*/*", &[Of("Cluster"), Own("ServiceName", 255)]),
            ("service-deployment/*/*/*", &[Of("Cluster"), Own("ServiceName", 255)]),
            ("cluster/*", &[Of("Cluster")]),
        ],
    ),
    naming(TASK_DEFINITION, &[("task-definition/*:*", &[Own("Family", 255)])]),
    naming(
        LOAD_BALANCER,
        &[("loadbalancer/app/*/*", &[Own("Name", 32)]), ("loadbalancer/net/*/*", &[Own("Name", 32)])],
    ),
    naming(TARGET_GROUP, &[("targetgroup/*/*", &[Own("Name", 32)])]),
    naming(
        LISTENER,
        &[
            ("loadbalancer/app/*/*", &[Of("LoadBalancerArn")]),
            ("loadbalancer/net/*/*", &[Of("LoadBalancerArn")]),
            ("listener/app/*/*/*", &[Of("LoadBalancerArn")]),
            ("listener/net/*/*/*", &[Of("LoadBalancerArn")]),
        ],
    ),
    naming(
        LISTENER_RULE,
        &[
            ("listener/app/*/*/*", &[Of("ListenerArn")]),
            ("listener/net/*/*/*", &[Of("ListenerArn")]),
            ("listener-rule/app/*/*/*/*", &[Of("ListenerArn")]),
            ("listener-rule/net/*/*/*/*", &[Of("ListenerArn")]),
        ],
    ),
    naming(BUCKET, &[("*", &[OwnLower("BucketName", 63)]), ("*/*", &[OwnLower("BucketName", 63)])]),
    naming(BUCKET_POLICY, &[("*", &[Of("Bucket")])]),
    naming(QUEUE, &[("*", &[Own("QueueName", 80)])]),
    naming("AWS::SQS::QueuePolicy", &[("*", &[OfEach("Queues")])]),
    naming("AWS::SNS::Topic", &[("*", &[Own("TopicName", 256)])]),
    naming("AWS::SNS::Subscription", &[("*", &[Of("TopicArn")])]),
    naming("AWS::SNS::TopicPolicy", &[("*", &[OfEach("Topics")])]),
    naming(
        "AWS::DynamoDB::Table",
        &[("table/*", &[Own("TableName", 255)]), ("table/*/index/*", &[Own("TableName", 255)])],
    ),
    naming("AWS::ECR::Repository", &[("repository/*", &[OwnLower("RepositoryName", 256)])]),
    naming("AWS::Lambda::Function", &[("function:*", &[Own("FunctionName", 64)])]),
    naming("AWS::CloudWatch::Alarm", &[("alarm:*", &[Own("AlarmName", 255)])]),
    Naming {
        needs_others: true,
        ..naming("AWS::RDS::DBInstance", &[("db:*", &[OwnLower("DBInstanceIdentifier", 63)])])
    },
    Naming {
        needs_others: true,
        ..naming("AWS::RDS::DBCluster", &[("cluster:*", &[OwnLower("DBClusterIdentifier", 63)])])
    },
    naming("AWS::RDS::DBSubnetGroup", &[("subgrp:*", &[OwnLower("DBSubnetGroupName", 255)])]),
];

/// Actions that AWS authorizes for all resources, although the Service Authorization Reference lists ARNs for them.
/// `DescribeLogGroups` is authorized for `log-group::log-stream:` (`DescribeLogGroups`, CloudWatch Logs API reference).
const FOR_ALL_RESOURCES: &[&str] = &["logs:DescribeLogGroups"];

/// Returns whether AWS authorizes an action for all resources only.
pub(super) fn is_for_all_resources(action: &str) -> bool {
    FOR_ALL_RESOURCES.contains(&action)
}

/// Returns the ARN of the form `iam::*:role/*`, in the partition of a region.
pub(super) fn arn(rest: &str, region: Option<&str>) -> String {
    let partition = region.map_or("aws", partition_of);
    format!("arn:{partition}:{rest}")
}

impl Place<'_> {
    /// Returns the ARN of a format with the region and the account of the stack.
    pub(super) fn arn(self, format: &str) -> String {
        let mut parts: Vec<&str> = format.splitn(4, ':').collect();
        let known = [None, self.region, self.stack.account.as_deref(), None];
        for (part, known) in parts.iter_mut().zip(known) {
            *part = known.filter(|_| *part == "*").unwrap_or(part);
        }
        arn(&parts.join(":"), self.region)
    }

    /// Returns the ARNs of a resource among the formats of an action; `None` if the name of the resource is not predictable.
    pub(super) fn arns(self, resource: &Resource, logical_id: &str, formats: &[&str]) -> Option<Vec<String>> {
        let naming = NAMINGS.iter().find(|naming| naming.kind == resource.kind.as_str())?;
        let mut arns = Vec::new();
        for format in formats {
            let part = format.splitn(4, ':').nth(3).unwrap_or_default();
            match naming.formats.iter().find(|(known, _)| *known == part) {
                Some((_, names)) => arns.extend(self.filled(resource, logical_id, (format, part), names)?),
                None if naming.needs_others => arns.push(self.arn(format)),
                None => {}
            }
        }
        (!arns.is_empty()).then_some(arns)
    }

    /// Returns the ARNs of a format with the names in place of the first `*` of its resource part.
    fn filled(
        self,
        resource: &Resource,
        id: &str,
        (format, part): (&str, &str),
        names: &[Name],
    ) -> Option<Vec<String>> {
        let start = &format[..format.len() - part.len()];
        let mut filled = vec![String::new()];
        let mut pieces = part.split('*');
        let first = pieces.next().unwrap_or_default();
        filled[0].push_str(first);
        let mut names = names.iter();
        for piece in pieces {
            let values = match names.next() {
                Some(name) => self.names(resource, id, name)?,
                None => vec!["*".to_owned()],
            };
            filled = filled
                .iter()
                .flat_map(|so_far| values.iter().map(move |value| format!("{so_far}{value}{piece}")))
                .collect();
        }
        Some(filled.into_iter().map(|part| self.arn(&format!("{start}{part}"))).collect())
    }

    fn names(self, resource: &Resource, id: &str, name: &Name) -> Option<Vec<String>> {
        let of = |value: &Value| self.name_behind(value, 0);
        Some(match name {
            Own(property, longest) => vec![self.own(resource, id, property, *longest)],
            OwnLower(property, longest) => vec![self.own(resource, id, property, *longest).to_lowercase()],
            Of(property) => match resource.properties.get(*property) {
                Some(value) => vec![of(value)?],
                // A service without a cluster runs in the cluster `default`.
                None => vec!["default".to_owned()],
            },
            OfEach(property) => resource.properties.get(*property)?.as_list()?.iter().map(of).collect::<Option<_>>()?,
        })
    }

    /// Returns the name of a resource: as the script sets it, else the start of the name that CloudFormation generates.
    fn own(self, resource: &Resource, id: &str, property: &str, longest: usize) -> String {
        let path = match resource.properties.get("Path").and_then(Value::as_str) {
            Some(path) if resource.kind.as_str().starts_with("AWS::IAM::") => path.trim_start_matches('/'),
            _ => "",
        };
        let kind = resource.kind.as_str();
        let name = match resource.properties.get(property) {
            Some(Value::Text(text)) => self.pattern(text),
            Some(_) => "*".to_owned(),
            // Families are generated with hyphens or without, by the version of the handler.
            None if kind == TASK_DEFINITION => format!("{}*", self.stack.name.split('-').next().unwrap_or_default()),
            None => self.generated(id, longest),
        };
        let name = if kind == LOG_GROUP && !name.ends_with('*') { format!("{name}*") } else { name };
        format!("{path}{}", name.trim_start_matches(if path.is_empty() { "\0" } else { "/" }))
    }

    /// Returns the start of a generated name. Stack and logical id share what the random part (13 characters) and the separator
    /// leave; older handlers keep five characters of each where 32 are allowed.
    fn generated(self, id: &str, longest: usize) -> String {
        let stack = &self.stack.name;
        let share = if longest <= 32 { 5 } else { (longest - 14) / 2 };
        if stack.len() + id.len() + 14 <= longest && longest > 32 {
            return format!("{stack}-{id}-*");
        }
        format!("{}*", stack.chars().take(share).collect::<String>())
    }

    /// Returns the text with `*` for what only AWS knows.
    fn pattern(self, text: &TemplateString) -> String {
        let mut pattern = String::new();
        for piece in text.pieces() {
            match piece {
                Segment::Literal(text) => pattern.push_str(text),
                Segment::Ref(reference) => pattern.push_str(match reference.id.as_str() {
                    "AWS::StackName" => &self.stack.name,
                    "AWS::Region" => self.region.unwrap_or("*"),
                    "AWS::AccountId" => self.stack.account.as_deref().unwrap_or("*"),
                    other => self.stack.parameters.get(other).map_or("*", String::as_str),
                }),
                Segment::Call(_) => pattern.push('*'),
            }
        }
        pattern
    }

    /// Returns the name of the resource to which a value refers, or that it names by itself.
    fn name_behind(self, value: &Value, depth: usize) -> Option<String> {
        if let Some(reference) = value.as_reference() {
            let id = reference.id.as_str();
            let resource = self.stack.template.resources.get(id).filter(|_| depth < 4)?;
            let naming = NAMINGS.iter().find(|naming| naming.kind == resource.kind.as_str())?;
            return match naming.formats.first()?.1.last()? {
                Of(property) => self.name_behind(resource.properties.get(*property)?, depth + 1),
                own => self.names(resource, id, own)?.into_iter().next(),
            };
        }
        let text = value.as_str()?;
        // The name is the last part of the ARN of a cluster, a role or a topic; load balancers have their own form.
        match text.split(":loadbalancer/").nth(1).or_else(|| text.split(":listener/").nth(1)) {
            Some(balancer) => balancer.split('/').nth(1).map(str::to_owned),
            None => text.rsplit(['/', ':']).next().map(str::to_owned),
        }
    }

    /// Returns the ARN of a role of the stack.
    pub(super) fn role(self, id: &str) -> Option<String> {
        let role = self.stack.template.resources.get(id).filter(|role| role.kind.as_str() == ROLE)?;
        self.arns(role, id, &["iam::*:role/*"])?.into_iter().next()
    }
}
