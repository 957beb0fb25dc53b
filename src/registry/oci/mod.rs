//! Packages of OCI registries.
//!
//! `transport` has the calls of a registry, `client` makes them with the credentials of docker (`credentials`); it knows nothing
//! of packages. [`OciRepository`] reads packages and publishes them.
//!
//! May import `package` and `diag`.
//!
//! *Invariant*: nothing of a registry is used before its digest was compared by us.

#[cfg(feature = "oci")]
mod client;
#[cfg(feature = "oci")]
mod credentials;
#[cfg(feature = "oci")]
mod image_client;
#[cfg(feature = "oci")]
mod memory;
#[cfg(feature = "oci")]
mod proxies;
mod transport;
#[cfg(feature = "oci")]
mod upload;

#[cfg(all(test, feature = "oci"))]
mod client_tests;
#[cfg(test)]
mod tests;

use semver::Version;

#[cfg(feature = "oci")]
pub use client::{Limits, OciClient};
#[cfg(feature = "oci")]
pub use memory::observe_memory;
pub use transport::{Transport, TransportError};
#[cfg(feature = "oci")]
pub use upload::{Blocks, Upload};

use crate::diag::{Code, Diagnostic};
use crate::package::{Artifact, Digest, FileTree, MANIFEST_TYPE, files_of, unpack};

/// A repository of a registry that has the versions of one package as tags: `1.2.0`.
pub struct OciRepository {
    registry: String,
    repository: String,
    transport: Box<dyn Transport>,
}

impl OciRepository {
    /// Opens a repository with the credentials that docker has for its registry.
    ///
    /// # Errors
    ///
    /// The reason why the credentials cannot be read; a build without the feature `oci`.
    #[cfg(feature = "oci")]
    pub fn open(registry: &str, repository: &str) -> Result<Self, Diagnostic> {
        match OciClient::open(registry, repository, Limits::default()) {
            Ok(client) => Ok(Self::over(registry, repository, Box::new(client))),
            Err(error) => Err(failed(&format!("the registry `{registry}` cannot be used"), registry, &error)),
        }
    }

    /// Refuses: this program was built without the feature `oci`.
    ///
    /// # Errors
    ///
    /// Always.
    #[cfg(not(feature = "oci"))]
    pub fn open(_registry: &str, _repository: &str) -> Result<Self, Diagnostic> {
        let message = "this rtiler was built without registries of packages";
        Err(Diagnostic::new(Code::PackageFetch, message)
            .help("build it with the feature `oci`, which is on by default"))
    }

    /// Creates a repository over a transport.
    pub fn over(registry: &str, repository: &str, transport: Box<dyn Transport>) -> Self {
        Self { registry: registry.to_owned(), repository: repository.to_owned(), transport }
    }

    /// Returns the versions: tags that are semantic versions.
    ///
    /// # Errors
    ///
    /// The reason why the registry cannot be read.
    pub fn versions(&self) -> Result<Vec<Version>, Diagnostic> {
        let tags = self.transport.tags().map_err(|error| self.failed(&format!("cannot list `{self}`"), &error))?;
        Ok(tags.iter().filter_map(|tag| Version::parse(tag).ok()).collect())
    }

    /// Returns the files of the package whose manifest has a digest.
    ///
    /// # Errors
    ///
    /// The reason why they cannot be read; content that differs from its digest.
    pub fn files(&self, digest: &Digest) -> Result<FileTree, Diagnostic> {
        let name = format!("{self}@{digest}");
        let failed = |error| self.failed(&format!("cannot read `{name}`"), &error);
        let manifest = self.transport.manifest(digest.as_str()).map_err(failed)?;
        let manifest =
            manifest.ok_or_else(|| self.failed(&format!("there is no `{name}`"), &TransportError::Missing))?;
        check(&manifest, digest).map_err(failed)?;
        let (files, size) = files_of(&manifest).map_err(|problem| problem.note(format!("from `{name}`")))?;
        let archive = self.transport.blob(&files, size).map_err(failed)?;
        check(&archive, &files).map_err(failed)?;
        unpack(&archive).map_err(|problem| problem.note(format!("from `{name}`")))
    }

