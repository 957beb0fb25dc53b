//! Physical ids and attributes that look like AWS's.

use serde_json::Value as Json;

use crate::cfn::schema::{Schema, TypeSchema};
use crate::deploy::api::AwsEnvironment;
use crate::rehearsal::account::state::ResourceState;
use crate::rehearsal::rng::{hex, suffix};

/// Whose resource it is and which one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IdContext<'a> {
    pub(crate) seed: u64,
    pub(crate) place: &'a AwsEnvironment,
    pub(crate) stack: &'a str,
    pub(crate) logical_id: &'a str,
    /// Tells the generations of one logical id apart.
    pub(crate) generation: u64,
}

/// The physical id that a new resource gets: what `Ref` gives.
pub(crate) fn physical_id(naming: &IdContext<'_>, kind: &str, properties: &Json) -> String {
    let generation = naming.generation.to_string();
    let words = [naming.stack, naming.logical_id, kind, generation.as_str()];
    let hexed = |prefix: &str| format!("{prefix}-{}", hex(naming.seed, &words, 17));
    let named = || explicit_name(kind, properties).unwrap_or_else(|| made_up_name(naming, kind, &words));
    let AwsEnvironment { account, region, partition } = naming.place;
    let arn = |service: &str, rest: String| format!("arn:{partition}:{service}:{region}:{account}:{rest}");
    let id16 = hex(naming.seed, &words, 16);
    match kind {
        "AWS::EC2::EIP" => format!("203.0.113.{}", u8::from_str_radix(&id16[..2], 16).unwrap_or(7)),
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => {
            arn("elasticloadbalancing", format!("loadbalancer/app/{}/{id16}", short(&named())))
        }
        "AWS::ElasticLoadBalancingV2::TargetGroup" => {
            arn("elasticloadbalancing", format!("targetgroup/{}/{id16}", short(&named())))
        }
        "AWS::ElasticLoadBalancingV2::Listener" => {
            let balancer = properties.get("LoadBalancerArn").and_then(Json::as_str).unwrap_or_default();
            format!("{}/{id16}", balancer.replace(":loadbalancer/", ":listener/"))
        }
        "AWS::ECS::TaskDefinition" => {
            arn("ecs", format!("task-definition/{}:{}", family(naming, properties), naming.generation + 1))
        }
        "AWS::ECS::Service" => {
            let cluster = properties.get("Cluster").and_then(Json::as_str).unwrap_or("default");
            let cluster = cluster.rsplit('/').next().unwrap_or(cluster);
            arn("ecs", format!("service/{cluster}/{}", named()))
        }
        "AWS::SQS::Queue" => {
            let suffix = if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
            let name = properties.get("QueueName").and_then(Json::as_str).map_or_else(named, str::to_owned);
            format!("https://sqs.{region}.{suffix}/{account}/{name}")
        }
        "AWS::EC2::Route" | "AWS::EC2::VPCGatewayAttachment" => {
            format!("{}|{}", naming.logical_id, hex(naming.seed, &words, 8))
        }
        _ => match ec2_prefix(kind) {
            Some(prefix) => hexed(prefix),
            None => by_schema(kind, properties, &named, &arn, &hexed),
        },
    }
}

/// The family of a task definition: its revisions share it, so nothing of one revision is in its name.
pub(crate) fn family(naming: &IdContext<'_>, properties: &Json) -> String {
    const KIND: &str = "AWS::ECS::TaskDefinition";
    let given = properties.get("Family").and_then(Json::as_str).map(str::to_owned);
    given.unwrap_or_else(|| made_up_name(naming, KIND, &[naming.stack, naming.logical_id, KIND]))
}

