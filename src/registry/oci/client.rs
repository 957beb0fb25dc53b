//! The calls of a registry over HTTPS. Registries of this machine (`localhost`, 127.0.0.1) are called over HTTP, as docker does.

use std::time::Duration;

use futures_util::TryStreamExt;
use oci_client::Reference;
use oci_client::client::{Client, ClientConfig, ClientProtocol};
use oci_client::errors::{DigestError, OciDistributionError, OciErrorCode};
use oci_client::secrets::RegistryAuth;

use super::proxies::Proxies;
use super::transport::{Transport, TransportError};
use super::{credentials, memory};
use crate::package::Digest;

/// The number of tags in one request; registries may give fewer.
const PAGE: usize = 1_000;
/// The smallest page that may have a next one: registries do not give fewer tags at once if there are more.
const SMALLEST_PAGE: usize = 50;
/// The maximum number of pages.
const PAGES: usize = 100;

/// The time and size that an answer may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The longest time until the connection is open.
    pub connect: Duration,
    /// The longest time without a byte.
    pub silence: Duration,
    /// The longest time of one call with its retries.
    pub call: Duration,
    /// The pauses before the retries of a call that the registry cannot serve now.
    pub pauses: Vec<Duration>,
    /// The memory in bytes that a manifest or a list may take while it is read.
    pub memory: usize,
    /// Returns the bytes of memory in use.
    pub allocated: fn() -> usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(30),
            call: Duration::from_mins(3),
            pauses: vec![Duration::from_millis(500), Duration::from_secs(2)],
            memory: 64 << 20,
            allocated: memory::allocated,
        }
    }
}

/// Returns a client of the calls of a registry.
pub(super) fn client_of(registry: &str, limits: &Limits) -> Result<Client, TransportError> {
    // The provider of the whole process: reqwest has none of its own here. Another call has set the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let proxies = Proxies::of_environment(registry, is_loopback(registry));
    let config = ClientConfig {
        protocol: if is_loopback(registry) { ClientProtocol::Http } else { ClientProtocol::Https },
        use_monolithic_push: true,
        connect_timeout: Some(limits.connect),
        read_timeout: Some(limits.silence),
        https_proxy: proxies.https,
        http_proxy: proxies.http,
        no_proxy: proxies.direct,
        user_agent: concat!("rtiler/", env!("CARGO_PKG_VERSION")),
        ..ClientConfig::default()
    };
    Client::try_from(config).map_err(|error| TransportError::Other(error.to_string()))
}

/// Returns the reference of a tag or digest in the repository of another reference.
pub(super) fn version_of(name: &Reference, version: &str) -> Reference {
    let (registry, repository) = (name.registry().to_owned(), name.repository().to_owned());
    match Digest::parse(version) {
        Some(digest) => Reference::with_digest(registry, repository, digest.to_string()),
        None => Reference::with_tag(registry, repository, version.to_owned()),
    }
}

/// A client of one repository.
pub struct OciClient {
    pub(super) client: Client,
    name: Reference,
    pub(super) auth: RegistryAuth,
    limits: Limits,
    runtime: tokio::runtime::Runtime,
}

impl OciClient {
    /// Opens a repository with the credentials of docker.
    ///
    /// # Errors
    ///
    /// The reason why the credentials cannot be read.
    pub fn open(registry: &str, repository: &str, limits: Limits) -> Result<Self, TransportError> {
        let auth = credentials::of_registry(registry)?;
        Self::new(registry, repository, auth, limits)
    }

