//! The steps by which a service or a job lowers its task.

use std::rc::Rc;

use super::{NetworkPlacement, TaskOwner, checks, container_definition, definition, network, roles};
use crate::block::Vpc;
use crate::block::lowering::Lowering;
use crate::cfn::Map;
use crate::diag::Origin;

impl TaskOwner<'_> {
    /// Reports the problems of the task.
    pub(crate) fn check(&self, lowering: &mut Lowering<'_>) {
        lowering.report_all(checks::all(self));
    }

    /// Adds the roles, the task definition and the log group.
    pub(crate) fn lower(&self, lowering: &mut Lowering<'_>) {
        roles::lower(self.task, lowering);
        definition::lower(self, lowering);
    }

    /// Adds the roles and the log group of a task whose definition another resource makes. Returns the definition of its main
    /// container with the places of its properties.
    pub(crate) fn lower_without_definition(&self, lowering: &mut Lowering<'_>) -> (Map, Vec<(String, Origin)>) {
        roles::lower(self.task, lowering);
        lowering.add(self.task.logs_id(), definition::log_group(self.task));
        let made = container_definition::define(&self.task.main, self, true, lowering);
        (made.properties, made.origins)
    }

    /// Returns the network of the task; reports a cluster whose network is not known.
    pub(crate) fn network(&self, lowering: &mut Lowering<'_>) -> Option<Rc<Vpc>> {
        network::of(self, lowering)
    }

    /// Returns the subnets of the task: those it sets, else those of its network for tasks.
    pub(crate) fn place(&self, vpc: &Rc<Vpc>, lowering: &mut Lowering<'_>) -> Option<NetworkPlacement> {
        network::place(self, vpc, lowering)
    }
}
