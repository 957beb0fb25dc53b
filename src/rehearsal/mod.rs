//! An AWS account in memory and in virtual time, CloudFormation and ECS above all: no credentials, no network.
//!
//! `state` is the account as data; `operation` what runs in it; `draft`, `compare` and `validate` are change sets;
//! `resolve`, `cidr`, `identity` and `timing` give values, ids and durations that look like AWS's; `recovery` stops and
//! undoes operations, `drift`, `by_hand` and `import` know what exists beside what stacks take it for; `ecs` is what runs:
//! services, tasks, targets, logs; `adopt` begins with what is really deployed. `account` holds it together, this file and
//! `stacks` put the port of CloudFormation around it and `operate` the ports of what runs, `clock` is its time. `chance`
//! comes from a seed and repeats itself. `fault` is where things go wrong on request, `weather` what it does to calls.
//!
//! *Invariant*: what it tells follows from its state, the requests and the clock alone: whoever asks at whatever moments
//! sees the same history.

mod account;
mod cidr;
mod clock;
mod cloudformation;
mod ecs;
mod faults;
mod rng;
mod state;

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::rc::Rc;

pub use account::from_deployed::DeployedSnapshot;
pub use clock::RehearsalClock;
#[cfg(test)]
pub(crate) use faults::DeniedCall;
pub use faults::api_faults::{CallKind, FaultyApi};
pub use faults::{ApiFaults, FaultPlan, FaultPoint, FaultSpec, ResourceFault, ServiceFault, TaskFault};
pub use state::AccountState;

use crate::deploy::api::{
    ApiCall, AwsEnvironment, AwsError, ChangeSet, ChangeSetId, ChangeSetRequest, ChangeSetSummary, ClientRequestToken,
    Clock, CloudFormation, DriftDetection, EventPage, Export, ResourceDrift, StackDescription, StackResource,
};
use crate::diag::Diagnostic;
use account::Account;

/// CloudFormation, rehearsed.
#[derive(Clone)]
pub struct Rehearsal<K> {
    account: Rc<RefCell<Account>>,
    clock: K,
    region: String,
}

impl<K: Clock> Rehearsal<K> {
    /// An account as it was saved (or [`AccountState::new`]), with the faults that were asked for.
    pub fn new(state: AccountState, clock: K, region: &str, faults: impl Into<FaultPlan>) -> Self {
        Self { account: Rc::new(RefCell::new(Account::new(state, faults.into()))), clock, region: region.to_owned() }
    }

    /// Takes a real stack in, in the place of what was rehearsed of it; false where an operation is being rehearsed on
    /// it, which goes on.
    pub fn import_deployed(&self, deployed: &DeployedSnapshot) -> bool {
        let now = self.clock.now();
        self.with_account(|account| account.import_deployed(deployed, now))
    }

    /// The account as it is now, to be saved.
    pub fn state(&self) -> AccountState {
        self.with_account(|account| account.state.clone())
    }

    /// The faults that were asked for and that nothing has met.
    pub fn unused_faults(&self) -> Vec<Diagnostic> {
        self.with_account(|account| account.faults.unused(&account.triggered))
    }

    /// A number that grows with everything that happens in the account.
    pub fn revision(&self) -> u64 {
        self.with_account(|account| account.state.counter)
    }

    /// Changes a resource behind CloudFormation's back: its properties, or (without any) that it is there.
    #[cfg(test)]
    pub(crate) fn change_out_of_band(&self, stack: &str, id: &str, properties: Option<serde_json::Value>) {
        self.with_account(|account| account.change_out_of_band(stack, id, properties));
    }

    /// Asks the account, once it has caught up with the clock.
    fn with_account<T>(&self, ask: impl FnOnce(&mut Account) -> T) -> T {
        let mut account = self.account.borrow_mut();
        account.advance(self.clock.now());
        ask(&mut account)
    }
}

impl<K: Clock> CloudFormation for Rehearsal<K> {
    fn in_region(&self, region: &str) -> Self {
        Self { region: region.to_owned(), ..self.clone() }
    }

    async fn environment(&self) -> Result<AwsEnvironment, AwsError> {
        Ok(self.with_account(|account| account.state.environment(&self.region)))
    }

    async fn describe_stack(&self, stack: &str) -> Result<Option<StackDescription>, AwsError> {
        Ok(self.with_account(|account| account.describe_stack(&self.region, stack)))
    }

