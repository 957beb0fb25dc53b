//! The client against a registry on the loopback that has faults.

use std::time::Duration;

use super::client::{Limits, OciClient};
use super::tests::{artifact, package, read};
use super::*;
use crate::testing::registry::{Answer, Body, Request, TestRegistry};
use oci_client::secrets::RegistryAuth;

fn limits() -> Limits {
    Limits {
        // Long enough for a machine that is busy, and not waited for unless a test is about silence.
        silence: Duration::from_mins(1),
        pauses: vec![Duration::ZERO; 2],
        allocated: || 0,
        ..Limits::default()
    }
}

fn client(registry: &TestRegistry, limits: Limits) -> OciClient {
    let auth = RegistryAuth::Basic("user".to_owned(), "password".to_owned());
    OciClient::new(&registry.host(), "acme/web", auth, limits).expect("a client")
}

fn repository(registry: &TestRegistry) -> OciRepository {
    OciRepository::over(&registry.host(), "acme/web", Box::new(client(registry, limits())))
}

fn version() -> Version {
    Version::new(1, 2, 0)
}

/// Returns a registry with one version.
fn with_package() -> TestRegistry {
    let registry = TestRegistry::start();
    repository(&registry).publish(&version(), &artifact("1.2.0")).expect("it is published");
    registry
}

#[test]
fn published_package_is_listed_and_read() {
    let registry = with_package();
    assert_eq!(registry.manifest("1.2.0"), Some(artifact("1.2.0").manifest));
    let repository = repository(&registry);
    assert_eq!(repository.versions().expect("versions"), [version()]);
    assert_eq!(repository.published(&version()), Ok(Some(artifact("1.2.0").digest())));
    assert_eq!(read(&repository, &version()), Ok(package("1.2.0").1));
    let last = registry.requests().iter().rposition(|request| request.starts_with("PUT /v2/acme/web/manifests/"));
    assert!(last > registry.requests().iter().rposition(|request| request.starts_with("PUT /v2/acme/web/blobs/")));
}

#[test]
fn repository_that_does_not_exist_has_no_versions() {
    let registry = TestRegistry::start();
    assert_eq!(repository(&registry).versions().expect("an answer"), []);
    assert_eq!(repository(&registry).published(&version()), Ok(None));
    let problem = repository(&registry).files(&Digest::of(b"")).expect_err("no package");
    assert!(problem.message.starts_with("there is no `oci://127.0.0.1"), "{problem:?}");
}

#[test]
fn registry_that_lies_about_digests_is_refused() {
    let registry = with_package();
    let digest = artifact("1.2.0").digest();
    registry.change(|content| {
        if content.starts_with(b"{") {
            content.push(b' ');
        } else {
            content[0] ^= 1;
        }
    });
    let problem = repository(&registry).files(&digest).expect_err("a refusal");
    assert_eq!(problem.code, Code::PackageHash, "{problem:?}");
    assert!(problem.notes.contains(&format!("expected: {digest}")), "{problem:?}");
    // The manifest fits its digest, but the files do not fit the manifest.
    let manifest = artifact("1.2.0").manifest;
    registry.set_fault(move |request| request.path.contains("/manifests/").then(|| Answer::new(200, &manifest)));
    let problem = repository(&registry).files(&digest).expect_err("a refusal");
    let files = Digest::of(&artifact("1.2.0").blobs[1]);
    assert!(problem.notes.contains(&format!("expected: {files}")), "{problem:?}");
}

/// Returns more bytes each time that it is called.
fn growing() -> usize {
    static BYTES: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    BYTES.fetch_add(1 << 20, std::sync::atomic::Ordering::Relaxed)
}

#[test]
fn answer_without_an_end_is_cut_off() {
    let registry = with_package();
    registry.set_fault(|request| {
        let endless = Answer { body: Body::Endless, ..Answer::new(200, b"") };
        request.path.contains("/blobs/").then_some(endless)
    });
    let blob = client(&registry, limits()).blob(&Digest::of(b""), 1_000);
    assert_eq!(blob, Err(TransportError::TooLarge(1_000)));
    registry.set_fault(|_| Some(Answer { body: Body::Endless, ..Answer::new(200, b"") }));
    let limits = Limits { memory: 8 << 20, allocated: growing, ..limits() };
    assert_eq!(client(&registry, limits).manifest("1.2.0"), Err(TransportError::TooLarge(8 << 20)));
}

