//! A deployment that shifts traffic: its lifecycle stages in time, and its end.
//!
//! Sources: "Amazon ECS blue/green service deployments workflow" (the stages), "Amazon ECS linear deployments" and "Amazon ECS
//! canary deployments" (the steps), "Network Load Balancer resources for Amazon ECS blue/green, linear and canary deployments" (10
//! minutes more for a shift), all in the ECS developer guide. The durations of the other stages are inferred. The first deployment
//! of a service shifts traffic to its alternate target groups too (observed in go-to-k/cdk-real-drift#1730); that it bakes is
//! inferred.

use std::time::Duration;

use super::messages;
use super::service::{Deployment, Rollout, Service};
use super::strategy::{ShiftSpec, ShiftState};
use super::task::SimulatedTask;
use crate::deploy::api::status::ServiceDeploymentStatus;
use crate::deploy::api::{ServiceDeployment, Timestamp, TrafficPercent};
use crate::rehearsal::faults::{DeploymentStage as Stage, TaskFault};
use crate::rehearsal::rng::seconds;

/// The time that a Network Load Balancer adds to a shift.
const NETWORK_DELAY: Duration = Duration::from_mins(10);
/// Seconds of a stage that only changes the state: inferred.
const QUICK: (f64, f64, f64) = (1.0, 3.0, 8.0);
/// Seconds of a change of weights: inferred.
const WEIGHTS: (f64, f64, f64) = (4.0, 10.0, 25.0);
/// Seconds of a function that judges a deployment: inferred.
const HOOK: (f64, f64, f64) = (2.0, 8.0, 30.0);
/// An alarm of 3 bad minutes in 5 goes off within this time, if the wait is as long.
const ALARM: Duration = Duration::from_secs(200);

impl ShiftSpec {
    /// Returns the traffic after the next step.
    fn next_weight(&self, now: f64, is_first: bool) -> f64 {
        if is_first || (self.is_canary && now > 0.0) { 100.0 } else { (now + self.percent.max(0.1)).min(100.0) }
    }
}

impl Service {
    /// Returns the shift of the primary deployment, if it is in progress.
    pub(super) fn shift(&self) -> Option<&ShiftState> {
        let primary = self.primary();
        primary.shift.as_ref().filter(|_| primary.rollout == Rollout::InProgress)
    }

    /// Returns whether tasks of the primary deployment may start.
    pub(super) fn may_start(&self) -> bool {
        self.shift().is_none_or(|shift| shift.stage >= Stage::ScaleUp)
    }

    /// Returns whether the tasks of other deployments may be stopped.
    pub(super) fn may_replace(&self) -> bool {
        self.shift().is_none_or(|shift| shift.stage == Stage::CleanUp)
    }

    /// Returns the progress of a new deployment; none for a rolling one.
    pub(super) fn new_shift(&self) -> Option<ShiftState> {
        self.spec.shift.as_ref()?;
        // The deployment that is the primary one now is about to be replaced.
        let unfinished = !self.tasks_besides(None).is_empty();
        let stage = if unfinished { Stage::ReconcileService } else { Stage::PreScaleUp };
        Some(ShiftState::new(stage, !self.alternate, self.completed.is_none()))
    }

    /// Returns the tasks of deployments that did not complete last and are not this one.
    fn tasks_besides(&self, deployment: Option<&Deployment>) -> Vec<usize> {
        let completed = self.completed.as_ref().map(|(id, _)| id);
        let kept = |task: &SimulatedTask| {
            let starter = task.reported.started_by.as_ref();
            starter == completed || deployment.is_some_and(|deployment| task.is_of(deployment))
        };
        let unfinished = self.tasks.iter().enumerate().filter(|(_, task)| !task.is_stopped() && !kept(task));
        unfinished.map(|(at, _)| at).collect()
    }

