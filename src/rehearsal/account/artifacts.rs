//! The images and templates of `rtiler bootstrap` in the rehearsed account.
//!
//! A deployment pushes the images of its stack before it creates a change set, so an image that a template names has been pushed.

use super::Account;
use crate::cfn::type_names::BUCKET;
use crate::deploy::api::{ArtifactStore, AwsError, Clock, StoredImage, StoredObject, Timestamp};
use crate::deploy::bootstrap::image_names;
use crate::image::bootstrap_names;
use crate::rehearsal::Rehearsal;
use crate::rehearsal::rng::hex;
use crate::rehearsal::state::resource_key;

/// The size of an image of a rehearsal.
const IMAGE_BYTES: u64 = 120_000_000;

impl Account {
    /// Adds the images that a template names to the repository.
    pub(in crate::rehearsal) fn push_images(&mut self, region: &str, body: &str, now: Timestamp) {
        let seed = self.state.seed;
        for name in image_names(body) {
            let images = self.state.images.entry(region.to_owned()).or_default();
            if images.iter().any(|image| image.digest == name || image.tags.iter().any(|tag| *tag == name)) {
                continue;
            }
            let by_digest = name.starts_with("sha256:");
            let digest = if by_digest { name.to_owned() } else { format!("sha256:{}", hex(seed, &[name], 64)) };
            let tags = if by_digest { Vec::new() } else { vec![name.to_owned()] };
            images.push(StoredImage { digest, tags, bytes: IMAGE_BYTES, pushed: Some(now) });
            self.state.contents.insert(resource_key(REPOSITORY, bootstrap_names::REPOSITORY));
        }
    }

    /// Stores a template and returns its URL.
    pub(in crate::rehearsal) fn upload_template(
        &mut self,
        region: &str,
        stack: &str,
        body: &str,
        now: Timestamp,
    ) -> String {
        let bucket = bootstrap_names::bucket(&self.state.account, region);
        let key = format!("{stack}/{}.template", hex(self.state.seed, &[body], 16));
        let url = format!("https://s3.{region}.amazonaws.com/{bucket}/{key}");
        self.state.uploads.insert(url.clone(), body.to_owned());
        self.state.upload_times.insert(url.clone(), now);
        self.state.contents.insert(resource_key(BUCKET, &bucket));
        url
    }

    fn stored_objects(&self, bucket: &str) -> Vec<StoredObject> {
        let of_bucket = self.state.uploads.iter().filter_map(|(url, body)| Some((url, object_key(url, bucket)?, body)));
        let object = |(url, key, body): (&String, &str, &String)| StoredObject {
            key: key.to_owned(),
            version: None,
            bytes: body.len() as u64,
            modified: self.state.upload_times.get(url).copied(),
        };
        of_bucket.map(object).collect()
    }

    fn delete_objects(&mut self, bucket: &str, objects: &[StoredObject]) {
        let is_deleted =
            |url: &String| object_key(url, bucket).is_some_and(|key| objects.iter().any(|it| it.key == key));
        self.state.uploads.retain(|url, _| !is_deleted(url));
        self.state.upload_times.retain(|url, _| !is_deleted(url));
        if self.stored_objects(bucket).is_empty() {
            self.state.contents.remove(&resource_key(BUCKET, bucket));
        }
    }

    fn delete_images(&mut self, region: &str, repository: &str, deleted: &[StoredImage]) {
        let images = self.state.images.entry(region.to_owned()).or_default();
        images.retain(|image| !deleted.iter().any(|deleted| deleted.digest == image.digest));
        if images.is_empty() {
            self.state.contents.remove(&resource_key(REPOSITORY, repository));
        }
    }
}

/// `AWS::ECR::Repository`.
const REPOSITORY: &str = "AWS::ECR::Repository";

/// Returns the key of an object by its URL.
fn object_key<'u>(url: &'u str, bucket: &str) -> Option<&'u str> {
    url.split_once(".amazonaws.com/")?.1.strip_prefix(bucket)?.strip_prefix('/')
}

impl<K: Clock> ArtifactStore for Rehearsal<K> {
    async fn stored_images(&self, repository: &str) -> Result<Vec<StoredImage>, AwsError> {
        let images = self.with_account(|account| account.state.images.get(&self.region).cloned().unwrap_or_default());
        Ok(if repository == bootstrap_names::REPOSITORY { images } else { Vec::new() })
    }

    async fn delete_images(&self, repository: &str, images: &[StoredImage]) -> Result<(), AwsError> {
        self.with_account(|account| account.delete_images(&self.region, repository, images));
        Ok(())
    }

    async fn stored_objects(&self, bucket: &str) -> Result<Vec<StoredObject>, AwsError> {
        Ok(self.with_account(|account| account.stored_objects(bucket)))
    }

    async fn delete_objects(&self, bucket: &str, objects: &[StoredObject]) -> Result<(), AwsError> {
        self.with_account(|account| account.delete_objects(bucket, objects));
        Ok(())
    }
}