    pub(super) fn new(
        registry: &str,
        repository: &str,
        auth: RegistryAuth,
        limits: Limits,
    ) -> Result<Self, TransportError> {
        let other = |error: &dyn std::fmt::Display| TransportError::Other(error.to_string());
        let client = client_of(registry, &limits)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| other(&error))?;
        let name = Reference::with_tag(registry.to_owned(), repository.to_owned(), "latest".to_owned());
        Ok(Self { client, name, auth, limits, runtime })
    }

    pub(super) fn reference(&self, reference: &str) -> Reference {
        version_of(&self.name, reference)
    }

    /// Runs a call within the limits of time and memory. It has a thread of its own: the caller may be in a runtime already.
    pub(super) fn call<T: Send>(
        &self,
        work: impl AsyncFn() -> Result<T, TransportError> + Sync,
    ) -> Result<T, TransportError> {
        let limits = &self.limits;
        let run = || {
            self.runtime.block_on(async {
                tokio::select! {
                    result = self.with_retries(&work) => result,
                    () = memory::exhausted(limits.allocated, limits.memory) => Err(TransportError::TooLarge(limits.memory)),
                    () = tokio::time::sleep(limits.call) => Err(TransportError::TimedOut(limits.call)),
                }
            })
        };
        std::thread::scope(|scope| scope.spawn(run).join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    }

    async fn with_retries<T>(&self, work: &impl AsyncFn() -> Result<T, TransportError>) -> Result<T, TransportError> {
        self.client.store_auth_if_needed(self.name.resolve_registry(), &self.auth).await;
        self.limits.with_retries(work).await
    }

    /// Reads a blob up to a limit.
    async fn read(&self, digest: &Digest, largest: usize) -> Result<Vec<u8>, TransportError> {
        let too_large = |size: u64| size > largest as u64;
        let answer = self.client.pull_blob_stream(&self.name, digest.as_str()).await;
        let mut answer = answer.map_err(|error| self.error(error))?;
        if answer.content_length.is_some_and(too_large) {
            return Err(TransportError::TooLarge(largest));
        }
        let mut content = Vec::new();
        while let Some(chunk) = answer.stream.try_next().await.map_err(|error| self.error(error.into()))? {
            content.extend_from_slice(&chunk);
            if too_large(content.len() as u64) {
                return Err(TransportError::TooLarge(largest));
            }
        }
        Ok(content)
    }

    pub(super) fn error(&self, error: OciDistributionError) -> TransportError {
        self.limits.error(self.name.registry(), error)
    }
}

impl Limits {
    /// Repeats a call while the registry says that it cannot serve it now, or the connection breaks.
    pub(super) async fn with_retries<T>(
        &self,
        work: &impl AsyncFn() -> Result<T, TransportError>,
    ) -> Result<T, TransportError> {
        for pause in &self.pauses {
            match work().await {
                Err(error) if error.is_transient() => tokio::time::sleep(*pause).await,
                result => return result,
            }
        }
        work().await
    }

    /// Returns the error of a call of a registry.
    pub(super) fn error(&self, registry: &str, error: OciDistributionError) -> TransportError {
        match error {
            OciDistributionError::DigestError(error) => wrong_digest(error),
            OciDistributionError::UnauthorizedError { .. } => TransportError::Denied(String::new()),
            OciDistributionError::AuthenticationFailure(message) => TransportError::Denied(line(&message)),
            OciDistributionError::ImageManifestNotFoundError(_) => TransportError::Missing,
            OciDistributionError::RegistryError { envelope, .. } => {
                let message = envelope.errors.first().map_or_else(String::new, |error| line(&error.message));
                match envelope.errors.first().map(|error| &error.code) {
                    Some(
                        OciErrorCode::ManifestUnknown
                        | OciErrorCode::NameUnknown
                        | OciErrorCode::BlobUnknown
                        | OciErrorCode::NotFound,
                    ) => TransportError::Missing,
                    Some(OciErrorCode::Unauthorized | OciErrorCode::Denied) => TransportError::Denied(message),
                    Some(OciErrorCode::Toomanyrequests) => TransportError::Unavailable(429, message),
                    _ => TransportError::Other(message),
                }
            }
            OciDistributionError::ServerError { code, message, .. } => status(code, &line(&message)),
            OciDistributionError::RequestError(error) if error.is_connect() && error.is_timeout() => {
                TransportError::TimedOut(self.connect)
            }
            OciDistributionError::RequestError(error) if error.is_timeout() => TransportError::TimedOut(self.silence),
            OciDistributionError::RequestError(error) => match error.url().map(ToString::to_string) {
                Some(url) if is_led_elsewhere(registry, &url) => TransportError::Other(format!(
                    "the registry leads to `{}`, which is not called over HTTP",
                    line(&url)
                )),
                // A connection that was open ended before the answer did.
                _ if (error.is_request() || error.is_body()) && !error.is_connect() => {
                    TransportError::Interrupted(causes(&error))
                }
                _ => TransportError::Other(causes(&error)),
            },
            OciDistributionError::IoError(error) => match error.downcast::<DigestError>() {
                Ok(error) => wrong_digest(error),
                Err(error) => self.inner(registry, error),
            },
            other => TransportError::Other(line(&other.to_string())),
        }
    }

