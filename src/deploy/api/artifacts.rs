use serde::{Deserialize, Serialize};

use super::{AwsError, Timestamp};

/// The images and templates that rtiler stores in an account: in the repository and the bucket of `rtiler bootstrap`.
#[allow(async_fn_in_trait, reason = "deployments run on one thread, so the futures need no bounds")]
pub trait ArtifactStore: Clone {
    /// Calls `DescribeImages` of ECR, every page. Returns none if the repository does not exist.
    async fn stored_images(&self, repository: &str) -> Result<Vec<StoredImage>, AwsError>;

    /// Calls `BatchDeleteImage` of ECR. An image that does not exist, or that another one contains, is left out.
    async fn delete_images(&self, repository: &str, images: &[StoredImage]) -> Result<(), AwsError>;

    /// Calls `ListObjectVersions` of S3, every page. Returns none if the bucket does not exist.
    async fn stored_objects(&self, bucket: &str) -> Result<Vec<StoredObject>, AwsError>;

    /// Calls `DeleteObjects` of S3.
    async fn delete_objects(&self, bucket: &str, objects: &[StoredObject]) -> Result<(), AwsError>;
}

/// An image in a repository of ECR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StoredImage {
    /// The digest of its manifest: `sha256:..`.
    pub digest: String,
    /// Its tags; none for a part of another image, and for one whose tag moved to another.
    pub tags: Vec<String>,
    /// The compressed size in bytes.
    pub bytes: u64,
    /// The time of the push.
    pub pushed: Option<Timestamp>,
}

/// A version of an object in a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StoredObject {
    /// The key.
    pub key: String,
    /// The id of the version; null in a bucket without versions.
    pub version: Option<String>,
    /// The size in bytes.
    pub bytes: u64,
    /// The time of the upload.
    pub modified: Option<Timestamp>,
}
