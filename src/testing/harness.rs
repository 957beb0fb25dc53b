//! A harness for the tests of the engine: runs over a simulated account that is kept from run to run, in virtual time.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use futures_util::future::select;

use crate::cfn::TemplateDocument;
use crate::deploy::api::{AwsEnvironment, Clock, CloudFormation, ImagePublisher, ResourceDrift, StackEvent, Timestamp};
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

/// Returns a stack whose template is YAML.
pub(crate) fn stack(name: &str, yaml: &str) -> DesiredStack {
    let source = format!("{name}.yaml");
    let read = TemplateDocument::parse(&source, yaml);
    assert_eq!(read.problems, [], "the template of a test is valid");
    DesiredStack::new(name, read.value.expect("a template"), Origin::new(source, 1, 1))
}

/// The outcome of a run, with its events.
pub(crate) struct RunReport {
    pub(crate) outcome: Outcome,
    pub(crate) events: Vec<DeployEvent>,
    pub(crate) duration: Duration,
}

impl RunReport {
    /// Returns CloudFormation's events of a stack, in the order in which they were emitted.
    pub(crate) fn stack_events(&self, stack: &str) -> Vec<&StackEvent> {
        let emitted = self.events.iter().filter(|event| event.stack == stack);
        let events = emitted.filter_map(|event| match &event.kind {
            DeployEventKind::StackEvent { event } => Some(event),
            _ => None,
        });
        events.collect()
    }

    /// Returns the statuses of a resource (or of the stack itself, by its name) in order.
    pub(crate) fn statuses(&self, stack: &str, id: &str) -> Vec<&str> {
        let mut statuses: Vec<_> = self
            .stack_events(stack)
            .into_iter()
            .filter(|event| event.logical_id == id)
            .map(|event| event.status.as_str())
            .collect();
        statuses.dedup();
        statuses
    }

    /// Returns the last plan of a stack.
    pub(crate) fn plan(&self, stack: &str) -> &Plan {
        let emitted = self.events.iter().filter(|event| event.stack == stack);
        let mut plans = emitted
            .filter_map(|event| if let DeployEventKind::Planned { plan } = &event.kind { Some(plan) } else { None });
        plans.next_back().expect("a plan was emitted")
    }
}

/// The API of the account, with the faults of a run.
pub(crate) type TestApi = FaultyApi<Rehearsal<RehearsalClock>, RehearsalClock>;

/// A simulated account, and the options of its runs.
pub(crate) struct Harness {
    pub(crate) state: RefCell<AccountState>,
    /// The faults of resources in the next run.
    pub(crate) faults: RefCell<Vec<ResourceFault>>,
    /// The services whose tasks fail in their next deployments, until they are removed from here.
    pub(crate) task_faults: RefCell<Vec<ServiceFault>>,
    /// Whether plans are approved.
    pub(crate) approve: Cell<bool>,
    pub(crate) options: RefCell<EngineOptions>,
    /// The time after which the next run is detached.
    pub(crate) stop_after: Cell<Option<Duration>>,
    /// The stop requests of the next run, each with the time since the previous one.
    pub(crate) stop_requests: RefCell<Vec<(Duration, StopRequest)>>,
    /// The API faults of every run.
    pub(crate) api_faults: Cell<ApiFaults>,
    /// The time after which the next run is killed.
    pub(crate) kill_after: Cell<Option<Duration>>,
    /// The publisher of images of the next run.
    publisher: RefCell<Option<Box<dyn ImagePublisher>>>,
    /// The number of runs so far.
    runs: Cell<u32>,
}

