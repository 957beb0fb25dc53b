//! An account whose calls all pass through one place: to let some of them fail, or to say that one has no answer yet.

use super::{
    Alarm, ApiCall, ArtifactStore, AutoScaling, AwsEnvironment, AwsError, ChangeSet, ChangeSetId, ChangeSetRequest,
    ChangeSetSummary, ClientRequestToken, CloudControl, CloudFormation, ContainerOverride, DriftDetection, Ecs,
    EcsService, EventPage, ExecSession, Export, ImageRegistry, ImageStatus, LoadBalancing, LogLine, LogPage, LogQuery,
    Logs, RegistryCredentials, ResourceDrift, RunTaskRequest, ScalableTarget, ServiceDeployment, StackDescription,
    StackResource, StoredImage, StoredObject, TargetHealth, Task, TaskDefinition, TaskFilter, UpdateServiceRequest,
};

/// The effect of a call on the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// It reads.
    Read,
    /// It changes the account.
    Write,
}

/// The place that the calls of an account pass through. A clone shares its state.
#[allow(async_fn_in_trait, reason = "deployments run on one thread, so the futures need no bounds")]
pub trait CallWrapper: Clone {
    /// Makes a call.
    async fn around<T>(
        &self,
        kind: CallKind,
        call: ApiCall,
        answer: impl Future<Output = Result<T, AwsError>>,
    ) -> Result<T, AwsError>;
}

/// An account with a wrapper around its calls. Those of registries of images are made as they are.
#[derive(Clone)]
pub struct WrappedApi<C, W> {
    inner: C,
    wrapper: W,
}

impl<C, W> WrappedApi<C, W> {
    /// Puts a wrapper around the calls of an account.
    pub fn of(inner: C, wrapper: W) -> Self {
        Self { inner, wrapper }
    }
}

macro_rules! calls {
    ($($kind:ident $call:ident $name:ident($($arg:ident: $of:ty),*) -> $answer:ty;)*) => {
        $(async fn $name(&self, $($arg: $of),*) -> Result<$answer, AwsError> {
            self.wrapper.around(CallKind::$kind, ApiCall::$call, self.inner.$name($($arg),*)).await
        })*
    };
}

impl<C: CloudFormation, W: CallWrapper> CloudFormation for WrappedApi<C, W> {
    fn in_region(&self, region: &str) -> Self {
        Self { inner: self.inner.in_region(region), wrapper: self.wrapper.clone() }
    }

    calls! {
        Read GetCallerIdentity environment() -> AwsEnvironment;
        Read DescribeStacks describe_stack(stack: &str) -> Option<StackDescription>;
        Read GetTemplate template(stack: &str) -> String;
        Read ListStackResources resources(stack: &str) -> Vec<StackResource>;
        Read DescribeStackEvents events(stack: &str, page: Option<&str>) -> EventPage;
        Write CreateChangeSet create_change_set(request: &ChangeSetRequest) -> ChangeSetId;
        Read DescribeChangeSet describe_change_set(id: &ChangeSetId) -> ChangeSet;
        Write ExecuteChangeSet execute_change_set(id: &ChangeSetId, token: &ClientRequestToken, keep: bool) -> ();
        Read ListChangeSets change_sets(stack: &str) -> Vec<ChangeSetSummary>;
        Write DeleteChangeSet delete_change_set(id: &ChangeSetId) -> ();
        Write DeleteStack delete_stack(stack: &str, token: &ClientRequestToken, retain: &[String]) -> ();
        Write CancelUpdateStack cancel_update(stack: &str, token: &ClientRequestToken) -> ();
        Write RollbackStack rollback_stack(stack: &str, token: &ClientRequestToken) -> ();
        Write ContinueUpdateRollback continue_rollback(stack: &str, token: &ClientRequestToken, skip: &[String]) -> ();
        Write DetectStackDrift detect_drift(stack: &str) -> String;
        Read DescribeStackDriftDetectionStatus drift_detection(detection: &str) -> DriftDetection;
        Read DescribeStackResourceDrifts drifts(stack: &str) -> Vec<ResourceDrift>;
        Write UpdateTerminationProtection set_termination_protection(stack: &str, on: bool) -> ();
        Write PutObject upload_template(stack: &str, body: &str) -> String;
        Read ListStacks stacks() -> Vec<String>;
        Read ListExports exports() -> Vec<Export>;
        Read ListImports imports(export: &str) -> Vec<String>;
    }
}