    /// Returns the digest of the manifest of a version; none if it was not published.
    ///
    /// # Errors
    ///
    /// The reason why the registry cannot be read.
    pub fn published(&self, version: &Version) -> Result<Option<Digest>, Diagnostic> {
        let name = format!("{self}:{version}");
        let manifest = self.transport.manifest(&version.to_string());
        let manifest = manifest.map_err(|error| self.failed(&format!("cannot read `{name}`"), &error))?;
        Ok(manifest.map(|manifest| Digest::of(&manifest)))
    }

    /// Publishes a version, which must not exist. Nothing is visible before the last step, which writes the tag.
    ///
    /// # Errors
    ///
    /// The version exists; the reason why the registry does not take it.
    pub fn publish(&self, version: &Version, artifact: &Artifact) -> Result<(), Diagnostic> {
        if let Some(found) = self.published(version)? {
            return Err(exists(&format!("{self}:{version}"), &found, &artifact.digest()));
        }
        let failed = |error| {
            let problem = self.failed(&format!("cannot publish `{self}:{version}`"), &error);
            // https://docs.aws.amazon.com/AmazonECR/latest/userguide/docker-push-ecr-image.html: the repository must exist.
            if error != TransportError::Missing {
                return problem;
            }
            let name = &self.repository;
            problem.note(format!("the registry has no repository `{name}`")).help(format!(
                "create it first; in Amazon ECR: `aws ecr create-repository --repository-name {name} --image-tag-mutability IMMUTABLE`"
            ))
        };
        for blob in &artifact.blobs {
            self.transport.upload(blob).map_err(failed)?;
        }
        self.transport.tag(&version.to_string(), MANIFEST_TYPE, &artifact.manifest).map_err(failed)
    }

    fn failed(&self, what: &str, error: &TransportError) -> Diagnostic {
        failed(what, &self.registry, error)
    }
}

impl std::fmt::Display for OciRepository {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "oci://{}/{}", self.registry, self.repository)
    }
}

/// Compares a content with its digest.
fn check(content: &[u8], expected: &Digest) -> Result<(), TransportError> {
    let found = Digest::of(content);
    if found == *expected {
        return Ok(());
    }
    Err(TransportError::WrongDigest { expected: expected.to_string(), found: found.to_string() })
}

/// Returns the error of a version that exists, which is never replaced: who locked it would get another package.
fn exists(name: &str, found: &Digest, ours: &Digest) -> Diagnostic {
    let problem = Diagnostic::new(Code::PublishExists, format!("`{name}` was published before"));
    if found == ours {
        return problem.note("with the same content: there is nothing to publish");
    }
    problem
        .note(format!("published: {found}"))
        .note(format!("this one:  {ours}"))
        .help("raise `version` in `rtiler.toml`: a published version is never replaced")
}

fn failed(what: &str, registry: &str, error: &TransportError) -> Diagnostic {
    let code = match error {
        TransportError::WrongDigest { .. } => Code::PackageHash,
        TransportError::TooLarge(_) => Code::PackageContent,
        _ => Code::PackageFetch,
    };
    let problem = Diagnostic::new(code, what);
    match error {
        TransportError::Missing => problem,
        TransportError::WrongDigest { expected, found } => problem
            .note(error.to_string())
            .note(format!("expected: {expected}"))
            .note(format!("found:    {found}"))
            .help("nothing of it was used; report this to the operator of the registry"),
        TransportError::Denied(_) => problem
            .note(error.to_string())
            .help(format!("sign in with `docker login {registry}`; rtiler uses the credentials and helpers of docker")),
        _ => problem.note(error.to_string()),
    }
}