    /// Returns the error of a stream, which may hold that of a request.
    fn inner(&self, registry: &str, error: std::io::Error) -> TransportError {
        match error.downcast::<OciDistributionError>() {
            Ok(error) => self.error(registry, error),
            Err(error) if causes(&error).contains("timed out") => TransportError::TimedOut(self.silence),
            Err(error) => TransportError::Other(causes(&error)),
        }
    }
}

/// Returns whether a URL is on another host over HTTP, to which there is no connection: see `proxies`.
fn is_led_elsewhere(registry: &str, url: &str) -> bool {
    let host = registry.rsplit_once(':').map_or(registry, |(host, _)| host);
    let rest = url.strip_prefix("http://");
    rest.is_some_and(|rest| !rest.strip_prefix(host).is_some_and(|rest| rest.starts_with([':', '/'])))
}

impl Transport for OciClient {
    fn tags(&self) -> Result<Vec<String>, TransportError> {
        let mut tags: Vec<String> = Vec::new();
        for _ in 0..PAGES {
            let last = tags.last().cloned();
            let page = self.call(async || {
                let page = self.client.list_tags(&self.name, &self.auth, Some(PAGE), last.as_deref()).await;
                page.map_err(|error| self.error(error))
            });
            let page = match page {
                Ok(page) => page.tags,
                Err(TransportError::Missing) => break,
                // ECR names its pages in another way (`Link`), and refuses the last tag in its place.
                Err(TransportError::Other(_)) if !tags.is_empty() => break,
                Err(error) => return Err(error),
            };
            let is_last = page.len() < SMALLEST_PAGE || page.last() == tags.last();
            tags.extend(page);
            if is_last {
                break;
            }
        }
        Ok(tags)
    }

    fn manifest(&self, reference: &str) -> Result<Option<Vec<u8>>, TransportError> {
        let name = self.reference(reference);
        let answer = self.call(async || {
            let types = [crate::package::MANIFEST_TYPE];
            let manifest = self.client.pull_manifest_raw(&name, &self.auth, &types).await;
            manifest.map(|(content, _)| content.to_vec()).map_err(|error| self.error(error))
        });
        match answer {
            Err(TransportError::Missing) => Ok(None),
            other => other.map(Some),
        }
    }

    fn blob(&self, digest: &Digest, largest: usize) -> Result<Vec<u8>, TransportError> {
        self.call(async || self.read(digest, largest).await)
    }

    fn upload(&self, content: &[u8]) -> Result<(), TransportError> {
        let digest = Digest::of(content);
        self.call(async || {
            let pushed = self.client.push_blob(&self.name, content.to_vec(), digest.as_str()).await;
            pushed.map(drop).map_err(|error| self.error(error))
        })
    }

    fn tag(&self, tag: &str, media_type: &str, manifest: &[u8]) -> Result<(), TransportError> {
        let name = self.reference(tag);
        let kind = media_type.parse().map_err(|_| TransportError::Other(format!("`{media_type}` is not a type")))?;
        self.call(async || {
            let pushed = self.client.push_manifest_raw(&name, manifest.to_vec(), Clone::clone(&kind)).await;
            pushed.map(drop).map_err(|error| self.error(error))
        })
    }
}

/// Returns whether the host of a registry is this machine.
fn is_loopback(registry: &str) -> bool {
    let host = registry.rsplit_once(':').map_or(registry, |(host, _)| host);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn status(status: u16, message: &str) -> TransportError {
    match status {
        401 | 403 => TransportError::Denied(message.to_owned()),
        404 => TransportError::Missing,
        429 | 500.. => TransportError::Unavailable(status, message.to_owned()),
        _ => TransportError::Other(format!("the registry answered with status {status}: {message}")),
    }
}

fn wrong_digest(error: DigestError) -> TransportError {
    match error {
        DigestError::VerificationError { expected, actual } => TransportError::WrongDigest { expected, found: actual },
        other => TransportError::Other(other.to_string()),
    }
}

/// Returns the beginning of the first line of an answer: registries answer with pages of HTML, too.
fn line(text: &str) -> String {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("no message").chars().take(200).collect()
}

/// Returns an error with its causes, which say what happened: the outer one has the URL only.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text.chars().take(400).collect()
}
