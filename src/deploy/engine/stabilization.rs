//! Watches services until they are stable, where nobody else waits for them.

use std::time::Duration;

use super::abort::Abort;
use super::event::CancelReason;
use super::service_monitor::ServiceMonitor;
use super::stop::StopRequest;
use super::verify_services::ExpectedTaskDefinitions;
use super::{Engine, StopRequested};
use crate::deploy::api::status::TargetState;
use crate::deploy::api::{AwsApi, Clock};
use crate::deploy::diagnose::task_failure::diagnose_task_failure;
use crate::deploy::monitor::{Observation, ServiceState, service_state};
use crate::diag::{Code, Diagnostic};
use crate::synth::DesiredStack;

/// How long a service must stay stable to count as it, once a task of it came to grief: the next one may, too.
const PROOF: Duration = Duration::from_mins(1);

/// How long services may take where nobody sets a limit.
const LIMIT: Duration = Duration::from_hours(1);

/// Why services do not become stable.
pub(super) enum StabilizationFailure {
    Cancelled(CancelReason),
    /// ECS itself went back, in its words, with a service's name.
    ByEcs(String, String),
}

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    /// Watches services until all of them are stable; why, where that does not happen.
    pub(super) async fn until_stable(
        &self,
        cloud: &C,
        (stack, heard): (&str, Option<StopRequest>),
        wanted: &ExpectedTaskDefinitions,
        services: &mut ServiceMonitor,
    ) -> Result<Option<StabilizationFailure>, Abort> {
        let (began, mut calm) = (self.clock.now(), None);
        let limit = self.options.timeout.unwrap_or(LIMIT);
        services.due = began;
        loop {
            self.look_behind(cloud, stack, services).await;
            match judged(wanted, services) {
                Stability::Stable => {
                    let since = *calm.get_or_insert(self.clock.now());
                    let proof = if services.dog.diagnoses().is_empty() { Duration::ZERO } else { PROOF };
                    if self.clock.now().since(since) >= proof {
                        return Ok(None);
                    }
                }
                Stability::Failed(unsettled) => return Ok(Some(unsettled)),
                Stability::Moving => calm = None,
            }
            if self.clock.now().since(began) >= limit {
                return Ok(Some(StabilizationFailure::Cancelled(CancelReason::TimedOut { after_s: limit.as_secs() })));
            }
            let wait = services.due.since(self.clock.now()).max(Duration::from_millis(1));
            match self.unless_beyond(heard, self.clock.sleep(wait)).await {
                Ok(()) => {}
                Err(StopRequested(StopRequest::CancelAndRollBack)) => {
                    return Ok(Some(StabilizationFailure::Cancelled(CancelReason::Asked)));
                }
                Err(StopRequested(StopRequest::Detach)) => return Err(Abort::Detached(None)),
            }
        }
    }
}

impl StabilizationFailure {
    /// What is wrong, at its lines of the script.
    pub(super) fn problems(&self, desired: &DesiredStack, services: &ServiceMonitor) -> Vec<Diagnostic> {
        let diagnoses = services.dog.diagnoses();
        match self {
            StabilizationFailure::Cancelled(why) => {
                crate::deploy::diagnose::operation_failure::diagnose_cancelled(desired, why, &diagnoses)
            }
            StabilizationFailure::ByEcs(name, words) => match diagnoses.iter().find(|seen| seen.service == *name) {
                Some(seen) => vec![diagnose_task_failure(seen, &desired.template, &desired.origin)],
                None => {
                    let message = format!("`{name}` did not become stable: {words}");
                    vec![Diagnostic::new(Code::ServiceNotStable, message).at(&desired.origin, "this stack")]
                }
            },
        }
    }
}

enum Stability {
    Stable,
    Moving,
    Failed(StabilizationFailure),
}

fn judged(wanted: &ExpectedTaskDefinitions, services: &ServiceMonitor) -> Stability {
    if let Some(diagnosis) = services.dog.fatal_diagnosis() {
        return Stability::Failed(StabilizationFailure::Cancelled(CancelReason::GaveUp { diagnosis }));
    }
    let mut all = Stability::Stable;
    for (name, (_, definition)) in wanted {
        let seen = services.last.get(name);
        let Some((seen, live)) = seen.and_then(|seen| Some((seen, seen.live.as_ref()?))) else {
            all = Stability::Moving;
            continue;
        };
        match service_state(live, definition.as_deref()) {
            ServiceState::Failed(words) => return Stability::Failed(StabilizationFailure::ByEcs(name.clone(), words)),
            ServiceState::Stable if are_healthy(seen) => {}
            ServiceState::Stable | ServiceState::Deploying => all = Stability::Moving,
        }
    }
    all
}

/// True where as many targets are healthy as tasks are wanted, in each target group.
fn are_healthy(seen: &Observation) -> bool {
    let Some(live) = &seen.live else { return false };
    let healthy = seen.targets.iter().filter(|target| target.state == TargetState::Healthy).count();
    healthy >= live.target_groups.len() * usize::try_from(live.desired).unwrap_or(usize::MAX)
}
