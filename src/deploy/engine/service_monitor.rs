//! Looks at what happens behind the services of a stack, at a pace of its own.

pub(super) use crate::cfn::type_names::SERVICE;
use std::collections::HashMap;
use std::time::Duration;

use indexmap::IndexMap;

use super::Engine;
use super::event::DeployEventKind;
use super::poll_interval::PollInterval;
use crate::deploy::api::status::{StackStatus, TargetState};
use crate::deploy::api::{
    AwsApi, AwsError, Clock, EcsService, EventStatus, LogLine, StackEvent, TargetHealth, Task, TaskDefinition,
    TaskFilter, Timestamp,
};
use crate::deploy::monitor::{Observation, ServiceCounts, Watchdog};

/// The type of what is looked at.

/// How many of a log's last lines are kept of a stopped task.
const LINES: usize = 10;

/// The services of a stack, and what was seen of them.
#[derive(Debug)]
pub(crate) struct ServiceMonitor {
    /// ARNs by name in the template.
    pub(super) arns: IndexMap<String, String>,
    /// What was seen.
    pub(crate) dog: Watchdog,
    /// The last look at each, by name in the template.
    pub(super) last: IndexMap<String, Observation>,
    /// When they are looked at next.
    pub(super) due: Timestamp,
    pace: PollInterval,
    definitions: HashMap<String, Option<TaskDefinition>>,
    failed: bool,
}

impl ServiceMonitor {
    /// None yet.
    pub(super) fn new(max_task_failures: u32, seed: u64) -> Self {
        Self {
            arns: IndexMap::new(),
            dog: Watchdog::new(max_task_failures),
            last: IndexMap::new(),
            due: Timestamp::default(),
            pace: PollInterval::of_services(seed),
            definitions: HashMap::new(),
            failed: false,
        }
    }

    /// Learns from an event of the stack which services there are, and whether the operation is being undone.
    pub(super) fn hear(&mut self, event: &StackEvent) {
        use StackStatus as S;
        self.dog.started(event.time);
        match &event.status {
            EventStatus::Stack(S::RollbackInProgress | S::UpdateRollbackInProgress | S::DeleteInProgress) => {
                self.dog.rollback_started(event.time);
            }
            EventStatus::Resource(status) if event.kind == SERVICE => {
                let Some(arn) = event.physical_id.clone().filter(|arn| !arn.is_empty()) else { return };
                let goes = status.as_str().starts_with("DELETE");
                // What is deleted after an update is the one that was replaced.
                if !goes || !self.arns.contains_key(&event.logical_id) {
                    let known = self.arns.insert(event.logical_id.clone(), arn.clone());
                    self.due = if known.as_ref() == Some(&arn) { self.due } else { Timestamp::default() };
                }
            }
            EventStatus::Stack(_) | EventStatus::Resource(_) => {}
        }
    }
}

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    /// Looks at the services where that is due, and tells what is new. A look that fails is told once, and no more.
    pub(super) async fn look_behind(&self, cloud: &C, stack: &str, services: &mut ServiceMonitor) {
        if services.arns.is_empty() || self.clock.now() < services.due {
            return;
        }
        let wait = match self.seen(cloud, services).await {
            Ok(facts) if facts.is_empty() => services.pace.quiet(),
            Ok(facts) => {
                facts.into_iter().for_each(|fact| self.tell(stack, fact));
                services.pace.busy()
            }
            Err(error) => {
                if !std::mem::replace(&mut services.failed, true) {
                    self.tell(stack, DeployEventKind::MonitoringUnavailable { error });
                }
                services.pace.failed()
            }
        };
        services.due = self.clock.now() + wait.max(Duration::from_millis(1));
    }

    async fn seen(&self, cloud: &C, services: &mut ServiceMonitor) -> Result<Vec<DeployEventKind>, AwsError> {
        let arns: Vec<_> = services.arns.values().cloned().collect();
        let live = cloud.services(&arns).await?;
        let mut facts = Vec::new();
        for (name, arn) in services.arns.clone() {
            let found = live.iter().find(|service| service.arn == arn).cloned();
            let seen = self.observed(cloud, (&name, &arn), found, services).await?;
            facts.extend(services.dog.observe(seen.clone()).into_iter().map(DeployEventKind::from));
            services.last.insert(name, seen);
        }
        Ok(facts)
    }

    async fn observed(
        &self,
        cloud: &C,
        (name, arn): (&str, &str),
        live: Option<EcsService>,
        services: &mut ServiceMonitor,
    ) -> Result<Observation, AwsError> {
        let mut seen = Observation {
            service: name.to_owned(),
            at: self.clock.now(),
            live,
            stopped: Vec::new(),
            targets: Vec::new(),
        };
        let Some(live) = &seen.live else { return Ok(seen) };
        let counts = ServiceCounts::of(name, live);
        if counts.is_steady() && services.dog.counts(name) == Some(&counts) {
            // Nothing moves: what was seen of its targets still holds, but for those that were not healthy.
            let known = services.last.get(name).map(|last| last.targets.clone()).unwrap_or_default();
            if !known.is_empty() && known.iter().all(|target| target.state == TargetState::Healthy) {
                seen.targets = known;
                return Ok(seen);
            }
        }
        let mut stopped = cloud.tasks(arn, TaskFilter::Stopped).await?;
        stopped.retain(|task| services.dog.is_new(name, task));
        for task in stopped.into_iter().rev() {
            let log = self.last_words(cloud, &task, services).await;
            seen.stopped.push((task, log));
        }
        seen.targets = targets(cloud, live).await?;
        Ok(seen)
    }

    /// The last lines that a task's containers wrote; none where they cannot be had: the task is told all the same.
    async fn last_words(&self, cloud: &C, task: &Task, services: &mut ServiceMonitor) -> Vec<LogLine> {
        let definition = match services.definitions.get(&task.task_definition) {
            Some(known) => known.clone(),
            None => {
                let Ok(found) = cloud.task_definition(&task.task_definition).await else { return Vec::new() };
                services.definitions.insert(task.task_definition.clone(), found.clone());
                found
            }
        };
        let mut lines = Vec::new();
        for container in definition.iter().flat_map(|definition| &definition.containers) {
            let ran = task.containers.iter().any(|it| it.name == container.name && it.exit_code.is_some());
            let Some(log) = container.log.as_ref().filter(|_| ran) else { continue };
            let tail = cloud.tail(&log.group, &log.stream(&container.name, task), LINES).await;
            lines.extend(tail.unwrap_or_default());
        }
        lines.sort_by_key(|line: &LogLine| line.time);
        lines
    }
}

async fn targets(cloud: &impl AwsApi, live: &EcsService) -> Result<Vec<TargetHealth>, AwsError> {
    let mut targets = Vec::new();
    for group in &live.target_groups {
        targets.extend(cloud.target_health(&group.arn).await?);
    }
    Ok(targets)
}
