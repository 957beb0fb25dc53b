//! The script of the stack that `rtiler bootstrap` deploys.
//!
//! `rtiler run std/bootstrap COMMAND` evaluates it like a file, so that every command that a message suggests works on it.

/// The name of the script, in place of a path.
pub(crate) const NAME: &str = "std/bootstrap";

/// The text of the script.
pub(crate) const TEXT: &str = include_str!("bootstrap.rhai");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::bootstrap::VERSION;
    use crate::image::bootstrap_names::{REPOSITORY, STACK};

    #[test]
    fn script_has_the_version_and_the_names_that_the_code_looks_for() {
        assert!(TEXT.contains(&format!("Stack(\"{STACK}\")")));
        assert!(TEXT.contains(&format!("RepositoryName: \"{REPOSITORY}\"")));
        assert!(TEXT.contains(&format!(".output(\"Version\", \"{VERSION}\")")));
        assert!(TEXT.contains(&crate::image::bootstrap_names::bucket("${AWS::AccountId}", "${AWS::Region}")));
    }
}
