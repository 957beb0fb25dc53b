//! Requests to services whose SDK would be too large for one call: signed here, sent by the client of `plain_request`.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

use super::guarded_http::read;
use super::plain_request::{call_plain, plain};
use super::{Aws, SystemClock};
use crate::deploy::api::{ApiCall, AwsError, AwsService, Clock, ErrorKind};

/// A request of the query protocol or of JSON.
pub(super) struct SignedRequest {
    call: ApiCall,
    region: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl SignedRequest {
    /// Creates a request of the query protocol.
    pub(super) fn query(call: ApiCall, region: &str, body: String) -> Self {
        let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
        Self { call, region: region.to_owned(), headers, body }
    }

    /// Creates a request of the JSON protocol.
    pub(super) fn json(call: ApiCall, region: &str, target: &str, body: String) -> Self {
        Self::of_json(call, region, target, ("1.1", body))
    }

    /// Creates a request of the JSON protocol 1.0.
    pub(super) fn json_1_0(call: ApiCall, region: &str, target: &str, body: String) -> Self {
        Self::of_json(call, region, target, ("1.0", body))
    }

    fn of_json(call: ApiCall, region: &str, target: &str, (version, body): (&str, String)) -> Self {
        let kind = ("content-type", format!("application/x-amz-json-{version}"));
        Self { call, region: region.to_owned(), headers: vec![kind, ("x-amz-target", target.to_owned())], body }
    }
}

/// Sends a request with the user's credentials and returns the body of the answer.
pub(super) async fn send(aws: &Aws, request: &SignedRequest) -> Result<String, AwsError> {
    let failed = |kind: ErrorKind, message: String| AwsError::new(kind, request.call, "NoAnswer", message);
    let provider = aws.config.credentials_provider();
    let provider = provider.ok_or_else(|| failed(ErrorKind::NoCredentials, "there are no credentials".to_owned()))?;
    let credentials = provider.provide_credentials().await;
    let credentials = credentials.map_err(|error| failed(ErrorKind::NoCredentials, error.to_string()))?;
    let url = format!("{}/", aws.service_url(request.call.service()));
    let signed = signed(request, &url, &credentials.into()).map_err(|error| failed(ErrorKind::Other, error))?;
    let reply = call_plain(aws, signed).await;
    let mut reply = reply.map_err(|error| failed(ErrorKind::Connection, error))?;
    let status = reply.status().as_u16();
    let body = read(&mut reply).await.map_err(|_| failed(ErrorKind::Connection, "the answer was cut".to_owned()))?;
    let body = String::from_utf8_lossy(&body).into_owned();
    if (200..300).contains(&status) { Ok(body) } else { Err(error_of(request.call, status, &body)) }
}

fn signed(request: &SignedRequest, url: &str, identity: &Identity) -> Result<HttpRequest, String> {
    let now = u64::try_from(SystemClock.now().0).map_err(|error| error.to_string())?;
    let now = UNIX_EPOCH + Duration::from_millis(now);
    let params = SigningParams::builder()
        .identity(identity)
        .region(&request.region)
        .name(signing_name(request.call.service()))
        .time(now)
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| error.to_string())?
        .into();
    let headers = request.headers.iter().map(|(name, value)| (*name, value.as_str()));
    let body = SignableBody::Bytes(request.body.as_bytes());
    let signable = SignableRequest::new("POST", url, headers, body).map_err(|error| error.to_string())?;
    let (instructions, _) = sign(signable, &params).map_err(|error| error.to_string())?.into_parts();
    let mut http = plain("POST", url)?;
    *http.body_mut() = SdkBody::from(request.body.clone());
    let given = request.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    let of_signature = instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned()));
    for (name, value) in given.chain(of_signature) {
        http.headers_mut().try_insert(name, value).map_err(|error| error.to_string())?;
    }
    Ok(http)
}

/// Returns the name of a service in signatures: that of its IAM actions, which Cloud Control API shares with CloudFormation.
fn signing_name(service: AwsService) -> &'static str {
    match service {
        AwsService::CloudControl => service.endpoint_prefix(),
        other => other.iam_prefix(),
    }
}

/// Returns the error of an answer that is not a success, in JSON or XML.
fn error_of(call: ApiCall, status: u16, body: &str) -> AwsError {
    let xml = |tag: &str| {
        let (_, rest) = body.split_once(&format!("<{tag}>"))?;
        Some(rest.split_once(&format!("</{tag}>"))?.0.to_owned())
    };
    let json: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let text = |key: &str| json[key].as_str().map(str::to_owned);
    let code = xml("Code").or_else(|| text("__type")).unwrap_or_else(|| status.to_string());
    let code = code.rsplit('#').next().unwrap_or_default().to_owned();
    let message = xml("Message").or_else(|| text("message")).or_else(|| text("Message")).unwrap_or_default();
    let is_denied = ["AccessDenied", "UnauthorizedOperation"].iter().any(|denied| code.starts_with(denied));
    let kind = if is_denied { ErrorKind::AccessDenied } else { ErrorKind::Other };
    AwsError::new(kind, call, code, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_both_protocols_have_their_code() {
        let xml = "<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>not there</Message></Error></ErrorResponse>";
        let error = error_of(ApiCall::GetRole, 404, xml);
        assert_eq!((error.code.as_str(), error.message.as_str()), ("NoSuchEntity", "not there"));
        let json = r#"{"__type":"com.amazonaws#AccessDeniedException","Message":"no"}"#;
        let error = error_of(ApiCall::GetServiceQuota, 400, json);
        assert_eq!((error.code.as_str(), error.kind), ("AccessDeniedException", ErrorKind::AccessDenied));
    }
}
