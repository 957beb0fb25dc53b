use super::AccountImages;
use super::script_images::{ContainerOfScript, ScriptImage};
use crate::cli::json::{ImageUse, ListedImage, ListedPlatform};
use crate::deploy::api::Timestamp;
use crate::deploy::operate::RunningImage;
use crate::image::{FactsByName, ImageFacts, PlatformImage, Unread};

/// The time before which no image was built: reproducible builds set 1970 or 1980.
const FIRST: Timestamp = Timestamp(1_325_376_000_000);

/// Returns the images with what their registries and the account know.
pub(super) fn listed(
    images: &[ScriptImage],
    facts: &FactsByName,
    account: &AccountImages,
    is_rehearsal: bool,
) -> Vec<ListedImage> {
    let one = |image: &ScriptImage| {
        let found = facts.get(&image.name);
        let read = found.and_then(|found| found.as_ref().ok());
        ListedImage {
            image: image.name.clone(),
            source: image.source,
            path: image.path.clone(),
            pinned: image.is_pinned,
            digest: read.map(|facts| facts.digest.clone()),
            unread: unread(image, found, is_rehearsal),
            platforms: read.into_iter().flat_map(|facts| &facts.platforms).map(platform).collect(),
            pushed: read.and_then(|facts| pushed(facts, account)),
            used_by: image.uses.iter().map(|user| image_use(user, account)).collect(),
        }
    };
    images.iter().map(one).collect()
}

fn unread(image: &ScriptImage, found: Option<&Result<ImageFacts, Unread>>, is_rehearsal: bool) -> Option<String> {
    match found {
        Some(Ok(_)) => None,
        Some(Err(Unread::Missing)) if image.path.is_some() => Some("it is not pushed yet".to_owned()),
        Some(Err(Unread::Missing)) => Some("it does not exist in its registry".to_owned()),
        Some(Err(Unread::Invalid(why) | Unread::Unanswered(why))) => Some(why.clone()),
        None if !image.is_complete => Some("its account is not known".to_owned()),
        None if is_rehearsal => Some("a rehearsal reads no registry, and the cache does not have it".to_owned()),
        None => Some("its name is not that of an image".to_owned()),
    }
}

fn platform(image: &PlatformImage) -> ListedPlatform {
    let created = image.content.as_ref().and_then(|content| Timestamp::parse(content.config.created.as_deref()?));
    ListedPlatform {
        platform: image.name(),
        digest: image.digest.clone(),
        compressed_bytes: image.content.as_ref().map(|content| content.compressed),
        created: created.filter(|time| *time >= FIRST),
    }
}

fn pushed(facts: &ImageFacts, account: &AccountImages) -> Option<Timestamp> {
    account.pushed.get(&facts.digest).copied()
}

fn image_use(user: &ContainerOfScript, account: &AccountImages) -> ImageUse {
    let running = account.running.get(&user.stack).map(|services| {
        let own = services.iter().filter(|it| user.services.contains(&it.service));
        let images = own.filter_map(|service| service.containers.get(&user.container));
        images.flatten().cloned().collect::<Vec<RunningImage>>()
    });
    ImageUse {
        stack: user.stack.clone(),
        block: user.block.clone(),
        task_definition: user.task.clone(),
        container: user.container.clone(),
        running,
    }
}