    /// Lets the deployment go through the stages that are due.
    pub(super) fn advance_shift(&mut self, at: Timestamp, seed: u64) {
        while let Some(shift) = self.shift().cloned() {
            if shift.alarm.is_some_and(|alarm| alarm <= at) {
                return self.fail_deployment(&messages::alarm_went_off(shift.stage.name()), at, seed);
            }
            let is_over = match shift.stage {
                Stage::ReconcileService => self.reconcile(at, seed),
                Stage::ScaleUp => self.is_scaled_up(),
                Stage::CleanUp => false,
                _ => self.has_ended(&shift, at, seed),
            };
            if !is_over {
                return;
            }
            if self.primary().task_fault == Some(TaskFault::HookFails(shift.stage)) {
                return self.fail_deployment(&messages::hook_failed(shift.stage.name()), at, seed);
            }
            self.enter_next(&shift, at, seed);
        }
    }

    /// Stops the tasks of a deployment that was not finished. Returns whether none is left.
    fn reconcile(&mut self, at: Timestamp, seed: u64) -> bool {
        let unfinished = self.tasks_besides(Some(self.primary()));
        let live: Vec<usize> = unfinished.iter().copied().filter(|task| self.tasks[*task].is_live()).collect();
        let reason = format!("Scaling activity initiated by (deployment {})", self.primary().id);
        self.stop(&live, ("ServiceSchedulerInitiated", &reason), at, seed);
        unfinished.is_empty()
    }

    /// Returns whether all new tasks are healthy.
    fn is_scaled_up(&self) -> bool {
        let primary = self.primary();
        let own = self.tasks.iter().filter(|task| task.is_of(primary) && task.is_live());
        let (all, healthy) = own.fold((0, 0), |(all, healthy), task| (all + 1, healthy + u32::from(task.is_healthy())));
        all == self.desired && healthy == self.desired
    }

    /// Returns whether the time of a stage is over; its end is planned when the stage begins.
    fn has_ended(&mut self, shift: &ShiftState, at: Timestamp, seed: u64) -> bool {
        let ends = shift.ends.unwrap_or_else(|| self.plan(shift.stage, shift.production, at, seed));
        let wakes = self.deployments[0].shift.as_mut().map(|state| {
            state.ends = Some(ends);
            state.alarm.unwrap_or(ends).min(ends)
        });
        if ends > at {
            self.wake_at(wakes.unwrap_or(ends));
        }
        ends <= at
    }

    /// Plans the end of a stage, and the alarm that was requested.
    fn plan(&mut self, stage: Stage, production: f64, at: Timestamp, seed: u64) -> Timestamp {
        let Some(spec) = self.spec.shift.clone() else { return at };
        let id = self.primary().id.clone();
        let draw = |what: &str, spread| seconds(seed, &[&id, stage.name(), what, &production.to_string()], spread);
        let wait = match stage {
            Stage::ProductionTrafficShift if production < 100.0 => spec.pause,
            Stage::BakeTime => spec.bake,
            _ => Duration::ZERO,
        };
        let shifts = stage == Stage::ProductionTrafficShift || (stage == Stage::TestTrafficShift && spec.tested);
        let mut time = draw("stage", if shifts { WEIGHTS } else { QUICK });
        if shifts && spec.is_delayed {
            time += NETWORK_DELAY;
        }
        if spec.hooks.contains(&stage) {
            time += draw("hook", HOOK);
        }
        if self.primary().task_fault == Some(TaskFault::AlarmGoesOff)
            && wait > ALARM
            && let Some(state) = &mut self.deployments[0].shift
        {
            state.alarm = Some(at + time + ALARM);
        }
        at + time + wait
    }

    /// Lets the next stage begin.
    fn enter_next(&mut self, shift: &ShiftState, at: Timestamp, seed: u64) {
        let Some(spec) = self.spec.shift.clone() else { return };
        let stage = next(shift.stage, shift.production);
        let (mut production, mut test) = (shift.production, shift.test);
        match stage {
            Stage::TestTrafficShift if spec.tested => test = 100.0,
            Stage::ProductionTrafficShift => {
                production = spec.next_weight(production, shift.is_first);
            }
            _ => {}
        }
        let first = &mut self.deployments[0];
        first.updated = at;
        first.shift = Some(ShiftState { production, test, ..ShiftState::new(stage, shift.alternate, shift.is_first) });
        self.wake_soon(at, seed);
    }

