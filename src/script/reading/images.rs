//! The folders and files of images. The rights are those of the code that names them: an image that a package describes is built
//! from files that the package may read, also if the project deploys it.

use std::rc::Rc;

use super::path::{self, ProjectPath};
use super::rights;
use super::{Found, SourceLoader};
use crate::block::{ArchivedImage, Image};
use crate::diag::{Code, Diagnostic};
use crate::image::{ImageArchive, ImageContext, SecretSource};
use crate::script::call::Call;
use crate::script::source_loader::{ContextError, LoadError, Reader};

/// Checks that the code of a call may use a folder or file for an image.
///
/// # Errors
///
/// The path does not lead to a file of the project that the code may read.
pub(in crate::script) fn may_be_image(call: &Call<'_>, path: &str, is_folder: bool) -> Found<()> {
    let package = call.package.as_deref();
    match parse(path, is_folder)? {
        Some(path) => {
            rights::may_read(package, &path)?;
            let Ok(files) = files(call) else { return Ok(()) };
            // A link may lead to files that the path does not name.
            match files.locate(path.as_str()) {
                Ok(located) if located != path.as_str() && !located.is_empty() => {
                    let link = |problem: Diagnostic| problem.note(format!("`{}` is a link to it", path.as_str()));
                    rights::may_read(package, &path::parse(&located)?).map_err(link)
                }
                _ => Ok(()),
            }
        }
        None => match package {
            Some(package) => {
                let name = &package.manifest.name;
                let message = format!("the package `{name}` has no permission to read the whole project");
                let help = "pass an image to its function: `Image::build(\".\")` of the project";
                Err(Diagnostic::new(Code::PermissionDenied, message).help(help))
            }
            None => Ok(()),
        },
    }
}

/// Checks that the code of a call may give a build a secret: any by the project, what it may read by a package.
///
/// # Errors
///
/// The package may not read it.
pub(in crate::script) fn may_be_secret(call: &Call<'_>, source: &SecretSource) -> Found<()> {
    let Some(package) = call.package.as_deref() else { return Ok(()) };
    match source {
        SecretSource::File(path) => rights::may_read(Some(package), &path::parse(path)?),
        SecretSource::Variable(name) => {
            let packages = call.state.packages();
            let reader = call.state.files.as_ref().map_or(Reader::Script, |files| files.reader());
            rights::may_use(Some(package), (packages.project().map(|project| &**project), reader), name)
        }
    }
}

/// Reads the build context of an image.
///
/// # Errors
///
/// The reason why it cannot be read, at the setter that names it.
pub(in crate::script) fn image_context(call: &Call<'_>, image: &Image) -> Found<ImageContext> {
    let folder = &image.folder.value;
    let path = parse(folder, true)?;
    let path = path.as_ref().map_or("", ProjectPath::as_str);
    let name = image.dockerfile.as_ref().map_or("Dockerfile", |name| name.value.as_str());
    let dockerfile = joined(path, name);
    let (folder_at, file_at) =
        (&image.folder.origin, image.dockerfile.as_ref().map_or(&image.folder.origin, |name| &name.origin));
    let dockerfile = dockerfile.map_err(|problem| problem.at(file_at, "")).and_then(|plain| {
        // The path may lead out of the folder, to a file of the project that a package may not read.
        rights::may_read(call.package.as_deref().filter(|_| !is_below(plain.as_str(), path)), &plain)?;
        Ok(plain)
    })?;
    files(call)?.image_context(path, dockerfile.as_str()).map_err(|error| {
        let at = if matches!(error, ContextError::Dockerfile(_)) { file_at } else { folder_at };
        problem(folder, dockerfile.as_str(), &error).at(at, "")
    })
}

/// Reads an image in a file.
///
/// # Errors
///
/// The reason why it cannot be read, at the function that names it.
pub(in crate::script) fn image_archive(call: &Call<'_>, image: &ArchivedImage) -> Found<ImageArchive> {
    let file = &image.file.value;
    let path = path::parse(file)?;
    files(call)?.image_archive(path.as_str()).map_err(|error| {
        let problem = error.problem(file);
        Diagnostic { code: Code::ImageContext, ..problem }.at(&image.file.origin, "")
    })
}

/// Returns a path; none for the root of the project, which only a folder can be.
fn parse(path: &str, is_folder: bool) -> Found<Option<ProjectPath>> {
    if is_folder && matches!(path, "." | "./") {
        return Ok(None);
    }
    path::parse(path).map(Some)
}

/// Returns the path of a file that is named from a folder; `..` may lead out of the folder, not out of the project.
fn joined(folder: &str, name: &str) -> Found<ProjectPath> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let mut rest = name;
    while let Some(shorter) = rest.strip_prefix("../") {
        if parts.pop().is_none() {
            break;
        }
        rest = shorter;
    }
    if rest.starts_with('/') {
        return path::parse(rest);
    }
    parts.push(rest);
    path::parse(&parts.join("/"))
}

fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn files(call: &Call<'_>) -> Found<Rc<dyn SourceLoader>> {
    call.state.files.clone().ok_or_else(|| Diagnostic::new(Code::ImageContext, "this evaluation has no files"))
}

fn problem(folder: &str, dockerfile: &str, error: &ContextError) -> Diagnostic {
    let problem = |message: String| Diagnostic::new(Code::ImageContext, message);
    match error {
        ContextError::NoFolder => problem(format!("there is no folder `{folder}`"))
            .help("write the path of a folder from the root of the project"),
        ContextError::NotAFolder => problem(format!("`{folder}` is a file, not a folder"))
            .help("write the path of the folder with the Dockerfile; an image in a file is an `Image::archive(file)`"),
        ContextError::Outside(root) => problem(format!("`{folder}` is outside the project `{root}`"))
            .help("build images of folders in the project only"),
        ContextError::Dockerfile(LoadError::Missing) => problem(format!("there is no Dockerfile `{dockerfile}`"))
            .help("create it, or set its path from the folder: `.dockerfile(\"docker/web.Dockerfile\")`"),
        ContextError::Dockerfile(error) => Diagnostic { code: Code::ImageContext, ..error.problem(dockerfile) },
        ContextError::IgnoreFile(name, invalid) => {
            problem(format!("line {} of `{name}` is not a valid pattern: `{}`", invalid.line, invalid.pattern))
                .help("correct the pattern: a builder refuses it, too")
        }
        ContextError::TooMany(most) => problem(format!("`{folder}` has more than {most} files and folders"))
            .help("name those that the image does not need in `.dockerignore`"),
        ContextError::Unreadable(path, why) => {
            problem(format!("`{path}` cannot be read: {why}")).help("make it readable, or name it in `.dockerignore`")
        }
    }
}
