//! The build contexts of images: their files, and the digest of them.
//!
//! No link is followed, so nothing outside the folder is read. Sockets, pipes and devices are left out: builders do not copy them.

use std::fs::{DirEntry, Metadata};
use std::path::{Path, PathBuf};

use super::digest_cache::{CachedDigests, FileToDigest};
use super::open::Links;
use super::read::{read_file, unreadable};
use crate::image::{ContextEntry, ContextHash, EntryKind, IgnoreRules, ImageArchive, ImageContext, Verdicts};
use crate::script::{ContextError, LoadError};

/// The maximum number of files and folders of a context.
const MOST_ENTRIES: usize = 500_000;

/// The rule that keeps the records and state of rtiler out of images: they change with every run.
const OWN_RULE: &str = "**/.rtiler\n";

/// The paths of a build context.
pub(super) struct ContextPaths<'a> {
    /// The root of the project.
    pub(super) root: &'a Path,
    /// The folder, below the root.
    pub(super) folder: &'a str,
    /// The Dockerfile, below the root.
    pub(super) dockerfile: &'a str,
}

/// Reads a build context.
///
/// # Errors
///
/// The reason why it cannot be read.
pub(super) fn read(paths: &ContextPaths<'_>) -> Result<ImageContext, ContextError> {
    let folder = paths.root.join(paths.folder).canonicalize().map_err(|error| match unreadable(&error) {
        LoadError::Missing => ContextError::NoFolder,
        _ => ContextError::Unreadable(paths.folder.to_owned(), error.to_string()),
    })?;
    if !folder.starts_with(paths.root) {
        return Err(ContextError::Outside(paths.root.display().to_string()));
    }
    if !folder.is_dir() {
        return Err(ContextError::NotAFolder);
    }
    let file = file_in_project(paths.root, paths.dockerfile).map_err(ContextError::Dockerfile)?;
    let dockerfile = read_file(&file, Links::Refused).map_err(ContextError::Dockerfile)?;
    let ignore_file = ignore_file(paths, &folder)?;
    let mut walk = Walk {
        root: &folder,
        rules: ignore_file.rules,
        files: Vec::new(),
        hash: ContextHash::default(),
        entries: 0,
        has_git: false,
    };
    walk.folder(&folder, "", &Verdicts::default())?;
    let mut cache = CachedDigests::of_project(paths.root);
    let digests = cache.digests(&walk.files).map_err(|(path, error)| unreadable_file(&folder, &path, &error))?;
    cache.save();
    let (mut hash, has_git) = (walk.hash, walk.has_git);
    let (files, bytes) = (walk.files.len(), walk.files.iter().map(|file| file.metadata.len()).sum());
    for (file, digest) in walk.files.into_iter().zip(digests) {
        let is_executable = is_executable(&file.metadata);
        hash.add(ContextEntry { path: file.name, kind: EntryKind::File { digest, is_executable } });
    }
    let digest = hash.finish(&dockerfile);
    Ok(ImageContext { digest, files, bytes, folder, dockerfile, ignore_file: ignore_file.text, has_git })
}

/// Reads an image in a file of the project.
///
/// # Errors
///
/// The reason why it cannot be read.
pub(super) fn read_archive(root: &Path, file: &str) -> Result<ImageArchive, LoadError> {
    let path = file_in_project(root, file)?;
    let metadata = path.metadata().map_err(|error| unreadable(&error))?;
    if metadata.is_dir() {
        return Err(LoadError::Folder);
    }
    if !metadata.is_file() {
        return Err(LoadError::NotRegular("it is not a regular file".to_owned()));
    }
    let bytes = metadata.len();
    let mut cache = CachedDigests::of_project(root);
    let file_to_digest = FileToDigest { name: file.to_owned(), path: path.clone(), metadata };
    let digests = cache.digests(&[file_to_digest]).map_err(|(_, error)| unreadable(&error))?;
    cache.save();
    let digest = digests.into_iter().next().unwrap_or_default();
    Ok(ImageArchive { file: file.to_owned(), path, digest, bytes })
}

/// Returns the canonical path of a file of the project.
fn file_in_project(root: &Path, file: &str) -> Result<PathBuf, LoadError> {
    let path = root.join(file).canonicalize().map_err(|error| unreadable(&error))?;
    if path.starts_with(root) { Ok(path) } else { Err(LoadError::Outside(root.display().to_string())) }
}

/// The ignore file of a context.
struct IgnoreFile {
    text: String,
    rules: IgnoreRules,
}

/// Reads the ignore file of the Dockerfile, or else that of the folder
/// (<https://docs.docker.com/build/concepts/context/#filename-and-location>).
fn ignore_file(paths: &ContextPaths<'_>, folder: &Path) -> Result<IgnoreFile, ContextError> {
    let of_dockerfile = format!("{}.dockerignore", paths.dockerfile);
    let candidates =
        [(paths.root.join(&of_dockerfile), of_dockerfile), (folder.join(".dockerignore"), ".dockerignore".to_owned())];
    for (path, name) in candidates {
        let text = match read_file(&path, Links::Refused) {
            Ok(text) => text,
            Err(LoadError::Missing) => continue,
            Err(error) => return Err(ContextError::Unreadable(name.clone(), error.problem(&name).message)),
        };
        let text = format!("{}\n{OWN_RULE}", text.trim_end_matches('\n'));
        let rules = IgnoreRules::parse(&text).map_err(|invalid| ContextError::IgnoreFile(name, invalid))?;
        return Ok(IgnoreFile { text, rules });
    }
    Ok(IgnoreFile { text: OWN_RULE.to_owned(), rules: IgnoreRules::parse(OWN_RULE).unwrap_or_default() })
}

