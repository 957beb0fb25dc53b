//! The files of a folder that belong to the package in it.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::lock::LOCK_FILE;
use super::manifest::{MANIFEST, Manifest};
use super::tree::FileTree;
use crate::diag::{Code, Diagnostic};

/// The folder with the copies of other packages.
pub const VENDOR_FOLDER: &str = "vendor";

/// Chooses files by their paths, in the same way for each transport, so that a package has one hash.
pub struct Contents {
    /// The globs of `files`; none if every file belongs to the package.
    globs: Option<Gitignore>,
}

impl Contents {
    /// Creates the choice of a manifest: its `files`, which are read as lines of `.gitignore` are; without them every file.
    ///
    /// # Errors
    ///
    /// The glob that is not valid, at its line.
    pub fn of(manifest: &Manifest) -> Result<Self, Diagnostic> {
        if manifest.files.is_empty() {
            return Ok(Self { globs: None });
        }
        let mut builder = GitignoreBuilder::new("");
        for glob in &manifest.files {
            builder.add_line(None, &glob.value).map_err(|error| {
                Diagnostic::new(Code::Manifest, format!("`{}` is not a glob: {error}", glob.value)).at(&glob.origin, "")
            })?;
        }
        let built = builder.build();
        let globs = built.map_err(|error| Diagnostic::new(Code::Manifest, format!("`files` is not valid: {error}")))?;
        Ok(Self { globs: Some(globs) })
    }

    /// Returns whether a file belongs to the package. `rtiler.toml` always does. Hidden files, the lock file and the copies of
    /// other packages never do.
    pub fn has(&self, path: &str) -> bool {
        path == MANIFEST || (is_candidate(path) && self.globs.as_ref().is_none_or(|globs| is_matched(globs, path)))
    }

    /// Returns the files that belong to the package.
    ///
    /// # Errors
    ///
    /// None that the given files did not have.
    pub fn select(&self, tree: &FileTree) -> Result<FileTree, Diagnostic> {
        let mut selected = FileTree::default();
        for (path, content) in tree.files().filter(|(path, _)| self.has(path)) {
            selected.add(path, content.to_vec())?;
        }
        Ok(selected)
    }
}

/// Returns whether a file can belong to a package; for a folder, whether files in it can.
pub fn is_candidate(path: &str) -> bool {
    let is_hidden = path.split('/').any(|part| part.starts_with('.'));
    !is_hidden && path != LOCK_FILE && path.split('/').next() != Some(VENDOR_FOLDER)
}

fn is_matched(globs: &Gitignore, path: &str) -> bool {
    globs.matched_path_or_any_parents(path, false).is_ignore()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(files: &str) -> Vec<String> {
        let text = format!("[package]\nname = \"web\"\nversion = \"1.0.0\"\n{files}\n");
        let manifest = Manifest::parse("rtiler.toml", &text).unwrap_or_else(|problems| panic!("{problems:?}"));
        let mut tree = FileTree::default();
        for path in [
            ".github/ci.yml",
            ".gitignore",
            "README.md",
            "docs/a.md",
            "lib/net.rhai",
            "main.rhai",
            "rtiler.lock",
            "rtiler.toml",
            "tests/.hidden",
            "tests/a.rhai",
            "vendor/net/main.rhai",
        ] {
            tree.add(path, Vec::new()).expect("a file");
        }
        let contents = Contents::of(&manifest).unwrap_or_else(|problem| panic!("{problem:?}"));
        let selected = contents.select(&tree).expect("a selection");
        assert_eq!(contents.select(&selected).expect("a selection"), selected, "a selection is whole");
        selected.files().map(|(path, _)| path.to_owned()).collect()
    }

    #[test]
    fn hidden_files_lock_file_and_vendored_packages_are_left_out() {
        assert_eq!(chosen(""), ["README.md", "docs/a.md", "lib/net.rhai", "main.rhai", "rtiler.toml", "tests/a.rhai"]);
    }

    #[test]
    fn files_of_the_manifest_are_chosen_with_the_manifest_itself() {
        assert_eq!(chosen("files = [\"/*.rhai\", \"lib\"]"), ["lib/net.rhai", "main.rhai", "rtiler.toml"]);
        assert_eq!(chosen("files = [\"*.rhai\", \"!tests/**\"]"), ["lib/net.rhai", "main.rhai", "rtiler.toml"]);
        assert_eq!(chosen("files = [\".gitignore\", \"vendor/**\"]"), ["rtiler.toml"]);
    }

    #[test]
    fn glob_that_is_not_valid_is_an_error_at_its_line() {
        let text = "[package]\nname = \"web\"\nversion = \"1.0.0\"\nfiles = [\"a{b\"]\n";
        let manifest = Manifest::parse("rtiler.toml", text).expect("a manifest");
        let problem = Contents::of(&manifest).err().expect("a mistake");
        assert_eq!(problem.origin().map(|origin| origin.line), Some(4));
    }
}
