//! Calls of services by the tasks of a service or a job: `.calls(service)`.

mod rules;

pub(crate) use rules::{CallingTasks, lower};

use super::{Block, TargetPort};

/// A service that tasks call.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceCall {
    /// The called service.
    pub service: Block,
    /// The called port, unless it is that of the main container.
    pub port: Option<TargetPort>,
}
