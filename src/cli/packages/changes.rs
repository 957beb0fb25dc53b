//! The changes of the packages of a project, as users see them.

use std::fmt::Write;

use crate::cli::json::{PackageChanges, PackageEntry, PackageRights, PackageUpdate};
use crate::cli::report::short;
use crate::package::{Grants, Lock, LockedPackage, Manifest, PackageName};
use crate::printable::one_line;

/// Returns what differs between two lock files.
pub(super) fn changes(old: &Lock, new: &Lock, manifest: &Manifest) -> PackageChanges {
    let is_new = |name: &PackageName| !old.packages.contains_key(name);
    let added = new.packages.iter().filter(|(name, _)| is_new(name));
    let updated = new.packages.iter().filter_map(|(name, to)| {
        let from = old.packages.get(name).filter(|from| *from != to)?;
        Some(update(name, from, to))
    });
    let removed = old.packages.keys().filter(|name| !new.packages.contains_key(*name));
    PackageChanges {
        added: added.map(|(name, package)| entry(name, package, manifest)).collect(),
        updated: updated.collect(),
        removed: removed.map(ToString::to_string).collect(),
        granted: Vec::new(),
        not_granted: Vec::new(),
    }
}

/// Returns a package as commands list it.
pub(super) fn entry(name: &PackageName, package: &LockedPackage, manifest: &Manifest) -> PackageEntry {
    PackageEntry {
        name: name.to_string(),
        version: package.version.to_string(),
        source: package.source.clone(),
        reference: package.reference.clone(),
        revision: package.revision.clone(),
        hash: package.hash.to_string(),
        direct: manifest.dependencies.contains_key(name),
        dependencies: package.dependencies.iter().map(ToString::to_string).collect(),
    }
}

fn update(name: &PackageName, from: &LockedPackage, to: &LockedPackage) -> PackageUpdate {
    PackageUpdate {
        name: name.to_string(),
        from: from.version.to_string(),
        from_revision: from.revision.clone(),
        to: to.version.to_string(),
        to_revision: to.revision.clone(),
    }
}

/// Returns permissions as commands list them.
pub(super) fn rights(name: &PackageName, grants: &Grants) -> PackageRights {
    PackageRights { package: name.to_string(), env: grants.env.clone(), read: grants.read.clone() }
}

/// Returns permissions in words: `the variables ACME_* and the files config`.
pub(super) fn in_words(rights: &PackageRights) -> String {
    let listed = |kind: &str, names: &[String]| match names {
        [] => None,
        names => Some(format!("{kind} {}", one_line(&names.join(", ")))),
    };
    let kinds = [listed("the variables", &rights.env), listed("the files", &rights.read)];
    kinds.into_iter().flatten().collect::<Vec<_>>().join(" and ")
}

/// Returns the lines of the changes.
pub(super) fn text(changes: &PackageChanges) -> String {
    let mut text = String::new();
    for package in &changes.added {
        let why = if package.direct { "" } else { "; another package needs it" };
        let source = one_line(&package.source);
        let _ = writeln!(text, "added {} {} ({source}{why})", package.name, package.version);
    }
    for PackageUpdate { name, from, from_revision, to, to_revision } in &changes.updated {
        let revision =
            |it: &Option<String>| it.as_deref().map_or_else(|| "other files".to_owned(), |it| short(it).to_owned());
        let _ = match from == to {
            true if from_revision == to_revision => writeln!(text, "updated {name} {to}"),
            true => writeln!(text, "updated {name} {to} ({} -> {})", revision(from_revision), revision(to_revision)),
            false => writeln!(text, "updated {name} {from} -> {to}"),
        };
    }
    for name in &changes.removed {
        let _ = writeln!(text, "removed {name}");
    }
    for rights in &changes.granted {
        let _ = writeln!(text, "granted {}: {}", rights.package, in_words(rights));
    }
    for rights in &changes.not_granted {
        let _ = writeln!(text, "{} requests {}; not granted", rights.package, in_words(rights));
    }
    text
}
