//! Looks up images: in ECR by its API, in other registries by the reader of the options.
//!
//! *Invariant*: pulls nothing and never fails: without an answer the result is [`ImageStatus::Unknown`], with the reason. An image that
//! is found comes with its digest.

mod ecr;

use super::Aws;
use crate::deploy::api::{AwsError, ImageRegistry, ImageStatus, RegistryCredentials};
use crate::image::{ImageReference, Unread};

impl ImageRegistry for Aws {
    async fn image(&self, reference: &str) -> ImageStatus {
        match ImageReference::parse(reference) {
            Some(parsed) => looked_up(self, &parsed).await.0,
            None => ImageStatus::Unknown(format!("`{reference}` is not the name of an image")),
        }
    }

    async fn digest(&self, reference: &str) -> Result<Option<String>, String> {
        let parsed = ImageReference::parse(reference).ok_or_else(|| "it is not the name of an image".to_owned())?;
        match looked_up(self, &parsed).await {
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

async fn looked_up(aws: &Aws, image: &ImageReference) -> (ImageStatus, Option<String>) {
    if let Some(ecr) = image.ecr() {
        return ecr::image(aws, &ecr, image).await;
    }
    let Some(registries) = &aws.registries else {
        return (ImageStatus::Unknown("no registry other than ECR is looked up".to_owned()), None);
    };
    match registries.digest(image).await {
        Ok(digest) => (ImageStatus::Found, Some(digest)),
        Err(Unread::Missing) => (ImageStatus::Missing, None),
        Err(Unread::Invalid(why) | Unread::Unanswered(why)) => (ImageStatus::Unknown(why), None),
    }
}
