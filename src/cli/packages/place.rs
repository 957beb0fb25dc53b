//! The place of a project.

use std::path::{Path, PathBuf};

use crate::cli::files::{from_working_directory, project_root, read_text, relative_to};
use crate::diag::{Code, Diagnostic, Origin, SourceMap, nearest};
use crate::package::{LOCK_FILE, MANIFEST, Manifest};

/// The folder of a project with its manifest.
#[derive(Debug)]
pub(crate) struct ProjectPlace {
    /// The folder, as users see it: relative to the working directory if it was given so.
    pub(crate) folder: PathBuf,
    /// The text of the manifest.
    pub(crate) text: String,
}

impl ProjectPlace {
    /// Finds the project of a folder.
    ///
    /// # Errors
    ///
    /// The reason why its manifest cannot be read.
    pub(crate) fn of(folder: &Path) -> Result<Option<Self>, Diagnostic> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let Ok(real) = folder.canonicalize() else { return Ok(None) };
        let Some(root) = project_root(&real) else { return Ok(None) };
        let folder = if folder.is_absolute() { root.to_owned() } else { from_working_directory(root) };
        let file = folder.join(MANIFEST);
        match read_text(&file) {
            Ok(text) => Ok(Some(Self { folder, text })),
            Err(why) => {
                let name = file.display().to_string();
                Err(why.problem(&name).at(&Origin::new(name.clone(), 0, 0), ""))
            }
        }
    }

    /// Finds the project of the working directory.
    ///
    /// # Errors
    ///
    /// The reason why there is none.
    pub(crate) fn here() -> Result<Self, Diagnostic> {
        Self::of(Path::new("."))?.ok_or_else(|| no_project("this folder"))
    }

    /// Returns a folder as the manifest names it: an absolute path as it is, another one relative to the project; none if it does not
    /// exist.
    pub(super) fn relative_to_project(&self, folder: &Path) -> Option<String> {
        let real = folder.canonicalize().ok().filter(|real| real.is_dir())?;
        if folder.is_absolute() {
            return Some(folder.to_str()?.to_owned());
        }
        let path = relative_to(&self.folder_on_disk()?, &real);
        let parts = path.iter().map(|part| part.to_str()).collect::<Option<Vec<_>>>()?;
        let path = parts.join("/");
        Some(if path.is_empty() || !path.starts_with("..") { format!("./{path}") } else { path })
    }

    fn folder_on_disk(&self) -> Option<PathBuf> {
        let folder = if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder };
        folder.canonicalize().ok()
    }

    /// Returns the path of the manifest, as users see it.
    pub(crate) fn manifest_file(&self) -> String {
        self.folder.join(MANIFEST).display().to_string()
    }

    /// Returns the path of the lock file, as users see it.
    pub(crate) fn lock_file(&self) -> PathBuf {
        self.folder.join(LOCK_FILE)
    }

    /// Parses the manifest.
    ///
    /// # Errors
    ///
    /// Every mistake, at its line.
    pub(crate) fn manifest(&self, sources: &mut SourceMap) -> Result<Manifest, Vec<Diagnostic>> {
        sources.add(self.manifest_file(), self.text.as_str());
        Manifest::parse(&self.manifest_file(), &self.text)
    }
}

/// Returns the script that an argument means: the entry of the project for a folder, else the argument itself.
///
/// # Errors
///
/// The reason why a folder has no entry.
pub(crate) fn entry_of(argument: &str, sources: &mut SourceMap) -> Result<String, Vec<Diagnostic>> {
    let path = Path::new(argument);
    if !path.is_dir() {
        return Ok(argument.to_owned());
    }
    let place = ProjectPlace::of(path).map_err(|problem| vec![problem])?;
    let place = place.ok_or_else(|| vec![no_project(&format!("`{argument}`"))])?;
    let manifest = place.manifest(sources)?;
    let entry = place.folder.join(&manifest.entry.value);
    if entry.exists() {
        return Ok(entry.display().to_string());
    }
    Err(vec![no_entry(&place, &manifest)])
}

/// Returns the error of a project without the script that its manifest names, at the line that names it.
fn no_entry(place: &ProjectPlace, manifest: &Manifest) -> Diagnostic {
    let entry = &manifest.entry;
    let message = format!("the entry of the project, `{}`, does not exist", entry.value);
    let at = if entry.origin.is_known() { entry.origin.clone() } else { Origin::new(place.manifest_file(), 0, 0) };
    let names = std::fs::read_dir(&place.folder).into_iter().flatten();
    let mut scripts: Vec<String> = names
        .filter_map(|found| found.ok()?.file_name().into_string().ok())
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "rhai"))
        .collect();
    scripts.sort();
    let near = nearest(&entry.value, scripts.iter().map(String::as_str)).or_else(|| match scripts.as_slice() {
        [one] => Some(one),
        _ => None,
    });
    let name = near.unwrap_or("app.rhai");
    let remedy = format!("create it, or name another script in `[package]` of `{MANIFEST}`: `entry = \"{name}\"`");
    Diagnostic::new(Code::FileMissing, message).at(&at, "").help(remedy)
}

fn no_project(folder: &str) -> Diagnostic {
    let message = format!("there is no `{MANIFEST}` in {folder} or above it");
    Diagnostic::new(Code::FileMissing, message).help("name a script, or write a project with `rtiler init`")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: &str = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nentry = \"scripts/app.rhai\"\n";

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for path in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, SHOP).expect("a file");
        }
        folder
    }

    #[test]
    fn entry_is_found_from_every_folder_of_the_project() {
        let folder = folder(&["rtiler.toml", "scripts/app.rhai", "scripts/lib/a.rhai"]);
        let real = folder.path().canonicalize().expect("a folder");
        let expected = real.join("scripts/app.rhai").display().to_string();
        for below in ["", "scripts", "scripts/lib"] {
            let argument = folder.path().join(below).display().to_string();
            assert_eq!(entry_of(&argument, &mut SourceMap::default()).expect("an entry"), expected, "{below}");
        }
        let script = folder.path().join("other.rhai").display().to_string();
        assert_eq!(entry_of(&script, &mut SourceMap::default()).expect("the script"), script);
    }

    #[test]
    fn missing_entry_is_an_error_at_the_line_that_names_it() {
        let folder = folder(&["rtiler.toml", "shop.rhai"]);
        let argument = folder.path().display().to_string();
        let problems = entry_of(&argument, &mut SourceMap::default()).expect_err("no entry");
        let origin = problems[0].origin().expect("a place");
        assert!(origin.source.ends_with("rtiler.toml") && origin.line == 4, "{problems:?}");
        assert!(problems[0].hints[0].to_string().ends_with("`entry = \"shop.rhai\"`"), "{problems:?}");
    }

    #[test]
    fn manifest_above_another_repository_is_not_its_manifest() {
        let folder = folder(&["rtiler.toml", "other/.git/config", "other/scripts/a"]);
        let argument = folder.path().join("other/scripts").display().to_string();
        let problems = entry_of(&argument, &mut SourceMap::default()).expect_err("no project");
        assert!(problems[0].message.starts_with("there is no `rtiler.toml`"), "{problems:?}");
    }
}
