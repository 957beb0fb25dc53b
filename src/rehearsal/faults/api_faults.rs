//! Bad weather between the engine and an account: throttled calls, internal errors, a connection that is lost.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use super::ApiFaults;
use crate::deploy::api::{
    Alarm, ApiCall, AutoScaling, AwsEnvironment, AwsError, ChangeSet, ChangeSetId, ChangeSetRequest, ChangeSetSummary,
    ClientRequestToken, Clock, CloudFormation, ContainerOverride, DriftDetection, Ecs, EcsService, ErrorKind,
    EventPage, ExecSession, Export, ImageRegistry, ImageStatus, LoadBalancing, LogLine, LogPage, LogQuery, Logs,
    ResourceDrift, RunTaskRequest, ScalableTarget, StackDescription, StackResource, TargetHealth, Task, TaskDefinition,
    TaskFilter, Timestamp, UpdateServiceRequest,
};
use crate::rehearsal::rng::part;

/// What a call does to the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// It looks.
    Reads,
    /// It changes something.
    Changes,
}

/// An account in the weather. Its chance comes from the seed and the number of calls before, and repeats itself.
#[derive(Clone)]
pub struct FaultyApi<C, K> {
    inner: C,
    sky: Rc<ApiFaultState<K>>,
}

struct ApiFaultState<K> {
    clock: K,
    began: Timestamp,
    weather: ApiFaults,
    seed: u64,
    calls: Cell<u64>,
    /// How often the call that is denied was allowed.
    granted: Cell<u32>,
    /// Whether the line is known to be dead: whoever speaks as it dies is heard and hears nothing.
    dead: Cell<bool>,
    heard: Box<dyn Fn(CallKind)>,
}

impl<C, K: Clock> FaultyApi<C, K> {
    /// An account in this weather from now on. `heard` is told of each call that the account has answered.
    pub fn new(inner: C, clock: K, weather: ApiFaults, seed: u64, heard: impl Fn(CallKind) + 'static) -> Self {
        let (began, heard) = (clock.now(), Box::new(heard));
        let sky = ApiFaultState {
            clock,
            began,
            weather,
            seed,
            calls: Cell::new(0),
            granted: Cell::new(0),
            dead: Cell::new(false),
            heard,
        };
        Self { inner, sky: Rc::new(sky) }
    }

    async fn call<T>(
        &self,
        touch: CallKind,
        call: ApiCall,
        ask: impl Future<Output = Result<T, AwsError>>,
    ) -> Result<T, AwsError> {
        let lost = self.sky.lost();
        let dies = lost && !self.sky.dead.replace(lost);
        self.sky.dead.set(lost);
        if lost && !(dies && touch == CallKind::Changes) {
            return Err(unreachable(call));
        }
        self.sky.refuses(touch, call)?;
        let answer = ask.await;
        (self.sky.heard)(touch);
        if lost { Err(unreachable(call)) } else { answer }
    }
}

impl<K: Clock> ApiFaultState<K> {
    fn lost(&self) -> bool {
        let since = self.clock.now().since(self.began);
        self.weather.lost.is_some_and(|(from, lasts): (Duration, Duration)| since >= from && since < from + lasts)
    }

    fn refuses(&self, touch: CallKind, call: ApiCall) -> Result<(), AwsError> {
        if let Some(denied) = self.weather.denied.filter(|denied| denied.call == call) {
            if self.granted.get() >= denied.granted {
                let words = format!("User: rehearsal is not authorized to perform: {}", call.iam_action());
                return Err(AwsError::new(ErrorKind::AccessDenied, call, "AccessDenied", words));
            }
            self.granted.set(self.granted.get() + 1);
        }
        self.calls.set(self.calls.get() + 1);
        let number = self.calls.get().to_string();
        if part(self.seed, &["throttle", call.operation(), &number]) < self.weather.throttle {
            return Err(AwsError::new(ErrorKind::Throttled, call, "Throttling", "Rate exceeded"));
        }
        if touch == CallKind::Reads && part(self.seed, &["poll", call.operation(), &number]) < self.weather.poll_errors
        {
            let words = "We encountered an internal error. Please try again.";
            return Err(AwsError::new(ErrorKind::Unavailable, call, "InternalFailure", words));
        }
        Ok(())
    }
}

fn unreachable(call: ApiCall) -> AwsError {
    AwsError::new(ErrorKind::Connection, call, "DispatchFailure", "the connection (lost on request, --fault)")
}

