//! Uploads to one repository, block by block: the layers of images are larger than memory.

use futures_util::stream::BoxStream;
use oci_client::Reference;
use oci_client::client::Client;
use oci_client::errors::OciDistributionError;
use oci_client::secrets::RegistryAuth;

use super::client::{Limits, client_of, version_of};
use super::credentials;
use super::transport::TransportError;

/// The bytes of a blob, in blocks.
pub type Blocks = BoxStream<'static, std::io::Result<Vec<u8>>>;

/// Uploads to one repository. Its calls run on the runtime of the caller, and end when their futures are dropped.
pub struct Upload {
    client: Client,
    name: Reference,
    auth: RegistryAuth,
    limits: Limits,
}

impl Upload {
    /// Opens a repository with a user and password, or else with the credentials of docker.
    ///
    /// # Errors
    ///
    /// The reason why the credentials cannot be read.
    pub fn open(
        registry: &str,
        repository: &str,
        login: Option<(String, String)>,
        limits: Limits,
    ) -> Result<Self, TransportError> {
        let auth = credentials::of_login(registry, login)?;
        let client = client_of(registry, &limits)?;
        let name = Reference::with_tag(registry.to_owned(), repository.to_owned(), "latest".to_owned());
        Ok(Self { client, name, auth, limits })
    }

    /// Returns whether the repository has a blob.
    ///
    /// # Errors
    ///
    /// The reason why there is no answer.
    pub async fn has_blob(&self, digest: &str) -> Result<bool, TransportError> {
        self.repeated(async || self.client.blob_exists(&self.name, digest).await).await
    }

    /// Uploads a blob; `open` gives its content from the beginning.
    ///
    /// # Errors
    ///
    /// The reason why the registry does not take it.
    pub async fn blob(&self, digest: &str, size: u64, open: &dyn Fn() -> Blocks) -> Result<(), TransportError> {
        use futures_util::StreamExt;
        self.repeated(async || {
            let blocks = open().map(|block| block.map(Into::into).map_err(OciDistributionError::IoError));
            self.client.push_blob_stream(&self.name, blocks, digest, Some(size)).await.map(drop)
        })
        .await
    }

    /// Writes the manifest of a tag or digest.
    ///
    /// # Errors
    ///
    /// The reason why the registry does not take it.
    pub async fn manifest(&self, tag: &str, media_type: &str, manifest: &[u8]) -> Result<(), TransportError> {
        let name = version_of(&self.name, tag);
        let kind = media_type.parse().map_err(|_| TransportError::Other(format!("`{media_type}` is not a type")))?;
        self.repeated(async || {
            let pushed = self.client.push_manifest_raw(&name, manifest.to_vec(), Clone::clone(&kind)).await;
            pushed.map(drop)
        })
        .await
    }

    /// Makes a call again while the registry cannot serve it, or the connection breaks.
    async fn repeated<T>(&self, work: impl AsyncFn() -> Result<T, OciDistributionError>) -> Result<T, TransportError> {
        self.client.store_auth_if_needed(self.name.resolve_registry(), &self.auth).await;
        let work = async || work().await.map_err(|error| self.limits.error(self.name.registry(), error));
        self.limits.with_retries(&work).await
    }
}
