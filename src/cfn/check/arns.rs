//! Properties that take the ARN of a resource of one service, in the region and account of the stack or in `us-east-1`.
//!
//! Sources: "Requirements for using SSL/TLS certificates with `CloudFront`" (us-east-1), `CertificateArn` of Elastic Load
//! Balancing, API Gateway and Cognito in their API references, "Pass role permissions" of the IAM guide (a role is passed
//! within its account), `HostedZoneId` of `ChangeResourceRecordSets` in the Route 53 API, `KmsKeyId` of `CreateLogGroup`,
//! `PermissionsBoundary` of `CreateRole`, `EnvironmentFile` of the ECS API, `TrustStoreArn` of `MutualAuthenticationAttributes` of
//! Elastic Load Balancing, `DeploymentLifecycleHook` of the ECS API.

use super::context::{CheckContext, ResourceEntry};
use crate::cfn::regions::{self, RegionName};
use crate::cfn::type_names::{LISTENER, LISTENER_RULE, SERVICE, TASK_DEFINITION};
use crate::cfn::{Segment, TemplateString, Value};
use crate::diag::{Code, Diagnostic, Sink};

/// The region of the resource that a property names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Region {
    /// The region of the stack.
    Stack,
    /// `us-east-1`, in which `CloudFront` and other global services look.
    UsEast1,
    /// None: the resource is global.
    Global,
}

/// A property that takes ARNs.
struct ArnProperty {
    kind: &'static str,
    path: &'static str,
    what: &'static str,
    /// The services and the beginnings of resources.
    forms: &'static [(&'static str, &'static str)],
    region: Region,
    /// Whether the property takes a name too.
    takes_name: bool,
}

const CERTIFICATE: &[(&str, &str)] = &[("acm", "certificate/"), ("iam", "server-certificate/")];
const ACM: &[(&str, &str)] = &[("acm", "certificate/")];
const ROLE: &[(&str, &str)] = &[("iam", "role/")];
const BALANCING: &[(&str, &str)] = &[("elasticloadbalancing", "")];
const POLICY: &[(&str, &str)] = &[("iam", "policy/")];
const KEY: &[(&str, &str)] = &[("kms", "key/"), ("kms", "alias/")];

const fn certificate(kind: &'static str, path: &'static str, region: Region) -> ArnProperty {
    ArnProperty { kind, path, what: "certificate", forms: CERTIFICATE, region, takes_name: false }
}

const fn role(kind: &'static str, path: &'static str) -> ArnProperty {
    ArnProperty { kind, path, what: "role", forms: ROLE, region: Region::Global, takes_name: false }
}

const fn of_balancer(kind: &'static str, path: &'static str, what: &'static str) -> ArnProperty {
    ArnProperty { kind, path, what, forms: BALANCING, region: Region::Stack, takes_name: false }
}

const fn policy(kind: &'static str, path: &'static str) -> ArnProperty {
    ArnProperty { kind, path, what: "managed policy", forms: POLICY, region: Region::Global, takes_name: false }
}

const PROPERTIES: &[ArnProperty] = &[
    policy("AWS::IAM::Role", "ManagedPolicyArns.*"),
    policy("AWS::IAM::Role", "PermissionsBoundary"),
    ArnProperty {
        kind: "AWS::Logs::LogGroup",
        path: "KmsKeyId",
        what: "key of KMS",
        forms: KEY,
        region: Region::Stack,
        takes_name: false,
    },
    ArnProperty {
        kind: TASK_DEFINITION,
        path: "ContainerDefinitions.*.EnvironmentFiles.*.Value",
        what: "object of S3",
        forms: &[("s3", "")],
        region: Region::Global,
        takes_name: false,
    },
    ArnProperty {
        kind: LISTENER,
        path: "MutualAuthentication.TrustStoreArn",
        what: "trust store",
        forms: &[("elasticloadbalancing", "truststore/")],
        region: Region::Stack,
        takes_name: false,
    },
    ArnProperty {
        kind: SERVICE,
        path: "DeploymentConfiguration.LifecycleHooks.*.HookTargetArn",
        what: "function of Lambda",
        forms: &[("lambda", "")],
        region: Region::Stack,
        takes_name: false,
    },
    certificate(LISTENER, "Certificates.*.CertificateArn", Region::Stack),
    certificate("AWS::ElasticLoadBalancingV2::ListenerCertificate", "Certificates.*.CertificateArn", Region::Stack),
    ArnProperty {
        forms: ACM,
        ..certificate(
            "AWS::CloudFront::Distribution",
            "DistributionConfig.ViewerCertificate.AcmCertificateArn",
            Region::UsEast1,
        )
    },
    ArnProperty {
        forms: ACM,
        ..certificate("AWS::Cognito::UserPoolDomain", "CustomDomainConfig.CertificateArn", Region::UsEast1)
    },
    ArnProperty { forms: ACM, ..certificate("AWS::ApiGateway::DomainName", "CertificateArn", Region::UsEast1) },
    ArnProperty { forms: ACM, ..certificate("AWS::ApiGateway::DomainName", "RegionalCertificateArn", Region::Stack) },
    ArnProperty {
        forms: ACM,
        ..certificate("AWS::ApiGatewayV2::DomainName", "DomainNameConfigurations.*.CertificateArn", Region::Stack)
    },
    role(TASK_DEFINITION, "ExecutionRoleArn"),
    role(TASK_DEFINITION, "TaskRoleArn"),
    role("AWS::Events::Rule", "Targets.*.RoleArn"),
    role("AWS::Scheduler::Schedule", "Target.RoleArn"),
    role("AWS::Lambda::Function", "Role"),
    role("AWS::StepFunctions::StateMachine", "RoleArn"),
    of_balancer(SERVICE, "LoadBalancers.*.TargetGroupArn", "target group"),
    of_balancer(LISTENER_RULE, "ListenerArn", "listener"),
    of_balancer(LISTENER, "LoadBalancerArn", "load balancer"),
    ArnProperty {
        kind: SERVICE,
        path: "Cluster",
        what: "cluster",
        forms: &[("ecs", "cluster/")],
        region: Region::Stack,
        takes_name: true,
    },
    ArnProperty {
        kind: "AWS::WAFv2::WebACLAssociation",
        path: "WebACLArn",
        what: "web ACL",
        forms: &[("wafv2", "regional/webacl/")],
        region: Region::Stack,
        takes_name: false,
    },
];

