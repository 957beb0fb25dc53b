//! The adapter of the API that simulates an AWS account in memory and in virtual time: no credentials, no network.
//!
//! `state` is the account as data, `account` the API operations on it, `cloudformation` change sets and stack operations,
//! `ecs` services, tasks, targets and logs, `rules` the services' refusals, `assumed` what other stacks and teams own. `faults`
//! are requested failures, `clock` is virtual time, and `rng` gives random numbers that depend on the seed. `forecast`
//! predicts the end of an operation. `saved_numbers` reads the numbers of a saved account. `property_access` reads properties of resources. This
//! file implements CloudFormation's trait of the API.
//!
//! May import `deploy::api`, `deploy::plan`'s capabilities and fingerprints, `cfn` and `diag`.
//!
//! *Invariant*: the history of an account follows from its state, the requests and the clock alone. It does not depend on
//! when or how often the account is read.

mod account;
mod assumed;
mod cidr;
mod clock;
mod cloudformation;
mod ecs;
mod faults;
mod forecast;
mod property_access;
mod refused_templates;
mod rng;
mod rules;
mod saved_numbers;
mod state;

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::rc::Rc;

pub use account::from_deployed::DeployedSnapshot;
pub use assumed::Assumptions;
pub use clock::RehearsalClock;
pub use cloudformation::durations::StepKind;
#[cfg(test)]
pub(crate) use faults::DeniedCall;
pub use faults::api_faults::FaultyApi;
pub use faults::suggestions as fault_suggestions;
pub use faults::{ApiFaults, FaultPlan, FaultPoint, FaultSpec, ResourceFault, ServiceFault, TaskFault};
pub use forecast::{Forecast, MeasuredStep, StepProgress};
pub use refused_templates::refusals;
pub use rules::types_without_rules;
pub use state::AccountState;

use crate::deploy::api::{
    ApiCall, AwsEnvironment, AwsError, ChangeSet, ChangeSetId, ChangeSetRequest, ChangeSetSummary, ClientRequestToken,
    Clock, CloudFormation, DriftDetection, EventPage, Export, ResourceDrift, StackDescription, StackResource,
};
use crate::diag::Diagnostic;
use account::Account;

/// A simulated AWS account, seen from one region.
#[derive(Clone)]
pub struct Rehearsal<K> {
    account: Rc<RefCell<Account>>,
    clock: K,
    region: String,
}

impl<K: Clock> Rehearsal<K> {
    /// Creates an account from its saved state (or [`AccountState::new`]), with the requested faults.
    pub fn new(state: AccountState, clock: K, region: &str, faults: impl Into<FaultPlan>) -> Self {
        Self { account: Rc::new(RefCell::new(Account::new(state, faults.into()))), clock, region: region.to_owned() }
    }

    /// Loads a deployed stack, which replaces the rehearsed one. Returns false if an operation on the rehearsed stack is
    /// in progress; the operation then continues.
    pub fn import_deployed(&self, deployed: &DeployedSnapshot) -> bool {
        let now = self.clock.now();
        self.with_account(|account| account.import_deployed(deployed, now))
    }

    /// Returns the state of the account, to be saved.
    pub fn state(&self) -> AccountState {
        let state = self.with_account(|account| account.state.clone());
        // What is saved can be read again.
        debug_assert_eq!(state.inconsistency(), None);
        state
    }

    /// Returns a diagnostic for each requested fault that has not occurred.
    pub fn unused_faults(&self) -> Vec<Diagnostic> {
        self.with_account(|account| account.faults.unused(&account.triggered))
    }

    /// Takes the values and resources that a run assumes. From now on, unknown values have a default of the right form.
    pub fn assume(&self, assumptions: &Assumptions) {
        self.with_account(|account| account.assume(assumptions));
    }

    /// Returns the names of values that others own, with the defaults that were used.
    pub fn assumed_defaults(&self) -> Vec<(String, String)> {
        self.with_account(|account| account.assumptions().defaults())
    }

    /// Returns the names of `--assume` that nothing has read.
    pub fn unused_assumptions(&self) -> Vec<String> {
        self.with_account(|account| account.assumptions().unread())
    }

    /// Returns a number that grows with every change of the account.
    pub fn revision(&self) -> u64 {
        self.with_account(|account| account.state.counter)
    }

    /// Changes a resource outside CloudFormation, or deletes it if no properties are given.
    #[cfg(test)]
    pub(crate) fn change_out_of_band(&self, stack: &str, id: &str, properties: Option<serde_json::Value>) {
        self.with_account(|account| account.change_out_of_band(stack, id, properties));
    }

    /// Calls a function with the account, after it was advanced to the time of the clock.
    fn with_account<T>(&self, call: impl FnOnce(&mut Account) -> T) -> T {
        let mut account = self.account.borrow_mut();
        account.advance(self.clock.now());
        call(&mut account)
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

    async fn drift_detection(&self, detection: &str) -> Result<DriftDetection, AwsError> {
        let now = self.clock.now();
        self.with_account(|account| account.drift_detection(detection, now))
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
        let now = self.clock.now();
        Ok(self.with_account(|account| account.upload_template(&self.region, stack, body, now)))
    }

    async fn stacks(&self) -> Result<Vec<String>, AwsError> {
        Ok(self.with_account(|account| account.list_stacks(&self.region)))
    }

    async fn exports(&self) -> Result<Vec<Export>, AwsError> {
        Ok(self.with_account(|account| account.list_exports(&self.region)))
    }

    async fn imports(&self, export: &str) -> Result<Vec<String>, AwsError> {
        Ok(self.with_account(|account| account.list_imports(&self.region, export)))
    }
}
