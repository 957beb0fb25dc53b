//! The lines of a call that has no answer, or that failed and is repeated.

use std::time::Duration;

use super::format::duration;
use super::style::{faint, warning};
use crate::deploy::api::{ApiCall, AwsError, ErrorKind};
use crate::printable::one_line;

/// A time without an answer that is worth a mention.
const NOTICEABLE: Duration = Duration::from_secs(10);

/// Returns the line of a call that has no answer yet.
pub(crate) fn unanswered(call: ApiCall, waited: Duration) -> String {
    faint(&format!("waiting for {} ({}): no answer to {call} yet", call.service().title(), duration(waited)))
}

/// Returns the line: who does not answer, or what is wrong, and since when.
pub(crate) fn retrying(error: &AwsError, unanswered: Duration, pause: Option<Duration>) -> String {
    let since = if unanswered >= NOTICEABLE { format!(" for {}", duration(unanswered)) } else { String::new() };
    let AwsError { call, code, .. } = error;
    let message = one_line(&error.message);
    let problem = match error.kind {
        ErrorKind::Connection => format!("no answer from AWS{since} ({message})"),
        ErrorKind::OddAnswer => format!("no answer from AWS{since}: {message}"),
        ErrorKind::Throttled => format!("AWS limits the number of requests{since} ({code})"),
        ErrorKind::Unavailable => format!("AWS is unavailable{since} ({code}: {message})"),
        ErrorKind::Expired => "the AWS credentials have expired; sign in again in another window".to_owned(),
        ErrorKind::ClockSkew | ErrorKind::NoCredentials => message.into_owned(),
        _ => format!("`{call}` failed ({code}: {message})"),
    };
    let pause = pause.map(|pause| format!(" in {}", duration(pause))).unwrap_or_default();
    warning(&format!("{problem}; retrying{pause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: ErrorKind, seconds: u64) -> String {
        let error = AwsError::new(kind, ApiCall::DescribeStackEvents, "Code", "host: the cause");
        let line = retrying(&error, Duration::from_secs(seconds), Some(Duration::from_secs(3)));
        crate::printable::plain(&line)
    }

    #[test]
    fn line_of_a_call_without_an_answer_names_the_service_and_the_time() {
        let line = unanswered(ApiCall::DescribeStacks, Duration::from_secs(10));
        assert_eq!(
            crate::printable::plain(&line),
            "waiting for CloudFormation (10 s): no answer to DescribeStacks yet"
        );
    }

    #[test]
    fn line_says_who_does_not_answer_and_since_when() {
        assert_eq!(
            line(ErrorKind::Connection, 75),
            "no answer from AWS for 1 m 15 s (host: the cause); retrying in 3 s"
        );
        assert_eq!(line(ErrorKind::Connection, 0), "no answer from AWS (host: the cause); retrying in 3 s");
        assert_eq!(line(ErrorKind::OddAnswer, 0), "no answer from AWS: host: the cause; retrying in 3 s");
        assert_eq!(line(ErrorKind::Throttled, 0), "AWS limits the number of requests (Code); retrying in 3 s");
    }
}
