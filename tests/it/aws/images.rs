//! Lookups of images: by ECR's API, and in registries that need a token first.

use rtiler::aws::Options;
use rtiler::deploy::api::{ImageRegistry, ImageStatus};
use serde_json::json;

use super::{Account, connect, options, wait};
use crate::harness::{Emulator, Fault, Proxy};

/// What becomes of a question to a registry that answers so, one request after the other.
struct Registry {
    proxy: Proxy,
    aws: rtiler::aws::Aws,
}

impl Registry {
    fn new() -> Registry {
        let proxy = Proxy::before(1);
        let registry_url = Some(proxy.url());
        let aws = connect(Options { registry_url, ..options("http://127.0.0.1:1", "test") });
        Registry { proxy, aws }
    }

    fn answers(self, call: &str, replies: impl IntoIterator<Item = String>) -> Registry {
        self.proxy.spoil(call, replies.into_iter().map(Fault::Raw));
        self
    }

    fn image(&self, reference: &str) -> ImageStatus {
        wait(self.aws.image(reference))
    }
}

fn empty(status: u16, headers: &str) -> String {
    format!("HTTP/1.1 {status} Answer\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n")
}

fn is_unknown(image: &ImageStatus, words: &str) -> bool {
    matches!(image, ImageStatus::Unknown(why) if why.contains(words))
}

#[test]
fn registry_without_authentication_gets_one_request() {
    let registry = Registry::new()
        .answers("HEAD /v2/library/nginx/manifests/1.27", [empty(200, "")])
        .answers("HEAD /v2/team/web/manifests/gone", [empty(404, "")])
        .answers("HEAD /v2/team/web/manifests/many", [empty(429, "")])
        .answers("HEAD /v2/team/web/manifests/odd", [empty(503, "")]);
    assert_eq!(registry.image("nginx:1.27"), ImageStatus::Found);
    assert_eq!(registry.image("quay.io/team/web:gone"), ImageStatus::Missing);
    assert!(is_unknown(&registry.image("public.ecr.aws/team/web:many"), "limits the number of requests"));
    assert!(is_unknown(&registry.image("ghcr.io/team/web:odd"), "503"));
    assert_eq!(registry.proxy.calls().len(), 4);
}

#[test]
fn registry_that_needs_a_token_gets_an_anonymous_one() {
    let registry = Registry::new();
    let challenge =
        format!("WWW-Authenticate: Bearer realm=\"{}/token\",service=\"reg\",scope=\"x\"\r\n", registry.proxy.url());
    let token = json!({ "token": "anonymous" }).to_string();
    let call = "HEAD /v2/team/web/manifests/1";
    let token_call = "GET /token?service=reg&scope=repository%3Ateam%2Fweb%3Apull";
    let registry = registry.answers(call, [empty(401, &challenge), empty(200, "")]);
    registry.proxy.spoil(token_call, [Fault::Answer(200, "application/json", token.into_bytes())]);
    assert_eq!(registry.image("ghcr.io/team/web:1"), ImageStatus::Found);
    assert_eq!(registry.proxy.calls(), [call, token_call, call]);
    let head = registry.proxy.heads(call).pop().unwrap().to_ascii_lowercase();
    assert!(head.contains("authorization: bearer anonymous") && head.contains("oci.image.index"), "{head}");
}

#[test]
fn registry_that_gives_no_token_leaves_the_image_unknown() {
    let registry = Registry::new();
    let challenge = format!("WWW-Authenticate: Bearer realm=\"{}/token\"\r\n", registry.proxy.url());
    let registry = registry
        .answers("HEAD /v2/team/web/manifests/1", [empty(401, &challenge)])
        .answers("GET /token?scope=repository%3Ateam%2Fweb%3Apull", [empty(403, "")]);
    assert!(is_unknown(&registry.image("ghcr.io/team/web:1"), "private or does not exist"));
}

#[test]
fn unreachable_or_silent_registry_is_not_waited_for() {
    let registry = Registry::new();
    registry.proxy.spoil("HEAD /v2/team/web/manifests/1", [Fault::Cut]);
    assert!(is_unknown(&registry.image("ghcr.io/team/web:1"), "ghcr.io cannot be reached"));
    registry.proxy.spoil("HEAD /v2/team/web/manifests/2", [Fault::Slow(std::time::Duration::from_secs(30))]);
    let began = std::time::Instant::now();
    assert!(matches!(registry.image("ghcr.io/team/web:2"), ImageStatus::Unknown(_)));
    assert!(began.elapsed() < std::time::Duration::from_secs(12), "{:?}", began.elapsed());
}

#[test]
fn invalid_image_name_causes_no_request() {
    let registry = Registry::new();
    assert!(is_unknown(&registry.image("no such image"), "is not the name of an image"));
    assert!(registry.proxy.calls().is_empty());
}

#[test]
fn ecr_image_is_looked_up_in_its_own_region_and_account() {
    let account = Account::new(Emulator::Moto);
    account.boto.call("ecr", "create_repository", &json!({ "repositoryName": "adapters/web" }));
    let manifest = json!({ "schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": { "mediaType": "application/vnd.docker.container.image.v1+json", "size": 1, "digest": "sha256:c" },
        "layers": [] });
    let put = json!({ "repositoryName": "adapters/web", "imageTag": "1", "imageManifest": manifest.to_string() });
    account.boto.call("ecr", "put_image", &put);
    let image = |reference: &str| {
        wait(account.aws.image(&format!("123456789012.dkr.ecr.us-east-1.amazonaws.com/adapters/{reference}")))
    };
    assert_eq!(image("web:1"), ImageStatus::Found);
    assert_eq!(image("web:2"), ImageStatus::Missing);
    assert_eq!(image("missing:1"), ImageStatus::Missing);
    let elsewhere = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/adapters/web:1";
    assert_eq!(wait(account.aws.image(elsewhere)), ImageStatus::Missing);
    account.proxy.spoil("BatchGetImage", [Fault::Refuse(400, "AccessDeniedException", "you may not")]);
    assert!(is_unknown(&image("web:1"), "you may not"));
    let sent = account.proxy.requests("BatchGetImage");
    assert!(sent[0].contains("\"registryId\":\"123456789012\""), "{}", sent[0]);
}
