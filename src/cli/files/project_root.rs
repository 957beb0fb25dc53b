//! The folder of a project.

use std::path::{Component, Path, PathBuf};

use crate::package::{MANIFEST, VENDOR_FOLDER};

/// Returns the nearest folder with `rtiler.toml`, from a folder upwards. A folder with `.git` is the last one that is looked at: the
/// manifest above another repository is not its own.
pub(crate) fn project_root(folder: &Path) -> Option<&Path> {
    for folder in folder.ancestors() {
        if folder.join(MANIFEST).is_file() && !is_vendored(folder) {
            return Some(folder);
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// Returns whether a folder is the copy of a package in `vendor/` of a project.
fn is_vendored(folder: &Path) -> bool {
    let vendor = folder.parent().filter(|parent| parent.file_name().is_some_and(|name| name == VENDOR_FOLDER));
    vendor.is_some_and(|vendor| vendor.with_file_name(MANIFEST).is_file())
}

/// Returns the folder of the project that the working directory is in, as a path from there; the working directory itself if it is
/// in none.
pub(super) fn working_project() -> PathBuf {
    let Ok(working) = std::env::current_dir().and_then(|working| working.canonicalize()) else { return PathBuf::new() };
    project_root(&working).map_or_else(PathBuf::new, |root| relative_to(&working, root))
}

/// Returns the path of a folder from the working directory; empty for the working directory itself.
pub(crate) fn from_working_directory(folder: &Path) -> PathBuf {
    let working = std::env::current_dir().and_then(|working| working.canonicalize()).unwrap_or_default();
    relative_to(&working, folder)
}

/// Returns the path of a folder from another one; both are canonical.
pub(crate) fn relative_to(base: &Path, folder: &Path) -> PathBuf {
    let shared = base.components().zip(folder.components()).take_while(|(one, other)| one == other).count();
    // Only the root is shared: a path from the root is shorter.
    if shared < 2 {
        return folder.to_owned();
    }
    let up = base.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(folder.components().skip(shared)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_of_a_folder_is_relative_to_the_working_directory() {
        let path = |base: &str, folder: &str| relative_to(Path::new(base), Path::new(folder)).display().to_string();
        assert_eq!(path("/home/a/shop", "/home/a/shop"), "");
        assert_eq!(path("/home/a/shop/scripts/lib", "/home/a/shop"), "../..");
        assert_eq!(path("/home/a", "/home/a/shop"), "shop");
        assert_eq!(path("/home/a", "/srv/shop"), "/srv/shop");
    }
}
