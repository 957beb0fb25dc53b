//! The expected end of an operation, from the typical durations of its steps and their order.

use std::collections::HashMap;
use std::time::Duration;

use super::cloudformation::durations::{StepKind, USUAL_GAP, typical, typical_release};
use crate::cfn::graph::Graph;
use crate::cfn::type_names::SERVICE;
use crate::cfn::{LogicalId, Template, Value};
use crate::deploy::api::Timestamp;

/// The steps of an operation that is expected.
#[derive(Debug, Clone, Default)]
pub struct Forecast {
    /// The steps; each comes after those that it waits for.
    steps: Vec<ExpectedStep>,
    /// The places of the steps, by the names of their resources.
    places: HashMap<String, usize>,
}

#[derive(Debug, Clone)]
struct ExpectedStep {
    kind: StepKind,
    typical: Duration,
    /// The time after which dependents may start, if that is before the end.
    released: Duration,
    /// The places of the steps that it waits for.
    after: Vec<usize>,
    /// The number of earlier runs that the duration is from; zero if it is that of the type.
    runs: usize,
}

/// The duration of a step in earlier runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeasuredStep {
    /// The median duration.
    pub duration: Duration,
    /// The number of runs.
    pub runs: usize,
}

/// The progress of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StepProgress {
    /// The time at which it started, if it has.
    pub started: Option<Timestamp>,
    /// The time at which it ended, if it has.
    pub ended: Option<Timestamp>,
}

/// Returns the time that ECS waits in a shift of traffic: its bake time, and the pauses between its steps (CloudFormation,
/// "`AWS::ECS::Service` `LinearConfiguration`").
fn shift_waits(configuration: &Value) -> Duration {
    let number = |value: Option<&Value>| value.and_then(Value::as_int).and_then(|number| u64::try_from(number).ok());
    let of = |group: &str, name: &str| configuration.get(group).and_then(|it| it.get(name));
    let bake = number(configuration.get("BakeTimeInMinutes")).unwrap_or(0);
    let minutes = match configuration.get("Strategy").and_then(Value::as_str) {
        Some("CANARY") => bake + number(of("CanaryConfiguration", "CanaryBakeTimeInMinutes")).unwrap_or(10),
        Some("LINEAR") => {
            let percent = of("LinearConfiguration", "StepPercent").map_or(10.0, percent).max(1.0);
            let pauses = (1..100).take_while(|step| f64::from(*step) * percent < 100.0 - 1e-9).count() as u64;
            bake + pauses * number(of("LinearConfiguration", "StepBakeTimeInMinutes")).unwrap_or(6)
        }
        Some("BLUE_GREEN") => bake,
        _ => 0,
    };
    Duration::from_secs(minutes.min(60 * 36) * 60)
}

#[allow(clippy::cast_precision_loss, reason = "a percentage is a small number")]
fn percent(value: &Value) -> f64 {
    match value {
        Value::Float(percent) => *percent,
        value => value.as_int().map_or(10.0, |percent| percent as f64),
    }
}

impl Forecast {
    /// Creates the forecast of a deployment of a template; `steps` has the resources that it creates or changes, and those
    /// that it deletes in the end.
    pub fn of_deployment(template: &Template, steps: &HashMap<String, (StepKind, String)>) -> Self {
        let graph = Graph::of(template);
        let mut forecast = Self::default();
        for id in graph.order().unwrap_or_default() {
            let Some((kind, of)) = steps.get(id.as_str()) else { continue };
            let after = graph.all_needs(id).into_iter().filter_map(|need| forecast.places.get(need.as_str()).copied());
            let after = after.collect();
            forecast.add(id.as_str(), *kind, of, after);
            forecast.wait(id, template);
        }
        let before: Vec<usize> = (0..forecast.steps.len()).collect();
        for (id, (kind, of)) in steps {
            if !forecast.places.contains_key(id) {
                // The order of resources that the template no longer has is not known.
                forecast.add(id, *kind, of, before.clone());
            }
        }
        forecast
    }

    /// Creates the forecast of the deletion of a template's resources.
    pub fn of_deletion(template: &Template) -> Self {
        let graph = Graph::of(template);
        let order: Vec<&LogicalId> = graph.order().unwrap_or_default();
        let mut dependents: HashMap<&LogicalId, Vec<&LogicalId>> = HashMap::new();
        for id in &order {
            graph.needs(id).for_each(|(need, _)| dependents.entry(need).or_default().push(id));
        }
        let mut forecast = Self::default();
        for id in order.iter().rev() {
            let users = dependents.get(id).into_iter().flatten();
            let after = users.filter_map(|user| forecast.places.get(user.as_str()).copied()).collect();
            let kind = template.resources.get(*id).map(|resource| resource.kind.to_string()).unwrap_or_default();
            forecast.add(id.as_str(), StepKind::Delete, &kind, after);
        }
        forecast
    }

    /// Adds the pauses and the bake time of a service whose traffic is shifted.
    fn wait(&mut self, id: &LogicalId, template: &Template) {
        let Some(service) = template.resources.get(id).filter(|it| it.kind.as_str() == SERVICE) else { return };
        let waits = service.properties.get("DeploymentConfiguration").map(shift_waits).unwrap_or_default();
        if let Some(step) = self.steps.last_mut() {
            (step.typical, step.released) = (step.typical + waits, step.released + waits);
        }
    }

    fn add(&mut self, id: &str, kind: StepKind, of: &str, after: Vec<usize>) {
        let typical = typical(kind, of);
        let released = typical_release(kind, of, typical);
        self.places.insert(id.to_owned(), self.steps.len());
        self.steps.push(ExpectedStep { kind, typical, released, after, runs: 0 });
    }

