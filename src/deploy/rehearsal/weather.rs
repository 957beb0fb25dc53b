//! Bad weather between the engine and an account: throttled calls, internal errors, a connection that is lost.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use super::chance::part;
use super::fault::Weather;
use crate::deploy::ports::{
    Alarm, AutoScaling, AwsError, ChangeSet, ChangeSetId, ChangeSetRequest, ChangeSetSummary, Clock, Cloud,
    ContainerEdit, Drift, DriftDetection, Ecs, EcsService, ErrorKind, EventPage, ExecSession, Export, Image, Images,
    LiveResource, LiveStack, LoadBalancing, LogLine, LogPage, LogQuery, Logs, Place, ScalableTarget, ServiceChange,
    TargetHealth, Task, TaskDefinition, TaskRequest, Tasks, Timestamp, Token,
};

/// What a call does to the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    /// It looks.
    Reads,
    /// It changes something.
    Changes,
}

/// An account in the weather. Its chance comes from the seed and the number of calls before, and repeats itself.
#[derive(Clone)]
pub struct Weathered<C, K> {
    inner: C,
    sky: Rc<Sky<K>>,
}

struct Sky<K> {
    clock: K,
    began: Timestamp,
    weather: Weather,
    seed: u64,
    calls: Cell<u64>,
    /// How often the call that is denied was allowed.
    granted: Cell<u32>,
    /// Whether the line is known to be dead: whoever speaks as it dies is heard and hears nothing.
    dead: Cell<bool>,
    heard: Box<dyn Fn(Touch)>,
}

impl<C, K: Clock> Weathered<C, K> {
    /// An account in this weather from now on. `heard` is told of each call that the account has answered.
    pub fn new(inner: C, clock: K, weather: Weather, seed: u64, heard: impl Fn(Touch) + 'static) -> Self {
        let (began, heard) = (clock.now(), Box::new(heard));
        let sky = Sky {
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
        touch: Touch,
        operation: &'static str,
        ask: impl Future<Output = Result<T, AwsError>>,
    ) -> Result<T, AwsError> {
        let lost = self.sky.lost();
        let dies = lost && !self.sky.dead.replace(lost);
        self.sky.dead.set(lost);
        if lost && !(dies && touch == Touch::Changes) {
            return Err(unreachable(operation));
        }
        self.sky.refuses(touch, operation)?;
        let answer = ask.await;
        (self.sky.heard)(touch);
        if lost { Err(unreachable(operation)) } else { answer }
    }
}

impl<K: Clock> Sky<K> {
    fn lost(&self) -> bool {
        let since = self.clock.now().since(self.began);
        self.weather.lost.is_some_and(|(from, lasts): (Duration, Duration)| since >= from && since < from + lasts)
    }

    fn refuses(&self, touch: Touch, operation: &'static str) -> Result<(), AwsError> {
        if let Some(denied) = self.weather.denied.filter(|denied| denied.operation == operation) {
            if self.granted.get() >= denied.granted {
                let words = format!("User: rehearsal is not authorized to perform: cloudformation:{operation}");
                return Err(AwsError::new(ErrorKind::AccessDenied, operation, "AccessDenied", words));
            }
            self.granted.set(self.granted.get() + 1);
        }
        self.calls.set(self.calls.get() + 1);
        let call = self.calls.get().to_string();
        if part(self.seed, &["throttle", operation, &call]) < self.weather.throttle {
            return Err(AwsError::new(ErrorKind::Throttled, operation, "Throttling", "Rate exceeded"));
        }
        if touch == Touch::Reads && part(self.seed, &["poll", operation, &call]) < self.weather.poll_errors {
            let words = "We encountered an internal error. Please try again.";
            return Err(AwsError::new(ErrorKind::Unavailable, operation, "InternalFailure", words));
        }
        Ok(())
    }
}

fn unreachable(operation: &'static str) -> AwsError {
    AwsError::new(ErrorKind::Connection, operation, "DispatchFailure", "the connection (lost on request, --fault)")
}

macro_rules! calls {
    ($($touch:ident $operation:literal $name:ident($($arg:ident: $of:ty),*) -> $answer:ty;)*) => {
        $(async fn $name(&self, $($arg: $of),*) -> Result<$answer, AwsError> {
            self.call(Touch::$touch, $operation, self.inner.$name($($arg),*)).await
        })*
    };
}

impl<C: Cloud, K: Clock> Cloud for Weathered<C, K> {
    fn in_region(&self, region: &str) -> Self {
        Self { inner: self.inner.in_region(region), sky: Rc::clone(&self.sky) }
    }

