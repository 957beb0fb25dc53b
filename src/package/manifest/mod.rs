//! `rtiler.toml`: what a project or package is called, what it depends on, and what it may do.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use semver::{Version, VersionReq};

use super::name::PackageName;
use super::reader::{Reader, Table};
use super::requirement::Requirement;
use super::source::{PackageSource, Revision, check_reference};
use crate::diag::{Code, Diagnostic, WithOrigin};

/// The name of the file.
pub const MANIFEST: &str = "rtiler.toml";

/// A project or a package.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// Its name.
    pub name: PackageName,
    /// Its version.
    pub version: Version,
    /// Its purpose, in a sentence.
    pub description: Option<String>,
    /// Its licence, as an SPDX expression.
    pub licence: Option<String>,
    /// The versions of rtiler that it works with.
    pub rtiler: Option<WithOrigin<VersionReq>>,
    /// The script that `run` evaluates, or that `import` loads, relative to the manifest.
    pub entry: WithOrigin<String>,
    /// Globs of the files that `publish` packs, relative to the manifest.
    pub files: Vec<WithOrigin<String>>,
    /// Its dependencies.
    pub dependencies: BTreeMap<PackageName, WithOrigin<Dependency>>,
    /// The permissions that it needs from the project that uses it.
    pub requests: Grants,
    /// The permissions of its packages; only those of the root project count.
    pub permissions: BTreeMap<PackageName, WithOrigin<Grants>>,
    /// The functions that check each template, in order.
    pub policies: Vec<WithOrigin<PolicyFunction>>,
}

/// A package that another one imports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// Its source.
    pub source: PackageSource,
    /// The revision of it.
    pub revision: Revision,
}

/// The environment variables and files that scripts may read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants {
    /// Names of environment variables; `*` at the end matches any rest.
    pub env: Vec<String>,
    /// Files and folders, relative to the project.
    pub read: Vec<String>,
}

/// A function that checks templates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFunction {
    /// The script or package that has it, as an import names it.
    pub module: String,
    /// The name of the function.
    pub function: String,
}

impl Grants {
    /// Returns what these grants have that the others have not.
    #[must_use]
    pub fn without(&self, others: &Grants) -> Grants {
        let missing = |mine: &[String], theirs: &[String]| -> Vec<String> {
            mine.iter().filter(|name| !theirs.iter().any(|other| covers(other, name))).cloned().collect()
        };
        Grants { env: missing(&self.env, &others.env), read: missing(&self.read, &others.read) }
    }

    /// Returns whether nothing is granted.
    pub fn is_empty(&self) -> bool {
        self.env.is_empty() && self.read.is_empty()
    }
}

/// Returns whether a grant covers another one: it is the same, a prefix with `*`, or a folder around it.
fn covers(grant: &str, other: &str) -> bool {
    match grant.strip_suffix('*') {
        Some(prefix) => other.starts_with(prefix),
        None => {
            other == grant || other.strip_prefix(grant.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'))
        }
    }
}

const KEYS: [&str; 5] = ["package", "dependencies", "requests", "permissions", "policies"];
const PACKAGE_KEYS: [&str; 7] = ["name", "version", "description", "licence", "rtiler", "entry", "files"];
const DEPENDENCY_KEYS: [&str; 8] = ["git", "folder", "oci", "path", "version", "tag", "branch", "commit"];
const GRANT_KEYS: [&str; 2] = ["env", "read"];

impl Manifest {
    /// Parses a manifest. `file` is its path as users know it.
    ///
    /// # Errors
    ///
    /// Every mistake, at its line.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let mut reader = Reader::new(Code::Manifest, file, text);
        let manifest = reader.document().and_then(|document| Self::read(&mut reader, &document));
        match manifest {
            Some(manifest) if reader.problems.is_empty() => Ok(manifest),
            _ => Err(reader.problems),
        }
    }

    fn read(reader: &mut Reader<'_>, document: &Table) -> Option<Self> {
        reader.check_keys(document, &KEYS);
        let package = reader.table(document, "package");
        let dependencies = reader.tables(document, "dependencies", dependency);
        let requests = reader.table(document, "requests").map(|table| grants(reader, &table)).unwrap_or_default();
        let permissions = reader.tables(document, "permissions", |reader, table| Some(grants(reader, table)));
        let policies =
            reader.strings(document, "policies").into_iter().filter_map(|text| policy(reader, &text)).collect();
        let Some(package) = package else {
            reader.missing(document, "package", "name = \"web\"\nversion = \"0.1.0\"");
            return None;
        };
        reader.check_keys(&package, &PACKAGE_KEYS);
        let name = reader.required(&package, "name", "name = \"web\"");
        let name = name.and_then(|text| reader.parsed(&text, PackageName::parse));
        let version = reader.required(&package, "version", "version = \"0.1.0\"");
        let version = version.and_then(|text| reader.parsed(&text, version_of));
        let rtiler = reader.string(&package, "rtiler").and_then(|text| {
            let range =
                reader.parsed(&text, |text| VersionReq::parse(text).map_err(|_| "is not a range of versions"))?;
            Some(text.map(|_| range))
        });
        let entry = reader.string(&package, "entry");
        let entry =
            entry.map(|text| reader.parsed(&text, relative_path).map_or(text.clone(), |path| text.map(|_| path)));
        Some(Self {
            name: name?,
            version: version?,
            description: reader.string(&package, "description").map(|text| text.value),
            licence: reader.string(&package, "licence").map(|text| text.value),
            rtiler,
            entry: entry.unwrap_or_else(|| WithOrigin::default_value("main.rhai".to_owned())),
            files: reader.strings(&package, "files"),
            dependencies,
            requests,
            permissions,
            policies,
        })
    }
}

