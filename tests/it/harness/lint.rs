use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::python::python;

/// A finding of a linter in a template.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Finding {
    /// `cfn-lint` or `cloudformation-validate`.
    pub(crate) linter: String,
    /// Its rule, such as `E3030`.
    pub(crate) rule: String,
    /// `error`, `warning` or `info`.
    pub(crate) level: String,
    /// The path in the template.
    pub(crate) path: String,
    /// The message of the linter.
    pub(crate) message: String,
}

impl Finding {
    pub(crate) fn is_error(&self) -> bool {
        self.level == "error"
    }
}

/// Checks templates with cfn-lint and with AWS's validator, all in one run: cfn-lint takes seconds to start.
pub(crate) fn lint<P: AsRef<Path>>(templates: &[P]) -> BTreeMap<PathBuf, Vec<Finding>> {
    let output = python("lint.py").args(templates.iter().map(AsRef::as_ref)).output().expect("the linters run");
    assert!(output.status.success(), "the linters failed: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the linters answer in JSON")
}
