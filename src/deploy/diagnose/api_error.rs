//! AWS's refusals and failures in words that say what to do.

use crate::deploy::api::{AwsError, ErrorKind};
use crate::diag::{Code, CommandName, Diagnostic, Hint};

/// A refusal of AWS: what it means and what to do.
pub fn diagnose_api_error(error: &AwsError) -> Diagnostic {
    let AwsError { kind, operation, code, message, .. } = error;
    let action = iam_action(operation);
    if *code == AwsError::MISSING_REGION {
        return Diagnostic::new(Code::AwsNoRegion, "no AWS region is set")
            .help("give `--region`, set `AWS_REGION` or the profile's `region`, or say `.region(...)` in the stack");
    }
    let (code, title) = match kind {
        ErrorKind::Expired => (Code::AwsCredentialsExpired, "the AWS credentials have expired".to_owned()),
        ErrorKind::NoCredentials if *code == AwsError::UNKNOWN_PROFILE => (Code::AwsNoCredentials, message.clone()),
        ErrorKind::NoCredentials => (Code::AwsNoCredentials, "there are no AWS credentials that work".to_owned()),
        ErrorKind::AccessDenied => (Code::AwsAccessDenied, format!("AWS does not allow you to do `{action}`")),
        ErrorKind::Throttled => (Code::AwsThrottled, "AWS gets too many requests from this account".to_owned()),
        ErrorKind::Connection => (Code::AwsUnreachable, format!("AWS cannot be reached at {message}")),
        ErrorKind::Unavailable => (Code::AwsUnavailable, "AWS cannot answer just now".to_owned()),
        ErrorKind::Limit => (Code::AwsLimit, "a quota of the account is used up".to_owned()),
        _ => (Code::AwsRefused, format!("AWS refused `{operation}`: {message}")),
    };
    told(Diagnostic::new(code, title), error).help_if(error.help.clone()).help_if(advice(error, &action))
}

/// AWS's own words, where the title has not said them, and what AWS's support asks for.
fn told(problem: Diagnostic, error: &AwsError) -> Diagnostic {
    let problem = if problem.message.contains(&error.message) {
        problem
    } else {
        problem.note(format!("`{}`: {}: {}", error.operation, error.code, error.message))
    };
    match &error.request_id {
        Some(id) => problem.note(format!("AWS request id: {id}")),
        None => problem,
    }
}

fn advice(error: &AwsError, action: &str) -> Option<Hint> {
    let without_account = |text: &str| Some(Hint::from(text).command(CommandName::Deploy.alone().rehearsed()));
    let advice = match error.kind {
        ErrorKind::Expired => "the same command goes on where this one ended",
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
            return Some(format!("ask for a policy that allows `{action}`, or use another `--profile`").into());
        }
        ErrorKind::Throttled | ErrorKind::Unavailable => "run the same command again in a minute",
        ErrorKind::Connection => "check the network, the region and `--endpoint-url`, then run the same command",
        ErrorKind::Limit => "ask AWS for a higher quota (Service Quotas), or delete what is not needed",
        _ => return None,
    };
    Some(advice.into())
}

/// The action that a policy must allow for an operation (Service Authorization Reference).
fn iam_action(operation: &str) -> String {
    let service = match operation {
        "HeadBucket" => return "s3:ListBucket".to_owned(),
        "PutObject" | "CreateBucket" | "PutBucketPublicAccessBlock" | "PutLifecycleConfiguration" => "s3",
        "DescribeServices" | "ListTasks" | "DescribeTasks" => "ecs",
        "GetCallerIdentity" => "sts",
        _ => "cloudformation",
    };
    format!("{service}:{operation}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: ErrorKind) -> AwsError {
        AwsError::new(kind, "CreateChangeSet", "Code", "words of AWS")
    }

    #[test]
    fn without_credentials_a_rehearsal_is_offered() {
        let problem = diagnose_api_error(&error(ErrorKind::NoCredentials));
        assert!(problem.hints.iter().any(|hint| hint.contains("--rehearse")), "{:?}", problem.hints);
    }

    #[test]
    fn what_the_adapter_knows_to_do_comes_first() {
        let help = Some("run `aws sso login --profile work`".to_owned());
        let problem = diagnose_api_error(&AwsError { help, ..error(ErrorKind::Expired) });
        assert_eq!(problem.hints[0], "run `aws sso login --profile work`");
    }

    #[test]
    fn a_denied_call_names_the_action_that_a_policy_must_allow() {
        let problem = diagnose_api_error(&error(ErrorKind::AccessDenied));
        assert!(problem.message.contains("`cloudformation:CreateChangeSet`"), "{}", problem.message);
        assert!(problem.notes[0].contains("words of AWS"), "{:?}", problem.notes);
    }
}
