use super::bootstrap_names::REPOSITORY;
use super::{ImageArchive, ImageBuild};
use crate::diag::Origin;

/// An image that must be in its repository before a stack is deployed, because rtiler pushes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredImage {
    /// The origin of its content.
    pub source: ImageSource,
    /// The repository that it is pushed to.
    pub repository: ImageRepository,
    /// The tag, which follows from its content.
    pub tag: String,
    /// Further tags that it gets.
    pub extra_tags: Vec<String>,
    /// The place of `Image::build` or `Image::archive`.
    pub origin: Origin,
}

/// An image of a registry whose tag becomes a digest when a stack is planned or deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedImage {
    /// The name, as the template has it before: `ghcr.io/acme/web:latest`.
    pub name: String,
    /// The place of `.pin()`.
    pub origin: Origin,
}

/// The origin of the content of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageSource {
    /// It is built.
    Build(Box<ImageBuild>),
    /// It is in a file.
    Archive(Box<ImageArchive>),
}

/// The repository of an image.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ImageRepository {
    /// The ECR repository of the bootstrap, in the account and region of the stack.
    Bootstrap,
    /// A repository with its registry: `ghcr.io/acme/web`.
    Named(String),
}

impl RequiredImage {
    /// Returns the folder or file, as the script writes it.
    pub fn path(&self) -> &str {
        match &self.source {
            ImageSource::Build(build) => &build.folder,
            ImageSource::Archive(archive) => &archive.file,
        }
    }

    /// Returns the size of the context or file in bytes.
    pub fn bytes(&self) -> u64 {
        match &self.source {
            ImageSource::Build(build) => build.context.bytes,
            ImageSource::Archive(archive) => archive.bytes,
        }
    }

    /// Returns the name of the repository; `ecr_host` is the host of the registry of the account and region.
    pub fn repository_in(&self, ecr_host: &str) -> String {
        match &self.repository {
            ImageRepository::Bootstrap => format!("{ecr_host}/{REPOSITORY}"),
            ImageRepository::Named(name) => name.clone(),
        }
    }

    /// Returns the name with the tag, as the template has it; none for the repository of the bootstrap, whose host is known in AWS.
    pub fn literal_reference(&self) -> Option<String> {
        match &self.repository {
            ImageRepository::Bootstrap => None,
            ImageRepository::Named(name) => Some(format!("{name}:{}", self.tag)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::image::ImageReference;

    #[test]
    fn image_of_the_bootstrap_is_in_the_registry_of_the_account_and_region() {
        let archive = ImageArchive {
            file: "web.tar".to_owned(),
            path: PathBuf::from("/web.tar"),
            digest: "0a".repeat(32),
            bytes: 1,
        };
        let image = RequiredImage {
            tag: archive.tag(),
            source: ImageSource::Archive(Box::new(archive)),
            repository: ImageRepository::Bootstrap,
            extra_tags: Vec::new(),
            origin: Origin::unknown(),
        };
        let repository = image.repository_in("123456789012.dkr.ecr.eu-central-1.amazonaws.com");
        let parsed = ImageReference::parse(&repository).expect("a reference");
        let ecr = parsed.ecr().expect("in ECR");
        assert_eq!((ecr.account.as_str(), ecr.region.as_str()), ("123456789012", "eu-central-1"));
        assert_eq!((parsed.repository.as_str(), image.literal_reference()), (REPOSITORY, None));
        let named = RequiredImage { repository: ImageRepository::Named("ghcr.io/acme/web".to_owned()), ..image };
        assert_eq!(named.literal_reference(), Some(format!("ghcr.io/acme/web:{}", named.tag)));
    }
}
