use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use serde_json::{Value, json};

use super::contents::{Contents, GZIP, Place};
use crate::package::Digest;

/// The types of the OCI image specification and of Docker ("Image Manifest Version 2, Schema 2").
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
const LAYER_GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// The content of a push, in the order in which it is sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Push {
    pub(super) blobs: Vec<Blob>,
    /// The manifests of an index: digest, type and text.
    pub(super) children: Vec<(String, String, Vec<u8>)>,
    /// The manifest or index that gets the tags.
    pub(super) manifest: Vec<u8>,
    pub(super) media_type: String,
}

/// A layer or configuration.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Blob {
    pub(super) digest: String,
    pub(super) size: u64,
    pub(super) content: BlobContent,
}

/// The content of a blob.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BlobContent {
    InFile(Place),
    InMemory(Vec<u8>),
}

/// Returns what is pushed of an archive.
///
/// # Errors
///
/// The reason why it does not have one image.
pub(super) fn plan(contents: &Contents, archive: &Path) -> Result<Push, String> {
    if contents.find("index.json").is_some() {
        return of_layout(contents, archive);
    }
    if contents.find("manifest.json").is_some() {
        return of_docker(contents, archive);
    }
    Err("it has neither an `index.json` nor a `manifest.json`".to_owned())
}

/// Returns the push of an OCI layout (<https://github.com/opencontainers/image-spec/blob/main/image-layout.md>).
fn of_layout(contents: &Contents, archive: &Path) -> Result<Push, String> {
    let index = parsed(&contents.text(archive, "index.json")?, "index.json")?;
    let images: Vec<&Value> = items(&index, "manifests").iter().collect();
    let [image] = images[..] else {
        return Err(format!("it has {} images, and one is expected", images.len()));
    };
    let (manifest, media_type) = described(image, contents, archive)?;
    let mut push = Push { blobs: Vec::new(), children: Vec::new(), manifest: manifest.clone(), media_type };
    if !matches!(push.media_type.as_str(), INDEX | DOCKER_LIST) {
        push.blobs = blobs_of(&manifest, contents)?;
        return Ok(push);
    }
    for child in items(&parsed(&manifest, "the index")?, "manifests") {
        let (manifest, media_type) = described(child, contents, archive)?;
        push.blobs.extend(blobs_of(&manifest, contents)?);
        push.children.push((digest_of(child)?, media_type, manifest));
    }
    Ok(push)
}

/// Reads the manifest of a descriptor, and compares it with its digest.
fn described(descriptor: &Value, contents: &Contents, archive: &Path) -> Result<(Vec<u8>, String), String> {
    let digest = digest_of(descriptor)?;
    let text = contents.text(archive, &blob_path(&digest))?;
    if Digest::of(&text).as_str() != digest {
        return Err(format!("the content of `{digest}` is not what its digest says"));
    }
    let media_type = descriptor.get("mediaType").and_then(Value::as_str).unwrap_or(MANIFEST);
    Ok((text, media_type.to_owned()))
}

fn blobs_of(manifest: &[u8], contents: &Contents) -> Result<Vec<Blob>, String> {
    let manifest = parsed(manifest, "the manifest")?;
    let config = manifest.get("config").ok_or("its manifest has no `config`")?;
    let blobs = items(&manifest, "layers").iter().chain([config]).map(|descriptor| {
        let digest = digest_of(descriptor)?;
        let place =
            contents.find(&blob_path(&digest)).ok_or_else(|| format!("it does not have the layer `{digest}`"))?;
        Ok(Blob { digest, size: place.size, content: BlobContent::InFile(place) })
    });
    blobs.collect()
}

/// Returns the push of an archive of `docker save` before version 25, which has no manifest of a registry: it is written here.
fn of_docker(contents: &Contents, archive: &Path) -> Result<Push, String> {
    let list = parsed(&contents.text(archive, "manifest.json")?, "manifest.json")?;
    let images = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let [image] = images else {
        return Err(format!("it has {} images, and one is expected", images.len()));
    };
    let config = image.get("Config").and_then(Value::as_str).ok_or("its manifest has no `Config`")?;
    let config = contents.text(archive, config)?;
    let (mut blobs, mut layers) = (Vec::new(), Vec::new());
    for layer in items(image, "Layers") {
        let path = layer.as_str().ok_or("a layer has no path")?;
        let place = contents.find(path).ok_or_else(|| format!("it does not have the layer `{path}`"))?;
        let (digest, is_gzip) = digest_in_file(archive, place).map_err(|error| error.to_string())?;
        let media_type = if is_gzip { LAYER_GZIP } else { LAYER };
        layers.push(json!({ "mediaType": media_type, "digest": &digest, "size": place.size }));
        blobs.push(Blob { digest, size: place.size, content: BlobContent::InFile(place) });
    }
    let (digest, size) = (Digest::of(&config).to_string(), config.len() as u64);
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": { "mediaType": CONFIG, "digest": &digest, "size": size },
        "layers": layers,
    });
    blobs.push(Blob { digest, size, content: BlobContent::InMemory(config) });
    let manifest = manifest.to_string().into_bytes();
    Ok(Push { blobs, children: Vec::new(), manifest, media_type: MANIFEST.to_owned() })
}

