//! The subnets in which parts of a stack are placed, unless the script says where.

use super::{SubnetKind, Vpc};

impl Vpc {
    /// Returns the subnets of tasks: private ones, else public ones. Tasks that reach AWS through endpoints need no public ones.
    pub(crate) fn side_of_tasks(&self) -> SubnetKind {
        let is_closed = self.private_endpoints.is_some() || self.subnet_ids(SubnetKind::Public).is_none();
        if self.has_private_subnets() {
            SubnetKind::Private
        } else if self.has_isolated_subnets() && is_closed {
            SubnetKind::Isolated
        } else {
            SubnetKind::Public
        }
    }

    /// Returns the subnets of load balancers and endpoints that only the network reaches.
    pub(crate) fn inner_side(&self) -> SubnetKind {
        if self.has_private_subnets() {
            SubnetKind::Private
        } else if self.has_isolated_subnets() {
            SubnetKind::Isolated
        } else {
            SubnetKind::Public
        }
    }

    /// Returns the subnets of databases, caches and file systems: isolated ones if the script wants them, else those of
    /// other inner parts.
    pub(crate) fn side_of_data(&self) -> SubnetKind {
        let wants_isolated = self.isolated.is_some() || self.isolated_subnets.is_some();
        if wants_isolated { SubnetKind::Isolated } else { self.inner_side() }
    }
}
