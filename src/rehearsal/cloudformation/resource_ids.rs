//! Physical ids that look like AWS's.

use serde_json::Value as Json;

use crate::cfn::schema::{Schema, TypeSchema};
use crate::cfn::type_names::{
    BUCKET, EXPRESS_SERVICE, FUNCTION_ALIAS, FUNCTION_VERSION, LISTENER, LOAD_BALANCER, QUEUE, SERVICE, TARGET_GROUP,
    TASK_DEFINITION,
};
use crate::deploy::api::AwsEnvironment;
use crate::rehearsal::rng::{hex, suffix};
use crate::rehearsal::rules::function_name;

/// The resource that an id is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct IdContext<'a> {
    pub(super) seed: u64,
    pub(super) environment: &'a AwsEnvironment,
    pub(super) stack: &'a str,
    pub(super) logical_id: &'a str,
    /// The number of the physical resource with this logical id.
    pub(super) generation: u64,
}

/// Returns the physical id of a new resource, which `Ref` gives.
pub(super) fn physical_id(ids: &IdContext<'_>, kind: &str, properties: &Json) -> String {
    let generation = ids.generation.to_string();
    let key = [ids.stack, ids.logical_id, kind, generation.as_str()];
    let with_prefix = |prefix: &str| format!("{prefix}-{}", hex(ids.seed, &key, 17));
    let named = || explicit_name(kind, properties).unwrap_or_else(|| generated_name(ids, kind, &key));
    let AwsEnvironment { account, region, partition } = ids.environment;
    let arn = |service: &str, rest: String| format!("arn:{partition}:{service}:{region}:{account}:{rest}");
    let id16 = hex(ids.seed, &key, 16);
    match kind {
        "AWS::EC2::EIP" => format!("203.0.113.{}", u8::from_str_radix(&id16[..2], 16).unwrap_or(7)),
        LOAD_BALANCER => {
            // The part of the ARN that names the kind ("Elastic Load Balancing v2" in the Service Authorization Reference).
            let part = match properties.get("Type").and_then(Json::as_str) {
                Some("network") => "net",
                Some("gateway") => "gwy",
                _ => "app",
            };
            arn("elasticloadbalancing", format!("loadbalancer/{part}/{}/{id16}", short(&named())))
        }
        TARGET_GROUP => arn("elasticloadbalancing", format!("targetgroup/{}/{id16}", short(&named()))),
        LISTENER => {
            let balancer = properties.get("LoadBalancerArn").and_then(Json::as_str).unwrap_or_default();
            format!("{}/{id16}", balancer.replace(":loadbalancer/", ":listener/"))
        }
        TASK_DEFINITION => arn("ecs", format!("task-definition/{}:{}", family(ids, properties), ids.generation + 1)),
        SERVICE | EXPRESS_SERVICE => {
            let cluster = properties.get("Cluster").and_then(Json::as_str).unwrap_or("default");
            let cluster = cluster.rsplit('/').next().unwrap_or(cluster);
            arn("ecs", format!("service/{cluster}/{}", named()))
        }
        QUEUE => {
            let suffix = ids.environment.url_suffix();
            let name = properties.get("QueueName").and_then(Json::as_str).map_or_else(named, str::to_owned);
            format!("https://sqs.{region}.{suffix}/{account}/{name}")
        }
        // Secrets Manager appends a hyphen and six characters to the name.
        "AWS::SecretsManager::Secret" => {
            arn("secretsmanager", format!("secret:{}-{}", named(), suffix(ids.seed, &key, 6)))
        }
        FUNCTION_VERSION => arn("lambda", format!("function:{}:{}", function(properties), ids.generation + 1)),
        FUNCTION_ALIAS => arn("lambda", format!("function:{}:{}", function(properties), named())),
        "AWS::EC2::Route" | "AWS::EC2::VPCGatewayAttachment" => {
            format!("{}|{}", ids.logical_id, hex(ids.seed, &key, 8))
        }
        _ => match ec2_prefix(kind) {
            Some(prefix) => with_prefix(prefix),
            None => by_schema(kind, properties, &named, &arn, &with_prefix),
        },
    }
}