    /// Uses the durations of earlier runs for the steps that were measured.
    pub fn learn(&mut self, measured: impl Fn(&str, StepKind) -> Option<MeasuredStep>) {
        for (id, at) in &self.places {
            let step = &mut self.steps[*at];
            if let Some(MeasuredStep { duration, runs }) = measured(id, step.kind) {
                let ratio = duration.as_secs_f64() / step.typical.as_secs_f64().max(1.0);
                (step.released, step.typical, step.runs) = (step.released.mul_f64(ratio).min(duration), duration, runs);
            }
        }
    }

    /// Returns the number of earlier runs that most of the time of the steps is from; zero if most of it is that of the types.
    pub fn runs(&self) -> usize {
        let time = |is_counted: fn(&ExpectedStep) -> bool| -> Duration {
            self.steps.iter().filter(|step| is_counted(step)).map(|step| step.typical).sum()
        };
        if time(|step| step.runs > 0) <= time(|step| step.runs == 0) {
            return 0;
        }
        self.steps.iter().map(|step| step.runs).max().unwrap_or(0)
    }

    /// Returns the number of steps.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Returns whether there are no steps.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Returns the typical duration of a resource's step.
    pub fn typical(&self, id: &str) -> Option<Duration> {
        self.places.get(id).map(|at| self.steps[*at].typical)
    }

    /// Returns the time until the expected end; zero if every step that is left takes longer than usual.
    pub fn remaining(&self, progress: impl Fn(&str) -> StepProgress, now: Timestamp) -> Duration {
        let mut progress_of = vec![StepProgress::default(); self.steps.len()];
        self.places.iter().for_each(|(id, at)| progress_of[*at] = progress(id));
        let mut released: Vec<Timestamp> = Vec::with_capacity(self.steps.len());
        let mut end = now;
        for (step, progress) in self.steps.iter().zip(progress_of) {
            let (release, done) = step.times(progress, &released, now);
            released.push(release);
            end = end.max(done);
        }
        end.since(now)
    }
}

impl ExpectedStep {
    /// Returns when dependents may start, and when the step ends.
    fn times(&self, progress: StepProgress, released: &[Timestamp], now: Timestamp) -> (Timestamp, Timestamp) {
        if let Some(ended) = progress.ended {
            return (ended, ended);
        }
        let ready = || self.after.iter().map(|at| released[*at]).max().unwrap_or(now).max(now) + USUAL_GAP;
        let started = progress.started.unwrap_or_else(ready);
        let release = if self.kind == StepKind::Delete { self.typical } else { self.released };
        ((started + release).max(now), (started + self.typical).max(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::parse;

    const SOURCE: &str = "Resources:\n  Net: {Type: AWS::EC2::VPC}\n  Alb: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, DependsOn: Net}\n  Web: {Type: AWS::ECS::Service, DependsOn: Alb}\n";

    fn forecast() -> Forecast {
        let template = parse::template("t.yaml", SOURCE).value.expect("a template");
        let steps = template
            .resources
            .iter()
            .map(|(id, resource)| (id.to_string(), (StepKind::Create, resource.kind.to_string())));
        Forecast::of_deployment(&template, &steps.collect())
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_secs(seconds)
    }

    #[test]
    fn steps_that_wait_for_each_other_add_up() {
        let forecast = forecast();
        let whole = forecast.remaining(|_| StepProgress::default(), at(0)).as_secs();
        let typical = |id: &str| forecast.typical(id).expect("a step").as_secs();
        let (network, balancer, service) = (typical("Net"), typical("Alb"), typical("Web"));
        assert!(balancer > 60, "{balancer}");
        // Dependents of a network may start before its end.
        let all = balancer + service + 3 * USUAL_GAP.as_secs();
        assert!((all..=all + network).contains(&whole), "{whole}");
    }

    #[test]
    fn expected_end_comes_nearer_as_steps_end() {
        let forecast = forecast();
        let done = |id: &str| match id {
            "Net" => StepProgress { started: Some(at(0)), ended: Some(at(20)) },
            "Alb" => StepProgress { started: Some(at(20)), ended: Some(at(100)) },
            _ => StepProgress { started: Some(at(100)), ended: None },
        };
        let left = forecast.remaining(done, at(130)).as_secs();
        assert_eq!(left + 30, forecast.typical("Web").expect("a step").as_secs());
        assert_eq!(forecast.remaining(done, at(900)).as_secs(), 0, "a step that takes longer than usual has no end");
    }

    #[test]
    fn measured_steps_have_the_durations_of_earlier_runs() {
        let mut forecast = forecast();
        let typical = forecast.remaining(|_| StepProgress::default(), at(0));
        let measured = |seconds| Some(MeasuredStep { duration: Duration::from_secs(seconds), runs: 3 });
        forecast.learn(|id, kind| measured(400).filter(|_| id == "Web" && kind == StepKind::Create));
        assert_eq!((forecast.typical("Web"), forecast.runs()), (Some(Duration::from_secs(400)), 3));
        assert!(forecast.remaining(|_| StepProgress::default(), at(0)) > typical + Duration::from_secs(100));
        forecast.learn(|id, _| measured(1).filter(|_| id == "Web"));
        assert_eq!(forecast.runs(), 0, "most of the time is that of the load balancer");
    }

    #[test]
    fn deletion_begins_with_what_needs_the_others() {
        let template = parse::template("t.yaml", SOURCE).value.expect("a template");
        let forecast = Forecast::of_deletion(&template);
        assert_eq!((forecast.places["Web"], forecast.places["Net"], forecast.len()), (0, 2, 3));
    }
}
