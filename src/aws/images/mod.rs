//! Looks up images: in ECR by its API, in other registries by the OCI API.
//!
//! *Invariant*: pulls nothing and never fails: without an answer the result is [`ImageStatus::Unknown`], with the reason.

mod ecr;
mod registry;

use super::Aws;
use crate::deploy::api::{ImageRegistry, ImageStatus};
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
    }
}