/// Returns the digest of a part of a file, and whether it is compressed.
fn digest_in_file(archive: &Path, place: Place) -> std::io::Result<(String, bool)> {
    let mut file = File::open(archive)?;
    let mut start = [0; 2];
    file.seek(SeekFrom::Start(place.offset))?;
    let read = Read::by_ref(&mut file).take(place.size.min(2)).read(&mut start)?;
    file.seek(SeekFrom::Start(place.offset))?;
    let digest = Digest::of_reader(file.take(place.size))?;
    Ok((digest.to_string(), read == 2 && start == GZIP))
}

fn parsed(text: &[u8], name: &str) -> Result<Value, String> {
    serde_json::from_slice(text).map_err(|error| format!("{name} is not JSON: {error}"))
}

fn items<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn digest_of(descriptor: &Value) -> Result<String, String> {
    let digest = descriptor.get("digest").and_then(Value::as_str).unwrap_or_default();
    Digest::parse(digest).map(|digest| digest.to_string()).ok_or_else(|| format!("`{digest}` is not a digest"))
}

fn blob_path(digest: &str) -> String {
    format!("blobs/{}", digest.replace(':', "/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes a tar file.
    fn archive(files: &[(&str, &[u8])]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let mut builder = tar::Builder::new(file.reopen().expect("a file"));
        for (path, content) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, path, *content).expect("an entry");
        }
        builder.finish().expect("an archive");
        file
    }

    fn planned(files: &[(&str, &[u8])]) -> Result<Push, String> {
        let file = archive(files);
        plan(&Contents::of(file.path())?, file.path())
    }

    #[test]
    fn archive_of_docker_gets_a_manifest_with_the_digests_of_its_layers() {
        let list = br#"[{"Config":"c.json","RepoTags":["web:1"],"Layers":["a/layer.tar"]}]"#;
        let push = planned(&[("manifest.json", list), ("c.json", b"{}"), ("a/layer.tar", b"layer")]).expect("an image");
        let manifest = parsed(&push.manifest, "").expect("a manifest");
        assert_eq!(manifest["layers"][0]["digest"], Digest::of(b"layer").as_str());
        assert_eq!(manifest["config"]["digest"], Digest::of(b"{}").as_str());
        assert_eq!(push.blobs.len(), 2);
    }

    #[test]
    fn layout_is_pushed_as_it_is() {
        let layer = Digest::of(b"layer").to_string();
        let config = Digest::of(b"{}").to_string();
        let manifest = json!({ "config": { "digest": config }, "layers": [{ "digest": layer }] }).to_string();
        let digest = Digest::of(manifest.as_bytes()).to_string();
        let index = json!({ "manifests": [{ "mediaType": MANIFEST, "digest": digest }] }).to_string();
        let (layer, config, path) = (blob_path(&layer), blob_path(&config), blob_path(&digest));
        let files = [
            ("index.json", index.as_bytes()),
            (&layer, b"layer".as_slice()),
            (&config, b"{}"),
            (&path, manifest.as_bytes()),
        ];
        let push = planned(&files).expect("an image");
        assert_eq!((push.manifest, push.blobs.len()), (manifest.clone().into_bytes(), 2));
        let changed = [files[0], files[1], files[2], (path.as_str(), b"{}".as_slice())];
        assert!(planned(&changed).expect_err("another content").contains("digest says"));
    }

    #[test]
    fn file_without_one_image_is_refused_with_its_reason() {
        for (files, expected) in [
            (vec![("a", b"".as_slice())], "neither"),
            (vec![("manifest.json", b"[]".as_slice())], "0 images"),
            (vec![("manifest.json", br#"[{"Config":"c","Layers":[]},{}]"#.as_slice())], "2 images"),
            (vec![("manifest.json", br#"[{"Config":"../c","Layers":[]}]"#.as_slice())], "no `../c`"),
            (vec![("index.json", b"x".as_slice())], "not JSON"),
        ] {
            let error = planned(&files).expect_err("a refusal");
            assert!(error.contains(expected), "{error}");
        }
    }
}
