use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use tokio::sync::OnceCell;

use super::BuilderKind;
use super::commands::{self, BuildFiles, CommandLine, Login};
use super::detect::{LONGEST, Unusable, first_that_works};
use super::problems::{build_failed, local, no_builder, no_token, push_failed, succeeded};
use super::process::{Finished, ProcessError, run};
use crate::deploy::api::{
    AwsError, ImagePublisher, ImageRegistry, ImageStatus, ImageStep, ImageTarget, RegistryCredentials,
};
use crate::diag::Diagnostic;
use crate::image::{ImageBuild, ImageReference, ImageSource};

/// The time that a login may take.
const LOGIN: Duration = Duration::from_mins(1);

/// The options of builds.
#[derive(Debug, Clone)]
pub struct PublisherOptions {
    /// The builder that the user names; the first that works unless set.
    pub builder: Option<BuilderKind>,
    /// The folder in which each build gets a private folder: below the project, where virtual machines see it.
    pub folder: PathBuf,
    /// The root of the project.
    pub root: PathBuf,
    /// The time that a build, or a push, may take.
    pub longest: Duration,
    /// The folders in which programs are looked for (`PATH`); those of the process unless set.
    pub search_path: Option<OsString>,
}

/// The part of registries that a publisher needs.
#[allow(async_fn_in_trait, reason = "deployments run on one thread, so the futures need no bounds")]
pub trait Registries {
    /// Returns credentials for ECR in a region.
    async fn of_ecr(&self, region: &str) -> Result<RegistryCredentials, AwsError>;

    /// Returns whether an image exists.
    async fn status(&self, reference: &str) -> ImageStatus;
}

impl<A: ImageRegistry> Registries for A {
    async fn of_ecr(&self, region: &str) -> Result<RegistryCredentials, AwsError> {
        self.push_credentials(region).await
    }

    async fn status(&self, reference: &str) -> ImageStatus {
        self.image(reference).await
    }
}

/// Builds images with a builder of this machine, and pushes them.
pub struct Publisher<R> {
    registries: R,
    options: PublisherOptions,
    builder: OnceCell<Result<BuilderKind, Vec<(BuilderKind, Unusable)>>>,
}

impl<R: Registries> Publisher<R> {
    #[cfg(test)]
    pub(super) fn set_limit(&mut self, longest: Duration) {
        self.options.longest = longest;
    }

    /// Creates a publisher. The builder is looked for when the first image is built.
    pub fn new(registries: R, options: PublisherOptions) -> Self {
        Self { registries, options, builder: OnceCell::new() }
    }

    /// Runs a command with the search path of the options.
    async fn run(
        &self,
        command: CommandLine,
        input: Option<&str>,
        longest: Duration,
        output: &dyn Fn(&str),
    ) -> Result<Finished, ProcessError> {
        run(&command.found_in(self.options.search_path.as_ref()), input, longest, output).await
    }

    async fn has_all(&self, target: &ImageTarget) -> bool {
        for reference in target.references() {
            if self.registries.status(&reference).await != ImageStatus::Found {
                return false;
            }
        }
        true
    }

    async fn publish_image(&self, target: &ImageTarget, progress: &dyn Fn(ImageStep)) -> Result<(), Diagnostic> {
        match &target.image.source {
            ImageSource::Build(build) => self.build_and_push(target, build, progress).await,
            #[cfg(feature = "oci")]
            ImageSource::Archive(archive) => {
                progress(ImageStep::PushStarted);
                super::archive::push(target, archive, self.login_of(target).await?, crate::registry::Limits::default())
                    .await
            }
            #[cfg(not(feature = "oci"))]
            ImageSource::Archive(_) => Err(local(target, "the file", &"this rtiler was built without OCI registries")),
        }
    }

