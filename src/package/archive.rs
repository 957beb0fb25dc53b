//! The files of a package as one tar file, whose bytes depend on nothing but the files.

use std::io::Read;

use tar::{Archive, Builder, EntryType, Header};

use super::tree::FileTree;
use crate::diag::{Code, Diagnostic};

/// The maximum size of an archive in bytes: the files of a package, a header for each, and the padding.
pub(super) const MAX_ARCHIVE: usize = 20 << 20;

/// Returns the tar file: in the order of the paths, each file with the same owner, mode and time. It is not compressed: the
/// output of a compressor depends on its version, and an archive without one cannot be larger than it looks.
pub(super) fn pack(tree: &FileTree) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (path, content) in tree.files() {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        header.set_size(content.len() as u64);
        builder.append_data(&mut header, path, content).expect("a tar file in memory can be written");
    }
    builder.into_inner().expect("a tar file in memory can be written")
}

/// Returns the files of a tar file.
///
/// # Errors
///
/// The entry that a package cannot have: a link, a device, a path that leaves the package, more or larger files than a package
/// may have; a file that is not a tar file.
pub fn unpack(archive: &[u8]) -> Result<FileTree, Diagnostic> {
    if archive.len() > MAX_ARCHIVE {
        return Err(refused(&format!("the archive is larger than {} MiB", MAX_ARCHIVE >> 20)));
    }
    let damaged = |error: std::io::Error| refused(&format!("the archive cannot be read: {error}"));
    let mut tree = FileTree::default();
    let mut archive = Archive::new(archive);
    for entry in archive.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        let path = String::from_utf8(entry.path_bytes().into_owned())
            .map_err(|_| refused("the archive has a path that is not UTF-8"))?;
        let kind = match entry.header().entry_type() {
            EntryType::Regular => None,
            EntryType::Directory => continue,
            EntryType::Symlink | EntryType::Link => Some("a link"),
            EntryType::Char | EntryType::Block => Some("a device"),
            EntryType::Fifo => Some("a pipe"),
            EntryType::GNUSparse => Some("a sparse file"),
            _ => Some("not a file"),
        };
        if let Some(kind) = kind {
            return Err(refused(&format!("`{path}` is {kind}: a package has regular files only")));
        }
        let mut content = Vec::new();
        entry.by_ref().take(MAX_ARCHIVE as u64).read_to_end(&mut content).map_err(damaged)?;
        if content.len() as u64 != entry.size() {
            return Err(refused(&format!("`{path}` ends early in the archive")));
        }
        tree.add(&path, content)?;
    }
    if tree.files().next().is_none() {
        return Err(refused("the archive has no files"));
    }
    Ok(tree)
}

fn refused(message: &str) -> Diagnostic {
    Diagnostic::new(Code::PackageContent, message)
}

#[cfg(test)]
mod tests {
    use super::super::digest::Digest;
    use super::*;

    /// The size of the blocks of a tar file, and of a header.
    const BLOCK: usize = 512;

    fn tree(files: &[(&str, &str)]) -> FileTree {
        let mut tree = FileTree::default();
        for (path, content) in files {
            tree.add(path, content.as_bytes().to_vec()).expect("a file");
        }
        tree
    }

    /// Returns a tar file with one entry, as a program without scruples writes it.
    fn hostile(kind: EntryType, path: &[u8], link: &[u8], content: &[u8], size: u64) -> Vec<u8> {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_mode(0o644);
        header.as_mut_bytes()[..path.len()].copy_from_slice(path);
        header.as_mut_bytes()[157..157 + link.len()].copy_from_slice(link);
        header.set_cksum();
        let mut bytes = header.as_bytes().to_vec();
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len().next_multiple_of(BLOCK) + 2 * BLOCK, 0);
        bytes
    }

    fn message(archive: &[u8]) -> String {
        unpack(archive).err().map_or_else(String::new, |problem| problem.message)
    }

    #[test]
    fn files_are_unpacked_as_they_were_packed() {
        let long = format!("{}/{}.rhai", "lib".repeat(30), "name".repeat(25));
        let tree =
            tree(&[("rtiler.toml", "x"), ("lib/web.rhai", "fn web() {}\r\n"), (&long, ""), ("a b.txt", "\u{e9}")]);
        assert_eq!(unpack(&pack(&tree)).expect("the files"), tree);
    }

    #[test]
    fn same_files_give_the_same_digest_in_every_version() {
        let one = pack(&tree(&[("a", "1"), ("b/c", "2")]));
        let other = pack(&tree(&[("b/c", "2"), ("a", "1")]));
        assert_eq!(one, other);
        // A changed digest would make packages differ that were published from the same files.
        let expected = "sha256:3f6a4a3c7e58febec625f8a28d9ab2719444016221dfbd4e7646aeeddd8dbe2c";
        assert_eq!(Digest::of(&one).as_str(), expected);
    }

    #[test]
    fn entry_that_is_not_a_regular_file_is_refused() {
        for (kind, expected) in [
            (EntryType::Symlink, "`web` is a link"),
            (EntryType::Link, "`web` is a link"),
            (EntryType::Char, "`web` is a device"),
            (EntryType::Block, "`web` is a device"),
            (EntryType::Fifo, "`web` is a pipe"),
            (EntryType::Continuous, "`web` is not a file"),
        ] {
            let archive = hostile(kind, b"web", b"/etc/passwd", b"", 0);
            assert!(message(&archive).starts_with(expected), "{kind:?}: {}", message(&archive));
        }
    }

    #[test]
    fn path_that_leaves_the_package_is_refused() {
        let paths: [&[u8]; 9] =
            [b"/etc/passwd", b"../up", b"a/../../up", b"./a", b".git/hooks/x", b"a\\b", b"nul.rhai", b"a//b", b"c:x"];
        for path in paths {
            let archive = hostile(EntryType::Regular, path, b"", b"x", 1);
            assert!(unpack(&archive).is_err(), "{}", String::from_utf8_lossy(path));
        }
        assert!(message(&hostile(EntryType::Regular, b"\xff\xfe", b"", b"x", 1)).contains("not UTF-8"));
        let mut twice = hostile(EntryType::Regular, b"A", b"", b"x", 1);
        twice.truncate(2 * BLOCK);
        twice.extend(hostile(EntryType::Regular, b"a", b"", b"y", 1));
        assert!(message(&twice).contains("`a` is the same file as `A`"), "{}", message(&twice));
    }

    #[test]
    fn size_that_is_not_true_is_refused() {
        assert!(message(&hostile(EntryType::Regular, b"bomb", b"", b"x", 1 << 40)).contains("ends early"));
        assert!(message(&vec![0; MAX_ARCHIVE + 1]).contains("larger than 20 MiB"));
        assert!(message(&[0; 1024]).contains("no files"));
        assert!(
            message(b"not a tar file").contains("cannot be read") || message(b"not a tar file").contains("no files")
        );
        assert!(message(&[1; 2048]).contains("cannot be read"));
    }
}