macro_rules! calls {
    ($($touch:ident $call:ident $name:ident($($arg:ident: $of:ty),*) -> $answer:ty;)*) => {
        $(async fn $name(&self, $($arg: $of),*) -> Result<$answer, AwsError> {
            self.call(CallKind::$touch, ApiCall::$call, self.inner.$name($($arg),*)).await
        })*
    };
}

impl<C: CloudFormation, K: Clock> CloudFormation for FaultyApi<C, K> {
    fn in_region(&self, region: &str) -> Self {
        Self { inner: self.inner.in_region(region), sky: Rc::clone(&self.sky) }
    }

    calls! {
        Reads GetCallerIdentity place() -> AwsEnvironment;
        Reads DescribeStacks describe_stack(stack: &str) -> Option<StackDescription>;
        Reads GetTemplate template(stack: &str) -> String;
        Reads ListStackResources resources(stack: &str) -> Vec<StackResource>;
        Reads DescribeStackEvents events(stack: &str, page: Option<&str>) -> EventPage;
        Changes CreateChangeSet create_change_set(request: &ChangeSetRequest) -> ChangeSetId;
        Reads DescribeChangeSet describe_change_set(id: &ChangeSetId) -> ChangeSet;
        Changes ExecuteChangeSet execute_change_set(id: &ChangeSetId, token: &ClientRequestToken, keep: bool) -> ();
        Reads ListChangeSets change_sets(stack: &str) -> Vec<ChangeSetSummary>;
        Changes DeleteChangeSet delete_change_set(id: &ChangeSetId) -> ();
        Changes DeleteStack delete_stack(stack: &str, token: &ClientRequestToken, retain: &[String]) -> ();
        Changes CancelUpdateStack cancel_update(stack: &str, token: &ClientRequestToken) -> ();
        Changes RollbackStack rollback_stack(stack: &str, token: &ClientRequestToken) -> ();
        Changes ContinueUpdateRollback continue_rollback(stack: &str, token: &ClientRequestToken, skip: &[String]) -> ();
        Changes DetectStackDrift detect_drift(stack: &str) -> String;
        Reads DescribeStackDriftDetectionStatus drift_detection(search: &str) -> DriftDetection;
        Reads DescribeStackResourceDrifts drifts(stack: &str) -> Vec<ResourceDrift>;
        Changes UpdateTerminationProtection set_termination_protection(stack: &str, on: bool) -> ();
        Changes PutObject upload_template(stack: &str, body: &str) -> String;
        Reads ListExports exports() -> Vec<Export>;
        Reads ListImports imports(export: &str) -> Vec<String>;
    }
}

impl<C: Ecs, K: Clock> Ecs for FaultyApi<C, K> {
    calls! {
        Reads DescribeServices services(arns: &[String]) -> Vec<EcsService>;
        Reads ListTasks tasks(service: &str, which: TaskFilter) -> Vec<Task>;
        Reads DescribeTasks task(arn: &str) -> Option<Task>;
        Reads DescribeTaskDefinition task_definition(name: &str) -> Option<TaskDefinition>;
        Changes RegisterTaskDefinition revise(task_definition: &str, edits: &[ContainerOverride]) -> String;
        Changes UpdateService update_service(service: &str, change: &UpdateServiceRequest) -> ();
        Changes RunTask run_task(request: &RunTaskRequest) -> Task;
        Changes StopTask stop_task(arn: &str, reason: &str) -> ();
        Reads ExecuteCommand execute_command(task: &str, container: &str, command: &str) -> ExecSession;
    }
}

impl<C: Logs, K: Clock> Logs for FaultyApi<C, K> {
    calls! {
        Reads GetLogEvents tail(group: &str, stream: &str, lines: usize) -> Vec<LogLine>;
        Reads FilterLogEvents search(query: &LogQuery) -> LogPage;
    }
}

impl<C: LoadBalancing, K: Clock> LoadBalancing for FaultyApi<C, K> {
    calls! {
        Reads DescribeTargetHealth target_health(target_group: &str) -> Vec<TargetHealth>;
    }
}

impl<C: AutoScaling, K: Clock> AutoScaling for FaultyApi<C, K> {
    calls! {
        Reads DescribeScalableTargets scalable_target(resource: &str) -> Option<ScalableTarget>;
        Changes RegisterScalableTarget set_scalable_target(resource: &str, range: ScalableTarget) -> ();
        Reads DescribeAlarms alarms(names: &[String], prefixes: &[String]) -> Vec<Alarm>;
    }
}

impl<C: ImageRegistry, K: Clock> ImageRegistry for FaultyApi<C, K> {
    async fn image(&self, reference: &str) -> ImageStatus {
        self.inner.image(reference).await
    }
}
