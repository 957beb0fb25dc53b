use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::image::ImageReference;
use crate::package::Digest;

/// The most bytes of a file that are read.
const LARGEST: u64 = 8 << 20;

/// A folder with manifests and configurations by their digests, and the digests of tags. Several processes may use it at the same
/// time: a file appears whole, by its renaming. A file that cannot be read or written is not an error, because a registry has the same content.
#[derive(Debug, Clone)]
pub struct ImageCache {
    folder: PathBuf,
}

#[cfg_attr(not(feature = "oci"), allow(dead_code, reason = "only registries write to it"))]
impl ImageCache {
    /// Creates the cache in a folder, which need not exist.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.join("images") }
    }

    /// Returns the content with a digest, if the file still has it.
    pub(super) fn content(&self, digest: &Digest) -> Option<Vec<u8>> {
        let content = read(&self.file("content", digest))?;
        (Digest::of(&content) == *digest).then_some(content)
    }

    /// Keeps a content.
    pub(super) fn add(&self, content: &[u8]) {
        let _ = self.write("content", &Digest::of(content), content);
    }

    /// Returns the digest that a tag had when it was last resolved.
    pub(super) fn digest_of_tag(&self, image: &ImageReference) -> Option<String> {
        let text = String::from_utf8(read(&self.file("tags", &tag_name(image)))?).ok()?;
        Digest::parse(text.trim_end()).map(|digest| digest.to_string())
    }

    /// Keeps the digest of a tag.
    pub(super) fn set_digest_of_tag(&self, image: &ImageReference, digest: &str) {
        if self.digest_of_tag(image).as_deref() != Some(digest) {
            let _ = self.write("tags", &tag_name(image), format!("{digest}\n").as_bytes());
        }
    }

    fn file(&self, kind: &str, digest: &Digest) -> PathBuf {
        // A colon is special in paths of some systems.
        self.folder.join(kind).join(digest.as_str().trim_start_matches("sha256:"))
    }

    fn write(&self, kind: &str, name: &Digest, content: &[u8]) -> std::io::Result<()> {
        let folder = self.folder.join(kind);
        std::fs::create_dir_all(&folder)?;
        let mut part = tempfile::NamedTempFile::new_in(&folder)?;
        part.write_all(content)?;
        part.persist(self.file(kind, name)).map(drop).map_err(|error| error.error)
    }
}

/// Returns a name for the file of a tag.
fn tag_name(image: &ImageReference) -> Digest {
    Digest::of(format!("{}:{}", image.name(), image.version()).as_bytes())
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let file = std::fs::File::open(path).ok().filter(|file| file.metadata().is_ok_and(|it| it.is_file()))?;
    let mut content = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut content).ok()?;
    (content.len() as u64 <= LARGEST).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_file_is_not_used_and_the_next_addition_replaces_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = ImageCache::new(folder.path());
        let digest = Digest::of(b"{}");
        cache.add(b"{}");
        assert_eq!(cache.content(&digest).as_deref(), Some(&b"{}"[..]));
        std::fs::write(cache.file("content", &digest), "other").expect("a file");
        assert_eq!(cache.content(&digest), None);
        cache.add(b"{}");
        assert_eq!(cache.content(&digest).as_deref(), Some(&b"{}"[..]));
    }

    #[test]
    fn tags_of_different_repositories_have_different_digests() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = ImageCache::new(folder.path());
        let image = |name: &str| ImageReference::parse(name).expect("a reference");
        let digest = Digest::of(b"1").to_string();
        cache.set_digest_of_tag(&image("ghcr.io/a/web:1"), &digest);
        assert_eq!(cache.digest_of_tag(&image("ghcr.io/a/web:1")), Some(digest));
        for other in ["ghcr.io/a/web:2", "ghcr.io/b/web:1", "a/web:1"] {
            assert_eq!(cache.digest_of_tag(&image(other)), None, "{other}");
        }
    }
}
