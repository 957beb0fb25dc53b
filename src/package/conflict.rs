//! Requirements of one package that exclude each other.

use super::manifest::Dependency;
use super::name::PackageName;
use super::source::{PackageSource, Revision};
use crate::diag::{Code, Diagnostic, Origin, shell_word};

/// A requirement with who has it.
#[derive(Clone)]
pub(super) struct Requested {
    pub(super) dependency: Dependency,
    pub(super) origin: Origin,
    /// The name of the package or project that has it.
    pub(super) by: String,
    /// Whether the project has it itself.
    pub(super) is_root: bool,
}

impl Requested {
    fn in_words(&self) -> String {
        match &self.dependency {
            Dependency { source: PackageSource::Path(path), .. } => format!("`{}` needs the folder `{path}`", self.by),
            Dependency { source, revision } => format!("`{}` needs {revision} of {source}", self.by),
        }
    }

    /// Returns the argument of `rtiler add` that has this requirement; none for a folder, which is relative.
    fn as_argument(&self) -> Option<String> {
        let Dependency { source, revision } = &self.dependency;
        let revision = match revision {
            Revision::Version(range) => range.lowest.to_string(),
            Revision::Tag(name) | Revision::Branch(name) | Revision::Commit(name) => name.clone(),
            Revision::Folder => return None,
        };
        match source {
            PackageSource::Git { url, folder } if folder.is_empty() => Some(format!("{url}@{revision}")),
            PackageSource::Git { url, folder } => Some(format!("{url}//{folder}@{revision}")),
            PackageSource::Oci { .. } => Some(format!("{source}:{revision}")),
            PackageSource::Path(_) => None,
        }
    }
}

/// Returns the error of two requirements for one package that exclude each other.
pub(super) fn conflict(name: &PackageName, one: &Requested, other: &Requested) -> Diagnostic {
    let mut both = [one, other];
    both.sort_by(|a, b| (&a.by, &a.origin).cmp(&(&b.by, &b.origin)));
    let message = format!("no revision of `{name}` is accepted by all that need it");
    let problem = both.iter().fold(Diagnostic::new(Code::PackageVersions, message), |problem, requested| {
        problem.at(&requested.origin, requested.in_words()).note(requested.in_words())
    });
    let of_package = both.iter().find(|requested| !requested.is_root);
    let argument = both.iter().any(|requested| requested.is_root).then(|| of_package?.as_argument()).flatten();
    match (of_package, argument) {
        (Some(package), Some(argument)) => problem.help(format!(
            "take what `{}` needs with `rtiler add {}`, or another version of `{}`",
            package.by,
            shell_word(&argument),
            package.by
        )),
        _ => problem.help("choose other versions of the packages that need it: `rtiler outdated` shows them"),
    }
}
