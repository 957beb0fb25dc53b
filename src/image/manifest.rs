//! Manifests, indexes and configurations of images, as the OCI image specification and Docker's version 2 have them.

use indexmap::IndexMap;
use serde::Deserialize;

/// The media types of indexes and manifests that can be read.
pub const MEDIA_TYPES: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

/// A processor architecture, by its name in Go: `amd64`, `arm64`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Architecture(String);

impl Architecture {
    /// Returns an architecture by its name in Go.
    pub fn named(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// Returns the architecture of a task by its `RuntimePlatform.CpuArchitecture`: `X86_64`, `ARM64`.
    pub fn of_task(name: &str) -> Option<Self> {
        match name {
            "X86_64" => Some(Self::named("amd64")),
            "ARM64" => Some(Self::named("arm64")),
            _ => None,
        }
    }

    /// Returns the name in Go.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An index or a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Manifest {
    /// An index of the manifests for several platforms.
    Index(Vec<IndexEntry>),
    /// The manifest of one image.
    Image(ImageManifest),
}

/// A manifest for one platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexEntry {
    /// The digest of the manifest.
    pub digest: String,
    /// The operating system.
    pub os: String,
    /// The architecture.
    pub architecture: Architecture,
}

/// The manifest of one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageManifest {
    /// The digest of its configuration.
    pub config: String,
    /// The size of its layers in bytes.
    pub compressed: u64,
}

/// The configuration of an image, as far as a task depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct ImageConfig {
    /// The operating system.
    #[serde(default)]
    pub os: String,
    /// The architecture, by its name in Go.
    #[serde(default)]
    pub architecture: String,
    /// The time of its creation, RFC 3339.
    #[serde(default)]
    pub created: Option<String>,
    /// The settings of its containers.
    #[serde(default)]
    pub config: ContainerConfig,
    /// The steps that created it.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub history: Vec<Step>,
}

/// The settings of the containers of an image.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ContainerConfig {
    /// The user, `NAME`, `UID` or `USER:GROUP`; empty means root.
    #[serde(deserialize_with = "null_is_empty")]
    pub user: String,
    /// The ports that it exposes: `8080/tcp`.
    #[serde(deserialize_with = "null_is_empty")]
    pub exposed_ports: IndexMap<String, serde_json::Value>,
    /// The variables: `NAME=VALUE`.
    #[serde(deserialize_with = "null_is_empty")]
    pub env: Vec<String>,
    /// The entry point.
    #[serde(deserialize_with = "null_is_empty")]
    pub entrypoint: Vec<String>,
    /// The command.
    #[serde(deserialize_with = "null_is_empty")]
    pub cmd: Vec<String>,
    /// The working directory.
    #[serde(deserialize_with = "null_is_empty")]
    pub working_dir: String,
    /// The signal that stops a container.
    pub stop_signal: Option<String>,
    /// The labels.
    #[serde(deserialize_with = "null_is_empty")]
    pub labels: IndexMap<String, String>,
}

/// A step that created an image.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Step {
    /// The command of the step.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub created_by: String,
}

impl Manifest {
    /// Parses an index or a manifest. Entries without a platform are left out: they are attestations of builds.
    ///
    /// # Errors
    ///
    /// The reason why it is not one.
    pub fn parse(content: &[u8]) -> Result<Self, String> {
        let wire: WireManifest = serde_json::from_slice(content).map_err(|_| NOT_A_MANIFEST.to_owned())?;
        if wire.schema_version != 2 {
            return Err(format!("its manifest has version {}, which registries no longer write", wire.schema_version));
        }
        match (wire.manifests, wire.config) {
            (Some(entries), _) => Ok(Self::Index(entries.into_iter().filter_map(IndexEntry::of).collect())),
            (None, Some(config)) => {
                if !IMAGE_CONFIGS.contains(&config.media_type.as_str()) {
                    return Err(format!(
                        "it is not an image for containers, but an artifact of type `{}`",
                        config.media_type
                    ));
                }
                let sizes = wire.layers.iter().map(|layer| layer.size);
                let compressed = sizes.fold(0_u64, u64::saturating_add);
                Ok(Self::Image(ImageManifest { config: config.digest, compressed }))
            }
            (None, None) => Err(NOT_A_MANIFEST.to_owned()),
        }
    }
}

const NOT_A_MANIFEST: &str = "the answer is not the manifest of an image";

