//! The upload of templates that are too large for a request.

use std::fmt::Write;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, BucketLocationConstraint, CreateBucketConfiguration, ExpirationStatus,
    LifecycleExpiration, LifecycleRule, LifecycleRuleFilter, PublicAccessBlockConfiguration,
};
use sha2::{Digest, Sha256};

use super::Aws;
use super::limits::upload_timeouts;
use crate::deploy::api::{ApiCall, AwsEnvironment, AwsError, CloudFormation};

/// The days after which templates expire. CloudFormation copies a template when it creates the change set.
const EXPIRY_DAYS: i32 = 30;

/// Uploads a template and returns its URL. The same template has the same key, so copies do not accumulate.
pub(super) async fn upload(aws: &Aws, stack: &str, body: &str) -> Result<String, AwsError> {
    let place = aws.environment().await?;
    let bucket = aws.bucket.get_or_try_init(|| bucket(aws, &place)).await?;
    let digest = Sha256::digest(body.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let key = format!("{stack}/{digest}.template");
    let put = uploading_client(aws).put_object().bucket(bucket).key(&key).body(body.as_bytes().to_vec().into());
    let owner = aws.named_bucket.is_none().then(|| place.account.clone());
    let reply = put.set_expected_bucket_owner(owner).send().await;
    reply.map_err(|error| aws.api_error(ApiCall::PutObject, &error))?;
    Ok(format!("{}/{bucket}/{key}", host(aws, &place)))
}

/// Returns the bucket that the user named, or the account's own, which is created if it does not exist.
async fn bucket(aws: &Aws, place: &AwsEnvironment) -> Result<String, AwsError> {
    if let Some(bucket) = &aws.named_bucket {
        return Ok(bucket.clone());
    }
    let bucket = format!("rtiler-templates-{}-{}", place.account, place.region);
    let there = client(aws).head_bucket().bucket(&bucket).expected_bucket_owner(&place.account).send().await;
    match there.map_err(|error| aws.api_error(ApiCall::HeadBucket, &error)) {
        Ok(_) => {}
        Err(error) if matches!(error.code.as_str(), "404" | "NotFound" | "NoSuchBucket") => {
            create(aws, &bucket, &place.region).await?;
        }
        Err(error) => return Err(error),
    }
    Ok(bucket)
}

/// Creates the bucket. S3 encrypts new buckets and blocks public access by default (since 2023); the block makes it
/// explicit.
async fn create(aws: &Aws, bucket: &str, region: &str) -> Result<(), AwsError> {
    let s3 = client(aws);
    let elsewhere = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::from(region));
    let location = (region != "us-east-1").then(|| elsewhere.build());
    let reply = s3.create_bucket().bucket(bucket).set_create_bucket_configuration(location).send().await;
    match reply.map_err(|error| aws.api_error(ApiCall::CreateBucket, &error)) {
        Err(error) if error.code != "BucketAlreadyOwnedByYou" => return Err(error),
        _ => {}
    }
    let closed = PublicAccessBlockConfiguration::builder()
        .block_public_acls(true)
        .ignore_public_acls(true)
        .block_public_policy(true)
        .restrict_public_buckets(true);
    let reply = s3.put_public_access_block().bucket(bucket).public_access_block_configuration(closed.build());
    reply.send().await.map_err(|error| aws.api_error(ApiCall::PutPublicAccessBlock, &error))?;
    let rules = s3.put_bucket_lifecycle_configuration().bucket(bucket).lifecycle_configuration(expiry());
    let reply = rules.send().await;
    reply.map(|_| ()).map_err(|error| aws.api_error(ApiCall::PutBucketLifecycleConfiguration, &error))
}

fn expiry() -> BucketLifecycleConfiguration {
    let rule = LifecycleRule::builder()
        .id("expire-templates")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("").build())
        .expiration(LifecycleExpiration::builder().days(EXPIRY_DAYS).build());
    let rule = rule.build().expect("the rule has its status");
    BucketLifecycleConfiguration::builder().rules(rule).build().expect("the configuration has its rule")
}

/// Returns the client.
fn client(aws: &Aws) -> Client {
    Client::from_conf(config(aws).build())
}

/// Returns the client that sends templates: slow lines need longer than for other calls.
fn uploading_client(aws: &Aws) -> Client {
    Client::from_conf(config(aws).timeout_config(upload_timeouts()).build())
}

/// Returns the configuration of a client. Bucket names in host names need a wildcard in the DNS, which a custom endpoint
/// rarely has.
fn config(aws: &Aws) -> aws_sdk_s3::config::Builder {
    aws_sdk_s3::config::Builder::from(&aws.config).force_path_style(aws.config.endpoint_url().is_some())
}

/// Returns the start of `TemplateURL`: a path-style URL, which CloudFormation accepts in every region.
fn host(aws: &Aws, place: &AwsEnvironment) -> String {
    let suffix = if place.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    let usual = || format!("https://s3.{}.{suffix}", place.region);
    aws.config.endpoint_url().map_or_else(usual, |url| url.trim_end_matches('/').to_owned())
}
