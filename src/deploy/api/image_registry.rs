use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};

use super::AwsError;
use crate::image::{ImageReference, Unread};

/// Registries of container images.
#[allow(async_fn_in_trait, reason = "deployments run on one thread, so the futures need no bounds")]
pub trait ImageRegistry: Clone {
    /// Returns whether an image can be pulled: by ECR's API for images in ECR, else by its registry ([`ImageDigests`]).
    /// Never fails: the result is [`ImageStatus::Unknown`] if there is no answer.
    async fn image(&self, reference: &str) -> ImageStatus;

    /// Returns the digest that the tag of an image has now: `sha256:..`. None: the account is simulated, and has no images.
    ///
    /// # Errors
    ///
    /// The reason why it is not known.
    async fn digest(&self, reference: &str) -> Result<Option<String>, String>;

    /// Returns credentials for the registry of ECR in a region (`GetAuthorizationToken`); they are valid for 12 hours.
    async fn push_credentials(&self, region: &str) -> Result<RegistryCredentials, AwsError>;
}

/// The digests of images in registries other than ECR.
pub trait ImageDigests: std::fmt::Debug + Send + Sync {
    /// Returns the digest that the tag of an image has now, or the digest in its name if the registry has it: `sha256:..`.
    fn digest<'a>(&'a self, image: &'a ImageReference) -> LocalBoxFuture<'a, Result<String, Unread>>;
}

/// A user and password of a registry.
#[derive(Clone, PartialEq, Eq)]
pub struct RegistryCredentials {
    /// The user.
    pub user: String,
    /// The password, which is never printed.
    pub password: String,
}

impl std::fmt::Debug for RegistryCredentials {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("RegistryCredentials").field("user", &self.user).finish_non_exhaustive()
    }
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
