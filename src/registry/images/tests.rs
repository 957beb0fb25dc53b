//! The reader against a registry on the loopback.

use std::time::Duration;

use super::*;
use crate::registry::Limits;
use crate::testing::registry::{Answer, Body, Request, TestRegistry};

/// A registry with images, and a reader with a cache of its own.
struct Fixture {
    registry: TestRegistry,
    folder: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        Self { registry: TestRegistry::start(), folder: tempfile::tempdir().expect("a folder") }
    }

    fn reader(&self) -> ImageReader {
        let mut reader = ImageReader::new(ImageCache::new(self.folder.path()));
        reader.limits = Limits {
            silence: Duration::from_mins(1),
            pauses: vec![Duration::ZERO],
            allocated: || 0,
            ..Limits::default()
        };
        reader
    }

    fn image(&self, version: &str) -> ImageReference {
        let sign = if version.starts_with("sha256") { '@' } else { ':' };
        ImageReference::parse(&format!("{}/acme/web{sign}{version}", self.registry.host())).expect("a reference")
    }

    fn read(&self, version: &str) -> Result<ImageFacts, Unread> {
        self.reader().read(&self.image(version), None, &[Architecture::named("amd64")])
    }

    /// Stores an image for one platform, and returns its digest.
    fn store(&self, tag: &str, architecture: &str) -> String {
        let config = format!(r#"{{"os": "linux", "architecture": "{architecture}", "config": {{"User": "app"}}}}"#);
        let config = self.registry.store_blob(config.as_bytes());
        let manifest = format!(
            r#"{{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": {{"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "{config}", "size": 1}},
                "layers": [{{"digest": "sha256:0", "size": 1000}}, {{"digest": "sha256:1", "size": 234}}]}}"#
        );
        self.registry.store_manifest(tag, manifest.as_bytes())
    }

    /// Stores an index of images for both architectures, with an attestation.
    fn store_index(&self, tag: &str) {
        let entry = |digest: &str, os: &str, architecture: &str| {
            format!(
                r#"{{"digest": "{digest}", "size": 1, "platform": {{"os": "{os}", "architecture": "{architecture}"}}}}"#
            )
        };
        let entries = [
            entry(&self.store("amd64", "amd64"), "linux", "amd64"),
            entry(&self.store("arm64", "arm64"), "linux", "arm64"),
            entry("sha256:attestation", "unknown", "unknown"),
        ];
        let index = format!(r#"{{"schemaVersion": 2, "manifests": [{}]}}"#, entries.join(","));
        self.registry.store_manifest(tag, index.as_bytes());
    }

    fn fault(&self, of: &'static str, answer: Answer) {
        self.registry.set_fault(move |request: &Request| request.path.contains(of).then(|| answer.clone()));
    }

    /// Returns the requests for images since the last call.
    fn requests_after(&self, before: usize) -> Vec<String> {
        let requests = self.registry.requests();
        requests[before..].iter().filter(|request| !request.ends_with("/v2/")).cloned().collect()
    }
}

fn unanswered(answer: Result<ImageFacts, Unread>) -> String {
    match answer {
        Err(Unread::Unanswered(why)) => why,
        other => panic!("an answer: {other:?}"),
    }
}

#[test]
fn image_is_read_within_two_requests_and_from_the_cache_with_one() {
    let fixture = Fixture::new();
    let digest = fixture.store("1", "amd64");
    let facts = fixture.read("1").expect("facts");
    assert_eq!(fixture.requests_after(0).len(), 2, "{:?}", fixture.registry.requests());
    let content = facts.linux(&Architecture::named("amd64")).and_then(|it| it.content.as_ref()).expect("a content");
    assert_eq!(
        (facts.digest.as_str(), content.compressed, content.config.config.user.as_str()),
        (&*digest, 1234, "app")
    );
    let before = fixture.registry.requests().len();
    assert_eq!(fixture.read("1"), Ok(facts.clone()));
    assert_eq!(fixture.requests_after(before), ["HEAD /v2/acme/web/manifests/1"]);
    let before = fixture.registry.requests().len();
    assert_eq!(fixture.read(&digest), Ok(facts));
    assert_eq!(fixture.registry.requests().len(), before, "a digest in the cache needs no request");
}

#[test]
fn moved_tag_is_noticed() {
    let fixture = Fixture::new();
    fixture.store("1", "amd64");
    fixture.read("1").expect("facts");
    let digest = fixture.store("1", "arm64");
    assert_eq!(fixture.read("1").expect("facts").digest, digest);
}

#[test]
fn index_is_read_for_the_wanted_platform_and_lists_the_others() {
    let fixture = Fixture::new();
    fixture.store_index("1");
    let facts = fixture.read("1").expect("facts");
    let read: Vec<_> = facts.platforms.iter().map(|it| (it.name(), it.content.is_some())).collect();
    assert_eq!(read, [("linux/amd64".to_owned(), true), ("linux/arm64".to_owned(), false)]);
    assert_eq!(fixture.requests_after(0).len(), 3);
}