    async fn build_and_push(
        &self,
        target: &ImageTarget,
        build: &ImageBuild,
        progress: &dyn Fn(ImageStep),
    ) -> Result<(), Diagnostic> {
        let kind = self.builder(target).await?;
        let folder = tempfile::Builder::new().prefix("build-").tempdir_in(&self.options.folder);
        let folder = folder.map_err(|error| local(target, "its private folder cannot be created", &error))?;
        let (dockerfile, ignore_file) =
            (folder.path().join("Dockerfile"), folder.path().join("Dockerfile.dockerignore"));
        for (path, text) in [(&dockerfile, &build.context.dockerfile), (&ignore_file, &build.context.ignore_file)] {
            std::fs::write(path, text)
                .map_err(|error| local(target, "its private folder cannot be written", &error))?;
        }
        progress(ImageStep::BuildStarted(kind.name().to_owned()));
        let output = |line: &str| progress(ImageStep::Output(line.to_owned()));
        let files = BuildFiles { dockerfile: &dockerfile, ignore_file: &ignore_file, root: &self.options.root };
        let command = commands::build(kind, build, &target.references(), &files);
        let end = self.run(command, None, self.options.longest, &output).await;
        if !succeeded(&end) {
            return Err(build_failed(target, kind, end));
        }
        progress(ImageStep::PushStarted);
        self.push(target, kind, folder.path(), &output).await
    }

    /// Pushes a built image with each of its tags.
    async fn push(
        &self,
        target: &ImageTarget,
        kind: BuilderKind,
        folder: &Path,
        output: &dyn Fn(&str),
    ) -> Result<(), Diagnostic> {
        let credentials = self.login_of(target).await?;
        let docker_host = if credentials.is_some() { self.docker_host(kind).await } else { None };
        let login_folder = folder.join("login");
        let login = Login { folder: &login_folder, docker_host: docker_host.as_deref() };
        if let Some(RegistryCredentials { user, password }) = &credentials {
            prepare(&login_folder).map_err(|error| local(target, "its private folder cannot be written", &error))?;
            let host = target.repository.split('/').next().unwrap_or_default();
            let end = self.run(commands::login(kind, user, host, &login), Some(password), LOGIN, &|_| ()).await;
            if !succeeded(&end) {
                return Err(push_failed(target, kind, end));
            }
        }
        for reference in target.references() {
            let command = commands::push(kind, &reference, credentials.is_some().then_some(&login));
            let end = self.run(command, None, self.options.longest, output).await;
            if !succeeded(&end) {
                return Err(push_failed(target, kind, end));
            }
        }
        Ok(())
    }

    /// Returns the credentials of ECR for an image that goes there; none for another registry, which has those of the user.
    async fn login_of(&self, target: &ImageTarget) -> Result<Option<RegistryCredentials>, Diagnostic> {
        let Some(ecr) = ImageReference::parse(&target.reference()).and_then(|parsed| parsed.ecr()) else {
            return Ok(None);
        };
        let token = self.registries.of_ecr(&ecr.region).await;
        token.map(Some).map_err(|error| no_token(target, &error))
    }

    /// Returns the address of docker's daemon in the context of the user.
    async fn docker_host(&self, kind: BuilderKind) -> Option<String> {
        if kind != BuilderKind::Docker {
            return None;
        }
        let end = self.run(commands::docker_host(), None, LOGIN, &|_| ()).await.ok()?;
        let line = end.last_lines.last().filter(|_| end.status.success())?;
        Some(line.trim().to_owned()).filter(|host| !host.is_empty())
    }

    async fn builder(&self, target: &ImageTarget) -> Result<BuilderKind, Diagnostic> {
        let named = self.options.builder.map(|kind| vec![kind]);
        let kinds = named.unwrap_or_else(|| BuilderKind::ALL.to_vec());
        let found = self
            .builder
            .get_or_init(|| async { first_that_works(&kinds, self.options.search_path.as_ref(), LONGEST).await })
            .await;
        found.as_ref().copied().map_err(|unusable| no_builder(target, unusable))
    }
}

impl<R: Registries> ImagePublisher for Publisher<R> {
    fn is_published<'p>(&'p self, target: &'p ImageTarget) -> LocalBoxFuture<'p, bool> {
        self.has_all(target).boxed_local()
    }

    fn publish<'p>(
        &'p self,
        target: &'p ImageTarget,
        progress: &'p dyn Fn(ImageStep),
    ) -> LocalBoxFuture<'p, Result<(), Diagnostic>> {
        self.publish_image(target, progress).boxed_local()
    }
}

/// Creates the folder of a login. The entry keeps docker from choosing a store of the system, in which the token would stay.
fn prepare(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir(folder)?;
    std::fs::write(folder.join("config.json"), "{\"auths\":{\"rtiler.invalid\":{}}}")
}
