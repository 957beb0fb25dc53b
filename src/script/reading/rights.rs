//! The files and variables that the project and each package may read.

use super::path::ProjectPath;
use crate::diag::{Code, Diagnostic};
use crate::package::{Grants, LOCK_FILE, LoadedPackage, MANIFEST, Manifest};
use crate::script::source_loader::Reader;

/// Files and folders that no script reads: they hold credentials, or are of rtiler and git.
const PROTECTED: [&str; 10] =
    [".git", ".rtiler", ".aws", ".ssh", ".gnupg", ".docker", ".kube", ".netrc", ".npmrc", LOCK_FILE];

/// Variables of tools that hold credentials, besides those of AWS.
const CREDENTIALS: [&str; 14] = [
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_RUNTIME_TOKEN",
    "AZURE_CLIENT_SECRET",
    "BITBUCKET_STEP_OIDC_TOKEN",
    "CARGO_REGISTRY_TOKEN",
    "CI_JOB_TOKEN",
    "DOCKER_AUTH_CONFIG",
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "GITLAB_TOKEN",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "NPM_TOKEN",
    "SSH_AUTH_SOCK",
    "VAULT_TOKEN",
];

/// Checks that a file of the project may be read: any but the protected ones by the project, the granted ones by a package.
///
/// # Errors
///
/// The reason why it may not.
pub(super) fn may_read(package: Option<&LoadedPackage>, path: &ProjectPath) -> Result<(), Diagnostic> {
    let shown = path.as_str();
    if let Some(part) = path.parts().find(|part| is_protected(part)) {
        let message = format!("`{shown}` cannot be read by a script: `{part}` is protected");
        return Err(Diagnostic::new(Code::PermissionDenied, message)
            .help("a value that differs between deployments is a setting: `settings(\"APP\", #{ key: \"\" })`"));
    }
    let Some(package) = package else { return Ok(()) };
    if package.granted.read.iter().any(|granted| is_below(shown, granted)) {
        return Ok(());
    }
    let name = &package.manifest.name;
    Err(Diagnostic::new(Code::PermissionDenied, format!("the package `{name}` has no permission to read `{shown}`"))
        .help(format!(
            "pass the value to its function, or permit it in `{MANIFEST}`: {}",
            permission(name.as_str(), "read", shown)
        )))
}

/// Returns whether a path is a file, or below a folder, that is granted.
fn is_below(path: &str, granted: &str) -> bool {
    let granted = granted.trim_start_matches("./").trim_end_matches('/');
    path == granted || path.strip_prefix(granted).is_some_and(|rest| rest.starts_with('/'))
}

/// Returns whether a part of a path is protected. Some systems ignore case, and dots and blanks at the end.
fn is_protected(part: &str) -> bool {
    let plain = part.trim_end_matches(['.', ' ']).to_lowercase();
    PROTECTED.contains(&plain.as_str()) || plain == ".env" || plain.starts_with(".env.")
}

/// Checks that a variable may be read: one that the manifest of the project permits to the project, or to the package.
///
/// # Errors
///
/// The reason why it may not.
pub(super) fn may_use(
    package: Option<&LoadedPackage>,
    (project, reader): (Option<&Manifest>, Reader),
    name: &str,
) -> Result<(), Diagnostic> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(is_name) {
        let message = format!("`{}` is not the name of an environment variable", name.escape_debug());
        return Err(Diagnostic::new(Code::WrongArgument, message));
    }
    if is_credential(name) {
        let message = format!("`{name}` cannot be read by a script: it holds credentials");
        return Err(Diagnostic::new(Code::PermissionDenied, message)
            .help("give tasks a secret of Secrets Manager: `.secret(\"KEY\", \"arn:..\")`"));
    }
    let own = |project: &Manifest| project.permissions.get(&project.name).map(|granted| granted.value.clone());
    let granted: Option<Grants> = match package {
        Some(package) => Some(package.granted.clone()),
        None => project.and_then(own),
    };
    let permits = |granted: &String| match granted.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == granted,
    };
    if granted.is_some_and(|granted| granted.env.iter().any(permits)) {
        return Ok(());
    }
    Err(no_variable(package, (project, reader), name))
}

/// Returns the error of a policy that reads something besides templates.
pub(super) fn not_for_policies() -> Diagnostic {
    Diagnostic::new(Code::PermissionDenied, "a policy reads templates, and neither files nor variables")
        .help("write the value in the script of the policy: `fn teams() { [\"shop\", \"maps\"] }`")
}

fn no_variable(
    package: Option<&LoadedPackage>,
    (project, reader): (Option<&Manifest>, Reader),
    name: &str,
) -> Diagnostic {
    let denied = |message: String| Diagnostic::new(Code::PermissionDenied, message);
    match (package, project) {
        (Some(package), _) => {
            let reader = package.manifest.name.as_str();
            denied(format!("the package `{reader}` has no permission to read the variable `{name}`")).help(format!(
                "pass the value to its function, or permit it in `{MANIFEST}`: {}",
                permission(reader, "env", name)
            ))
        }
        (None, Some(project)) => denied(format!("the project has no permission to read the variable `{name}`"))
            .help(format!("permit it in `{MANIFEST}`: {}", permission(project.name.as_str(), "env", name))),
        (None, None) => denied(format!("a script without `{MANIFEST}` has no permission to read `{name}`")).help(
            if reader == Reader::Test {
                "declare a setting, and give its value in the test: `script(\"../app.rhai\", #{ stage: \"test\" })`"
            } else {
                "declare a setting: `settings(\"APP\", #{ stage: \"test\" })` reads the variable `APP_STAGE`"
            },
        ),
    }
}

fn permission(name: &str, kind: &str, value: &str) -> String {
    format!("`[permissions.{name}]` with `{kind} = [\"{value}\"]`")
}

/// Returns whether a variable holds credentials, which no script reads.
pub(in crate::script) fn is_credential(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let has = |word: &str| name.contains(word);
    CREDENTIALS.contains(&name.as_str())
        || (name.starts_with("AWS_") && ["KEY", "SECRET", "TOKEN", "CREDENTIALS"].iter().any(|word| has(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credential_is_known_in_any_case() {
        for name in [
            "AWS_ACCESS_KEY_ID",
            "aws_secret_access_key",
            "AWS_SESSION_TOKEN",
            "AWS_SECURITY_TOKEN",
            "GITHUB_TOKEN",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ] {
            assert!(is_credential(name), "{name}");
        }
        for name in ["AWS_REGION", "ACME_TOKEN_LIFETIME", "HOME", "AWS_PROFILE"] {
            assert!(!is_credential(name), "{name}");
        }
    }

    #[test]
    fn protected_name_is_known_in_any_spelling() {
        for part in
            [".git", ".GIT", ".git.", ".env", ".ENV.local", ".env ", "rtiler.lock", "RTILER.LOCK", ".rtiler", ".aws"]
        {
            assert!(is_protected(part), "{part}");
        }
        for part in ["git", ".gitignore", "env", ".environment", "rtiler.toml", "config"] {
            assert!(!is_protected(part), "{part}");
        }
    }

    #[test]
    fn grant_of_a_folder_is_for_the_files_below_it() {
        assert!(is_below("config/a/b", "config") && is_below("config", "config/") && is_below("config/a", "./config"));
        assert!(
            !is_below("config-secret/a", "config")
                && !is_below("CONFIG/a", "config")
                && !is_below("a/config", "config")
        );
    }
}
