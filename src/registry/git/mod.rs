//! Packages in git repositories, read with the `git` of the machine.

#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use semver::Version;

use super::process::{Bounds, Finished, ProcessError, run};
use crate::diag::{Code, Diagnostic};
use crate::package::{FileTree, MAX_FILES, is_commit};

/// The time that one command of git may take.
const LONGEST: Duration = Duration::from_mins(2);
/// The largest output of one command in bytes: the files of a package, or the list of references.
const LARGEST: usize = 32 << 20;
/// The largest copy of a repository in bytes: a server may send data without an end.
const LARGEST_COPY: u64 = 2 << 30;

/// A repository that packages are read from. A bare copy of what was fetched stays in the cache.
pub struct GitRepository {
    url: String,
    copy: PathBuf,
    /// The commits of tags and branches, which are read once.
    references: OnceCell<BTreeMap<String, String>>,
}

/// The versions of a repository with their commits.
pub type Tags = BTreeMap<Version, String>;

impl GitRepository {
    /// Creates the repository of a URL; `copy` is the folder of its bare copy.
    pub fn new(url: &str, copy: &Path) -> Self {
        // Git runs in the folder of the cache.
        let copy = std::path::absolute(copy).unwrap_or_else(|_| copy.to_owned());
        Self { url: url.to_owned(), copy, references: OnceCell::new() }
    }

    /// Returns the versions that the repository has as tags: `web/v1.2.0` for the folder `web`, or `v1.2.0` if no tag names the
    /// folder.
    ///
    /// # Errors
    ///
    /// The reason why the repository cannot be read.
    pub fn versions(&self, folder: &str) -> Result<Tags, Diagnostic> {
        let references = self.references()?;
        let of = |prefix: &str| -> Tags {
            let version = |name: &str| {
                let name = name.strip_prefix("refs/tags/")?.strip_prefix(prefix)?;
                Version::parse(name.strip_prefix('v').unwrap_or(name)).ok()
            };
            references.iter().filter_map(|(name, commit)| Some((version(name)?, commit.clone()))).collect()
        };
        let own = if folder.is_empty() { Tags::new() } else { of(&format!("{folder}/")) };
        Ok(if own.is_empty() { of("") } else { own })
    }

    /// Returns the commit of a branch or tag.
    ///
    /// # Errors
    ///
    /// The reason why there is none.
    pub fn commit_of(&self, name: &str) -> Result<String, Diagnostic> {
        let references = self.references()?;
        let found = ["refs/tags/", "refs/heads/"].iter().find_map(|kind| references.get(&format!("{kind}{name}")));
        found.cloned().ok_or_else(|| {
            let message = format!("the repository `{}` has no branch or tag `{name}`", self.url);
            Diagnostic::new(Code::PackageFetch, message)
        })
    }

    /// Returns whether the repository has a tag.
    ///
    /// # Errors
    ///
    /// The reason why the repository cannot be read.
    pub fn has_tag(&self, name: &str) -> Result<bool, Diagnostic> {
        Ok(self.references()?.contains_key(&format!("refs/tags/{name}")))
    }

    /// Returns the commits of references by their names; of an annotated tag, the commit that it is on.
    fn references(&self) -> Result<&BTreeMap<String, String>, Diagnostic> {
        if let Some(known) = self.references.get() {
            return Ok(known);
        }
        let listing = self.git(None, &["ls-remote", "--quiet", "--tags", "--heads", "--", &self.url], Vec::new())?;
        let found = commits_of(&String::from_utf8_lossy(&listing));
        Ok(self.references.get_or_init(|| found))
    }

