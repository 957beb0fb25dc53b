use std::time::Duration;

use super::*;
use crate::diag::Origin;
use crate::image::{ImageRepository, ImageSource, RequiredImage};
use crate::package::Digest;
use crate::testing::registry::{Answer, Body, TestRegistry};

/// Writes an archive of `docker save` with one layer.
fn archive() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let mut builder = tar::Builder::new(file.reopen().expect("a file"));
    let list = br#"[{"Config":"c.json","RepoTags":["web:1"],"Layers":["a/layer.tar"]}]"#;
    for (path, content) in [("manifest.json", list.as_slice()), ("c.json", b"{}"), ("a/layer.tar", b"layer")] {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        builder.append_data(&mut header, path, content).expect("an entry");
    }
    builder.finish().expect("an archive");
    file
}

fn limits() -> Limits {
    Limits { silence: Duration::from_mins(1), pauses: vec![Duration::ZERO; 2], allocated: || 0, ..Limits::default() }
}

async fn push_to(registry: &TestRegistry, limits: Limits) -> Result<(), Diagnostic> {
    let file = archive();
    let archive =
        ImageArchive { file: "web.tar".to_owned(), path: file.path().to_owned(), digest: "0".repeat(64), bytes: 1 };
    let repository = format!("{}/acme/web", registry.host());
    let image = RequiredImage {
        source: ImageSource::Archive(Box::new(archive.clone())),
        repository: ImageRepository::Named(repository.clone()),
        tag: "0a1b".to_owned(),
        extra_tags: vec!["v1".to_owned()],
        origin: Origin::new("app.rhai", 1, 1),
    };
    let login = RegistryCredentials { user: "user".to_owned(), password: "password".to_owned() };
    push(&ImageTarget { image, region: None, repository }, &archive, Some(login), limits).await
}

#[tokio::test]
async fn archive_is_pushed_with_each_tag_and_the_manifest_comes_last() {
    let registry = TestRegistry::start();
    push_to(&registry, limits()).await.expect("a push");
    let manifest = registry.manifest("0a1b").expect("a manifest");
    assert_eq!(registry.manifest("v1"), Some(manifest.clone()));
    let text = String::from_utf8(manifest).expect("a text");
    assert!(text.contains(Digest::of(b"layer").as_str()), "{text}");
}

#[tokio::test]
async fn layer_that_the_registry_has_is_not_sent_again() {
    let registry = TestRegistry::start();
    push_to(&registry, limits()).await.expect("a push");
    let uploads = |registry: &TestRegistry| {
        registry.requests().iter().filter(|it| it.starts_with("PUT") && it.contains("/blobs/")).count()
    };
    let before = uploads(&registry);
    push_to(&registry, limits()).await.expect("a push");
    assert_eq!((before, uploads(&registry)), (2, 2));
}

#[tokio::test]
async fn answer_of_the_registry_is_reported_with_what_to_do() {
    for (status, expected) in [
        (401, "docker login"),
        (404, "create the repository"),
        (429, "in a few minutes"),
        (500, "when the registry works"),
    ] {
        let registry = TestRegistry::start();
        registry.set_fault(move |request| (request.method == "POST").then(|| Answer::new(status, b"{}")));
        let problem = push_to(&registry, limits()).await.expect_err("a refusal");
        assert_eq!((problem.code, problem.origin()), (Code::ImagePush, Some(&Origin::new("app.rhai", 1, 1))));
        assert!(format!("{problem:?}").contains(expected), "{status}: {problem:?}");
    }
}

#[tokio::test]
async fn silent_registry_ends_the_push() {
    let registry = TestRegistry::start();
    registry.set_fault(|request| {
        (request.method == "POST").then(|| Answer { body: Body::Silence, ..Answer::new(202, b"") })
    });
    let limits = Limits { silence: Duration::from_millis(300), ..limits() };
    let problem = push_to(&registry, limits).await.expect_err("silence");
    assert!(problem.message.contains("did not answer within"), "{problem:?}");
}

#[tokio::test]
async fn interrupted_push_sends_only_what_is_missing_the_next_time() {
    let registry = TestRegistry::start();
    registry.set_fault(|request| {
        (request.method == "PUT" && request.path.contains("/manifests/")).then(|| Answer::new(500, b"{}"))
    });
    push_to(&registry, limits()).await.expect_err("an interruption");
    assert_eq!(registry.manifest("0a1b"), None);
    registry.set_fault(|_| None);
    let before = registry.requests().len();
    push_to(&registry, limits()).await.expect("a push");
    let later: Vec<String> = registry.requests()[before..].to_vec();
    assert!(later.iter().all(|request| !request.starts_with("POST")), "{later:?}");
    assert!(registry.manifest("0a1b").is_some());
}
