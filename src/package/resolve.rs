//! Chooses one version of each package: the lowest that satisfies every requirement (minimal version selection).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use semver::Version;

use super::conflict::{Requested, conflict};
use super::manifest::{Dependency, Manifest};
use super::name::PackageName;
use super::source::{PackageSource, Revision};
use crate::diag::{Code, Diagnostic, WithOrigin};

/// The maximum number of packages and versions that are looked at.
const MAX_VISITED: usize = 2_000;

/// Finds packages at their sources.
pub trait PackageIndex {
    /// Returns the versions at a source, in any order.
    ///
    /// # Errors
    ///
    /// The reason why the source cannot be reached.
    fn versions(&self, source: &PackageSource) -> Result<Vec<Version>, Diagnostic>;

    /// Returns the manifest of a package. The source of a folder is as [`PackageIndex::folder_source`] returned it.
    ///
    /// # Errors
    ///
    /// The reason why there is none.
    fn manifest(&self, source: &PackageSource, pin: &Pin) -> Result<Arc<Manifest>, Diagnostic>;

    /// Returns the source of a dependency that a package names: folders are relative to the package.
    ///
    /// # Errors
    ///
    /// The reason why it cannot be used there: a package of a registry cannot name a folder.
    fn folder_source(&self, importer: Option<&PackageSource>, path: &str) -> Result<PackageSource, Diagnostic>;
}

/// The revision of a package that is looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pin {
    /// A version.
    Version(Version),
    /// A tag, a branch or a commit by its name, or a folder.
    Name(String),
}

/// A package that was chosen.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// Its source.
    pub source: PackageSource,
    /// Its revision.
    pub pin: Pin,
    /// Its manifest.
    pub manifest: Arc<Manifest>,
}

/// Chooses the packages of a project. The result does not depend on the order of dependencies.
///
/// # Errors
///
/// Requirements that no version satisfies together, with who has them; circles; and what the index reports.
pub fn resolve(root: &Manifest, index: &dyn PackageIndex) -> Result<BTreeMap<PackageName, Resolved>, Vec<Diagnostic>> {
    let mut resolution = Resolution { index, chosen: BTreeMap::new(), visited: BTreeSet::new() };
    resolution.run(root).map_err(|problem| vec![problem])?;
    let chosen = resolution.reachable(root);
    match circle(root, &chosen) {
        Some(problem) => Err(vec![problem]),
        None => Ok(chosen),
    }
}

struct Resolution<'a> {
    index: &'a dyn PackageIndex,
    chosen: BTreeMap<PackageName, (Resolved, Requested)>,
    visited: BTreeSet<(PackageName, Pin)>,
}

