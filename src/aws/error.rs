use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::Aws;
use super::profile::UnknownProfile;
use crate::deploy::api::{AwsError, ErrorKind};

impl Aws {
    /// The error of a call, which is named as an IAM action: `cloudformation:DescribeStacks`.
    pub(super) fn refused<E>(&self, action: &'static str, error: &SdkError<E, HttpResponse>) -> AwsError
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let (service, operation) = action.split_once(':').unwrap_or(("", action));
        if let SdkError::ServiceError(refusal) = error {
            return self.advised(spoken(operation, refusal.err(), refusal.raw().status().as_u16()));
        }
        if let Some(unknown) = cause::<UnknownProfile>(error) {
            let code = AwsError::UNKNOWN_PROFILE;
            let error = AwsError::new(ErrorKind::NoCredentials, operation, code, unknown.to_string());
            return AwsError { help: Some(unknown.help()), ..error };
        }
        if let Some(credentials) = cause::<CredentialsError>(error) {
            return self.advised(without_credentials(operation, credentials));
        }
        if self.region().is_none() {
            return AwsError::new(ErrorKind::Validation, operation, AwsError::MISSING_REGION, "no region is set");
        }
        let (kind, code) = match error {
            SdkError::TimeoutError(_) => (ErrorKind::Connection, "Timeout"),
            SdkError::DispatchFailure(_) => (ErrorKind::Connection, "DispatchFailure"),
            SdkError::ResponseError(_) => (ErrorKind::Connection, "ResponseError"),
            _ => (ErrorKind::Other, "ConstructionFailure"),
        };
        AwsError::new(kind, operation, code, format!("{}: {}", self.endpoint(service), root(error)))
    }

    /// The command that signs in, with the profile that the user works with.
    fn advised(&self, error: AwsError) -> AwsError {
        let help = match (error.kind, &self.profile) {
            (ErrorKind::Expired | ErrorKind::NoCredentials, Some(profile)) => {
                Some(format!("run `aws sso login --profile {}`, or name another `--profile`", profile.name))
            }
            _ => None,
        };
        AwsError { help, ..error }
    }

    /// Where a service is, for people to read.
    fn endpoint(&self, service: &str) -> String {
        let usual = || format!("https://{service}.{}.amazonaws.com", self.region().unwrap_or_default());
        self.config.endpoint_url().map_or_else(usual, str::to_owned)
    }
}

/// AWS answered with an error. The answer to a HEAD request has no body, so its status has to do for a code.
fn spoken(operation: &'static str, refusal: &dyn ProvideErrorMetadata, status: u16) -> AwsError {
    let meta = refusal.meta();
    let code = meta.code().map_or_else(|| status.to_string(), str::to_owned);
    let message = meta.message().unwrap_or("no reason is given").to_owned();
    let request_id = meta.extra("aws_request_id").map(str::to_owned);
    AwsError { kind: kind(&code, &message, status), operation: operation.into(), code, message, request_id, help: None }
}

/// What kind a refusal is, by AWS's codes ("Common Errors" of the API references, and each operation's page) and, where
/// one code covers several kinds, by its words.
fn kind(code: &str, message: &str, status: u16) -> ErrorKind {
    match code.strip_suffix("Exception").unwrap_or(code) {
        "Throttling" | "Throttled" | "RequestLimitExceeded" | "TooManyRequests" | "SlowDown" | "RequestThrottled" => {
            ErrorKind::Throttled
        }
        "ExpiredToken" | "RequestExpired" | "TokenRefreshRequired" => ErrorKind::Expired,
        "InvalidClientTokenId"
        | "UnrecognizedClient"
        | "SignatureDoesNotMatch"
        | "MissingAuthenticationToken"
        | "IncompleteSignature"
        | "InvalidAccessKeyId"
        | "AuthFailure" => ErrorKind::NoCredentials,
        "AccessDenied" | "UnauthorizedOperation" | "NotAuthorized" | "OptInRequired" => ErrorKind::AccessDenied,
        "InsufficientCapabilities" => ErrorKind::InsufficientCapabilities,
        "ChangeSetNotFound" => ErrorKind::NoSuchChangeSet,
        "AlreadyExists" => ErrorKind::AlreadyExists,
        "LimitExceeded" => ErrorKind::Limit,
        "InvalidChangeSetStatus" | "OperationInProgress" | "TokenAlreadyExists" => ErrorKind::Conflict,
        "ValidationError" => validation(message),
        _ if status == 429 => ErrorKind::Throttled,
        _ if status == 403 => ErrorKind::AccessDenied,
        _ if status >= 500 => ErrorKind::Unavailable,
        _ => ErrorKind::Other,
    }
}

