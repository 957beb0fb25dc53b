use super::source::Source;
use crate::image::{
    Architecture, ImageConfig, ImageFacts, ImageManifest, IndexEntry, Manifest, PlatformContent, PlatformImage, Unread,
};

/// Returns the facts about the image with a digest: one manifest and configuration for each wanted architecture.
pub(super) fn facts(source: &impl Source, digest: &str, wanted: &[Architecture]) -> Result<ImageFacts, Unread> {
    let content = source.manifest(digest)?;
    match Manifest::parse(&content).map_err(Unread::Invalid)? {
        Manifest::Image(manifest) => {
            let platform = alone(source, digest, &manifest)?;
            Ok(image_facts(digest, &content, vec![platform], false))
        }
        Manifest::Index(entries) => {
            let platforms = entries.into_iter().map(|entry| of_index(source, entry, wanted));
            let platforms = platforms.collect::<Result<Vec<_>, _>>()?;
            Ok(image_facts(digest, &content, platforms, true))
        }
    }
}

fn image_facts(digest: &str, content: &[u8], platforms: Vec<PlatformImage>, is_index: bool) -> ImageFacts {
    let value: serde_json::Value = serde_json::from_slice(content).unwrap_or_default();
    let default = if is_index { crate::image::MEDIA_TYPES[0] } else { crate::image::MEDIA_TYPES[1] };
    // OCI manifests may leave their type out.
    let media_type = value.get("mediaType").and_then(serde_json::Value::as_str).unwrap_or(default).to_owned();
    ImageFacts { digest: digest.to_owned(), media_type, platforms, is_index }
}

fn alone(source: &impl Source, digest: &str, manifest: &ImageManifest) -> Result<PlatformImage, Unread> {
    let content = content(source, manifest)?;
    let named = |name: &str, default: &str| if name.is_empty() { default.to_owned() } else { name.to_owned() };
    Ok(PlatformImage {
        os: named(&content.config.os, "linux"),
        architecture: Architecture::named(&named(&content.config.architecture, "amd64")),
        digest: digest.to_owned(),
        content: Some(content),
    })
}

fn of_index(source: &impl Source, entry: IndexEntry, wanted: &[Architecture]) -> Result<PlatformImage, Unread> {
    let IndexEntry { digest, os, architecture } = entry;
    let is_wanted = os == "linux" && wanted.contains(&architecture);
    let content = if is_wanted {
        let manifest = source.manifest(&digest)?;
        match Manifest::parse(&manifest).map_err(Unread::Invalid)? {
            Manifest::Image(manifest) => Some(content(source, &manifest)?),
            Manifest::Index(_) => return Err(Unread::Invalid("its index leads to another index".to_owned())),
        }
    } else {
        None
    };
    Ok(PlatformImage { os, architecture, digest, content })
}

fn content(source: &impl Source, manifest: &ImageManifest) -> Result<PlatformContent, Unread> {
    let config = ImageConfig::parse(&source.config(&manifest.config)?).map_err(Unread::Invalid)?;
    Ok(PlatformContent { compressed: manifest.compressed, config })
}
