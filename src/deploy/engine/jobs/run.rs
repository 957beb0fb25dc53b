//! One job: its task is started or found, followed to its end, and judged by its exit code.

use std::time::Duration;

use futures_util::future::{Either, select};

use super::super::StackTask;
use super::super::abort::Abort;
use super::super::event::{DeployEventKind, JobEvent};
use super::super::stop::{StopRequest, StopRequested};
use super::problems;
use crate::cfn::StackJob;
use crate::cfn::hash::{FNV_OFFSET, fnv1a};
use crate::deploy::api::{
    AwsApi, AwsError, Clock, RunTaskRequest, Task, TaskDefinition, TaskFilter, TaskNetwork, family, revision,
};
use crate::deploy::diagnose::stack_failure::refused;
use crate::deploy::operate::{LogSource, LogTail, RunTaskEvent, TaskSource, follow};
use crate::deploy::plan::first_step::JobPlacement;
use crate::diag::Diagnostic;

/// The beginning of the `startedBy` of tasks of jobs: one-off tasks that a person starts have another one.
const STARTED_BY: &str = "before-deploy-";

/// The number of log lines that are shown with a failed job.
const LOG_LINES: usize = 10;

/// The end of a job.
pub(super) enum JobEnd {
    /// It exited with 0, now or in an earlier run.
    Succeeded,
    /// It did not.
    Failed(Vec<Diagnostic>),
}