/// The types of configurations of images for containers.
const IMAGE_CONFIGS: [&str; 2] =
    ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

impl IndexEntry {
    fn of(wire: WireDescriptor) -> Option<Self> {
        let platform = wire.platform?;
        // BuildKit lists attestations as images for `unknown/unknown` ("Image attestation storage", docs.docker.com).
        let is_known = platform.os != "unknown" && platform.architecture != "unknown";
        let architecture = Architecture(platform.architecture);
        is_known.then_some(Self { digest: wire.digest, os: platform.os, architecture })
    }
}

impl ImageConfig {
    /// Parses a configuration.
    ///
    /// # Errors
    ///
    /// The reason why it is not one.
    pub fn parse(content: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(content).map_err(|error| format!("its configuration cannot be read: {error}"))
    }
}

impl ContainerConfig {
    /// Returns the value of a variable.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.env.iter().filter_map(|variable| variable.split_once('=')).find(|(known, _)| *known == name).map(|it| it.1)
    }

    /// Returns the TCP ports that it exposes.
    pub fn ports(&self) -> Vec<i64> {
        let port = |text: &String| text.split('/').next().and_then(|port| port.parse().ok());
        self.exposed_ports.keys().filter(|text| !text.ends_with("/udp")).filter_map(port).collect()
    }
}

/// Reads `null` as the empty value: builders write both.
fn null_is_empty<'de, D: serde::Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireManifest {
    schema_version: u64,
    manifests: Option<Vec<WireDescriptor>>,
    config: Option<WireDescriptor>,
    #[serde(default)]
    layers: Vec<WireDescriptor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDescriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    #[serde(default)]
    size: u64,
    platform: Option<WirePlatform>,
}

#[derive(Deserialize)]
struct WirePlatform {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attestations_of_an_index_are_not_platforms() {
        let index = br#"{"schemaVersion": 2, "manifests": [
            {"digest": "sha256:1", "size": 1, "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}},
            {"digest": "sha256:2", "size": 1, "platform": {"os": "unknown", "architecture": "unknown"},
             "annotations": {"vnd.docker.reference.type": "attestation-manifest"}}]}"#;
        let Ok(Manifest::Index(entries)) = Manifest::parse(index) else { panic!("an index") };
        let names: Vec<_> = entries.iter().map(|it| (it.os.as_str(), it.architecture.as_str())).collect();
        assert_eq!(names, [("linux", "arm64")]);
    }

    #[test]
    fn size_is_that_of_the_layers() {
        let manifest = br#"{"schemaVersion": 2, "config": {"digest": "sha256:c", "size": 9,
            "mediaType": "application/vnd.oci.image.config.v1+json"},
            "layers": [{"digest": "sha256:1", "size": 600}, {"digest": "sha256:2", "size": 18446744073709551615}]}"#;
        let Ok(Manifest::Image(image)) = Manifest::parse(manifest) else { panic!("a manifest") };
        assert_eq!((image.config.as_str(), image.compressed), ("sha256:c", u64::MAX));
    }

    #[test]
    fn artifact_page_and_old_version_are_not_images() {
        let why = |text: &str| Manifest::parse(text.as_bytes()).expect_err("not an image");
        assert!(why("<html><body>Sign in</body></html>").contains("not the manifest of an image"));
        assert!(why(r#"{"schemaVersion": 1, "fsLayers": []}"#).contains("version 1"));
        let chart = r#"{"schemaVersion": 2, "config": {"mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": "x"}}"#;
        assert!(why(chart).contains("vnd.cncf.helm.config"));
    }

    #[test]
    fn nulls_of_a_configuration_are_empty() {
        let config = ImageConfig::parse(
            br#"{"os": "linux", "architecture": "amd64", "history": null, "config": {"User": "app", "Env": ["PORT=80", "X"],
                "Entrypoint": null, "Cmd": ["serve"], "ExposedPorts": {"80/tcp": {}, "53/udp": {}, "9000": {}}, "Labels": null}}"#,
        )
        .expect("a configuration")
        .config;
        assert_eq!((config.variable("PORT"), config.variable("X")), (Some("80"), None));
        assert_eq!((config.ports(), config.entrypoint.len()), (vec![80, 9000], 0));
        assert_eq!(ImageConfig::parse(b"{}").expect("an image of scratch").config, ContainerConfig::default());
    }
}
