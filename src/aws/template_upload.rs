//! The upload of templates that are too large for a request.

use std::fmt::Write;

use aws_sdk_s3::Client;
use sha2::{Digest, Sha256};

use super::Aws;
use super::limits::upload_timeouts;
use crate::deploy::api::{ApiCall, AwsEnvironment, AwsError, CloudFormation};

/// Uploads a template and returns its URL. The same template has the same key, so copies do not accumulate.
pub(super) async fn upload(aws: &Aws, stack: &str, body: &str) -> Result<String, AwsError> {
    let place = aws.environment().await?;
    let bucket = aws.named_bucket.clone().unwrap_or_else(|| bucket(&place));
    let digest = Sha256::digest(body.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let key = format!("{stack}/{digest}.template");
    let put = uploading_client(aws).put_object().bucket(&bucket).key(&key).body(body.as_bytes().to_vec().into());
    let owner = aws.named_bucket.is_none().then(|| place.account.clone());
    let reply = put.set_expected_bucket_owner(owner).send().await;
    reply.map_err(|error| aws.api_error(ApiCall::PutObject, &error))?;
    Ok(format!("{}/{bucket}/{key}", host(aws, &place)))
}

/// Returns the bucket that `rtiler bootstrap` creates.
fn bucket(place: &AwsEnvironment) -> String {
    crate::image::bootstrap_names::bucket(&place.account, &place.region)
}

/// Returns the client.
pub(super) fn client(aws: &Aws) -> Client {
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
    let usual = || format!("https://s3.{}.{}", place.region, place.url_suffix());
    aws.config.endpoint_url().map_or_else(usual, |url| url.trim_end_matches('/').to_owned())
}
