//! A package as an artifact of an OCI registry: a manifest, what it exports, its files, and its documentation.
//!
//! The form is that of the OCI image specification 1.1, "Guidelines for Artifact Usage".

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::archive::{MAX_ARCHIVE, pack};
use super::digest::Digest;
use super::manifest::Manifest;
use super::tree::FileTree;
use crate::diag::{Code, Diagnostic};

/// The media type of the manifest.
pub const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
/// The type of the artifact.
const ARTIFACT_TYPE: &str = "application/vnd.rtiler.package.v1";
/// The media type of what a package exports.
const CONFIG_TYPE: &str = "application/vnd.rtiler.package.config.v1+json";
/// The media type of the files.
const FILES_TYPE: &str = "application/vnd.rtiler.package.files.v1.tar";
/// The media type of the documentation.
const DOCUMENTATION_TYPE: &str = "text/markdown";

/// A package that is ready to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The contents that the manifest names: the exports, the files, the documentation.
    pub blobs: Vec<Vec<u8>>,
    /// The manifest.
    pub manifest: Vec<u8>,
}

/// A function or constant that a package exports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Export {
    /// Its name: `web_service`.
    pub name: String,
    /// As it is called: `web_service(name, image)`; none for a constant.
    pub signature: Option<String>,
    /// The first sentence of its comment.
    pub summary: String,
}

/// The first blob: what a registry or a person can read of a package without its files.
#[derive(Serialize)]
struct Config<'a> {
    name: &'a str,
    version: String,
    description: &'a Option<String>,
    licence: &'a Option<String>,
    rtiler: Option<String>,
    hash: String,
    exports: &'a [Export],
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: String,
    size: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImageManifest {
    schema_version: u32,
    #[serde(default)]
    media_type: Option<String>,
    #[serde(default)]
    artifact_type: Option<String>,
    config: Descriptor,
    layers: Vec<Descriptor>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

impl Artifact {
    /// Creates the artifact of a package. It depends on nothing but its arguments: neither on the time nor on the machine.
    pub fn new(package: &Manifest, tree: &FileTree, exports: &[Export], documentation: &str) -> Self {
        let config = Config {
            name: package.name.as_str(),
            version: package.version.to_string(),
            description: &package.description,
            licence: &package.licence,
            rtiler: package.rtiler.as_ref().map(|range| range.value.to_string()),
            hash: tree.hash().to_string(),
            exports,
        };
        let config = serde_json::to_vec(&config).expect("texts are JSON");
        let blobs = vec![config, pack(tree), documentation.as_bytes().to_vec()];
        let title = format!("{}.md", package.name);
        let manifest = ImageManifest {
            schema_version: 2,
            media_type: Some(MANIFEST_TYPE.to_owned()),
            artifact_type: Some(ARTIFACT_TYPE.to_owned()),
            config: descriptor(CONFIG_TYPE, &blobs[0], None),
            layers: vec![
                descriptor(FILES_TYPE, &blobs[1], None),
                descriptor(DOCUMENTATION_TYPE, &blobs[2], Some(&title)),
            ],
            annotations: annotations(package),
        };
        Self { manifest: serde_json::to_vec(&manifest).expect("texts are JSON"), blobs }
    }

    /// Returns the digest of the manifest, which is the revision of the package.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.manifest)
    }

    /// Returns the size of what a registry stores, in bytes.
    pub fn size(&self) -> usize {
        self.manifest.len() + self.blobs.iter().map(Vec::len).sum::<usize>()
    }
}

fn descriptor(media_type: &str, content: &[u8], title: Option<&str>) -> Descriptor {
    let title = title.map(|title| ("org.opencontainers.image.title".to_owned(), title.to_owned()));
    Descriptor {
        media_type: media_type.to_owned(),
        digest: Digest::of(content).to_string(),
        size: content.len() as u64,
        annotations: title.into_iter().collect(),
    }
}

/// Returns the annotations of the OCI image specification that registries show. There is no time of creation: it would change the
/// digest.
fn annotations(package: &Manifest) -> BTreeMap<String, String> {
    let fields = [
        ("title", Some(package.name.to_string())),
        ("version", Some(package.version.to_string())),
        ("description", package.description.clone()),
        ("licenses", package.licence.clone()),
    ];
    let known = fields.into_iter().filter_map(|(key, value)| Some((key, value?)));
    known.map(|(key, value)| (format!("org.opencontainers.image.{key}"), value)).collect()
}

