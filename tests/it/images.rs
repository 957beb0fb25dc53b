//! Images built by a real builder and pushed to a real registry.

#![cfg(feature = "oci")]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use rtiler::builder::{BuilderKind, Publisher, PublisherOptions, Registries};
use rtiler::deploy::api::{AwsError, ImagePublisher, ImageStatus, ImageTarget, RegistryCredentials};
use rtiler::diag::{Code, Diagnostic, Origin};
use rtiler::image::{
    ImageArchive, ImageBuild, ImageContext, ImageRepository, ImageSource, Platform, RequiredImage, digest_of_text,
};

use crate::harness::{DockerRegistry, containers_are_wanted, status};

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

/// The builders that run here without a daemon.
const BUILDERS: [BuilderKind; 2] = [BuilderKind::Buildah, BuilderKind::Podman];

/// A project with a folder `app`, and builders that keep their images there.
struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        for folder in ["app", "bin", "builds"] {
            std::fs::create_dir(project.path(folder)).unwrap();
        }
        let home = project.path("storage").display().to_string();
        for kind in BUILDERS {
            let (name, program) = (kind.name(), project.path("bin").join(kind.name()));
            let script = format!(
                "#!/bin/sh\nexport BUILDAH_ISOLATION=chroot\n\
                 exec /usr/bin/{name} --root {home}/root --runroot {home}/run --storage-driver vfs \"$@\"\n"
            );
            std::fs::write(&program, script).unwrap();
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        std::fs::write(project.path("app/kept"), "kept").unwrap();
        std::fs::write(project.path("app/ignored"), "ignored").unwrap();
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes an archive of an image with one layer that has a file `content`.
    fn oci_archive(&self, path: &Path, content: &[u8]) {
        std::fs::write(self.path("app/content"), content).unwrap();
        std::fs::write(self.path("Dockerfile"), "FROM scratch\nCOPY content /\n").unwrap();
        let buildah = |arguments: &[&str]| {
            let output = Command::new(self.path("bin/buildah")).args(arguments).output().unwrap();
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        };
        let (dockerfile, folder) = (self.path("Dockerfile"), self.path("app"));
        let (dockerfile, folder) = (dockerfile.display().to_string(), folder.display().to_string());
        buildah(&["build", "-f", &dockerfile, "-t", "localhost/web:1", &folder]);
        buildah(&["push", "localhost/web:1", &format!("oci-archive:{}", path.display())]);
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
        self.publish_by(BuilderKind::Buildah, source, host, tag)
    }

    fn publish_by(&self, kind: BuilderKind, source: ImageSource, host: &str, tag: &str) -> Result<(), Diagnostic> {
        let repository = format!("{host}/team/web");
        let image = RequiredImage {
            source,
            repository: ImageRepository::Named(repository.clone()),
            tag: tag.to_owned(),
            extra_tags: vec!["extra".to_owned()],
            origin: Origin::new("app.rhai", 1, 1),
        };
        let options = PublisherOptions {
            builder: Some(kind),
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
fn dockerfile_is_built_and_pushed_with_each_tag() {
    if !containers_are_wanted() {
        return;
    }
    let dockerfile = "FROM scratch\nARG VERSION\nCOPY . /\nENV VERSION=$VERSION\n";
    for kind in BUILDERS {
        let (registry, project) = (DockerRegistry::start(), Project::new());
        project.publish_by(kind, project.build(dockerfile), &registry.host(), "one").unwrap();
        for tag in ["one", "extra"] {
            let (config, files) = inspected(&registry.host(), tag);
            assert_eq!(config["config"]["Env"].as_array().unwrap().last().unwrap(), "VERSION=7", "{kind:?}");
            assert!(files.contains("kept") && !files.contains("ignored"), "{kind:?}: {files}");
        }
        assert_eq!(std::fs::read_dir(project.path("builds")).unwrap().count(), 0);
    }
}

#[test]
fn failed_build_shows_the_line_of_the_builder() {
    if !containers_are_wanted() {
        return;
    }
    let project = Project::new();
    for kind in BUILDERS {
        let build = project.build("FROM scratch\nCOPY missing /\n");
        let failed = project.publish_by(kind, build, "localhost:1", "one").unwrap_err();
        assert_eq!(failed.code, Code::ImageBuild);
        assert!(failed.notes[0].contains("missing"), "{failed:?}");
    }
}

#[test]
fn registry_that_is_not_there_is_named() {
    if !containers_are_wanted() {
        return;
    }
    let project = Project::new();
    for kind in BUILDERS {
        let build = project.build("FROM scratch\nCOPY . /\n");
        let failed = project.publish_by(kind, build, "localhost:1", "one").unwrap_err();
        assert_eq!(failed.code, Code::ImagePush);
        assert!(failed.message.contains("localhost:1/team/web"), "{failed:?}");
    }
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

#[test]
fn interrupted_push_leaves_no_image_and_the_next_one_sends_only_what_is_missing() {
    if !containers_are_wanted() {
        return;
    }
    let (registry, project) = (DockerRegistry::start(), Project::new());
    let path = project.path("web.tar");
    // 4 MiB that do not compress.
    let content: Vec<u8> =
        (0..1_u64 << 19).flat_map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).to_le_bytes()).collect();
    project.oci_archive(&path, &content);
    let way = Way::to(registry.port());
    way.breaks_after(1 << 20);
    let failed = project.publish(archive(&path), &way.host(), "one").unwrap_err();
    assert_eq!(failed.code, Code::ImagePush);
    assert!(failed.message.contains("the connection to the registry ended early"), "{failed:?}");
    let address = format!("127.0.0.1:{}", registry.port());
    assert_eq!(status(&address, "/v2/team/web/manifests/one"), Some(404));
    way.breaks_after(u64::MAX);
    project.publish(archive(&path), &way.host(), "one").unwrap();
    let (_, files) = inspected(&registry.host(), "one");
    assert!(files.contains("content"), "{files}");
    let before = way.sent();
    project.publish(archive(&path), &way.host(), "two").unwrap();
    assert!(way.sent() - before < 100_000, "the layer was sent again: {} bytes", way.sent() - before);
}

/// A way to a server that breaks each connection after so many bytes of the client.
struct Way {
    port: u16,
    longest: Arc<AtomicU64>,
    sent: Arc<AtomicU64>,
}

impl Way {
    fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (longest, sent) = (Arc::new(AtomicU64::new(u64::MAX)), Arc::new(AtomicU64::new(0)));
        let way = Self { port, longest: longest.clone(), sent: sent.clone() };
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (longest, sent) = (longest.load(Relaxed), sent.clone());
                std::thread::spawn(move || {
                    let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
                    let mut answers = (server.try_clone().unwrap(), client.try_clone().unwrap());
                    std::thread::spawn(move || {
                        let _ = std::io::copy(&mut answers.0, &mut answers.1);
                        let _ = answers.1.shutdown(Shutdown::Both);
                    });
                    let (mut from, mut block) = ((&client).take(longest), [0; 1 << 14]);
                    while let Ok(bytes @ 1..) = from.read(&mut block)
                        && (&server).write_all(&block[..bytes]).is_ok()
                    {
                        sent.fetch_add(bytes as u64, Relaxed);
                    }
                    let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
                });
            }
        });
        way
    }

    fn host(&self) -> String {
        format!("localhost:{}", self.port)
    }

    fn breaks_after(&self, bytes: u64) {
        self.longest.store(bytes, Relaxed);
    }

    /// Returns the bytes of the client so far.
    fn sent(&self) -> u64 {
        self.sent.load(Relaxed)
    }
}

fn archive(path: &Path) -> ImageSource {
    let bytes = path.metadata().unwrap().len();
    let digest = digest_of_text(&path.display().to_string());
    ImageSource::Archive(Box::new(ImageArchive { file: "web.tar".to_owned(), path: path.to_owned(), digest, bytes }))
}