/// `ValidationError` says most things: `Stack with id web does not exist`, `Stack [web] does not exist`,
/// `Stack:arn... is in UPDATE_IN_PROGRESS state and can not be updated.`
fn validation(message: &str) -> ErrorKind {
    if message.starts_with("Stack ") && message.contains("does not exist") {
        ErrorKind::NoSuchStack
    } else if message.contains("_IN_PROGRESS state") {
        ErrorKind::Conflict
    } else {
        ErrorKind::Validation
    }
}

fn without_credentials(operation: &'static str, error: &CredentialsError) -> AwsError {
    let story = story(error);
    let lower = story.to_ascii_lowercase();
    let (kind, code) = match error {
        CredentialsError::CredentialsNotLoaded(_) => (ErrorKind::NoCredentials, "CredentialsNotLoaded"),
        _ if lower.contains("expired") || lower.contains("session token not found") => {
            (ErrorKind::Expired, "ExpiredCredentials")
        }
        CredentialsError::ProviderTimedOut(_) => (ErrorKind::NoCredentials, "ProviderTimedOut"),
        _ => (ErrorKind::NoCredentials, "InvalidCredentials"),
    };
    // The SDK says this of each place where it looked, before what is missing there.
    let places = story.replace("the credential provider was not enabled: ", "");
    AwsError::new(kind, operation, code, places.replace("the credential provider was not enabled", "nothing"))
}

/// The first cause of this type.
fn cause<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// What happened at the bottom: `Connection refused (os error 111)`.
fn root(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

/// An error and its causes in one line, each sentence once.
fn story(error: &(dyn Error + 'static)) -> String {
    let mut sentences: Vec<String> = Vec::new();
    for sentence in causes(error).map(ToString::to_string) {
        if !sentences.iter().any(|told| told.contains(&sentence)) {
            sentences.push(sentence);
        }
    }
    sentences.join(": ")
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_validation_error_is_told_apart_by_its_words() {
        let kind = |message| kind("ValidationError", message, 400);
        assert_eq!(kind("Stack with id web does not exist"), ErrorKind::NoSuchStack);
        assert_eq!(kind("Stack [web] does not exist"), ErrorKind::NoSuchStack);
        let busy = "Stack:arn:aws:cloudformation:us-east-1:1:stack/web/1 is in UPDATE_IN_PROGRESS state and can not be";
        assert_eq!(kind(busy), ErrorKind::Conflict);
        assert_eq!(kind("Parameter [Image] does not exist in the template"), ErrorKind::Validation);
    }

    #[test]
    fn a_code_with_and_without_exception_is_one() {
        for code in ["LimitExceeded", "LimitExceededException"] {
            assert_eq!(kind(code, "", 400), ErrorKind::Limit);
        }
        assert_eq!(kind("ChangeSetNotFound", "", 404), ErrorKind::NoSuchChangeSet);
    }

    #[test]
    fn an_unknown_code_is_judged_by_its_status() {
        assert_eq!(kind("Odd", "", 503), ErrorKind::Unavailable);
        assert_eq!(kind("403", "", 403), ErrorKind::AccessDenied);
        assert_eq!(kind("Odd", "", 400), ErrorKind::Other);
    }
}