    /// Returns the files of a folder in a commit. Only regular files are allowed.
    ///
    /// # Errors
    ///
    /// The reason why the commit cannot be fetched, or the file that a package cannot have.
    pub fn files(&self, commit: &str, folder: &str) -> Result<FileTree, Diagnostic> {
        if !self.has(commit) {
            self.fetch(commit)?;
        }
        let place = if folder.is_empty() { commit.to_owned() } else { format!("{commit}:{folder}") };
        let listing = self.git(Some(&self.copy), &["ls-tree", "-r", "-z", "--full-tree", &place], Vec::new()).map_err(
            |problem| {
                if folder.is_empty() || problem.code == Code::PackageContent {
                    return problem;
                }
                let message = format!("`{}` has no folder `{folder}` in the commit {commit}", self.url);
                Diagnostic::new(Code::PackageFetch, message)
            },
        )?;
        let mut paths = Vec::new();
        let listing = String::from_utf8_lossy(&listing);
        for entry in listing.split('\0').filter(|entry| !entry.is_empty()) {
            paths.push(blob(entry)?);
            if paths.len() > MAX_FILES {
                let message = format!("`{}` has more than {MAX_FILES} files in the package", self.url);
                return Err(Diagnostic::new(Code::PackageContent, message));
            }
        }
        let wanted: String = paths.iter().map(|(object, _)| format!("{object}\n")).collect();
        let contents = self.git(Some(&self.copy), &["cat-file", "--batch"], wanted.into_bytes())?;
        let mut tree = FileTree::default();
        let mut rest = contents.as_slice();
        for (_, path) in &paths {
            let (content, after) = object(rest).ok_or_else(|| {
                Diagnostic::new(Code::PackageFetch, format!("git gave no content for `{path}` of `{}`", self.url))
            })?;
            tree.add(path, content.to_vec())?;
            rest = after;
        }
        Ok(tree)
    }

    /// Returns whether the copy has the commit.
    fn has(&self, commit: &str) -> bool {
        let object = format!("{commit}^{{commit}}");
        self.copy.exists() && self.git(Some(&self.copy), &["cat-file", "-e", &object], Vec::new()).is_ok()
    }

    /// Fetches a commit into the copy.
    fn fetch(&self, commit: &str) -> Result<(), Diagnostic> {
        let _lock = self.lock()?;
        let folder = self.copy.to_string_lossy().into_owned();
        self.git(None, &["init", "--quiet", "--bare", "--template=", "--", &folder], Vec::new())?;
        let fetch = |options: &[&str], wanted: &str| {
            let mut arguments = vec!["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-auto-gc"];
            arguments.extend(options);
            arguments.extend(["--", &self.url, wanted]);
            self.git(Some(&self.copy), &arguments, Vec::new())
        };
        // Not every server gives a commit by its hash.
        if fetch(&["--depth=1"], commit).is_err() {
            fetch(&[], "+refs/*:refs/remote/*")?;
        }
        if self.has(commit) {
            return Ok(());
        }
        Err(Diagnostic::new(Code::PackageFetch, format!("`{}` has no commit {commit}", self.url)))
    }

    /// Locks the copy, so that one process at a time fetches into it, and removes what a killed process left.
    fn lock(&self) -> Result<File, Diagnostic> {
        let failed = |error: std::io::Error| self.unusable(&error);
        self.folder()?;
        let file = File::create(self.copy.with_extension("lock")).map_err(failed)?;
        file.lock().map_err(failed)?;
        remove_left_files(&self.copy);
        Ok(file)
    }

    /// Creates the folder of the cache in which git runs.
    fn folder(&self) -> Result<&Path, Diagnostic> {
        let folder = self.copy.parent().unwrap_or(&self.copy);
        std::fs::create_dir_all(folder).map_err(|error| self.unusable(&error))?;
        Ok(folder)
    }

    fn unusable(&self, error: &std::io::Error) -> Diagnostic {
        let message = format!("the cache of `{}` cannot be used: {error}", self.url);
        Diagnostic::new(Code::PackageFetch, message).help("set `RTILER_CACHE` to a folder that can be written")
    }

    /// Runs git and returns what it printed. No configuration of the repository, no hook and no other transport is used. It runs in the
    /// cache, not in the project: the `.git/config` of a project that someone sent may name commands.
    fn git(&self, folder: Option<&Path>, arguments: &[&str], input: Vec<u8>) -> Result<Vec<u8>, Diagnostic> {
        let mut command = Command::new("git");
        for variable in
            ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_NAMESPACE"]
        {
            command.env_remove(variable);
        }
        let home = self.folder()?;
        command
            .current_dir(home)
            .env("GIT_CEILING_DIRECTORIES", home.parent().unwrap_or(home))
            .env("GIT_ALLOW_PROTOCOL", "https:http:ssh:git:file")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_LFS_SKIP_SMUDGE", "1")
            .env("LC_ALL", "C")
            .args(["-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", "-c", "gc.auto=0"])
            .args(["-c", "http.lowSpeedLimit=100", "-c", "http.lowSpeedTime=30", "-c", "http.followRedirects=initial"]);
        if let Some(folder) = folder {
            command.arg("--git-dir").arg(folder);
        }
        let bounds = Bounds { longest: LONGEST, largest: LARGEST, folder: Some((&self.copy, LARGEST_COPY)) };
        let result = run(command.args(arguments), input, &bounds);
        match result {
            Ok(Finished { status, stdout, .. }) if status.success() => Ok(stdout),
            Ok(Finished { stderr, status, .. }) => {
                let problem = Diagnostic::new(Code::PackageFetch, format!("git cannot read `{}`", self.url));
                let problem =
                    if status.code().is_none() { problem.note(format!("git was ended: {status}")) } else { problem };
                Err(stderr.lines().rev().take(5).collect::<Vec<_>>().into_iter().rev().fold(problem, Diagnostic::note))
            }
            Err(error) => Err(self.unfinished(&error)),
        }
    }

