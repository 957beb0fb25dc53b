//! Manifests, lock files and archives of packages, which strangers write.

use super::files::text;
use super::{Allocated, NAME, assert_shown};
use crate::package::{Artifact, Lock, Manifest, PackageSource, files_of, parse_source, unpack};

/// Asserts that git takes a source for a repository, and never for an option or a command.
fn assert_harmless(source: &PackageSource) {
    if let PackageSource::Git { url, folder } = source {
        assert!(!url.starts_with('-') && !url.contains("::") && !folder.starts_with('-'), "{url}//{folder}");
    }
}

/// Reads an input as a manifest, and as the source of a dependency.
pub(super) fn manifest(input: &[u8], _: Allocated) {
    let Some((text, sources)) = text(input) else { return };
    match Manifest::parse(NAME, text) {
        Ok(manifest) => {
            manifest.dependencies.values().for_each(|dependency| assert_harmless(&dependency.value.source));
            let folder = &manifest.entry.value;
            assert!(!folder.starts_with('/') && !folder.split('/').any(|part| part == ".."), "{folder}");
        }
        Err(problems) => assert_shown(&problems, &sources),
    }
    if let Ok((source, _)) = parse_source(text) {
        assert_harmless(&source);
    }
}

/// Reads an input as a lock file, and writes it again.
pub(super) fn lock_file(input: &[u8], _: Allocated) {
    let Some((text, sources)) = text(input) else { return };
    match Lock::parse(NAME, text) {
        Ok(lock) => {
            let again = Lock::parse(NAME, &lock.to_text()).expect("what was written can be read");
            assert_eq!(again, lock, "a lock file is written in another form");
        }
        Err(problems) => assert_shown(&problems, &sources),
    }
}

/// Reads an input as the files of a package in a registry, and as the manifest of an image.
pub(super) fn archive(input: &[u8], _: Allocated) {
    let manifest = "[package]\nname = \"web\"\nversion = \"1.0.0\"\n";
    let manifest = Manifest::parse(NAME, manifest).expect("a manifest");
    if let Ok(tree) = unpack(input) {
        for (path, _) in tree.files() {
            assert!(!path.starts_with('/') && !path.split('/').any(|part| matches!(part, "" | "." | "..")), "{path}");
        }
        let artifact = Artifact::new(&manifest, &tree, &[], "");
        assert_eq!(unpack(&artifact.blobs[1]).as_ref(), Ok(&tree), "a package is packed as it was unpacked");
        assert!(files_of(&artifact.manifest).is_ok(), "what was published can be read");
    }
    if let Err(problem) = files_of(input) {
        assert!(!problem.message.is_empty(), "a problem without a message");
    }
}
