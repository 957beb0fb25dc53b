//! API faults between the engine and an account: throttled calls, internal errors, a lost connection.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use super::ApiFaults;
use crate::deploy::api::{
    Alarm, ApiCall, ArtifactStore, AutoScaling, AwsEnvironment, AwsError, ChangeSet, ChangeSetId, ChangeSetRequest,
    ChangeSetSummary, ClientRequestToken, Clock, CloudFormation, ContainerOverride, DriftDetection, Ecs, EcsService,
    ErrorKind, EventPage, ExecSession, Export, ImageRegistry, ImageStatus, LoadBalancing, LogLine, LogPage, LogQuery,
    Logs, RegistryCredentials, ResourceDrift, RunTaskRequest, ScalableTarget, ServiceDeployment, StackDescription,
    StackResource, StoredImage, StoredObject, TargetHealth, Task, TaskDefinition, TaskFilter, Timestamp,
    UpdateServiceRequest,
};
use crate::rehearsal::rng::part;

/// The effect of a call on the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// It reads.
    Read,
    /// It changes the account.
    Write,
}

/// An account some of whose calls fail. The failures depend on the seed and the number of calls alone.
#[derive(Clone)]
pub struct FaultyApi<C, K> {
    inner: C,
    faults: Rc<ApiFaultState<K>>,
}

/// The settings of the faults, and the calls so far.
struct ApiFaultState<K> {
    clock: K,
    started: Timestamp,
    settings: ApiFaults,
    seed: u64,
    calls: Cell<u64>,
    /// The number of times that the denied call was allowed.
    #[cfg(test)]
    allowed: Cell<u32>,
    /// Whether a call has failed since the connection was lost. The first write reaches the account, and its answer is
    /// lost.
    disconnected: Cell<bool>,
    answered: Box<dyn Fn(CallKind)>,
}

impl<C, K: Clock> FaultyApi<C, K> {
    /// Creates an account with these faults from now on. `answered` is called after each call that reached the account.
    pub fn new(inner: C, clock: K, settings: ApiFaults, seed: u64, answered: impl Fn(CallKind) + 'static) -> Self {
        let (started, answered) = (clock.now(), Box::new(answered));
        let state = ApiFaultState {
            clock,
            started,
            settings,
            seed,
            calls: Cell::new(0),
            #[cfg(test)]
            allowed: Cell::new(0),
            disconnected: Cell::new(false),
            answered,
        };
        Self { inner, faults: Rc::new(state) }
    }

    /// Makes a call, unless a fault lets it fail.
    async fn call<T>(
        &self,
        kind: CallKind,
        call: ApiCall,
        answer: impl Future<Output = Result<T, AwsError>>,
    ) -> Result<T, AwsError> {
        let lost = self.faults.lost();
        let is_first = lost && !self.faults.disconnected.replace(lost);
        self.faults.disconnected.set(lost);
        if lost && !(is_first && kind == CallKind::Write) {
            self.faults.clock.sleep(self.faults.settings.silence).await;
            return Err(unreachable(call));
        }
        self.faults.check(kind, call)?;
        let answer = answer.await;
        (self.faults.answered)(kind);
        if lost { Err(unreachable(call)) } else { answer }
    }
}

impl<K: Clock> ApiFaultState<K> {
    /// Returns whether the connection is lost now.
    fn lost(&self) -> bool {
        let since = self.clock.now().since(self.started);
        self.settings
            .lost
            .is_some_and(|(from, duration): (Duration, Duration)| since >= from && since < from + duration)
    }

    /// Counts a call. Returns an error if a fault lets it fail.
    fn check(&self, kind: CallKind, call: ApiCall) -> Result<(), AwsError> {
        #[cfg(test)]
        if let Some(denied) = self.settings.denied.filter(|denied| denied.call == call) {
            if self.allowed.get() >= denied.allowed {
                let message = format!("User: rehearsal is not authorized to perform: {}", call.iam_action());
                return Err(AwsError::new(ErrorKind::AccessDenied, call, "AccessDenied", message));
            }
            self.allowed.set(self.allowed.get() + 1);
        }
        self.calls.set(self.calls.get() + 1);
        let number = self.calls.get().to_string();
        if part(self.seed, &["throttle", call.operation(), &number]) < self.settings.throttle {
            return Err(AwsError::new(ErrorKind::Throttled, call, "Throttling", "Rate exceeded"));
        }
        if kind == CallKind::Read && part(self.seed, &["poll", call.operation(), &number]) < self.settings.poll_errors {
            let message = "We encountered an internal error. Please try again.";
            return Err(AwsError::new(ErrorKind::Unavailable, call, "InternalFailure", message));
        }
        Ok(())
    }
}

/// Creates the error of a call without connection.
fn unreachable(call: ApiCall) -> AwsError {
    AwsError::new(ErrorKind::Connection, call, "DispatchFailure", "connection lost (requested by --fault)")
}

macro_rules! calls {
    ($($kind:ident $call:ident $name:ident($($arg:ident: $of:ty),*) -> $answer:ty;)*) => {
        $(async fn $name(&self, $($arg: $of),*) -> Result<$answer, AwsError> {
            self.call(CallKind::$kind, ApiCall::$call, self.inner.$name($($arg),*)).await
        })*
    };
}

impl<C: CloudFormation, K: Clock> CloudFormation for FaultyApi<C, K> {
    fn in_region(&self, region: &str) -> Self {
        Self { inner: self.inner.in_region(region), faults: Rc::clone(&self.faults) }
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

impl<C: Ecs, K: Clock> Ecs for FaultyApi<C, K> {
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

impl<C: Logs, K: Clock> Logs for FaultyApi<C, K> {
    calls! {
        Read GetLogEvents tail(group: &str, stream: &str, lines: usize) -> Vec<LogLine>;
        Read FilterLogEvents search(query: &LogQuery) -> LogPage;
    }
}

impl<C: LoadBalancing, K: Clock> LoadBalancing for FaultyApi<C, K> {
    calls! {
        Read DescribeTargetHealth target_health(target_group: &str) -> Vec<TargetHealth>;
    }
}

impl<C: AutoScaling, K: Clock> AutoScaling for FaultyApi<C, K> {
    calls! {
        Read DescribeScalableTargets scalable_target(resource: &str) -> Option<ScalableTarget>;
        Write RegisterScalableTarget set_scalable_target(resource: &str, range: ScalableTarget) -> ();
        Read DescribeAlarms alarms(names: &[String], prefixes: &[String]) -> Vec<Alarm>;
    }
}

impl<C: ArtifactStore, K: Clock> ArtifactStore for FaultyApi<C, K> {
    calls! {
        Read DescribeImages stored_images(repository: &str) -> Vec<StoredImage>;
        Write BatchDeleteImage delete_images(repository: &str, images: &[StoredImage]) -> ();
        Read ListObjectVersions stored_objects(bucket: &str) -> Vec<StoredObject>;
        Write DeleteObjects delete_objects(bucket: &str, objects: &[StoredObject]) -> ();
    }
}

impl<C: ImageRegistry, K: Clock> ImageRegistry for FaultyApi<C, K> {
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
