use super::{Diagnosis, ServiceCounts, StoppedTask};
use crate::deploy::api::{EcsEvent, ServiceDeployment, TargetHealth};

/// A new fact about a service. The watchdog reports each one once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The counts of a service's tasks changed.
    CountsChanged(ServiceCounts),
    /// The service wrote a line to its event log.
    ServiceEvent {
        /// The service's name in the template.
        service: String,
        /// The line.
        event: EcsEvent,
    },
    /// A task of the service stopped.
    TaskStopped {
        /// The service's name in the template.
        service: String,
        /// The task, with the cause and the last lines of its log.
        task: StoppedTask,
    },
    /// The health check of a target fails.
    TargetUnhealthy {
        /// The service's name in the template.
        service: String,
        /// The target.
        target: TargetHealth,
    },
    /// The deployment of a service entered another stage, shifted traffic, or failed.
    ShiftChanged {
        /// The service's name in the template.
        service: String,
        /// The deployment.
        shift: ServiceDeployment,
    },
    /// A cause that stopped several of a service's tasks.
    Diagnosed(Diagnosis),
}
