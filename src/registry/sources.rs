//! Packages at their sources: folders, and what is fetched into the cache. What the lock file pins is read by `pinned`.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use semver::Version;

use super::cache::PackageCache;
use super::folder::{manifest_text, working_tree};
use super::git::{GitRepository, Tags};
use super::oci::OciRepository;
use crate::diag::{Code, Diagnostic};
use crate::package::{
    Contents, Digest, FileTree, Lock, LockedPackage, MANIFEST, Manifest, PackageName, PackageSource, Pin, Revision,
    TreeHash, is_commit,
};

/// A package that was read.
#[derive(Debug, Clone)]
pub struct FoundPackage {
    /// Its manifest.
    pub manifest: Arc<Manifest>,
    /// Its files.
    pub files: Arc<FileTree>,
    /// The commit, or the digest in the registry; none for a folder.
    pub revision: Option<String>,
    /// The hash of its files.
    pub hash: TreeHash,
}

/// The choices of a command about where packages come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// Whether packages may be fetched.
    pub network: bool,
    /// Whether `vendor/` is used instead of the cache.
    pub vendor: bool,
}

/// The use of the network that a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// The files of a package.
    Files,
    /// The list of its versions.
    Versions,
    /// The commit or digest of a version, a tag or a branch.
    Revision,
}

/// Reads the packages of one project. Each source is asked once.
pub struct PackageSources {
    pub(super) project: PathBuf,
    pub(super) cache: PackageCache,
    pub(super) access: Access,
    /// The packages that are pinned, by their sources.
    pub(super) pinned: HashMap<String, (PackageName, LockedPackage)>,
    /// The versions that were listed, with their revisions; a registry gives the digest of a version only by itself.
    tags: RefCell<HashMap<PackageSource, Tags>>,
    registries: RefCell<HashMap<PackageSource, Rc<OciRepository>>>,
    repositories: RefCell<HashMap<String, Rc<GitRepository>>>,
    found: RefCell<BTreeMap<(PackageSource, Pin), Rc<FoundPackage>>>,
}

impl PackageSources {
    /// Creates the sources of the project in a folder; `lock` pins packages, `cache` is the folder of the cache.
    pub fn new(project: &Path, cache: &Path, lock: &Lock, access: Access) -> Self {
        let pinned =
            lock.packages.iter().map(|(name, package)| (package.source.clone(), (name.clone(), package.clone())));
        Self {
            project: project.to_owned(),
            cache: PackageCache::new(cache),
            access,
            pinned: pinned.collect(),
            tags: RefCell::default(),
            registries: RefCell::default(),
            repositories: RefCell::default(),
            found: RefCell::default(),
        }
    }

    /// Returns a package that was read before.
    pub fn found(&self, source: &PackageSource, pin: &Pin) -> Option<Rc<FoundPackage>> {
        self.found.borrow().get(&(source.clone(), pin.clone())).cloned()
    }

    /// Returns the lowest version of a range, or the tag, branch or commit.
    ///
    /// # Errors
    ///
    /// The reason why the source cannot be reached, or that no version fits.
    pub fn lowest(&self, source: &PackageSource, revision: &Revision) -> Result<Pin, Diagnostic> {
        let range = match revision {
            Revision::Version(range) => range,
            Revision::Tag(name) | Revision::Branch(name) | Revision::Commit(name) => {
                return Ok(Pin::Name(name.clone()));
            }
            Revision::Folder => return Ok(Pin::Name(String::new())),
        };
        let versions = self.versions(source)?;
        versions.iter().filter(|version| range.accepts(version)).min().cloned().map(Pin::Version).ok_or_else(|| {
            let newest = versions
                .iter()
                .max()
                .map_or("it has no versions".to_owned(), |it| format!("its newest version is {it}"));
            let message = format!("`{source}` has no version that `{range}` accepts");
            Diagnostic::new(Code::PackageVersions, message).note(newest)
        })
    }

    /// Returns the kind of a name in a repository: a tag, if there is one, else a branch.
    ///
    /// # Errors
    ///
    /// The reason why the source cannot be reached.
    pub fn named(&self, source: &PackageSource, name: &str) -> Result<Revision, Diagnostic> {
        self.check_network(source, Need::Revision)?;
        let is_tag = match source {
            PackageSource::Git { url, .. } => self.repository(url).has_tag(name)?,
            _ => false,
        };
        Ok(if is_tag { Revision::Tag(name.to_owned()) } else { Revision::Branch(name.to_owned()) })
    }

