//! `rtiler.lock`: the exact revision and the hash of each package.

use std::collections::BTreeMap;
use std::fmt::Write;

use semver::Version;

use super::digest::Digest;
use super::name::PackageName;
use super::reader::{Reader, Table, conflict_line};
use super::source::is_commit;
use super::tree::TreeHash;
use crate::diag::{Code, Diagnostic, WithOrigin, shell_word};

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
    /// Every mistake, at its line, with the commands that give a lock file which can be read.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let mut reader = Reader::new(Code::LockFile, file, text);
        let lock = reader.document().map(|document| Self::read(&mut reader, &document));
        let problems = match lock {
            Some(lock) if reader.problems.is_empty() => return Ok(lock),
            _ => reader.problems,
        };
        let remedy = remedy(file, text);
        Err(problems.into_iter().map(|problem| problem.help(remedy.as_str())).collect())
    }

    fn read(reader: &mut Reader<'_>, document: &Table) -> Self {
        let format = reader.integer(document, "format");
        if format != Some(FORMAT) && reader.problems.is_empty() {
            let message = match format {
                None if document.is_empty() => "the lock file is empty".to_owned(),
                None => format!("the lock file has no `format = {FORMAT}`"),
                Some(other) => {
                    format!(
                        "the lock file has the format {other}, and this rtiler reads format {FORMAT}: a newer one wrote it"
                    )
                }
            };
            reader.report(document, &message);
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

/// Returns the commands that give a lock file which can be read.
fn remedy(file: &str, text: &str) -> String {
    let file = shell_word(file);
    if conflict_line(text).is_some() {
        return format!(
            "merge `rtiler.toml` first; then take one side with `git checkout --ours -- {file}`, and `rtiler check .` locks what is missing"
        );
    }
    format!("restore it with `git checkout -- {file}`, or lock the packages again with `rm {file} && rtiler check .`")
}

/// Checks that a source can have the revision that is locked for it: a commit of git, a digest of a registry, none for a folder.
fn check_revision(
    reader: &mut Reader<'_>,
    table: &Table,
    source: &WithOrigin<String>,
    revision: Option<&WithOrigin<String>>,
) {
    let wrong = |text: &str| -> Option<&'static str> {
        if source.value.starts_with("git+") {
            (!is_commit(text)).then_some("is not the hash of a commit: 40 hexadecimal digits")
        } else {
            Digest::parse(text).is_none().then_some("is not a digest: `sha256:` with 64 hexadecimal digits")
        }
    };
    let is_remote = source.value.starts_with("git+") || source.value.starts_with("oci://");
    match revision {
        _ if !is_remote && !source.value.starts_with("path+") => {
            let result = Err(format!("`{}` is not a source: it begins with `git+`, `oci://` or `path+`", source.value));
            reader.checked::<()>(source, result);
        }
        Some(text) if is_remote => {
            if let Some(why) = wrong(&text.value) {
                reader.checked::<()>(text, Err(format!("the revision `{}` {why}", text.value)));
            }
        }
        None if is_remote => reader.report(table, &format!("the package from `{}` has no `revision`", source.value)),
        Some(text) => _ = reader.checked::<()>(text, Err("a package in a folder has no revision".to_owned())),
        None => {}
    }
}

fn package(reader: &mut Reader<'_>, table: &Table) -> Option<(PackageName, LockedPackage)> {
    reader.check_keys(table, &PACKAGE_KEYS);
    let [name, version, source, hash] =
        ["name", "version", "source", "hash"].map(|key| reader.required(table, key, &format!("{key} = \"..\"")));
    let [reference, revision] = ["reference", "revision"].map(|key| reader.string(table, key));
    let dependencies = reader.strings(table, "dependencies");
    if let Some(source) = &source {
        check_revision(reader, table, source, revision.as_ref());
    }
    let package = LockedPackage {
        version: reader.parsed(&version?, |text| Version::parse(text).map_err(|_| "is not a version"))?,
        source: source?.value,
        reference: reference.map(|text| text.value),
        revision: revision.map(|text| text.value),
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
            (name("web"), package("git+https://github.com/acme/stacks//web", Some(&"c0ffee12".repeat(5)), &["net"])),
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
            ("format = 1", "format = 2", "has the format 2, and this rtiler reads format 1"),
            ("format = 1", "", "has no `format = 1`"),
            ("c0ffee12c0", "c0ffee12", "is not the hash of a commit"),
            ("git+https", "https", "is not a source"),
            ("git+https", "oci", "is not a digest"),
            ("name = \"web\"", "name = \"net\"", "`net` is locked twice"),
            ("name = \"web\"", "name = \"../web\"", "does not begin with a lower-case letter"),
            ("hash", "hsah", "has no key `hsah`"),
            ("\n[[package]]", "\n<<<<<<< HEAD\n[[package]]", "has a conflict of a merge"),
        ] {
            let problems = Lock::parse("rtiler.lock", &text.replace(from, to)).expect_err("a mistake");
            assert!(problems.iter().any(|problem| problem.message.contains(message)), "{message}: {problems:#?}");
            let hints = |problem: &Diagnostic| problem.hints.iter().any(|hint| hint.contains("git checkout"));
            assert!(problems.iter().all(hints), "{message}: {problems:#?}");
        }
    }

    #[test]
    fn empty_lock_file_and_conflict_have_commands_that_help() {
        let hints = |text: &str| -> (String, String) {
            let problem = Lock::parse("my shop/rtiler.lock", text).expect_err("a mistake").remove(0);
            (problem.message, format!("{:?}", problem.hints))
        };
        let (message, hint) = hints("");
        assert_eq!(message, "the lock file is empty");
        assert!(hint.contains("rm 'my shop/rtiler.lock' && rtiler check ."), "{hint}");
        let (message, hint) = hints("format = 1\n<<<<<<< HEAD\n=======\n>>>>>>> other\n");
        assert!(message.ends_with("has a conflict of a merge"), "{message}");
        assert!(hint.contains("git checkout --ours -- 'my shop/rtiler.lock'"), "{hint}");
    }

    #[test]
    fn package_in_a_folder_has_no_revision() {
        let text = lock().to_text().replace("source = \"path", "revision = \"1\"\nsource = \"path");
        let text = if text.contains("revision = \"1\"") {
            text
        } else {
            text.replace("source = 'path", "revision = \"1\"\nsource = 'path")
        };
        let problems = Lock::parse("rtiler.lock", &text).expect_err("a mistake");
        assert_eq!(problems[0].message, "a package in a folder has no revision");
    }
}
