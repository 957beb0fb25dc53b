//! Diagnostics of errors that AWS's API returned.

use crate::deploy::api::{ApiCall, AwsError, ErrorKind};
use crate::diag::{Code, CommandName, Diagnostic, Hint};

/// Returns the diagnostic of an API error: what it means and what to do.
pub fn diagnose_api_error(error: &AwsError) -> Diagnostic {
    let AwsError { kind, call, code, message, .. } = error;
    if *code == AwsError::MISSING_REGION {
        return Diagnostic::new(Code::AwsNoRegion, "no AWS region is set")
            .help("pass `--region`, set `AWS_REGION` or the profile's `region`, or add `.region(..)` to the stack");
    }
    if *call == ApiCall::PutObject && code == "NoSuchBucket" {
        return Diagnostic::new(Code::BootstrapMissing, "the template needs a bucket, and the bucket does not exist")
            .help("create it with `rtiler bootstrap` in this account and region, or name another one with `--template-bucket`");
    }
    let (code, title) = match kind {
        ErrorKind::Expired => (Code::AwsCredentialsExpired, "the AWS credentials have expired".to_owned()),
        ErrorKind::NoCredentials if [AwsError::UNKNOWN_PROFILE, AwsError::CREDENTIALS_TIMEOUT].contains(&&**code) => {
            (Code::AwsNoCredentials, message.clone())
        }
        ErrorKind::NoCredentials => (Code::AwsNoCredentials, "there are no valid AWS credentials".to_owned()),
        ErrorKind::AccessDenied => {
            (Code::AwsAccessDenied, format!("AWS does not allow you to do `{}`", error.iam_action()))
        }
        ErrorKind::Throttled => (Code::AwsThrottled, "AWS gets too many requests from this account".to_owned()),
        ErrorKind::Connection => (Code::AwsUnreachable, format!("AWS cannot be reached at {message}")),
        ErrorKind::Unavailable => (Code::AwsUnavailable, "AWS is temporarily unavailable".to_owned()),
        ErrorKind::OddAnswer => (Code::AwsOddAnswer, format!("this is not an answer of AWS: {message}")),
        ErrorKind::ClockSkew => (Code::AwsClockSkew, message.clone()),
        ErrorKind::Limit => (Code::AwsLimit, "a quota of the account is used up".to_owned()),
        _ => (Code::AwsRefused, format!("AWS refused `{call}`: {message}")),
    };
    with_notes(Diagnostic::new(code, title), error).help_if(error.help.clone()).help_if(advice(error))
}

/// Adds AWS's message, unless the title has it, and the request id, which AWS Support needs.
fn with_notes(problem: Diagnostic, error: &AwsError) -> Diagnostic {
    let problem = if problem.message.contains(&error.message) {
        problem
    } else {
        problem.note(format!("`{}`: {}: {}", error.call, error.code, error.message))
    };
    match &error.request_id {
        Some(id) => problem.note(format!("AWS request id: {id}")),
        None => problem,
    }
}

fn advice(error: &AwsError) -> Option<Hint> {
    let without_account = |text: &str| Some(Hint::from(text).command(CommandName::Deploy.alone().rehearsed()));
    let advice = match error.kind {
        ErrorKind::Expired => "then run the same command again: it continues from here",
        ErrorKind::NoCredentials if error.help.is_some() => {
            return without_account("try it without an account: ");
        }
        ErrorKind::NoCredentials => {
            return without_account(
                "name a profile with `--profile` (after `aws sso login --profile NAME`) or set `AWS_ACCESS_KEY_ID` and \
                 `AWS_SECRET_ACCESS_KEY`; try it without an account: ",
            );
        }
        ErrorKind::AccessDenied => {
            let action = error.iam_action();
            return Some(format!("request a policy that allows `{action}`, or use another `--profile`").into());
        }
        ErrorKind::Throttled | ErrorKind::Unavailable => "run the same command again in a minute",
        ErrorKind::Connection => "check the network, the region and `--endpoint-url`, then run the same command",
        ErrorKind::OddAnswer => {
            "sign in to the network or its proxy, or check `--endpoint-url` and `AWS_ENDPOINT_URL`; then run the same command"
        }
        ErrorKind::ClockSkew => {
            "set the clock of this machine by a time server (`sudo timedatectl set-ntp true`), then run the same command"
        }
        ErrorKind::Limit => "request a higher quota (Service Quotas), or delete what is not needed",
        _ => return None,
    };
    Some(advice.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::api::ApiCall;

    fn error(kind: ErrorKind) -> AwsError {
        AwsError::new(kind, ApiCall::CreateChangeSet, "Code", "message of AWS")
    }

    #[test]
    fn missing_credentials_offer_a_rehearsal() {
        let problem = diagnose_api_error(&error(ErrorKind::NoCredentials));
        assert!(problem.hints.iter().any(|hint| hint.contains("--rehearse")), "{:?}", problem.hints);
    }

    #[test]
    fn help_of_the_adapter_comes_first() {
        let help = Some("run `aws sso login --profile work`".to_owned());
        let problem = diagnose_api_error(&AwsError { help, ..error(ErrorKind::Expired) });
        assert_eq!(problem.hints[0], "run `aws sso login --profile work`");
    }

    #[test]
    fn denied_call_of_every_service_names_its_action() {
        for call in ApiCall::ALL {
            let denied = AwsError::new(ErrorKind::AccessDenied, *call, "AccessDenied", "message of AWS");
            let problem = diagnose_api_error(&denied);
            let action = format!("`{}`", call.iam_action());
            assert!(problem.message.contains(&action), "{}", problem.message);
            assert!(problem.hints.iter().any(|hint| hint.contains(&action)), "{:?}", problem.hints);
            assert!(problem.notes[0].contains("message of AWS"), "{:?}", problem.notes);
        }
    }
}
