//! Images built by a real builder and pushed to a real registry.

#![cfg(feature = "oci")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rtiler::builder::{BuilderKind, Publisher, PublisherOptions, Registries};
use rtiler::deploy::api::{AwsError, ImagePublisher, ImageStatus, ImageTarget, RegistryCredentials};
use rtiler::diag::{Code, Diagnostic, Origin};
use rtiler::image::{
    ImageArchive, ImageBuild, ImageContext, ImageRepository, ImageSource, Platform, RequiredImage, digest_of_text,
};

use crate::harness::{DockerRegistry, containers_are_wanted};

/// No credentials of AWS: the registry of a test needs none.
struct NoEcr;

impl Registries for NoEcr {
    async fn of_ecr(&self, _region: &str) -> Result<RegistryCredentials, AwsError> {
        unreachable!("the registry is not in ECR")
    }

    async fn status(&self, _reference: &str) -> ImageStatus {
        ImageStatus::Unknown("without credentials".to_owned())
    }
}

/// A project with a folder `app`, and a `buildah` that keeps its images there.
struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        for folder in ["app", "bin", "builds"] {
            std::fs::create_dir(project.path(folder)).unwrap();
        }
        let home = project.path("storage").display().to_string();
        let buildah = format!(
            "#!/bin/sh\nexport BUILDAH_ISOLATION=chroot\n\
             exec /usr/bin/buildah --root {home}/root --runroot {home}/run --storage-driver vfs \"$@\"\n"
        );
        std::fs::write(project.path("bin/buildah"), buildah).unwrap();
        std::fs::set_permissions(project.path("bin/buildah"), std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::write(project.path("app/kept"), "kept").unwrap();
        std::fs::write(project.path("app/ignored"), "ignored").unwrap();
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn build(&self, dockerfile: &str) -> ImageSource {
        let context = ImageContext {
            digest: digest_of_text(dockerfile),
            files: 2,
            bytes: 11,
            folder: self.path("app"),
            dockerfile: dockerfile.to_owned(),
            ignore_file: "ignored\n".to_owned(),
            has_git: false,
        };
        ImageSource::Build(Box::new(ImageBuild {
            folder: "app".to_owned(),
            context,
            target: None,
            args: vec![("VERSION".to_owned(), "7".to_owned())],
            platform: Platform::Amd64,
            secrets: Vec::new(),
        }))
    }

    fn publish(&self, source: ImageSource, host: &str, tag: &str) -> Result<(), Diagnostic> {
        let repository = format!("{host}/team/web");
        let image = RequiredImage {
            source,
            repository: ImageRepository::Named(repository.clone()),
            tag: tag.to_owned(),
            extra_tags: vec!["extra".to_owned()],
            origin: Origin::new("app.rhai", 1, 1),
        };
        let options = PublisherOptions {
            builder: Some(BuilderKind::Buildah),
            folder: self.path("builds"),
            root: self.0.path().to_owned(),
            longest: Duration::from_mins(5),
            search_path: Some(format!("{}:/usr/bin:/bin", self.path("bin").display()).into()),
        };
        let target = ImageTarget { image, region: None, repository };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(Publisher::new(NoEcr, options).publish(&target, &|_| ()))
    }
}

/// Returns the configuration and the names of the files of an image, as skopeo reads it.
fn inspected(host: &str, tag: &str) -> (serde_json::Value, String) {
    let copy = tempfile::tempdir().unwrap();
    let skopeo = |arguments: &[&str]| {
        let output = Command::new("skopeo").args(arguments).output().expect("Debian's package skopeo is installed");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let image = format!("docker://{host}/team/web:{tag}");
    let config = skopeo(&["inspect", "--config", "--tls-verify=false", &image]);
    skopeo(&["copy", "--src-tls-verify=false", &image, &format!("dir:{}", copy.path().display())]);
    let manifest = std::fs::read_to_string(copy.path().join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let layers = manifest["layers"].as_array().unwrap().iter().map(|layer| {
        let digest = layer["digest"].as_str().unwrap().trim_start_matches("sha256:").to_owned();
        let listing = Command::new("tar").arg("-tf").arg(copy.path().join(digest)).output().unwrap();
        String::from_utf8_lossy(&listing.stdout).into_owned()
    });
    (serde_json::from_slice(&config).unwrap(), layers.collect())
}

#[test]
fn dockerfile_is_built_by_buildah_and_pushed_with_each_tag() {
    if !containers_are_wanted() {
        return;
    }
    let (registry, project) = (DockerRegistry::start(), Project::new());
    let dockerfile = "FROM scratch\nARG VERSION\nCOPY . /\nENV VERSION=$VERSION\n";
    project.publish(project.build(dockerfile), &registry.host(), "one").unwrap();
    for tag in ["one", "extra"] {
        let (config, files) = inspected(&registry.host(), tag);
        assert_eq!(config["config"]["Env"].as_array().unwrap().last().unwrap(), "VERSION=7");
        assert!(files.contains("kept") && !files.contains("ignored"), "{files}");
    }
    assert_eq!(std::fs::read_dir(project.path("builds")).unwrap().count(), 0);
}

#[test]
fn failed_build_shows_the_line_of_the_builder() {
    if !containers_are_wanted() {
        return;
    }
    let project = Project::new();
    let failed = project.publish(project.build("FROM scratch\nCOPY missing /\n"), "localhost:1", "one").unwrap_err();
    assert_eq!(failed.code, Code::ImageBuild);
    assert!(failed.notes[0].contains("missing"), "{failed:?}");
}

#[test]
fn registry_that_is_not_there_is_named() {
    if !containers_are_wanted() {
        return;
    }
    let project = Project::new();
    let failed = project.publish(project.build("FROM scratch\nCOPY . /\n"), "localhost:1", "one").unwrap_err();
    assert_eq!(failed.code, Code::ImagePush);
    assert!(failed.message.contains("localhost:1/team/web"), "{failed:?}");
}

#[test]
fn archives_of_docker_and_of_oci_are_pushed_without_a_builder() {
    if !containers_are_wanted() {
        return;
    }
    let (registry, project) = (DockerRegistry::start(), Project::new());
    let buildah = |arguments: &[&str]| {
        let output = Command::new(project.path("bin/buildah")).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    std::fs::write(project.path("Dockerfile"), "FROM scratch\nCOPY kept /\nENV A=1\n").unwrap();
    let dockerfile = project.path("Dockerfile").display().to_string();
    buildah(&["build", "-f", &dockerfile, "-t", "localhost/web:1", &project.path("app").display().to_string()]);
    for form in ["docker-archive", "oci-archive"] {
        let path = project.path(form);
        buildah(&["push", "localhost/web:1", &format!("{form}:{}", path.display())]);
        project.publish(archive(&path), &registry.host(), form).unwrap();
        let (config, files) = inspected(&registry.host(), form);
        assert_eq!(config["config"]["Env"].as_array().unwrap().last().unwrap(), "A=1");
        assert!(files.contains("kept"), "{form}: {files}");
    }
}

fn archive(path: &Path) -> ImageSource {
    let bytes = path.metadata().unwrap().len();
    let digest = digest_of_text(&path.display().to_string());
    ImageSource::Archive(Box::new(ImageArchive { file: "web.tar".to_owned(), path: path.to_owned(), digest, bytes }))
}