impl Harness {
    /// Creates a harness with an empty account.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            state: RefCell::new(AccountState::new(seed)),
            faults: RefCell::default(),
            task_faults: RefCell::default(),
            approve: Cell::new(true),
            options: RefCell::new(EngineOptions::new("")),
            stop_after: Cell::new(None),
            stop_requests: RefCell::default(),
            api_faults: Cell::default(),
            kill_after: Cell::new(None),
            publisher: RefCell::default(),
            runs: Cell::new(0),
        }
    }

    /// Adds a fault to the next run.
    pub(crate) fn fault(&self, fault: ResourceFault) {
        self.faults.borrow_mut().push(fault);
    }

    /// Adds a fault to the tasks of a service, for all runs from now on.
    pub(crate) fn fail_tasks(&self, service: &str, task_fault: TaskFault) {
        self.task_faults.borrow_mut().push(ServiceFault { service: service.to_owned(), task_fault });
    }

    /// Deploys stacks.
    pub(crate) fn deploy(&self, stacks: &[DesiredStack]) -> RunReport {
        self.run(async |run| run.deploy(stacks, &async |_: &Plan| self.approve.get()).await)
    }

    /// Deploys stacks with a publisher of images.
    pub(crate) fn deploy_with(
        &self,
        stacks: &[DesiredStack],
        publisher: Option<impl ImagePublisher + 'static>,
    ) -> RunReport {
        *self.publisher.borrow_mut() = publisher.map(|publisher| Box::new(publisher) as Box<dyn ImagePublisher>);
        self.deploy(stacks)
    }

    /// Plans stacks, and writes and reads the plan as a file.
    pub(crate) fn plan(&self, stacks: &[DesiredStack]) -> SavedPlan {
        let planned = RefCell::new(Vec::new());
        self.run(async |run| {
            planned.replace(run.plan(stacks).await);
            Outcome::default()
        });
        let stacks = planned.take().into_iter().map(|saved| saved.expect("a plan")).collect();
        let place = AwsEnvironment { account: String::new(), region: String::new(), partition: String::new() };
        let saved = SavedPlan::new("app.rhai", place, self.now(), stacks);
        let file = serde_json::to_string(&saved).expect("a plan can be written");
        serde_json::from_str(&file).expect("a written plan can be read")
    }

    /// Deletes stacks.
    pub(crate) fn destroy(&self, stacks: &[DesiredStack]) -> RunReport {
        self.run(async |run| run.destroy(stacks).await)
    }

    /// Calls the API of the account and saves its state; the calls may take time.
    pub(crate) fn with_api<T>(&self, call: impl AsyncFnOnce(Rehearsal<RehearsalClock>) -> T) -> T {
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
            let api = Rehearsal::new(state, clock, "eu-central-1", faults);
            let answer = call(api.clone()).await;
            *self.state.borrow_mut() = api.state();
            answer
        })
    }

    /// Rolls stacks back; `previous` is their previous version.
    pub(crate) fn rollback(
        &self,
        stacks: &[DesiredStack],
        skip: &[&str],
        previous: Option<&DesiredStack>,
    ) -> RunReport {
        let skip: Vec<String> = skip.iter().map(|id| (*id).to_owned()).collect();
        let previous = |_: &DesiredStack, _: &DeployedStack| previous.cloned();
        let options = RollbackOptions { skip: &skip, previous: &previous };
        self.run(async |run| run.rollback(stacks, &options, &async |_: &Plan| self.approve.get()).await)
    }

    /// Imports resources into a stack, each as the user writes it.
    pub(crate) fn import(&self, stack: &DesiredStack, resources: &[&str]) -> RunReport {
        let resources: Vec<_> = resources.iter().map(|it| importable(stack, it).expect("importable")).collect();
        self.run(async |run| {
            let outcome = Box::pin(run.import(stack, &resources, &async |_: &Plan| self.approve.get())).await;
            Outcome { stacks: vec![outcome], problems: Vec::new() }
        })
    }

    /// Returns the drift of a stack.
    pub(crate) fn drift(&self, stack: &DesiredStack) -> Vec<ResourceDrift> {
        let found = RefCell::new(Vec::new());
        self.run(async |run| {
            found.replace(run.drift(stack).await.expect("an answer").expect("a stack"));
            Outcome::default()
        });
        found.take()
    }

    /// Runs the engine with the options, faults and stop requests of the harness.
    pub(crate) fn run(&self, execute: impl AsyncFnOnce(&Engine<'_, TestApi, RehearsalClock>) -> Outcome) -> RunReport {
        let (mut events, mut duration) = (Vec::new(), Duration::ZERO);
        self.runs.set(self.runs.get() + 1);
        let outcome = self.with_api(async |api| {
            let start = self.state.borrow().now + Duration::from_mins(1);
            let clock = RehearsalClock::new(start, 1.0);
            let options = EngineOptions { run: format!("rtiler-{}", self.runs.get()), ..self.options.borrow().clone() };
            let (handle, stop) = stop_channel();
            let seed = u64::from(self.runs.get());
            let api = FaultyApi::new(api, clock, self.api_faults.get(), seed, |_| ());
            let run = Engine::new(api, clock, options, |event| events.push(event), stop);
            let run = match self.publisher.take() {
                Some(publisher) => run.with_publisher(publisher),
                None => run,
            };
            let requested = async {
                let detach = self.stop_after.take().map(|after| (after, StopRequest::Detach));
                for (after, request) in detach.into_iter().chain(self.stop_requests.take()) {
                    clock.sleep(after).await;
                    handle.request(request);
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
            let ended = async { select(std::pin::pin!(requested), std::pin::pin!(killed)).await.factor_first().0 };
            let outcome = select(std::pin::pin!(execute(&run)), std::pin::pin!(ended)).await.factor_first().0;
            duration = clock.now().since(start);
            outcome
        });
        RunReport { outcome, events, duration }
    }

    /// Returns the status of a stack.
    pub(crate) fn status(&self, stack: &str) -> Option<String> {
        self.with_api(async |api| {
            let found = api.describe_stack(stack).await.expect("an answer");
            found.map(|found| found.status.to_string())
        })
    }

    /// Returns the number of resources that exist.
    pub(crate) fn resource_count(&self) -> usize {
        self.state.borrow().existing_resources().len()
    }

    /// Returns the time of the account.
    pub(crate) fn now(&self) -> Timestamp {
        self.state.borrow().now
    }
}
