//! Requests without credentials, by an HTTP client of their own.

use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;

use super::Aws;

/// Creates a request.
pub(super) fn plain(method: &str, url: &str) -> Result<HttpRequest, String> {
    let mut request = HttpRequest::new(SdkBody::empty());
    request.set_method(method).map_err(|error| error.to_string())?;
    request.set_uri(url.to_owned()).map_err(|error| error.to_string())?;
    request.headers_mut().insert("user-agent", concat!("rtiler/", env!("CARGO_PKG_VERSION")));
    Ok(request)
}

/// Sends a request, and returns the answer, or the first cause of the failure.
pub(super) async fn call_plain(aws: &Aws, request: HttpRequest) -> Result<HttpResponse, String> {
    aws.plain_client().call(request).await.map_err(|error| {
        let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        causes.last().map(ToString::to_string).unwrap_or_default()
    })
}