impl Resolution<'_> {
    fn run(&mut self, root: &Manifest) -> Result<(), Diagnostic> {
        let mut queue: VecDeque<(PackageName, Requested)> = VecDeque::new();
        self.enqueue(&mut queue, root, None)?;
        while let Some((name, requested)) = queue.pop_front() {
            let Some(pin) = self.choose(&name, &requested)? else { continue };
            if !self.visited.insert((name.clone(), pin.clone())) {
                continue;
            }
            if self.visited.len() > MAX_VISITED {
                let message = format!("more than {MAX_VISITED} versions of packages are needed");
                return Err(Diagnostic::new(Code::PackageVersions, message).at(&requested.origin, ""));
            }
            let source = requested.dependency.source.clone();
            let manifest = self.index.manifest(&source, &pin).map_err(|problem| problem.at(&requested.origin, ""))?;
            if manifest.name != name {
                let message = format!("`{name}` is called `{}` in its own manifest", manifest.name);
                return Err(Diagnostic::new(Code::PackageVersions, message).at(&requested.origin, ""));
            }
            self.enqueue(&mut queue, &manifest, Some(&source))?;
            let resolved = Resolved { source, pin, manifest };
            self.chosen.insert(name, (resolved, requested));
        }
        Ok(())
    }

    /// Adds the dependencies of a package to the queue.
    fn enqueue(
        &self,
        queue: &mut VecDeque<(PackageName, Requested)>,
        manifest: &Manifest,
        importer: Option<&PackageSource>,
    ) -> Result<(), Diagnostic> {
        for (name, WithOrigin { value, origin }) in &manifest.dependencies {
            let source = match &value.source {
                PackageSource::Path(path) => {
                    self.index.folder_source(importer, path).map_err(|problem| problem.at(origin, ""))?
                }
                other => other.clone(),
            };
            check_reach(importer, &source).map_err(|problem| problem.at(origin, ""))?;
            let dependency = Dependency { source, revision: value.revision.clone() };
            let by = manifest.name.to_string();
            let requested = Requested { dependency, origin: origin.clone(), by, is_root: importer.is_none() };
            queue.push_back((name.clone(), requested));
        }
        Ok(())
    }

    /// Returns the revision that a requirement chooses; none if the chosen one satisfies it already.
    fn choose(&self, name: &PackageName, requested: &Requested) -> Result<Option<Pin>, Diagnostic> {
        let pin = self.pin(name, requested)?;
        let Some((resolved, other)) = self.chosen.get(name) else { return Ok(Some(pin)) };
        if resolved.source != requested.dependency.source {
            return Err(conflict(name, requested, other));
        }
        match (&resolved.pin, &pin) {
            (chosen, pin) if chosen == pin => Ok(None),
            (Pin::Version(chosen), Pin::Version(version)) => {
                let (higher, lower) = if version > chosen { (version, other) } else { (chosen, requested) };
                match &lower.dependency.revision {
                    Revision::Version(range) if range.accepts(higher) => Ok((version > chosen).then_some(pin)),
                    _ => Err(conflict(name, requested, other)),
                }
            }
            _ => Err(conflict(name, requested, other)),
        }
    }

    /// Returns the lowest revision that a requirement accepts.
    fn pin(&self, name: &PackageName, requested: &Requested) -> Result<Pin, Diagnostic> {
        let Dependency { source, revision } = &requested.dependency;
        let range = match revision {
            Revision::Version(range) => range,
            Revision::Tag(name) | Revision::Branch(name) | Revision::Commit(name) => {
                return Ok(Pin::Name(name.clone()));
            }
            Revision::Folder => return Ok(Pin::Name(String::new())),
        };
        let versions = self.index.versions(source).map_err(|problem| problem.at(&requested.origin, ""))?;
        let lowest = versions.iter().filter(|version| range.accepts(version)).min();
        lowest.cloned().map(Pin::Version).ok_or_else(|| {
            let newest = versions.iter().max();
            let message = format!("`{name}` has no version that `{range}` accepts");
            Diagnostic::new(Code::PackageVersions, message).at(&requested.origin, "").note(
                newest.map_or("it has no versions".to_owned(), |newest| format!("its newest version is {newest}")),
            )
        })
    }

    /// Returns the chosen packages that the root needs: what only other versions needed is left out.
    fn reachable(&self, root: &Manifest) -> BTreeMap<PackageName, Resolved> {
        let mut found = BTreeMap::new();
        let mut open: Vec<&PackageName> = root.dependencies.keys().collect();
        while let Some(name) = open.pop() {
            if let Some((resolved, _)) = self.chosen.get(name)
                && found.insert(name.clone(), resolved.clone()).is_none()
            {
                open.extend(resolved.manifest.dependencies.keys());
            }
        }
        found
    }
}

/// Checks that a package from elsewhere names no repository of this machine, which others do not have.
fn check_reach(importer: Option<&PackageSource>, source: &PackageSource) -> Result<(), Diagnostic> {
    let is_here = |source: &PackageSource| match source {
        PackageSource::Git { url, .. } => url.starts_with("file://"),
        PackageSource::Oci { .. } => false,
        PackageSource::Path(_) => true,
    };
    match importer {
        Some(importer) if is_here(source) && !is_here(importer) => {
            let message = format!("a package of `{importer}` depends on `{source}`, which only this machine has");
            Err(Diagnostic::new(Code::PackageFetch, message)
                .help("ask who publishes it to name a repository that others reach"))
        }
        _ => Ok(()),
    }
}

