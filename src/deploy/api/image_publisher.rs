use futures_util::future::LocalBoxFuture;

use crate::diag::Diagnostic;
use crate::image::RequiredImage;

/// An image with the registry that it is pushed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageTarget {
    /// The image.
    pub image: RequiredImage,
    /// The region of the stack that needs it.
    pub region: Option<String>,
    /// The repository with its registry.
    pub repository: String,
}

impl ImageTarget {
    /// Returns the name with the tag that the template has.
    pub fn reference(&self) -> String {
        format!("{}:{}", self.repository, self.image.tag)
    }

    /// Returns all names, first the one of the template.
    pub fn references(&self) -> Vec<String> {
        let tags = std::iter::once(&self.image.tag).chain(&self.image.extra_tags);
        tags.map(|tag| format!("{}:{tag}", self.repository)).collect()
    }
}

/// A step of the way of an image to its registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageStep {
    /// Its build has started, by this builder.
    BuildStarted(String),
    /// The builder printed a line.
    Output(String),
    /// Its push has started.
    PushStarted,
}

/// Builds images and pushes them.
pub trait ImagePublisher {
    /// Returns whether an image is in its registry with each of its tags. Without an answer it is not.
    fn is_published<'p>(&'p self, target: &'p ImageTarget) -> LocalBoxFuture<'p, bool>;

    /// Builds an image, unless it is in a file, and pushes it with each of its tags. Returns the reason why it is not in its
    /// registry afterwards. Dropping the future ends the builder.
    fn publish<'p>(
        &'p self,
        target: &'p ImageTarget,
        progress: &'p dyn Fn(ImageStep),
    ) -> LocalBoxFuture<'p, Result<(), Diagnostic>>;
}
