//! The SSM parameters that templates may refer to.

use std::collections::BTreeMap;

/// The values of SSM parameters by name.
#[derive(Debug, Clone, Default)]
pub(in crate::rehearsal) struct SsmParameters {
    pub(in crate::rehearsal) known: BTreeMap<String, String>,
    /// Whether the account has others, whose values are unknown.
    pub(in crate::rehearsal) open: bool,
}

impl SsmParameters {
    /// Returns the value of a parameter, or a placeholder if the value is unknown.
    pub(in crate::rehearsal) fn get(&self, name: &str) -> Option<String> {
        self.known.get(name).cloned().or_else(|| self.open.then(|| format!("ssm:{name}")))
    }
}