    async fn template(&self, stack: &str) -> Result<String, AwsError> {
        self.with_account(|account| {
            Ok(account.find_stack(ApiCall::GetTemplate, &self.region, stack)?.desired.body.clone())
        })
    }

    async fn resources(&self, stack: &str) -> Result<Vec<StackResource>, AwsError> {
        self.with_account(|account| {
            Ok(account.find_stack(ApiCall::ListStackResources, &self.region, stack)?.live_resources())
        })
    }

    async fn events(&self, stack: &str, page: Option<&str>) -> Result<EventPage, AwsError> {
        self.with_account(|account| {
            Ok(account.find_stack(ApiCall::DescribeStackEvents, &self.region, stack)?.event_page(page))
        })
    }

    async fn create_change_set(&self, request: &ChangeSetRequest) -> Result<ChangeSetId, AwsError> {
        let now = self.clock.now();
        self.with_account(|account| account.create_change_set(&self.region, request, now))
    }

    async fn describe_change_set(&self, id: &ChangeSetId) -> Result<ChangeSet, AwsError> {
        let now = self.clock.now();
        self.with_account(|account| account.describe_change_set(id, now))
    }

    async fn execute_change_set(
        &self,
        id: &ChangeSetId,
        token: &ClientRequestToken,
        disable_rollback: bool,
    ) -> Result<(), AwsError> {
        let now = self.clock.now();
        self.with_account(|account| account.execute_change_set(id, token, disable_rollback, now))
    }

    async fn delete_change_set(&self, id: &ChangeSetId) -> Result<(), AwsError> {
        self.with_account(|account| account.delete_change_set(id));
        Ok(())
    }

    async fn delete_stack(&self, stack: &str, token: &ClientRequestToken, retain: &[String]) -> Result<(), AwsError> {
        let now = self.clock.now();
        self.with_account(|account| account.delete_stack(&self.region, stack, token, retain, now))
    }

    async fn change_sets(&self, stack: &str) -> Result<Vec<ChangeSetSummary>, AwsError> {
        let now = self.clock.now();
        self.with_account(|account| account.list_change_sets(&self.region, stack, now))
    }

    async fn cancel_update(&self, stack: &str, token: &ClientRequestToken) -> Result<(), AwsError> {
        let now = self.clock.now();
        self.with_account(|account| account.cancel_update(&self.region, stack, token, now))
    }

    async fn rollback_stack(&self, stack: &str, token: &ClientRequestToken) -> Result<(), AwsError> {
        let now = self.clock.now();
        self.with_account(|account| account.rollback_stack(&self.region, stack, token, now))
    }

    async fn continue_rollback(
        &self,
        stack: &str,
        token: &ClientRequestToken,
        skip: &[String],
    ) -> Result<(), AwsError> {
        let now = self.clock.now();
        self.with_account(|account| account.continue_rollback(&self.region, stack, token, skip, now))
    }

    async fn detect_drift(&self, stack: &str) -> Result<String, AwsError> {
        let now = self.clock.now();
        self.with_account(|account| account.detect_drift(&self.region, stack, now))
    }

    async fn drift_detection(&self, search: &str) -> Result<DriftDetection, AwsError> {
        let now = self.clock.now();
        self.with_account(|account| account.drift_detection(search, now))
    }

    async fn drifts(&self, stack: &str) -> Result<Vec<ResourceDrift>, AwsError> {
        self.with_account(|account| {
            Ok(account.find_stack(ApiCall::DescribeStackResourceDrifts, &self.region, stack)?.drifts.clone())
        })
    }

    async fn set_termination_protection(&self, stack: &str, on: bool) -> Result<(), AwsError> {
        self.with_account(|account| account.set_termination_protection(&self.region, stack, on))
    }

    async fn upload_template(&self, stack: &str, body: &str) -> Result<String, AwsError> {
        Ok(self.with_account(|account| account.upload_template(stack, body)))
    }

    async fn exports(&self) -> Result<Vec<Export>, AwsError> {
        Ok(self.with_account(|account| account.list_exports(&self.region)))
    }

    async fn imports(&self, export: &str) -> Result<Vec<String>, AwsError> {
        Ok(self.with_account(|account| account.list_imports(&self.region, export)))
    }
}
