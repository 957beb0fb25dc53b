//! CloudFormation in memory and in virtual time: no account, no network.
//!
//! `state` is the account as data; `operation` what runs in it; `draft` and `validate` are change sets; `resolve`,
//! `identity` and `timing` give values, ids and durations that look like AWS's; `account` holds it together and this file
//! puts the port around it. Chance comes from a seed and repeats itself. `fault` is where things go wrong on request.
//!
//! *Invariant*: what it tells follows from its state, the requests and the clock alone: whoever asks at whatever moments
//! sees the same history.

mod account;
mod chance;
mod cidr;
mod clock;
mod compare;
mod draft;
mod fault;
mod identity;
mod operation;
mod resolve;
mod services;
mod stacks;
mod state;
mod timing;
mod validate;

use std::cell::RefCell;
use std::rc::Rc;

pub use clock::RehearsalClock;
pub use fault::{Fault, Moment};
pub use state::State;

use super::ports::{
    AwsError, ChangeSet, ChangeSetId, ChangeSetRequest, Clock, Cloud, Ecs, EcsService, EventPage, Export, LiveResource,
    LiveStack, Place, StoppedTask, Token,
};
use account::Account;

/// CloudFormation, rehearsed.
#[derive(Clone)]
pub struct Rehearsal<K> {
    account: Rc<RefCell<Account>>,
    clock: K,
    region: String,
}

impl<K: Clock> Rehearsal<K> {
    /// An account as it was saved (or [`State::new`]), with the faults that were asked for.
    pub fn new(state: State, clock: K, region: &str, faults: Vec<Fault>) -> Self {
        Self { account: Rc::new(RefCell::new(Account::new(state, faults))), clock, region: region.to_owned() }
    }

    /// The account as it is now, to be saved.
    pub fn state(&self) -> State {
        self.now(|account| account.state.clone())
    }

    /// Asks the account, once it has caught up with the clock.
    fn now<T>(&self, ask: impl FnOnce(&mut Account) -> T) -> T {
        let mut account = self.account.borrow_mut();
        account.advance(self.clock.now());
        ask(&mut account)
    }
}

impl<K: Clock> Cloud for Rehearsal<K> {
    fn in_region(&self, region: &str) -> Self {
        Self { region: region.to_owned(), ..self.clone() }
    }

    async fn place(&self) -> Result<Place, AwsError> {
        Ok(self.now(|account| account.state.place(&self.region)))
    }

    async fn describe_stack(&self, stack: &str) -> Result<Option<LiveStack>, AwsError> {
        Ok(self.now(|account| account.described(&self.region, stack)))
    }

    async fn template(&self, stack: &str) -> Result<String, AwsError> {
        self.now(|account| Ok(account.found("GetTemplate", &self.region, stack)?.desired.body.clone()))
    }

    async fn resources(&self, stack: &str) -> Result<Vec<LiveResource>, AwsError> {
        self.now(|account| Ok(account.found("ListStackResources", &self.region, stack)?.live_resources()))
    }

    async fn events(&self, stack: &str, page: Option<&str>) -> Result<EventPage, AwsError> {
        self.now(|account| Ok(account.found("DescribeStackEvents", &self.region, stack)?.page(page)))
    }

    async fn create_change_set(&self, request: &ChangeSetRequest) -> Result<ChangeSetId, AwsError> {
        let now = self.clock.now();
        self.now(|account| account.draft(&self.region, request, now))
    }

    async fn describe_change_set(&self, id: &ChangeSetId) -> Result<ChangeSet, AwsError> {
        let now = self.clock.now();
        self.now(|account| account.drafted(id, now))
    }

    async fn execute_change_set(&self, id: &ChangeSetId, token: &Token) -> Result<(), AwsError> {
        let now = self.clock.now();
        self.now(|account| account.execute(id, token, now))
    }

    async fn delete_change_set(&self, id: &ChangeSetId) -> Result<(), AwsError> {
        self.now(|account| account.discard(id));
        Ok(())
    }

    async fn delete_stack(&self, stack: &str, token: &Token, retain: &[String]) -> Result<(), AwsError> {
        let now = self.clock.now();
        self.now(|account| account.delete(&self.region, stack, token, retain, now))
    }

    async fn set_termination_protection(&self, stack: &str, on: bool) -> Result<(), AwsError> {
        self.now(|account| account.protect(&self.region, stack, on))
    }

    async fn upload_template(&self, stack: &str, body: &str) -> Result<String, AwsError> {
        Ok(self.now(|account| account.upload(stack, body)))
    }

    async fn exports(&self) -> Result<Vec<Export>, AwsError> {
        Ok(self.now(|account| account.listed_exports(&self.region)))
    }

    async fn imports(&self, export: &str) -> Result<Vec<String>, AwsError> {
        Ok(self.now(|account| account.importers(&self.region, export)))
    }
}

impl<K: Clock> Ecs for Rehearsal<K> {
    async fn services(&self, arns: &[String]) -> Result<Vec<EcsService>, AwsError> {
        Ok(self.now(|account| account.services(arns)))
    }

    async fn stopped_tasks(&self, _service: &str) -> Result<Vec<StoppedTask>, AwsError> {
        // Tasks of a rehearsal do not fail yet: a resource fails as a whole.
        Ok(Vec::new())
    }
}
