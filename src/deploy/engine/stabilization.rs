//! Waits until services are stable, if CloudFormation does not.

use std::time::Duration;

use super::StackTask;
use super::abort::Abort;
use super::event::CancelReason;
use super::operation_failure::diagnose_cancelled;
use super::service_monitor::ServiceMonitor;
use super::service_trial::ServiceTrial;
use super::stop::{StopRequest, StopRequested};
use super::verify_services::ExpectedTaskDefinitions;
use crate::deploy::api::status::TargetState;
use crate::deploy::api::{AwsApi, Clock};
use crate::deploy::diagnose::task_failure::diagnose_task_failure;
use crate::deploy::monitor::{Diagnosis, Observation, ServiceState, service_state};
use crate::diag::{Code, Diagnostic};
use crate::synth::DesiredStack;

/// The time for which a service must stay stable after one of its tasks failed: the next one may fail, too.
const PROOF: Duration = Duration::from_mins(1);

/// The result of waiting for services.
pub(super) enum Stabilized {
    /// All services are stable.
    Stable,
    /// Not all services became stable.
    Failed(StabilizationFailure),
}

/// The reason why services do not become stable.
pub(super) enum StabilizationFailure {
    /// They failed, took too long, or the user cancelled.
    Cancelled(CancelReason),
    /// ECS rolled a service back.
    ByEcs {
        /// The service's name in the template.
        service: String,
        /// The reason that ECS gives.
        reason: String,
    },
}

/// The state of all services together.
enum Stability {
    Stable,
    Deploying,
    Failed(StabilizationFailure),
}

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Watches services until all of them are stable and have passed their trial, or one of them fails.
    pub(super) async fn await_stable(
        &self,
        expected: &ExpectedTaskDefinitions,
        services: &mut ServiceMonitor,
        limit: Duration,
    ) -> Result<Stabilized, Abort> {
        let (started, mut stable_since) = (self.now(), None);
        let mut trial = ServiceTrial::new(expected);
        let cancelled = |reason| Ok(Stabilized::Failed(StabilizationFailure::Cancelled(reason)));
        services.poll_now(started);
        loop {
            self.poll_services(services).await;
            match stability(expected, services) {
                Stability::Stable => {
                    let since = *stable_since.get_or_insert(self.now());
                    let proof = if services.diagnoses().is_empty() { Duration::ZERO } else { PROOF };
                    if self.now().since(since) >= proof && self.passes(&mut trial, services).await {
                        return Ok(Stabilized::Stable);
                    }
                }
                Stability::Failed(failure) => return Ok(Stabilized::Failed(failure)),
                Stability::Deploying => stable_since = None,
            }
            if self.now().since(started) >= limit {
                return cancelled(CancelReason::TimedOut { after_s: limit.as_secs() });
            }
            let next = services.next_poll().unwrap_or_default();
            match self.wait(next.since(self.now()).max(Duration::from_millis(1))).await {
                Ok(()) => {}
                Err(StopRequested(StopRequest::CancelAndRollBack)) => return cancelled(CancelReason::ByUser),
                Err(StopRequested(StopRequest::Detach)) => return Err(Abort::Detached(None)),
            }
        }
    }
}

impl StabilizationFailure {
    /// Returns whether the services took too long.
    pub(super) fn is_timeout(&self) -> bool {
        matches!(self, Self::Cancelled(CancelReason::TimedOut { .. }))
    }

    /// Explains the failure, at the lines of the script.
    pub(super) fn problems(&self, stack: &DesiredStack, diagnoses: &[Diagnosis]) -> Vec<Diagnostic> {
        match self {
            StabilizationFailure::Cancelled(reason) => diagnose_cancelled(stack, reason, diagnoses),
            StabilizationFailure::ByEcs { service, reason } => {
                match diagnoses.iter().find(|known| known.service == *service) {
                    Some(known) => vec![diagnose_task_failure(known, &stack.template, &stack.origin)],
                    None => {
                        let message = format!("`{service}` did not become stable: {reason}");
                        vec![Diagnostic::new(Code::ServiceNotStable, message).at(&stack.origin, "this stack")]
                    }
                }
            }
        }
    }
}

fn stability(expected: &ExpectedTaskDefinitions, services: &ServiceMonitor) -> Stability {
    if let Some(diagnosis) = services.fatal_diagnosis().filter(|fatal| expected.contains_key(&fatal.service)) {
        let reason = CancelReason::TaskFailures { diagnosis };
        return Stability::Failed(StabilizationFailure::Cancelled(reason));
    }
    let mut all = Stability::Stable;
    for (name, service) in expected {
        let observation = services.last(name);
        let Some((observation, live)) = observation.and_then(|seen| Some((seen, seen.live.as_ref()?))) else {
            all = Stability::Deploying;
            continue;
        };
        match service_state(live, service.task_definition.as_deref()) {
            ServiceState::Failed(reason) => {
                return Stability::Failed(StabilizationFailure::ByEcs { service: name.clone(), reason });
            }
            ServiceState::Stable if are_targets_healthy(observation) => {}
            ServiceState::Stable | ServiceState::Deploying => all = Stability::Deploying,
        }
    }
    all
}

/// Returns whether each target group has as many healthy targets as the service has tasks; of a pair whose traffic is shifted, one.
fn are_targets_healthy(observation: &Observation) -> bool {
    let Some(live) = &observation.live else { return false };
    let healthy = observation.targets.iter().filter(|target| target.state == TargetState::Healthy).count();
    let groups = if live.shifts_traffic() { live.target_groups.len() / 2 } else { live.target_groups.len() };
    healthy >= groups * usize::try_from(live.desired).unwrap_or(usize::MAX)
}
