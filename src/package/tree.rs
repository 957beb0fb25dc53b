//! The files of a package, and the hash of them.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::manifest::MANIFEST;
use crate::diag::{Code, Diagnostic};

/// The maximum number of files of a package.
pub const MAX_FILES: usize = 1_000;
/// The maximum size of all files in bytes.
const MAX_BYTES: usize = 16 << 20;
/// The maximum length of a path in bytes.
const MAX_PATH: usize = 200;

/// The files of a package by their paths, which are relative and have `/` between their parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileTree {
    files: BTreeMap<String, Vec<u8>>,
    /// The paths of files and folders in lower case, each with the path and its kind.
    folded: HashMap<String, (String, PathKind)>,
    bytes: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PathKind {
    File,
    Folder,
}

/// The SHA-256 of a listing of all files: for each, in the order of the bytes of its path, the SHA-256 of its content in
/// hexadecimal digits, two spaces, the path and a line feed, as `sha256sum` prints it. Modes, times and transports have no
/// part in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeHash(String);

impl FileTree {
    /// Adds a file.
    ///
    /// # Errors
    ///
    /// The reason why a package cannot have the file: a path that leaves its folder, that another system reads differently, or
    /// that is another file's in other case; too many or too large files; a pointer of Git LFS.
    pub fn add(&mut self, path: &str, content: Vec<u8>) -> Result<(), Diagnostic> {
        if let Err(why) = check_path(path) {
            return Err(refused(path, why));
        }
        for (end, _) in path.match_indices('/') {
            self.note(&path[..end], PathKind::Folder)?;
        }
        self.note(path, PathKind::File)?;
        if content.starts_with(b"version https://git-lfs.github.com/spec/") {
            return Err(refused(path, "is a pointer of Git LFS, without its content"));
        }
        self.bytes += content.len();
        if self.files.len() >= MAX_FILES {
            return Err(refused(path, &format!("is more than file number {MAX_FILES} of the package")));
        }
        if self.bytes > MAX_BYTES {
            return Err(refused(path, &format!("makes the package larger than {} MiB", MAX_BYTES >> 20)));
        }
        self.files.insert(path.to_owned(), content);
        Ok(())
    }

    /// Notes the path of a file or folder, which no other one may have in any case.
    fn note(&mut self, path: &str, kind: PathKind) -> Result<(), Diagnostic> {
        let Some((other, known)) = self.folded.get(&path.to_ascii_lowercase()) else {
            self.folded.insert(path.to_ascii_lowercase(), (path.to_owned(), kind));
            return Ok(());
        };
        match (other == path, *known, kind) {
            (true, PathKind::Folder, PathKind::Folder) => Ok(()),
            (true, PathKind::File, PathKind::File) => Err(refused(path, "is in the package twice")),
            (true, ..) => Err(refused(path, "is a file and a folder of the package")),
            (false, ..) => Err(refused(path, &format!("is the same file as `{other}` on some systems"))),
        }
    }

    /// Returns the files with their contents, in the order of their paths.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, content)| (path.as_str(), content.as_slice()))
    }

    /// Returns the content of a file as text.
    pub fn text(&self, path: &str) -> Option<&str> {
        std::str::from_utf8(self.files.get(path)?).ok()
    }

    /// Returns the text of the manifest.
    pub fn manifest(&self) -> Option<&str> {
        self.text(MANIFEST)
    }

    /// Returns the listing of the files; see [`TreeHash`].
    pub fn listing(&self) -> String {
        let mut listing = String::new();
        for (path, content) in self.files() {
            let _ = writeln!(listing, "{}  {path}", hex(content));
        }
        listing
    }

    /// Returns the hash of the files.
    pub fn hash(&self) -> TreeHash {
        TreeHash::of_listing(&self.listing())
    }
}

