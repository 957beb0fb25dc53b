//! `images`: the images of the script, as registries have them, and as the account runs them.
//!
//! `script_images` finds the images in the templates, `listing` combines them with facts and with what runs, `table` shows them.

mod listing;
mod script_images;
mod table;

use std::collections::HashMap;

use indexmap::IndexMap;

use super::context::CommandContext;
use super::image_checks::logins;
use super::runner::{AccountCommand, run_command};
use crate::cli::account::Access;
use crate::cli::args::{Images as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::image_checks::{FactSource, facts};
use crate::cli::project::{Project, Warnings};
use crate::cli::report::faint;
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, AwsEnvironment, AwsError, Clock, ErrorKind, Timestamp};
use crate::deploy::operate::{ServiceImages, running_images};
use crate::image::{Architecture, FactsByName, ImageReference};
use crate::printable::one_line;
use crate::registry::Login;
use listing::listed;
use script_images::{ScriptImage, script_images};

/// Runs `images`: lists the images with their digests, platforms, sizes and ages, who uses them, and what runs now.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let cx = CommandContext::new(project, &args.stacks.stacks, &args.rehearse, Warnings::Hidden, options, terminal);
    match cx {
        Ok(cx) if cfg!(feature = "aws") || cx.account.is_rehearsal() => run_command(Images, &cx),
        Ok(cx) => {
            cx.output.status(&faint("without AWS support: the list has what registries know"));
            let images = script_images(&cx.stacks, &HashMap::new());
            let facts = facts(&cx.script, &readable(&images), &FactSource::Registries(&HashMap::new()));
            print(&images, &facts, &AccountImages::default(), &cx)
        }
        Err(exit) => exit,
    }
}

struct Images;

/// The images as an account has them.
#[derive(Default)]
struct AccountImages {
    /// The images that run, by the name of the stack; none for stacks that are not deployed.
    running: HashMap<String, Vec<ServiceImages>>,
    /// The times of pushes to ECR, by digest.
    pushed: HashMap<String, Timestamp>,
}

impl AccountCommand for Images {
    const ACCESS: Access = Access::Read;

    async fn run<C: AwsApi, K: Clock>(self, api: C, _clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        cx.announce_rehearsal();
        let environments = environments(&api, cx).await;
        let is_reachable = environments.is_ok();
        let environments = environments.unwrap_or_else(|error| without_account(&error, cx));
        let images = script_images(&cx.stacks, &environments);
        let readable = readable(&images);
        let logins = if is_reachable { logins(&api, readable.keys()).await } else { HashMap::new() };
        let account = async {
            let read = if is_reachable {
                account_images(&api, &images, &environments, cx).await
            } else {
                return AccountImages::default();
            };
            read.unwrap_or_else(|error| without_account(&error, cx))
        };
        let (facts, account) = futures_util::future::join(read_facts(cx, readable, logins), account).await;
        print(&images, &facts, &account, cx)
    }
}

/// Prints that the account was not read, and returns nothing of it.
fn without_account<T: Default>(error: &AwsError, cx: &CommandContext<'_>) -> T {
    let why = match error.kind {
        ErrorKind::NoCredentials => "there are no credentials".to_owned(),
        _ => error.to_string(),
    };
    cx.output
        .status(&faint(&format!("the account was not read ({}): the list has what registries know", one_line(&why))));
    T::default()
}

/// Returns the account and region of each stack by its name.
async fn environments(api: &impl AwsApi, cx: &CommandContext<'_>) -> Result<HashMap<String, AwsEnvironment>, AwsError> {
    let mut found = HashMap::new();
    for stack in &cx.stacks {
        let environment = api.for_region(stack.region.as_deref()).environment().await?;
        found.insert(stack.name.clone(), environment);
    }
    Ok(found)
}

/// Returns the images that can be looked up, each with the architectures of its tasks.
fn readable(images: &[ScriptImage]) -> IndexMap<String, Vec<Architecture>> {
    let known = images.iter().filter(|image| image.is_complete);
    known.map(|image| (image.name.clone(), image.architectures.clone())).collect()
}

/// Reads the facts about images; a rehearsal sends no request.
async fn read_facts(
    cx: &CommandContext<'_>,
    images: IndexMap<String, Vec<Architecture>>,
    logins: HashMap<String, Login>,
) -> FactsByName {
    let script = cx.script.clone();
    if cx.account.is_rehearsal() {
        return facts(&script, &images, &FactSource::Cache);
    }
    // The calls block; signals are handled meanwhile.
    let read = tokio::task::spawn_blocking(move || facts(&script, &images, &FactSource::Registries(&logins)));
    read.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

async fn account_images<C: AwsApi>(
    api: &C,
    images: &[ScriptImage],
    environments: &HashMap<String, AwsEnvironment>,
    cx: &CommandContext<'_>,
) -> Result<AccountImages, AwsError> {
    let mut found = AccountImages::default();
    for stack in &cx.stacks {
        if let Some(running) = running_images(&api.for_region(stack.region.as_deref()), &stack.name).await? {
            found.running.insert(stack.name.clone(), running);
        }
    }
    let references = images.iter().filter_map(|image| ImageReference::parse(&image.name));
    let mut repositories: Vec<(String, String)> = references
        .filter_map(|image| Some((image.ecr()?, image.repository)))
        .filter(|(ecr, _)| environments.values().any(|environment| environment.account == ecr.account))
        .map(|(ecr, repository)| (ecr.region, repository))
        .collect();
    repositories.sort();
    repositories.dedup();
    for (region, repository) in repositories {
        // The times of pushes are a part of the list; without the permission it has none.
        let stored = api.in_region(&region).stored_images(&repository).await.unwrap_or_default();
        found.pushed.extend(stored.into_iter().filter_map(|image| Some((image.digest, image.pushed?))));
    }
    Ok(found)
}

fn print(images: &[ScriptImage], facts: &FactsByName, account: &AccountImages, cx: &CommandContext<'_>) -> ExitStatus {
    let listed = listed(images, facts, account, cx.account.is_rehearsal());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let now = Timestamp(i64::try_from(now.as_millis()).unwrap_or(i64::MAX));
    cx.output.result(&listed, || table::text(&listed, now, cx.terminal.detail()));
    ExitStatus::Ok
}
