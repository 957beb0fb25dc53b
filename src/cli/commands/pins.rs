//! The digests of images that a script pins.

use std::collections::BTreeMap;

use super::context::CommandContext;
use crate::cli::exit::ExitStatus;
use crate::deploy::api::AwsApi;
use crate::deploy::plan::pinned_images::with_digests;
use crate::diag::{Code, Diagnostic};
use crate::synth::DesiredStack;

/// Returns the stacks of a command with the digests that pinned images have now.
///
/// # Errors
///
/// The exit status if a digest is not known; the problems are printed.
pub(super) async fn resolved(api: &impl AwsApi, cx: &CommandContext<'_>) -> Result<Vec<DesiredStack>, ExitStatus> {
    let (mut digests, mut problems) = (BTreeMap::new(), Vec::new());
    for image in cx.stacks.iter().flat_map(|stack| &stack.pinned) {
        if image.name.contains('@') || digests.contains_key(&image.name) {
            continue;
        }
        match api.digest(&image.name).await {
            Ok(Some(digest)) => drop(digests.insert(image.name.clone(), digest)),
            // A rehearsal has no registries: the tag stays.
            Ok(None) => {}
            Err(why) => problems.push(
                Diagnostic::new(Code::ImagePin, format!("the digest of `{}` is not known: {why}", image.name))
                    .at(&image.origin, "pinned here")
                    .help("correct the name, or leave `.pin()` out"),
            ),
        }
    }
    if !problems.is_empty() {
        cx.report(&problems);
        return Err(ExitStatus::Aws);
    }
    Ok(cx
        .stacks
        .iter()
        .map(|stack| if stack.pinned.is_empty() { stack.clone() } else { with_digests(stack, &digests) })
        .collect())
}
