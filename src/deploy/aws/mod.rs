//! AWS itself, over its SDK: the adapter behind the ports [`Cloud`] and [`Ecs`].
//!
//! It translates requests, replies and errors, and lets the SDK retry what is transient (standard mode). Events come
//! from `DescribeStackEvents`, which has told the events of a stack since 2010, knows every region and emulator, and
//! tells nested stacks' and former operations' events too; `DescribeEvents` (of one operation) adds nothing that
//! [`StackEvent::operation`](super::ports::StackEvent::operation) does not give. Deployments run in the `STANDARD` mode
//! of `DeploymentConfig`: `EXPRESS` reports success before a service is stable.
//!
//! Nothing is loaded before [`Aws::connect`], and nothing goes over the network before the first call.
//!
//! *Invariant*: the only module that names a crate `aws_*`; it decides nothing, and no type of the SDK leaves it.

mod change_sets;
mod clock;
mod connect;
mod convert;
mod ecs;
mod error;
mod stacks;
mod templates;

pub use clock::SystemClock;
pub use connect::{AccessKey, Options};

use std::sync::Arc;

use aws_config::{Region, SdkConfig};
use aws_sdk_cloudformation::Client;
use tokio::sync::OnceCell;

use super::ports::{
    Alarm, AutoScaling, AwsError, ChangeSet, ChangeSetId, ChangeSetRequest, ChangeSetSummary, Cloud, ContainerEdit,
    Drift, DriftDetection, Ecs, EcsService, ErrorKind, EventPage, ExecSession, Export, Image, Images, LiveResource,
    LiveStack, LoadBalancing, LogLine, LogPage, LogQuery, Logs, Place, ScalableTarget, ServiceChange, TargetHealth,
    Task, TaskDefinition, TaskRequest, Tasks, Token,
};

/// An account of AWS and a region, with the user's credentials.
#[derive(Debug, Clone)]
pub struct Aws {
    config: SdkConfig,
    cloudformation: Client,
    profile: Option<String>,
    /// The bucket for templates that the user named.
    given_bucket: Option<String>,
    /// The bucket for templates in this region, once it is known to be there.
    bucket: Arc<OnceCell<String>>,
}

impl Aws {
    /// Reads the profile, the environment and the options; speaks to nobody yet.
    pub async fn connect(options: Options) -> Aws {
        let (profile, given_bucket) = (options.profile.clone(), options.template_bucket.clone());
        let config = connect::load(options).await;
        Aws { cloudformation: Client::new(&config), config, profile, given_bucket, bucket: Arc::default() }
    }

    /// The region of the stacks that name none, where one is set.
    pub fn region(&self) -> Option<&str> {
        self.config.region().map(Region::as_ref)
    }
}

impl Cloud for Aws {
    fn in_region(&self, region: &str) -> Aws {
        if self.region() == Some(region) {
            return self.clone();
        }
        let config = self.config.clone().into_builder().region(Region::new(region.to_owned())).build();
        Aws { cloudformation: Client::new(&config), config, bucket: Arc::default(), ..self.clone() }
    }

    async fn place(&self) -> Result<Place, AwsError> {
        stacks::place(self).await
    }

    async fn describe_stack(&self, stack: &str) -> Result<Option<LiveStack>, AwsError> {
        stacks::describe(self, stack).await
    }

    async fn template(&self, stack: &str) -> Result<String, AwsError> {
        stacks::template(self, stack).await
    }

    async fn resources(&self, stack: &str) -> Result<Vec<LiveResource>, AwsError> {
        stacks::resources(self, stack).await
    }

    async fn events(&self, stack: &str, page: Option<&str>) -> Result<EventPage, AwsError> {
        stacks::events(self, stack, page).await
    }

    async fn create_change_set(&self, request: &ChangeSetRequest) -> Result<ChangeSetId, AwsError> {
        change_sets::create(self, request).await
    }

    async fn describe_change_set(&self, id: &ChangeSetId) -> Result<ChangeSet, AwsError> {
        change_sets::describe(self, id).await
    }

    async fn execute_change_set(&self, id: &ChangeSetId, token: &Token, keep: bool) -> Result<(), AwsError> {
        change_sets::execute(self, id, token, keep).await
    }

    async fn delete_change_set(&self, id: &ChangeSetId) -> Result<(), AwsError> {
        change_sets::delete(self, id).await
    }

    async fn delete_stack(&self, stack: &str, token: &Token, retain: &[String]) -> Result<(), AwsError> {
        stacks::delete(self, stack, token, retain).await
    }