#[test]
fn registry_with_tokens_gives_one_for_all_requests_of_an_image() {
    let fixture = Fixture::new();
    fixture.store_index("1");
    let realm = format!("http://{}/token", fixture.registry.host());
    fixture.registry.set_fault(move |request| match (request.path.as_str(), request.authorization.as_deref()) {
        (path, _) if path.starts_with("/token") => Some(Answer::new(200, b"{\"token\":\"abc\"}")),
        (_, Some("Bearer abc")) => None,
        _ => Some(Answer::new(401, b"").with("WWW-Authenticate", &format!("Bearer realm=\"{realm}\",service=\"x\""))),
    });
    let facts = fixture.read("1").expect("facts");
    let requests = fixture.registry.requests();
    let signs_in = |request: &&String| request.ends_with("/v2/") || request.contains("/token");
    assert_eq!(requests.iter().filter(signs_in).count(), 2, "{requests:?}");
    assert_eq!(requests.len(), 2 + 3, "{requests:?}");
    assert_eq!(fixture.read("1"), Ok(facts));
    assert_eq!(fixture.registry.requests().len(), requests.len() + 2 + 1, "a tag in the cache needs one request");
}

#[test]
fn tag_that_does_not_exist_is_missing() {
    assert_eq!(Fixture::new().read("2"), Err(Unread::Missing));
}

#[test]
fn content_that_differs_from_its_digest_is_refused() {
    for of in ["/blobs/", "/manifests/sha256"] {
        let fixture = Fixture::new();
        fixture.store_index("1");
        fixture.fault(of, Answer::new(200, br#"{"schemaVersion": 2}"#));
        assert!(matches!(fixture.read("1"), Err(Unread::Invalid(why)) if why.contains("digest")), "{of}");
    }
    let fixture = Fixture::new();
    fixture.store("1", "amd64");
    let other = format!("sha256:{}", "0a".repeat(32));
    fixture.fault("/manifests/", Answer::new(200, b"{}").with("Docker-Content-Digest", &other));
    assert!(matches!(fixture.read("1"), Err(Unread::Invalid(_))));
}

#[test]
fn digest_of_a_tag_is_current_after_one_request() {
    let fixture = Fixture::new();
    let digest = |version: &str| fixture.reader().current_digest(&fixture.image(version), None);
    let first = fixture.store("1", "amd64");
    assert_eq!(digest("1"), Ok(first.clone()));
    assert_eq!(fixture.requests_after(0), ["HEAD /v2/acme/web/manifests/1"]);
    let second = fixture.store("1", "arm64");
    assert_eq!((digest("1"), digest(&first)), (Ok(second), Ok(first)));
    assert_eq!(digest("2"), Err(Unread::Missing));
    fixture.fault("/manifests/", Answer::new(403, b""));
    assert!(matches!(digest("1"), Err(Unread::Unanswered(why)) if why.contains("docker login")));
}

#[test]
fn registry_that_refuses_limits_or_fails_is_reported() {
    let fixture = Fixture::new();
    let of = |status: u16| {
        fixture.fault("/manifests/", Answer::new(status, b"<html>no</html>"));
        unanswered(fixture.read("1"))
    };
    assert!(of(401).contains("docker login 127.0.0.1"));
    assert!(of(403).contains("docker login 127.0.0.1"));
    assert!(of(429).contains("limits the number of requests"));
    assert!(of(500).contains("status 500"));
    assert!(of(200).contains("page of a proxy"));
}

#[test]
fn registry_that_hangs_is_not_waited_for() {
    let fixture = Fixture::new();
    fixture.registry.set_fault(|_| Some(Answer { status: 200, headers: Vec::new(), body: Body::Silence }));
    let mut reader = fixture.reader();
    reader.limits.silence = Duration::from_millis(50);
    let answer = reader.read(&fixture.image("1"), None, &[]);
    assert!(unanswered(answer).contains("did not answer"));
}

#[test]
fn redirect_is_followed_without_the_credentials() {
    let (fixture, other) = (Fixture::new(), TestRegistry::start());
    fixture.store("1", "amd64");
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let (seen_by_other, source) = (std::sync::Arc::clone(&seen), fixture.registry.host());
    let config = br#"{"os": "linux", "architecture": "amd64", "config": {"User": "app"}}"#;
    other.set_fault(move |request| {
        seen_by_other.lock().expect("no panic").push(request.authorization.clone());
        Some(Answer::new(200, config))
    });
    let target = format!("http://{}/storage", other.host());
    fixture.registry.set_fault(move |request| match request.path.as_str() {
        "/v2/" => Some(Answer::new(401, b"").with("WWW-Authenticate", "Basic realm=\"x\"")),
        path if path.contains("/blobs/") => Some(Answer::new(307, b"").with("Location", &target)),
        _ => None,
    });
    let login = Some(("user".to_owned(), "password".to_owned()));
    let facts = fixture.reader().read(&fixture.image("1"), login, &[]);
    assert!(facts.is_ok(), "{facts:?} {source}");
    assert_eq!(*seen.lock().expect("no panic"), [None]);
}

#[test]
fn cache_has_the_facts_without_a_registry() {
    let fixture = Fixture::new();
    fixture.store_index("1");
    let wanted = [Architecture::named("amd64")];
    assert_eq!(fixture.reader().cached(&fixture.image("1"), &wanted), None);
    let facts = fixture.read("1").expect("facts");
    fixture.fault("/", Answer::new(500, b""));
    assert_eq!(fixture.reader().cached(&fixture.image("1"), &wanted), Some(facts));
}