    /// Fails the primary deployment and returns to the one that completed last.
    pub(super) fn fail_deployment(&mut self, reason: &str, at: Timestamp, seed: u64) {
        let id = self.primary().id.clone();
        let first = &mut self.deployments[0];
        (first.rollout, first.updated) = (Rollout::Failed, at);
        reason.clone_into(&mut first.reason);
        self.push_event(at, seed, &format!("(deployment {id}) deployment failed: {reason}"));
        self.roll_back(at, seed);
    }

    /// Returns to the deployment that completed last: its tasks still run if traffic was shifted, else they are started again.
    pub(super) fn roll_back(&mut self, at: Timestamp, seed: u64) {
        let Some((id, before)) = self.completed.clone() else { return };
        self.failed_shift = self.deployments.first().filter(|it| it.shift.is_some()).cloned();
        self.push_event(at, seed, &format!("rolling back to deployment {id}."));
        self.spec.task_definition = before;
        let running = self.deployments.iter().position(|it| it.id == id).filter(|_| self.failed_shift.is_some());
        match running {
            Some(running) => {
                let kept = Deployment {
                    shift: None,
                    rollout: Rollout::InProgress,
                    updated: at,
                    ..self.deployments.remove(running)
                };
                self.deployments.insert(0, kept);
                self.steady = false;
                self.wake_soon(at, seed);
            }
            None => self.redeploy(None, at, seed),
        }
        self.deployments[0].reason = messages::rolling_back(&id);
    }
}

impl Service {
    /// Returns the latest deployment that shifted traffic, as `DescribeServiceDeployments` does.
    pub(super) fn report_shift(&self) -> Option<ServiceDeployment> {
        let spec = self.spec.shift.as_ref()?;
        let failed = self.failed_shift.as_ref();
        let it = failed.or(self.deployments.first().filter(|it| it.shift.is_some()))?;
        let shift = it.shift.as_ref()?;
        let status = match (it.rollout, self.steady) {
            (Rollout::InProgress, _) => ServiceDeploymentStatus::InProgress,
            (Rollout::Completed, _) => ServiceDeploymentStatus::Successful,
            (Rollout::Failed, true) => ServiceDeploymentStatus::RollbackSuccessful,
            (Rollout::Failed, false) if failed.is_some() => ServiceDeploymentStatus::RollbackInProgress,
            (Rollout::Failed, false) => ServiceDeploymentStatus::Stopped,
        };
        let kept = |percent: f64| TrafficPercent::new(if it.rollout == Rollout::Failed { 0.0 } else { percent });
        Some(ServiceDeployment {
            arn: format!(
                "{}/{}",
                self.arn.replace(":service/", ":service-deployment/"),
                it.id.trim_start_matches("ecs-svc/")
            ),
            status,
            reason: (it.rollout == Rollout::Failed).then(|| it.reason.clone()),
            stage: Some(shift.stage.name().into()),
            production: Some(kept(shift.production)),
            test: spec.tested.then(|| kept(shift.test)),
            bake: Some(spec.bake.as_secs()),
            pause: (!spec.pause.is_zero()).then_some(spec.pause.as_secs()),
            alarms: Vec::new(),
            is_first: shift.is_first,
            created: Some(it.created),
        })
    }
}

/// Returns the stage after another one.
fn next(stage: Stage, production: f64) -> Stage {
    match stage {
        Stage::ProductionTrafficShift if production < 100.0 => Stage::PreProductionTrafficShift,
        stage => Stage::ALL.into_iter().find(|other| *other > stage).unwrap_or(Stage::CleanUp),
    }
}
