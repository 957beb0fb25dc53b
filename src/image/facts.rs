use indexmap::IndexMap;

use super::manifest::{Architecture, ImageConfig};

/// The facts about an image, as its registry has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFacts {
    /// The digest that its name leads to: that of its index, or of its manifest.
    pub digest: String,
    /// The media type of the index or manifest.
    pub media_type: String,
    /// The image for each platform. An image without an index has one.
    pub platforms: Vec<PlatformImage>,
    /// Whether an index lists its platforms.
    pub is_index: bool,
}

/// The image for one platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformImage {
    /// The operating system: `linux`, `windows`.
    pub os: String,
    /// The processor architecture.
    pub architecture: Architecture,
    /// The digest of its manifest.
    pub digest: String,
    /// The content of its manifest and configuration; none if it was not read.
    pub content: Option<PlatformContent>,
}

/// The content of the image for one platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformContent {
    /// The size of its layers in bytes, as they are downloaded.
    pub compressed: u64,
    /// Its configuration.
    pub config: ImageConfig,
}

impl ImageFacts {
    /// Returns the image for Linux on an architecture.
    pub fn linux(&self, architecture: &Architecture) -> Option<&PlatformImage> {
        self.platforms.iter().find(|it| it.os == "linux" && it.architecture == *architecture)
    }

    /// Returns the names of its platforms: `linux/amd64`.
    pub fn platform_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.platforms.iter().map(PlatformImage::name).collect();
        names.dedup();
        names
    }
}

impl PlatformImage {
    /// Returns the name of its platform: `linux/amd64`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.os, self.architecture.as_str())
    }
}

/// The facts about images by name, or the reason why there are none.
pub type FactsByName = IndexMap<String, Result<ImageFacts, Unread>>;

/// The reason why an image was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// The registry answers that there is no such image.
    Missing,
    /// The content of the image is not what its digest says, or is not an image; with the reason.
    Invalid(String),
    /// The registry gave no answer, or refused; with the reason.
    Unanswered(String),
}
