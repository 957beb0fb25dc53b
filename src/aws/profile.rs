//! Profiles that the user names, with the precedence of the AWS command line ("Configuration and credentials
//! precedence" in its user guide). The SDK's own chain prefers keys in the environment to `--profile`, and uses other
//! credentials if no profile has the name.

use std::fmt;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_config::{Region, profile};
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future::ProvideCredentials as Provided;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use crate::diag::did_you_mean;

/// A profile that the user named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its name: `work`.
    pub name: String,
    /// The option or variable that named it.
    pub named_by: NamedBy,
}

/// The source of a profile's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedBy {
    /// `--profile`, which has precedence over keys in the environment.
    Option,
    /// `AWS_PROFILE`, over which they have precedence.
    Environment,
}

impl Profile {
    /// Returns the credentials to use, if the SDK's own chain would use others.
    pub(super) async fn credentials(
        &self,
        http: &SharedHttpClient,
        region: Option<&Region>,
    ) -> Option<SharedCredentialsProvider> {
        // The SDK reports files that cannot be read.
        if let Ok(profiles) = load().await
            && profiles.get_profile(&self.name).is_none()
        {
            return Some(SharedCredentialsProvider::new(self.unknown(&profiles)));
        }
        match self.named_by {
            NamedBy::Option => Some(SharedCredentialsProvider::new(self.chain(http, region))),
            NamedBy::Environment => None,
        }
    }

    /// Returns the SDK's chain without the environment: the profile, else the role of the container or machine.
    fn chain(&self, http: &SharedHttpClient, region: Option<&Region>) -> CredentialsProviderChain {
        let config = ProviderConfig::default().with_http_client(http.clone()).with_region(region.cloned());
        let profile = ProfileFileCredentialsProvider::builder().configure(&config).profile_name(&self.name).build();
        CredentialsProviderChain::first_try("Profile", profile)
            .or_else("EcsContainer", EcsCredentialsProvider::builder().configure(&config).build())
            .or_else("Ec2InstanceMetadata", ImdsCredentialsProvider::builder().configure(&config).build())
    }

    fn unknown(&self, profiles: &ProfileSet) -> UnknownProfile {
        let mut known: Vec<_> = profiles.profiles().map(str::to_owned).collect();
        known.sort_unstable();
        UnknownProfile { profile: self.clone(), known }
    }
}

/// Reads the profiles of `~/.aws/config` and `~/.aws/credentials`, or of the files that the environment names instead.
#[expect(clippy::default_trait_access, reason = "aws-config does not export these types again")]
async fn load() -> Result<ProfileSet, profile::ProfileFileLoadError> {
    profile::load(&Default::default(), &Default::default(), &Default::default(), None).await
}

/// A provider that returns no credentials, because no profile has the name that the user gave.
#[derive(Debug, Clone)]
pub(super) struct UnknownProfile {
    profile: Profile,
    known: Vec<String>,
}

impl UnknownProfile {
    /// Returns the hint.
    pub(super) fn help(&self) -> String {
        let name = &self.profile.name;
        let known = || self.known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        match did_you_mean(name, self.known.iter().map(String::as_str)) {
            Some(hint) => hint,
            None if self.known.is_empty() => format!("create it with `aws configure sso --profile {name}`"),
            None => format!("the profiles are {}; create another with `aws configure sso --profile {name}`", known()),
        }
    }
}

impl fmt::Display for UnknownProfile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Profile { name, named_by } = &self.profile;
        match named_by {
            NamedBy::Option => write!(out, "there is no AWS profile `{name}`"),
            NamedBy::Environment => write!(out, "there is no AWS profile `{name}`, which `AWS_PROFILE` names"),
        }
    }
}

impl std::error::Error for UnknownProfile {}

impl ProvideCredentials for UnknownProfile {
    fn provide_credentials<'a>(&'a self) -> Provided<'a>
    where
        Self: 'a,
    {
        Provided::ready(Err(CredentialsError::invalid_configuration(self.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(written: &str, known: &[&str]) -> String {
        let profile = Profile { name: written.to_owned(), named_by: NamedBy::Option };
        UnknownProfile { profile, known: known.iter().copied().map(str::to_owned).collect() }.help()
    }

    #[test]
    fn help_for_an_unknown_profile_lists_the_profiles() {
        assert_eq!(help("pord", &["dev", "prod"]), "did you mean `prod`?");
        assert_eq!(
            help("x-y-z", &["dev", "prod"]),
            "the profiles are `dev`, `prod`; create another with `aws configure sso --profile x-y-z`"
        );
        assert_eq!(help("prod", &[]), "create it with `aws configure sso --profile prod`");
    }
}
