use std::path::Path;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use crate::cli::packages::cache_folder;
use crate::deploy::api::ImageDigests;
use crate::image::{ImageReference, Unread};
use crate::registry::{ImageCache, ImageReader};

/// The registries of images other than ECR, with the credentials of docker.
#[derive(Debug)]
pub(super) struct Registries(Arc<ImageReader>);

impl Registries {
    /// Creates the registries; nothing is sent before the first question.
    pub(super) fn new() -> Self {
        Self(Arc::new(ImageReader::new(ImageCache::new(&cache_folder(Path::new(""))))))
    }
}

impl ImageDigests for Registries {
    fn digest<'a>(&'a self, image: &'a ImageReference) -> LocalBoxFuture<'a, Result<String, Unread>> {
        let (reader, image) = (Arc::clone(&self.0), image.clone());
        // The call blocks; signals are handled meanwhile.
        let read = tokio::task::spawn_blocking(move || reader.current_digest(&image, None));
        async move { read.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())) }.boxed_local()
    }
}
