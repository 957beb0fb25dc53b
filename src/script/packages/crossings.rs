//! The calls from one domain into another that are running now, and what each package used of the limits.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use rhai::EvalAltResult;

use crate::diag::Origin;
use crate::package::LoadedPackage;
use crate::script::limits::Exceeded;
use crate::script::usage::Usage;

/// A call from one domain into another, or an import of a package.
pub(in crate::script) struct Crossing {
    /// The package that is entered; none for the project.
    pub(in crate::script) into: Option<Rc<LoadedPackage>>,
    /// Whether the project makes the call.
    pub(in crate::script) is_of_project: bool,
    /// The function that is called.
    pub(in crate::script) function: String,
    /// The place of the call.
    pub(in crate::script) origin: Origin,
}

/// The number of steps between two looks at the clock.
const CLOCK_INTERVAL: u64 = 64;

/// A crossing that is running.
struct Running {
    crossing: Crossing,
    started: Usage,
    /// The use of other domains that this one called.
    elsewhere: Usage,
    /// The end of the share of the caller.
    end_before: Usage,
}

/// The package that was running when a limit ended the evaluation.
#[derive(Debug, Clone)]
pub(in crate::script) struct Exhausted {
    /// Its name.
    pub(in crate::script) package: String,
    /// The function of it that the project called, and the place of the call.
    pub(in crate::script) call: Option<(String, Origin)>,
}

/// The crossings of one evaluation.
pub(in crate::script) struct Crossings {
    running: RefCell<Vec<Running>>,
    used: RefCell<BTreeMap<String, Usage>>,
    /// The moment at which the share of the running package ends.
    end: Cell<Usage>,
    exhausted: RefCell<Option<Exhausted>>,
    /// Whether a limit ended the evaluation.
    is_ended: Cell<bool>,
}

impl Default for Crossings {
    fn default() -> Self {
        Self {
            running: RefCell::default(),
            used: RefCell::default(),
            end: Cell::new(Usage::UNLIMITED),
            exhausted: RefCell::default(),
            is_ended: Cell::default(),
        }
    }
}

impl Crossings {
    /// Begins a crossing. `share` is what one package may use in all.
    pub(in crate::script) fn enter(&self, crossing: Crossing, now: Usage, share: Usage) {
        let end_before = self.end.get();
        let end = crossing.into.as_ref().map_or(Usage::UNLIMITED, |package| {
            let used = self.used.borrow().get(package.manifest.name.as_str()).copied().unwrap_or_default();
            now.plus(share.minus(used))
        });
        self.end.set(end);
        let running = Running { crossing, started: now, elsewhere: Usage::default(), end_before };
        self.running.borrow_mut().push(running);
    }

    /// Ends the last crossing, and records a limit that was reached in it.
    pub(in crate::script) fn leave(&self, now: Usage, error: Option<&EvalAltResult>) {
        // The innermost crossing ends first: the code in it was running.
        if error.is_some_and(is_limit) && !self.is_ended.replace(true) {
            *self.exhausted.borrow_mut() = self.exhausted_now();
        }
        let mut all = self.running.borrow_mut();
        let Some(last) = all.pop() else { return };
        let whole = now.minus(last.started);
        if let Some(package) = &last.crossing.into {
            let mut used = self.used.borrow_mut();
            let used = used.entry(package.manifest.name.to_string()).or_default();
            *used = used.plus(whole.minus(last.elsewhere));
        }
        if let Some(caller) = all.last_mut() {
            caller.elsewhere = caller.elsewhere.plus(whole);
        }
        self.end.set(last.end_before.plus(whole));
    }

    fn exhausted_now(&self) -> Option<Exhausted> {
        let package = self.running.borrow().last()?.crossing.into.as_ref()?.manifest.name.to_string();
        Some(Exhausted { package, call: self.call_of_project() })
    }

    /// Returns the limit that the running package exceeds. The clock is read at some steps only.
    pub(in crate::script) fn exceeded(&self, steps: u64, time: impl FnOnce() -> Duration) -> Option<Exceeded> {
        let end = self.end.get();
        if end.steps == u64::MAX {
            return None;
        }
        if steps > end.steps {
            return Some(Exceeded::ShareOfOperations);
        }
        (steps.is_multiple_of(CLOCK_INTERVAL) && time() > end.time).then_some(Exceeded::ShareOfTime)
    }

    /// Returns the package in which a limit ended the evaluation.
    pub(in crate::script) fn exhausted(&self) -> Option<Exhausted> {
        self.exhausted.borrow().clone()
    }

    /// Returns the last call that the project made into a package, and its place.
    pub(in crate::script) fn call_of_project(&self) -> Option<(String, Origin)> {
        let all = self.running.borrow();
        let found = all.iter().rev().map(|running| &running.crossing).find(|crossing| crossing.is_of_project)?;
        Some((found.function.clone(), found.origin.clone()))
    }
}

/// Returns whether a limit ended the evaluation.
fn is_limit(error: &EvalAltResult) -> bool {
    use EvalAltResult as E;
    match error {
        E::ErrorInFunctionCall(_, _, inner, _) | E::ErrorInModule(_, inner, _) => is_limit(inner),
        E::ErrorTooManyOperations(_)
        | E::ErrorStackOverflow(_)
        | E::ErrorTooManyVariables(_)
        | E::ErrorTooManyModules(_)
        | E::ErrorDataTooLarge(..)
        | E::ErrorTerminated(..) => true,
        _ => false,
    }
}
