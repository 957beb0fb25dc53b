//! Packages in git repositories, read with the `git` of the machine.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use semver::Version;

use super::process::{Finished, ProcessError, run};
use crate::diag::{Code, Diagnostic};
use crate::package::FileTree;

/// The time that one command of git may take.
const LONGEST: Duration = Duration::from_mins(2);
/// The largest output of one command in bytes: the files of a package, or the list of references.
const LARGEST: usize = 32 << 20;

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
        Self { url: url.to_owned(), copy: copy.to_owned(), references: OnceCell::new() }
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
        let mut found = BTreeMap::new();
        for (commit, name) in String::from_utf8_lossy(&listing).lines().filter_map(|line| line.split_once('\t')) {
            match name.strip_suffix("^{}") {
                Some(tag) => found.insert(tag.to_owned(), commit.to_owned()),
                None => Some(found.entry(name.to_owned()).or_insert_with(|| commit.to_owned()).clone()),
            };
        }
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
        let listing =
            self.git(Some(&self.copy), &["ls-tree", "-r", "-z", "--full-tree", &place], Vec::new()).map_err(|_| {
                Diagnostic::new(
                    Code::PackageFetch,
                    format!("`{}` has no folder `{folder}` in the commit {commit}", self.url),
                )
            })?;
        let mut paths = Vec::new();
        let listing = String::from_utf8_lossy(&listing);
        for entry in listing.split('\0').filter(|entry| !entry.is_empty()) {
            paths.push(blob(entry)?);
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
        let failed = |error: std::io::Error| {
            let message = format!("the cache of `{}` cannot be used: {error}", self.url);
            Diagnostic::new(Code::PackageFetch, message).help("set `RTILER_CACHE` to a folder that can be written")
        };
        if let Some(folder) = self.copy.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let file = File::create(self.copy.with_extension("lock")).map_err(failed)?;
        file.lock().map_err(failed)?;
        for left in ["shallow.lock", "packed-refs.lock", "config.lock", "HEAD.lock"] {
            let _ = std::fs::remove_file(self.copy.join(left));
        }
        Ok(file)
    }

    /// Runs git and returns what it printed. No configuration of the repository, no hook and no other transport is used.
    fn git(&self, folder: Option<&Path>, arguments: &[&str], input: Vec<u8>) -> Result<Vec<u8>, Diagnostic> {
        let mut command = Command::new("git");
        for variable in
            ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_NAMESPACE"]
        {
            command.env_remove(variable);
        }
        command
            .env("GIT_ALLOW_PROTOCOL", "https:http:ssh:git:file")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_LFS_SKIP_SMUDGE", "1")
            .env("LC_ALL", "C")
            .args(["-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", "-c", "gc.auto=0"])
            .args(["-c", "http.lowSpeedLimit=100", "-c", "http.lowSpeedTime=30", "-c", "http.followRedirects=initial"]);
        if let Some(folder) = folder {
            command.arg("--git-dir").arg(folder);
        }
        let result = run(command.args(arguments), input, LONGEST, LARGEST);
        match result {
            Ok(Finished { status, stdout, .. }) if status.success() => Ok(stdout),
            Ok(Finished { stderr, .. }) => {
                let problem = Diagnostic::new(Code::PackageFetch, format!("git cannot read `{}`", self.url));
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
                problem(format!("`{}` gives more than {} MiB", self.url, largest >> 20))
            }
            ProcessError::Other(why) => problem(format!("git cannot run: {why}")),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A repository in a folder, with a bare copy next to it.
    struct Origin(tempfile::TempDir);

    impl Origin {
        fn new() -> Self {
            let origin = Self(tempfile::tempdir().expect("a folder"));
            origin.git(&["init", "-q", "-b", "main", "."]);
            origin.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
            origin
        }

        fn path(&self) -> PathBuf {
            self.0.path().join("repo")
        }

        fn git(&self, arguments: &[&str]) -> String {
            std::fs::create_dir_all(self.path()).expect("a folder");
            let output = Command::new("git")
                .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always"])
                .args(arguments)
                .current_dir(self.path())
                .output()
                .expect("git is installed");
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }

        /// Writes files, commits them and returns the commit.
        fn commit(&self, files: &[(&str, &str)]) -> String {
            for (path, text) in files {
                let path = self.path().join(path);
                std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                std::fs::write(path, text).expect("a file");
            }
            self.git(&["add", "-A"]);
            self.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
            self.git(&["rev-parse", "HEAD"])
        }

        fn repository(&self) -> GitRepository {
            GitRepository::new(&format!("file://{}", self.path().display()), &self.0.path().join("copy.git"))
        }
    }

    fn message<T>(result: Result<T, Diagnostic>) -> String {
        result.err().map_or_else(String::new, |problem| problem.message)
    }

    #[test]
    fn versions_are_tags_and_those_of_a_folder_come_first() {
        let origin = Origin::new();
        let first = origin.commit(&[("a", "1")]);
        origin.git(&["tag", "v1.0.0"]);
        origin.git(&["tag", "nightly"]);
        let second = origin.commit(&[("a", "2")]);
        origin.git(&["tag", "-a", "-m", "annotated", "v1.1.0"]);
        origin.git(&["tag", "web/v3.0.0", &first]);
        let versions = |folder: &str| -> Vec<(String, String)> {
            let tags = origin.repository().versions(folder).expect("versions");
            tags.into_iter().map(|(version, commit)| (version.to_string(), commit)).collect()
        };
        assert_eq!(versions(""), [("1.0.0".to_owned(), first.clone()), ("1.1.0".to_owned(), second.clone())]);
        assert_eq!(versions("web"), [("3.0.0".to_owned(), first.clone())]);
        assert_eq!(versions("other").len(), 2);
        assert_eq!(origin.repository().commit_of("nightly").expect("a commit"), first);
        assert_eq!(origin.repository().commit_of("main").expect("a commit"), second);
        assert!(message(origin.repository().commit_of("none")).contains("no branch or tag `none`"));
    }

    #[test]
    fn files_of_a_commit_are_read_without_a_checkout() {
        let origin = Origin::new();
        let commit = origin.commit(&[("web/rtiler.toml", "x"), ("web/lib/a.rhai", "1\r\n"), ("other", "2")]);
        // Attributes that change files on a checkout or in an archive have no effect.
        let next =
            origin.commit(&[("web/.gitattributes", "*.rhai eol=lf export-ignore ident\n"), ("web/lib/a.rhai", "3")]);
        let repository = origin.repository();
        let tree = repository.files(&commit, "web").expect("files");
        let files: Vec<(&str, &[u8])> = tree.files().collect();
        assert_eq!(files, [("lib/a.rhai", &b"1\r\n"[..]), ("rtiler.toml", &b"x"[..])]);
        assert_eq!(repository.files(&commit, "").expect("files").files().count(), 3);
        assert_eq!(repository.files(&next, "web").expect("files").text("lib/a.rhai"), Some("3"));
        assert!(message(repository.files(&commit, "none")).contains("no folder `none`"));
        assert!(message(repository.files(&"a".repeat(40), "")).contains("has no commit aaa"));
    }

    #[test]
    fn links_and_submodules_are_refused() {
        let origin = Origin::new();
        origin.commit(&[("a", "1")]);
        std::os::unix::fs::symlink("/etc/passwd", origin.path().join("secrets")).expect("a link");
        let commit = origin.commit(&[]);
        assert!(message(origin.repository().files(&commit, "")).contains("`secrets` is a link"));
        std::fs::remove_file(origin.path().join("secrets")).expect("a file");
        let url = format!("file://{}", origin.path().display());
        origin.git(&["submodule", "add", "-q", "--", &url, "sub"]);
        let commit = origin.commit(&[]);
        assert!(message(origin.repository().files(&commit, "")).contains("`sub` is a submodule"));
    }

    #[test]
    fn hooks_and_filters_of_a_repository_do_not_run() {
        let origin = Origin::new();
        let marker = origin.0.path().join("marker");
        let hook = format!("#!/bin/sh\ntouch {}\n", marker.display());
        let commit = origin.commit(&[("a.rhai", "1"), (".gitattributes", "* filter=evil\n"), ("post-checkout", &hook)]);
        origin.git(&["config", "filter.evil.smudge", &format!("touch {}", marker.display())]);
        for name in ["post-checkout", "post-merge", "reference-transaction", "post-upload-pack"] {
            let path = origin.path().join(".git/hooks").join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(&path, &hook).expect("a file");
        }
        origin.repository().files(&commit, "").expect("files");
        assert!(!marker.exists());
    }

    #[test]
    fn repository_that_is_not_there_is_an_error_with_the_message_of_git() {
        let folder = tempfile::tempdir().expect("a folder");
        let repository = GitRepository::new("file:///no/such/repository", &folder.path().join("copy"));
        let problem = repository.versions("").expect_err("no repository");
        assert_eq!(problem.message, "git cannot read `file:///no/such/repository`");
        assert!(
            problem.notes.iter().any(|note| note.contains("does not appear to be a git repository")),
            "{:?}",
            problem.notes
        );
        let ext = GitRepository::new("ext::sh -c touch% /tmp/rtiler-ext-marker", &folder.path().join("copy"));
        assert!(ext.versions("").is_err());
        assert!(!Path::new("/tmp/rtiler-ext-marker").exists());
    }
}
