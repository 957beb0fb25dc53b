//! A stage for scenarios: an account that is rehearsed from run to run, in virtual time.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use futures_util::future::select;
use indexmap::IndexMap;

use super::{Back, Options, Run, Wish, importable, wishes};
use crate::cfn::parse;
use crate::deploy::desired::DesiredStack;
use crate::deploy::event::{Event, Fact};
use crate::deploy::outcome::Outcome;
use crate::deploy::plan::{Live, Plan};
use crate::deploy::ports::{Clock, Cloud, Drift, Place, StackEvent, Timestamp};
use crate::deploy::rehearsal::{
    Fault, Faults, Rehearsal, RehearsalClock, ServiceFault, State, Trouble, Weather, Weathered,
};
use crate::deploy::saved::SavedPlan;
use crate::diag::Origin;

/// A stack whose template is YAML.
pub(in crate::deploy) fn stack(name: &str, yaml: &str) -> DesiredStack {
    let read = parse::template(&format!("{name}.yaml"), yaml);
    assert_eq!(read.problems, [], "the template of a scenario is sound");
    DesiredStack {
        name: name.to_owned(),
        region: None,
        template: read.value.expect("a template"),
        body: yaml.to_owned(),
        parameters: IndexMap::new(),
        tags: IndexMap::new(),
        termination_protection: false,
        after: Vec::new(),
        origin: Origin::new(format!("{name}.yaml"), 1, 1),
    }
}

/// What a run came to.
pub(in crate::deploy) struct Played {
    pub(in crate::deploy) outcome: Outcome,
    pub(in crate::deploy) events: Vec<Event>,
    pub(in crate::deploy) took: Duration,
}

impl Played {
    /// The events of AWS for a stack, in the order in which they were told.
    pub(in crate::deploy) fn of_aws(&self, stack: &str) -> Vec<&StackEvent> {
        let told = self.events.iter().filter(|event| event.stack == stack);
        let told = told.filter_map(|event| match &event.fact {
            Fact::Progressed { event } => Some(event),
            _ => None,
        });
        told.collect()
    }

    /// The statuses that a resource (or the stack itself, by its name) went through.
    pub(in crate::deploy) fn way(&self, stack: &str, id: &str) -> Vec<&str> {
        let mut way: Vec<_> = self
            .of_aws(stack)
            .into_iter()
            .filter(|event| event.logical_id == id)
            .map(|event| event.status.as_str())
            .collect();
        way.dedup();
        way
    }

    pub(in crate::deploy) fn plan(&self, stack: &str) -> &Plan {
        let told = self.events.iter().filter(|event| event.stack == stack);
        let mut plans =
            told.filter_map(|event| if let Fact::Planned { plan } = &event.fact { Some(plan) } else { None });
        plans.next_back().expect("a plan was told")
    }
}

/// An account as runs reach it.
pub(in crate::deploy) type Staged = Weathered<Rehearsal<RehearsalClock>, RehearsalClock>;

/// The stage.
pub(in crate::deploy) struct Stage {
    pub(in crate::deploy) state: RefCell<State>,
    pub(in crate::deploy) faults: RefCell<Vec<Fault>>,
    /// Services whose next deployments come to grief, until they are taken out again.
    pub(in crate::deploy) troubles: RefCell<Vec<ServiceFault>>,
    pub(in crate::deploy) approve: Cell<bool>,
    pub(in crate::deploy) options: RefCell<Options>,
    pub(in crate::deploy) stop_after: Cell<Option<Duration>>,
    /// What the caller wishes, each so long after the one before.
    pub(in crate::deploy) wishes: RefCell<Vec<(Duration, Wish)>>,
    /// How AWS is reached in every run.
    pub(in crate::deploy) weather: Cell<Weather>,
    /// When the next run is killed, without a word.
    pub(in crate::deploy) kill_after: Cell<Option<Duration>>,
    runs: Cell<u32>,
}

impl Stage {
    pub(in crate::deploy) fn new(seed: u64) -> Self {
        Self {
            state: RefCell::new(State::new(seed)),
            faults: RefCell::default(),
            troubles: RefCell::default(),
            approve: Cell::new(true),
            options: RefCell::new(Options::new("")),
            stop_after: Cell::new(None),
            wishes: RefCell::default(),
            weather: Cell::default(),
            kill_after: Cell::new(None),
            runs: Cell::new(0),
        }
    }

    pub(in crate::deploy) fn fault(&self, fault: Fault) {
        self.faults.borrow_mut().push(fault);
    }

    /// From now on the tasks of a service come to grief.
    pub(in crate::deploy) fn trouble(&self, service: &str, trouble: Trouble) {
        self.troubles.borrow_mut().push(ServiceFault { service: service.to_owned(), trouble });
    }

