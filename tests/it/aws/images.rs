//! Lookups of images: by ECR's API, and by the reader of other registries.

use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use rtiler::aws::Options;
use rtiler::deploy::api::{ImageDigests, ImageRegistry, ImageStatus};
use rtiler::image::{ImageReference, Unread};
use serde_json::json;

use super::{Account, connect, options, wait};
use crate::harness::{Emulator, Fault};

/// Registries that answer by the tag, and list the names in the questions.
#[derive(Debug, Default)]
struct Registries(Mutex<Vec<String>>);

impl ImageDigests for Registries {
    fn digest<'a>(&'a self, image: &'a ImageReference) -> LocalBoxFuture<'a, Result<String, Unread>> {
        self.0.lock().unwrap().push(image.name());
        let answer = match image.version() {
            "gone" => Err(Unread::Missing),
            "private" => Err(Unread::Unanswered("it is private".to_owned())),
            _ => Ok("sha256:1".to_owned()),
        };
        async move { answer }.boxed_local()
    }
}

fn is_unknown(image: &ImageStatus, words: &str) -> bool {
    matches!(image, ImageStatus::Unknown(why) if why.contains(words))
}

#[test]
fn image_outside_of_ecr_is_looked_up_by_the_reader_of_registries() {
    let registries = Arc::new(Registries::default());
    let aws = connect(Options { registries: Some(registries.clone()), ..options("http://127.0.0.1:1", "test") });
    assert_eq!(wait(aws.image("nginx:1.27")), ImageStatus::Found);
    assert_eq!(wait(aws.digest("nginx:1.27")), Ok(Some("sha256:1".to_owned())));
    assert_eq!(wait(aws.image("quay.io/team/web:gone")), ImageStatus::Missing);
    assert!(wait(aws.digest("quay.io/team/web:gone")).unwrap_err().contains("does not have it"));
    assert!(is_unknown(&wait(aws.image("ghcr.io/team/web:private")), "it is private"));
    assert!(is_unknown(&wait(aws.image("no such image")), "is not the name of an image"));
    let asked = registries.0.lock().unwrap().clone();
    let (nginx, quay) = ("docker.io/library/nginx", "quay.io/team/web");
    assert_eq!(asked, [nginx, nginx, quay, quay, "ghcr.io/team/web"]);
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