const ZONES: [(&str, &str); 4] = [
    ("AWS::Route53::RecordSet", "HostedZoneId"),
    ("AWS::Route53::RecordSet", "AliasTarget.HostedZoneId"),
    ("AWS::Route53::RecordSetGroup", "HostedZoneId"),
    ("AWS::Route53::RecordSetGroup", "RecordSets.*.HostedZoneId"),
];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for property in PROPERTIES {
        for found in scope.all(property.kind) {
            found.each_path(property.path, &mut |path| sink.extend(one(property, found, path, scope)));
        }
    }
    for (kind, pattern) in ZONES {
        for found in scope.all(kind) {
            found.each_path(pattern, &mut |path| sink.extend(hosted_zone(found, path)));
        }
    }
}

fn one(property: &ArnProperty, found: ResourceEntry<'_>, path: &str, scope: &CheckContext<'_>) -> Option<Diagnostic> {
    let Value::Text(text) = found.get(path)? else { return None };
    let Some(Segment::Literal(start)) = text.pieces().first() else { return None };
    if !start.starts_with("arn:") {
        let is_certain = text.as_str().is_some_and(|literal| !literal.is_empty() && !literal.starts_with("{{"));
        return (is_certain && !property.takes_name).then(|| malformed(property, found, path, text));
    }
    let parts = text.split(':');
    let literal = |at: usize| parts.get(at).and_then(TemplateString::as_str);
    if !has_form(property, &parts) {
        return Some(malformed(property, found, path, text));
    }
    // A certificate of IAM is global.
    let region = if literal(2) == Some("iam") { Region::Global } else { property.region };
    wrong_region(property, region, &parts, found, path, scope)
        .or_else(|| other_account(property, literal(4).filter(|account| !account.is_empty())?, found, path, scope))
}

/// Returns whether an ARN may be that of a resource of the right kind: what is not literal may be anything.
fn has_form(property: &ArnProperty, parts: &[TemplateString]) -> bool {
    let literal = |at: usize| parts.get(at).and_then(TemplateString::as_str);
    let is_known = parts.iter().all(|part| part.as_str().is_some());
    if parts.len() < 6 {
        return !is_known;
    }
    let is_account =
        |account: &str| account == "aws" || account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let Some(service) = literal(2) else { return true };
    let starts = match parts[5].pieces().first() {
        Some(Segment::Literal(start)) => Some(start.as_str()),
        Some(_) => None,
        None => Some(""),
    };
    let fits = |(name, resource): &(&str, &str)| {
        *name == service && starts.is_none_or(|start| start.starts_with(resource) || resource.starts_with(start))
    };
    property.forms.iter().any(fits) && (service == "s3" || literal(4).is_none_or(is_account))
}

fn malformed(property: &ArnProperty, found: ResourceEntry<'_>, path: &str, text: &TemplateString) -> Diagnostic {
    let what = property.what;
    let code = if what == "certificate" { Code::CertificateArn } else { Code::ArnForm };
    let article = if what.starts_with('o') { "an" } else { "a" };
    let problem = found.error(code, path, format!("`{text}` is not the ARN of {article} {what}"));
    if let Some(arn) = text.as_str().and_then(|name| of_name(property, name)) {
        return problem.help(format!("write its ARN: {arn}"));
    }
    let (service, resource) = property.forms[0];
    let (region, account) = match (property.region, service) {
        (_, "s3") => ("", ""),
        (Region::Global, _) => ("", "123456789012"),
        _ => ("REGION", "123456789012"),
    };
    let resource = if service == "s3" { "bucket/key" } else { resource };
    problem.help(format!("it looks like `arn:aws:{service}:{region}:{account}:{resource}...`").replace("key...", "key"))
}

