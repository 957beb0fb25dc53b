//! A stage for scenarios: an account that is rehearsed from run to run, in virtual time.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use futures_util::future::select;

use crate::cfn::TemplateDocument;
use crate::deploy::api::{AwsEnvironment, Clock, CloudFormation, ResourceDrift, StackEvent, Timestamp};
use crate::deploy::engine::event::{DeployEvent, DeployEventKind};
use crate::deploy::engine::outcome::Outcome;
use crate::deploy::engine::{Engine, EngineOptions, RollbackOptions, StopRequest, importable, stop_channel};
use crate::deploy::plan::plan_file::SavedPlan;
use crate::deploy::plan::{DeployedStack, Plan};
use crate::diag::Origin;
use crate::rehearsal::{
    AccountState, ApiFaults, FaultPlan, FaultyApi, Rehearsal, RehearsalClock, ResourceFault, ServiceFault, TaskFault,
};
use crate::synth::DesiredStack;

/// A stack whose template is YAML.
pub(crate) fn stack(name: &str, yaml: &str) -> DesiredStack {
    let source = format!("{name}.yaml");
    let read = TemplateDocument::parse(&source, yaml);
    assert_eq!(read.problems, [], "the template of a scenario is sound");
    DesiredStack::new(name, read.value.expect("a template"), Origin::new(source, 1, 1))
}

/// What a run came to.
pub(crate) struct RunReport {
    pub(crate) outcome: Outcome,
    pub(crate) events: Vec<DeployEvent>,
    pub(crate) took: Duration,
}

impl RunReport {
    /// The events of AWS for a stack, in the order in which they were told.
    pub(crate) fn of_aws(&self, stack: &str) -> Vec<&StackEvent> {
        let told = self.events.iter().filter(|event| event.stack == stack);
        let told = told.filter_map(|event| match &event.kind {
            DeployEventKind::StackEvent { event } => Some(event),
            _ => None,
        });
        told.collect()
    }

    /// The statuses that a resource (or the stack itself, by its name) went through.
    pub(crate) fn way(&self, stack: &str, id: &str) -> Vec<&str> {
        let mut way: Vec<_> = self
            .of_aws(stack)
            .into_iter()
            .filter(|event| event.logical_id == id)
            .map(|event| event.status.as_str())
            .collect();
        way.dedup();
        way
    }

    pub(crate) fn plan(&self, stack: &str) -> &Plan {
        let told = self.events.iter().filter(|event| event.stack == stack);
        let mut plans = told
            .filter_map(|event| if let DeployEventKind::Planned { plan } = &event.kind { Some(plan) } else { None });
        plans.next_back().expect("a plan was told")
    }
}

/// An account as runs reach it.
pub(crate) type TestApi = FaultyApi<Rehearsal<RehearsalClock>, RehearsalClock>;

/// The stage.
pub(crate) struct Harness {
    pub(crate) state: RefCell<AccountState>,
    pub(crate) faults: RefCell<Vec<ResourceFault>>,
    /// Services whose next deployments come to grief, until they are taken out again.
    pub(crate) task_faults: RefCell<Vec<ServiceFault>>,
    pub(crate) approve: Cell<bool>,
    pub(crate) options: RefCell<EngineOptions>,
    pub(crate) stop_after: Cell<Option<Duration>>,
    /// What the caller wishes, each so long after the one before.
    pub(crate) wishes: RefCell<Vec<(Duration, StopRequest)>>,
    /// How AWS is reached in every run.
    pub(crate) weather: Cell<ApiFaults>,
    /// When the next run is killed, without a word.
    pub(crate) kill_after: Cell<Option<Duration>>,
    runs: Cell<u32>,
}

