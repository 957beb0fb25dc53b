//! ECR and the bucket of the bootstrap, over HTTP against moto.

use rtiler::deploy::api::{ArtifactStore, AwsError, CloudFormation, ErrorKind, ImageRegistry, StoredImage};
use serde_json::json;

use super::{Account, wait};
use crate::harness::{Emulator, Fault};

const REPOSITORY: &str = "rtiler-images";

/// Pushes an image with a tag by ECR's API, and returns its digest.
fn put(account: &Account, tag: &str) -> String {
    let manifest = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": { "mediaType": "application/vnd.docker.container.image.v1+json", "size": 1, "digest": format!("sha256:{tag}") },
        "layers": []
    });
    let request = json!({ "repositoryName": REPOSITORY, "imageTag": tag, "imageManifest": manifest.to_string() });
    let image = account.boto.call("ecr", "put_image", &request);
    image["image"]["imageId"]["imageDigest"].as_str().expect("a digest").to_owned()
}

#[test]
fn token_of_ecr_is_a_user_and_password_of_the_region() {
    let account = Account::new(Emulator::Moto);
    let credentials = wait(account.aws.push_credentials("eu-west-1")).unwrap();
    assert_eq!(credentials.user, "AWS");
    assert!(!credentials.password.is_empty());
    assert!(!format!("{credentials:?}").contains(&credentials.password), "it is never printed");
    let head = account.proxy.heads("GetAuthorizationToken").pop().unwrap();
    assert!(head.contains("/eu-west-1/ecr/aws4_request"), "{head}");
    account.proxy.spoil("GetAuthorizationToken", [Fault::Refuse(400, "AccessDeniedException", "you may not")]);
    let refused = wait(account.aws.push_credentials("eu-west-1")).unwrap_err();
    assert_eq!((refused.kind, refused.code.as_str()), (ErrorKind::AccessDenied, "AccessDeniedException"));
}

#[test]
fn images_of_a_repository_are_listed_and_deleted_by_their_digests() {
    let account = Account::new(Emulator::Moto);
    assert_eq!(wait(account.aws.stored_images(REPOSITORY)), Ok(Vec::new()), "there is no repository");
    account.boto.call("ecr", "create_repository", &json!({ "repositoryName": REPOSITORY }));
    let (first, second) = (put(&account, "one"), put(&account, "two"));
    let stored = wait(account.aws.stored_images(REPOSITORY)).unwrap();
    let mut digests: Vec<&str> = stored.iter().map(|image| image.digest.as_str()).collect();
    digests.sort_unstable();
    let mut expected = [first.as_str(), second.as_str()];
    expected.sort_unstable();
    assert_eq!(digests, expected);
    assert!(stored.iter().all(|image| image.tags.len() == 1 && image.pushed.is_some()), "{stored:?}");
    let gone = StoredImage { digest: format!("sha256:{}", "0a".repeat(32)), tags: Vec::new(), bytes: 0, pushed: None };
    let of_first = stored.iter().find(|image| image.digest == first).cloned().unwrap();
    wait(account.aws.delete_images(REPOSITORY, &[of_first, gone])).unwrap();
    let left = wait(account.aws.stored_images(REPOSITORY)).unwrap();
    assert_eq!(left.iter().map(|image| image.digest.as_str()).collect::<Vec<_>>(), [second.as_str()]);
}

#[test]
fn calls_of_the_bucket_name_its_expected_owner() {
    let account = Account::new(Emulator::Moto);
    let bucket = super::create_template_bucket(&account);
    let name = bucket["Bucket"].as_str().unwrap();
    let owner = wait(account.aws.environment()).unwrap().account;
    wait(async {
        account.aws.upload_template("web", "{}").await?;
        let stored = account.aws.stored_objects(name).await?;
        assert_eq!(stored.len(), 1);
        account.aws.delete_objects(name, &stored).await?;
        assert_eq!(account.aws.stored_objects(name).await?, Vec::new());
        Ok::<_, AwsError>(())
    })
    .unwrap();
    let of_bucket: Vec<String> = account.proxy.calls().into_iter().filter(|call| call.contains(name)).collect();
    assert!(of_bucket.len() >= 4, "{of_bucket:?}");
    for call in of_bucket {
        for head in account.proxy.heads(&call) {
            let expected = format!("x-amz-expected-bucket-owner: {owner}");
            assert!(head.to_ascii_lowercase().contains(&expected), "{head}");
        }
    }
}
