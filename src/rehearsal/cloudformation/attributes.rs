//! Values of `Fn::GetAtt` that look like AWS's.

use serde_json::Value as Json;

use super::resource_ids::IdContext;
use crate::cfn::type_names::{BUCKET, FUNCTION_VERSION, LOAD_BALANCER, LOG_GROUP, QUEUE, ROLE, TARGET_GROUP};
use crate::deploy::api::AwsEnvironment;
use crate::rehearsal::cidr::IPV6_BLOCK;
use crate::rehearsal::rng::{draw, hex, suffix};
use crate::rehearsal::state::ResourceState;

/// Returns the value of `Fn::GetAtt`: the property of that name, or a value from the table.
pub(super) fn attribute(ids: &IdContext<'_>, existing: &ResourceState, name: &str) -> String {
    let property = name.split('.').try_fold(&existing.properties, |json, step| json.get(step));
    if let Some(value) = property.and_then(scalar) {
        return value;
    }
    let physical_id = existing.physical_id.as_deref().unwrap_or_default();
    let request = AttributeRequest { ids, kind: &existing.kind, name, physical_id };
    let row =
        ATTRIBUTES.iter().find(|(kind, pattern, _)| (*kind == ANY || *kind == existing.kind) && pattern.matches(name));
    row.map_or_else(|| request.hex(16), |(_, _, value)| value(&request))
}

/// A requested attribute of a resource.
struct AttributeRequest<'a> {
    ids: &'a IdContext<'a>,
    kind: &'a str,
    name: &'a str,
    physical_id: &'a str,
}

/// The names of attributes to which a row of the table applies.
enum NamePattern {
    Is(&'static str),
    EndsWith(&'static str),
    Contains(&'static str),
}

use NamePattern::{Contains, EndsWith, Is};

impl NamePattern {
    /// Returns whether a name matches.
    fn matches(&self, name: &str) -> bool {
        match self {
            Is(other) => name == *other,
            EndsWith(end) => name.ends_with(end),
            Contains(part) => name.contains(part),
        }
    }
}

/// Every resource type.
const ANY: &str = "";

/// A resource type, the names of attributes, and their value.
type Row = (&'static str, NamePattern, fn(&AttributeRequest<'_>) -> String);

/// The values by resource type and attribute; the first row that matches is used.
const ATTRIBUTES: &[Row] = &[
    (LOAD_BALANCER, Is("DNSName"), |it| it.dns_name()),
    (LOAD_BALANCER, Is("LoadBalancerFullName"), |it| it.after_colon().trim_start_matches("loadbalancer/").to_owned()),
    (LOAD_BALANCER, Is("CanonicalHostedZoneID"), |it| {
        format!("Z{}", suffix(it.ids.seed, &[it.ids.environment.region.as_str(), "elb"], 13))
    }),
    (TARGET_GROUP, Is("TargetGroupFullName"), |it| it.after_colon().to_owned()),
    ("AWS::EC2::EIP", Is("AllocationId"), |it| format!("eipalloc-{}", it.hex(17))),
    ("AWS::EC2::VPC", Is("DefaultSecurityGroup"), |it| format!("sg-{}", it.hex(17))),
    (QUEUE, Is("Arn"), |it| it.regional_arn("sqs", it.after_slash())),
    (QUEUE, Is("QueueUrl"), |it| it.physical_id.to_owned()),
    (BUCKET, Is("Arn"), |it| format!("arn:{}:s3:::{}", it.ids.environment.partition, it.physical_id)),
    (ROLE, Is("Arn"), |it| {
        let AwsEnvironment { account, partition, .. } = it.ids.environment;
        format!("arn:{partition}:iam::{account}:role/{}", it.physical_id)
    }),
    // "Password management with Amazon RDS and AWS Secrets Manager", RDS user guide.
    (ANY, Is("MasterUserSecret.SecretArn"), |it| {
        it.regional_arn("secretsmanager", &format!("secret:rds!db-{}-{}", it.hex(32), it.hex(6)))
    }),
    ("AWS::ECR::Repository", Is("RepositoryUri"), |it| {
        let AwsEnvironment { account, region, .. } = it.ids.environment;
        format!("{account}.dkr.ecr.{region}.amazonaws.com/{}", it.physical_id)
    }),
    (LOG_GROUP, Is("Arn"), |it| it.regional_arn("logs", &format!("log-group:{}:*", it.physical_id))),
    (FUNCTION_VERSION, Is("Version"), |it| it.after_colon().to_owned()),
    ("AWS::EC2::VPC", Is("Ipv6CidrBlocks"), |_| IPV6_BLOCK.to_owned()),
    (ANY, Is("Name"), |it| it.after_slash().to_owned()),
    (ANY, EndsWith("Arn"), |it| it.arn()),
    (ANY, EndsWith("Id"), |it| it.physical_id.to_owned()),
    (ANY, EndsWith("Name"), |it| it.after_slash().to_owned()),
    (ANY, EndsWith("Address"), |it| it.host()),
    (ANY, Contains("Domain"), |it| it.host()),
    (ANY, Contains("Endpoint"), |it| it.host()),
    (ANY, EndsWith("Port"), |_| "443".to_owned()),
];

impl AttributeRequest<'_> {
    /// Returns the key of the random numbers.
    fn key(&self) -> [&str; 4] {
        [self.ids.stack, self.ids.logical_id, self.name, self.physical_id]
    }

    /// Returns hexadecimal digits.
    fn hex(&self, digits: usize) -> String {
        hex(self.ids.seed, &self.key(), digits)
    }

    /// Returns the physical id after its last colon.
    fn after_colon(&self) -> &str {
        self.physical_id.rsplit_once(':').map_or(self.physical_id, |(_, tail)| tail)
    }

    /// Returns the physical id after its last slash.
    fn after_slash(&self) -> &str {
        self.physical_id.rsplit('/').next().unwrap_or(self.physical_id)
    }

    /// Returns an ARN in the region of the stack.
    fn regional_arn(&self, service: &str, rest: &str) -> String {
        let AwsEnvironment { account, region, partition } = self.ids.environment;
        format!("arn:{partition}:{service}:{region}:{account}:{rest}")
    }

    /// Returns the ARN of the resource.
    fn arn(&self) -> String {
        if self.physical_id.starts_with("arn:") {
            return self.physical_id.to_owned();
        }
        let service = self.kind.split("::").nth(1).unwrap_or_default().to_lowercase();
        let last = self.kind.rsplit("::").next().unwrap_or_default().to_lowercase();
        self.regional_arn(&service, &format!("{last}/{}", self.physical_id))
    }

    /// Returns the DNS name of a load balancer.
    fn dns_name(&self) -> String {
        let name = self.physical_id.split('/').nth(2).unwrap_or("alb");
        let number = 100_000_000 + draw(self.ids.seed, &self.key()) % 900_000_000;
        format!("{name}-{number}.{}.elb.amazonaws.com", self.ids.environment.region)
    }

    /// Returns a host name.
    fn host(&self) -> String {
        let region = &self.ids.environment.region;
        format!("{}.{}.{region}.amazonaws.com", self.ids.logical_id.to_lowercase(), self.hex(12))
    }
}

/// Returns a text, a number or a Boolean as text.
fn scalar(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(boolean) => Some(boolean.to_string()),
        _ => None,
    }
}
