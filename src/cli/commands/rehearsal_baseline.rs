//! The deployed stacks that a rehearsal starts from.

use std::path::PathBuf;

use super::context::CommandContext;
use crate::cli::args::Baseline;
use crate::cli::report::faint;
use crate::rehearsal::DeployedSnapshot;

/// Reads the deployed stacks of the script, if a rehearsal starts from them. Unless the user chose that, it needs
/// credentials. If the stacks cannot be read, the rehearsal starts from the saved state, and a message says so.
pub(super) fn deployed(baseline: Baseline, chosen: bool, cx: &CommandContext<'_>) -> Vec<DeployedSnapshot> {
    if baseline == Baseline::Deployed && (chosen || has_credentials(cx)) { read(chosen, cx) } else { Vec::new() }
}

/// Returns whether there are credentials. The role of the machine is not tried, because asking for it takes seconds if
/// there is none; `--from deployed` tries it.
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
fn read(chosen: bool, cx: &CommandContext<'_>) -> Vec<DeployedSnapshot> {
    use std::time::Duration;

    use crate::cli::account::connect::connect;
    use crate::deploy::api::{AwsError, CloudFormation, ErrorKind};
    use crate::deploy::diagnose::api_error::diagnose_api_error;

    /// The longest time to wait for an account that does not answer.
    const TIMEOUT: Duration = Duration::from_secs(15);

    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("the system provides a runtime");
    let reading = async {
        let api = connect(cx.options).await;
        let mut found = Vec::new();
        for stack in &cx.stacks {
            found.extend(DeployedSnapshot::read(&api.for_region(stack.region.as_deref()), &stack.name).await?);
        }
        Ok::<_, AwsError>(found)
    };
    match runtime.block_on(async { tokio::time::timeout(TIMEOUT, reading).await }) {
        Ok(Ok(found)) => {
            for DeployedSnapshot { stack, place, .. } in &found {
                let text = format!("starting from {} as deployed in {} of {}", stack.name, place.region, place.account);
                cx.terminal.status(&faint(&crate::printable::one_line(&text)));
            }
            return found;
        }
        Ok(Err(error)) if !chosen && error.kind == ErrorKind::NoCredentials => {}
        Ok(Err(error)) => {
            let why = diagnose_api_error(&error).message;
            let text = format!("cannot read the deployed stacks ({why}): starting from the saved rehearsal");
            cx.terminal.status(&faint(&crate::printable::one_line(&text)));
        }
        Err(_) => cx.terminal.status(&faint("AWS does not answer: starting from the saved rehearsal")),
    }
    Vec::new()
}

#[cfg(not(feature = "aws"))]
fn read(chosen: bool, cx: &CommandContext<'_>) -> Vec<DeployedSnapshot> {
    if chosen {
        let text = "this rtiler was built without AWS support: starting from the saved rehearsal";
        cx.terminal.status(&faint(text));
    }
    Vec::new()
}
