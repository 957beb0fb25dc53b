use aws_sdk_ecr::types::{ImageFailureCode, ImageIdentifier};
use base64::Engine as _;

use crate::aws::Aws;
use crate::deploy::api::{ApiCall, AwsError, CloudFormation, ErrorKind, ImageStatus, RegistryCredentials};
use crate::image::{EcrRegistry, ImageReference};

/// Requests the manifest as a pulling task does: `BatchGetImage` also finds images that a pull-through cache has yet to
/// fetch. The call is made in the region and the account of the repository.
pub(super) async fn image(
    aws: &Aws,
    registry: &EcrRegistry,
    reference: &ImageReference,
) -> (ImageStatus, Option<String>) {
    let aws = aws.in_region(&registry.region);
    let id = ImageIdentifier::builder().set_image_digest(reference.digest.clone());
    let id = if reference.digest.is_some() { id } else { id.set_image_tag(reference.tag.clone()) };
    let call = aws_sdk_ecr::Client::new(&aws.config).batch_get_image();
    let call = call.registry_id(&registry.account).repository_name(&reference.repository).image_ids(id.build());
    let reply = match call.send().await.map_err(|error| aws.api_error(ApiCall::BatchGetImage, &error)) {
        Ok(reply) => reply,
        Err(error) if error.code == "RepositoryNotFoundException" => return (ImageStatus::Missing, None),
        Err(error) => return (ImageStatus::Unknown(error.to_string()), None),
    };
    let failure = reply.failures.into_iter().flatten().next();
    let found = reply.images.into_iter().flatten().next();
    if let Some(image) = found {
        return (ImageStatus::Found, image.image_id.and_then(|id| id.image_digest));
    }
    let status = match failure.as_ref().and_then(|failure| failure.failure_code.as_ref()) {
        Some(ImageFailureCode::ImageNotFound) => ImageStatus::Missing,
        Some(code) => {
            let reason = failure.as_ref().and_then(|failure| failure.failure_reason.as_deref()).unwrap_or_default();
            ImageStatus::Unknown(format!("ECR reports {}: {reason}", code.as_str()))
        }
        None => ImageStatus::Unknown("ECR does not report whether the image exists".to_owned()),
    };
    (status, None)
}

/// Requests a token for the registry (`GetAuthorizationToken`): `USER:PASSWORD` in base64.
pub(super) async fn credentials(aws: &Aws, region: &str) -> Result<RegistryCredentials, AwsError> {
    const CALL: ApiCall = ApiCall::GetAuthorizationToken;
    let aws = aws.in_region(region);
    let reply = aws_sdk_ecr::Client::new(&aws.config).get_authorization_token().send().await;
    let reply = reply.map_err(|error| aws.api_error(CALL, &error))?;
    let token = reply.authorization_data().first().and_then(|data| data.authorization_token());
    let decoded = token.and_then(|token| base64::engine::general_purpose::STANDARD.decode(token).ok());
    let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let pair = decoded.as_deref().and_then(|text| text.split_once(':'));
    let pair =
        pair.ok_or_else(|| AwsError::new(ErrorKind::Other, CALL, "InvalidToken", "the token of ECR has another form"));
    pair.map(|(user, password)| RegistryCredentials { user: user.to_owned(), password: password.to_owned() })
}
