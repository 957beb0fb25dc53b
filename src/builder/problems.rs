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
            Unusable::Failed(line) => {
                problem = problem.note(format!("{kind} is installed and does not work: {line}")).help(kind.remedy());
            }
            Unusable::NoBuildx => {
                problem = problem
                    .note("docker is installed without buildx")
                    .help("install the package docker-buildx (Debian) or docker-buildx-plugin (Docker's own packages)");
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
    /// Finds out the kind of an answer from the text of a builder.
    fn of(text: &str) -> Self {
        let text = text.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        // Repositories first: some registries name both reasons in one line.
        if has(&[
            "name unknown",
            "name_unknown",
            "repository does not exist",
            "does not exist in the registry",
            "404",
            "not found",
        ]) {
            Self::NoRepository
        } else if has(&["unauthorized", "authentication required", "no basic auth", "denied", "401", "403"]) {
            Self::Denied
        } else if has(&["toomanyrequests", "too many requests", "429"]) {
            Self::TooMany
        } else if has(&[
            "timeout",
            "timed out",
            "deadline exceeded",
            "connection refused",
            "no such host",
            "connection reset",
            "eof",
        ]) {
            Self::Silent
        } else if has(&["500", "502", "503", "504", "internal server error", "bad gateway", "unavailable"]) {
            Self::Broken
        } else {
            Self::Unknown
        }
    }
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
