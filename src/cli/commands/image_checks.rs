use std::collections::HashMap;

use super::context::CommandContext;
use crate::cli::exit::ExitStatus;
use crate::cli::image_checks::{self, FactSource};
use crate::deploy::api::ImageRegistry;
use crate::diag::Diagnostic;
use crate::image::ImageReference;
use crate::registry::Login;
use crate::synth::DesiredStack;

/// Checks the images of stacks before a deployment, and reports their problems. A rehearsal sends no request: it uses what the cache
/// has.
///
/// # Errors
///
/// The exit status if a task could not start.
pub(super) async fn check_images(
    api: &impl ImageRegistry,
    stacks: &[DesiredStack],
    cx: &CommandContext<'_>,
) -> Result<(), ExitStatus> {
    let images = image_checks::images_of(stacks);
    if images.is_empty() {
        return Ok(());
    }
    let facts = if cx.account.is_rehearsal() {
        image_checks::facts(&cx.script, &images, &FactSource::Cache)
    } else {
        let logins = logins(api, images.keys()).await;
        let script = cx.script.clone();
        let read = move || image_checks::facts(&script, &images, &FactSource::Registries(&logins));
        // The calls block; signals are handled meanwhile.
        tokio::task::spawn_blocking(read).await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    };
    let problems = image_checks::problems(stacks, &facts, &cx.sources);
    cx.report(&problems);
    if problems.iter().any(Diagnostic::is_error) { Err(ExitStatus::Script) } else { Ok(()) }
}

/// Returns the logins of the registries of ECR, by host. Without a token the credentials of docker are used.
pub(super) async fn logins(api: &impl ImageRegistry, images: impl Iterator<Item = &String>) -> HashMap<String, Login> {
    let mut logins = HashMap::new();
    for image in images.filter_map(|name| ImageReference::parse(name)) {
        if let (Some(ecr), false) = (image.ecr(), logins.contains_key(&image.host))
            && let Ok(token) = api.push_credentials(&ecr.region).await
        {
            logins.insert(image.host, (token.user, token.password));
        }
    }
    logins
}
