//! Pushes images in files: archives of `docker save`, and OCI layouts in a tar file. No builder is needed.

mod contents;
mod manifest;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use futures_util::{StreamExt, stream};

use super::problems::{Refusal, at, with_remedy};
use crate::deploy::api::{ImageTarget, RegistryCredentials};
use crate::diag::{Code, Diagnostic};
use crate::image::{ImageArchive, ImageReference};
use crate::registry::{Blocks, Limits, TransportError, Upload};
use contents::{Contents, Place};
use manifest::{Blob, BlobContent, Push};

/// The bytes that are sent at once.
const BLOCK: usize = 1 << 20;

/// Pushes the image of an archive with each of its tags. A layer that the registry has is not sent.
pub(super) async fn push(
    target: &ImageTarget,
    archive: &ImageArchive,
    login: Option<RegistryCredentials>,
    limits: Limits,
) -> Result<(), Diagnostic> {
    let plan = Contents::of(&archive.path).and_then(|contents| manifest::plan(&contents, &archive.path));
    let plan = plan.map_err(|why| {
        let message = format!("`{}` is not an image that can be pushed: {why}", archive.file);
        at(target, Code::ImagePush, &message).help("write it with `docker save -o FILE IMAGE`, or as an OCI archive")
    })?;
    send(target, archive, &plan, (login, limits)).await.map_err(|error| failed(target, &error))
}

async fn send(
    target: &ImageTarget,
    archive: &ImageArchive,
    plan: &Push,
    (login, limits): (Option<RegistryCredentials>, Limits),
) -> Result<(), TransportError> {
    let name = ImageReference::parse(&target.reference());
    let name = name.ok_or_else(|| TransportError::Other(format!("`{}` is not a name", target.reference())))?;
    let login = login.map(|login| (login.user, login.password));
    let upload = Upload::open(&name.host, &name.repository, login, limits)?;
    for Blob { digest, size, content } in &plan.blobs {
        if upload.has_blob(digest).await? {
            continue;
        }
        let open = || match content {
            BlobContent::InFile(place) => blocks(&archive.path, *place),
            BlobContent::InMemory(bytes) => stream::iter([Ok(bytes.clone())]).boxed(),
        };
        upload.blob(digest, *size, &open).await?;
    }
    for (digest, media_type, bytes) in &plan.children {
        upload.manifest(digest, media_type, bytes).await?;
    }
    let tags = std::iter::once(&target.image.tag).chain(&target.image.extra_tags);
    for tag in tags {
        upload.manifest(tag, &plan.media_type, &plan.manifest).await?;
    }
    Ok(())
}

/// Returns a part of a file in blocks.
fn blocks(path: &Path, place: Place) -> Blocks {
    let opened = File::open(path).and_then(|mut file| {
        file.seek(SeekFrom::Start(place.offset))?;
        Ok(file.take(place.size))
    });
    let state = Some(opened);
    stream::unfold(state, |state| async move {
        let mut part = match state? {
            Ok(part) => part,
            Err(error) => return Some((Err(error), None)),
        };
        let mut block = Vec::with_capacity(BLOCK);
        match part.by_ref().take(BLOCK as u64).read_to_end(&mut block) {
            Ok(0) => None,
            Ok(_) => Some((Ok(block), Some(Ok(part)))),
            Err(error) => Some((Err(error), None)),
        }
    })
    .boxed()
}

fn failed(target: &ImageTarget, error: &TransportError) -> Diagnostic {
    let message = format!("image `{}` cannot be pushed to `{}`: {error}", target.image.path(), target.repository);
    let refusal = match error {
        TransportError::Missing => Refusal::NoRepository,
        TransportError::Denied(_) | TransportError::Credentials(_) => Refusal::Denied,
        TransportError::Unavailable(429, _) => Refusal::TooMany,
        TransportError::Unavailable(..) => Refusal::Broken,
        TransportError::TimedOut(_) | TransportError::Interrupted(_) => Refusal::Silent,
        _ => Refusal::Unknown,
    };
    with_remedy(at(target, Code::ImagePush, &message), target, refusal)
}
