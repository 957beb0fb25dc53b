//! Builders that are shell scripts: what they are called with, and what becomes of their ends.

use std::cell::RefCell;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::*;
use crate::deploy::api::{
    ApiCall, AwsError, ErrorKind, ImagePublisher, ImageStatus, ImageStep, ImageTarget, RegistryCredentials,
};
use crate::diag::{Code, Diagnostic, Origin};
use crate::image::{
    BuildSecret, ImageBuild, ImageContext, ImageRepository, ImageSource, Platform, RequiredImage, SecretSource,
};

const ECR: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/rtiler-images";
const PASSWORD: &str = "eyJ-token";

/// AWS, which issues a token or refuses it.
struct Token(Option<&'static str>);

impl Registries for Token {
    async fn of_ecr(&self, _region: &str) -> Result<RegistryCredentials, AwsError> {
        let refused = || AwsError::new(ErrorKind::AccessDenied, ApiCall::GetAuthorizationToken, "AccessDenied", "no");
        let password = self.0.ok_or_else(refused)?.to_owned();
        Ok(RegistryCredentials { user: "AWS".to_owned(), password })
    }

    async fn status(&self, reference: &str) -> ImageStatus {
        if reference.ends_with(":v1") { ImageStatus::Missing } else { ImageStatus::Found }
    }
}

/// A machine with some programs, whose calls are recorded.
struct Machine(tempfile::TempDir);

impl Machine {
    fn new(programs: &[(&str, &str)]) -> Self {
        let machine = Self(tempfile::tempdir().expect("a folder"));
        std::fs::create_dir_all(machine.path("bin")).expect("a folder");
        std::fs::create_dir_all(machine.path("builds")).expect("a folder");
        for (name, body) in programs {
            let log = machine.path("log");
            let read = format!(
                "case \"$*\" in *password-stdin*) read secret; echo \"stdin $secret\" >> {};; esac",
                log.display()
            );
            let text = format!("#!/bin/sh\necho \"{name} $*\" >> {}\n{read}\n{body}\n", log.display());
            let path = machine.path("bin").join(name);
            std::fs::write(&path, text).expect("a file");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a mode");
        }
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Returns the calls, with the private folder of the build as `B`.
    fn calls(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.path("log")).unwrap_or_default();
        let builds = self.path("builds").display().to_string();
        let shorten = |line: &str| {
            let mut line = line.to_owned();
            while let Some(at) = line.find(&builds) {
                let end = line[at + builds.len() + 1..]
                    .find(['/', ' '])
                    .map_or(line.len(), |end| at + builds.len() + 1 + end);
                line.replace_range(at..end, "B");
            }
            line
        };
        log.lines().map(shorten).collect()
    }

    fn publisher(&self, builder: Option<BuilderKind>, token: Token) -> Publisher<Token> {
        let options = PublisherOptions {
            builder,
            folder: self.path("builds"),
            root: PathBuf::from("/project"),
            longest: Duration::from_mins(5),
            search_path: Some(self.path("bin").into_os_string()),
        };
        Publisher::new(token, options)
    }

    async fn publish(&self, builder: Option<BuilderKind>, target: &ImageTarget) -> Result<(), Diagnostic> {
        let publisher = self.publisher(builder, Token(Some(PASSWORD)));
        let result = publisher.publish(target, &|_| ()).await;
        assert_eq!(std::fs::read_dir(self.path("builds")).expect("a folder").count(), 0, "private folders are removed");
        result
    }
}

fn target(repository: ImageRepository) -> ImageTarget {
    let build = ImageBuild {
        folder: "app".to_owned(),
        context: ImageContext {
            digest: "0".repeat(64),
            files: 1,
            bytes: 1,
            folder: PathBuf::from("/project/app"),
            dockerfile: "FROM scratch".to_owned(),
            ignore_file: "**/.rtiler\n".to_owned(),
            has_git: false,
        },
        target: Some("run".to_owned()),
        args: vec![("PYTHON".to_owned(), "3.13 --x; y".to_owned())],
        platform: Platform::Arm64,
        secrets: vec![
            BuildSecret { id: "pip".to_owned(), source: SecretSource::Variable("PIP_TOKEN".to_owned()) },
            BuildSecret { id: "rc".to_owned(), source: SecretSource::File("config/rc".to_owned()) },
        ],
    };
    let name = match &repository {
        ImageRepository::Bootstrap => ECR.to_owned(),
        ImageRepository::Named(name) => name.clone(),
    };
    let image = RequiredImage {
        source: ImageSource::Build(Box::new(build)),
        repository,
        tag: "0a1b".to_owned(),
        extra_tags: vec!["v1".to_owned()],
        origin: Origin::new("app.rhai", 1, 1),
    };
    ImageTarget { image, region: None, repository: name }
}

fn in_ecr() -> ImageTarget {
    target(ImageRepository::Bootstrap)
}

const SETTINGS: &str = "--platform=linux/arm64 --file=B/Dockerfile --target=run --build-arg=PYTHON=3.13 --x; y \
    --secret=id=pip,env=PIP_TOKEN --secret=id=rc,src=/project/config/rc";

fn build_of(start: &str) -> String {
    format!("{start} {SETTINGS} --tag={ECR}:0a1b --tag={ECR}:v1 /project/app")
}

#[tokio::test]
async fn docker_builds_with_buildx_and_keeps_the_token_in_a_folder_of_its_own() {
    let machine = Machine::new(&[("docker", "case \"$1\" in context) echo unix:///run/d.sock;; esac")]);
    machine.publish(None, &in_ecr()).await.expect("a push");
    let host = ECR.split('/').next().unwrap();
    assert_eq!(
        machine.calls(),
        [
            "docker version --format {{.Server.Version}}".to_owned(),
            "docker buildx version".to_owned(),
            build_of("docker buildx build --load --provenance=false --progress=plain"),
            "docker context inspect --format {{.Endpoints.docker.Host}}".to_owned(),
            format!("docker --config B/login login --username=AWS --password-stdin {host}"),
            format!("stdin {PASSWORD}"),
            format!("docker --config B/login push {ECR}:0a1b"),
            format!("docker --config B/login push {ECR}:v1"),
        ]
    );
}

#[tokio::test]
async fn podman_and_buildah_get_the_ignore_file_and_a_file_for_the_token() {
    let host = ECR.split('/').next().unwrap();
    for (kind, probe) in [(BuilderKind::Podman, "info"), (BuilderKind::Buildah, "--version")] {
        let machine = Machine::new(&[(kind.name(), "")]);
        machine.publish(Some(kind), &in_ecr()).await.expect("a push");
        let start = format!("{kind} build --layers --ignorefile=B/Dockerfile.dockerignore");
        let expected = [
            format!("{kind} {probe}"),
            build_of(&start),
            format!("{kind} login --authfile=B/login/auth.json --username=AWS --password-stdin {host}"),
            format!("stdin {PASSWORD}"),
            format!("{kind} push --authfile=B/login/auth.json {ECR}:0a1b"),
            format!("{kind} push --authfile=B/login/auth.json {ECR}:v1"),
        ];
        assert_eq!(machine.calls(), expected);
    }
}

#[tokio::test]
async fn finch_and_nerdctl_find_the_token_by_their_variable() {
    for kind in [BuilderKind::Finch, BuilderKind::Nerdctl] {
        let machine = Machine::new(&[(kind.name(), "case \"$1\" in push) echo \"config $DOCKER_CONFIG\";; esac")]);
        let lines = RefCell::new(Vec::new());
        let progress = |step: ImageStep| {
            if let ImageStep::Output(line) = step {
                lines.borrow_mut().push(line);
            }
        };
        let publisher = machine.publisher(Some(kind), Token(Some(PASSWORD)));
        publisher.publish(&in_ecr(), &progress).await.expect("a push");
        assert_eq!(machine.calls()[1], build_of(&format!("{kind} build --progress=plain")));
        assert_eq!(machine.calls()[4], format!("{kind} push {ECR}:0a1b"));
        let lines = lines.borrow();
        assert!(lines.iter().all(|line| line.starts_with("config ") && line.ends_with("/login")), "{lines:?}");
    }
}

#[tokio::test]
async fn other_registry_is_pushed_to_with_the_credentials_of_the_user() {
    let machine = Machine::new(&[("buildah", "")]);
    machine.publish(None, &target(ImageRepository::Named("localhost:5000/web".to_owned()))).await.expect("a push");
    let calls = machine.calls();
    assert_eq!(
        calls[2..],
        [
            "buildah push --tls-verify=false localhost:5000/web:0a1b",
            "buildah push --tls-verify=false localhost:5000/web:v1"
        ]
    );
}

#[tokio::test]
async fn builder_that_does_not_work_is_passed_over() {
    let machine =
        Machine::new(&[("docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1"), ("buildah", "")]);
    machine.publish(None, &in_ecr()).await.expect("a push");
    let programs: Vec<String> =
        machine.calls().iter().filter_map(|call| Some(call.split_once(' ')?.0.to_owned())).collect();
    assert_eq!(programs, ["docker", "buildah", "buildah", "buildah", "stdin", "buildah", "buildah"]);
}

#[tokio::test]
async fn each_reason_why_no_builder_works_is_named() {
    let none = Machine::new(&[]).publish(None, &in_ecr()).await.expect_err("no builder");
    assert_eq!((none.code, none.origin()), (Code::ImageBuild, Some(&Origin::new("app.rhai", 1, 1))));
    assert!(none.notes[0].contains("`docker`, `podman`, `buildah`, `finch`, `nerdctl`"), "{none:?}");
    assert!(format!("{none:?}").contains("apt-get install buildah"), "{none:?}");
    let stopped = Machine::new(&[("docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1")]);
    let stopped = stopped.publish(Some(BuilderKind::Docker), &in_ecr()).await.expect_err("no daemon");
    assert!(stopped.notes[0].contains("Cannot connect"), "{stopped:?}");
    assert!(format!("{stopped:?}").contains("systemctl start docker"), "{stopped:?}");
    let old = Machine::new(&[("docker", "case \"$1\" in buildx) exit 1;; esac")]);
    let old = old.publish(Some(BuilderKind::Docker), &in_ecr()).await.expect_err("no buildx");
    assert!(format!("{old:?}").contains("docker-buildx"), "{old:?}");
}

#[tokio::test]
async fn failed_build_shows_its_last_lines_at_the_image() {
    let body = "case \"$1\" in build) i=0; while [ $i -lt 100 ]; do echo line $i; i=$((i+1)); done; echo boom >&2; exit 7;; esac";
    let failed = Machine::new(&[("buildah", body)]).publish(None, &in_ecr()).await.expect_err("a failure");
    assert_eq!(failed.code, Code::ImageBuild);
    assert!(failed.message.contains("buildah ended with exit code 7"), "{failed:?}");
    let note = &failed.notes[0];
    assert!(note.contains("line 99") && note.contains("boom") && !note.contains("line 50"), "{note}");
    assert_eq!(failed.origin(), Some(&Origin::new("app.rhai", 1, 1)));
}

#[tokio::test]
async fn answer_of_the_registry_decides_what_is_suggested() {
    let cases = [
        (
            "name unknown: The repository with name 'rtiler-images' does not exist in the registry",
            "rtiler bootstrap --region eu-west-1",
        ),
        ("unauthorized: authentication required", "rtiler explain image-push"),
        ("toomanyrequests: slow down", "in a few minutes"),
        ("received unexpected HTTP status: 500 Internal Server Error", "when the registry works"),
        ("dial tcp: i/o timeout", "when the registry works"),
    ];
    for (line, expected) in cases {
        let body = format!("case \"$1\" in push) echo \"{line}\" >&2; exit 1;; esac");
        let failed = Machine::new(&[("buildah", &body)]).publish(None, &in_ecr()).await.expect_err("a failure");
        assert_eq!(failed.code, Code::ImagePush);
        assert!(format!("{failed:?}").contains(expected), "{line}: {failed:?}");
    }
}

#[tokio::test]
async fn image_is_published_if_the_registry_has_each_tag() {
    let publisher = Machine::new(&[]).publisher(None, Token(None));
    let mut image = in_ecr();
    assert!(!publisher.is_published(&image).await, "`v1` is missing");
    image.image.extra_tags.clear();
    assert!(publisher.is_published(&image).await);
}

#[tokio::test]
async fn token_that_aws_refuses_ends_the_push() {
    let machine = Machine::new(&[("buildah", "")]);
    let refused = machine.publisher(None, Token(None)).publish(&in_ecr(), &|_| ()).await.expect_err("a refusal");
    assert_eq!(refused.code, Code::ImagePush);
    assert!(refused.notes[0].contains("AccessDenied"), "{refused:?}");
}

fn is_running(pid: &str) -> bool {
    let state = std::fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
    // A process that ended and was not yet waited for is a zombie.
    state.is_ok_and(|state| !state.contains(") Z "))
}

#[tokio::test]
async fn dropped_build_ends_the_builder_and_its_children() {
    let machine = Machine::new(&[]);
    let pids = machine.path("pids");
    let body = format!("case \"$1\" in build) /bin/sleep 600 & echo $! $$ > {}; wait;; esac", pids.display());
    let machine2 = Machine::new(&[("buildah", &body)]);
    let publisher = machine2.publisher(None, Token(Some(PASSWORD)));
    let image = in_ecr();
    let started = async {
        while !std::fs::read_to_string(&pids).is_ok_and(|text| text.ends_with('\n')) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        _ = publisher.publish(&image, &|_| ()) => panic!("the build does not end by itself"),
        () = started => {}
    }
    let text = std::fs::read_to_string(&pids).expect("the pids");
    for pid in text.split_whitespace() {
        let end = std::time::Instant::now() + Duration::from_mins(1);
        while is_running(pid) && std::time::Instant::now() < end {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(!is_running(pid), "process {pid} still runs");
    }
    assert_eq!(std::fs::read_dir(machine2.path("builds")).expect("a folder").count(), 0);
}

#[tokio::test]
async fn build_that_takes_too_long_is_ended() {
    let machine = Machine::new(&[("buildah", "case \"$1\" in build) echo started; exec /bin/sleep 600;; esac")]);
    let mut publisher = machine.publisher(None, Token(Some(PASSWORD)));
    publisher.set_limit(Duration::from_millis(300));
    let slow = publisher.publish(&in_ecr(), &|_| ()).await.expect_err("a limit");
    assert!(slow.message.contains("did not end within"), "{slow:?}");
}
