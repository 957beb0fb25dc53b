//! The buckets of access logs: Elastic Load Balancing writes a test object when logs are enabled, and refuses the load
//! balancer if it may not.
//!
//! Source: "Enable access logs for your Application Load Balancer" and "Enable access logs for your Network Load Balancer"
//! of the Elastic Load Balancing guides; `LoadBalancerAttribute` of its API.

use super::context::{CheckContext, ResourceEntry};
use crate::cfn::type_names::{BUCKET, BUCKET_POLICY, LOAD_BALANCER};
use crate::cfn::{Map, Segment, Value};
use crate::diag::{Code, Diagnostic, Sink};

/// The services that write access logs: of Application Load Balancers, on Outposts, and of Network Load Balancers.
const WRITERS: [&str; 3] =
    ["logdelivery.elasticloadbalancing.amazonaws.com", "logdelivery.elb.amazonaws.com", "delivery.logs.amazonaws.com"];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for balancer in scope.all(LOAD_BALANCER) {
        for logs in ["access_logs", "connection_logs"] {
            let enabled = attribute(balancer, &format!("{logs}.s3.enabled"));
            if !enabled.is_some_and(|(_, value)| *value == Value::Bool(true) || value.as_str() == Some("true")) {
                continue;
            }
            if let Some((path, value)) = attribute(balancer, &format!("{logs}.s3.bucket")) {
                sink.extend(bucket(balancer, &path, value, scope));
            }
        }
    }
}

/// Returns the path and the value of an attribute of a load balancer.
fn attribute<'a>(balancer: ResourceEntry<'a>, key: &str) -> Option<(String, &'a Value)> {
    let mut attributes = balancer.list("LoadBalancerAttributes").iter().enumerate();
    let (at, item) = attributes.find(|(_, item)| item.get("Key").and_then(Value::as_str) == Some(key))?;
    Some((format!("LoadBalancerAttributes.{at}"), item.get("Value")?))
}

fn bucket(balancer: ResourceEntry<'_>, path: &str, value: &Value, scope: &CheckContext<'_>) -> Option<Diagnostic> {
    if let Some(name) = value.as_str() {
        return name_problem(balancer, path, name);
    }
    let bucket = scope.target(value, BUCKET)?;
    if value.as_reference().is_some_and(|it| it.attribute.is_some()) {
        let problem = balancer.error(Code::AccessLogsBucket, path, "access logs take the name of a bucket");
        return Some(problem.help(format!("use the `Ref` of `{}`", bucket.id)));
    }
    encryption(balancer, path, bucket).or_else(|| policy(balancer, path, bucket, scope))
}

/// Reports an ARN or URL instead of a name ("Bucket naming rules" of the S3 guide).
fn name_problem(balancer: ResourceEntry<'_>, path: &str, name: &str) -> Option<Diagnostic> {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    let is_name = (3..=63).contains(&name.len()) && name.bytes().all(letters);
    if is_name || name.starts_with("{{") {
        return None;
    }
    let problem = balancer.error(Code::AccessLogsBucket, path, format!("`{name}` is not the name of a bucket"));
    let bare = name.strip_prefix("s3://").or_else(|| name.rsplit_once(":::").map(|(_, name)| name));
    let bare = bare.and_then(|rest| rest.split('/').next()).filter(|bare| !bare.is_empty());
    Some(match bare {
        Some(bare) => problem.help(format!("write the name alone: `{bare}`")),
        None => problem.help("a name has 3 to 63 lower-case letters, digits, dots and hyphens"),
    })
}

/// Reports a bucket that is encrypted with a key of KMS, which Application Load Balancers do not support.
fn encryption(balancer: ResourceEntry<'_>, path: &str, bucket: ResourceEntry<'_>) -> Option<Diagnostic> {
    const RULES: &str = "BucketEncryption.ServerSideEncryptionConfiguration";
    let is_application = balancer.lacks("Type") || balancer.text("Type") == Some("application");
    let algorithm = format!("{RULES}.0.ServerSideEncryptionByDefault.SSEAlgorithm");
    let kms = bucket.text(&algorithm).filter(|name| is_application && name.starts_with("aws:kms"))?;
    let message = format!("an Application Load Balancer cannot write to a bucket that is encrypted with `{kms}`");
    let problem = balancer.error(Code::AccessLogsBucket, path, message);
    Some(problem.at(bucket.origin(&algorithm), "the encryption").help("use `AES256`, the keys of S3"))
}

