//! Amazon S3: buckets and their policies. `s3_notifications` has the destinations of events.

use serde_json::Value as Json;

use super::policy::{allows, is_for_everyone, statements, texts};
use super::view::AccountView;
use super::{CHANGES, CREATION, DELETION, Refusal, Rule, Subject};
use crate::cfn::type_names::BUCKET;
use crate::rehearsal::property_access::{boolean, list, text};

const POLICY: &str = "AWS::S3::BucketPolicy";

pub(super) const RULES: &[Rule] = &[
    Rule { kind: BUCKET, intents: CREATION, check: invalid_name },
    Rule { kind: BUCKET, intents: CHANGES, check: access_list_of_enforced_owner },
    Rule { kind: BUCKET, intents: DELETION, check: not_empty },
    Rule { kind: POLICY, intents: CREATION, check: policy_exists },
    Rule { kind: POLICY, intents: CHANGES, check: principal_missing },
    Rule { kind: POLICY, intents: CHANGES, check: resource_of_another_bucket },
    Rule { kind: POLICY, intents: CHANGES, check: public_policy_blocked },
];

/// Returns a refusal of the service.
fn refuse(error: &'static str, handler: &'static str, text: impl Into<String>) -> Refusal {
    Refusal::new("S3", error, handler, text)
}

/// Refuses a name that is not valid ("General purpose bucket naming rules", user guide; `InvalidBucketName`, S3 error responses).
fn invalid_name(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let name = text(subject.properties, "BucketName")?;
    let allowed = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '.' | '-');
    let ends =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit());
    let problem = if !(3..=63).contains(&name.chars().count()) {
        "Bucket name should be between 3 and 63 characters long"
    } else if name.contains(|letter: char| letter.is_ascii_uppercase()) {
        "Bucket name should not contain uppercase characters"
    } else if name.contains('_') {
        "Bucket name should not contain '_'"
    } else if !name.chars().all(allowed)
        || !ends(name.chars().next())
        || !ends(name.chars().last())
        || name.contains("..")
    {
        "The specified bucket is not valid."
    } else {
        return None;
    };
    Some(refuse("InvalidBucketName", "InvalidRequest", problem))
}

/// Refuses an access control list of a bucket whose owner owns every object, which is the default (`InvalidBucketAclWithObjectOwnership`
/// of `CreateBucket`, S3 API; "Controlling ownership of objects", user guide).
fn access_list_of_enforced_owner(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    // The owner has full control in any case ("Disabling ACLs for all new buckets and enforcing Object Ownership", user guide).
    text(subject.properties, "AccessControl")
        .filter(|list| !matches!(list.as_str(), "Private" | "BucketOwnerFullControl"))?;
    let controls = subject.properties.get("OwnershipControls").into_iter().flat_map(|it| list(it, "Rules"));
    let mut ownership = controls.filter_map(|rule| text(rule, "ObjectOwnership"));
    if ownership.any(|ownership| ownership != "BucketOwnerEnforced") {
        return None;
    }
    let text = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
    Some(refuse("InvalidBucketAclWithObjectOwnership", "InvalidRequest", text))
}

/// Refuses the deletion of a bucket into which another service has written (`BucketNotEmpty` of `DeleteBucket`, S3 API).
fn not_empty(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let name = subject.physical_id.filter(|name| view.has_content(BUCKET, name))?;
    let text = format!("The bucket you tried to delete is not empty (bucket {name})");
    Some(refuse("BucketNotEmpty", "ResourceConflict", text).with_status(409))
}

/// Refuses a second policy of a bucket (`AWS::S3::BucketPolicy`, CloudFormation user guide; its handler returns `AlreadyExists`).
fn policy_exists(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let bucket = text(subject.properties, "Bucket")?;
    view.others(POLICY, subject).find(|other| other.has("Bucket", &bucket))?;
    Some(refuse(
        "BucketPolicyAlreadyExists",
        "AlreadyExists",
        format!("The bucket policy already exists on bucket {bucket}."),
    ))
}

/// Refuses a statement without a principal (`MalformedPolicy` of `PutBucketPolicy`, S3 API; "Principals for bucket policies", user
/// guide).
fn principal_missing(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let document = subject.properties.get("PolicyDocument")?;
    let missing = |it: &Json| it.get("Principal").is_none() && it.get("NotPrincipal").is_none();
    statements(document).into_iter().find(|statement| missing(statement))?;
    Some(refuse("MalformedPolicy", "InvalidRequest", "Missing required field Principal"))
}

/// Refuses a statement about another bucket, or about objects with the bucket as its resource (`MalformedPolicy` of
/// `PutBucketPolicy`, S3 API; "Policy resources for Amazon S3", user guide).
fn resource_of_another_bucket(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let bucket = text(subject.properties, "Bucket")?;
    let document = subject.properties.get("PolicyDocument")?;
    let own = |resource: &str| {
        let name = resource.rsplit(":::").next().unwrap_or_default().split('/').next().unwrap_or_default();
        name == bucket || name.contains(['*', '?'])
    };
    let resources = statements(document).into_iter().map(|statement| (statement, texts(statement, "Resource")));
    for (statement, resources) in resources {
        if resources.iter().any(|resource| resource.starts_with("arn:") && !own(resource)) {
            return Some(refuse("MalformedPolicy", "InvalidRequest", "Policy has invalid resource"));
        }
        let of_objects = |action: &&str| matches!(*action, "s3:GetObject" | "s3:PutObject" | "s3:DeleteObject");
        let actions = texts(statement, "Action");
        let objects = !actions.is_empty() && actions.iter().all(of_objects);
        let buckets = !resources.is_empty()
            && resources.iter().all(|it| it.starts_with("arn:") && !it.contains('/') && !it.ends_with('*'));
        if objects && buckets {
            let text = "Action does not apply to any resource(s) in statement";
            return Some(refuse("MalformedPolicy", "InvalidRequest", text));
        }
    }
    None
}

/// Refuses a policy that lets everyone in, if the bucket blocks public policies, which is the default (`AccessDenied` of
/// `PutBucketPolicy`, S3 API; "Blocking public access to your Amazon S3 storage", user guide: `BlockPublicPolicy`). A statement with
/// a condition may not be public.
fn public_policy_blocked(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let name = text(subject.properties, "Bucket")?;
    let bucket = view.find(BUCKET, &name)?;
    let settings = bucket.properties.get("PublicAccessBlockConfiguration");
    if settings.is_some_and(|settings| !boolean(settings, "BlockPublicPolicy")) {
        return None;
    }
    let document = subject.properties.get("PolicyDocument")?;
    let public = |it: &Json| allows(it) && is_for_everyone(it) && it.get("Condition").is_none();
    statements(document).into_iter().find(|statement| public(statement))?;
    let text = format!(
        "User: arn:{}:iam::{}:user/rehearsal is not authorized to perform: s3:PutBucketPolicy on resource: \
         \"arn:{}:s3:::{name}\" because public policies are blocked by the BlockPublicPolicy block public access setting.",
        view.partition(),
        view.account,
        view.partition()
    );
    Some(refuse("AccessDenied", "AccessDenied", text).with_status(403))
}