#[test]
fn blob_that_is_larger_than_its_manifest_says_is_not_read() {
    let registry = with_package();
    let large = Answer::new(200, &[0; 5_000]);
    registry.set_fault(move |request| request.path.contains("/blobs/").then(|| large.clone()));
    let problem = read(&repository(&registry), &version()).expect_err("a refusal");
    assert_eq!(problem.code, Code::PackageContent, "{problem:?}");
}

#[test]
fn redirect_to_another_host_over_http_is_not_followed() {
    // `http://169.254.169.254/` in the place of this listener would give credentials of the machine.
    let metadata = std::net::TcpListener::bind("127.0.0.2:0").expect("a listener");
    metadata.set_nonblocking(true).expect("a listener");
    let address = metadata.local_addr().expect("an address");
    let registry = with_package();
    for (status, header, value) in [
        (302, "Location", format!("http://{address}/latest/meta-data/")),
        (307, "Location", format!("http://{address}/latest/meta-data/")),
        (401, "WWW-Authenticate", format!("Bearer realm=\"http://{address}/token\",service=\"x\"")),
    ] {
        let value = value.clone();
        registry.set_fault(move |_| Some(Answer::new(status, b"").with(header, &value)));
        let client = client(&registry, limits());
        assert!(client.tags().is_err() && client.manifest("1.2.0").is_err(), "{status}");
        assert!(client.blob(&Digest::of(b""), 1_000).is_err(), "{status}");
        assert!(metadata.accept().is_err(), "{status}: the other host was called");
    }
    registry.set_fault(move |_| Some(Answer::new(302, b"").with("Location", &format!("http://{address}/"))));
    call_without_limits(&registry);
    assert!(metadata.accept().is_ok(), "a client that may call the other host calls it");
}

/// Calls a registry with a client that may call every host.
fn call_without_limits(registry: &TestRegistry) {
    let config = oci_client::client::ClientConfig {
        protocol: oci_client::client::ClientProtocol::Http,
        read_timeout: Some(Duration::from_secs(2)),
        http_proxy: Some("http://127.0.0.1:0".to_owned()),
        no_proxy: Some("127.0.0.1,127.0.0.2".to_owned()),
        ..Default::default()
    };
    let client = oci_client::Client::try_from(config).expect("a client");
    let name = oci_client::Reference::with_tag(registry.host(), "acme/web".to_owned(), "1.2.0".to_owned());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let types = [crate::package::MANIFEST_TYPE];
    let answer = runtime.block_on(client.pull_manifest_raw(&name, &RegistryAuth::Anonymous, &types));
    assert!(answer.is_err());
}

#[test]
fn registry_that_is_silent_is_left_after_the_limit() {
    let registry = TestRegistry::start();
    registry.set_fault(|_| Some(Answer { body: Body::Silence, ..Answer::new(200, b"") }));
    let silence = Duration::from_millis(200);
    let answer = client(&registry, Limits { silence, ..limits() }).tags();
    assert_eq!(answer, Err(TransportError::TimedOut(silence)));
    let call = Duration::from_millis(100);
    assert_eq!(client(&registry, Limits { call, ..limits() }).tags(), Err(TransportError::TimedOut(call)));
}

#[test]
fn busy_registry_is_asked_again() {
    for status in [429, 500, 503] {
        let registry = with_package();
        let mut left = 2;
        registry.set_fault(move |request| {
            let fails = request.path.contains("/manifests/") && left > 0;
            left -= u32::from(fails);
            fails.then(|| Answer::new(status, b"busy"))
        });
        assert!(read(&repository(&registry), &version()).is_ok(), "{status}");
        registry.set_fault(move |_| Some(Answer::new(status, b"busy\n")));
        let problem = read(&repository(&registry), &version()).expect_err("no answer");
        assert_eq!(problem.notes, [format!("the registry answered with status {status}: busy")]);
    }
}

