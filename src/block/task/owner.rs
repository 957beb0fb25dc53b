use super::Task;
use crate::block::BlockId;
use crate::diag::Origin;

/// Whose task is lowered, and what this owner adds to it.
pub(crate) struct TaskOwner<'a> {
    /// The task.
    pub(crate) task: &'a Task,
    /// The service or job.
    pub(crate) block: BlockId,
    /// The word for it in messages: `service`, `job`.
    pub(crate) noun: &'static str,
    /// The port of the main container, if it listens on one.
    pub(crate) port: Option<i64>,
    /// Whether others reach the port by Service Connect.
    pub(crate) connects: bool,
    /// The ports of the main container that a load balancer sends packets of UDP to, each with whether TCP comes too.
    pub(crate) udp: Vec<(i64, bool)>,
    /// Whether its tasks are public unless the script says otherwise.
    pub(crate) is_public: bool,
    /// Variables of the main container in addition to those that the script sets, each with its setter.
    pub(crate) variables: Vec<(&'static str, String, &'a Origin)>,
}
