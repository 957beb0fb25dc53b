use std::rc::Rc;

use super::{kept, out_of_range, part};
use crate::block::kind::{BlockKind, named_block};
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::repeated::repeated;
use crate::block::{Block, Flag, Name, Override};
use crate::cfn;
use crate::cfn::type_names::{BUCKET, BUCKET_POLICY};
use crate::cfn::{LogicalId, Map, Ref, Resource, TemplateString, Value, names};
use crate::diag::{Code, Diagnostic, WithOrigin};

/// The days after which the parts of an upload that was never completed are deleted: they cost as much as objects and are not
/// listed ("Aborting a multipart upload", S3 user guide).
const INCOMPLETE_UPLOAD_DAYS: i64 = 7;

/// A private bucket of S3.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// Its name.
    pub name: WithOrigin<Name>,
    /// Whether replaced and deleted objects are kept as versions.
    pub versioned: Flag,
    /// Days that versions are kept, 90 unless set.
    pub keep_versions: Option<WithOrigin<i64>>,
    /// Objects that are deleted after some days.
    pub expire: Vec<WithOrigin<Expiry>>,
    /// Origins of web pages that may use it in a browser.
    pub cors: Vec<WithOrigin<CrossOrigin>>,
    /// Whether it is deleted with its stack.
    pub delete_with_stack: Flag,
    /// The blocks that are created before it.
    pub depends_on: Vec<WithOrigin<Block>>,
    /// Properties merged into the resources it makes.
    pub overrides: Vec<WithOrigin<Override>>,
}

/// Objects that are deleted some days after their creation.
#[derive(Debug, Clone, PartialEq)]
pub struct Expiry {
    /// The beginning of their keys; all objects when absent.
    pub prefix: Option<String>,
    /// The days.
    pub days: i64,
}

/// Web pages that may send requests to the bucket from a browser.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossOrigin {
    /// The origin of the pages: `https://shop.example.com`.
    pub origin: TemplateString,
    /// The HTTP methods.
    pub methods: Vec<TemplateString>,
}

const VERSION_DAYS: i64 = 90;

impl Bucket {
    /// Creates a bucket of this name.
    pub fn new(name: WithOrigin<Name>) -> Self {
        Self {
            name,
            versioned: None,
            keep_versions: None,
            expire: Vec::new(),
            cors: Vec::new(),
            delete_with_stack: None,
            depends_on: Vec::new(),
            overrides: Vec::new(),
        }
    }

    /// Returns the logical id of the bucket.
    pub fn logical_id(&self) -> LogicalId {
        part(&self.name, "Bucket")
    }

    /// Returns its physical name.
    pub fn name(&self) -> TemplateString {
        Ref::to(self.logical_id()).into()
    }

    /// Returns its ARN.
    pub fn arn(&self) -> TemplateString {
        Ref::attribute(self.logical_id(), "Arn").into()
    }

    /// Returns its DNS name in its region.
    pub fn domain_name(&self) -> TemplateString {
        Ref::attribute(self.logical_id(), "RegionalDomainName").into()
    }

    /// Returns the rules that delete what is not needed any more.
    fn lifecycle(&self) -> Value {
        let incomplete = cfn!({
            "Id": "IncompleteUploads",
            "Status": "Enabled",
            "AbortIncompleteMultipartUpload": cfn!({ "DaysAfterInitiation": INCOMPLETE_UPLOAD_DAYS }),
        });
        let versions = self.versioned.as_ref().map(|_| {
            let days = self.keep_versions.as_ref().map_or(VERSION_DAYS, |days| days.value);
            cfn!({
                "Id": "OldVersions",
                "Status": "Enabled",
                "NoncurrentVersionExpiration": cfn!({ "NoncurrentDays": days }),
            })
        });
        let expired = self.expire.iter().map(|expiry| rule(&expiry.value));
        let rules: Vec<Value> = std::iter::once(incomplete).chain(versions).chain(expired).collect();
        cfn!({ "Rules": rules })
    }

    fn cors(&self) -> Option<Value> {
        let rule = |cors: &WithOrigin<CrossOrigin>| {
            cfn!({
                "AllowedOrigins": cfn!([&cors.value.origin]),
                "AllowedMethods": Value::list(&cors.value.methods),
                "AllowedHeaders": cfn!(["*"]),
                "ExposedHeaders": cfn!(["ETag"]),
            })
        };
        let rules: Vec<Value> = self.cors.iter().map(rule).collect();
        (!rules.is_empty()).then(|| cfn!({ "CorsRules": rules }))
    }

    fn problems(&self) -> Vec<Diagnostic> {
        let days = ("the days of objects", "");
        let expired = self.expire.iter().filter_map(|expiry| {
            let days_set = WithOrigin::new(expiry.value.days, expiry.origin.clone());
            out_of_range(Some(&days_set), 1..=36_500, days)
        });
        let kept = out_of_range(self.keep_versions.as_ref(), 1..=36_500, ("the days of old versions", ""));
        let twice =
            repeated(&self.expire, |expiry| expiry.value.prefix.as_deref()).into_iter().map(|(again, first)| {
                Diagnostic::new(Code::SetterCalledTwice, "objects of one prefix expire after two times")
                    .at(&again.origin, "the second time")
                    .at(&first.origin, "the first time")
                    .help("remove one of the two calls")
            });
        let unused = self.keep_versions.as_ref().filter(|_| self.versioned.is_none()).map(|set| {
            Diagnostic::new(Code::DataSetting, "`.keep_versions` has no effect: the bucket keeps no versions")
                .at(&set.origin, "")
                .help("add `.versioned()`")
        });
        let prefixes = self.expire.iter().filter_map(wrong_prefix);
        let origins = self.cors.iter().filter_map(wrong_origin);
        expired.chain(kept).chain(twice).chain(unused).chain(prefixes).chain(origins).collect()
    }