/// A walk over the folder.
struct Walk<'a> {
    root: &'a Path,
    rules: IgnoreRules,
    /// The files, whose digests are yet unknown.
    files: Vec<FileToDigest>,
    /// The folders and links.
    hash: ContextHash,
    entries: usize,
    /// Whether a git repository is part of the context.
    has_git: bool,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, name: &str, verdicts: &Verdicts) -> Result<(), ContextError> {
        let failed = |error: &std::io::Error| unreadable_file(self.root, folder, error);
        let entries = std::fs::read_dir(folder).map_err(|error| failed(&error))?;
        let entries: Vec<DirEntry> = entries.collect::<Result<_, _>>().map_err(|error| failed(&error))?;
        for entry in entries {
            self.entries += 1;
            if self.entries > MOST_ENTRIES {
                return Err(ContextError::TooMany(MOST_ENTRIES));
            }
            let part = shown(&entry.file_name());
            let name = if name.is_empty() { part } else { format!("{name}/{part}") };
            let found = self.rules.verdicts(&name, verdicts);
            if found.is_ignored && !self.rules.may_have_exceptions_below(&name) {
                continue;
            }
            self.entry(&entry, name, &found)?;
        }
        Ok(())
    }

    fn entry(&mut self, entry: &DirEntry, name: String, verdicts: &Verdicts) -> Result<(), ContextError> {
        let path = entry.path();
        let failed = |error: std::io::Error| unreadable_file(self.root, &path, &error);
        let kind = entry.file_type().map_err(failed)?;
        self.has_git |= entry.file_name() == ".git" && !verdicts.is_ignored;
        if kind.is_dir() {
            if !verdicts.is_ignored {
                self.hash.add(ContextEntry { path: name.clone(), kind: EntryKind::Folder });
            }
            return self.folder(&path, &name, verdicts);
        }
        if verdicts.is_ignored {
            return Ok(());
        }
        if kind.is_symlink() {
            let to = shown(std::fs::read_link(&path).map_err(failed)?.as_os_str());
            self.hash.add(ContextEntry { path: name, kind: EntryKind::Link { to } });
        } else if kind.is_file() {
            let metadata = entry.metadata().map_err(failed)?;
            self.files.push(FileToDigest { name, path, metadata });
        }
        Ok(())
    }
}

/// Returns a name as text; two names that are not UTF-8 stay different.
fn shown(name: &std::ffi::OsStr) -> String {
    name.to_str().map_or_else(|| name.as_encoded_bytes().escape_ascii().to_string(), str::to_owned)
}

fn unreadable_file(root: &Path, path: &Path, error: &std::io::Error) -> ContextError {
    let shown = path.strip_prefix(root).unwrap_or(path).display().to_string();
    ContextError::Unreadable(if shown.is_empty() { ".".to_owned() } else { shown }, error.to_string())
}

