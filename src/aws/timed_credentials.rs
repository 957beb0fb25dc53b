use std::fmt;
use std::time::Duration;

use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future::ProvideCredentials as Provided;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};

use super::limits::CREDENTIALS;

/// Credentials with a time limit: a program, a sign-in service or a metadata service may not answer at all.
#[derive(Debug)]
pub(super) struct TimedCredentials(pub(super) SharedCredentialsProvider);

/// The error of a source of credentials that did not answer.
#[derive(Debug)]
pub(super) struct CredentialsTimeout(Duration);

impl fmt::Display for CredentialsTimeout {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the source of the AWS credentials did not answer within {} s", self.0.as_secs())
    }
}

impl std::error::Error for CredentialsTimeout {}

impl ProvideCredentials for TimedCredentials {
    fn provide_credentials<'a>(&'a self) -> Provided<'a>
    where
        Self: 'a,
    {
        Provided::new(async move {
            let provided = tokio::time::timeout(CREDENTIALS, self.0.provide_credentials());
            provided.await.unwrap_or_else(|_| Err(CredentialsError::provider_error(CredentialsTimeout(CREDENTIALS))))
        })
    }
}
