//! The SSM parameters that templates may refer to.

use std::collections::BTreeMap;

/// The values of SSM parameters of rehearsed stacks, by name.
#[derive(Debug, Clone, Default)]
pub(in crate::rehearsal) struct SsmParameters {
    pub(in crate::rehearsal) known: BTreeMap<String, String>,
    /// Whether the account has others, whose values are unknown.
    pub(in crate::rehearsal) open: bool,
}

impl SsmParameters {
    /// Returns a placeholder for the value of a parameter that the account may have.
    pub(in crate::rehearsal) fn placeholder(&self, name: &str) -> Option<String> {
        self.open.then(|| format!("ssm:{name}"))
    }
}