    /// Returns the policy that refuses requests without TLS ("Security best practices for Amazon S3", S3 user guide).
    fn policy(&self) -> Resource {
        let objects = self.arn().with("/*");
        let statement = cfn!({
            "Sid": "DenyRequestsWithoutTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": cfn!([self.arn(), objects]),
            "Condition": cfn!({ "Bool": cfn!({ "aws:SecureTransport": "false" }) }),
        });
        Resource::new(BUCKET_POLICY, self.name.origin.clone())
            .with("Bucket", self.name())
            .with("PolicyDocument", cfn!({ "Version": "2012-10-17", "Statement": cfn!([statement]) }))
    }
}

/// Reports a prefix with a wildcard or a leading slash. A prefix is compared letter by letter ("Lifecycle configuration elements",
/// S3 user guide), so few keys begin in this way; S3 takes it, so that this is a warning.
fn wrong_prefix(expiry: &WithOrigin<Expiry>) -> Option<Diagnostic> {
    let prefix = expiry.value.prefix.as_deref()?;
    let wanted = prefix.trim_start_matches('/').split(['*', '?']).next().unwrap_or_default();
    if wanted == prefix {
        return None;
    }
    let what = if prefix.starts_with('/') { "a slash at the beginning" } else { "a wildcard" };
    let call = match wanted {
        "" => format!(".expire({})", expiry.value.days),
        wanted => format!(".expire(\"{wanted}\", {})", expiry.value.days),
    };
    let message = format!("`{prefix}` is compared with keys letter by letter, and they have {what} if it has");
    Some(
        Diagnostic::new(Code::DataSetting, message)
            .as_warning()
            .at(&expiry.origin, "")
            .help(format!("write the beginning of the keys: `{call}`")),
    )
}

/// Reports an origin that no browser sends: it has a scheme and a host, maybe a port, and no path (RFC 6454, "Serialization of an
/// origin"); S3 allows one `*` ("Elements of a CORS configuration", S3 user guide).
fn wrong_origin(cors: &WithOrigin<CrossOrigin>) -> Option<Diagnostic> {
    let text = cors.value.origin.as_str()?;
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let host = rest.split('/').next().unwrap_or_default();
    if text == "*" || !scheme.is_empty() && rest == host && text.matches('*').count() <= 1 {
        return None;
    }
    let scheme = if scheme.is_empty() { "https" } else { scheme };
    let host = if host.matches('*').count() > 1 { "*.example.com" } else { host };
    let message = format!("`{text}` is not the origin of a web page");
    let problem = Diagnostic::new(Code::DataSetting, message).at(&cors.origin, "");
    Some(problem.help(format!("an origin has a scheme and a host, and no path: `{scheme}://{host}`")))
}

/// Returns a rule that deletes objects, named after their prefix.
fn rule(expiry: &Expiry) -> Value {
    let stem = expiry.prefix.as_deref().map(|prefix| {
        let letters = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
        names::stem(&prefix.chars().map(letters).collect::<String>())
    });
    let mut rule = Map::from_iter([
        ("Id".to_owned(), format!("Expire{}", stem.unwrap_or_default()).into()),
        ("Status".to_owned(), "Enabled".into()),
        ("ExpirationInDays".to_owned(), expiry.days.into()),
    ]);
    rule.extend(expiry.prefix.as_ref().map(|prefix| ("Prefix".to_owned(), prefix.into())));
    rule.into()
}

impl BlockKind for Bucket {
    named_block!(name);

    fn lower(self: &Rc<Self>, lowering: &mut Lowering<'_>) {
        lowering.report_all(self.problems());
        let private = cfn!({
            "BlockPublicAcls": true,
            "BlockPublicPolicy": true,
            "IgnorePublicAcls": true,
            "RestrictPublicBuckets": true,
        });
        let encryption = cfn!({ "ServerSideEncryptionByDefault": cfn!({ "SSEAlgorithm": "AES256" }) });
        let bucket = Resource::new(BUCKET, self.name.origin.clone())
            .with("BucketEncryption", cfn!({ "ServerSideEncryptionConfiguration": cfn!([encryption]) }))
            .with("PublicAccessBlockConfiguration", private)
            .set("VersioningConfiguration", &self.versioned, |()| cfn!({ "Status": "Enabled" }))
            .with("LifecycleConfiguration", self.lifecycle())
            .with_origin("LifecycleConfiguration", self.expire.first())
            .with_some("CorsConfiguration", self.cors())
            .with_origin("CorsConfiguration", self.cors.first());
        lowering.add(self.logical_id(), kept(bucket, &self.delete_with_stack));
        lowering.add(part(&self.name, "BucketPolicy"), self.policy());
    }
}
