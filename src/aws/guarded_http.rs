//! The HTTP client of every call: reads each answer up to the size limit, and refuses what AWS does not send.
//!
//! A proxy, a VPN or the sign-in page of a network may answer in place of AWS. The SDK would parse such an answer as an
//! empty result, or report that it cannot be parsed.

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::ErrorKind;

use super::limits::ANSWER_BYTES;
use super::odd_answer::{AnswerFormat, OddAnswer, Oddity, host_of, judge};
use super::proxy::ProxiedConnector;

/// The HTTP client of the SDK: the checks, and the proxy of the environment.
#[derive(Debug)]
struct GuardedClient {
    direct: SharedHttpClient,
    proxied: SharedHttpClient,
}

/// A connector whose answers are read and judged.
#[derive(Debug)]
struct GuardedConnector(SharedHttpConnector);

/// Creates the HTTP client of the SDK.
pub(super) fn client() -> SharedHttpClient {
    let direct = Builder::new().tls_provider(tls()).build_https();
    let proxied = Builder::new().build_with_connector_fn(|settings, components| {
        let mut builder = Connector::builder().proxy_config(ProxyConfig::from_env());
        builder.set_connector_settings(settings.cloned());
        builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        builder.tls_provider(tls()).build()
    });
    SharedHttpClient::new(GuardedClient { direct, proxied })
}

/// Returns the TLS of every connection.
pub(super) fn tls() -> Provider {
    Provider::Rustls(CryptoMode::Ring)
}

impl HttpClient for GuardedClient {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let of = |client: &SharedHttpClient| client.http_connector(settings, components);
        let connector = ProxiedConnector::new(of(&self.direct), of(&self.proxied));
        SharedHttpConnector::new(GuardedConnector(SharedHttpConnector::new(connector)))
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.direct.validate_base_client_config(components, config)
    }

    fn validate_final_config(&self, components: &RuntimeComponents, config: &ConfigBag) -> Result<(), BoxError> {
        self.direct.validate_final_config(components, config)
    }
}

impl HttpConnector for GuardedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (host, format) = (host_of(request.uri()).to_owned(), AnswerFormat::of(&request));
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move {
            let mut answer = answer.await?;
            let odd = |oddity, status| refused(OddAnswer { oddity, status, host });
            let status = answer.status().as_u16();
            let body = match read(&mut answer).await {
                Ok(body) => body,
                Err(ReadError::TooLarge) => return Err(odd(Oddity::TooLarge, status)),
                Err(ReadError::Cut(error)) => return Err(ConnectorError::io(error)),
            };
            match judge(status, answer.headers(), &body, format) {
                Some(oddity) => Err(odd(oddity, status)),
                None => {
                    *answer.body_mut() = SdkBody::from(body);
                    Ok(answer)
                }
            }
        })
    }
}

/// Returns the error of an odd answer, which the SDK retries: the proxy may be gone a moment later. An answer that is too
/// large is not requested again.
fn refused(odd: OddAnswer) -> ConnectorError {
    let retried = (odd.oddity != Oddity::TooLarge).then_some(ErrorKind::TransientError);
    ConnectorError::other(odd.into(), retried)
}

/// The reason why a body was not read to its end.
#[derive(Debug)]
pub(super) enum ReadError {
    /// It is larger than the limit.
    TooLarge,
    /// The connection ended before.
    Cut(BoxError),
}

/// Reads the body of an answer up to the size limit.
pub(super) async fn read(answer: &mut HttpResponse) -> Result<Vec<u8>, ReadError> {
    let announced = answer.headers().get("content-length").and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > ANSWER_BYTES as u64) {
        return Err(ReadError::TooLarge);
    }
    let mut chunks = ByteStream::new(std::mem::replace(answer.body_mut(), SdkBody::taken()));
    let mut body = Vec::new();
    while let Some(chunk) = chunks.try_next().await.map_err(|error| ReadError::Cut(error.into()))? {
        if body.len() + chunk.len() > ANSWER_BYTES {
            return Err(ReadError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
