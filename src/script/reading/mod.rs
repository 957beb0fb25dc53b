//! The files and variables that scripts read: `read_file`, `read_json`, `read_yaml`, `read_toml`, `list_files`, `env`.
//!
//! `path` refuses paths that are not plainly below the project, `rights` knows what each domain may read, `data` turns texts into
//! values, `images` reads what images are built from.
//!
//! *Invariant*: the rights are those of the package whose code calls; its name comes from the tag of the state, never from a text.

mod data;
mod images;
mod path;
mod rights;

use rhai::{Dynamic, NativeCallContext};

pub(super) use data::{Format, from_json};
pub(super) use images::{image_archive, image_context, may_be_image, may_be_secret};
pub(super) use rights::is_credential;

use super::eval_state::{EvalState, package_of};
use super::source_loader::{LoadError, Reader, SourceLoader};
use crate::diag::{Code, Diagnostic};
use crate::package::LoadedPackage;
use path::ProjectPath;

/// The maximum size of a file that a script reads, in bytes: that of a text.
const LARGEST: usize = 1 << 20;

/// The maximum number of files that a list has: that of the items of a list.
const MOST_FILES: usize = 20_000;

type Found<T> = Result<T, Diagnostic>;

/// Returns the text of a file.
///
/// # Errors
///
/// The reason why there is none, without an origin.
pub(super) fn file(ctx: &NativeCallContext, path: &str) -> Found<String> {
    let plain = path::parse(path)?;
    let package = package_of(ctx);
    let own = package.as_ref().filter(|package| package.files.files().any(|(name, _)| name == plain.as_str()));
    let text = match own {
        Some(package) => own_file(package, plain.as_str()),
        None => with_files(ctx, |files| project_file(files, package.as_deref(), &plain)),
    }?;
    if text.len() > LARGEST {
        return Err(LoadError::TooLarge(text.len() as u64).problem(path));
    }
    Ok(text)
}

/// Returns the text of a file of the package itself, which needs no permission: it came with the code.
fn own_file(package: &LoadedPackage, path: &str) -> Found<String> {
    package.files.text(path).map(str::to_owned).ok_or_else(|| {
        Diagnostic::new(Code::NotText, format!("`{path}` of the package `{}` is not text", package.manifest.name))
    })
}

fn project_file(files: &dyn SourceLoader, package: Option<&LoadedPackage>, path: &ProjectPath) -> Found<String> {
    let shown = path.as_str();
    rights::may_read(package, path)?;
    let located = files.locate(shown).map_err(|why| missing_file(&why, shown))?;
    // A link may lead to a file that the path does not name.
    if located != shown {
        let located = path::parse(&located)?;
        rights::may_read(package, &located).map_err(|problem| problem.note(format!("`{shown}` is a link to it")))?;
    }
    files.read_located(&located).map_err(|why| why.problem(shown))
}

fn missing_file(why: &LoadError, path: &str) -> Diagnostic {
    let relative = "the path is relative to the root of the project, not to the script";
    why.problem(path).help_if((*why == LoadError::Missing).then(|| relative.to_owned()))
}

/// Returns the value of a file of data.
///
/// # Errors
///
/// The reason why there is none, without an origin or at a place in the file.
pub(super) fn data(ctx: &NativeCallContext, format: Format, path: &str) -> Found<Dynamic> {
    let text = file(ctx, path)?;
    let state = EvalState::of(ctx);
    data::parse(format, path, &text).inspect_err(|problem| {
        if problem.origin().is_some() {
            state.sources.borrow_mut().add(path, text.as_str());
        }
    })
}

/// Returns the paths of the files that match a pattern and that the caller may read, in order.
///
/// # Errors
///
/// The reason why they cannot be listed, without an origin.
pub(super) fn list(ctx: &NativeCallContext, pattern: &str) -> Found<Vec<String>> {
    let plain = path::parse(pattern)?;
    let glob = path::Pattern::new(plain.as_str());
    let package = package_of(ctx);
    let mut found: Vec<String> = Vec::new();
    if let Some(package) = &package {
        found.extend(package.files.files().map(|(path, _)| path.to_owned()).filter(|path| glob.matches(path)));
    } else {
        rights::may_read(None, &plain)?;
    }
    let may_see = |path: &String| {
        path::parse(path).is_ok_and(|path| rights::may_read(package.as_deref(), &path).is_ok()) && glob.matches(path)
    };
    if package.as_ref().is_none_or(|package| !package.granted.read.is_empty()) {
        let all = with_files(ctx, |files| files.list(glob.folder()).map_err(|why| why.problem(pattern)))?;
        found.extend(all.into_iter().filter(may_see));
    }
    found.sort();
    found.dedup();
    if found.len() > MOST_FILES {
        let message = format!("`{pattern}` matches {} files", found.len());
        return Err(Diagnostic::new(Code::LimitArray, message).help("name a folder with fewer files"));
    }
    Ok(found)
}

/// Returns the value of an environment variable, if it is set.
///
/// # Errors
///
/// The caller may not read it.
pub(super) fn variable(ctx: &NativeCallContext, name: &str) -> Found<Option<String>> {
    let package = package_of(ctx);
    with_files(ctx, |files| {
        let packages = files.packages();
        let project = packages.project().map(|project| &**project);
        rights::may_use(package.as_deref(), (project, files.reader()), name)?;
        Ok(files.variable(name))
    })
}

/// Returns the value of an environment variable, which must be set.
///
/// # Errors
///
/// The caller may not read it, or it is not set.
pub(super) fn required_variable(ctx: &NativeCallContext, name: &str) -> Found<String> {
    let is_test = EvalState::of(ctx).files.as_ref().is_some_and(|files| files.reader() == Reader::Test);
    variable(ctx, name)?.ok_or_else(|| {
        let message = format!("the environment variable `{name}` is not set");
        let set = if is_test {
            format!("set it in the test: `set_env(\"{name}\", \"..\")`")
        } else {
            format!("set it, or give a default: `env(\"{name}\", \"\")`")
        };
        Diagnostic::new(Code::VariableMissing, message).help(set)
    })
}

fn with_files<T>(ctx: &NativeCallContext, read: impl FnOnce(&dyn SourceLoader) -> Found<T>) -> Found<T> {
    let state = EvalState::of(ctx);
    match &state.files {
        Some(files) if files.reader() == Reader::Policy => Err(rights::not_for_policies()),
        Some(files) => read(&**files),
        None => Err(Diagnostic::new(Code::FileMissing, "this evaluation has no files")),
    }
}
