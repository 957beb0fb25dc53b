//! Databases, caches and endpoints with their sizes, and what is billed by use.

use crate::cfn::type_names::{DB_CLUSTER, DB_INSTANCE, REPLICATION_GROUP, SERVERLESS_CACHE};
use crate::cfn::{Resource, Template, Value};
use crate::repl::format::counted;

/// Resource types that cost as much as they are used, with the part that is billed.
const BILLED_BY_USE: &[(&str, &str)] = &[
    ("AWS::S3::Bucket", "objects and requests of buckets"),
    ("AWS::SQS::Queue", "requests of queues"),
    ("AWS::SNS::Topic", "messages of topics"),
    ("AWS::DynamoDB::Table", "requests and storage of tables"),
    ("AWS::EFS::FileSystem", "storage and transfer of file systems"),
    ("AWS::ECR::Repository", "storage of images"),
    (DB_CLUSTER, "storage and requests of Aurora"),
    (SERVERLESS_CACHE, "requests of serverless caches"),
    ("AWS::Logs::LogGroup", "logs"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "traffic of load balancers"),
    ("AWS::EC2::NatGateway", "traffic of NAT gateways"),
];

fn of_kind<'t>(template: &'t Template, kind: &'t str) -> impl Iterator<Item = &'t Resource> {
    template.resources.values().filter(move |resource| resource.kind.as_str() == kind)
}

/// Returns the parts of a template that are billed by use, each once.
pub(super) fn billed_by_use(template: &Template) -> Vec<&'static str> {
    let used = BILLED_BY_USE.iter().filter(|(kind, _)| of_kind(template, kind).next().is_some());
    used.map(|(_, part)| *part).collect()
}

/// Returns equal lines once, with their number: `2 database instances db.t4g.small`.
fn grouped(lines: impl Iterator<Item = String>, noun: &str) -> Vec<String> {
    let mut groups: Vec<(String, usize)> = Vec::new();
    for line in lines {
        match groups.iter_mut().find(|(known, _)| *known == line) {
            Some((_, count)) => *count += 1,
            None => groups.push((line, 1)),
        }
    }
    groups.into_iter().map(|(line, count)| format!("{}{line}", counted(count, noun))).collect()
}

fn text<'r>(resource: &'r Resource, name: &str) -> Option<&'r str> {
    resource.properties.get(name)?.as_str()
}

fn is_true(resource: &Resource, name: &str) -> bool {
    resource.properties.get(name) == Some(&Value::Bool(true))
}

/// Returns the database instances with their classes, their storage and their capacity units.
pub(super) fn databases(template: &Template) -> Vec<String> {
    let line = |instance: &Resource| {
        let class = match text(instance, "DBInstanceClass") {
            Some("db.serverless") => capacity(instance, template).unwrap_or_else(|| " db.serverless".to_owned()),
            Some(class) => format!(" {class}"),
            None => String::new(),
        };
        let storage = instance.properties.get("AllocatedStorage").and_then(Value::as_int);
        let storage = storage.map(|storage| format!(" with {storage} GiB of storage")).unwrap_or_default();
        let standby = if is_true(instance, "MultiAZ") { " and a standby" } else { "" };
        format!("{class}{storage}{standby}")
    };
    grouped(of_kind(template, DB_INSTANCE).map(line), "database instance")
}

/// Returns the capacity units of an instance of Aurora: ` of 0.5 to 8 capacity units`.
fn capacity(instance: &Resource, template: &Template) -> Option<String> {
    let cluster = instance.properties.get("DBClusterIdentifier")?.as_reference()?;
    let scaling = template.resources.get(&cluster.id)?.properties.get("ServerlessV2ScalingConfiguration")?;
    let number = |name: &str| match scaling.get(name)? {
        Value::Float(units) => Some(*units),
        #[allow(clippy::cast_precision_loss, reason = "capacity units are 256 at most")]
        value => value.as_int().map(|units| units as f64),
    };
    Some(format!(" of {} to {} capacity units", number("MinCapacity")?, number("MaxCapacity")?))
}

/// Returns the nodes of caches with their types, and the serverless caches with what they cost at least: "a minimum of 100 MB for
/// Valkey" and 1 GB for Redis (`ElastiCache` pricing).
pub(super) fn caches(template: &Template) -> Vec<String> {
    let kind = |cache: &Resource| text(cache, "CacheNodeType").map(|kind| format!(" {kind}")).unwrap_or_default();
    let of_group = |group: &Resource| {
        let number = |name: &str| group.properties.get(name).and_then(Value::as_int);
        let shards = number("NumNodeGroups").unwrap_or(1) * (1 + number("ReplicasPerNodeGroup").unwrap_or(0));
        let count = usize::try_from(number("NumCacheClusters").unwrap_or(shards)).unwrap_or(1);
        std::iter::repeat_n(kind(group), count.min(1_000))
    };
    let groups = of_kind(template, REPLICATION_GROUP).flat_map(of_group);
    let single = of_kind(template, "AWS::ElastiCache::CacheCluster").map(kind);
    let serverless = of_kind(template, SERVERLESS_CACHE).map(|cache| {
        let least = if text(cache, "Engine") == Some("valkey") { "100 MB" } else { "1 GB" };
        format!(" of at least {least}")
    });
    let mut lines = grouped(groups.chain(single), "cache node");
    lines.extend(grouped(serverless, "serverless cache"));
    lines
}

/// Returns the interface endpoints, which are billed for each subnet that they are in (VPC pricing: "for each VPC endpoint in each
/// Availability Zone").
pub(super) fn interface_endpoints(template: &Template) -> Vec<String> {
    let interfaces = of_kind(template, "AWS::EC2::VPCEndpoint");
    let interfaces = interfaces.filter(|endpoint| text(endpoint, "VpcEndpointType") == Some("Interface"));
    let line = |endpoint: &Resource| match endpoint.properties.get("SubnetIds") {
        Some(Value::List(subnets)) if !subnets.is_empty() => format!(" in {}", counted(subnets.len(), "zone")),
        _ => String::new(),
    };
    grouped(interfaces.map(line), "interface endpoint")
}
