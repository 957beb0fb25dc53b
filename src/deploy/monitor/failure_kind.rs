use serde::{Deserialize, Serialize};

/// The kind of failure that keeps a task from running, as far as AWS's messages show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TaskFailureKind {
    /// The image's registry, repository or tag does not exist.
    ImageNotFound,
    /// The registry needs credentials or permissions that the execution role does not have.
    ImageDenied,
    /// The image is built for another processor or operating system.
    ImagePlatform,
    /// The image could not be pulled for another reason: a pull limit, a failing registry.
    ImageNotPulled,
    /// The task's subnets have no route to AWS's services or to the registry.
    NoRoute,
    /// A secret or parameter cannot be read.
    SecretUnreadable,
    /// The container's log group cannot be written to.
    LogsUnwritable,
    /// ECS cannot assume the task's roles.
    RoleUnusable,
    /// A file system cannot be mounted.
    VolumeUnreachable,
    /// The container used more memory than it has.
    OutOfMemory,
    /// The task's storage is full.
    DiskFull,
    /// The container's process exited.
    Exited,
    /// The container's process was ended by a signal.
    Killed,
    /// The program cannot listen on its port.
    PortRefused,
    /// The container's command cannot be run.
    NotExecutable,
    /// The load balancer's health check fails.
    TargetUnhealthy,
    /// The container's own health check fails.
    ContainerUnhealthy,
    /// AWS has no capacity.
    NoCapacity,
    /// A quota or the subnets' free addresses are used up.
    Quota,
    /// The minimum and maximum percent of the service let ECS neither stop an old task nor start a new one.
    Stuck,
    /// A function that judges a deployment failed it.
    HookFailed,
    /// An alarm that watches a deployment went off.
    AlarmWentOff,
    /// Any other failure.
    Other,
}

impl TaskFailureKind {
    /// Every kind.
    #[cfg(test)]
    pub(crate) const ALL: [TaskFailureKind; 23] = [
        Self::ImageNotFound,
        Self::ImageDenied,
        Self::ImagePlatform,
        Self::ImageNotPulled,
        Self::NoRoute,
        Self::SecretUnreadable,
        Self::LogsUnwritable,
        Self::RoleUnusable,
        Self::VolumeUnreachable,
        Self::OutOfMemory,
        Self::DiskFull,
        Self::Exited,
        Self::Killed,
        Self::PortRefused,
        Self::NotExecutable,
        Self::TargetUnhealthy,
        Self::ContainerUnhealthy,
        Self::NoCapacity,
        Self::Quota,
        Self::Stuck,
        Self::HookFailed,
        Self::AlarmWentOff,
        Self::Other,
    ];

    /// Returns whether ECS could not start a task at all, which its events report once for many attempts.
    pub(super) fn is_placement(self) -> bool {
        matches!(self, Self::NoCapacity | Self::Quota | Self::Stuck)
    }
}