/// The end of following a task.
enum Followed {
    /// It has stopped.
    Stopped(Box<Task>),
    /// It ran longer than allowed.
    TimedOut,
    /// The caller wants to stop.
    Requested(StopRequest),
}

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Runs a job, unless its revision has already succeeded, and waits for its end.
    pub(super) async fn run_job(&self, job: &StackJob, placement: &JobPlacement) -> Result<JobEnd, Abort> {
        let earlier = self.earlier_tasks(placement).await?;
        let has_succeeded = |task: &&Task| exit_code(task, job) == Some(0);
        if let Some(task) = earlier.iter().find(has_succeeded) {
            self.emit_job(job, JobEvent::Found { task: task.arn.clone() });
            return Ok(JobEnd::Succeeded);
        }
        let running = earlier.into_iter().find(|task| task.stopped.is_none() && task.code.is_none());
        let resumed = running.is_some();
        let task = match running {
            Some(task) => task,
            None => match self.start_job(job, placement).await? {
                Ok(task) => task,
                Err(problem) => return Ok(JobEnd::Failed(vec![problem])),
            },
        };
        let revision = revision(&task.task_definition).to_owned();
        self.emit_job(job, JobEvent::Started { task: task.arn.clone(), revision, resumed });
        self.follow_job(job, placement, &task).await
    }

    fn emit_job(&self, job: &StackJob, step: JobEvent) {
        self.emit(DeployEventKind::Job { job: job.name.clone(), step });
    }

    /// Returns the tasks of the job's revision that a deployment started; AWS shows stopped ones for about an hour.
    async fn earlier_tasks(&self, placement: &JobPlacement) -> Result<Vec<Task>, Abort> {
        let (cluster, family) = (&placement.cluster, family(&placement.task_definition));
        let mut found = Vec::new();
        for which in [TaskFilter::Running, TaskFilter::Stopped] {
            found.extend(self.retry(async || self.api.tasks_of_family(cluster, family, which).await).await?);
        }
        found.retain(|task| {
            let by_deployment = task.started_by.as_deref().is_some_and(|by| by.starts_with(STARTED_BY));
            by_deployment && task.task_definition == placement.task_definition
        });
        Ok(found)
    }

    /// Starts the task. A repeated request starts no second one, because it has the same token.
    async fn start_job(&self, job: &StackJob, placement: &JobPlacement) -> Result<Result<Task, Diagnostic>, Abort> {
        let run = &self.options().run;
        let token = fnv1a(FNV_OFFSET, run.bytes().chain(placement.task_definition.bytes()));
        let request = RunTaskRequest {
            cluster: placement.cluster.clone(),
            task_definition: placement.task_definition.clone(),
            network: Some(TaskNetwork {
                subnets: placement.subnets.clone(),
                security_groups: placement.security_groups.clone(),
                public_ip: job.public_ip,
            }),
            container: job.container.clone(),
            command: Vec::new(),
            propagates_tags: true,
            started_by: format!("{STARTED_BY}{run}").chars().take(128).collect(),
            token: Some(format!("before-deploy-{token:016x}")),
        };
        match self.retry(async || self.api.run_task(&request).await).await {
            Ok(task) => Ok(Ok(task)),
            Err(super::super::retry::CallError::Api(error)) => {
                Ok(Err(self.source(job, |source| source.refused(&error))))
            }
            Err(stopped) => Err(stopped.into()),
        }
    }

    /// Follows a task and its log to its end, its time limit or the caller's request.
    async fn follow_job(&self, job: &StackJob, placement: &JobPlacement, task: &Task) -> Result<JobEnd, Abort> {
        let name = &placement.task_definition;
        let definition = self.retry(async || self.api.task_definition(name).await).await?;
        let started = task.created.unwrap_or_else(|| self.now());
        let mut tail = LogTail::new(self.log_of(job, definition.as_ref(), task), started);
        let mut last_lines: Vec<String> = Vec::new();
        let on_event = |event: RunTaskEvent| match event {
            RunTaskEvent::Log(entry) => {
                last_lines.push(entry.text.clone());
                self.emit_job(job, JobEvent::Log { time: entry.time, text: entry.text });
            }
            RunTaskEvent::Retrying { error, unanswered } => {
                self.emit_job(job, JobEvent::Retrying { error, unanswered_seconds: unanswered.as_secs() });
            }
            RunTaskEvent::Status(_) => {}
        };
        let limit = Duration::from_secs(job.timeout).saturating_sub(self.now().since(started));
        let followed = {
            let follow = std::pin::pin!(follow(&self.api, self.clock(), &task.arn, &mut tail, on_event));
            let limit = std::pin::pin!(self.sleep(limit));
            match self.stop.or_stop(select(follow, limit)).await {
                Ok(Either::Left((ended, _))) => {
                    Followed::Stopped(Box::new(ended.map_err(|error| lost(job, task, error))?))
                }
                Ok(Either::Right(_)) => Followed::TimedOut,
                Err(StopRequested(request)) => Followed::Requested(request),
            }
        };
        let skipped = last_lines.len().saturating_sub(LOG_LINES);
        let log = last_lines.split_off(skipped);
        match followed {
            Followed::Stopped(task) => {
                let seconds = self.now().since(started).as_secs_f64();
                Ok(self.judge(job, &task, seconds, &log))
            }
            Followed::TimedOut => {
                let problem = problems::timed_out(job, task, &log);
                Ok(self.stop_job(job, task, "it took longer than its timeout", problem).await)
            }
            Followed::Requested(StopRequest::CancelAndRollBack) => {
                let problem = problems::cancelled(self.stack);
                Ok(self.stop_job(job, task, "the deployment was cancelled", problem).await)
            }
            Followed::Requested(StopRequest::Detach) => Err(problems::left_running(job, task)),
        }
    }

    /// Returns the log stream of the job's container; none if it does not log to CloudWatch.
    fn log_of(&self, job: &StackJob, definition: Option<&TaskDefinition>, task: &Task) -> Vec<(A, LogSource)> {
        let container = definition.and_then(|it| it.containers.iter().find(|known| known.name == job.container));
        let log = container.and_then(|container| container.log.as_ref());
        let source = log.map(|log| LogSource {
            stack: self.stack.name.clone(),
            service: job.name.clone(),
            container: job.container.clone(),
            group: log.group.clone(),
            prefix: log.stream(&job.container, task),
        });
        source.map(|source| (self.api.clone(), source)).into_iter().collect()
    }

    /// Decides by the exit code of a stopped task.
    fn judge(&self, job: &StackJob, task: &Task, seconds: f64, log: &[String]) -> JobEnd {
        let result = self.source(job, |source| source.result(task, &job.container));
        self.emit_job(job, JobEvent::Ended { exit_code: result.code, seconds });
        match (result.problem, result.code) {
            (None, Some(0)) => JobEnd::Succeeded,
            (Some(problem), _) => JobEnd::Failed(vec![problems::did_not_run(problem, job, log)]),
            (None, code) => JobEnd::Failed(vec![problems::failed(job, task, code, log)]),
        }
    }

    /// Stops the task of a job; the problem says if that was refused.
    async fn stop_job(&self, job: &StackJob, task: &Task, reason: &str, problem: Diagnostic) -> JobEnd {
        self.emit_job(job, JobEvent::Stopping { reason: reason.to_owned() });
        let stopping = self.guarded(StopRequest::CancelAndRollBack);
        let text = format!("stopped by rtiler: {reason}");
        let stopped = stopping.retry(async || self.api.stop_task(&task.arn, &text).await).await;
        JobEnd::Failed(vec![match stopped {
            Ok(()) => problem,
            Err(error) => {
                let cause = refused(self.stack, &error.into_api_error());
                problem.note(format!("task {} was not stopped: {}", task.id(), cause.message))
            }
        }])
    }

    /// Calls a function with the task definition of a job as the script defines it.
    fn source<T>(&self, job: &StackJob, call: impl FnOnce(&TaskSource<'_>) -> T) -> T {
        call(&TaskSource { service: job.task_definition.as_str(), template: &self.stack.template, origin: &job.origin })
    }
}

/// Returns the exit code of the job's container.
fn exit_code(task: &Task, job: &StackJob) -> Option<i32> {
    task.stopped?;
    task.containers.iter().find(|container| container.name == job.container)?.exit_code
}

/// Returns the end of a run that cannot follow its job any more.
fn lost(job: &StackJob, task: &Task, error: AwsError) -> Abort {
    if error.loses_answers() { problems::left_running(job, task) } else { Abort::Rejected(error) }
}