/// Checks that a policy of the bucket lets Elastic Load Balancing write, before the load balancer is created.
fn policy(
    balancer: ResourceEntry<'_>,
    path: &str,
    bucket: ResourceEntry<'_>,
    scope: &CheckContext<'_>,
) -> Option<Diagnostic> {
    let is_of_bucket = |policy: &ResourceEntry<'_>| policy.reference("Bucket").is_some_and(|it| it.id == *bucket.id);
    let policies: Vec<ResourceEntry<'_>> =
        scope.referrers(bucket.id).filter(|found| found.kind() == BUCKET_POLICY).filter(is_of_bucket).collect();
    if scope.is_transformed() {
        return None;
    }
    let Some(first) = policies.first() else {
        let message = format!("no policy lets Elastic Load Balancing write access logs to the bucket `{}`", bucket.id);
        let problem = balancer.error(Code::AccessLogsBucket, path, message).at(&bucket.resource.origin, "the bucket");
        return Some(with_help(problem, bucket));
    };
    if policies.iter().all(|policy| certainly_refuses(*policy)) {
        let message = format!("the policy `{}` does not let Elastic Load Balancing write access logs", first.id);
        let problem = balancer.error(Code::AccessLogsBucket, path, message).at(&first.resource.origin, "the policy");
        return Some(with_help(problem, bucket));
    }
    let needs = scope.graph().all_needs(balancer.id);
    if policies.iter().any(|policy| needs.contains(&policy.id)) {
        return None;
    }
    let message = format!("the load balancer may be created before the policy of the bucket `{}`", bucket.id);
    let problem = balancer.warning(Code::AccessLogsBucket, path, message).at(&first.resource.origin, "the policy");
    Some(problem.help(format!("add `DependsOn: {}` to `{}`", first.id, balancer.id)))
}

fn with_help(problem: Diagnostic, bucket: ResourceEntry<'_>) -> Diagnostic {
    problem
        .help("in a script, `.access_logs()` without a bucket creates one with its policy")
        .help(format!(
            "or add an `AWS::S3::BucketPolicy` that allows `{}` the action `s3:PutObject` on `${{{}.Arn}}/*`",
            WRITERS[0], bucket.id
        ))
        .note("the load balancer fails with `Access Denied for bucket`")
}

/// Returns whether no statement of a policy can let Elastic Load Balancing write. A value that is not literal may.
fn certainly_refuses(policy: ResourceEntry<'_>) -> bool {
    let Some(Value::Map(document)) = policy.get("PolicyDocument") else { return false };
    let statements = match document.get("Statement") {
        Some(Value::List(items)) => items.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => return true,
    };
    !statements.iter().any(|statement| statement.as_map().is_none_or(may_write))
}

fn may_write(statement: &Map) -> bool {
    let is_deny = statement.get("Effect").and_then(Value::as_str) == Some("Deny");
    let writes = match statement.get("Action") {
        Some(actions) => {
            any(actions, |action| ["*", "s3:*", "s3:PutObject", "s3:Put*", "s3:PutObject*"].contains(&action))
        }
        None => true,
    };
    let principal = match statement.get("Principal") {
        Some(Value::Map(kinds)) => kinds.iter().any(|(kind, who)| match kind.as_str() {
            "Service" => any(who, |name| WRITERS.contains(&name)),
            // Regions from before August 2022 have accounts that write the logs.
            _ => true,
        }),
        _ => true,
    };
    !is_deny && writes && principal
}

/// Returns whether a text, or one of a list, fits; one with references may.
fn any(value: &Value, fits: impl Fn(&str) -> bool) -> bool {
    let one = |value: &Value| match value {
        Value::Text(text) => match text.pieces() {
            [] => false,
            [Segment::Literal(literal)] => fits(literal),
            _ => true,
        },
        _ => true,
    };
    match value {
        Value::List(items) => items.iter().any(one),
        value => one(value),
    }
}
