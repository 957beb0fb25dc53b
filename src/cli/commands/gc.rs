use super::bootstrap;
use super::confirm::confirm;
use super::context::CommandContext;
use super::runner::{AccountCommand, run_command};
use crate::cli::account::Access;
use crate::cli::args::{Baseline, Gc as Args};
use crate::cli::bootstrap_script;
use crate::cli::exit::ExitStatus;
use crate::cli::frontend::Frontend;
use crate::cli::json::UnusedArtifacts;
use crate::cli::table::Table;
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, AwsError, Clock, Timestamp};
use crate::deploy::bootstrap::{Garbage, garbage, image_uses};
use crate::image::bootstrap_names;

/// Runs `gc`: removes the images and templates of the bootstrap that no stack uses.
pub(crate) fn command(args: &Args, terminal: &Terminal, allocated: fn() -> usize) -> ExitStatus {
    let options = args.account.run_options();
    let terminal = &terminal.for_frontend(Frontend::shell(bootstrap_script::NAME, &options, args.rehearse.rehearse));
    match bootstrap::context(&args.rehearse, &options, terminal, allocated) {
        Ok(cx) => run_command(Gc { args }, &cx),
        Err(exit) => exit,
    }
}

struct Gc<'a> {
    args: &'a Args,
}

impl AccountCommand for Gc<'_> {
    const ACCESS: Access = Access::Write;
    const BASELINE: Baseline = Baseline::Saved;

    async fn run<C: AwsApi, K: Clock>(self, api: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        cx.announce_rehearsal();
        let (found, bucket) = match self.find(&api, clock.now()).await {
            Ok(found) => found,
            Err(error) => return cx.aws_error(&error),
        };
        let asks = cx.account.needs_approval(self.args.yes);
        let removes = !self.args.dry_run && !found.is_empty();
        if removes && asks {
            cx.terminal.message(text(&found, cx).trim_end());
            if let Err(exit) = confirm("Delete them?", "nothing was deleted", cx).await {
                return exit;
            }
        }
        if removes && let Err(error) = remove(&api, &found, &bucket).await {
            return cx.aws_error(&error);
        }
        let result = UnusedArtifacts {
            images: found.images.clone(),
            templates: found.objects.clone(),
            kept_images: found.kept_images,
            bytes: found.bytes(),
            removed: removes,
        };
        cx.output.result(&result, || if removes && asks { String::new() } else { text(&found, cx) });
        cx.output.status(&summary(&found, removes));
        ExitStatus::Ok
    }
}

impl Gc<'_> {
    /// Returns what no stack uses, and the bucket of templates.
    async fn find(&self, api: &impl AwsApi, now: Timestamp) -> Result<(Garbage, String), AwsError> {
        let environment = api.environment().await?;
        let bucket = bootstrap_names::bucket(&environment.account, &environment.region);
        // The images come first: what is pushed and deployed meanwhile is not among them.
        let images = api.stored_images(bootstrap_names::REPOSITORY).await?;
        let objects = api.stored_objects(&bucket).await?;
        let uses = image_uses(api).await?;
        Ok((garbage(images, objects, &uses, now, self.args.older_than), bucket))
    }
}

async fn remove(api: &impl AwsApi, found: &Garbage, bucket: &str) -> Result<(), AwsError> {
    if !found.images.is_empty() {
        api.delete_images(bootstrap_names::REPOSITORY, &found.images).await?;
    }
    if found.objects.is_empty() { Ok(()) } else { api.delete_objects(bucket, &found.objects).await }
}

fn text(found: &Garbage, cx: &CommandContext<'_>) -> String {
    if found.is_empty() {
        return String::new();
    }
    let time = |time: Option<Timestamp>| time.map_or_else(|| "-".to_owned(), |time| time.to_string());
    let images = (found.images.iter())
        .map(|image| vec!["image".to_owned(), image.tags.join(", "), megabytes(image.bytes), time(image.pushed)]);
    let objects = (found.objects.iter())
        .map(|object| vec!["template".to_owned(), object.key.clone(), megabytes(object.bytes), time(object.modified)]);
    Table::new(&["WHAT", "NAME", "SIZE", "SINCE"]).with(images.chain(objects)).render(cx.terminal.detail())
}

fn megabytes(bytes: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "one digit after the point is shown")]
    let megabytes = bytes as f64 / 1_000_000.0;
    format!("{megabytes:.1} MB")
}

fn summary(found: &Garbage, removed: bool) -> String {
    if found.is_empty() {
        return format!("nothing to remove: {} images are used, or are too new", found.kept_images);
    }
    let what =
        format!("{} images and {} templates, {}", found.images.len(), found.objects.len(), megabytes(found.bytes()));
    if removed { format!("deleted {what}") } else { format!("would delete {what}") }
}
