use crate::cli::json::{ImageUse, ListedImage, ListedPlatform};
use crate::cli::report::{age, counted, size};
use crate::cli::table::Table;
use crate::cli::terminal::Detail;
use crate::deploy::api::Timestamp;
use crate::deploy::operate::RunningImage;

/// Returns the table of images, with the reasons why some were not read.
pub(super) fn text(images: &[ListedImage], now: Timestamp, detail: Detail) -> String {
    if images.is_empty() {
        return "no images\n".to_owned();
    }
    let table = Table::new(&["IMAGE", "DIGEST", "PLATFORMS", "SIZE", "AGE", "USED BY", "RUNS"]);
    let table = table.optional(&["PLATFORMS", "AGE", "SIZE"]).with(images.iter().map(|image| row(image, now)));
    let unread = images.iter().filter_map(|image| Some((&image.image, image.unread.as_ref()?)));
    let notes = unread.map(|(image, why)| crate::printable::one_line(&format!("{image}: {why}")).into_owned() + "\n");
    [table.render(detail)].into_iter().chain(notes).collect()
}

fn row(image: &ListedImage, now: Timestamp) -> Vec<String> {
    let needed = || image.platforms.iter().filter(|it| it.compressed_bytes.is_some());
    let created = needed().filter_map(|it| it.created).max().or(image.pushed);
    vec![
        name(image),
        image.digest.as_deref().map_or_else(dash, |digest| short(digest).to_owned()),
        or_dash(image.platforms.iter().map(|it| it.platform.as_str()).collect::<Vec<_>>().join(", ")),
        sizes(&needed().collect::<Vec<_>>()),
        created.map_or_else(dash, |time| age(now.since(time))),
        image.used_by.iter().map(user).collect::<Vec<_>>().join(", "),
        or_dash(image.used_by.iter().filter_map(|user| runs(image, user)).collect::<Vec<_>>().join(", ")),
    ]
}

fn name(image: &ListedImage) -> String {
    let mark = match (&image.path, image.pinned) {
        (Some(path), _) => format!(" (from {path})"),
        (None, true) => " (pinned)".to_owned(),
        (None, false) => String::new(),
    };
    format!("{}{mark}", image.image)
}

/// Returns the sizes of the platforms that tasks need, with their names if there are several.
fn sizes(platforms: &[&ListedPlatform]) -> String {
    let one = |it: &&ListedPlatform| size(it.compressed_bytes.unwrap_or_default());
    match platforms {
        [] => dash(),
        [only] => one(only),
        several => {
            let named = several.iter().map(|it| format!("{} {}", it.platform.trim_start_matches("linux/"), one(it)));
            named.collect::<Vec<_>>().join(", ")
        }
    }
}

fn user(user: &ImageUse) -> String {
    format!("{}/{}", user.block.as_deref().unwrap_or(&user.task_definition), user.container)
}

/// Returns what the tasks of a container run; none if it is not known.
fn runs(image: &ListedImage, user: &ImageUse) -> Option<String> {
    let running = user.running.as_ref()?;
    if running.is_empty() {
        return Some("no task".to_owned());
    }
    Some(running.iter().map(|it| runs_one(image, it)).collect::<Vec<_>>().join(", "))
}

fn runs_one(image: &ListedImage, running: &RunningImage) -> String {
    let tasks = counted(running.tasks, "task");
    let mut digests = image.digest.iter().chain(image.platforms.iter().map(|it| &it.digest));
    match &running.digest {
        Some(digest) if digests.any(|known| known == digest) => tasks,
        Some(digest) => format!("{tasks} with {}", short(digest)),
        None => match running.image.as_deref().filter(|name| *name != image.image) {
            Some(name) => format!("{tasks} with {name}"),
            None => tasks,
        },
    }
}

/// Returns the beginning of a digest, which distinguishes images: `sha256:0a1b2c3d4e5f`.
fn short(digest: &str) -> &str {
    digest.get(..19).unwrap_or(digest)
}

fn or_dash(text: String) -> String {
    if text.is_empty() { dash() } else { text }
}

fn dash() -> String {
    "-".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> ListedImage {
        let platform = |name: &str, bytes| ListedPlatform {
            platform: name.to_owned(),
            digest: format!("sha256:{name}"),
            compressed_bytes: bytes,
            created: Some(Timestamp::from_secs(1_000_000_000)),
        };
        let running = |digest: &str, tasks| RunningImage { image: None, digest: Some(digest.to_owned()), tasks };
        ListedImage {
            image: "ghcr.io/acme/web:1".to_owned(),
            source: "registry",
            path: None,
            pinned: true,
            digest: Some(format!("sha256:{}", "0a".repeat(32))),
            unread: None,
            platforms: vec![platform("linux/amd64", Some(12_300_000)), platform("linux/arm64", None)],
            pushed: None,
            used_by: vec![ImageUse {
                stack: "web".to_owned(),
                block: Some("FargateService Web".to_owned()),
                task_definition: "WebTask".to_owned(),
                container: "web".to_owned(),
                running: Some(vec![running("sha256:linux/amd64", 2), running("sha256:0b0b0b0b0b0b0b", 1)]),
            }],
        }
    }

    #[test]
    fn row_has_the_size_of_the_needed_platform_and_the_tasks_that_run_another_digest() {
        let now = Timestamp::from_secs(1_000_000_000 + 3 * 86_400);
        assert_eq!(
            row(&image(), now),
            [
                "ghcr.io/acme/web:1 (pinned)",
                "sha256:0a0a0a0a0a0a",
                "linux/amd64, linux/arm64",
                "12.3 MB",
                "3 days",
                "FargateService Web/web",
                "2 tasks, 1 task with sha256:0b0b0b0b0b0b",
            ]
        );
    }

    #[test]
    fn image_that_was_not_read_has_dashes_and_the_reason() {
        let unread = ListedImage {
            digest: None,
            platforms: Vec::new(),
            unread: Some("it does not exist in its registry".to_owned()),
            used_by: Vec::new(),
            ..image()
        };
        let row = row(&unread, Timestamp::from_secs(0));
        assert_eq!(row[1..5], ["-", "-", "-", "-"].map(str::to_owned));
        assert_eq!(row[6], "-");
    }
}
