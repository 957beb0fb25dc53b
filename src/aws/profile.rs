//! Profiles that the user names, with the precedence of the AWS command line ("Configuration and credentials
//! precedence" in its user guide): the SDK's own chain would let keys in the environment go before `--profile`, and
//! would look elsewhere for credentials where no profile has the name.

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
    /// How it was named.
    pub named_by: NamedBy,
}

/// Where the name of a profile comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedBy {
    /// `--profile`, which goes before keys in the environment.
    Option,
    /// `AWS_PROFILE`, which comes after them.
    Environment,
}

impl Profile {
    /// Whose credentials to take, where the SDK's own chain would take others.
    pub(super) async fn credentials(
        &self,
        http: &SharedHttpClient,
        region: Option<&Region>,
    ) -> Option<SharedCredentialsProvider> {
        // Files that cannot be read are told by the SDK.
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

    /// What the profile says, else the role of the container or machine: the SDK's chain without the environment.
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

/// The profiles of `~/.aws/config` and `~/.aws/credentials`, or of the files that the environment names instead.
#[expect(clippy::default_trait_access, reason = "aws-config does not export these types again")]
async fn load() -> Result<ProfileSet, profile::ProfileFileLoadError> {
    profile::load(&Default::default(), &Default::default(), &Default::default(), None).await
}

/// No profile has the name that the user gave; a provider of credentials that has none.
#[derive(Debug, Clone)]
pub(super) struct UnknownProfile {
    profile: Profile,
    known: Vec<String>,
}

impl UnknownProfile {
    /// What to do about it.
    pub(super) fn help(&self) -> String {
        let name = &self.profile.name;
        let known = || self.known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        match did_you_mean(name, self.known.iter().map(String::as_str)) {
            Some(hint) => hint,
            None if self.known.is_empty() => format!("`aws configure sso --profile {name}` makes it"),
            None => format!("there are {}; `aws configure sso --profile {name}` makes another", known()),
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
    fn the_help_for_an_unknown_profile_offers_what_there_is() {
        assert_eq!(help("pord", &["dev", "prod"]), "did you mean `prod`?");
        assert_eq!(
            help("x-y-z", &["dev", "prod"]),
            "there are `dev`, `prod`; `aws configure sso --profile x-y-z` makes another"
        );
        assert_eq!(help("prod", &[]), "`aws configure sso --profile prod` makes it");
    }
}
