//! The registries of images, by the way on which tasks reach them.

use crate::cfn::{Ref, TemplateString};

/// The registry of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Registry {
    /// Amazon ECR, which has endpoints.
    Ecr,
    /// One that is reached through the internet only.
    Public,
    /// Another one, perhaps inside the network.
    Unknown,
}

/// Registries that are reached through the internet only. ECR Public has no endpoints ("Amazon ECR interface VPC endpoints",
/// Amazon ECR user guide).
const PUBLIC: [&str; 7] =
    ["public.ecr.aws", "ghcr.io", "docker.io", "registry-1.docker.io", "quay.io", "gcr.io", "mcr.microsoft.com"];

/// Returns the registry of an image.
pub(crate) fn registry(image: &TemplateString) -> Registry {
    let is_repository = |reference: &Ref| reference.attribute.as_deref() == Some("RepositoryUri");
    if image.refs().any(is_repository) || image.to_string().contains(".dkr.ecr") {
        return Registry::Ecr;
    }
    let Some(literal) = image.as_str() else { return Registry::Unknown };
    let host = literal.split_once('/').map(|(host, _)| host).unwrap_or_default();
    let is_docker_hub = !host.contains(['.', ':']) && host != "localhost";
    if is_docker_hub || PUBLIC.contains(&host) { Registry::Public } else { Registry::Unknown }
}