/// Returns the digest and the size of the files that a manifest names.
///
/// # Errors
///
/// The reason why it is not the manifest of a package: an image, another kind of artifact, or too large.
pub fn files_of(manifest: &[u8]) -> Result<(Digest, usize), Diagnostic> {
    let refused = |message: String| Diagnostic::new(Code::PackageContent, message);
    let manifest: ImageManifest = serde_json::from_slice(manifest)
        .map_err(|error| refused(format!("the registry gave a manifest that cannot be read: {error}")))?;
    // A registry may drop the type of the artifact, which is newer than images.
    if manifest.config.media_type != CONFIG_TYPE {
        let found = manifest.artifact_type.unwrap_or(manifest.config.media_type);
        return Err(refused(format!("it is not a package of rtiler: its type is `{found}`")));
    }
    let mut layers = manifest.layers.iter().filter(|layer| layer.media_type == FILES_TYPE);
    let (Some(files), None) = (layers.next(), layers.next()) else {
        return Err(refused(format!("the manifest does not name exactly one layer of type `{FILES_TYPE}`")));
    };
    let digest = Digest::parse(&files.digest)
        .ok_or_else(|| refused(format!("the digest `{}` of the files is not a SHA-256", files.digest)))?;
    match usize::try_from(files.size) {
        Ok(size) if size <= MAX_ARCHIVE => Ok((digest, size)),
        _ => {
            let message = format!("its files have {} bytes, more than {} MiB", files.size, MAX_ARCHIVE >> 20);
            Err(refused(message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact() -> Artifact {
        let text =
            "[package]\nname = \"acme-web\"\nversion = \"1.2.0\"\ndescription = \"Web services\"\nlicence = \"MIT\"\n";
        let package = Manifest::parse("rtiler.toml", text).expect("a manifest");
        let mut tree = FileTree::default();
        tree.add("rtiler.toml", text.as_bytes().to_vec()).expect("a file");
        let export = Export {
            name: "web".to_owned(),
            signature: Some("web(name)".to_owned()),
            summary: "Creates a service.".to_owned(),
        };
        Artifact::new(&package, &tree, &[export], "# acme-web\n")
    }

    fn changed(from: &str, to: &str) -> Result<(Digest, usize), String> {
        let text = String::from_utf8(artifact().manifest).expect("JSON");
        assert!(text.contains(from), "{text}");
        files_of(text.replacen(from, to, 1).as_bytes()).map_err(|problem| problem.message)
    }

    #[test]
    fn manifest_names_each_blob_by_its_digest() {
        let artifact = artifact();
        assert_eq!(files_of(&artifact.manifest), Ok((Digest::of(&artifact.blobs[1]), artifact.blobs[1].len())));
        let manifest: serde_json::Value = serde_json::from_slice(&artifact.manifest).expect("JSON");
        assert_eq!(manifest["config"]["digest"], Digest::of(&artifact.blobs[0]).as_str());
        assert_eq!(manifest["annotations"]["org.opencontainers.image.licenses"], "MIT");
        let config: serde_json::Value = serde_json::from_slice(&artifact.blobs[0]).expect("JSON");
        assert_eq!(config["exports"][0]["signature"], "web(name)");
        assert_eq!(self::artifact().digest(), artifact.digest());
    }

    #[test]
    fn manifest_of_something_else_is_refused() {
        let error = |from: &str, to: &str| changed(from, to).expect_err("a refusal");
        assert_eq!(
            error(CONFIG_TYPE, "application/vnd.oci.image.config.v1+json"),
            format!("it is not a package of rtiler: its type is `{ARTIFACT_TYPE}`")
        );
        assert!(error(FILES_TYPE, "application/x-tar").contains("exactly one layer"));
        assert!(error("text/markdown", FILES_TYPE).contains("exactly one layer"));
        assert!(error("\"layers\"", "\"leyers\"").contains("cannot be read"));
    }

    #[test]
    fn size_and_digest_are_checked_before_anything_is_fetched() {
        let size = artifact().blobs[1].len();
        let large = changed(&format!("\"size\":{size}"), "\"size\":99999999999").expect_err("a refusal");
        assert!(large.contains("99999999999 bytes, more than 20 MiB"), "{large}");
        let digest = Digest::of(&artifact().blobs[1]).to_string();
        assert!(changed(&digest, "md5:0").expect_err("a refusal").contains("is not a SHA-256"));
    }
}
