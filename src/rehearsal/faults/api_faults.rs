//! API faults between the engine and an account: throttled calls, internal errors, a lost connection.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use super::ApiFaults;
use crate::deploy::api::{ApiCall, AwsError, CallKind, CallWrapper, Clock, ErrorKind, Timestamp, WrappedApi};
use crate::rehearsal::rng::part;

/// An account some of whose calls fail. The failures depend on the seed and the number of calls alone.
pub type FaultyApi<C, K> = WrappedApi<C, FaultyCalls<K>>;

/// Lets calls fail.
#[derive(Clone)]
pub struct FaultyCalls<K>(Rc<ApiFaultState<K>>);

/// The settings of the faults, and the calls so far.
struct ApiFaultState<K> {
    clock: K,
    started: Timestamp,
    settings: ApiFaults,
    seed: u64,
    calls: Cell<u64>,
    /// The number of times that the denied call was allowed.
    #[cfg(test)]
    allowed: Cell<u32>,
    /// Whether a call has failed since the connection was lost. The first write reaches the account, and its answer is
    /// lost.
    disconnected: Cell<bool>,
    answered: Box<dyn Fn(CallKind)>,
}

impl<C, K: Clock> FaultyApi<C, K> {
    /// Creates an account with these faults from now on. `answered` is called after each call that reached the account.
    pub fn new(inner: C, clock: K, settings: ApiFaults, seed: u64, answered: impl Fn(CallKind) + 'static) -> Self {
        let (started, answered) = (clock.now(), Box::new(answered));
        let state = ApiFaultState {
            clock,
            started,
            settings,
            seed,
            calls: Cell::new(0),
            #[cfg(test)]
            allowed: Cell::new(0),
            disconnected: Cell::new(false),
            answered,
        };
        Self::of(inner, FaultyCalls(Rc::new(state)))
    }
}

impl<K: Clock> CallWrapper for FaultyCalls<K> {
    /// Makes a call, unless a fault lets it fail.
    async fn around<T>(
        &self,
        kind: CallKind,
        call: ApiCall,
        answer: impl Future<Output = Result<T, AwsError>>,
    ) -> Result<T, AwsError> {
        let faults = &self.0;
        let lost = faults.lost();
        let is_first = lost && !faults.disconnected.replace(lost);
        faults.disconnected.set(lost);
        if lost && !(is_first && kind == CallKind::Write) {
            faults.clock.sleep(faults.settings.silence).await;
            return Err(unreachable(call));
        }
        faults.check(kind, call)?;
        let answer = answer.await;
        (faults.answered)(kind);
        if lost { Err(unreachable(call)) } else { answer }
    }
}

impl<K: Clock> ApiFaultState<K> {
    /// Returns whether the connection is lost now.
    fn lost(&self) -> bool {
        let since = self.clock.now().since(self.started);
        self.settings
            .lost
            .is_some_and(|(from, duration): (Duration, Duration)| since >= from && since < from + duration)
    }

    /// Counts a call. Returns an error if a fault lets it fail.
    fn check(&self, kind: CallKind, call: ApiCall) -> Result<(), AwsError> {
        #[cfg(test)]
        if let Some(denied) = self.settings.denied.filter(|denied| denied.call == call) {
            if self.allowed.get() >= denied.allowed {
                let message = format!("User: rehearsal is not authorized to perform: {}", call.iam_action());
                return Err(AwsError::new(ErrorKind::AccessDenied, call, "AccessDenied", message));
            }
            self.allowed.set(self.allowed.get() + 1);
        }
        self.calls.set(self.calls.get() + 1);
        let number = self.calls.get().to_string();
        if part(self.seed, &["throttle", call.operation(), &number]) < self.settings.throttle {
            return Err(AwsError::new(ErrorKind::Throttled, call, "Throttling", "Rate exceeded"));
        }
        if kind == CallKind::Read && part(self.seed, &["poll", call.operation(), &number]) < self.settings.poll_errors {
            let message = "We encountered an internal error. Please try again.";
            return Err(AwsError::new(ErrorKind::Unavailable, call, "InternalFailure", message));
        }
        Ok(())
    }
}

/// Creates the error of a call without connection.
fn unreachable(call: ApiCall) -> AwsError {
    AwsError::new(ErrorKind::Connection, call, "DispatchFailure", "connection lost (requested by --fault)")
}