/// Returns the ARN of what was given by its name, id or URL.
fn of_name(property: &ArnProperty, name: &str) -> Option<String> {
    let here = "arn:${AWS::Partition}";
    let in_backticks = |arn: String| format!("`{arn}` (in back-ticks, or with `!Sub` in a template)");
    let is_plain = !name.contains([':', ' ', '*']) && !name.is_empty();
    match property.what {
        "object of S3" => {
            let path = name.strip_prefix("s3://").unwrap_or(name).trim_start_matches('/');
            (path.contains('/') && !path.contains(':')).then(|| format!("`arn:aws:s3:::{path}`"))
        }
        _ if !is_plain => None,
        "role" => Some(in_backticks(format!("{here}:iam::${{AWS::AccountId}}:role/{name}"))),
        // The policies of AWS have names in capital letters, such as `AmazonSSMReadOnlyAccess`.
        "managed policy" if name.starts_with("Amazon") || name.starts_with("AWS") || name.starts_with("CloudWatch") => {
            Some(format!("`arn:aws:iam::aws:policy/{name}`"))
        }
        "managed policy" => Some(in_backticks(format!("{here}:iam::${{AWS::AccountId}}:policy/{name}"))),
        "key of KMS" => {
            let resource = if name.starts_with("alias/") { name.to_owned() } else { format!("key/{name}") };
            Some(in_backticks(format!("{here}:kms:${{AWS::Region}}:${{AWS::AccountId}}:{resource}")))
        }
        _ => None,
    }
}

fn wrong_region(
    property: &ArnProperty,
    wanted: Region,
    parts: &[TemplateString],
    found: ResourceEntry<'_>,
    path: &str,
    scope: &CheckContext<'_>,
) -> Option<Diagnostic> {
    let part = parts.get(3)?;
    let of_stack = part.as_reference().and_then(|reference| scope.pseudo(reference));
    let region = part.as_str().or(of_stack)?;
    let what = property.what;
    match wanted {
        Region::Global if region.is_empty() => None,
        Region::Global => {
            let problem = found.error(Code::ArnForm, path, format!("a {what} has no region, and its ARN none"));
            Some(problem.help(format!("leave `{region}` out: `arn:aws:iam::123456789012:..`")))
        }
        _ if regions::classify(region) == RegionName::Malformed => {
            let problem = found.error(Code::UnknownRegion, path, format!("`{region}` is not a region of AWS"));
            Some(problem.help_if(regions::suggestion(region).map(|known| format!("did you mean `{known}`?"))))
        }
        Region::UsEast1 if region != "us-east-1" => {
            let message = format!("the {what} is in {region}, and `{}` takes one of us-east-1", found.kind());
            let problem = found.error(Code::WrongRegion, path, message);
            Some(problem.help(format!("request or import the {what} in us-east-1 too, and use its ARN")))
        }
        Region::UsEast1 => None,
        Region::Stack => {
            let stack = scope.stack.region.filter(|stack| stack.value != region)?;
            let message = format!("the {what} is in {region}, and the stack is in {}", stack.value);
            let problem = found.error(Code::WrongRegion, path, message).at(&stack.origin, "the region of the stack");
            Some(problem.help(format!("use the {what} of {}, or deploy the stack to {region}", stack.value)))
        }
    }
}

fn other_account(
    property: &ArnProperty,
    account: &str,
    found: ResourceEntry<'_>,
    path: &str,
    scope: &CheckContext<'_>,
) -> Option<Diagnostic> {
    let stack = scope.stack.account.filter(|stack| stack.value != account && account != "aws")?;
    let what = property.what;
    let message = format!("the {what} is of the account {account}, and the stack is of {}", stack.value);
    let problem = found.error(Code::OtherAccount, path, message).at(&stack.origin, "the account of the stack");
    Some(problem.help(format!("use a {what} of the account {}", stack.value)))
}

/// Checks the form of the id of a hosted zone: capital letters and digits, 32 at most.
fn hosted_zone(found: ResourceEntry<'_>, path: &str) -> Option<Diagnostic> {
    let text = found.text(path)?;
    let id = text.strip_prefix("/hostedzone/").unwrap_or(text);
    let is_id =
        (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if is_id || text.starts_with("{{") {
        return None;
    }
    let problem = found.error(Code::HostedZoneId, path, format!("`{text}` is not the id of a hosted zone"));
    let problem = problem.help("an id looks like `Z0123456789ABCDEFGHIJ`");
    Some(if id.contains('.') {
        problem.help(format!("`aws route53 list-hosted-zones-by-name --dns-name {id}` shows the id of that domain"))
    } else {
        problem
    })
}
