//! Whether an image is there: ECR by its API, any other registry by its own.
//!
//! *Invariant*: nothing is pulled and nothing fails: what cannot be found out is [`ImageStatus::Unknown`], with why.

mod ecr;
mod reference;
mod registry;

use super::Aws;
use crate::deploy::api::{ImageRegistry, ImageStatus};
use reference::Reference;

impl ImageRegistry for Aws {
    async fn image(&self, reference: &str) -> ImageStatus {
        let Some(parsed) = Reference::parse(reference) else {
            return ImageStatus::Unknown(format!("`{reference}` does not name an image"));
        };
        match parsed.ecr() {
            Some(ecr) => ecr::image(self, &ecr, &parsed).await,
            None => registry::image(self, &parsed).await,
        }
    }
}
