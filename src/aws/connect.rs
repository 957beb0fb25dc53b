use std::sync::Arc;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::HttpConnectorSettings;

use super::profile::Profile;
use super::proxy::ProxiedConnector;
use super::timed_credentials::TimedCredentials;
use super::{guarded_http, limits};
use crate::deploy::api::ImageDigests;

/// The options of the connection; omitted ones are read from the environment and the profile, as in every AWS tool.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The profile of `~/.aws/config` (`--profile`, else `AWS_PROFILE`, else `default`).
    pub profile: Option<Profile>,
    /// The region (`--region`, else `AWS_REGION`, else the profile's).
    pub region: Option<String>,
    /// The endpoint of every service (`--endpoint-url`, else `AWS_ENDPOINT_URL`, else the profile's `endpoint_url`).
    pub endpoint_url: Option<String>,
    /// The bucket for templates over 51,200 bytes; by default `rtiler-templates-ACCOUNT-REGION`, which `rtiler bootstrap`
    /// creates.
    pub template_bucket: Option<String>,
    /// The role that CloudFormation uses in place of the caller's rights.
    pub execution_role: Option<String>,
    /// The registries of images other than ECR; without them their images are not looked up.
    pub registries: Option<Arc<dyn ImageDigests>>,
    /// An access key that precedes every other source of credentials.
    pub access_key: Option<AccessKey>,
}

/// An access key.
#[derive(Clone)]
pub struct AccessKey {
    /// The key's id: `AKIA...`.
    pub id: String,
    /// The secret; never printed.
    pub secret: String,
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("AccessKey").field("id", &self.id).finish_non_exhaustive()
    }
}

pub(super) async fn load(options: Options) -> SdkConfig {
    let http = guarded_http::client();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        .timeout_config(limits::timeouts())
        .retry_config(limits::retries());
    if let Some(profile) = &options.profile {
        loader = loader.profile_name(&profile.name);
    }
    if let Some(region) = options.region {
        loader = loader.region(Region::new(region));
    }
    if let Some(url) = options.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    let config = loader.load().await;
    let credentials = match (options.access_key, options.profile) {
        (Some(key), _) => {
            Some(SharedCredentialsProvider::new(Credentials::new(key.id, key.secret, None, None, "given")))
        }
        (None, Some(profile)) => profile.credentials(&http, config.region()).await,
        (None, None) => None,
    };
    match credentials.or_else(|| config.credentials_provider()) {
        Some(credentials) => {
            let timed = SharedCredentialsProvider::new(TimedCredentials(credentials));
            config.into_builder().credentials_provider(timed).build()
        }
        None => config,
    }
}

/// Creates the HTTP client of requests without the SDK: one attempt for each request, with the TLS of the SDK.
pub(super) fn plain_client(config: &SdkConfig) -> ProxiedConnector {
    let timeout = limits::PLAIN_REQUEST;
    let timeouts = HttpConnectorSettings::builder().connect_timeout(timeout).read_timeout(timeout);
    let settings = timeouts.build();
    ProxiedConnector::build(|proxy| {
        let mut builder = Connector::builder().proxy_config(proxy).connector_settings(settings.clone());
        builder.set_sleep_impl(config.sleep_impl());
        builder.tls_provider(guarded_http::tls()).build()
    })
}