impl Harness {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            state: RefCell::new(AccountState::new(seed)),
            faults: RefCell::default(),
            task_faults: RefCell::default(),
            approve: Cell::new(true),
            options: RefCell::new(EngineOptions::new("")),
            stop_after: Cell::new(None),
            wishes: RefCell::default(),
            weather: Cell::default(),
            kill_after: Cell::new(None),
            runs: Cell::new(0),
        }
    }

    pub(crate) fn fault(&self, fault: ResourceFault) {
        self.faults.borrow_mut().push(fault);
    }

    /// From now on the tasks of a service come to grief.
    pub(crate) fn fail_tasks(&self, service: &str, task_fault: TaskFault) {
        self.task_faults.borrow_mut().push(ServiceFault { service: service.to_owned(), task_fault });
    }

    pub(crate) fn deploy(&self, stacks: &[DesiredStack]) -> RunReport {
        self.play(async |run| run.deploy(stacks, &async |_: &Plan| self.approve.get()).await)
    }

    /// Makes a plan and keeps it, as a file would.
    pub(crate) fn plan(&self, stacks: &[DesiredStack]) -> SavedPlan {
        let planned = RefCell::new(Vec::new());
        self.play(async |run| {
            planned.replace(run.plan(stacks).await);
            Outcome::default()
        });
        let stacks = planned.take().into_iter().map(|saved| saved.expect("a plan")).collect();
        let place = AwsEnvironment { account: String::new(), region: String::new(), partition: String::new() };
        let saved = SavedPlan::new("app.rhai", place, self.now(), stacks);
        let file = serde_json::to_string(&saved).expect("a plan can be written");
        serde_json::from_str(&file).expect("and read")
    }

    pub(crate) fn destroy(&self, stacks: &[DesiredStack]) -> RunReport {
        self.play(async |run| run.destroy(stacks).await)
    }

    /// Asks the account something; the asking itself may take time.
    pub(crate) fn ask<T>(&self, ask: impl AsyncFnOnce(Rehearsal<RehearsalClock>) -> T) -> T {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
        runtime.block_on(async {
            let state = self.state.borrow().clone();
            let clock = RehearsalClock::new(state.now + Duration::from_mins(1), 1.0);
            let faults = FaultPlan {
                steps: self.faults.take(),
                services: self.task_faults.borrow().clone(),
                api: ApiFaults::default(),
            };
            let cloud = Rehearsal::new(state, clock, "eu-central-1", faults);
            let answer = ask(cloud.clone()).await;
            *self.state.borrow_mut() = cloud.state();
            answer
        })
    }

    /// Takes stacks back; `former` is what they were.
    pub(crate) fn rollback(&self, stacks: &[DesiredStack], skip: &[&str], former: Option<&DesiredStack>) -> RunReport {
        let skip: Vec<String> = skip.iter().map(|id| (*id).to_owned()).collect();
        let former = |_: &DesiredStack, _: &DeployedStack| former.cloned();
        let back = RollbackOptions { skip: &skip, previous: &former };
        self.play(async |run| run.rollback(stacks, &back, &async |_: &Plan| self.approve.get()).await)
    }

    /// Takes resources into a stack, each as the user writes it.
    pub(crate) fn import(&self, stack: &DesiredStack, resources: &[&str]) -> RunReport {
        let resources: Vec<_> = resources.iter().map(|it| importable(stack, it).expect("importable")).collect();
        self.play(async |run| {
            let outcome = run.import(stack, &resources, &async |_: &Plan| self.approve.get()).await;
            Outcome { stacks: vec![outcome], problems: Vec::new() }
        })
    }

    pub(crate) fn drift(&self, stack: &DesiredStack) -> Vec<ResourceDrift> {
        let found = RefCell::new(Vec::new());
        self.play(async |run| {
            found.replace(run.drift(stack).await.expect("an answer").expect("a stack"));
            Outcome::default()
        });
        found.take()
    }

    pub(crate) fn play(&self, go: impl AsyncFnOnce(&Engine<'_, TestApi, RehearsalClock>) -> Outcome) -> RunReport {
        let (mut events, mut took) = (Vec::new(), Duration::ZERO);
        self.runs.set(self.runs.get() + 1);
        let outcome = self.ask(async |cloud| {
            let start = self.state.borrow().now + Duration::from_mins(1);
            let clock = RehearsalClock::new(start, 1.0);
            let options = EngineOptions { run: format!("rtiler-{}", self.runs.get()), ..self.options.borrow().clone() };
            let (wisher, wishes) = stop_channel();
            let seed = u64::from(self.runs.get());
            let cloud = FaultyApi::new(cloud, clock, self.weather.get(), seed, |_| ());
            let run = Engine::new(cloud, clock, options, |event| events.push(event), wishes);
            let made = async {
                let planned = self.stop_after.take().map(|after| (after, StopRequest::Detach));
                for (after, wish) in planned.into_iter().chain(self.wishes.take()) {
                    clock.sleep(after).await;
                    wisher.request(wish);
                }
                std::future::pending::<Outcome>().await
            };
            let killed = async {
                match self.kill_after.take() {
                    Some(after) => clock.sleep(after).await,
                    None => std::future::pending().await,
                }
                Outcome::default()
            };
            let gone = async { select(std::pin::pin!(made), std::pin::pin!(killed)).await.factor_first().0 };
            let outcome = select(std::pin::pin!(go(&run)), std::pin::pin!(gone)).await.factor_first().0;
            took = clock.now().since(start);
            outcome
        });
        RunReport { outcome, events, took }
    }

    /// The status of a stack, by name.
    pub(crate) fn status(&self, stack: &str) -> Option<String> {
        self.ask(async |cloud| {
            let found = cloud.describe_stack(stack).await.expect("an answer");
            found.map(|found| found.status.to_string())
        })
    }

    /// How many things exist.
    pub(crate) fn resource_count(&self) -> usize {
        self.state.borrow().existing_resources().len()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.state.borrow().now
    }
}
