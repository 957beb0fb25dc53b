//! The subnets that a task chooses.

use super::{Task, TaskSubnets};
use crate::block::Vpc;
use crate::block::vpc::SubnetKind;
use crate::cfn::Value;
use crate::diag::{Code, Diagnostic, WithOrigin, did_you_mean};

/// The choice that a setter makes in a network.
pub(super) enum ChosenSubnets {
    Side(SubnetKind),
    Listed(WithOrigin<Value>),
}

/// Returns the subnets that a task chooses in a network, or the kind that tasks of the network have.
pub(super) fn chosen(task: &Task, vpc: &Vpc) -> Result<ChosenSubnets, Diagnostic> {
    let Some(wanted) = &task.subnets else {
        let side = if task.public_ip.is_some() { SubnetKind::Public } else { vpc.side_of_tasks() };
        return Ok(ChosenSubnets::Side(side));
    };
    match &wanted.value {
        TaskSubnets::Ids(Value::List(ids)) if ids.is_empty() => {
            Err(Diagnostic::new(Code::Subnets, "the list of subnets is empty")
                .at(&wanted.origin, "")
                .help("name a kind of subnets: `.subnets(\"private\")`"))
        }
        TaskSubnets::Ids(ids) => Ok(ChosenSubnets::Listed(WithOrigin::new(ids.clone(), wanted.origin.clone()))),
        TaskSubnets::Kind(word) => {
            let words = SubnetKind::ALL.map(SubnetKind::word);
            let unknown = || {
                Diagnostic::new(Code::Subnets, format!("`{word}` is not a kind of subnet"))
                    .at(&wanted.origin, "")
                    .help_if(did_you_mean(word, words))
                    .help("use `public`, `private` or `isolated`, or a list of ids")
            };
            SubnetKind::parse(word).map(ChosenSubnets::Side).ok_or_else(unknown)
        }
    }
}

impl Task {
    /// Returns whether its tasks have no public address in a network.
    pub(crate) fn is_inside(&self, vpc: &Vpc) -> bool {
        match chosen(self, vpc) {
            Ok(ChosenSubnets::Side(side)) => side != SubnetKind::Public,
            _ => self.public_ip.is_none(),
        }
    }
}
