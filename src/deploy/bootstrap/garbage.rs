use std::collections::BTreeSet;
use std::time::Duration;

use super::usage::ImageUse;
use crate::deploy::api::{StoredImage, StoredObject, Timestamp};

/// Images and templates that no stack uses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Garbage {
    /// The images.
    pub images: Vec<StoredImage>,
    /// The templates.
    pub objects: Vec<StoredObject>,
    /// The number of images that are kept.
    pub kept_images: usize,
}

impl Garbage {
    /// Returns whether there is nothing to remove.
    pub fn is_empty(&self) -> bool {
        self.images.is_empty() && self.objects.is_empty()
    }

    /// Returns the bytes of all of it.
    pub fn bytes(&self) -> u64 {
        self.images.iter().map(|image| image.bytes).chain(self.objects.iter().map(|object| object.bytes)).sum()
    }
}

/// Returns the images that no use names, and the templates, that are older than an age: a deployment that is running may have
/// pushed the others.
///
/// Images without a tag are parts of other images, or expire by the rule of the repository. CloudFormation copies a template when
/// it creates a change set, so no stack needs an uploaded one.
pub fn garbage(
    images: Vec<StoredImage>,
    objects: Vec<StoredObject>,
    uses: &BTreeSet<ImageUse>,
    now: Timestamp,
    age: Duration,
) -> Garbage {
    let is_old = |time: Option<Timestamp>| time.is_none_or(|time| now.since(time) >= age);
    let is_used =
        |image: &StoredImage| uses.iter().any(|used| used.image == image.digest || image.tags.contains(&used.image));
    let (removed, kept): (Vec<_>, Vec<_>) =
        images.into_iter().partition(|image| !image.tags.is_empty() && !is_used(image) && is_old(image.pushed));
    let objects = objects.into_iter().filter(|object| is_old(object.modified)).collect();
    Garbage { images: removed, objects, kept_images: kept.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(tag: &str, pushed: i64) -> StoredImage {
        let tags = if tag.is_empty() { Vec::new() } else { vec![tag.to_owned()] };
        StoredImage { digest: format!("sha256:{tag}"), tags, bytes: 5, pushed: Some(Timestamp::from_secs(pushed)) }
    }

    #[test]
    fn old_images_that_no_stack_uses_are_garbage() {
        let use_of = |image: &str| ImageUse { stack: "web".into(), image: image.into(), is_current: true };
        let references = BTreeSet::from([use_of("current"), use_of("sha256:pinned")]);
        let images = ["current", "pinned", "unused", ""].map(|tag| image(tag, 0)).into_iter();
        let images = images.chain([image("new", 9_000)]).collect();
        let object = |key: &str, time| StoredObject {
            key: key.to_owned(),
            version: None,
            bytes: 7,
            modified: Some(Timestamp::from_secs(time)),
        };
        let objects = vec![object("old", 0), object("new", 9_500)];
        let found = garbage(images, objects, &references, Timestamp::from_secs(10_000), Duration::from_secs(5_000));
        assert_eq!(found.images, [image("unused", 0)]);
        assert_eq!(found.objects, [object("old", 0)]);
        assert_eq!((found.kept_images, found.bytes(), found.is_empty()), (4, 12, false));
    }
}
