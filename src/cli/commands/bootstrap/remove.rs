use super::super::confirm::confirm;
use super::super::context::CommandContext;
use super::super::destroy::Destroy;
use super::super::runner::AccountCommand;
use crate::cli::account::Access;
use crate::cli::args::{Baseline, Bootstrap as Args, Destroy as DestroyArgs};
use crate::cli::exit::ExitStatus;
use crate::deploy::api::{AwsApi, AwsError, Clock, StoredImage, StoredObject};
use crate::deploy::bootstrap::image_uses;
use crate::diag::{Code, Diagnostic, Hint};
use crate::image::bootstrap_names;
use crate::printable::one_line;

/// The maximum number of uses of images that are listed.
const MOST_SHOWN: usize = 20;

/// The deletion of the stack with its images and templates.
pub(super) struct Remove<'a> {
    pub(super) args: &'a Args,
}

/// The images and templates of a region.
struct Contents {
    bucket: String,
    images: Vec<StoredImage>,
    objects: Vec<StoredObject>,
}

impl AccountCommand for Remove<'_> {
    const ACCESS: Access = Access::Write;
    const BASELINE: Baseline = Baseline::Deployed;

    async fn run<C: AwsApi, K: Clock>(self, api: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        match api.describe_stack(bootstrap_names::STACK).await {
            Ok(Some(_)) => {}
            Ok(None) => {
                cx.output.status("there is no bootstrap in this region: nothing to remove");
                return ExitStatus::Ok;
            }
            Err(error) => return cx.aws_error(&error),
        }
        let contents = match self.contents(&api, cx).await {
            Ok(contents) => contents,
            Err(exit) => return exit,
        };
        let (images, templates) = (contents.images.len(), contents.objects.len());
        if cx.account.needs_approval(self.args.yes) {
            let question =
                format!("Delete {images} images, {templates} templates and the stack {}?", bootstrap_names::STACK);
            if let Err(exit) = confirm(&question, "nothing was deleted", cx).await {
                return exit;
            }
        }
        if let Err(error) = empty(&api, &contents).await {
            return cx.aws_error(&error);
        }
        cx.output.status(&format!("deleted {images} images and {templates} templates"));
        let args = DestroyArgs::every_stack(self.args.rehearse.clone(), true);
        Destroy::new(&args).run(api, clock, cx).await
    }
}

impl Remove<'_> {
    /// Returns what is stored, unless stacks use it.
    async fn contents(&self, api: &impl AwsApi, cx: &CommandContext<'_>) -> Result<Contents, ExitStatus> {
        let aws = |error: AwsError| cx.aws_error(&error);
        let current = image_uses(api).await.map_err(aws)?.into_iter().filter(|used| used.is_current);
        let uses: Vec<(String, String)> = current.map(|used| (used.stack, used.image)).collect();
        if !uses.is_empty() {
            cx.report(&[in_use(&uses)]);
            return Err(ExitStatus::Script);
        }
        let environment = api.environment().await.map_err(aws)?;
        let bucket = bootstrap_names::bucket(&environment.account, &environment.region);
        let images = api.stored_images(bootstrap_names::REPOSITORY).await.map_err(aws)?;
        let objects = api.stored_objects(&bucket).await.map_err(aws)?;
        Ok(Contents { bucket, images, objects })
    }
}

/// Deletes the images and templates. Images without a tag come last: others may contain them.
async fn empty(api: &impl AwsApi, contents: &Contents) -> Result<(), AwsError> {
    let (tagged, parts): (Vec<_>, Vec<_>) = contents.images.iter().cloned().partition(|image| !image.tags.is_empty());
    for images in [tagged, parts] {
        api.delete_images(bootstrap_names::REPOSITORY, &images).await?;
    }
    api.delete_objects(&contents.bucket, &contents.objects).await
}

fn in_use(uses: &[(String, String)]) -> Diagnostic {
    let mut stacks: Vec<&str> = uses.iter().map(|(stack, _)| stack.as_str()).collect();
    stacks.dedup();
    let list = stacks.iter().map(|stack| format!("`{}`", one_line(stack))).collect::<Vec<_>>().join(", ");
    let problem = Diagnostic::new(Code::BootstrapInUse, format!("stacks use images of the bootstrap: {list}"));
    let notes =
        uses.iter().take(MOST_SHOWN).map(|(stack, image)| format!("{} uses {}", one_line(stack), one_line(image)));
    let rest = uses.len().saturating_sub(MOST_SHOWN);
    notes
        .chain((rest > 0).then(|| format!("and {rest} more")))
        .fold(problem, Diagnostic::note)
        .help(Hint::from("delete these stacks first, or deploy them with other images"))
}
