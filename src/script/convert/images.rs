//! Images, and the arguments of their setters.

use std::rc::Rc;

use rhai::Dynamic;

use super::literal;
use crate::block::{ArchivedImage, Image, ImageSource, RegistryImage};
use crate::cfn::TemplateString;
use crate::diag::{Code, Diagnostic};
use crate::image::{BuildSecret, Platform, SecretSource, is_repository_name, is_tag};
use crate::script::call::{Argument, ConversionError, FromScript};
use crate::script::reading;

/// The folder of a build, as the script writes it.
pub(crate) struct ContextFolder(pub(crate) String);
/// The file of an image, as the script writes it.
pub(crate) struct FileOfImage(pub(crate) String);
/// A platform.
pub(crate) struct PlatformArg(pub(crate) Platform);
/// The id of a build secret.
pub(crate) struct SecretId(String);
/// The origin of a build secret.
pub(crate) struct BuildSecretArg(SecretSource);
/// A further tag.
pub(crate) struct ExtraTag(pub(crate) String);
/// A repository with its registry.
pub(crate) struct RepositoryName(pub(crate) String);

impl BuildSecretArg {
    /// Returns the secret with an id.
    pub(crate) fn of(self, id: SecretId) -> BuildSecret {
        BuildSecret { id: id.0, source: self.0 }
    }
}

take! {
    ImageSource, "the name of an image, or `Image::build(folder)`", |value, argument| image(value, argument);
    ContextFolder, "the path of a folder", |value, argument| permitted(&value, argument, true).map(ContextFolder);
    FileOfImage, "the path of a file", |value, argument| permitted(&value, argument, false).map(FileOfImage);
    PlatformArg, "text", |value, argument| platform(&value, argument).map(PlatformArg);
    SecretId, "text", |value, argument| secret_id(&value, argument).map(SecretId);
    BuildSecretArg, "`file:PATH` or `env:VARIABLE`", |value, argument| secret(&value, argument).map(BuildSecretArg);
    ExtraTag, "text", |value, argument| tag(&value, argument).map(ExtraTag);
    RepositoryName, "text", |value, argument| repository(&value, argument).map(RepositoryName);
}

fn image(value: Dynamic, argument: &Argument<'_, '_>) -> Result<ImageSource, ConversionError> {
    if value.is::<Rc<Image>>() {
        let mut image = (*value.cast::<Rc<Image>>()).clone();
        image.context = found(reading::image_context(argument.call, &image), argument);
        return Ok(ImageSource::Built(Box::new(image)));
    }
    if value.is::<Rc<ArchivedImage>>() {
        let mut image = (*value.cast::<Rc<ArchivedImage>>()).clone();
        image.content = found(reading::image_archive(argument.call, &image), argument);
        return Ok(ImageSource::Archived(Box::new(image)));
    }
    if value.is::<Rc<RegistryImage>>() {
        return Ok(ImageSource::Registry((*value.cast::<Rc<RegistryImage>>()).clone()));
    }
    if value.is_int() || value.is_float() {
        return Err(None);
    }
    TemplateString::take(value, argument).map(ImageSource::Pulled)
}

/// Returns the content of an image, or reports why there is none. The service has an image all the same.
fn found<T>(content: Result<T, Diagnostic>, argument: &Argument<'_, '_>) -> Option<T> {
    content.map_err(|problem| argument.call.report(problem)).ok()
}

/// Returns a path that the code of the call may read.
fn permitted(value: &Dynamic, argument: &Argument<'_, '_>, is_folder: bool) -> Result<String, ConversionError> {
    let path = literal(value, argument)?;
    reading::may_be_image(argument.call, &path, is_folder).map_err(Some)?;
    Ok(path)
}

fn platform(value: &Dynamic, argument: &Argument<'_, '_>) -> Result<Platform, ConversionError> {
    let name = literal(value, argument)?;
    Platform::parse(&name).ok_or_else(|| {
        let message = format!("`{}` is not a platform of Fargate", name.escape_debug());
        wrong(message, "write `linux/amd64` or `linux/arm64`")
    })
}

fn secret_id(value: &Dynamic, argument: &Argument<'_, '_>) -> Result<String, ConversionError> {
    let id = literal(value, argument)?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if !id.is_empty() && id.chars().all(is_plain) {
        return Ok(id);
    }
    let message = format!("`{}` cannot be the id of a build secret", id.escape_debug());
    Err(wrong(message, "write the id that the Dockerfile mounts, of letters, digits, `.`, `_` and `-`"))
}

fn secret(value: &Dynamic, argument: &Argument<'_, '_>) -> Result<SecretSource, ConversionError> {
    let text = literal(value, argument)?;
    let source = match text.split_once(':') {
        Some(("file", path)) if !path.is_empty() => SecretSource::File(path.to_owned()),
        Some(("env", name)) if !name.is_empty() => SecretSource::Variable(name.to_owned()),
        // The text may be the secret itself, so it is not shown.
        _ => {
            let message = "a build secret is read from a file or a variable".to_owned();
            return Err(wrong(
                message,
                "write `file:PATH` or `env:VARIABLE`; the secret itself is not part of a script",
            ));
        }
    };
    reading::may_be_secret(argument.call, &source).map_err(Some)?;
    Ok(source)
}

fn tag(value: &Dynamic, argument: &Argument<'_, '_>) -> Result<String, ConversionError> {
    let tag = literal(value, argument)?;
    if is_tag(&tag) {
        return Ok(tag);
    }
    let message = format!("`{}` is not a valid tag", tag.escape_debug());
    Err(wrong(message, "a tag has up to 128 letters, digits, `_`, `.` and `-`, and begins with neither `.` nor `-`"))
}

fn repository(value: &Dynamic, argument: &Argument<'_, '_>) -> Result<String, ConversionError> {
    let name = literal(value, argument)?;
    if is_repository_name(&name) {
        return Ok(name);
    }
    let message = format!("`{}` is not the name of a repository", name.escape_debug());
    let help = match crate::image::ImageReference::parse(&name) {
        Some(_) if name.contains('/') => {
            "leave the tag out: the tag follows from the content; a further one is a `.tag(..)`"
        }
        _ => "write the registry and the repository in lower case: `ghcr.io/acme/web`",
    };
    Err(wrong(message, help))
}

#[allow(clippy::unnecessary_wraps, reason = "the callers return the error of a conversion, which may be none")]
fn wrong(message: String, help: &str) -> ConversionError {
    Some(Diagnostic::new(Code::WrongArgument, message).help(help))
}
