use super::*;
use crate::package::Manifest;

/// A registry in memory, which answers with what was put into it.
#[derive(Default)]
struct Stored {
    manifests: std::collections::BTreeMap<String, Vec<u8>>,
    blobs: std::collections::BTreeMap<String, Vec<u8>>,
}

impl Transport for Stored {
    fn tags(&self) -> Result<Vec<String>, TransportError> {
        Ok(self.manifests.keys().cloned().collect())
    }

    fn manifest(&self, reference: &str) -> Result<Option<Vec<u8>>, TransportError> {
        Ok(self.manifests.get(reference).cloned())
    }

    fn blob(&self, digest: &Digest, _largest: usize) -> Result<Vec<u8>, TransportError> {
        self.blobs.get(digest.as_str()).cloned().ok_or(TransportError::Missing)
    }

    fn upload(&self, _content: &[u8]) -> Result<(), TransportError> {
        Err(TransportError::Denied("the token is for reading".to_owned()))
    }

    fn tag(&self, _tag: &str, _media_type: &str, _manifest: &[u8]) -> Result<(), TransportError> {
        Ok(())
    }
}

pub(super) fn package(version: &str) -> (Manifest, FileTree) {
    let text = format!("[package]\nname = \"web\"\nversion = \"{version}\"\n");
    let mut tree = FileTree::default();
    tree.add("rtiler.toml", text.clone().into_bytes()).expect("a file");
    tree.add("main.rhai", b"fn web() {}".to_vec()).expect("a file");
    (Manifest::parse("rtiler.toml", &text).expect("a manifest"), tree)
}

pub(super) fn artifact(version: &str) -> Artifact {
    let (manifest, tree) = package(version);
    Artifact::new(&manifest, &tree, &[], "# web\n")
}

/// Returns a registry with an artifact below some tags.
fn stored(artifact: &Artifact, tags: &[&str]) -> Stored {
    let mut stored = Stored::default();
    for tag in tags {
        stored.manifests.insert((*tag).to_owned(), artifact.manifest.clone());
    }
    for blob in &artifact.blobs {
        stored.blobs.insert(Digest::of(blob).to_string(), blob.clone());
    }
    stored
}

fn repository(stored: Stored) -> OciRepository {
    OciRepository::over("registry.example.com", "acme/web", Box::new(stored))
}

/// Returns the files of a version, as a project reads them.
pub(super) fn read(repository: &OciRepository, version: &Version) -> Result<FileTree, Diagnostic> {
    let digest = repository.published(version)?;
    repository.files(&digest.expect("the version is there"))
}

fn version(text: &str) -> Version {
    Version::parse(text).expect("a version")
}

#[test]
fn versions_are_the_tags_that_are_semantic_versions() {
    let repository = repository(stored(&artifact("1.2.0"), &["1.2.0", "v1.3.0", "latest", "1.10.0", "2.0.0-rc.1"]));
    let versions: Vec<String> = repository.versions().expect("tags").iter().map(Version::to_string).collect();
    assert_eq!(versions, ["1.10.0", "1.2.0", "2.0.0-rc.1"]);
}

#[test]
fn package_is_read_by_the_digest_of_its_version() {
    let artifact = artifact("1.2.0");
    let digest = artifact.digest();
    let repository = repository(stored(&artifact, &["1.2.0", digest.as_str()]));
    assert_eq!(repository.published(&version("1.2.0")), Ok(Some(digest.clone())));
    assert_eq!(repository.published(&version("1.3.0")), Ok(None));
    assert_eq!(repository.files(&digest), Ok(package("1.2.0").1));
}

#[test]
fn registry_that_gives_another_manifest_for_a_digest_is_refused_with_both() {
    let digest = artifact("1.2.0").digest();
    let other = artifact("1.3.0");
    let problem = repository(stored(&other, &[digest.as_str()])).files(&digest).expect_err("a refusal");
    assert_eq!(problem.code, Code::PackageHash);
    assert!(problem.notes.contains(&format!("expected: {digest}")), "{problem:?}");
    assert!(problem.notes.contains(&format!("found:    {}", other.digest())), "{problem:?}");
}

#[test]
fn registry_that_gives_other_files_for_a_digest_is_refused_with_both() {
    let artifact = artifact("1.2.0");
    let mut stored = stored(&artifact, &["1.2.0", artifact.digest().as_str()]);
    let files = Digest::of(&artifact.blobs[1]);
    stored.blobs.insert(files.to_string(), super::tests::artifact("1.3.0").blobs[1].clone());
    let problem = read(&repository(stored), &version("1.2.0")).expect_err("a refusal");
    assert_eq!(problem.code, Code::PackageHash);
    assert!(problem.notes.contains(&format!("expected: {files}")), "{problem:?}");
}

#[test]
fn version_that_was_published_is_not_replaced() {
    let ours = artifact("1.2.0");
    let same = repository(stored(&ours, &["1.2.0"])).publish(&version("1.2.0"), &ours).expect_err("a refusal");
    assert_eq!(same.notes, ["with the same content: there is nothing to publish"]);
    let other = Artifact { manifest: b"{}".to_vec(), blobs: Vec::new() };
    let other = repository(stored(&other, &["1.2.0"])).publish(&version("1.2.0"), &ours).expect_err("a refusal");
    assert_eq!(other.code, Code::PublishExists);
    assert!(other.notes.contains(&format!("this one:  {}", ours.digest())), "{other:?}");
}

#[test]
fn refused_credentials_name_the_command_that_signs_in() {
    let problem = repository(Stored::default()).publish(&version("1.2.0"), &artifact("1.2.0")).expect_err("a refusal");
    assert_eq!(problem.notes, ["the registry refused: the token is for reading"]);
    assert!(format!("{problem:?}").contains("docker login registry.example.com"), "{problem:?}");
}