    calls! {
        Reads "GetCallerIdentity" place() -> Place;
        Reads "DescribeStacks" describe_stack(stack: &str) -> Option<LiveStack>;
        Reads "GetTemplate" template(stack: &str) -> String;
        Reads "ListStackResources" resources(stack: &str) -> Vec<LiveResource>;
        Reads "DescribeStackEvents" events(stack: &str, page: Option<&str>) -> EventPage;
        Changes "CreateChangeSet" create_change_set(request: &ChangeSetRequest) -> ChangeSetId;
        Reads "DescribeChangeSet" describe_change_set(id: &ChangeSetId) -> ChangeSet;
        Changes "ExecuteChangeSet" execute_change_set(id: &ChangeSetId, token: &Token, keep: bool) -> ();
        Reads "ListChangeSets" change_sets(stack: &str) -> Vec<ChangeSetSummary>;
        Changes "DeleteChangeSet" delete_change_set(id: &ChangeSetId) -> ();
        Changes "DeleteStack" delete_stack(stack: &str, token: &Token, retain: &[String]) -> ();
        Changes "CancelUpdateStack" cancel_update(stack: &str, token: &Token) -> ();
        Changes "RollbackStack" rollback_stack(stack: &str, token: &Token) -> ();
        Changes "ContinueUpdateRollback" continue_rollback(stack: &str, token: &Token, skip: &[String]) -> ();
        Changes "DetectStackDrift" detect_drift(stack: &str) -> String;
        Reads "DescribeStackDriftDetectionStatus" drift_detection(search: &str) -> DriftDetection;
        Reads "DescribeStackResourceDrifts" drifts(stack: &str) -> Vec<Drift>;
        Changes "UpdateTerminationProtection" set_termination_protection(stack: &str, on: bool) -> ();
        Changes "PutObject" upload_template(stack: &str, body: &str) -> String;
        Reads "ListExports" exports() -> Vec<Export>;
        Reads "ListImports" imports(export: &str) -> Vec<String>;
    }
}

impl<C: Ecs, K: Clock> Ecs for Weathered<C, K> {
    calls! {
        Reads "DescribeServices" services(arns: &[String]) -> Vec<EcsService>;
        Reads "ListTasks" tasks(service: &str, which: Tasks) -> Vec<Task>;
        Reads "DescribeTasks" task(arn: &str) -> Option<Task>;
        Reads "DescribeTaskDefinition" task_definition(name: &str) -> Option<TaskDefinition>;
        Changes "RegisterTaskDefinition" revise(task_definition: &str, edits: &[ContainerEdit]) -> String;
        Changes "UpdateService" update_service(service: &str, change: &ServiceChange) -> ();
        Changes "RunTask" run_task(request: &TaskRequest) -> Task;
        Changes "StopTask" stop_task(arn: &str, reason: &str) -> ();
        Reads "ExecuteCommand" execute_command(task: &str, container: &str, command: &str) -> ExecSession;
    }
}

impl<C: Logs, K: Clock> Logs for Weathered<C, K> {
    calls! {
        Reads "GetLogEvents" tail(group: &str, stream: &str, lines: usize) -> Vec<LogLine>;
        Reads "FilterLogEvents" search(query: &LogQuery) -> LogPage;
    }
}

impl<C: LoadBalancing, K: Clock> LoadBalancing for Weathered<C, K> {
    calls! {
        Reads "DescribeTargetHealth" target_health(target_group: &str) -> Vec<TargetHealth>;
    }
}

impl<C: AutoScaling, K: Clock> AutoScaling for Weathered<C, K> {
    calls! {
        Reads "DescribeScalableTargets" scalable_target(resource: &str) -> Option<ScalableTarget>;
        Changes "RegisterScalableTarget" set_scalable_target(resource: &str, range: ScalableTarget) -> ();
        Reads "DescribeAlarms" alarms(names: &[String], prefixes: &[String]) -> Vec<Alarm>;
    }
}

impl<C: Images, K: Clock> Images for Weathered<C, K> {
    async fn image(&self, reference: &str) -> Image {
        self.inner.image(reference).await
    }
}
