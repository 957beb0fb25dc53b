//! The stack of `rtiler bootstrap`: one for each account and region, with a repository for the images that rtiler builds and a
//! bucket for templates that are too large for a request.
//!
//! `needs` finds the stacks that need it, `image_names` the images that a template names, `usage` the images that stacks use or
//! that a rollback needs, `garbage` what is not used.
//!
//! *Invariant*: reads the account and decides; nothing is deleted here.

mod garbage;
mod image_names;
mod needs;
mod usage;

pub use garbage::{Garbage, garbage};
pub use image_names::image_names;
pub use needs::{Need, need};
pub use usage::{ImageUse, KEPT_REVISIONS, image_uses};

use crate::deploy::api::{AwsError, CloudFormation};
use crate::image::bootstrap_names::STACK;

/// The version of the stack that this program deploys. A change of the template increases it.
pub const VERSION: u32 = 1;

/// The output with the version.
const VERSION_OUTPUT: &str = "Version";

/// The stack as it is in an account and region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BootstrapState {
    /// There is none, or its creation failed.
    Missing,
    /// An older program deployed it.
    Older(u32),
    /// It fits this program.
    Current,
    /// A newer program deployed it.
    Newer(u32),
}

/// Returns the state of the stack in the region of the API.
pub async fn bootstrap_state(api: &impl CloudFormation) -> Result<BootstrapState, AwsError> {
    let Some(live) = api.describe_stack(STACK).await? else { return Ok(BootstrapState::Missing) };
    let version = live.outputs.iter().find(|output| output.key == VERSION_OUTPUT);
    let version: u32 = version.and_then(|output| output.value.parse().ok()).unwrap_or(0);
    Ok(match version {
        0 => BootstrapState::Missing,
        VERSION => BootstrapState::Current,
        older if older < VERSION => BootstrapState::Older(older),
        newer => BootstrapState::Newer(newer),
    })
}