/// Returns the error of packages that depend on each other.
fn circle(root: &Manifest, chosen: &BTreeMap<PackageName, Resolved>) -> Option<Diagnostic> {
    let mut done: BTreeSet<&PackageName> = BTreeSet::new();
    // A stack of our own: a chain of packages may be long.
    for start in root.dependencies.keys() {
        let mut path: Vec<(&PackageName, Vec<&PackageName>)> = Vec::new();
        let enter = |name: &PackageName| -> Vec<&PackageName> {
            chosen.get(name).map_or_else(Vec::new, |package| package.manifest.dependencies.keys().collect())
        };
        if done.contains(start) {
            continue;
        }
        path.push((start, enter(start)));
        while let Some((name, open)) = path.last_mut() {
            let Some(next) = open.pop() else {
                done.insert(name);
                path.pop();
                continue;
            };
            if let Some(at) = path.iter().position(|(name, _)| *name == next) {
                let names: Vec<String> = path[at..].iter().map(|(name, _)| format!("`{name}`")).collect();
                let message = format!("the package `{next}` depends on itself");
                let note = format!("{} -> `{next}`", names.join(" -> "));
                return Some(Diagnostic::new(Code::PackageCycle, message).note(note));
            }
            if !done.contains(next) {
                path.push((next, enter(next)));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Packages by name and version, each with its dependencies.
    #[derive(Default, Debug)]
    struct Registry(BTreeMap<(String, Version), Arc<Manifest>>);

    /// A package: its name, its version, and the names and lowest versions of what it needs.
    type Listed<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

    impl Registry {
        fn of(packages: &[Listed<'_>]) -> Self {
            let entry = |(name, version, needs): &Listed<'_>| {
                let manifest = Arc::new(manifest(name, version, needs));
                (((*name).to_owned(), Version::parse(version).expect("a version")), manifest)
            };
            Self(packages.iter().map(entry).collect())
        }
    }

    fn manifest(name: &str, version: &str, needs: &[(&str, &str)]) -> Manifest {
        let needs =
            needs.iter().map(|(name, range)| format!("{name} = {{ oci = \"h/{name}\", version = \"{range}\" }}\n"));
        let text = format!(
            "[package]\nname = \"{name}\"\nversion = \"{version}\"\n[dependencies]\n{}",
            needs.collect::<String>()
        );
        Manifest::parse("rtiler.toml", &text).unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    impl PackageIndex for Registry {
        fn versions(&self, source: &PackageSource) -> Result<Vec<Version>, Diagnostic> {
            let PackageSource::Oci { repository, .. } = source else { return Ok(Vec::new()) };
            Ok(self.0.keys().filter(|(name, _)| name == repository).map(|(_, version)| version.clone()).collect())
        }

        fn manifest(&self, source: &PackageSource, pin: &Pin) -> Result<Arc<Manifest>, Diagnostic> {
            let (PackageSource::Oci { repository, .. }, Pin::Version(version)) = (source, pin) else {
                panic!("{source:?}")
            };
            Ok(Arc::clone(&self.0[&(repository.clone(), version.clone())]))
        }

        fn folder_source(&self, _: Option<&PackageSource>, _: &str) -> Result<PackageSource, Diagnostic> {
            panic!("no folders")
        }
    }

    fn chosen(root: &[(&str, &str)], registry: &Registry) -> Result<Vec<String>, String> {
        let found = resolve(&manifest("root", "1.0.0", root), registry)
            .map_err(|problems| format!("{} {:?}", problems[0].message, problems[0].notes))?;
        Ok(found.iter().map(|(name, package)| format!("{name} {}", package.manifest.version)).collect())
    }

    #[test]
    fn lowest_version_that_satisfies_every_requirement_is_chosen() {
        let registry = Registry::of(&[
            ("a", "1.0.0", &[("c", "1.2")]),
            ("b", "1.0.0", &[("c", "1.4")]),
            ("c", "1.2.0", &[]),
            ("c", "1.4.1", &[("d", "1")]),
            ("c", "1.9.0", &[]),
            ("d", "1.0.0", &[]),
        ]);
        assert_eq!(chosen(&[("a", "1"), ("b", "1")], &registry).unwrap(), ["a 1.0.0", "b 1.0.0", "c 1.4.1", "d 1.0.0"]);
        assert_eq!(chosen(&[("a", "1")], &registry).unwrap(), ["a 1.0.0", "c 1.2.0"]);
    }

    #[test]
    fn package_that_only_a_lower_version_needed_is_left_out() {
        let registry = Registry::of(&[
            ("a", "1.0.0", &[("old", "1")]),
            ("a", "1.1.0", &[]),
            ("b", "1.0.0", &[("a", "1.1")]),
            ("old", "1.0.0", &[]),
        ]);
        assert_eq!(chosen(&[("a", "1.0"), ("b", "1")], &registry).unwrap(), ["a 1.1.0", "b 1.0.0"]);
    }

    #[test]
    fn versions_that_exclude_each_other_are_an_error_that_names_both() {
        let registry = Registry::of(&[("a", "1.0.0", &[("c", "2")]), ("c", "1.0.0", &[]), ("c", "2.0.0", &[])]);
        let error = chosen(&[("a", "1"), ("c", "1")], &registry).unwrap_err();
        assert!(error.contains("`a` needs ^2.0.0") && error.contains("`root` needs ^1.0.0"), "{error}");
    }

    #[test]
    fn missing_version_and_circle_are_errors() {
        let registry = Registry::of(&[("a", "1.0.0", &[("b", "1")]), ("b", "1.0.0", &[("a", "1")])]);
        assert!(chosen(&[("a", "3")], &registry).unwrap_err().contains("newest version is 1.0.0"));
        assert!(chosen(&[("a", "1")], &registry).unwrap_err().contains("depends on itself"));
    }

    #[test]
    fn package_from_elsewhere_names_no_repository_of_this_machine() {
        let git = |url: &str| PackageSource::git(url, "").expect("a source");
        let (here, there) = (git("file:///srv/net"), git("https://git.example.com/web"));
        assert!(check_reach(Some(&there), &here).is_err());
        for (importer, source) in [(None, &here), (Some(&here), &here), (Some(&there), &there), (Some(&here), &there)] {
            assert_eq!(check_reach(importer, source), Ok(()));
        }
    }

    /// A package as [`Listed`], generated.
    type Generated = (String, String, Vec<(String, String)>);

    /// Returns registries of packages `p0`.. whose versions need packages of higher numbers.
    fn registry() -> impl Strategy<Value = Vec<Generated>> {
        let package = (0..6_usize, 0..4_u64, 0..3_u64, prop::collection::vec((1..6_usize, 0..4_u64), 0..4));
        prop::collection::vec(package, 1..20).prop_map(|packages| {
            let one = |(at, minor, patch, needs): (usize, u64, u64, Vec<(usize, u64)>)| {
                let needs: BTreeMap<String, String> =
                    needs.into_iter().map(|(step, minor)| (format!("p{}", at + step), format!("1.{minor}"))).collect();
                (format!("p{at}"), format!("1.{minor}.{patch}"), needs.into_iter().collect())
            };
            packages.into_iter().map(one).collect()
        })
    }

    proptest! {
        #[test]
        fn resolution_satisfies_every_requirement_with_versions_that_someone_needs(packages in registry()) {
            let packages: Vec<(&str, &str, Vec<_>)> = packages
                .iter()
                .map(|(name, version, needs)| {
                    (name.as_str(), version.as_str(), needs.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect())
                })
                .collect();
            let borrowed: Vec<_> = packages.iter().map(|(name, version, needs)| (*name, *version, needs.as_slice())).collect();
            let root = manifest("root", "1.0.0", &[("p0", "1"), ("p1", "1")]);
            let Ok(found) = resolve(&root, &Registry::of(&borrowed)) else { return Ok(()) };
            let manifests = std::iter::once(&root).chain(found.values().map(|package| package.manifest.as_ref()));
            for (name, need) in manifests.flat_map(|manifest| &manifest.dependencies) {
                let Revision::Version(range) = &need.value.revision else { panic!("a range") };
                prop_assert!(range.accepts(&found[name].manifest.version), "{name} {range}");
            }
        }
    }
}
