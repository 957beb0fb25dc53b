//! Values that must not be written into a script: each becomes a secret of Secrets Manager, to be filled in by hand.

use indexmap::IndexMap;

use super::names::{Taken, block_name, variable_name};
use super::writer::{Expr, Script};
use crate::cfn::sensitive::is_secret_name;

/// The secrets of a script.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    /// The variable and the name of the block of each secret, by what it is in the source.
    known: IndexMap<String, (String, String)>,
}

impl Secrets {
    /// Returns whether the value of a variable is a secret: its name says so, or it is a URL with a password.
    pub(super) fn is_secret(name: &str, value: &str) -> bool {
        is_secret_name(name) && !value.is_empty() || has_password(value)
    }

    /// Returns the variable that holds a secret; the same source gives the same one.
    pub(super) fn variable(&mut self, source: &str, name: &str, blocks: &mut Taken, variables: &mut Taken) -> String {
        let made = self
            .known
            .entry(source.to_owned())
            .or_insert_with(|| (variables.unique(&variable_name(name), "_"), blocks.unique(&block_name(name), "-")));
        made.0.clone()
    }

    /// Returns whether the script has secrets.
    pub(super) fn is_used(&self) -> bool {
        !self.known.is_empty()
    }

    /// Adds the secrets to a script.
    pub(super) fn write(&self, script: &mut Script) {
        for (at, (variable, block)) in self.known.values().enumerate() {
            let comment = "The values of secrets are not copied. CloudFormation makes a random one for each; set yours with: \
                           aws secretsmanager put-secret-value --secret-id ARN --secret-string VALUE";
            let comments = if at == 0 { vec![comment.to_owned()] } else { Vec::new() };
            script.define(comments, variable, Expr::call("Secret", [Expr::text(block)]));
        }
    }
}

/// Returns whether a text has a URL with a password: `postgres://app:secret@db/app`.
fn has_password(text: &str) -> bool {
    text.match_indices("://").any(|(at, mark)| {
        let rest = &text[at + mark.len()..];
        let authority = rest.split(['/', '?', '#', ' ', '"']).next().unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(user, _)| user.split_once(':').is_some_and(|(_, it)| !it.is_empty()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_with_a_secret_name_or_a_password_is_a_secret() {
        for (name, value) in [("DB_PASSWORD", "x"), ("DATABASE_URL", "postgres://app:pw@db/app"), ("API_KEY", "k")] {
            assert!(Secrets::is_secret(name, value), "{name}={value}");
        }
        for (name, value) in [("DB_PASSWORD", ""), ("URL", "http://db:80/a@b"), ("LEVEL", "info"), ("U", "ssh://git@h")]
        {
            assert!(!Secrets::is_secret(name, value), "{name}={value}");
        }
    }
}