    /// Returns the files of a commit or digest from the cache, or fetches them and adds them to it.
    pub(super) fn fetched(&self, source: &PackageSource, revision: &str) -> Result<FileTree, Diagnostic> {
        if let Some(files) = self.cache.files_of_revision(&source.to_string(), revision) {
            return Ok(files);
        }
        self.check_network(source, Need::Files)?;
        let files = match source {
            PackageSource::Git { url, folder } => self.repository(url).files(revision, folder)?,
            PackageSource::Oci { registry, repository } => {
                let digest = Digest::parse(revision).ok_or_else(|| {
                    Diagnostic::new(Code::LockFile, format!("the revision `{revision}` of `{source}` is not a digest"))
                })?;
                self.registry(source, registry, repository)?.files(&digest)?
            }
            PackageSource::Path(path) => return self.read_folder(path).map(|found| FileTree::clone(&found.files)),
        };
        let manifest = manifest_of(&files, source)?;
        let files = Contents::of(&manifest)?.select(&files)?;
        let added = self.cache.add(&files);
        added.and_then(|hash| self.cache.add_revision(&source.to_string(), revision, &hash)).map_err(|error| {
            Diagnostic::new(Code::FileUnwritable, format!("the cache of packages cannot be written: {error}"))
                .help("set `RTILER_CACHE` to a folder that can be written")
        })?;
        Ok(files)
    }

    /// Returns a package that is not pinned.
    pub(super) fn read(&self, source: &PackageSource, pin: &Pin) -> Result<Rc<FoundPackage>, Diagnostic> {
        self.remembered(source, pin, || match source {
            PackageSource::Path(path) => self.read_folder(path),
            _ => {
                let revision = self.revision(source, pin)?;
                found(self.fetched(source, &revision)?, Some(revision), source)
            }
        })
    }

    pub(super) fn read_folder(&self, path: &str) -> Result<FoundPackage, Diagnostic> {
        let folder = self.project.join(path);
        let source = PackageSource::Path(path.to_owned());
        let failed = |error: std::io::Error| unreadable(&format!("the package in `{path}`"), &error);
        let manifest = parsed(&manifest_text(&folder).map_err(failed)?, &source)?;
        found(working_tree(&folder, &manifest).map_err(failed)?, None, &source)
    }

    /// Returns the commit or digest that a revision means at its source now.
    ///
    /// # Errors
    ///
    /// The reason why the source cannot be reached, or that it does not have the revision.
    pub fn revision(&self, source: &PackageSource, pin: &Pin) -> Result<String, Diagnostic> {
        let missing =
            |version: &Version| Diagnostic::new(Code::PackageFetch, format!("`{source}` has no version {version}"));
        match (source, pin) {
            (PackageSource::Oci { registry, repository }, Pin::Version(version)) => {
                self.check_network(source, Need::Revision)?;
                let digest = self.registry(source, registry, repository)?.published(version)?;
                digest.map(|digest| digest.to_string()).ok_or_else(|| missing(version))
            }
            (_, Pin::Version(version)) => {
                self.versions(source)?;
                let tags = self.tags.borrow();
                let revision = tags.get(source).and_then(|tags| tags.get(version)).cloned();
                revision.ok_or_else(|| missing(version))
            }
            (PackageSource::Git { url, .. }, Pin::Name(name)) if !is_commit(name) => {
                self.check_network(source, Need::Revision)?;
                self.repository(url).commit_of(name)
            }
            (_, Pin::Name(name)) => Ok(name.clone()),
        }
    }

    /// Returns the versions at a source, in order; they are read once.
    ///
    /// # Errors
    ///
    /// The reason why the source cannot be reached.
    pub fn versions(&self, source: &PackageSource) -> Result<Vec<Version>, Diagnostic> {
        if let Some(tags) = self.tags.borrow().get(source) {
            return Ok(tags.keys().cloned().collect());
        }
        self.check_network(source, Need::Versions)?;
        let tags = match source {
            PackageSource::Git { url, folder } => self.repository(url).versions(folder)?,
            PackageSource::Oci { registry, repository } => {
                let versions = self.registry(source, registry, repository)?.versions()?;
                versions.into_iter().map(|version| (version, String::new())).collect()
            }
            PackageSource::Path(_) => Tags::new(),
        };
        let versions = tags.keys().cloned().collect();
        self.tags.borrow_mut().insert(source.clone(), tags);
        Ok(versions)
    }

