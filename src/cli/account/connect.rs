//! The connection to AWS with the user's credentials.

use crate::cli::args::RunOptions;

/// Returns the profile that the user names: on the command line, else in the environment.
pub(crate) fn profile(options: &RunOptions) -> Option<String> {
    options.profile.clone().or_else(|| std::env::var("AWS_PROFILE").ok()).filter(|name| !name.is_empty())
}

/// Connects to the account of the user's credentials.
#[cfg(feature = "aws")]
pub(crate) async fn connect(options: &RunOptions) -> crate::aws::Aws {
    use crate::aws::{Aws, NamedBy, Options, Profile};
    let named_by = if options.profile.is_some() { NamedBy::Option } else { NamedBy::Environment };
    let options = Options {
        profile: profile(options).map(|name| Profile { name, named_by }),
        region: options.region.clone(),
        endpoint_url: options.endpoint_url.clone().or_else(|| std::env::var("AWS_ENDPOINT_URL").ok()),
        template_bucket: options.template_bucket.clone(),
        execution_role: options.role_arn.clone(),
        registries: Some(std::sync::Arc::new(super::registries::Registries::new())),
        access_key: None,
    };
    Aws::connect(options).await
}
