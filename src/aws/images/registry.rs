//! Registries by the OCI distribution specification: requests a manifest with HEAD, with an anonymous token if the registry
//! needs one.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::aws::Aws;
use crate::aws::guarded_http::{ReadError, read};
use crate::aws::limits::REGISTRY_CHECK as TIMEOUT;
use crate::aws::plain_request::{call_plain, plain};
use crate::deploy::api::ImageStatus;
use crate::image::ImageReference;

/// The accepted types of manifests; without them a registry answers with an obsolete type.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

/// Requests the manifest from the registry, without credentials.
pub(super) async fn image(aws: &Aws, reference: &ImageReference) -> (ImageStatus, Option<String>) {
    let unknown = |why: String| (ImageStatus::Unknown(why), None);
    match tokio::time::timeout(TIMEOUT, request_manifest(aws, reference)).await {
        Ok(Ok(image)) => image,
        Ok(Err(why)) => unknown(format!("{} cannot be reached: {why}", reference.host)),
        Err(_) => unknown(format!("{} did not answer within {} s", reference.host, TIMEOUT.as_secs())),
    }
}

async fn request_manifest(aws: &Aws, reference: &ImageReference) -> Result<(ImageStatus, Option<String>), String> {
    let url = format!("{}/v2/{}/manifests/{}", base(aws, reference), reference.repository, reference.version());
    let reply = head(aws, &url, None).await?;
    let challenge = reply.headers().get("www-authenticate").and_then(Challenge::parse);
    let reply = match (reply.status().as_u16(), challenge) {
        (401, Some(challenge)) => match token(aws, &challenge, reference).await? {
            Some(token) => head(aws, &url, Some(&token)).await?,
            None => reply,
        },
        _ => reply,
    };
    let host = &reference.host;
    // OCI distribution specification, "Pulling manifests": the digest of the manifest.
    let digest = reply.headers().get("docker-content-digest").map(str::to_owned);
    let status = match reply.status().as_u16() {
        200..=299 => return Ok((ImageStatus::Found, digest)),
        404 => ImageStatus::Missing,
        401 | 403 => ImageStatus::Unknown(format!(
            "{host} does not answer without credentials: the image is private or does not exist"
        )),
        429 => ImageStatus::Unknown(format!("{host} limits the number of requests")),
        status => ImageStatus::Unknown(format!("{host} answered with status {status}")),
    };
    Ok((status, None))
}

/// Returns the URL of the registry. Docker Hub's differs from its name.
fn base(aws: &Aws, reference: &ImageReference) -> String {
    if let Some(url) = &aws.registry_url {
        return url.trim_end_matches('/').to_owned();
    }
    match reference.host.as_str() {
        "docker.io" | "index.docker.io" => "https://registry-1.docker.io".to_owned(),
        host if is_loopback(host) => format!("http://{host}"),
        host => format!("https://{host}"),
    }
}

fn is_loopback(host: &str) -> bool {
    let name = host.split(':').next().unwrap_or_default();
    name == "localhost" || name.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

async fn head(aws: &Aws, url: &str, token: Option<&str>) -> Result<HttpResponse, String> {
    let mut request = plain("HEAD", url)?;
    request.headers_mut().insert("accept", MANIFESTS);
    if let Some(token) = token {
        let value = format!("Bearer {token}");
        request.headers_mut().try_insert("authorization", value).map_err(|_| "its token is not text".to_owned())?;
    }
    call_plain(aws, request).await
}

/// Returns an anonymous token, if the registry issues one for this repository.
async fn token(aws: &Aws, challenge: &Challenge, reference: &ImageReference) -> Result<Option<String>, String> {
    let Some(url) = challenge.url(&reference.repository) else { return Ok(None) };
    let mut reply = call_plain(aws, plain("GET", &url)?).await?;
    if !reply.status().is_success() {
        return Ok(None);
    }
    let body = read(&mut reply).await.map_err(|error| match error {
        ReadError::TooLarge => "the answer with the token is too large".to_owned(),
        ReadError::Cut(error) => error.to_string(),
    })?;
    let reply: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let token = reply.get("token").or_else(|| reply.get("access_token"));
    Ok(token.and_then(serde_json::Value::as_str).map(str::to_owned))
}

/// `Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull"`.
struct Challenge {
    realm: String,
    service: Option<String>,
}

impl Challenge {
    fn parse(header: &str) -> Option<Challenge> {
        let (scheme, parameters) = header.split_once(' ')?;
        let value = |name: &str| {
            let (_, rest) = parameters.split_once(&format!("{name}=\""))?;
            Some(rest.split_once('"')?.0.to_owned())
        };
        let realm = value("realm").filter(|_| scheme.eq_ignore_ascii_case("bearer"))?;
        Some(Challenge { realm, service: value("service") })
    }

    /// Returns the URL of the token; a realm over plain HTTP is accepted on this machine alone.
    fn url(&self, repository: &str) -> Option<String> {
        let host = self.realm.strip_prefix("http://").map(|rest| rest.split('/').next().unwrap_or_default());
        if !self.realm.starts_with("https://") && !host.is_some_and(is_loopback) {
            return None;
        }
        let start = if self.realm.contains('?') { '&' } else { '?' };
        let service = self.service.as_ref().map(|service| format!("service={}&", escaped(service)));
        let scope = escaped(&format!("repository:{repository}:pull"));
        Some(format!("{}{start}{}scope={scope}", self.realm, service.unwrap_or_default()))
    }
}

fn escaped(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_url_has_the_realm_service_and_scope() {
        let header = r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="x""#;
        let url = Challenge::parse(header).unwrap().url("library/nginx").unwrap();
        assert_eq!(
            url,
            "https://auth.docker.io/token?service=registry.docker.io&scope=repository%3Alibrary%2Fnginx%3Apull"
        );
    }

    #[test]
    fn realm_over_http_or_of_another_scheme_is_rejected() {
        let url = |header: &str| Challenge::parse(header).and_then(|challenge| challenge.url("web"));
        assert_eq!(url(r#"Bearer realm="http://169.254.169.254/latest""#), None);
        assert_eq!(url(r#"Basic realm="https://registry.example""#), None);
        assert_eq!(url("Bearer"), None);
        assert!(url(r#"Bearer realm="http://127.0.0.1:5001/token""#).is_some());
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        assert!(is_loopback("localhost:5000") && is_loopback("127.0.0.1"));
        assert!(!is_loopback("10.0.0.1:5000") && !is_loopback("localhost.example"));
    }
}
