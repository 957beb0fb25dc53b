//! What is really deployed, for a rehearsal to start from.

use std::path::PathBuf;

use super::context::CommandContext;
use crate::cli::account::rehearsal_account::Baseline;
use crate::cli::args::Baseline as StartFrom;
use crate::cli::report::faint;
use crate::rehearsal::DeployedSnapshot;

/// The stacks of the script that are really deployed, where a rehearsal starts from them; what cannot be read is told,
/// and the rehearsal starts from what was rehearsed before.
pub(super) fn deployed(start: Baseline, cx: &CommandContext<'_>) -> Vec<DeployedSnapshot> {
    match start {
        Baseline::Rehearsed | Baseline::Said(StartFrom::Saved | StartFrom::Empty) => Vec::new(),
        Baseline::AtHand if !has_credentials(cx) => Vec::new(),
        Baseline::AtHand => read(false, cx),
        Baseline::Said(StartFrom::Deployed) => read(true, cx),
    }
}

/// True where credentials are at hand. The machine's own role, which takes seconds to ask for in vain, is not looked for:
/// `--from deployed` does that.
fn has_credentials(cx: &CommandContext<'_>) -> bool {
    const NAMES: [&str; 5] = [
        "AWS_ACCESS_KEY_ID",
        "AWS_PROFILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ];
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let home = || std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from);
    cx.options.profile.is_some()
        || NAMES.iter().any(is_set)
        || home().is_some_and(|home| home.join(".aws").join("credentials").is_file())
}

#[cfg(feature = "aws")]
fn read(wanted: bool, cx: &CommandContext<'_>) -> Vec<DeployedSnapshot> {
    use std::time::Duration;

    use crate::deploy::api::{AwsError, ErrorKind};
    use crate::deploy::diagnose::api_error::diagnose_api_error;

    /// Nobody who rehearses waits longer for an account that does not answer.
    const PATIENCE: Duration = Duration::from_secs(15);

    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("the system gives a runtime");
    let reading = async {
        let cloud = super::context::connect(cx.options).await;
        let mut found = Vec::new();
        for stack in &cx.stacks {
            found.extend(DeployedSnapshot::read(&cloud.for_region(stack.region.as_deref()), &stack.name).await?);
        }
        Ok::<_, AwsError>(found)
    };
    match runtime.block_on(async { tokio::time::timeout(PATIENCE, reading).await }) {
        Ok(Ok(found)) => {
            for DeployedSnapshot { stack, place, .. } in &found {
                let words = format!("starts from {} as deployed in {} of {}", stack.name, place.region, place.account);
                cx.terminal.say(&faint(&words));
            }
            return found;
        }
        Ok(Err(error)) if !wanted && error.kind == ErrorKind::NoCredentials => {}
        Ok(Err(error)) => {
            let why = diagnose_api_error(&error).message;
            cx.terminal
                .say(&faint(&format!("what is deployed cannot be read ({why}): starts from what was rehearsed")));
        }
        Err(_) => cx.terminal.say(&faint("AWS does not answer: starts from what was rehearsed")),
    }
    Vec::new()
}

#[cfg(not(feature = "aws"))]
fn read(wanted: bool, cx: &CommandContext<'_>) -> Vec<DeployedSnapshot> {
    if wanted {
        cx.terminal.say(&faint("this rtiler was built without the feature `aws`: starts from what was rehearsed"));
    }
    Vec::new()
}
