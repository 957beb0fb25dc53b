use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::odd_answer::OddAnswer;
use super::profile::UnknownProfile;
use super::timed_credentials::CredentialsTimeout;
use super::transport::{TransportFailure, causes, root_cause};
use super::{Aws, SystemClock, convert};
use crate::deploy::api::{ApiCall, AwsError, AwsService, Clock, ErrorKind, Timestamp};

impl Aws {
    /// Returns the error of a call.
    pub(super) fn api_error<E>(&self, call: ApiCall, error: &SdkError<E, HttpResponse>) -> AwsError
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        if let SdkError::ServiceError(answer) = error {
            return self.with_help(self.service_error(call, answer.err(), answer.raw()));
        }
        if let Some(odd) = cause::<OddAnswer>(error) {
            let kind = if odd.status >= 500 { ErrorKind::Unavailable } else { ErrorKind::OddAnswer };
            return AwsError::new(kind, call, odd.code(), odd.to_string());
        }
        if let Some(unknown) = cause::<UnknownProfile>(error) {
            let code = AwsError::UNKNOWN_PROFILE;
            let error = AwsError::new(ErrorKind::NoCredentials, call, code, unknown.to_string());
            return AwsError { help: Some(unknown.help()), ..error };
        }
        if let Some(timeout) = cause::<CredentialsTimeout>(error) {
            let code = AwsError::CREDENTIALS_TIMEOUT;
            return self.with_help(AwsError::new(ErrorKind::NoCredentials, call, code, timeout.to_string()));
        }
        if let Some(credentials) = cause::<CredentialsError>(error) {
            return self.with_help(credentials_error(call, credentials));
        }
        if self.region().is_none() {
            return AwsError::new(ErrorKind::Validation, call, AwsError::MISSING_REGION, "no region is set");
        }
        let message = |cause: &str| format!("{}: {cause}", self.endpoint(call.service()));
        match TransportFailure::of(call, error) {
            Some(TransportFailure { code, message: cause, help }) => {
                let error = AwsError::new(ErrorKind::Connection, call, code, message(&cause));
                AwsError { help: help.map(str::to_owned), ..error }
            }
            None => AwsError::new(ErrorKind::Other, call, "ConstructionFailure", message(&root_cause(error))),
        }
    }

    /// Returns the error that AWS answered with.
    fn service_error(&self, call: ApiCall, answer: &dyn ProvideErrorMetadata, raw: &HttpResponse) -> AwsError {
        let (meta, status) = (answer.meta(), raw.status().as_u16());
        let code = meta.code().map_or_else(|| status.to_string(), str::to_owned);
        let request_id = meta.extra("aws_request_id").map(str::to_owned);
        let error = match meta.message() {
            Some(message) => AwsError::new(kind(&code, message, status), call, code, message),
            None if meta.code().is_none() => return self.unreadable(call, status),
            None => AwsError::new(kind(&code, "", status), call, code, "AWS gave no reason"),
        };
        let skew = server_time(raw).and_then(|server| clock_skew(&error.code, SystemClock.now(), server));
        match skew {
            Some(message) => {
                let code = error.code.clone();
                AwsError { request_id, ..AwsError::new(ErrorKind::ClockSkew, call, code, message) }
            }
            None => AwsError { request_id, ..error },
        }
    }

    /// Returns the error of an answer that has neither a result nor an error of AWS.
    fn unreadable(&self, call: ApiCall, status: u16) -> AwsError {
        let host = super::odd_answer::host_of(&self.endpoint(call.service())).to_owned();
        let kind = match status {
            429 => ErrorKind::Throttled,
            500.. => ErrorKind::Unavailable,
            _ => ErrorKind::OddAnswer,
        };
        let what = if status < 300 { "a body that cannot be read to its end" } else { "a body that AWS does not send" };
        AwsError::new(kind, call, "UnreadableAnswer", format!("{host} answered with {what} (status {status})"))
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

/// Returns the time at which the server answered.
pub(super) fn server_time(answer: &HttpResponse) -> Option<Timestamp> {
    let date = answer.headers().get("date")?;
    DateTime::from_str(date, Format::HttpDate).ok().map(convert::time)
}

/// Returns by how much the clock of this machine differs, if that is why AWS refuses a signature: it accepts 5 minutes
/// ("Signature Version 4: troubleshooting"), S3 15. The SDK has corrected the time of a second attempt by then.
fn clock_skew(code: &str, here: Timestamp, server: Timestamp) -> Option<String> {
    /// A shorter difference is not the reason.
    const ACCEPTED: std::time::Duration = std::time::Duration::from_mins(4);
    let is_signature = matches!(
        code.strip_suffix("Exception").unwrap_or(code),
        "InvalidSignature"
            | "SignatureDoesNotMatch"
            | "AuthFailure"
            | "RequestTimeTooSkewed"
            | "RequestExpired"
            | "RequestInTheFuture"
    );
    let (behind, ahead) = (server.since(here), here.since(server));
    if !is_signature || behind.max(ahead) < ACCEPTED {
        return None;
    }
    let direction = if behind > ahead { "behind" } else { "ahead of" };
    Some(format!("the clock of this machine is {} {direction} the clock of AWS", rough(behind.max(ahead))))
}

/// Returns a duration in its largest unit: `2 h`, `7 min`.
fn rough(duration: std::time::Duration) -> String {
    let minutes = (duration.as_secs() + 30) / 60;
    match minutes {
        0..120 if !minutes.is_multiple_of(60) || minutes < 60 => format!("{minutes} min"),
        0..2880 => format!("{} h", (minutes + 30) / 60),
        _ => format!("{} days", (minutes + 720) / 1440),
    }
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

    #[test]
    fn refused_signature_with_another_time_is_a_clock_skew() {
        let here = Timestamp::from_secs(1_000_000);
        let skew = |code, seconds: i64| clock_skew(code, here, Timestamp::from_secs(1_000_000 + seconds));
        let of_aws = |text: &str| Some(format!("the clock of this machine is {text} the clock of AWS"));
        assert_eq!(skew("SignatureDoesNotMatch", 7200), of_aws("2 h behind"));
        assert_eq!(skew("InvalidSignatureException", -420), of_aws("7 min ahead of"));
        assert_eq!(skew("RequestTimeTooSkewed", 90 * 60), of_aws("90 min behind"));
        assert_eq!(skew("RequestExpired", -86_400 * 30), of_aws("30 days ahead of"));
        assert_eq!(skew("SignatureDoesNotMatch", 30), None, "the secret key is wrong");
        assert_eq!(skew("AccessDenied", 7200), None);
    }
}