#[test]
fn call_is_made_again_after_its_connection_broke() {
    let registry = with_package();
    let breaks = |times: u32| {
        let mut left = times;
        move |request: &Request| {
            let breaks = request.path.contains("/manifests/") && left > 0;
            left -= u32::from(breaks);
            breaks.then(|| Answer { body: Body::Cut, ..Answer::new(200, b"") })
        }
    };
    registry.set_fault(breaks(2));
    assert!(read(&repository(&registry), &version()).is_ok());
    registry.set_fault(breaks(3));
    let problem = read(&repository(&registry), &version()).expect_err("no answer");
    assert!(problem.notes[0].starts_with("the connection to the registry ended early: "), "{problem:?}");
}

#[test]
fn redirects_in_a_circle_end() {
    let registry = with_package();
    registry.set_fault(|request| Some(Answer::new(307, b"").with("Location", &request.path)));
    let problem = read(&repository(&registry), &version()).expect_err("no answer");
    assert!(problem.notes[0].contains("too many redirects"), "{problem:?}");
    assert!(registry.requests().len() < 100);
}

#[test]
fn blob_of_another_host_is_read_without_the_credentials() {
    let (registry, storage) = (with_package(), TestRegistry::start());
    let (sender, seen) = std::sync::mpsc::channel();
    let files = artifact("1.2.0").blobs[1].clone();
    storage.set_fault(move |request| {
        sender.send(request.authorization.clone()).expect("the test waits");
        Some(Answer::new(200, &files))
    });
    // Another port is another host.
    let target = format!("http://{}/signed", storage.host());
    registry.set_fault(move |request| match (request.path.as_str(), &request.authorization) {
        ("/v2/", _) => Some(Answer::new(401, b"").with("WWW-Authenticate", "Basic realm=\"x\"")),
        (_, None) => Some(Answer::new(401, b"")),
        (path, _) if path.contains("/blobs/") => Some(Answer::new(307, b"").with("Location", &target)),
        _ => None,
    });
    assert!(read(&repository(&registry), &version()).is_ok());
    assert_eq!(seen.recv().expect("a request"), None);
}

#[test]
fn registry_that_needs_credentials_says_how_to_sign_in() {
    let registry = TestRegistry::start();
    let (ours, realm) = (registry.host(), format!("http://{}/token", registry.host()));
    registry.set_fault(move |request| match request.path.as_str() {
        path if path.starts_with("/token") => Some(Answer::new(403, b"no")),
        _ => Some(Answer::new(401, b"").with("WWW-Authenticate", &format!("Bearer realm=\"{realm}\",service=\"x\""))),
    });
    let problem = read(&repository(&registry), &version()).expect_err("a refusal");
    assert!(format!("{problem:?}").contains(&format!("docker login {ours}")), "{problem:?}");
}

#[test]
fn bearer_token_of_the_realm_is_used() {
    let registry = with_package();
    let realm = format!("http://{}/token", registry.host());
    registry.set_fault(move |request| match (request.path.as_str(), request.authorization.as_deref()) {
        // base64 of `user:password`
        (path, Some("Basic dXNlcjpwYXNzd29yZA==")) if path.starts_with("/token") => {
            Some(Answer::new(200, b"{\"token\":\"abc\"}"))
        }
        (_, Some("Bearer abc")) => None,
        _ => Some(Answer::new(401, b"").with("WWW-Authenticate", &format!("Bearer realm=\"{realm}\",service=\"x\""))),
    });
    assert!(read(&repository(&registry), &version()).is_ok());
}

#[test]
fn long_list_of_tags_is_read_page_by_page() {
    let registry = TestRegistry::start();
    registry.set_fault(|request| {
        let first = request.path.split("last=1.").nth(1).and_then(|rest| rest.split('.').next());
        let from: u64 = first.and_then(|minor| minor.parse::<u64>().ok()).map_or(0, |minor| minor + 1);
        let tags: Vec<String> = (from..(from + 100).min(250)).map(|minor| format!("1.{minor}.0")).collect();
        let list = serde_json::json!({ "name": "x", "tags": tags }).to_string();
        request.path.contains("/tags/list").then(|| Answer::new(200, list.as_bytes()))
    });
    assert_eq!(repository(&registry).versions().expect("versions").len(), 250);
}
