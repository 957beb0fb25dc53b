use serde::{Deserialize, Serialize};

use super::ApiCall;

/// The kind of an error, which decides what the engine does and which advice is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// The stack does not exist.
    NoSuchStack,
    /// The change set does not exist.
    NoSuchChangeSet,
    /// AWS rejects the request: the template, a parameter, the stack's state.
    Validation,
    /// The template needs capabilities that the request did not include.
    InsufficientCapabilities,
    /// Too many requests; the same request succeeds later.
    Throttled,
    /// The credentials were valid and have expired.
    Expired,
    /// The credentials are missing or unknown to AWS.
    NoCredentials,
    /// The caller does not have the permission.
    AccessDenied,
    /// No answer arrived: no network, no host name, no route, or a timeout.
    Connection,
    /// AWS answered that it is unavailable (a status of 500 and above).
    Unavailable,
    /// An answer that AWS does not send: from a proxy, or from another server.
    OddAnswer,
    /// AWS refuses the signature because the clock of this machine is wrong.
    ClockSkew,
    /// A quota of the account is used up.
    Limit,
    /// The resource to create exists.
    AlreadyExists,
    /// Another operation is running on the stack, or the change set's state does not allow the request.
    Conflict,
    /// Any other error.
    Other,
}

/// An error that an AWS API returned, or that prevented its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[error("{call}: {code}: {message}")]
pub struct AwsError {
    /// The kind.
    pub kind: ErrorKind,
    /// The call that failed.
    pub call: ApiCall,
    /// AWS's code, or the name of the transport's error: `ValidationError`, `DispatchFailure`.
    pub code: String,
    /// AWS's message.
    pub message: String,
    /// The id of the request, which AWS Support needs.
    pub request_id: Option<String>,
    /// The hint of the adapter, if it knows more than the kind shows: the command that signs in.
    pub help: Option<String>,
}

impl AwsError {
    /// The code of the error that no region is set, of kind [`ErrorKind::Validation`].
    pub const MISSING_REGION: &str = "MissingRegion";
    /// The code of the error that the named profile does not exist, of kind [`ErrorKind::NoCredentials`].
    pub const UNKNOWN_PROFILE: &str = "UnknownProfile";
    /// The code of the error that the source of the credentials did not answer, of kind [`ErrorKind::NoCredentials`].
    pub const CREDENTIALS_TIMEOUT: &str = "CredentialsTimeout";

    /// Creates an error with AWS's code and message.
    pub fn new(kind: ErrorKind, call: ApiCall, code: impl Into<String>, message: impl Into<String>) -> AwsError {
        AwsError { kind, call, code: code.into(), message: message.into(), request_id: None, help: None }
    }

    /// Returns whether the same request may succeed a little later.
    pub fn is_transient(&self) -> bool {
        self.kind == ErrorKind::Throttled || self.loses_answers()
    }

    /// Returns whether the request may have been carried out although it has no answer of AWS.
    pub fn loses_answers(&self) -> bool {
        matches!(self.kind, ErrorKind::Connection | ErrorKind::Unavailable | ErrorKind::OddAnswer)
    }

    /// Returns whether AWS itself answered.
    pub fn is_answer(&self) -> bool {
        !matches!(self.kind, ErrorKind::Connection | ErrorKind::OddAnswer)
    }

    /// Returns whether the same request succeeds once the user has signed in again or set the clock, in another window.
    pub fn is_fixable(&self) -> bool {
        matches!(self.kind, ErrorKind::Expired | ErrorKind::NoCredentials | ErrorKind::ClockSkew)
    }

    /// Returns the IAM action that a policy must allow. AWS's message names it if the call needs a further one
    /// (`iam:PassRole` of `RunTask`); else it is the action of the call.
    pub fn iam_action(&self) -> String {
        let named = self.message.split_once("not authorized to perform: ").map(|(_, rest)| rest);
        let named = named.and_then(|rest| rest.split([' ', ',']).next()).map(|name| name.trim_end_matches('.'));
        let named = named.filter(|name| name.contains(':'));
        named.map_or_else(|| self.call.iam_action(), str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied(message: &str) -> String {
        AwsError::new(ErrorKind::AccessDenied, ApiCall::RunTask, "AccessDeniedException", message).iam_action()
    }

    #[test]
    fn denied_action_is_the_one_that_aws_names() {
        let message = "User: arn:aws:sts::1:assumed-role/dev/me is not authorized to perform: iam:PassRole on resource: \
                       arn:aws:iam::1:role/task because no identity-based policy allows the iam:PassRole action";
        assert_eq!(denied(message), "iam:PassRole");
        assert_eq!(denied("User is not authorized to perform: ecs:RunTask."), "ecs:RunTask");
    }

    #[test]
    fn denied_action_without_a_name_is_that_of_the_call() {
        assert_eq!(denied("Access Denied"), "ecs:RunTask");
        assert_eq!(denied("You are not authorized to perform: this operation"), "ecs:RunTask");
    }
}