fn version_of(text: &str) -> Result<Version, &'static str> {
    Version::parse(text).map_err(|_| "is not a version of three numbers, such as 1.2.0")
}

/// Returns a path that stays below its folder, with `/` between its parts.
fn relative_path(text: &str) -> Result<String, &'static str> {
    let leaves = |part: &str| part == ".." || part.contains('\\') || part.contains(':');
    if text.is_empty() || text.starts_with('/') || text.split('/').any(leaves) {
        return Err("is not a path below the folder of `rtiler.toml`");
    }
    let parts: Vec<&str> = text.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.is_empty() { Err("names no file or folder below that of `rtiler.toml`") } else { Ok(parts.join("/")) }
}

fn dependency(reader: &mut Reader<'_>, table: &Table) -> Option<Dependency> {
    reader.check_keys(table, &DEPENDENCY_KEYS);
    let [git, folder, oci, path, version, tag, branch, commit] = DEPENDENCY_KEYS.map(|key| reader.string(table, key));
    let revisions = [&version, &tag, &branch, &commit].into_iter().flatten().count();
    let is_git = git.is_some();
    let source = match (git, oci, path) {
        (Some(url), None, None) => {
            let folder = folder.map_or(String::new(), |folder| folder.value);
            reader.checked(&url, PackageSource::git(&url.value, &folder))?
        }
        (None, Some(name), None) => {
            let (registry, repository) = name.value.split_once('/').unwrap_or((&name.value, ""));
            reader.checked(&name, PackageSource::oci(registry, repository))?
        }
        (None, None, Some(path)) => PackageSource::Path(path.value),
        _ => {
            reader.report(table, "a dependency has exactly one of `git`, `oci` and `path`");
            return None;
        }
    };
    let revision = match (&source, version, tag, branch, commit) {
        (PackageSource::Path(_), None, None, None, None) => Revision::Folder,
        (PackageSource::Path(_), ..) => {
            reader.report(table, "a dependency with `path` has no revision: it is what is in the folder");
            return None;
        }
        _ if revisions != 1 => {
            let keys = if is_git { "`version`, `tag`, `branch` and `commit`" } else { "`version`" };
            reader.report(table, &format!("the dependency needs exactly one of {keys}"));
            return None;
        }
        (_, Some(text), ..) => Revision::Version(reader.parsed(&text, Requirement::parse)?),
        (_, _, Some(name), ..) if is_git => Revision::Tag(reference(reader, &name)?),
        (_, _, _, Some(name), _) if is_git => Revision::Branch(reference(reader, &name)?),
        (.., Some(hash)) if is_git => Revision::Commit(reader.parsed(&hash, commit_hash)?),
        _ => {
            reader.report(table, "a package of a registry has a `version`");
            return None;
        }
    };
    Some(Dependency { source, revision })
}

fn reference(reader: &mut Reader<'_>, name: &WithOrigin<String>) -> Option<String> {
    reader.checked(name, check_reference(&name.value))?;
    Some(name.value.clone())
}

fn commit_hash(text: &str) -> Result<String, &'static str> {
    let is_hash = text.len() == 40 && text.chars().all(|c| c.is_ascii_hexdigit());
    if is_hash { Ok(text.to_lowercase()) } else { Err("is not the whole hash of a commit: 40 hexadecimal digits") }
}

fn grants(reader: &mut Reader<'_>, table: &Table) -> Grants {
    reader.check_keys(table, &GRANT_KEYS);
    let env = reader.strings(table, "env").into_iter().filter_map(|name| reader.parsed(&name, variable)).collect();
    let read =
        reader.strings(table, "read").into_iter().filter_map(|path| reader.parsed(&path, relative_path)).collect();
    Grants { env, read }
}

/// Returns the name of an environment variable, or the beginning of several with `*` after it.
fn variable(text: &str) -> Result<String, &'static str> {
    let name = text.strip_suffix('*').unwrap_or(text);
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if name.is_empty() {
        Err("grants every variable: name the beginning, such as `ACME_*`")
    } else if is_name {
        Ok(text.to_owned())
    } else {
        Err("is not the name of an environment variable")
    }
}

fn policy(reader: &mut Reader<'_>, text: &WithOrigin<String>) -> Option<WithOrigin<PolicyFunction>> {
    let found = reader.parsed(text, |text| {
        let (module, function) = text.rsplit_once("::").ok_or("is not `MODULE::FUNCTION`")?;
        let is_name = function.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && function.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if module.is_empty() || !is_name {
            Err("is not `MODULE::FUNCTION`")
        } else {
            Ok(PolicyFunction { module: module.to_owned(), function: function.to_owned() })
        }
    })?;
    Some(WithOrigin::new(found, text.origin.clone()))
}