/// Returns whether the owner may execute a file. The other bits depend on the machine (`umask`), and git does not keep them.
#[cfg(unix)]
fn is_executable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_metadata: &Metadata) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{create_dir_all, write};
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    /// A project with the folder `app`.
    struct Project(tempfile::TempDir);

    impl Project {
        fn new(files: &[(&str, &str)]) -> Self {
            let project = Self(tempfile::tempdir().expect("a folder"));
            create_dir_all(project.path("app")).expect("a folder");
            files.iter().for_each(|(path, text)| project.put(path, text));
            project
        }

        fn path(&self, path: &str) -> PathBuf {
            self.0.path().canonicalize().expect("a path").join(path)
        }

        fn put(&self, path: &str, text: &str) {
            create_dir_all(self.path(path).parent().expect("a folder")).expect("a folder");
            write(self.path(path), text).expect("a file");
        }

        fn read(&self, dockerfile: &str) -> Result<ImageContext, ContextError> {
            read(&ContextPaths { root: &self.path(""), folder: "app", dockerfile })
        }

        fn digest(&self) -> String {
            self.read("app/Dockerfile").expect("a context").digest
        }
    }

    const FILES: &[(&str, &str)] =
        &[("app/Dockerfile", "FROM scratch\nCOPY . /\n"), ("app/a/main.py", "1"), ("app/b", "2")];

    #[test]
    fn digest_is_independent_of_place_times_and_order() {
        let one = Project::new(FILES);
        let reversed: Vec<(&str, &str)> = FILES.iter().rev().copied().collect();
        let other = Project::new(&reversed);
        let past = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
        std::fs::File::options()
            .write(true)
            .open(other.path("app/b"))
            .and_then(|file| file.set_modified(past))
            .expect("a time");
        std::fs::set_permissions(other.path("app/b"), std::fs::Permissions::from_mode(0o600)).expect("a mode");
        assert_eq!(one.digest(), other.digest());
        assert_eq!(one.read("app/Dockerfile").expect("a context").files, 3);
    }

    #[test]
    fn every_change_of_the_context_changes_the_digest() {
        let project = Project::new(FILES);
        let mut digests = vec![project.digest()];
        let mut changed = |what: &str, change: &dyn Fn()| {
            change();
            let digest = project.digest();
            assert!(!digests.contains(&digest), "{what}");
            digests.push(digest);
        };
        changed("a content", &|| project.put("app/b", "3"));
        changed("a content of the same size", &|| project.put("app/b", "4"));
        changed("a new file", &|| project.put("app/c", "4"));
        changed("a renamed file", &|| std::fs::rename(project.path("app/c"), project.path("app/d")).expect("a file"));
        let mode = std::fs::Permissions::from_mode(0o755);
        changed("an executable bit", &|| {
            std::fs::set_permissions(project.path("app/d"), mode.clone()).expect("a mode");
        });
        changed("a link", &|| symlink("/etc/hostname", project.path("app/link")).expect("a link"));
        changed("a folder", &|| create_dir_all(project.path("app/empty")).expect("a folder"));
        changed("the Dockerfile", &|| project.put("app/Dockerfile", "FROM busybox"));
    }

    #[test]
    fn links_are_not_followed() {
        let project = Project::new(FILES);
        project.put("outside/secret", "1");
        symlink("../outside", project.path("app/out")).expect("a link");
        symlink("..", project.path("app/up")).expect("a link");
        let before = project.digest();
        project.put("outside/secret", "2");
        assert_eq!(project.digest(), before);
    }

    #[test]
    fn ignored_files_and_the_state_of_rtiler_do_not_matter() {
        let project = Project::new(FILES);
        project.put("app/.dockerignore", "**/*.pyc\nnode_modules\n!node_modules/keep\n");
        project.put("app/node_modules/keep/x", "1");
        let before = project.digest();
        project.put("app/a/main.pyc", "1");
        project.put("app/node_modules/other/x", "1");
        project.put("app/.rtiler/runs/1.json", "1");
        assert_eq!(project.digest(), before);
        project.put("app/node_modules/keep/x", "2");
        assert_ne!(project.digest(), before);
    }

    #[test]
    fn git_repository_is_noticed_unless_it_is_ignored() {
        let project = Project::new(&[("app/Dockerfile", ""), ("app/sub/.git/HEAD", "1")]);
        let has_git = || project.read("app/Dockerfile").expect("a context").has_git;
        assert!(has_git());
        project.put("app/.dockerignore", "**/.git\n");
        assert!(!has_git());
        // The file of a submodule or a work tree.
        project.put("app/.dockerignore", "sub\n");
        project.put("app/.git", "gitdir: ../.git");
        assert!(has_git());
    }

    #[test]
    fn ignore_file_of_the_dockerfile_has_precedence() {
        let project = Project::new(FILES);
        project.put("docker/web.Dockerfile", "FROM scratch");
        project.put("app/.dockerignore", "b");
        project.put("docker/web.Dockerfile.dockerignore", "a");
        let context = project.read("docker/web.Dockerfile").expect("a context");
        assert_eq!((context.files, context.dockerfile.as_str()), (3, "FROM scratch"));
        assert_eq!(context.ignore_file, "a\n**/.rtiler\n");
    }

    #[test]
    fn unusable_context_is_an_error_with_its_reason() {
        let project = Project::new(FILES);
        let root = project.path("");
        let read = |folder: &str, dockerfile: &str| {
            read(&ContextPaths { root: &root, folder, dockerfile }).expect_err("an unusable context")
        };
        assert_eq!(read("none", "none/Dockerfile"), ContextError::NoFolder);
        assert_eq!(read("app/b", "app/b/Dockerfile"), ContextError::NotAFolder);
        assert_eq!(read("app", "app/none"), ContextError::Dockerfile(LoadError::Missing));
        symlink("/etc", project.path("etc")).expect("a link");
        assert!(matches!(read("etc", "etc/Dockerfile"), ContextError::Outside(_)));
        symlink("/etc/hostname", project.path("app/Outside")).expect("a link");
        assert!(matches!(read("app", "app/Outside"), ContextError::Dockerfile(LoadError::Outside(_))));
        project.put("app/.dockerignore", "ok\n[a\n");
        assert!(matches!(read("app", "app/Dockerfile"), ContextError::IgnoreFile(_, invalid) if invalid.line == 2));
    }

    #[test]
    fn archive_is_a_file_of_the_project() {
        let project = Project::new(&[("web.tar", "1")]);
        let read = |file: &str| read_archive(&project.path(""), file);
        let archive = read("web.tar").expect("a file");
        assert_eq!((archive.bytes, archive.tag().len()), (1, 32));
        assert_eq!(read("none.tar"), Err(LoadError::Missing));
        assert_eq!(read("app"), Err(LoadError::Folder));
    }
}
