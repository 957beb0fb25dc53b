//! Names that another resource of the account has: IAM, S3, CloudWatch Logs, SQS, ECR, Secrets Manager and `ElastiCache`, and of dashboards.

use super::view::{AccountView, Existing};
use super::{CREATION, Refusal, Rule, Subject};
use crate::cfn::type_names::{BUCKET, LOG_GROUP, QUEUE, REPOSITORY, ROLE, SECRET, SERVERLESS_CACHE};
use crate::rehearsal::property_access::text;

pub(super) const RULES: &[Rule] = &[
    Rule { kind: ROLE, intents: CREATION, check: name_in_use },
    Rule { kind: MANAGED_POLICY, intents: CREATION, check: name_in_use },
    Rule { kind: BUCKET, intents: CREATION, check: name_in_use },
    Rule { kind: LOG_GROUP, intents: CREATION, check: name_in_use },
    Rule { kind: QUEUE, intents: CREATION, check: name_in_use },
    Rule { kind: REPOSITORY, intents: CREATION, check: name_in_use },
    Rule { kind: SECRET, intents: CREATION, check: name_in_use },
    Rule { kind: SERVERLESS_CACHE, intents: CREATION, check: name_in_use },
    Rule { kind: DASHBOARD, intents: CREATION, check: name_in_use },
];

const MANAGED_POLICY: &str = "AWS::IAM::ManagedPolicy";
const DASHBOARD: &str = "AWS::CloudWatch::Dashboard";

/// A type whose resources have unique names.
struct UniqueName {
    kind: &'static str,
    property: &'static str,
    /// Whether the name is unique in all regions.
    global: bool,
    service: &'static str,
    status: u16,
    error: &'static str,
    /// The message before and after the name, which is left out if the message does not repeat it.
    message: (&'static str, Option<&'static str>),
}

/// The types with unique names. The errors are those of `CreateRole` and `CreatePolicy` (IAM API), `CreateBucket` (S3 API),
/// `CreateLogGroup` (CloudWatch Logs API), `CreateQueue` (SQS API), `CreateRepository` (ECR API), `CreateSecret` (Secrets
/// Manager API) and `CreateServerlessCache` (`ElastiCache` API). The handler of dashboards looks before it writes.
const NAMES: &[UniqueName] = &[
    UniqueName {
        kind: ROLE,
        property: "RoleName",
        global: true,
        service: "Iam",
        status: 409,
        error: "EntityAlreadyExists",
        message: ("Role with name ", Some(" already exists.")),
    },
    UniqueName {
        kind: MANAGED_POLICY,
        property: "ManagedPolicyName",
        global: true,
        service: "Iam",
        status: 409,
        error: "EntityAlreadyExists",
        message: ("A policy called ", Some(" already exists. Duplicate names are not allowed.")),
    },
    UniqueName {
        kind: BUCKET,
        property: "BucketName",
        global: true,
        service: "S3",
        status: 409,
        error: "BucketAlreadyOwnedByYou",
        message: ("", Some(" already exists")),
    },
    UniqueName {
        kind: LOG_GROUP,
        property: "LogGroupName",
        global: false,
        service: "CloudWatchLogs",
        status: 400,
        error: "ResourceAlreadyExistsException",
        message: ("The specified log group already exists", None),
    },
    UniqueName {
        kind: QUEUE,
        property: "QueueName",
        global: false,
        service: "Sqs",
        status: 400,
        error: "QueueAlreadyExists",
        message: ("A queue named ", Some(" already exists")),
    },
    UniqueName {
        kind: REPOSITORY,
        property: "RepositoryName",
        global: false,
        service: "Ecr",
        status: 400,
        error: "RepositoryAlreadyExistsException",
        message: ("The repository with name '", Some("' already exists in the registry")),
    },
    UniqueName {
        kind: SECRET,
        property: "Name",
        global: false,
        service: "SecretsManager",
        status: 400,
        error: "ResourceExistsException",
        message: ("The operation failed because the secret ", Some(" already exists.")),
    },
    UniqueName {
        kind: SERVERLESS_CACHE,
        property: "ServerlessCacheName",
        global: false,
        service: "ElastiCache",
        status: 400,
        error: "ServerlessCacheAlreadyExistsFault",
        message: ("Serverless cache ", Some(" already exists.")),
    },
    UniqueName {
        kind: DASHBOARD,
        property: "DashboardName",
        global: false,
        service: "CloudWatch",
        status: 400,
        error: "ResourceExistsException",
        message: ("Dashboard ", Some(" already exists.")),
    },
];

/// Refuses a name that another resource of the type has.
fn name_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let unique = NAMES.iter().find(|unique| unique.kind == subject.kind)?;
    let name = text(subject.properties, unique.property)?;
    let taken_by = |other: &Existing<'_>| other.has(unique.property, &name);
    let taken = if unique.global {
        view.in_all_regions(unique.kind).any(taken_by)
    } else {
        view.others(unique.kind, subject).any(taken_by)
    };
    let UniqueName { service, status, error, message: (before, after), .. } = *unique;
    let text = after.map_or_else(|| before.to_owned(), |after| format!("{before}{name}{after}"));
    taken.then_some(Refusal { service, status, error, handler: "AlreadyExists", text })
}
