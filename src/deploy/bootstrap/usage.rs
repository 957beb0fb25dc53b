//! The images that stacks use, or that a rollback needs.

use std::collections::BTreeSet;

use super::image_names;
use crate::cfn::type_names::{EXPRESS_SERVICE, SERVICE, TASK_DEFINITION};
use crate::deploy::api::{AwsApi, AwsError, ErrorKind, StackResource, TaskDefinition, revision};
use crate::image::bootstrap_names::STACK;

/// The number of revisions of a task definition before the deployed one whose images are kept for a rollback.
pub const KEPT_REVISIONS: u64 = 5;

/// An image of rtiler's repository that a stack uses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageUse {
    /// The name of the stack.
    pub stack: String,
    /// The tag or the digest of the image.
    pub image: String,
    /// Whether the stack runs the image now; otherwise one of its previous revisions did.
    pub is_current: bool,
}

/// Returns the images that the stacks of the region use: in their templates, in the task definitions that run (after a hotswap,
/// they differ), and in the revisions before them.
pub async fn image_uses(api: &impl AwsApi) -> Result<BTreeSet<ImageUse>, AwsError> {
    let mut uses = BTreeSet::new();
    for stack in api.stacks().await?.into_iter().filter(|stack| stack != STACK) {
        let template = match api.template(&stack).await {
            // A stack that was never created, or that was deleted meanwhile, has no template.
            Err(error) if error.kind == ErrorKind::NoSuchStack => continue,
            template => template?,
        };
        let mut add = |text: &str, is_current: bool| {
            let found =
                image_names(text).map(|image| ImageUse { stack: stack.clone(), image: image.to_owned(), is_current });
            uses.extend(found);
        };
        add(&template, true);
        if template.contains(TASK_DEFINITION) {
            for (definition, is_current) in definitions(api, &stack).await? {
                definition.containers.iter().for_each(|container| add(&container.image, is_current));
            }
        }
    }
    Ok(uses)
}

/// Returns the task definitions of a stack, and whether each is the deployed revision.
async fn definitions(api: &impl AwsApi, stack: &str) -> Result<Vec<(TaskDefinition, bool)>, AwsError> {
    let resources = api.resources(stack).await?;
    let ids = |kind: &str| -> Vec<String> {
        let of_kind = resources.iter().filter(|resource: &&StackResource| resource.kind == kind);
        of_kind.filter_map(|resource| resource.physical_id.clone()).collect()
    };
    let mut deployed: BTreeSet<String> = ids(TASK_DEFINITION).into_iter().collect();
    let services: Vec<String> = [SERVICE, EXPRESS_SERVICE].into_iter().flat_map(ids).collect();
    if !services.is_empty() {
        deployed.extend(api.services(&services).await?.into_iter().map(|service| service.task_definition));
    }
    let mut found = Vec::new();
    for arn in &deployed {
        let newest: u64 = revision(arn).rsplit(':').next().and_then(|number| number.parse().ok()).unwrap_or(0);
        for number in (newest.saturating_sub(KEPT_REVISIONS).max(1)..=newest).rev() {
            let Some((family, _)) = arn.rsplit_once(':') else { continue };
            let name = format!("{family}:{number}");
            // A revision that was deleted needs no image. One that cannot be read may need its image, so the error ends the search.
            if let Some(definition) = api.task_definition(&name).await? {
                found.push((definition, deployed.contains(&name)));
            }
        }
    }
    Ok(found)
}
