use sha2::{Digest as _, Sha256};

/// A file, link or folder of a build context.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContextEntry {
    /// The path below the folder, with `/` between its parts.
    pub path: String,
    /// Its kind, with its content.
    pub kind: EntryKind,
}

/// The kind of an entry of a build context, with its content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A folder.
    Folder,
    /// A file.
    File {
        /// The digest of its content.
        digest: String,
        /// Whether its owner may execute it.
        is_executable: bool,
    },
    /// A link, which is not followed.
    Link {
        /// The path that it leads to.
        to: String,
    },
}

/// The digest of a build context. The order in which entries are added does not matter.
#[derive(Debug, Default)]
pub struct ContextHash {
    entries: Vec<ContextEntry>,
}

impl ContextHash {
    /// Adds an entry.
    pub fn add(&mut self, entry: ContextEntry) {
        self.entries.push(entry);
    }

    /// Returns the digest of the entries and of the Dockerfile.
    pub fn finish(mut self, dockerfile: &str) -> String {
        self.entries.sort();
        let mut hash = FieldHash::default();
        hash.put("rtiler context 1");
        hash.put(dockerfile);
        for entry in &self.entries {
            let (kind, content) = match &entry.kind {
                EntryKind::Folder => ("folder", ""),
                EntryKind::File { digest, is_executable: false } => ("file", digest.as_str()),
                EntryKind::File { digest, is_executable: true } => ("program", digest.as_str()),
                EntryKind::Link { to } => ("link", to.as_str()),
            };
            [kind, &entry.path, content].into_iter().for_each(|text| hash.put(text));
        }
        hash.finish()
    }
}

/// A digest of texts, each with its length: two lists of texts that are the same when they are joined have different digests.
#[derive(Default)]
pub(super) struct FieldHash(Sha256);

impl FieldHash {
    /// Adds a text.
    pub(super) fn put(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
    }

    /// Returns the digest in hexadecimal digits.
    pub(super) fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

/// Returns bytes as hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the digest of a text.
pub fn digest_of_text(text: &str) -> String {
    hex(&Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, content: &str, is_executable: bool) -> ContextEntry {
        ContextEntry { path: path.to_owned(), kind: EntryKind::File { digest: digest_of_text(content), is_executable } }
    }

    fn hash(entries: &[ContextEntry], dockerfile: &str) -> String {
        let mut hash = ContextHash::default();
        entries.iter().cloned().for_each(|entry| hash.add(entry));
        hash.finish(dockerfile)
    }

    #[test]
    fn order_of_entries_does_not_matter() {
        let (one, other) = (file("a", "1", false), file("b/c", "2", false));
        assert_eq!(hash(&[one.clone(), other.clone()], "FROM scratch"), hash(&[other, one], "FROM scratch"));
    }

    #[test]
    fn path_content_executable_bit_kind_and_dockerfile_matter() {
        let link = ContextEntry { path: "a".to_owned(), kind: EntryKind::Link { to: digest_of_text("1") } };
        let folder = ContextEntry { path: "a".to_owned(), kind: EntryKind::Folder };
        let all = [
            hash(&[file("a", "1", false)], "FROM scratch"),
            hash(&[file("a", "2", false)], "FROM scratch"),
            hash(&[file("b", "1", false)], "FROM scratch"),
            hash(&[file("a", "1", true)], "FROM scratch"),
            hash(&[link], "FROM scratch"),
            hash(&[folder], "FROM scratch"),
            hash(&[file("a", "1", false)], "FROM busybox"),
            hash(&[], "FROM scratch"),
        ];
        let distinct: std::collections::BTreeSet<&String> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }
}