impl<C: Ecs, W: CallWrapper> Ecs for WrappedApi<C, W> {
    calls! {
        Read DescribeServices services(arns: &[String]) -> Vec<EcsService>;
        Read DescribeServiceDeployments service_deployment(service: &str) -> Option<ServiceDeployment>;
        Read ListTasks tasks(service: &str, filter: TaskFilter) -> Vec<Task>;
        Read ListTasks tasks_of_family(cluster: &str, family: &str, filter: TaskFilter) -> Vec<Task>;
        Read DescribeTasks task(arn: &str) -> Option<Task>;
        Read DescribeTaskDefinition task_definition(name: &str) -> Option<TaskDefinition>;
        Write RegisterTaskDefinition revise(task_definition: &str, edits: &[ContainerOverride]) -> String;
        Write UpdateService update_service(service: &str, change: &UpdateServiceRequest) -> ();
        Write RunTask run_task(request: &RunTaskRequest) -> Task;
        Write StopTask stop_task(arn: &str, reason: &str) -> ();
        Read ExecuteCommand execute_command(task: &str, container: &str, command: &str) -> ExecSession;
    }
}

impl<C: Logs, W: CallWrapper> Logs for WrappedApi<C, W> {
    calls! {
        Read GetLogEvents tail(group: &str, stream: &str, lines: usize) -> Vec<LogLine>;
        Read FilterLogEvents search(query: &LogQuery) -> LogPage;
    }
}

impl<C: LoadBalancing, W: CallWrapper> LoadBalancing for WrappedApi<C, W> {
    calls! {
        Read DescribeTargetHealth target_health(target_group: &str) -> Vec<TargetHealth>;
    }
}

impl<C: AutoScaling, W: CallWrapper> AutoScaling for WrappedApi<C, W> {
    calls! {
        Read DescribeScalableTargets scalable_target(resource: &str) -> Option<ScalableTarget>;
        Write RegisterScalableTarget set_scalable_target(resource: &str, range: ScalableTarget) -> ();
        Read DescribeAlarms alarms(names: &[String], prefixes: &[String]) -> Vec<Alarm>;
    }
}

impl<C: CloudControl, W: CallWrapper> CloudControl for WrappedApi<C, W> {
    calls! {
        Read GetResource live_resource(kind: &str, identifier: &str) -> Option<serde_json::Value>;
        Read ListResources live_identifiers(kind: &str, parent: &serde_json::Value) -> Vec<String>;
    }
}

impl<C: ArtifactStore, W: CallWrapper> ArtifactStore for WrappedApi<C, W> {
    calls! {
        Read DescribeImages stored_images(repository: &str) -> Vec<StoredImage>;
        Write BatchDeleteImage delete_images(repository: &str, images: &[StoredImage]) -> ();
        Read ListObjectVersions stored_objects(bucket: &str) -> Vec<StoredObject>;
        Write DeleteObjects delete_objects(bucket: &str, objects: &[StoredObject]) -> ();
    }
}

impl<C: ImageRegistry, W: CallWrapper> ImageRegistry for WrappedApi<C, W> {
    async fn image(&self, reference: &str) -> ImageStatus {
        self.inner.image(reference).await
    }

    async fn digest(&self, reference: &str) -> Result<Option<String>, String> {
        self.inner.digest(reference).await
    }

    async fn push_credentials(&self, region: &str) -> Result<RegistryCredentials, AwsError> {
        self.inner.push_credentials(region).await
    }
}