/// Returns the family of a task definition. Its revisions share it, so it does not depend on the generation.
pub(super) fn family(ids: &IdContext<'_>, properties: &Json) -> String {
    let given = properties.get("Family").and_then(Json::as_str).map(str::to_owned);
    given.unwrap_or_else(|| generated_name(ids, TASK_DEFINITION, &[ids.stack, ids.logical_id, TASK_DEFINITION]))
}

/// Returns the name of the function of a version or an alias.
pub(super) fn function(properties: &Json) -> &str {
    properties.get("FunctionName").and_then(Json::as_str).map(function_name).unwrap_or_default()
}

/// Returns an id in the form that the schema's primary identifier suggests.
fn by_schema(
    kind: &str,
    properties: &Json,
    named: &dyn Fn() -> String,
    arn: &dyn Fn(&str, String) -> String,
    with_prefix: &dyn Fn(&str) -> String,
) -> String {
    let schema = Schema::embedded().get(kind);
    let identifiers: Vec<_> = schema.iter().flat_map(TypeSchema::primary_identifier).collect();
    let last = kind.rsplit("::").next().unwrap_or(kind);
    let service = kind.split("::").nth(1).unwrap_or("service").to_lowercase();
    match identifiers.as_slice() {
        [one] => match properties.get(*one).and_then(Json::as_str) {
            Some(given) => given.to_owned(),
            None if one.ends_with("Arn") => arn(&service, format!("{}/{}", last.to_lowercase(), named())),
            None if one.ends_with("Id") && *one != "Id" => with_prefix(&last.to_lowercase()),
            None => named(),
        },
        _ => named(),
    }
}

fn ec2_prefix(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "AWS::EC2::VPC" => "vpc",
        "AWS::EC2::Subnet" => "subnet",
        "AWS::EC2::RouteTable" => "rtb",
        "AWS::EC2::InternetGateway" => "igw",
        "AWS::EC2::NatGateway" => "nat",
        "AWS::EC2::SecurityGroup" => "sg",
        "AWS::EC2::SecurityGroupIngress" | "AWS::EC2::SecurityGroupEgress" => "sgr",
        "AWS::EC2::SubnetRouteTableAssociation" => "rtbassoc",
        "AWS::EC2::VPCEndpoint" => "vpce",
        "AWS::EC2::Instance" => "i",
        "AWS::EC2::FlowLog" => "fl",
        "AWS::EC2::NetworkInterface" => "eni",
        "AWS::EC2::Volume" => "vol",
        "AWS::EFS::FileSystem" => "fs",
        "AWS::EFS::MountTarget" => "fsmt",
        "AWS::EFS::AccessPoint" => "fsap",
        _ => return None,
    })
}

/// Returns the name that the template sets.
pub(super) fn explicit_name(kind: &str, properties: &Json) -> Option<String> {
    let last = kind.rsplit("::").next().unwrap_or(kind);
    let names = [format!("{last}Name"), "Name".to_owned()];
    names.iter().find_map(|name| properties.get(name)?.as_str()).map(str::to_owned)
}

fn generated_name(ids: &IdContext<'_>, kind: &str, key: &[&str]) -> String {
    let end = suffix(ids.seed, key, 12);
    match kind {
        BUCKET => {
            let start: String = format!("{}-{}", ids.stack, ids.logical_id).chars().take(50).collect();
            format!("{start}-{end}").to_lowercase()
        }
        _ => format!("{}-{}-{end}", ids.stack, ids.logical_id),
    }
}

/// Shortens the name of a load balancer or target group to 32 characters, before its suffix.
fn short(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= 32 {
        return name.to_owned();
    }
    let (start, end) = (letters[..19].iter(), letters[letters.len() - 12..].iter());
    start.chain(&['-']).chain(end).collect()
}
