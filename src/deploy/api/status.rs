//! Statuses as AWS names them.
//!
//! Source: the enums of the API references of CloudFormation, ECS, Elastic Load Balancing and CloudWatch.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The meaning of a status to the user, for colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Sentiment {
    /// The operation succeeded.
    Good,
    /// An operation is in progress without errors.
    Busy,
    /// An operation failed, or is or was rolled back.
    Bad,
}

macro_rules! statuses {
    ($(#[$doc:meta])* $name:ident { $($variant:ident $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[serde(from = "String", into = "String")]
        #[allow(missing_docs, reason = "each variant is AWS's status of its name")]
        pub enum $name {
            $($variant,)*
            /// A status that is newer than this program.
            Other(String),
        }

        impl $name {
            /// Every status that has a variant of its own.
            #[allow(dead_code, reason = "tests go through the statuses of some enums only")]
            pub const KNOWN: &[$name] = &[$($name::$variant,)*];

            /// Returns the status as AWS writes it.
            pub fn as_str(&self) -> &str {
                match self { $($name::$variant => $text,)* $name::Other(text) => text, }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text { $($text => $name::$variant,)* other => $name::Other(other.to_owned()), }
            }
        }

        impl FromStr for $name {
            type Err = Infallible;
            fn from_str(text: &str) -> Result<Self, Infallible> { Ok(text.into()) }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self { text.as_str().into() }
        }

        impl From<$name> for String {
            fn from(status: $name) -> Self { status.as_str().to_owned() }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result { out.write_str(self.as_str()) }
        }
    };
}

statuses! {
    /// The status of a stack.
    StackStatus {
        CreateInProgress "CREATE_IN_PROGRESS",
        CreateFailed "CREATE_FAILED",
        CreateComplete "CREATE_COMPLETE",
        RollbackInProgress "ROLLBACK_IN_PROGRESS",
        RollbackFailed "ROLLBACK_FAILED",
        RollbackComplete "ROLLBACK_COMPLETE",
        DeleteInProgress "DELETE_IN_PROGRESS",
        DeleteFailed "DELETE_FAILED",
        DeleteComplete "DELETE_COMPLETE",
        UpdateInProgress "UPDATE_IN_PROGRESS",
        UpdateCompleteCleanupInProgress "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        UpdateComplete "UPDATE_COMPLETE",
        UpdateFailed "UPDATE_FAILED",
        UpdateRollbackInProgress "UPDATE_ROLLBACK_IN_PROGRESS",
        UpdateRollbackFailed "UPDATE_ROLLBACK_FAILED",
        UpdateRollbackCompleteCleanupInProgress "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        UpdateRollbackComplete "UPDATE_ROLLBACK_COMPLETE",
        ReviewInProgress "REVIEW_IN_PROGRESS",
        ImportInProgress "IMPORT_IN_PROGRESS",
        ImportComplete "IMPORT_COMPLETE",
        ImportRollbackInProgress "IMPORT_ROLLBACK_IN_PROGRESS",
        ImportRollbackFailed "IMPORT_ROLLBACK_FAILED",
        ImportRollbackComplete "IMPORT_ROLLBACK_COMPLETE",
    }
}

statuses! {
    /// The status of a resource, as events and resource lists have it.
    ResourceStatus {
        CreateInProgress "CREATE_IN_PROGRESS",
        CreateFailed "CREATE_FAILED",
        CreateComplete "CREATE_COMPLETE",
        DeleteInProgress "DELETE_IN_PROGRESS",
        DeleteFailed "DELETE_FAILED",
        DeleteComplete "DELETE_COMPLETE",
        DeleteSkipped "DELETE_SKIPPED",
        UpdateInProgress "UPDATE_IN_PROGRESS",
        UpdateFailed "UPDATE_FAILED",
        UpdateComplete "UPDATE_COMPLETE",
        ImportInProgress "IMPORT_IN_PROGRESS",
        ImportFailed "IMPORT_FAILED",
        ImportComplete "IMPORT_COMPLETE",
        ImportRollbackInProgress "IMPORT_ROLLBACK_IN_PROGRESS",
        ImportRollbackFailed "IMPORT_ROLLBACK_FAILED",
        ImportRollbackComplete "IMPORT_ROLLBACK_COMPLETE",
        UpdateRollbackInProgress "UPDATE_ROLLBACK_IN_PROGRESS",
        UpdateRollbackComplete "UPDATE_ROLLBACK_COMPLETE",
        UpdateRollbackFailed "UPDATE_ROLLBACK_FAILED",
        RollbackInProgress "ROLLBACK_IN_PROGRESS",
        RollbackComplete "ROLLBACK_COMPLETE",
        RollbackFailed "ROLLBACK_FAILED",
    }
}

statuses! {
    /// The status of a change set: whether its creation is done.
    ChangeSetStatus {
        CreatePending "CREATE_PENDING",
        CreateInProgress "CREATE_IN_PROGRESS",
        CreateComplete "CREATE_COMPLETE",
        DeletePending "DELETE_PENDING",
        DeleteInProgress "DELETE_IN_PROGRESS",
        DeleteComplete "DELETE_COMPLETE",
        DeleteFailed "DELETE_FAILED",
        Failed "FAILED",
    }
}

statuses! {
    /// The status of an ECS service.
    ServiceStatus {
        Active "ACTIVE",
        Draining "DRAINING",
        Inactive "INACTIVE",
    }
}

statuses! {
    /// The status of a deployment of an ECS service: the primary one is the latest.
    DeploymentStatus {
        Primary "PRIMARY",
        Active "ACTIVE",
        Inactive "INACTIVE",
    }
}

statuses! {
    /// The rollout state of a deployment of an ECS service.
    RolloutState {
        Completed "COMPLETED",
        Failed "FAILED",
        InProgress "IN_PROGRESS",
    }
}

statuses! {
    /// The strategy of the deployments of an ECS service.
    DeploymentStrategy {
        Rolling "ROLLING",
        BlueGreen "BLUE_GREEN",
        Canary "CANARY",
        Linear "LINEAR",
    }
}

statuses! {
    /// The status of a service deployment of ECS (`ServiceDeployment`).
    ServiceDeploymentStatus {
        Pending "PENDING",
        InProgress "IN_PROGRESS",
        Successful "SUCCESSFUL",
        StopRequested "STOP_REQUESTED",
        Stopped "STOPPED",
        RollbackRequested "ROLLBACK_REQUESTED",
        RollbackInProgress "ROLLBACK_IN_PROGRESS",
        RollbackSuccessful "ROLLBACK_SUCCESSFUL",
        RollbackFailed "ROLLBACK_FAILED",
    }
}

statuses! {
    /// The stage of a service deployment that shifts traffic (`lifecycleStage` of `ServiceDeployment`).
    LifecycleStage {
        ReconcileService "RECONCILE_SERVICE",
        PreScaleUp "PRE_SCALE_UP",
        ScaleUp "SCALE_UP",
        PostScaleUp "POST_SCALE_UP",
        TestTrafficShift "TEST_TRAFFIC_SHIFT",
        PostTestTrafficShift "POST_TEST_TRAFFIC_SHIFT",
        PreProductionTrafficShift "PRE_PRODUCTION_TRAFFIC_SHIFT",
        ProductionTrafficShift "PRODUCTION_TRAFFIC_SHIFT",
        PostProductionTrafficShift "POST_PRODUCTION_TRAFFIC_SHIFT",
        BakeTime "BAKE_TIME",
        CleanUp "CLEAN_UP",
    }
}

statuses! {
    /// The last status of an ECS task ("Amazon ECS task lifecycle").
    TaskStatus {
        Provisioning "PROVISIONING",
        Pending "PENDING",
        Activating "ACTIVATING",
        Running "RUNNING",
        Deactivating "DEACTIVATING",
        Stopping "STOPPING",
        Deprovisioning "DEPROVISIONING",
        Stopped "STOPPED",
        Deleted "DELETED",
    }
}

statuses! {
    /// The health of a target of a load balancer.
    TargetState {
        Initial "initial",
        Healthy "healthy",
        Unhealthy "unhealthy",
        UnhealthyDraining "unhealthy.draining",
        Unused "unused",
        Draining "draining",
        Unavailable "unavailable",
    }
}

statuses! {
    /// The state of a CloudWatch alarm.
    AlarmState {
        Ok "OK",
        Alarm "ALARM",
        InsufficientData "INSUFFICIENT_DATA",
    }
}

impl StackStatus {
    /// Returns whether no operation is running.
    pub fn is_settled(&self) -> bool {
        *self == Self::ReviewInProgress || !self.as_str().ends_with("_IN_PROGRESS")
    }

    /// Returns what the status means to the user who creates or updates a stack.
    pub fn sentiment(&self) -> Sentiment {
        sentiment(self.as_str())
    }
}

impl ResourceStatus {
    /// Returns whether the step of the resource has ended.
    pub fn is_settled(&self) -> bool {
        !self.as_str().ends_with("_IN_PROGRESS")
    }

    /// Returns whether the step failed.
    pub fn is_failed(&self) -> bool {
        self.as_str().ends_with("_FAILED")
    }

    /// Returns what the status means to the user.
    pub fn sentiment(&self) -> Sentiment {
        sentiment(self.as_str())
    }
}

impl ChangeSetStatus {
    /// Returns whether AWS has finished creating or deleting the change set.
    pub fn is_settled(&self) -> bool {
        !(self.as_str().ends_with("_PENDING") || self.as_str().ends_with("_IN_PROGRESS"))
    }
}

fn sentiment(status: &str) -> Sentiment {
    if status.contains("ROLLBACK") || status.ends_with("FAILED") {
        Sentiment::Bad
    } else if status.ends_with("_IN_PROGRESS") {
        Sentiment::Busy
    } else {
        Sentiment::Good
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_of_its_own_text_is_the_same() {
        for status in StackStatus::KNOWN {
            assert_eq!(&StackStatus::from(status.as_str()), status);
        }
        assert_eq!(StackStatus::from("PAUSED").as_str(), "PAUSED");
    }

    #[test]
    fn stack_in_review_is_settled_and_a_cleanup_is_not() {
        assert!(StackStatus::ReviewInProgress.is_settled());
        assert!(!StackStatus::UpdateCompleteCleanupInProgress.is_settled());
        assert!(StackStatus::UpdateRollbackFailed.is_settled());
    }

    #[test]
    fn completed_rollback_is_bad() {
        assert_eq!(StackStatus::RollbackComplete.sentiment(), Sentiment::Bad);
        assert_eq!(StackStatus::UpdateComplete.sentiment(), Sentiment::Good);
        assert_eq!(StackStatus::DeleteInProgress.sentiment(), Sentiment::Busy);
    }
}
