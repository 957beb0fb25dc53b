//! The checks of `doctor` on a real account: credentials, clock, endpoints, service-linked roles, bootstrap, quotas.
//!
//! `checks` runs them side by side, each with its own time limit; `quotas` compares the stacks of a script with the quotas of the
//! account.
//!
//! *Invariant*: reads only; a check ends within its limit, and its failure does not end another check.

mod checks;
mod quotas;

use std::time::Duration;

use serde::Serialize;

pub use checks::examine;

use crate::deploy::api::{AwsError, ErrorKind};

/// The time limit of each check.
pub const LIMIT: Duration = Duration::from_secs(8);

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// It is as it should be.
    Ok,
    /// It cannot be checked, or is not needed.
    Unknown,
    /// It can be a problem.
    Warning,
    /// It is a problem.
    Failed,
}

/// A fact that a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Examined {
    /// The name of the check: `credentials`, `clock`, `quota`.
    pub check: String,
    /// The result.
    pub health: Health,
    /// The fact.
    pub text: String,
    /// The remedy; null if there is nothing to do.
    pub remedy: Option<String>,
}

impl Examined {
    /// Creates a fact.
    pub fn new(check: &str, health: Health, text: impl Into<String>) -> Self {
        Self { check: check.to_owned(), health, text: text.into(), remedy: None }
    }

    /// Adds a remedy.
    #[must_use]
    pub fn remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }
}

/// Returns the fact of a call that failed: what the credentials lack is reported once, by the first check.
fn of_error(check: &str, error: &AwsError) -> Examined {
    match error.kind {
        ErrorKind::NoCredentials | ErrorKind::Expired => Examined::new(check, Health::Unknown, "needs credentials"),
        ErrorKind::AccessDenied => {
            let text = format!("cannot be checked: the credentials do not allow `{}`", error.iam_action());
            Examined::new(check, Health::Unknown, text)
        }
        _ => Examined::new(check, Health::Warning, format!("cannot be checked: {}", error.message)),
    }
}

#[cfg(test)]
mod tests;
