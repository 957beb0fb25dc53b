//! Failures of builders and registries as diagnostics, at the place of the script that describes the image.

use super::BuilderKind;
use super::detect::Unusable;
use super::process::{Finished, ProcessError};
use crate::deploy::api::{AwsError, ImageTarget};
use crate::diag::{Code, Diagnostic};
use crate::image::{ImageReference, ImageRepository};

/// The number of lines of a failed command that are shown.
const SHOWN_LINES: usize = 12;

/// Reports that no builder works.
pub(super) fn no_builder(target: &ImageTarget, unusable: &[(BuilderKind, Unusable)]) -> Diagnostic {
    let named = if let [(kind, _)] = unusable {
        format!("`{kind}` cannot build images")
    } else {
        "no program on this machine can build images".to_owned()
    };
    let mut problem =
        at(target, Code::ImageBuild, &format!("image `{}` cannot be built: {named}", target.image.path()));
    let mut missing = Vec::new();
    for (kind, reason) in unusable {
        match reason {
            Unusable::Missing => missing.push(format!("`{kind}`")),
            reason => {
                problem = problem
                    .note(format!("{kind} is installed and does not work: {reason}"))
                    .help(reason.remedy(*kind).to_owned());
            }
        }
    }
    if !missing.is_empty() {
        problem = problem.note(format!("not found: {}", missing.join(", ")));
    }
    let all_missing = missing.len() == unusable.len();
    let install = "install a builder that needs no daemon: `apt-get install buildah` or `dnf install buildah`";
    problem.help_if(all_missing.then(|| install.to_owned()))
}

/// Reports a build that failed.
pub(super) fn build_failed(target: &ImageTarget, kind: BuilderKind, end: Result<Finished, ProcessError>) -> Diagnostic {
    let path = target.image.path();
    let (why, lines) = reason(kind, end);
    with_lines(at(target, Code::ImageBuild, &format!("image `{path}` cannot be built: {why}")), &lines)
}

/// Reports a login or push that failed.
pub(super) fn push_failed(target: &ImageTarget, kind: BuilderKind, end: Result<Finished, ProcessError>) -> Diagnostic {
    let (why, lines) = reason(kind, end);
    let message = format!("image `{}` cannot be pushed to `{}`: {why}", target.image.path(), target.repository);
    let problem = with_lines(at(target, Code::ImagePush, &message), &lines);
    with_remedy(problem, target, Refusal::of(&lines.join("\n")))
}

/// Reports that AWS issues no token for ECR.
pub(super) fn no_token(target: &ImageTarget, error: &AwsError) -> Diagnostic {
    let message = format!("image `{}` cannot be pushed: ECR issues no token", target.image.path());
    at(target, Code::ImagePush, &message)
        .note(error.to_string())
        .help("allow `ecr:GetAuthorizationToken` and the actions of a push: see `rtiler explain image-push`")
}

/// Reports a step that this machine refused.
pub(super) fn local(target: &ImageTarget, what: &str, error: &dyn std::fmt::Display) -> Diagnostic {
    at(target, Code::ImageBuild, &format!("image `{}` cannot be built: {what}: {error}", target.image.path()))
}

/// The kind of an answer of a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It needs other credentials.
    Denied,
    /// It has no such repository.
    NoRepository,
    /// It limits requests.
    TooMany,
    /// It fails.
    Broken,
    /// It does not answer.
    Silent,
    /// Any other.
    Unknown,
}

impl Refusal {
    /// Finds out the kind of an answer from the text of a builder, which is all that a builder gives: the error codes of the OCI
    /// distribution specification ("Error Codes"), a status of HTTP, or the words of the builder.
    fn of(text: &str) -> Self {
        let text = text.to_lowercase();
        let has = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
        let status = status_of(&text);
        // Repositories first: some registries name both reasons in one line.
        if has(&["name unknown", "name_unknown", "repository does not exist", "does not exist in the registry"])
            || status == Some(404)
        {
            Self::NoRepository
        } else if has(&["unauthorized", "authentication required", "no basic auth", "denied", "forbidden"])
            || matches!(status, Some(401 | 403))
        {
            Self::Denied
        } else if has(&["toomanyrequests", "too many requests"]) || status == Some(429) {
            Self::TooMany
        } else if status.is_some_and(|status| status >= 500) {
            Self::Broken
        } else if has(&["timeout", "timed out", "deadline exceeded", "connection refused", "no such host"])
            || has(&["connection reset", "unexpected eof", ": eof"])
        {
            Self::Silent
        } else {
            Self::Unknown
        }
    }
}

