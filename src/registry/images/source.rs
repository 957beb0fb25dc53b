use super::ImageCache;
use crate::image::Unread;
use crate::package::Digest;

/// The largest configuration in bytes that is read.
#[cfg(feature = "oci")]
const LARGEST_CONFIG: usize = 8 << 20;

/// The calls that facts need. The content of an answer has the digest of the call.
pub(super) trait Source {
    /// Returns the manifest or index with a digest.
    fn manifest(&self, digest: &str) -> Result<Vec<u8>, Unread>;

    /// Returns the configuration with a digest.
    fn config(&self, digest: &str) -> Result<Vec<u8>, Unread>;
}

/// The cache alone.
pub(super) struct Cached<'a> {
    pub(super) cache: &'a ImageCache,
}

impl Source for Cached<'_> {
    fn manifest(&self, digest: &str) -> Result<Vec<u8>, Unread> {
        let content = Digest::parse(digest).and_then(|digest| self.cache.content(&digest));
        content.ok_or_else(|| Unread::Unanswered("it is not in the cache".to_owned()))
    }

    fn config(&self, digest: &str) -> Result<Vec<u8>, Unread> {
        self.manifest(digest)
    }
}

#[cfg(feature = "oci")]
pub(super) use registry::{Registry, limits};

#[cfg(feature = "oci")]
mod registry {
    use std::time::Duration;

    use super::{Cached, Digest, ImageCache, LARGEST_CONFIG, Source, Unread};
    use crate::image::ImageReference;
    use crate::registry::{Limits, OciClient, Transport, TransportError};

    use super::super::Login;

    /// Returns the limits of the calls: a deployment waits for the answers.
    pub(in super::super) fn limits() -> Limits {
        Limits {
            connect: Duration::from_secs(5),
            silence: Duration::from_secs(10),
            call: Duration::from_secs(15),
            pauses: vec![Duration::from_millis(500)],
            ..Limits::default()
        }
    }

    /// A repository of a registry, with the cache before it.
    pub(in super::super) struct Registry<'a> {
        client: OciClient,
        host: String,
        cache: &'a ImageCache,
    }

    impl<'a> Registry<'a> {
        pub(in super::super) fn open(
            image: &ImageReference,
            login: Option<Login>,
            limits: Limits,
            cache: &'a ImageCache,
        ) -> Result<Self, Unread> {
            let client = OciClient::of_images(&image.host, &image.repository, login, limits);
            let client = client.map_err(|error| unread(&image.host, &error))?;
            Ok(Self { client, host: image.host.clone(), cache })
        }

        /// Returns the digest that a tag has now.
        pub(in super::super) fn current_digest(&self, tag: &str) -> Result<String, Unread> {
            self.client.current_digest(tag).map_err(|error| unread(&self.host, &error))
        }

        /// Reads the manifest of a tag, and returns its digest.
        pub(in super::super) fn manifest_of_tag(&self, tag: &str) -> Result<String, Unread> {
            let content = self.answer(self.client.image_manifest(tag))?;
            self.cache.add(&content);
            Ok(Digest::of(&content).to_string())
        }

        /// Returns an answer, unless it is a page: of the sign-in of a network, of a proxy.
        fn answer(&self, answer: Result<Vec<u8>, TransportError>) -> Result<Vec<u8>, Unread> {
            let content = answer.map_err(|error| unread(&self.host, &error))?;
            if content.trim_ascii_start().starts_with(b"{") {
                return Ok(content);
            }
            let host = &self.host;
            Err(Unread::Unanswered(format!(
                "{host} answered with something else than a manifest, such as the page of a proxy"
            )))
        }
    }

    impl Source for Registry<'_> {
        fn manifest(&self, digest: &str) -> Result<Vec<u8>, Unread> {
            if let Ok(content) = (Cached { cache: self.cache }).manifest(digest) {
                return Ok(content);
            }
            let content = self.answer(self.client.image_manifest(digest))?;
            verified(content, digest, self.cache)
        }

        fn config(&self, digest: &str) -> Result<Vec<u8>, Unread> {
            if let Ok(content) = (Cached { cache: self.cache }).config(digest) {
                return Ok(content);
            }
            let content = self.client.blob(&known(digest)?, LARGEST_CONFIG).map_err(|error| match error {
                TransportError::Missing => Unread::Invalid("the registry does not have its configuration".to_owned()),
                error => unread(&self.host, &error),
            })?;
            verified(content, digest, self.cache)
        }
    }

    fn known(digest: &str) -> Result<Digest, Unread> {
        Digest::parse(digest)
            .ok_or_else(|| Unread::Unanswered(format!("the algorithm of its digest `{digest}` is not known")))
    }

    fn verified(content: Vec<u8>, digest: &str, cache: &ImageCache) -> Result<Vec<u8>, Unread> {
        let found = Digest::of(&content);
        if found != known(digest)? {
            return Err(Unread::Invalid(format!("the registry sent content with the digest {found} for {digest}")));
        }
        cache.add(&content);
        Ok(content)
    }

    fn unread(host: &str, error: &TransportError) -> Unread {
        match error {
            TransportError::Missing => Unread::Missing,
            TransportError::WrongDigest { expected, found } => {
                Unread::Invalid(format!("the registry sent content with the digest {found} for {expected}"))
            }
            TransportError::Unavailable(429, _) => {
                Unread::Unanswered(format!("{host} limits the number of requests (status 429)"))
            }
            TransportError::Unavailable(status, _) => {
                Unread::Unanswered(format!("{host} answered with status {status}"))
            }
            TransportError::Denied(_) => Unread::Unanswered(format!(
                "{host} refused: the image is private or does not exist; `docker login {host}` gives access to private images"
            )),
            TransportError::TimedOut(longest) => {
                Unread::Unanswered(format!("{host} did not answer within {} s", longest.as_secs_f64()))
            }
            error => Unread::Unanswered(format!("{host}: {error}")),
        }
    }
}