    /// Returns the repository of a URL, whose tags are listed once for all of its packages.
    fn repository(&self, url: &str) -> Rc<GitRepository> {
        let mut open = self.repositories.borrow_mut();
        let new = || Rc::new(GitRepository::new(url, &self.cache.git_copy(url)));
        Rc::clone(open.entry(url.to_owned()).or_insert_with(new))
    }

    /// Returns the repository of a registry, which is opened once: credential helpers take time.
    fn registry(
        &self,
        source: &PackageSource,
        registry: &str,
        repository: &str,
    ) -> Result<Rc<OciRepository>, Diagnostic> {
        if let Some(open) = self.registries.borrow().get(source) {
            return Ok(Rc::clone(open));
        }
        let open = Rc::new(OciRepository::open(registry, repository)?);
        self.registries.borrow_mut().insert(source.clone(), Rc::clone(&open));
        Ok(open)
    }

    fn check_network(&self, source: &PackageSource, need: Need) -> Result<(), Diagnostic> {
        if self.access.network {
            return Ok(());
        }
        let source = source.to_string();
        let package = match self.pinned.get(&source) {
            Some((name, _)) => format!("`{name}` ({source})"),
            None => format!("`{source}`"),
        };
        let why = match need {
            Need::Files => format!("{package} is not in the cache, and `--offline` fetches nothing"),
            Need::Versions => {
                format!("the list of the versions of {package} is at its source only, and `--offline` asks no source")
            }
            Need::Revision => {
                format!("the present revision of {package} is at its source only, and `--offline` asks no source")
            }
        };
        Err(Diagnostic::new(Code::PackageOffline, why))
    }

    /// Returns a package, which is read once.
    pub(super) fn remembered(
        &self,
        source: &PackageSource,
        pin: &Pin,
        read: impl FnOnce() -> Result<FoundPackage, Diagnostic>,
    ) -> Result<Rc<FoundPackage>, Diagnostic> {
        if let Some(found) = self.found(source, pin) {
            return Ok(found);
        }
        let found = Rc::new(read()?);
        self.found.borrow_mut().insert((source.clone(), pin.clone()), Rc::clone(&found));
        Ok(found)
    }
}

pub(super) fn found(
    files: FileTree,
    revision: Option<String>,
    source: &PackageSource,
) -> Result<FoundPackage, Diagnostic> {
    let manifest = Arc::new(manifest_of(&files, source)?);
    let hash = files.hash();
    Ok(FoundPackage { manifest, files: Arc::new(files), revision, hash })
}

fn manifest_of(files: &FileTree, source: &PackageSource) -> Result<Manifest, Diagnostic> {
    let Some(text) = files.manifest() else {
        let message = format!("`{source}` has no `{MANIFEST}`, so it is not a package");
        let problem = Diagnostic::new(Code::PackageContent, message);
        return Err(problem.help("name the folder of the package: `rtiler add URL//FOLDER@REVISION`"));
    };
    parsed(text, source)
}

fn parsed(text: &str, source: &PackageSource) -> Result<Manifest, Diagnostic> {
    Manifest::parse(&format!("{source}/{MANIFEST}"), text).map_err(|problems| {
        let first = problems.into_iter().next();
        first.unwrap_or_else(|| Diagnostic::new(Code::Manifest, format!("`{MANIFEST}` of `{source}` is not valid")))
    })
}

pub(super) fn unreadable(what: &str, error: &std::io::Error) -> Diagnostic {
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            Diagnostic::new(Code::PackageFetch, format!("{what} cannot be read: it has no `{MANIFEST}`"))
        }
        std::io::ErrorKind::InvalidData => {
            Diagnostic::new(Code::PackageContent, format!("{what} cannot be used: {error}"))
        }
        _ => Diagnostic::new(Code::PackageFetch, format!("{what} cannot be read: {error}")),
    }
}
