//! `rtiler.lock`: the exact revision and the hash of each package.

use std::collections::BTreeMap;
use std::fmt::Write;

use semver::Version;

use super::name::PackageName;
use super::reader::{Reader, Table};
use super::tree::TreeHash;
use crate::diag::{Code, Diagnostic};

/// The name of the file.
pub const LOCK_FILE: &str = "rtiler.lock";

/// The version of the format that this rtiler writes.
const FORMAT: i64 = 1;

const KEYS: [&str; 2] = ["format", "package"];
const PACKAGE_KEYS: [&str; 7] = ["name", "version", "source", "reference", "revision", "hash", "dependencies"];

/// The packages of a project as they were resolved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// The packages by their names.
    pub packages: BTreeMap<PackageName, LockedPackage>,
}

/// A package as it was resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedPackage {
    /// The version in its manifest.
    pub version: Version,
    /// Its source as text.
    pub source: String,
    /// The branch or tag that the manifest names; none for a version, a commit or a folder.
    pub reference: Option<String>,
    /// The commit, or the digest of the manifest in the registry; none for a folder.
    pub revision: Option<String>,
    /// The hash of its files.
    pub hash: TreeHash,
    /// The packages that it imports.
    pub dependencies: Vec<PackageName>,
}

impl Lock {
    /// Parses a lock file. `file` is its path as users know it.
    ///
    /// # Errors
    ///
    /// Every mistake, at its line.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let mut reader = Reader::new(Code::LockFile, file, text);
        let lock = reader.document().map(|document| Self::read(&mut reader, &document));
        match lock {
            Some(lock) if reader.problems.is_empty() => Ok(lock),
            _ => Err(reader.problems),
        }
    }

    fn read(reader: &mut Reader<'_>, document: &Table) -> Self {
        let format = reader.integer(document, "format");
        if format != Some(FORMAT) && reader.problems.is_empty() {
            let message =
                "the lock file has no `format` that this rtiler knows: it was written by a newer one, or by hand";
            reader.report(document, message);
            return Self::default();
        }
        reader.check_keys(document, &KEYS);
        let mut lock = Self::default();
        for table in reader.array(document, "package") {
            if let Some((name, package)) = package(reader, &table)
                && lock.packages.insert(name.clone(), package).is_some()
            {
                reader.report(&table, &format!("the package `{name}` is locked twice"));
            }
        }
        lock
    }

    /// Returns the text of the lock file.
    pub fn to_text(&self) -> String {
        let mut text =
            format!("# Written by rtiler. Commit this file; `rtiler update` changes it.\nformat = {FORMAT}\n");
        for (name, package) in &self.packages {
            let _ = write!(text, "\n[[package]]\nname = \"{name}\"\nversion = \"{}\"\n", package.version);
            let _ = writeln!(text, "source = {}", quoted(&package.source));
            if let Some(reference) = &package.reference {
                let _ = writeln!(text, "reference = {}", quoted(reference));
            }
            if let Some(revision) = &package.revision {
                let _ = writeln!(text, "revision = \"{revision}\"");
            }
            let _ = writeln!(text, "hash = \"{}\"", package.hash);
            if !package.dependencies.is_empty() {
                let names: Vec<String> = package.dependencies.iter().map(|name| format!("\"{name}\"")).collect();
                let _ = writeln!(text, "dependencies = [{}]", names.join(", "));
            }
        }
        text
    }
}

/// Returns a text as TOML has it: a path may have quotes.
fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

fn package(reader: &mut Reader<'_>, table: &Table) -> Option<(PackageName, LockedPackage)> {
    reader.check_keys(table, &PACKAGE_KEYS);
    let [name, version, source, hash] =
        ["name", "version", "source", "hash"].map(|key| reader.required(table, key, &format!("{key} = \"..\"")));
    let [reference, revision] = ["reference", "revision"].map(|key| reader.string(table, key).map(|text| text.value));
    let dependencies = reader.strings(table, "dependencies");
    let package = LockedPackage {
        version: reader.parsed(&version?, |text| Version::parse(text).map_err(|_| "is not a version"))?,
        source: source?.value,
        reference,
        revision,
        hash: reader.parsed(&hash?, TreeHash::parse)?,
        dependencies: dependencies.iter().filter_map(|text| reader.parsed(text, PackageName::parse)).collect(),
    };
    Some((reader.parsed(&name?, PackageName::parse)?, package))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock() -> Lock {
        let name = |text: &str| PackageName::parse(text).expect("a name");
        let package = |source: &str, revision: Option<&str>, dependencies: &[&str]| LockedPackage {
            version: Version::new(1, 2, 0),
            source: source.to_owned(),
            reference: revision.map(|_| "main".to_owned()),
            revision: revision.map(str::to_owned),
            hash: TreeHash::parse(&format!("sha256:{}", "0a".repeat(32))).expect("a hash"),
            dependencies: dependencies.iter().map(|text| name(text)).collect(),
        };
        let packages = [
            (name("web"), package("git+https://github.com/acme/stacks//web", Some("c0ffee"), &["net"])),
            (name("net"), package("path+../the \"net\"", None, &[])),
        ];
        Lock { packages: packages.into_iter().collect() }
    }

    #[test]
    fn lock_file_is_read_as_it_was_written() {
        let text = lock().to_text();
        assert_eq!(Lock::parse("rtiler.lock", &text).expect("a lock file"), lock());
        assert!(
            text.find("\"net\"").unwrap_or(0) < text.find("\"web\"").unwrap_or(0),
            "the order is that of the names"
        );
    }

    #[test]
    fn damaged_lock_file_is_an_error_at_its_line() {
        let text = lock().to_text();
        for (from, to, message) in [
            ("sha256:", "md5:", "is not `sha256:` with 64 hexadecimal digits"),
            ("format = 1", "format = 2", "no `format` that this rtiler knows"),
            ("name = \"web\"", "name = \"net\"", "`net` is locked twice"),
            ("name = \"web\"", "name = \"../web\"", "does not begin with a lower-case letter"),
            ("hash", "hsah", "has no key `hsah`"),
            ("\n[[package]]", "\n<<<<<<< HEAD\n[[package]]", "is not valid TOML"),
        ] {
            let problems = Lock::parse("rtiler.lock", &text.replace(from, to)).expect_err("a mistake");
            assert!(problems.iter().any(|problem| problem.message.contains(message)), "{message}: {problems:#?}");
        }
    }
}