/// Checks a path of a file in a package.
fn check_path(path: &str) -> Result<(), &'static str> {
    if path.len() > MAX_PATH {
        return Err("has a path of more than 200 bytes");
    }
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '+' | ' ' | '@');
    if !path.chars().all(is_allowed) {
        return Err("has a path with other characters than ASCII letters, digits, blanks and `-_.+@`");
    }
    for part in path.split('/') {
        let stem = part.split('.').next().unwrap_or_default().to_ascii_lowercase();
        // Windows ignores dots and blanks at the end, and opens devices by these names.
        let is_device = matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
            || ((stem.starts_with("com") || stem.starts_with("lpt")) && stem.len() == 4);
        if part.is_empty() || part == "." || part == ".." {
            return Err("has a path that leaves its folder or has an empty part");
        }
        if part.ends_with(['.', ' ']) || part.starts_with(' ') || is_device || part.eq_ignore_ascii_case(".git") {
            return Err("has a path that is special on some systems");
        }
    }
    Ok(())
}

fn refused(path: &str, why: &str) -> Diagnostic {
    Diagnostic::new(Code::PackageContent, format!("`{path}` {why}"))
}

fn hex(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl TreeHash {
    /// Parses `sha256:` with 64 hexadecimal digits.
    ///
    /// # Errors
    ///
    /// The reason, as the end of a sentence that begins with the text.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let digits = text.strip_prefix("sha256:").unwrap_or_default();
        let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        if digits.len() == 64 && digits.chars().all(is_digit) {
            Ok(Self(text.to_owned()))
        } else {
            Err("is not `sha256:` with 64 hexadecimal digits")
        }
    }

    pub(super) fn of_listing(listing: &str) -> Self {
        Self(format!("sha256:{}", hex(listing.as_bytes())))
    }
}

impl fmt::Display for TreeHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> FileTree {
        let mut tree = FileTree::default();
        for (path, content) in files {
            tree.add(path, content.as_bytes().to_vec()).unwrap_or_else(|problem| panic!("{}", problem.message));
        }
        tree
    }

    #[test]
    fn hash_is_that_of_sha256sum_and_ignores_the_order() {
        // printf '%s' a > a; printf '%s' b > lib/b; sha256sum a lib/b | sha256sum
        let expected = "sha256:b374521e2aae858c3690527f6b51cd662344126f32b7e1d14c22fbc4486c408f";
        let one = tree(&[("a", "a"), ("lib/b", "b")]);
        assert_eq!(one.hash().to_string(), expected);
        assert_eq!(one.hash(), tree(&[("lib/b", "b"), ("a", "a")]).hash());
        assert_ne!(one.hash(), tree(&[("a", "b"), ("lib/b", "a")]).hash());
    }

    #[test]
    fn path_that_escapes_or_collides_is_refused() {
        for path in [
            "",
            "/etc/passwd",
            "../a",
            "a/../b",
            "a//b",
            "./a",
            "a\\b",
            "a\0b",
            "NUL",
            "con.rhai",
            "lpt1.txt",
            "a.",
            "a ",
            ".git/config",
            "A/.GIT/x",
            "caf\u{e9}",
            "a\u{200b}b",
            "a:b",
            "lib/COM1",
        ] {
            assert!(FileTree::default().add(path, Vec::new()).is_err(), "{path:?}");
        }
        let mut tree = tree(&[("lib/Web.rhai", "")]);
        assert!(tree.add("lib/web.rhai", Vec::new()).is_err());
        assert!(tree.add("data.bin", b"version https://git-lfs.github.com/spec/v1\noid x".to_vec()).is_err());
    }

    #[test]
    fn package_with_too_many_or_too_large_files_is_refused() {
        let mut tree = FileTree::default();
        for number in 0..MAX_FILES {
            tree.add(&format!("{number}"), Vec::new()).expect("a file");
        }
        assert!(tree.add("one-more", Vec::new()).is_err());
        assert!(FileTree::default().add("large", vec![0; MAX_BYTES + 1]).is_err());
    }

    #[test]
    fn path_that_another_file_or_folder_has_is_refused() {
        for (first, second) in [
            ("lib/web.rhai", "lib/web.rhai"),
            ("lib", "lib/web.rhai"),
            ("lib/web.rhai", "lib"),
            ("lib/a.rhai", "Lib/b.rhai"),
            ("lib/a.rhai", "LIB"),
            ("a/b/c/d", "a/B/c/e"),
        ] {
            assert!(tree(&[(first, "")]).add(second, Vec::new()).is_err(), "{first} {second}");
        }
        assert_eq!(tree(&[("a/b/c", ""), ("a/b/d", ""), ("a/e", "")]).files().count(), 3);
    }
}
