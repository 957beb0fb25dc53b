//! Looks up images: in ECR by its API, in other registries by the OCI API.
//!
//! *Invariant*: pulls nothing and never fails: without an answer the result is [`ImageStatus::Unknown`], with the reason. An image that
//! is found comes with its digest.

mod ecr;
mod registry;

use super::Aws;
use crate::deploy::api::{AwsError, ImageRegistry, ImageStatus, RegistryCredentials};
use crate::image::ImageReference;

impl ImageRegistry for Aws {
    async fn image(&self, reference: &str) -> ImageStatus {
        let Some(parsed) = ImageReference::parse(reference) else {
            return ImageStatus::Unknown(format!("`{reference}` is not the name of an image"));
        };
        match parsed.ecr() {
            Some(ecr) => ecr::image(self, &ecr, &parsed).await,
            None => registry::image(self, &parsed).await,
        }
        .0
    }

    async fn digest(&self, reference: &str) -> Result<Option<String>, String> {
        let parsed = ImageReference::parse(reference).ok_or_else(|| "it is not the name of an image".to_owned())?;
        let found = match parsed.ecr() {
            Some(ecr) => ecr::image(self, &ecr, &parsed).await,
            None => registry::image(self, &parsed).await,
        };
        match found {
            (ImageStatus::Found, Some(digest)) => Ok(Some(digest)),
            (ImageStatus::Found, None) => Err("the registry does not report its digest".to_owned()),
            (ImageStatus::Missing, _) => Err("the registry does not have it".to_owned()),
            (ImageStatus::Unknown(why), _) => Err(why),
        }
    }

    async fn push_credentials(&self, region: &str) -> Result<RegistryCredentials, AwsError> {
        ecr::credentials(self, region).await
    }
}
