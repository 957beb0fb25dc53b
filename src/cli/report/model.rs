//! The expected steps and durations of an operation, from the templates and the plan.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use super::event_columns::EventColumns;
use super::format::{counted, rounded};
use crate::cfn::{Template, TemplateDocument};
use crate::cli::earlier_runs::EarlierRuns;
use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{Action, EventStatus, Replacement, Timestamp};
use crate::deploy::plan::{Plan, PlannedChange};
use crate::deploy::{DeployEvent, DeployEventKind};
use crate::rehearsal::{Forecast, StepKind, StepProgress};
use crate::synth::DesiredStack;

/// The expectation of an operation; empty for a record, whose templates are not known.
#[derive(Default)]
pub(crate) struct OperationModel {
    templates: HashMap<String, TemplateDocument>,
    forecasts: HashMap<String, Forecast>,
    earlier: Rc<EarlierRuns>,
}

impl OperationModel {
    /// Creates the model of an operation on these stacks.
    pub(crate) fn of(stacks: &[DesiredStack]) -> Self {
        let templates = stacks.iter().map(|stack| (stack.name.clone(), stack.template.clone()));
        Self { templates: templates.collect(), ..Self::default() }
    }

    /// Uses the durations of earlier runs for the forecasts to come.
    pub(super) fn learn(&mut self, earlier: Rc<EarlierRuns>) {
        self.earlier = earlier;
    }

    /// Returns the columns of the resources of all templates.
    pub(super) fn columns(&self) -> EventColumns {
        let resources = self.templates.values().flat_map(|template| &template.resources);
        let mut columns = EventColumns::default();
        for (id, resource) in resources {
            columns = columns.with(EventColumns::of([(id.as_str(), resource.kind.as_str())]));
        }
        columns
    }

    /// Applies an event: a plan gives a forecast, and a rollback ends it.
    pub(super) fn apply(&mut self, event: &DeployEvent) {
        match &event.kind {
            DeployEventKind::Planned { plan } => {
                if let Some(template) = self.templates.get(&event.stack) {
                    self.forecasts.insert(event.stack.clone(), forecast(plan, template, &self.earlier));
                }
            }
            DeployEventKind::DeleteStarted { .. } => {
                if let Some(template) = self.templates.get(&event.stack) {
                    let mut forecast = Forecast::of_deletion(template);
                    forecast.learn(|id, kind| self.earlier.step(&event.stack, id, kind));
                    self.forecasts.insert(event.stack.clone(), forecast);
                }
            }
            DeployEventKind::CancelStarted { .. } | DeployEventKind::RevertStarted { .. } => {
                self.forecasts.remove(&event.stack);
            }
            DeployEventKind::StackEvent { event: progress } if is_rollback(&progress.status) => {
                self.forecasts.remove(&event.stack);
            }
            _ => {}
        }
    }

    /// Returns the number of expected steps of a stack.
    pub(super) fn steps(&self, stack: &str) -> usize {
        self.forecasts.get(stack).map_or(0, Forecast::len)
    }

    /// Returns where the figures of a stack's operation are from: `as in 3 earlier runs`; nothing if they are those of the types.
    pub(super) fn source(&self, stack: &str) -> Option<String> {
        self.forecasts.get(stack).and_then(source)
    }

    /// Returns the usual duration of a step.
    pub(super) fn typical(&self, stack: &str, id: &str) -> Option<Duration> {
        self.forecasts.get(stack)?.typical(id)
    }

    /// Returns the time until the expected end of a stack's operation.
    pub(super) fn remaining(
        &self,
        stack: &str,
        progress: impl Fn(&str) -> StepProgress,
        now: Timestamp,
    ) -> Option<Duration> {
        let forecast = self.forecasts.get(stack).filter(|forecast| !forecast.is_empty())?;
        Some(forecast.remaining(progress, now))
    }
}

/// Returns the expected duration of a plan and where the figure is from: `takes about 4 m, as in 3 earlier runs`; nothing for a
/// plan without changes of resources.
pub(crate) fn expected_duration(plan: &Plan, template: &Template, earlier: &EarlierRuns) -> Option<String> {
    let forecast = forecast(plan, template, earlier);
    let whole = forecast.remaining(|_| StepProgress::default(), Timestamp::default());
    let source = source(&forecast).unwrap_or_else(|| "by typical durations of the types".to_owned());
    (!forecast.is_empty()).then(|| format!("takes about {}, {source}", rounded(whole)))
}

fn forecast(plan: &Plan, template: &Template, earlier: &EarlierRuns) -> Forecast {
    let mut forecast = Forecast::of_deployment(template, &steps(plan));
    forecast.learn(|id, kind| earlier.step(&plan.stack, id, kind));
    forecast
}

fn source(forecast: &Forecast) -> Option<String> {
    let runs = forecast.runs();
    (runs > 0).then(|| format!("as in {}", counted(runs, "earlier run")))
}

fn is_rollback(status: &EventStatus) -> bool {
    let rollbacks = [StackStatus::RollbackInProgress, StackStatus::UpdateRollbackInProgress];
    matches!(status, EventStatus::Stack(status) if rollbacks.contains(status))
}

fn steps(plan: &Plan) -> HashMap<String, (StepKind, String)> {
    let step = |change: &PlannedChange| match (change.action, change.replacement) {
        (Action::Remove, _) => StepKind::Delete,
        (Action::Add | Action::Import, _) | (_, Some(Replacement::True)) => StepKind::Create,
        _ => StepKind::Update,
    };
    plan.resources.iter().map(|it| (it.logical_id.clone(), (step(it), it.kind.clone()))).collect()
}
