//! The facts about container images, from their registries or from the cache.
//!
//! `source` has the calls that facts need, `assembly` makes facts of their answers, `image_cache` keeps what was read by its digest.
//!
//! *Invariant*: the digest of everything is compared before it is used, also if it is from the cache. Nothing is pulled but manifests
//! and configurations, each up to a limit.

mod assembly;
mod image_cache;
mod source;

#[cfg(all(test, feature = "oci"))]
mod tests;

pub use image_cache::ImageCache;
use source::Cached;

use crate::image::{Architecture, ImageFacts, ImageReference, Unread};

#[cfg(not(feature = "oci"))]
const WITHOUT_REGISTRIES: &str = "this rtiler was built without registries (the feature `oci`)";

/// A user and password.
pub type Login = (String, String);

/// Reads the facts about images.
#[derive(Debug)]
pub struct ImageReader {
    cache: ImageCache,
    #[cfg(feature = "oci")]
    limits: super::Limits,
}

impl ImageReader {
    /// Creates a reader with a cache.
    pub fn new(cache: ImageCache) -> Self {
        Self {
            cache,
            #[cfg(feature = "oci")]
            limits: source::limits(),
        }
    }

    /// Returns the facts that the cache has about an image: about the one that its tag led to when it was last read.
    pub fn cached(&self, image: &ImageReference, wanted: &[Architecture]) -> Option<ImageFacts> {
        let digest = image.digest.clone().or_else(|| self.cache.digest_of_tag(image))?;
        assembly::facts(&Cached { cache: &self.cache }, &digest, wanted).ok()
    }

    /// Reads an image with a login, or else with the credentials of docker. Linux images for the wanted architectures are read
    /// whole; the others are listed. A tag is resolved by a request, also if the cache has the image.
    ///
    /// # Errors
    ///
    /// The reason why it cannot be read.
    #[cfg(feature = "oci")]
    pub fn read(
        &self,
        image: &ImageReference,
        login: Option<Login>,
        wanted: &[Architecture],
    ) -> Result<ImageFacts, Unread> {
        if image.digest.is_some()
            && let Some(facts) = self.cached(image, wanted)
        {
            return Ok(facts);
        }
        let source = source::Registry::open(image, login, self.limits.clone(), &self.cache)?;
        let digest = match (&image.digest, self.cache.digest_of_tag(image)) {
            (Some(digest), _) => digest.clone(),
            // The image is probably in the cache: its digest is enough.
            (None, Some(_)) => source.current_digest(image.version())?,
            (None, None) => source.manifest_of_tag(image.version())?,
        };
        if image.digest.is_none() {
            self.cache.set_digest_of_tag(image, &digest);
        }
        assembly::facts(&source, &digest, wanted)
    }

    /// Returns the digest that the tag of an image has now, with a login or else with the credentials of docker. The digest in
    /// a name is returned if the registry has it.
    ///
    /// # Errors
    ///
    /// The reason why it is not known.
    #[cfg(feature = "oci")]
    pub fn current_digest(&self, image: &ImageReference, login: Option<Login>) -> Result<String, Unread> {
        source::Registry::open(image, login, self.limits.clone(), &self.cache)?.current_digest(image.version())
    }

    /// Refuses: this program was built without the feature `oci`.
    ///
    /// # Errors
    ///
    /// Always.
    #[cfg(not(feature = "oci"))]
    pub fn current_digest(&self, _: &ImageReference, _: Option<Login>) -> Result<String, Unread> {
        Err(Unread::Unanswered(WITHOUT_REGISTRIES.to_owned()))
    }

    /// Refuses: this program was built without the feature `oci`.
    ///
    /// # Errors
    ///
    /// Always.
    #[cfg(not(feature = "oci"))]
    pub fn read(&self, _: &ImageReference, _: Option<Login>, _: &[Architecture]) -> Result<ImageFacts, Unread> {
        Err(Unread::Unanswered(WITHOUT_REGISTRIES.to_owned()))
    }
}
