use std::fmt;
use std::sync::Arc;

use crate::cfn::{TemplateString, names};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

/// The name of a block, in CamelCase or kebab-case: `[A-Za-z][A-Za-z0-9-]*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// Parses a name of the script.
    ///
    /// # Errors
    ///
    /// `block-name` when logical ids cannot be made of it.
    pub fn parse(name: &str) -> Result<Self, Diagnostic> {
        let letters = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
        if letters && name.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return Ok(Self(name.into()));
        }
        Err(Diagnostic::new(Code::BlockName, format!("`{name}` cannot be the name of a block"))
            .help("a name begins with a letter, followed by letters, digits and hyphens: `WebApi`, `web-api`"))
    }

    /// Creates the empty name: that of the cluster and the network of a stack, with the logical ids `Cluster` and `Vpc`.
    pub(crate) fn of_stack() -> Self {
        Self("".into())
    }

    /// Returns whether it is the name of the cluster or the network of a stack.
    pub(crate) fn is_of_stack(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the name as the script gave it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the stem of the logical ids of the block: `WebApi` for `web-api`.
    pub fn stem(&self) -> String {
        names::stem(&self.0)
    }

    /// Returns the name in kebab-case: `web-api` for `WebApi`.
    pub fn kebab(&self) -> Self {
        Self(names::kebab(&self.0).into())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Whether the stack manages a block or it exists already.
#[derive(Debug, Clone, PartialEq)]
pub enum Ownership {
    /// Managed by the stack under this name.
    Managed(WithOrigin<Name>),
    /// Existing: its id or physical name.
    Existing(WithOrigin<TemplateString>),
}

impl Ownership {
    /// Returns the place of the script that names it.
    pub fn origin(&self) -> &Origin {
        match self {
            Ownership::Managed(name) => &name.origin,
            Ownership::Existing(id) => &id.origin,
        }
    }

    /// Returns whether it is the cluster or the network of a stack, which the script does not name.
    pub(crate) fn is_of_stack(&self) -> bool {
        self.managed_name().is_some_and(Name::is_of_stack)
    }

    /// Returns the name of a block that the stack manages.
    pub fn managed_name(&self) -> Option<&Name> {
        match self {
            Ownership::Managed(name) => Some(&name.value),
            Ownership::Existing(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kebab_and_camel_case_are_names() {
        assert_eq!(Name::parse("web-api").expect("a name").stem(), "WebApi");
        assert_eq!(Name::parse("WebApi").expect("a name").stem(), "WebApi");
    }

    #[test]
    fn leading_digit_underscore_or_empty_string_is_not_a_name() {
        for wrong in ["1st", "web_api", "", "-web", "été"] {
            assert_eq!(Name::parse(wrong).expect_err(wrong).code, "block-name");
        }
    }
}
