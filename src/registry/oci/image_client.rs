//! The calls that read an image.

use super::client::{Limits, OciClient};
use super::credentials;
use super::transport::TransportError;
use crate::image::MEDIA_TYPES;

impl OciClient {
    /// Opens the repository of images with a user and password, or else with the credentials of docker.
    ///
    /// # Errors
    ///
    /// The reason why the credentials cannot be read.
    pub fn of_images(
        registry: &str,
        repository: &str,
        login: Option<(String, String)>,
        limits: Limits,
    ) -> Result<Self, TransportError> {
        let auth = credentials::of_login(registry, login)?;
        Self::new(registry, repository, auth, limits)
    }

    /// Returns the index or manifest of a tag or digest. Its content has the digest that the registry announces.
    ///
    /// # Errors
    ///
    /// The reason why it cannot be read.
    pub fn image_manifest(&self, version: &str) -> Result<Vec<u8>, TransportError> {
        let name = self.reference(version);
        self.call(async || {
            let manifest = self.client.pull_manifest_raw(&name, &self.auth, &MEDIA_TYPES).await;
            manifest.map(|(content, _)| content.to_vec()).map_err(|error| self.error(error))
        })
    }

    /// Returns the digest that a tag leads to now, by a HEAD request if the registry answers it with the digest.
    ///
    /// # Errors
    ///
    /// The reason why it cannot be read.
    pub fn current_digest(&self, tag: &str) -> Result<String, TransportError> {
        let name = self.reference(tag);
        self.call(async || {
            let digest = self.client.fetch_manifest_digest(&name, &self.auth).await;
            digest.map_err(|error| self.error(error))
        })
    }
}