/// Returns the status of HTTP that a text names: `status code 404`, `500 Internal Server Error`. A number elsewhere is a size or part
/// of a digest.
fn status_of(text: &str) -> Option<u16> {
    const REASONS: [(&str, u16); 8] = [
        ("not found", 404),
        ("unauthorized", 401),
        ("forbidden", 403),
        ("too many requests", 429),
        ("internal server error", 500),
        ("bad gateway", 502),
        ("service unavailable", 503),
        ("gateway timeout", 504),
    ];
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let after_its_name = words.windows(2).find_map(|pair| {
        let number = pair[1].parse().ok().filter(|number| (400..600).contains(number));
        number.filter(|_| ["status", "code", "http"].contains(&pair[0]))
    });
    let with_its_reason = || REASONS.iter().find(|(reason, number)| text.contains(&format!("{number} {reason}")));
    after_its_name.or_else(|| with_its_reason().map(|(_, number)| *number))
}

/// Adds what to do about an answer.
pub(super) fn with_remedy(problem: Diagnostic, target: &ImageTarget, refusal: Refusal) -> Diagnostic {
    let parsed = ImageReference::parse(&target.reference());
    let host = parsed.as_ref().map_or(target.repository.as_str(), |parsed| parsed.host.as_str());
    let ecr = parsed.as_ref().and_then(ImageReference::ecr);
    match (refusal, &target.image.repository) {
        (Refusal::NoRepository, ImageRepository::Bootstrap) => {
            let region = ecr.map(|ecr| format!(" --region {}", ecr.region)).unwrap_or_default();
            problem.help(format!("prepare the account and region once: `rtiler bootstrap{region}`"))
        }
        (Refusal::NoRepository, ImageRepository::Named(_)) if ecr.is_some() => {
            let name = parsed.map(|parsed| parsed.repository).unwrap_or_default();
            problem.help(format!("create the repository: `aws ecr create-repository --repository-name {name}`"))
        }
        (Refusal::NoRepository, ImageRepository::Named(_)) => {
            problem.help("create the repository, or correct `.registry(..)`")
        }
        (Refusal::Denied, _) if ecr.is_some() => {
            problem.help("allow the actions of a push to ECR: see `rtiler explain image-push`")
        }
        (Refusal::Denied, _) => problem.help(format!("sign in: `docker login {host}`")),
        (Refusal::TooMany, _) => problem.help("deploy again in a few minutes: the registry limits requests"),
        (Refusal::Broken | Refusal::Silent, _) => {
            problem.help("deploy again when the registry works: layers that were pushed are not pushed again")
        }
        (Refusal::Unknown, _) => problem,
    }
}

/// Returns a problem at the place of the image.
pub(super) fn at(target: &ImageTarget, code: Code, message: &str) -> Diagnostic {
    Diagnostic::new(code, message).at(&target.image.origin, "this image")
}

/// Returns the reason why a command failed, with its last lines.
fn reason(kind: BuilderKind, end: Result<Finished, ProcessError>) -> (String, Vec<String>) {
    match end {
        Ok(finished) => {
            let code = finished.status.code().map_or("a signal".to_owned(), |code| format!("exit code {code}"));
            (format!("{kind} ended with {code}"), finished.last_lines)
        }
        Err(ProcessError::Missing) => (format!("`{kind}` is not installed"), Vec::new()),
        Err(ProcessError::TimedOut(longest, lines)) => {
            (format!("{kind} did not end within {} min", longest.as_secs() / 60), lines)
        }
        Err(ProcessError::Other(why)) => (why, Vec::new()),
    }
}

fn with_lines(problem: Diagnostic, lines: &[String]) -> Diagnostic {
    let shown = &lines[lines.len().saturating_sub(SHOWN_LINES)..];
    if shown.is_empty() {
        return problem;
    }
    problem.note(format!("the last lines of the builder:\n{}", shown.join("\n")))
}

/// Returns whether a command ended well.
pub(super) fn succeeded(end: &Result<Finished, ProcessError>) -> bool {
    end.as_ref().is_ok_and(|finished| finished.status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_that_is_not_a_status_decides_nothing() {
        for text in [
            "copying blob sha256:404e500a 401 b / 500 mb",
            "writing layer 404: no space left on device",
            "geofence.py: no such file",
            "docker-credential-ecr-login: executable file not found in $path",
        ] {
            assert_eq!(Refusal::of(text), Refusal::Unknown, "{text}");
        }
    }

    #[test]
    fn status_is_read_where_builders_name_it() {
        for (text, expected) in [
            ("received unexpected HTTP status: 500 Internal Server Error", Refusal::Broken),
            ("unexpected status code 404 Not Found", Refusal::NoRepository),
            ("unexpected status from PUT request to https://r.example/v2/: 403 Forbidden", Refusal::Denied),
            ("server message: 503 Service Unavailable", Refusal::Broken),
            ("Get \"https://r.example/v2/\": EOF", Refusal::Silent),
        ] {
            assert_eq!(Refusal::of(text), expected, "{text}");
        }
    }
}
