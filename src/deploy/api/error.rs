use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// What kind of refusal or failure it is: what the engine and its advice turn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// There is no stack of that name.
    NoSuchStack,
    /// There is no such change set.
    NoSuchChangeSet,
    /// AWS does not take the request as it is: the template, a parameter, the stack's state.
    Validation,
    /// The template needs capabilities that the request did not name.
    InsufficientCapabilities,
    /// Too many requests; the same one will do later.
    Throttled,
    /// The credentials were good and are not any more.
    Expired,
    /// There are no credentials, or AWS does not know them.
    NoCredentials,
    /// The caller may not do this.
    AccessDenied,
    /// No answer came: no network, name, route, or a time limit.
    Connection,
    /// AWS answered that it cannot just now (a status of 500 and above).
    Unavailable,
    /// A quota of the account is used up.
    Limit,
    /// What should be made is there.
    AlreadyExists,
    /// Another operation holds the stack, or the change set's state does not allow the request.
    Conflict,
    /// Anything else.
    Other,
}

/// AWS refused or failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{operation}: {code}: {message}")]
pub struct AwsError {
    /// What kind it is.
    pub kind: ErrorKind,
    /// The operation of the API: `CreateChangeSet`.
    pub operation: Cow<'static, str>,
    /// AWS's code, or the nature of what stood in its way: `ValidationError`, `DispatchFailure`.
    pub code: String,
    /// AWS's words.
    pub message: String,
    /// What AWS's support asks for.
    pub request_id: Option<String>,
    /// What the user can do, where the adapter knows more than the kind tells: the command that signs in.
    pub help: Option<String>,
}

impl AwsError {
    /// The code of the error that no region is set, of kind [`ErrorKind::Validation`].
    pub const MISSING_REGION: &str = "MissingRegion";
    /// The code of the error that the profile that was named is not there, of kind [`ErrorKind::NoCredentials`].
    pub const UNKNOWN_PROFILE: &str = "UnknownProfile";

    /// A refusal with AWS's code and words.
    pub fn new(
        kind: ErrorKind,
        operation: impl Into<Cow<'static, str>>,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> AwsError {
        AwsError {
            kind,
            operation: operation.into(),
            code: code.into(),
            message: message.into(),
            request_id: None,
            help: None,
        }
    }

    /// True when the same request may well succeed a little later.
    pub fn is_transient(&self) -> bool {
        matches!(self.kind, ErrorKind::Throttled | ErrorKind::Connection | ErrorKind::Unavailable)
    }
}
