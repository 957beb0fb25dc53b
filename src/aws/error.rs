use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::Aws;
use super::profile::UnknownProfile;
use crate::deploy::api::{ApiCall, AwsError, AwsService, ErrorKind};

impl Aws {
    /// Returns the error of a call.
    pub(super) fn api_error<E>(&self, call: ApiCall, error: &SdkError<E, HttpResponse>) -> AwsError
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        if let SdkError::ServiceError(answer) = error {
            return self.with_help(service_error(call, answer.err(), answer.raw().status().as_u16()));
        }
        if let Some(unknown) = cause::<UnknownProfile>(error) {
            let code = AwsError::UNKNOWN_PROFILE;
            let error = AwsError::new(ErrorKind::NoCredentials, call, code, unknown.to_string());
            return AwsError { help: Some(unknown.help()), ..error };
        }
        if let Some(credentials) = cause::<CredentialsError>(error) {
            return self.with_help(credentials_error(call, credentials));
        }
        if self.region().is_none() {
            return AwsError::new(ErrorKind::Validation, call, AwsError::MISSING_REGION, "no region is set");
        }
        let (kind, code) = match error {
            SdkError::TimeoutError(_) => (ErrorKind::Connection, "Timeout"),
            SdkError::DispatchFailure(_) => (ErrorKind::Connection, "DispatchFailure"),
            SdkError::ResponseError(_) => (ErrorKind::Connection, "ResponseError"),
            _ => (ErrorKind::Other, "ConstructionFailure"),
        };
        AwsError::new(kind, call, code, format!("{}: {}", self.endpoint(call.service()), root_cause(error)))
    }

    /// Adds the command that signs in with the profile in use.
    fn with_help(&self, error: AwsError) -> AwsError {
        let help = match (error.kind, &self.profile) {
            (ErrorKind::Expired | ErrorKind::NoCredentials, Some(profile)) => {
                Some(format!("run `aws sso login --profile {}`, or name another `--profile`", profile.name))
            }
            _ => None,
        };
        AwsError { help, ..error }
    }

    /// Returns the endpoint of a service, to be shown to users.
    fn endpoint(&self, service: AwsService) -> String {
        let region = self.region().unwrap_or_default();
        let default = || format!("https://{}.{region}.amazonaws.com", service.endpoint_prefix());
        self.config.endpoint_url().map_or_else(default, str::to_owned)
    }
}

/// Returns the error that AWS answered with. The answer to a HEAD request has no body, so its status serves as the code.
fn service_error(call: ApiCall, answer: &dyn ProvideErrorMetadata, status: u16) -> AwsError {
    let meta = answer.meta();
    let code = meta.code().map_or_else(|| status.to_string(), str::to_owned);
    let message = meta.message().unwrap_or("AWS gave no reason").to_owned();
    let request_id = meta.extra("aws_request_id").map(str::to_owned);
    AwsError { kind: kind(&code, &message, status), call, code, message, request_id, help: None }
}

/// Returns the kind of an error by AWS's code ("Common Errors" of the API references, and each operation's page) and, if
/// one code covers several kinds, by its message.
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

/// Returns the kind of a `ValidationError`, which covers many errors: `Stack with id web does not exist`, `Stack [web] does not exist`,
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

fn credentials_error(call: ApiCall, error: &CredentialsError) -> AwsError {
    let message = all_causes(error);
    let lower = message.to_ascii_lowercase();
    let (kind, code) = match error {
        CredentialsError::CredentialsNotLoaded(_) => (ErrorKind::NoCredentials, "CredentialsNotLoaded"),
        _ if lower.contains("expired") || lower.contains("session token not found") => {
            (ErrorKind::Expired, "ExpiredCredentials")
        }
        CredentialsError::ProviderTimedOut(_) => (ErrorKind::NoCredentials, "ProviderTimedOut"),
        _ => (ErrorKind::NoCredentials, "InvalidCredentials"),
    };
    // The SDK writes this for each source of credentials, before what the source lacks.
    let sources = message.replace("the credential provider was not enabled: ", "");
    AwsError::new(kind, call, code, sources.replace("the credential provider was not enabled", "not set"))
}

/// Returns the first cause of this type.
fn cause<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// Returns the last cause: `Connection refused (os error 111)`.
fn root_cause(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

/// Returns an error and its causes in one line, each sentence once.
fn all_causes(error: &(dyn Error + 'static)) -> String {
    let mut sentences: Vec<String> = Vec::new();
    for sentence in causes(error).map(ToString::to_string) {
        if !sentences.iter().any(|earlier| earlier.contains(&sentence)) {
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
    fn kind_of_a_validation_error_follows_from_its_message() {
        let kind = |message| kind("ValidationError", message, 400);
        assert_eq!(kind("Stack with id web does not exist"), ErrorKind::NoSuchStack);
        assert_eq!(kind("Stack [web] does not exist"), ErrorKind::NoSuchStack);
        let busy = "Stack:arn:aws:cloudformation:us-east-1:1:stack/web/1 is in UPDATE_IN_PROGRESS state and can not be";
        assert_eq!(kind(busy), ErrorKind::Conflict);
        assert_eq!(kind("Parameter [Image] does not exist in the template"), ErrorKind::Validation);
    }

    #[test]
    fn suffix_exception_does_not_change_the_kind() {
        for code in ["LimitExceeded", "LimitExceededException"] {
            assert_eq!(kind(code, "", 400), ErrorKind::Limit);
        }
        assert_eq!(kind("ChangeSetNotFound", "", 404), ErrorKind::NoSuchChangeSet);
    }

    #[test]
    fn kind_of_an_unknown_code_follows_from_the_status() {
        assert_eq!(kind("Odd", "", 503), ErrorKind::Unavailable);
        assert_eq!(kind("403", "", 403), ErrorKind::AccessDenied);
        assert_eq!(kind("Odd", "", 400), ErrorKind::Other);
    }
}
