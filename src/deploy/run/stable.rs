//! Watches services until they are stable, where nobody else waits for them.

use std::time::Duration;

use super::halt::Halt;
use super::services::Services;
use super::truth::Wanted;
use super::wish::Wish;
use super::{Run, Stopped};
use crate::deploy::desired::DesiredStack;
use crate::deploy::event::Why;
use crate::deploy::ports::{Clock, Ports};
use crate::deploy::watch::{Observation, Standing, locate, standing};
use crate::diag::{Code, Diagnostic};

/// How long a service must stay stable to count as it, once a task of it came to grief: the next one may, too.
const PROOF: Duration = Duration::from_mins(1);

/// How long services may take where nobody sets a limit.
const LIMIT: Duration = Duration::from_hours(1);

/// Why services do not become stable.
pub(super) enum Unsettled {
    Cancelled(Why),
    /// ECS itself went back, in its words, with a service's name.
    ByEcs(String, String),
}

impl<C: Ports, K: Clock> Run<'_, C, K> {
    /// Watches services until all of them are stable; why, where that does not happen.
    pub(super) async fn until_stable(
        &self,
        cloud: &C,
        (stack, heard): (&str, Option<Wish>),
        wanted: &Wanted,
        services: &mut Services,
    ) -> Result<Option<Unsettled>, Halt> {
        let (began, mut calm) = (self.clock.now(), None);
        let limit = self.options.timeout.unwrap_or(LIMIT);
        services.due = began;
        loop {
            self.look_behind(cloud, stack, services).await;
            match judged(wanted, services) {
                Judgement::Stable => {
                    let since = *calm.get_or_insert(self.clock.now());
                    let proof = if services.dog.diagnoses().is_empty() { Duration::ZERO } else { PROOF };
                    if self.clock.now().since(since) >= proof {
                        return Ok(None);
                    }
                }
                Judgement::Failed(unsettled) => return Ok(Some(unsettled)),
                Judgement::Moving => calm = None,
            }
            if self.clock.now().since(began) >= limit {
                return Ok(Some(Unsettled::Cancelled(Why::TimedOut { after_s: limit.as_secs() })));
            }
            let wait = services.due.since(self.clock.now()).max(Duration::from_millis(1));
            match self.unless_beyond(heard, self.clock.sleep(wait)).await {
                Ok(()) => {}
                Err(Stopped(Wish::Cancel)) => return Ok(Some(Unsettled::Cancelled(Why::Asked))),
                Err(Stopped(Wish::Leave)) => return Err(Halt::LeftRunning(None)),
            }
        }
    }
}

impl Unsettled {
    /// What is wrong, at its lines of the script.
    pub(super) fn problems(&self, desired: &DesiredStack, services: &Services) -> Vec<Diagnostic> {
        let diagnoses = services.dog.diagnoses();
        match self {
            Unsettled::Cancelled(why) => super::why::of_cancelled(desired, why, &diagnoses),
            Unsettled::ByEcs(name, words) => match diagnoses.iter().find(|seen| seen.service == *name) {
                Some(seen) => vec![locate(seen, &desired.template, &desired.origin)],
                None => {
                    let message = format!("`{name}` did not become stable: {words}");
                    vec![Diagnostic::new(Code::ServiceNotStable, message).at(&desired.origin, "this stack")]
                }
            },
        }
    }
}

enum Judgement {
    Stable,
    Moving,
    Failed(Unsettled),
}

fn judged(wanted: &Wanted, services: &Services) -> Judgement {
    if let Some(diagnosis) = services.dog.gives_up() {
        return Judgement::Failed(Unsettled::Cancelled(Why::GaveUp { diagnosis }));
    }
    let mut all = Judgement::Stable;
    for (name, (_, definition)) in wanted {
        let seen = services.last.get(name);
        let Some((seen, live)) = seen.and_then(|seen| Some((seen, seen.live.as_ref()?))) else {
            all = Judgement::Moving;
            continue;
        };
        match standing(live, definition.as_deref()) {
            Standing::Failed(words) => return Judgement::Failed(Unsettled::ByEcs(name.clone(), words)),
            Standing::Stable if are_healthy(seen) => {}
            Standing::Stable | Standing::Moving => all = Judgement::Moving,
        }
    }
    all
}

/// True where as many targets are healthy as tasks are wanted, in each target group.
fn are_healthy(seen: &Observation) -> bool {
    let Some(live) = &seen.live else { return false };
    let healthy = seen.targets.iter().filter(|target| target.state == "healthy").count();
    healthy >= live.target_groups.len() * usize::try_from(live.desired).unwrap_or(usize::MAX)
}
