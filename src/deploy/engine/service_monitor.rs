//! Monitoring of the services of a stack, with polls of its own.
//!
//! [`ServiceMonitor`] is the state, without I/O; `observe_services` makes the observations that it records.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use indexmap::IndexMap;

use super::StackTask;
use super::event::{DeployEventKind, ServiceEvent};
use crate::cfn::type_names::is_service;
use crate::deploy::api::poll_interval::PollInterval;
use crate::deploy::api::status::{StackStatus, TargetState};
use crate::deploy::api::{
    AwsApi, AwsError, Clock, EcsService, EventStatus, LogLine, StackEvent, TargetHealth, Task, TaskDefinition,
    TaskFilter, Timestamp,
};
use crate::deploy::monitor::{Diagnosis, Observation, ServiceCounts, Watchdog};

/// The number of log lines that are kept of a stopped task.
const LOG_LINES: usize = 10;

/// The services of a stack and the observations of them.
#[derive(Debug)]
pub(super) struct ServiceMonitor {
    /// ARNs by name in the template.
    arns: IndexMap<String, String>,
    watchdog: Watchdog,
    /// The last observation of each service, by name in the template.
    last: IndexMap<String, Observation>,
    /// The time at which the services are polled next.
    due: Timestamp,
    interval: PollInterval,
    /// Task definitions that were read, by ARN.
    definitions: RefCell<HashMap<String, Option<TaskDefinition>>>,
    /// Whether a poll has failed.
    failed: bool,
}

impl ServiceMonitor {
    /// Creates a monitor without services.
    pub(super) fn new(max_task_failures: u32, seed: u64) -> Self {
        Self {
            arns: IndexMap::new(),
            watchdog: Watchdog::new(max_task_failures),
            last: IndexMap::new(),
            due: Timestamp::default(),
            interval: PollInterval::of_services(seed),
            definitions: RefCell::default(),
            failed: false,
        }
    }

    /// Sets the start of the operation; the first call counts.
    pub(super) fn started(&mut self, at: Timestamp) {
        self.watchdog.started(at);
    }

    /// Adds a service, and polls it as soon as possible if it is new.
    pub(super) fn add(&mut self, name: &str, arn: &str) {
        let known = self.arns.insert(name.to_owned(), arn.to_owned());
        if known.as_deref() != Some(arn) {
            self.due = Timestamp::default();
        }
    }

    /// Takes from an event of the stack which services there are, and whether the operation is being rolled back.
    pub(super) fn apply(&mut self, event: &StackEvent) {
        use StackStatus as S;
        self.started(event.time);
        match &event.status {
            EventStatus::Stack(S::RollbackInProgress | S::UpdateRollbackInProgress | S::DeleteInProgress) => {
                self.watchdog.rollback_started(event.time);
            }
            EventStatus::Resource(status) if is_service(&event.kind) => {
                let Some(arn) = event.physical_id.as_deref().filter(|arn| !arn.is_empty()) else { return };
                // The service that is deleted after an update is the one that was replaced.
                if !status.as_str().starts_with("DELETE") || !self.arns.contains_key(&event.logical_id) {
                    self.add(&event.logical_id, arn);
                }
            }
            EventStatus::Stack(_) | EventStatus::Resource(_) => {}
        }
    }

    /// Makes the next poll due.
    pub(super) fn poll_now(&mut self, now: Timestamp) {
        self.due = now;
    }

    /// Returns when the services are polled next; none if there are none.
    pub(super) fn next_poll(&self) -> Option<Timestamp> {
        (!self.arns.is_empty()).then_some(self.due)
    }

