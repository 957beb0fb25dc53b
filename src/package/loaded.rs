//! The packages of a project with their files in memory: what a script may import by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::manifest::{Grants, Manifest};
use super::name::PackageName;
use super::tree::FileTree;

/// The packages that the scripts of a project may import. Their files were compared with the lock file when they were read,
/// and stay in memory: a file that changes later on the disk has no effect.
#[derive(Debug, Clone, Default)]
pub struct Packages {
    project: Option<Arc<Manifest>>,
    packages: BTreeMap<PackageName, LoadedPackage>,
}

/// A package with its files, and what the project permits it.
#[derive(Debug, Clone)]
pub struct LoadedPackage {
    /// Its manifest.
    pub manifest: Arc<Manifest>,
    /// Its files.
    pub files: Arc<FileTree>,
    /// The variables and files that the project permits it to read.
    pub granted: Grants,
}

impl Packages {
    /// Creates the packages of a project.
    pub fn new(project: Arc<Manifest>, packages: impl IntoIterator<Item = LoadedPackage>) -> Self {
        let packages = packages.into_iter().map(|package| (package.manifest.name.clone(), package)).collect();
        Self { project: Some(project), packages }
    }

    /// Returns the manifest of the project; none for a script without one.
    pub fn project(&self) -> Option<&Arc<Manifest>> {
        self.project.as_ref()
    }

    /// Returns a package by its name.
    pub fn get(&self, name: &PackageName) -> Option<&LoadedPackage> {
        self.packages.get(name)
    }

    /// Returns every package, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &LoadedPackage> {
        self.packages.values()
    }

    /// Returns the packages that a package may import, or that the project may if none is given: those that its manifest
    /// names as dependencies.
    pub fn dependencies_of(&self, importer: Option<&PackageName>) -> impl Iterator<Item = &LoadedPackage> {
        let manifest = match importer {
            Some(name) => self.get(name).map(|package| &package.manifest),
            None => self.project.as_ref(),
        };
        let names = manifest.into_iter().flat_map(|manifest| manifest.dependencies.keys());
        names.filter_map(|name| self.get(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(name: &str, dependency: &str) -> Arc<Manifest> {
        let dependencies =
            if dependency.is_empty() { String::new() } else { format!("{dependency} = {{ path = \"x\" }}") };
        let text = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n[dependencies]\n{dependencies}\n");
        Arc::new(Manifest::parse("rtiler.toml", &text).expect("a manifest"))
    }

    #[test]
    fn package_imports_its_own_dependencies_only() {
        let package = |name: &str, dependency: &str| LoadedPackage {
            manifest: manifest(name, dependency),
            files: Arc::default(),
            granted: Grants::default(),
        };
        let packages = Packages::new(manifest("app", "web"), [package("web", "net"), package("net", "")]);
        let names = |importer: Option<&str>| -> Vec<String> {
            let importer = importer.map(|name| PackageName::parse(name).expect("a name"));
            packages.dependencies_of(importer.as_ref()).map(|found| found.manifest.name.to_string()).collect()
        };
        assert_eq!(names(None), ["web"]);
        assert_eq!(names(Some("web")), ["net"]);
        assert!(names(Some("net")).is_empty());
    }
}