    pub(in crate::deploy) fn deploy(&self, stacks: &[DesiredStack]) -> Played {
        self.play(async |run| run.deploy(stacks, &async |_: &Plan| self.approve.get()).await)
    }

    /// Makes a plan and keeps it, as a file would.
    pub(in crate::deploy) fn plan(&self, stacks: &[DesiredStack]) -> SavedPlan {
        let planned = RefCell::new(Vec::new());
        self.play(async |run| {
            planned.replace(run.plan(stacks).await);
            Outcome::default()
        });
        let stacks = planned.take().into_iter().map(|saved| saved.expect("a plan")).collect();
        let place = Place { account: String::new(), region: String::new(), partition: String::new() };
        let saved =
            SavedPlan { version: SavedPlan::VERSION, script: "app.rhai".to_owned(), place, made: self.now(), stacks };
        let file = serde_json::to_string(&saved).expect("a plan can be written");
        serde_json::from_str(&file).expect("and read")
    }

    pub(in crate::deploy) fn destroy(&self, stacks: &[DesiredStack]) -> Played {
        self.play(async |run| run.destroy(stacks).await)
    }

    /// Asks the account something; the asking itself may take time.
    pub(in crate::deploy) fn ask<T>(&self, ask: impl AsyncFnOnce(Rehearsal<RehearsalClock>) -> T) -> T {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
        runtime.block_on(async {
            let state = self.state.borrow().clone();
            let clock = RehearsalClock::new(state.now + Duration::from_mins(1), 1.0);
            let faults = Faults {
                steps: self.faults.take(),
                services: self.troubles.borrow().clone(),
                weather: Weather::default(),
            };
            let cloud = Rehearsal::new(state, clock, "eu-central-1", faults);
            let answer = ask(cloud.clone()).await;
            *self.state.borrow_mut() = cloud.state();
            answer
        })
    }

    /// Takes stacks back; `former` is what they were.
    pub(super) fn rollback(&self, stacks: &[DesiredStack], skip: &[&str], former: Option<&DesiredStack>) -> Played {
        let skip: Vec<String> = skip.iter().map(|id| (*id).to_owned()).collect();
        let former = |_: &DesiredStack, _: &Live| former.cloned();
        let back = Back { skip: &skip, former: &former };
        self.play(async |run| run.rollback(stacks, &back, &async |_: &Plan| self.approve.get()).await)
    }

    /// Takes resources into a stack, each as the user writes it.
    pub(super) fn import(&self, stack: &DesiredStack, resources: &[&str]) -> Played {
        let resources: Vec<_> = resources.iter().map(|it| importable(stack, it).expect("importable")).collect();
        self.play(async |run| {
            let outcome = run.import(stack, &resources, &async |_: &Plan| self.approve.get()).await;
            Outcome { stacks: vec![outcome], problems: Vec::new() }
        })
    }

    pub(super) fn drift(&self, stack: &DesiredStack) -> Vec<Drift> {
        let found = RefCell::new(Vec::new());
        self.play(async |run| {
            found.replace(run.drift(stack).await.expect("an answer").expect("a stack"));
            Outcome::default()
        });
        found.take()
    }

    pub(super) fn play(&self, go: impl AsyncFnOnce(&Run<'_, Staged, RehearsalClock>) -> Outcome) -> Played {
        let (mut events, mut took) = (Vec::new(), Duration::ZERO);
        self.runs.set(self.runs.get() + 1);
        let outcome = self.ask(async |cloud| {
            let start = self.state.borrow().now + Duration::from_mins(1);
            let clock = RehearsalClock::new(start, 1.0);
            let options = Options { run: format!("rtiler-{}", self.runs.get()), ..self.options.borrow().clone() };
            let (wisher, wishes) = wishes();
            let seed = u64::from(self.runs.get());
            let cloud = Weathered::new(cloud, clock, self.weather.get(), seed, |_| ());
            let run = Run::new(cloud, clock, options, |event| events.push(event), wishes);
            let made = async {
                let planned = self.stop_after.take().map(|after| (after, Wish::Leave));
                for (after, wish) in planned.into_iter().chain(self.wishes.take()) {
                    clock.sleep(after).await;
                    wisher.wish(wish);
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
        Played { outcome, events, took }
    }

    /// The status of a stack, by name.
    pub(in crate::deploy) fn status(&self, stack: &str) -> Option<String> {
        self.ask(async |cloud| {
            let found = cloud.describe_stack(stack).await.expect("an answer");
            found.map(|found| found.status.to_string())
        })
    }

    /// How many things exist.
    pub(in crate::deploy) fn things(&self) -> usize {
        self.state.borrow().things().len()
    }

    pub(in crate::deploy) fn now(&self) -> Timestamp {
        self.state.borrow().now
    }
}
