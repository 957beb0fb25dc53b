use serde::{Deserialize, Serialize};

/// Registries of container images.
#[allow(async_fn_in_trait, reason = "deployments run on one thread, so the futures need no bounds")]
pub trait ImageRegistry: Clone {
    /// Returns whether an image can be pulled: by ECR's API for images in ECR, else by requesting the manifest from the
    /// registry without credentials. Never fails: the result is [`ImageStatus::Unknown`] if there is no answer.
    async fn image(&self, reference: &str) -> ImageStatus;
}

/// Whether an image exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageStatus {
    /// The image exists.
    Found,
    /// The registry answers that the image does not exist.
    Missing,
    /// The registry gave no answer, with the reason.
    Unknown(String),
}
