use aws_sdk_ecr::types::{ImageFailureCode, ImageIdentifier};

use crate::aws::Aws;
use crate::deploy::api::{ApiCall, CloudFormation, ImageStatus};
use crate::image::{EcrRegistry, ImageReference};

/// Requests the manifest as a pulling task does: `BatchGetImage` also finds images that a pull-through cache has yet to
/// fetch. The call is made in the region and the account of the repository.
pub(super) async fn image(aws: &Aws, registry: &EcrRegistry, reference: &ImageReference) -> ImageStatus {
    let aws = aws.in_region(&registry.region);
    let id = ImageIdentifier::builder().set_image_digest(reference.digest.clone());
    let id = if reference.digest.is_some() { id } else { id.set_image_tag(reference.tag.clone()) };
    let call = aws_sdk_ecr::Client::new(&aws.config).batch_get_image();
    let call = call.registry_id(&registry.account).repository_name(&reference.repository).image_ids(id.build());
    let reply = match call.send().await.map_err(|error| aws.api_error(ApiCall::BatchGetImage, &error)) {
        Ok(reply) => reply,
        Err(error) if error.code == "RepositoryNotFoundException" => return ImageStatus::Missing,
        Err(error) => return ImageStatus::Unknown(error.to_string()),
    };
    let failure = reply.failures.into_iter().flatten().next();
    match failure.as_ref().and_then(|failure| failure.failure_code.as_ref()) {
        _ if reply.images.is_some_and(|images| !images.is_empty()) => ImageStatus::Found,
        Some(ImageFailureCode::ImageNotFound) => ImageStatus::Missing,
        Some(code) => {
            let reason = failure.as_ref().and_then(|failure| failure.failure_reason.as_deref()).unwrap_or_default();
            ImageStatus::Unknown(format!("ECR reports {}: {reason}", code.as_str()))
        }
        None => ImageStatus::Unknown("ECR does not report whether the image exists".to_owned()),
    }
}