fn by_schema(
    kind: &str,
    properties: &Json,
    named: &dyn Fn() -> String,
    arn: &dyn Fn(&str, String) -> String,
    hexed: &dyn Fn(&str) -> String,
) -> String {
    let schema = Schema::embedded().get(kind);
    let identifiers: Vec<_> = schema.iter().flat_map(TypeSchema::primary_identifier).collect();
    let last = kind.rsplit("::").next().unwrap_or(kind);
    let service = kind.split("::").nth(1).unwrap_or("service").to_lowercase();
    match identifiers.as_slice() {
        [one] => match properties.get(*one).and_then(Json::as_str) {
            Some(given) => given.to_owned(),
            None if one.ends_with("Arn") => arn(&service, format!("{}/{}", last.to_lowercase(), named())),
            None if one.ends_with("Id") && *one != "Id" => hexed(&last.to_lowercase()),
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

/// The name that the template gives, where it gives one.
pub(crate) fn explicit_name(kind: &str, properties: &Json) -> Option<String> {
    let last = kind.rsplit("::").next().unwrap_or(kind);
    let names = [format!("{last}Name"), "Name".to_owned()];
    names.iter().find_map(|name| properties.get(name)?.as_str()).map(str::to_owned)
}

fn made_up_name(naming: &IdContext<'_>, kind: &str, words: &[&str]) -> String {
    let end = suffix(naming.seed, words, 12);
    match kind {
        "AWS::S3::Bucket" => {
            let start: String = format!("{}-{}", naming.stack, naming.logical_id).chars().take(50).collect();
            format!("{start}-{end}").to_lowercase()
        }
        _ => format!("{}-{}-{end}", naming.stack, naming.logical_id),
    }
}

/// At most 32 characters, as load balancers and target groups want their names: cut in front of the suffix.
fn short(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= 32 {
        return name.to_owned();
    }
    let (start, end) = (letters[..19].iter(), letters[letters.len() - 12..].iter());
    start.chain(&['-']).chain(end).collect()
}

/// What `Fn::GetAtt` gives: a property of that name, or something that looks like it.
pub(crate) fn attribute(naming: &IdContext<'_>, held: &ResourceState, name: &str) -> String {
    let physical = held.physical_id.as_deref().unwrap_or_default();
    let words = [naming.stack, naming.logical_id, name, physical];
    let AwsEnvironment { account, region, partition } = naming.place;
    let tail = physical.rsplit_once(':').map_or(physical, |(_, tail)| tail);
    if let Some(value) = name.split('.').try_fold(&held.properties, |json, step| json.get(step)).and_then(scalar) {
        return value;
    }
    match (held.kind.as_str(), name) {
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", "DNSName") => {
            let name = physical.split('/').nth(2).unwrap_or("alb");
            format!(
                "{name}-{}.{region}.elb.amazonaws.com",
                100_000_000 + crate::rehearsal::rng::draw(naming.seed, &words) % 900_000_000
            )
        }
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerFullName") => {
            tail.trim_start_matches("loadbalancer/").to_owned()
        }
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", "CanonicalHostedZoneID") => {
            format!("Z{}", suffix(naming.seed, &[region.as_str(), "elb"], 13))
        }
        ("AWS::ElasticLoadBalancingV2::TargetGroup", "TargetGroupFullName") => tail.to_owned(),
        ("AWS::EC2::EIP", "AllocationId") => format!("eipalloc-{}", hex(naming.seed, &words, 17)),
        ("AWS::EC2::VPC", "DefaultSecurityGroup") => format!("sg-{}", hex(naming.seed, &words, 17)),
        ("AWS::SQS::Queue", "Arn") => {
            format!("arn:{partition}:sqs:{region}:{account}:{}", physical.rsplit('/').next().unwrap_or(physical))
        }
        ("AWS::SQS::Queue", "QueueUrl") => physical.to_owned(),
        ("AWS::S3::Bucket", "Arn") => format!("arn:{partition}:s3:::{physical}"),
        ("AWS::IAM::Role", "Arn") => format!("arn:{partition}:iam::{account}:role/{physical}"),
        ("AWS::Logs::LogGroup", "Arn") => format!("arn:{partition}:logs:{region}:{account}:log-group:{physical}:*"),
        (_, "Name") => physical.rsplit('/').next().unwrap_or(physical).to_owned(),
        (kind, name) if name.ends_with("Arn") && !physical.starts_with("arn:") => {
            let service = kind.split("::").nth(1).unwrap_or_default().to_lowercase();
            let last = kind.rsplit("::").next().unwrap_or_default().to_lowercase();
            format!("arn:{partition}:{service}:{region}:{account}:{last}/{physical}")
        }
        (_, name) if name.ends_with("Arn") || name.ends_with("Id") => physical.to_owned(),
        (_, name) if name.ends_with("Name") => physical.rsplit('/').next().unwrap_or(physical).to_owned(),
        (_, name) if name.ends_with("Address") || name.contains("Domain") || name.contains("Endpoint") => {
            format!("{}.{}.{region}.amazonaws.com", naming.logical_id.to_lowercase(), hex(naming.seed, &words, 12))
        }
        (_, name) if name.ends_with("Port") => "443".to_owned(),
        _ => hex(naming.seed, &words, 16),
    }
}

fn scalar(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}