    async fn change_sets(&self, _stack: &str) -> Result<Vec<ChangeSetSummary>, AwsError> {
        Err(missing("ListChangeSets"))
    }

    async fn cancel_update(&self, _stack: &str, _token: &Token) -> Result<(), AwsError> {
        Err(missing("CancelUpdateStack"))
    }

    async fn rollback_stack(&self, _stack: &str, _token: &Token) -> Result<(), AwsError> {
        Err(missing("RollbackStack"))
    }

    async fn continue_rollback(&self, _stack: &str, _token: &Token, _skip: &[String]) -> Result<(), AwsError> {
        Err(missing("ContinueUpdateRollback"))
    }

    async fn detect_drift(&self, _stack: &str) -> Result<String, AwsError> {
        Err(missing("DetectStackDrift"))
    }

    async fn drift_detection(&self, _search: &str) -> Result<DriftDetection, AwsError> {
        Err(missing("DescribeStackDriftDetectionStatus"))
    }

    async fn drifts(&self, _stack: &str) -> Result<Vec<Drift>, AwsError> {
        Err(missing("DescribeStackResourceDrifts"))
    }

    async fn set_termination_protection(&self, stack: &str, on: bool) -> Result<(), AwsError> {
        stacks::set_termination_protection(self, stack, on).await
    }

    async fn upload_template(&self, stack: &str, body: &str) -> Result<String, AwsError> {
        templates::upload(self, stack, body).await
    }

    async fn exports(&self) -> Result<Vec<Export>, AwsError> {
        stacks::exports(self).await
    }

    async fn imports(&self, export: &str) -> Result<Vec<String>, AwsError> {
        stacks::imports(self, export).await
    }
}

impl Ecs for Aws {
    async fn services(&self, arns: &[String]) -> Result<Vec<EcsService>, AwsError> {
        ecs::services(self, arns).await
    }

    async fn tasks(&self, _service: &str, _which: Tasks) -> Result<Vec<Task>, AwsError> {
        Err(missing("ListTasks"))
    }

    async fn task(&self, _arn: &str) -> Result<Option<Task>, AwsError> {
        Err(missing("DescribeTasks"))
    }

    async fn task_definition(&self, _name: &str) -> Result<Option<TaskDefinition>, AwsError> {
        Err(missing("DescribeTaskDefinition"))
    }

    async fn revise(&self, _task_definition: &str, _edits: &[ContainerEdit]) -> Result<String, AwsError> {
        Err(missing("RegisterTaskDefinition"))
    }

    async fn update_service(&self, _service: &str, _change: &ServiceChange) -> Result<(), AwsError> {
        Err(missing("UpdateService"))
    }

    async fn run_task(&self, _request: &TaskRequest) -> Result<Task, AwsError> {
        Err(missing("RunTask"))
    }

    async fn stop_task(&self, _arn: &str, _reason: &str) -> Result<(), AwsError> {
        Err(missing("StopTask"))
    }

    async fn execute_command(&self, _task: &str, _container: &str, _command: &str) -> Result<ExecSession, AwsError> {
        Err(missing("ExecuteCommand"))
    }
}

impl Logs for Aws {
    async fn tail(&self, _group: &str, _stream: &str, _lines: usize) -> Result<Vec<LogLine>, AwsError> {
        Err(missing("GetLogEvents"))
    }

    async fn search(&self, _query: &LogQuery) -> Result<LogPage, AwsError> {
        Err(missing("FilterLogEvents"))
    }
}

impl LoadBalancing for Aws {
    async fn target_health(&self, _target_group: &str) -> Result<Vec<TargetHealth>, AwsError> {
        Err(missing("DescribeTargetHealth"))
    }
}

impl AutoScaling for Aws {
    async fn scalable_target(&self, _resource: &str) -> Result<Option<ScalableTarget>, AwsError> {
        Err(missing("DescribeScalableTargets"))
    }

    async fn set_scalable_target(&self, _resource: &str, _range: ScalableTarget) -> Result<(), AwsError> {
        Err(missing("RegisterScalableTarget"))
    }

    async fn alarms(&self, _names: &[String], _prefixes: &[String]) -> Result<Vec<Alarm>, AwsError> {
        Err(missing("DescribeAlarms"))
    }
}

impl Images for Aws {
    async fn image(&self, _reference: &str) -> Image {
        Image::Unknown("nobody looked".to_owned())
    }
}

fn missing(operation: &'static str) -> AwsError {
    AwsError::new(ErrorKind::Other, operation, "Unwritten", "the adapter does not make this call")
}