    fn unfinished(&self, error: &ProcessError) -> Diagnostic {
        let problem = |message: String| Diagnostic::new(Code::PackageFetch, message);
        match error {
            ProcessError::Missing => {
                problem("`git` is not installed, and packages of git repositories need it".to_owned())
                    .help("install git, or use a package of a registry: `rtiler add oci://registry/name:1.2`")
            }
            ProcessError::TimedOut(longest) => {
                problem(format!("git did not read `{}` within {} s", self.url, longest.as_secs()))
            }
            ProcessError::TooMuchOutput(largest) => {
                let message = format!("`{}` gives more than {} MiB", self.url, largest >> 20);
                Diagnostic::new(Code::PackageContent, message)
            }
            ProcessError::FolderTooLarge(largest) => {
                problem(format!("`{}` sends more than {} MiB", self.url, largest >> 20))
                    .help("move the package to a repository of its own, or publish it to a registry: `rtiler publish oci://registry/name`")
            }
            ProcessError::Other(why) => problem(format!("git cannot run: {why}")),
        }
    }
}

/// Returns the commits of references by their names, from the output of `git ls-remote`. The server is not trusted: a commit that is
/// not a hash could be an option of git.
fn commits_of(listing: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let lines = listing.lines().filter_map(|line| line.split_once('\t'));
    for (commit, name) in lines.filter(|(commit, _)| is_commit(commit)) {
        match name.strip_suffix("^{}") {
            Some(tag) => found.insert(tag.to_owned(), commit.to_owned()),
            None => Some(found.entry(name.to_owned()).or_insert_with(|| commit.to_owned()).clone()),
        };
    }
    found
}

/// Removes what a killed git left in its repository: its locks, and packs that it did not receive completely.
fn remove_left_files(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // `objects/pack/tmp_pack_..`; a branch may have such a name, too.
        let is_object = folder.ancestors().any(|folder| folder.ends_with("objects"));
        let is_left = Path::new(&name).extension().is_some_and(|extension| extension == "lock")
            || (is_object && name.starts_with("tmp_"));
        match entry.file_type() {
            Ok(kind) if kind.is_file() && is_left => drop(std::fs::remove_file(entry.path())),
            Ok(kind) if kind.is_dir() => remove_left_files(&entry.path()),
            _ => {}
        }
    }
}

/// Returns the object and path of an entry of `git ls-tree -z`: `MODE blob OBJECT\tPATH`.
fn blob(entry: &str) -> Result<(&str, &str), Diagnostic> {
    let (head, path) = entry.split_once('\t').unwrap_or((entry, ""));
    let mut head = head.split(' ');
    let (mode, _, object) = (head.next().unwrap_or(""), head.next(), head.next().unwrap_or(""));
    let kind = match mode {
        "100644" | "100755" | "100664" => return Ok((object, path)),
        "120000" => "a link",
        "160000" => "a submodule",
        _ => "not a file",
    };
    Err(Diagnostic::new(Code::PackageContent, format!("`{path}` is {kind}: a package has regular files only")))
}

/// Returns the first content of the output of `git cat-file --batch`, and the rest: `OBJECT blob SIZE\nCONTENT\n`.
fn object(output: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = output.iter().position(|byte| *byte == b'\n')?;
    let size: usize = std::str::from_utf8(&output[..end]).ok()?.rsplit(' ').next()?.parse().ok()?;
    let content = output.get(end + 1..(end + 1).checked_add(size)?)?;
    Some((content, output.get(end + 2 + size..)?))
}