    /// Returns whether the services are to be polled.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.next_poll().is_some_and(|due| now >= due)
    }

    /// Records the answer of a poll, and returns what is new. Only the first failed poll is reported.
    pub(super) fn record(
        &mut self,
        polled: Result<Vec<Observation>, AwsError>,
        now: Timestamp,
    ) -> Vec<DeployEventKind> {
        let mut events = Vec::new();
        let pause = match polled {
            Ok(observations) => {
                for observation in observations {
                    let findings = self.watchdog.observe(observation.clone());
                    events.extend(findings.into_iter().map(DeployEventKind::from));
                    self.last.insert(observation.service.clone(), observation);
                }
                events.sort_by_key(|event: &DeployEventKind| event.time().unwrap_or(now));
                if events.is_empty() { self.interval.on_idle() } else { self.interval.on_activity() }
            }
            Err(error) => {
                if !std::mem::replace(&mut self.failed, true) {
                    events.push(DeployEventKind::Service(ServiceEvent::MonitoringUnavailable { error }));
                }
                self.interval.on_error()
            }
        };
        self.due = now + pause.max(Duration::from_millis(1));
        events
    }

    /// Returns the last observation of a service.
    pub(super) fn last(&self, service: &str) -> Option<&Observation> {
        self.last.get(service)
    }

    /// Returns the failure that the operation is to be cancelled for.
    pub(super) fn fatal_diagnosis(&self) -> Option<Diagnosis> {
        self.watchdog.fatal_diagnosis()
    }

    /// Returns why services fail, one cause for each.
    pub(super) fn diagnoses(&self) -> Vec<Diagnosis> {
        self.watchdog.diagnoses()
    }

    /// Returns the targets of a service that is steady and healthy: they need not be read again.
    fn steady_targets(&self, name: &str, live: &EcsService) -> Option<Vec<TargetHealth>> {
        let counts = ServiceCounts::of(name, live);
        let unchanged = counts.is_steady() && self.watchdog.counts(name) == Some(&counts);
        let targets = self.last.get(name).filter(|_| unchanged).map(|last| last.targets.clone())?;
        (!targets.is_empty() && targets.iter().all(|target| target.state == TargetState::Healthy)).then_some(targets)
    }
}

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Polls the services if that is due, and emits what is new.
    pub(super) async fn poll_services(&self, services: &mut ServiceMonitor) {
        if services.is_due(self.now()) {
            let polled = self.observe_services(services).await;
            services.record(polled, self.now()).into_iter().for_each(|event| self.emit(event));
        }
    }

    /// Observes each service.
    pub(super) async fn observe_services(&self, services: &ServiceMonitor) -> Result<Vec<Observation>, AwsError> {
        let arns: Vec<_> = services.arns.values().cloned().collect();
        let live = self.api.services(&arns).await?;
        let mut observations = Vec::new();
        for (name, arn) in &services.arns {
            let service = live.iter().find(|service| service.arn == *arn).cloned();
            observations.push(self.observe(name, service, services).await?);
        }
        Ok(observations)
    }

    async fn observe(
        &self,
        name: &str,
        live: Option<EcsService>,
        services: &ServiceMonitor,
    ) -> Result<Observation, AwsError> {
        let (stopped, targets) = (Vec::new(), Vec::new());
        let mut observation =
            Observation { service: name.to_owned(), at: self.now(), live, stopped, targets, shift: None };
        let Some(live) = &observation.live else { return Ok(observation) };
        if let Some(targets) = services.steady_targets(name, live) {
            return Ok(Observation { targets, ..observation });
        }
        if live.shifts_traffic() {
            // Without the permission for it, the deployment is monitored by its tasks.
            observation.shift = self.api.service_deployment(&live.arn).await.unwrap_or_default();
        }
        let mut stopped = self.api.tasks(&live.arn, TaskFilter::Stopped).await?;
        stopped.retain(|task| services.watchdog.is_new(name, task));
        for task in stopped.into_iter().rev() {
            let log = self.last_log_lines(&task, services).await;
            observation.stopped.push((task, log));
        }
        for group in &live.target_groups {
            observation.targets.extend(self.api.target_health(&group.arn).await?);
        }
        Ok(observation)
    }

    /// Returns the last lines that a task's containers wrote; none if they cannot be read: the task is reported anyway.
    async fn last_log_lines(&self, task: &Task, services: &ServiceMonitor) -> Vec<LogLine> {
        let Ok(definition) = self.definition(&task.task_definition, services).await else { return Vec::new() };
        let mut lines = Vec::new();
        for container in definition.iter().flat_map(|definition| &definition.containers) {
            let ran = task.containers.iter().any(|it| it.name == container.name && it.exit_code.is_some());
            let Some(log) = container.log.as_ref().filter(|_| ran) else { continue };
            let tail = self.api.tail(&log.group, &log.stream(&container.name, task), LOG_LINES).await;
            lines.extend(tail.unwrap_or_default());
        }
        lines.sort_by_key(|line: &LogLine| line.time);
        lines
    }

    async fn definition(&self, arn: &str, services: &ServiceMonitor) -> Result<Option<TaskDefinition>, AwsError> {
        if let Some(known) = services.definitions.borrow().get(arn) {
            return Ok(known.clone());
        }
        let found = self.api.task_definition(arn).await?;
        services.definitions.borrow_mut().insert(arn.to_owned(), found.clone());
        Ok(found)
    }
}
