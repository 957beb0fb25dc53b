use aws_sdk_ecr::types::{ImageFailureCode, ImageIdentifier};
use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use super::pages::Pages;
use super::{Aws, convert, template_upload};
use crate::deploy::api::{ApiCall, ArtifactStore, AwsError, CloudFormation, ErrorKind, StoredImage, StoredObject};

/// The most images of one `BatchDeleteImage`, and the most objects of one `DeleteObjects` (API references).
const MOST_IMAGES: usize = 100;
const MOST_OBJECTS: usize = 1000;

impl ArtifactStore for Aws {
    async fn stored_images(&self, repository: &str) -> Result<Vec<StoredImage>, AwsError> {
        let client = aws_sdk_ecr::Client::new(&self.config);
        let (mut images, mut pages) = (Vec::new(), Pages::of(ApiCall::DescribeImages));
        loop {
            let reply = client.describe_images().repository_name(repository).set_next_token(pages.token()).send().await;
            let reply = match reply.map_err(|error| self.api_error(ApiCall::DescribeImages, &error)) {
                Ok(reply) => reply,
                Err(error) if error.code == "RepositoryNotFoundException" => return Ok(Vec::new()),
                Err(error) => return Err(error),
            };
            images.extend(reply.image_details.into_iter().flatten().map(|image| StoredImage {
                digest: image.image_digest.unwrap_or_default(),
                tags: image.image_tags.unwrap_or_default(),
                bytes: image.image_size_in_bytes.and_then(|bytes| bytes.try_into().ok()).unwrap_or_default(),
                pushed: image.image_pushed_at.map(convert::time),
            }));
            if !pages.advance(reply.next_token)? {
                return Ok(images);
            }
        }
    }

    async fn delete_images(&self, repository: &str, images: &[StoredImage]) -> Result<(), AwsError> {
        let client = aws_sdk_ecr::Client::new(&self.config);
        for part in images.chunks(MOST_IMAGES) {
            let ids = part.iter().map(|image| ImageIdentifier::builder().image_digest(&image.digest).build()).collect();
            let reply = client.batch_delete_image().repository_name(repository).set_image_ids(Some(ids)).send().await;
            let reply = reply.map_err(|error| self.api_error(ApiCall::BatchDeleteImage, &error))?;
            let left = [ImageFailureCode::ImageNotFound, ImageFailureCode::ImageReferencedByManifestList];
            let failed = reply.failures.into_iter().flatten();
            let mut failed =
                failed.filter(|failure| !failure.failure_code.as_ref().is_some_and(|it| left.contains(it)));
            if let Some(failure) = failed.next() {
                let code = failure.failure_code.map_or_else(String::new, |code| code.as_str().to_owned());
                let reason = failure.failure_reason.unwrap_or_default();
                return Err(AwsError::new(ErrorKind::Other, ApiCall::BatchDeleteImage, code, reason));
            }
        }
        Ok(())
    }

    async fn stored_objects(&self, bucket: &str) -> Result<Vec<StoredObject>, AwsError> {
        // A bucket of this name may belong to another account.
        let (client, owner) = (template_upload::client(self), self.environment().await?.account);
        let (mut objects, mut pages) = (Vec::new(), Pages::of(ApiCall::ListObjectVersions));
        let (mut key, mut version) = (None, None);
        loop {
            let call = client.list_object_versions().bucket(bucket).expected_bucket_owner(&owner);
            let call = call.set_key_marker(key).set_version_id_marker(version);
            let reply = match call.send().await.map_err(|error| self.api_error(ApiCall::ListObjectVersions, &error)) {
                Ok(reply) => reply,
                Err(error) if error.code == "NoSuchBucket" => return Ok(Vec::new()),
                Err(error) => return Err(error),
            };
            objects.extend(reply.versions.into_iter().flatten().map(|object| StoredObject {
                key: object.key.unwrap_or_default(),
                version: object.version_id,
                bytes: object.size.and_then(|bytes| bytes.try_into().ok()).unwrap_or_default(),
                modified: object.last_modified.map(convert::time),
            }));
            objects.extend(reply.delete_markers.into_iter().flatten().map(|marker| StoredObject {
                key: marker.key.unwrap_or_default(),
                version: marker.version_id,
                bytes: 0,
                modified: marker.last_modified.map(convert::time),
            }));
            (key, version) = (reply.next_key_marker, reply.next_version_id_marker);
            let place = key.as_ref().map(|key| format!("{key} {}", version.as_deref().unwrap_or_default()));
            if !pages.advance(place)? {
                return Ok(objects);
            }
        }
    }

    async fn delete_objects(&self, bucket: &str, objects: &[StoredObject]) -> Result<(), AwsError> {
        let (client, owner) = (template_upload::client(self), self.environment().await?.account);
        for part in objects.chunks(MOST_OBJECTS) {
            let id = |object: &StoredObject| {
                let id = ObjectIdentifier::builder().key(&object.key).set_version_id(object.version.clone());
                id.build().expect("the object has its key")
            };
            let delete = Delete::builder().set_objects(Some(part.iter().map(id).collect())).quiet(true).build();
            let delete = delete.expect("the call has its objects");
            let call = client.delete_objects().bucket(bucket).expected_bucket_owner(&owner).delete(delete);
            let reply = call.send().await;
            let reply = reply.map_err(|error| self.api_error(ApiCall::DeleteObjects, &error))?;
            if let Some(failure) = reply.errors.into_iter().flatten().next() {
                let (code, message) = (failure.code.unwrap_or_default(), failure.message.unwrap_or_default());
                return Err(AwsError::new(ErrorKind::Other, ApiCall::DeleteObjects, code, message));
            }
        }
        Ok(())
    }
}
