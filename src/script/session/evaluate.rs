//! How a session goes on: it is evaluated with what is new, keeps what it needs, and forgets what was overtaken.

use std::rc::Rc;

use super::entry;
use super::entry::SessionEntry;
use super::snapshot::Snapshot;
use super::{Diagnostics, DisplayValue, EntryResult, Evaluated, LastValue, Session};
use crate::script::concatenated_source::ConcatenatedSource;
use crate::script::eval_state::WHOLE;
use crate::script::{Input, evaluate};
use crate::settings::SettingInput;

/// How many lines are looked at after each for whether they may be forgotten: each look is an evaluation.
const MOST_ATTEMPTS: usize = 2;

impl Session {
    /// Evaluates the session with a new unit at its end.
    pub(super) fn advance(&mut self, mut units: Vec<SessionEntry>, unit: SessionEntry) -> EntryResult {
        entry::forget_looks(&mut units, &unit);
        units.push(unit);
        let (world, value) = match self.evaluate(&units, &self.given) {
            Ok(run) => run,
            Err(entered) => return entered,
        };
        let told = self.told(&world);
        if told.has_errors() {
            return EntryResult::Failed(told);
        }
        let mut unit = units.pop().expect("the new unit was put there");
        let mut changed = world.changes(&self.world);
        let comes_or_goes = |name: &str| world.get(name).is_none() || self.world.get(name).is_none();
        let unnamed = |name: &str| units.iter().chain(&self.units).any(|unit| unit.keeps.as_deref() == Some(name));
        changed.retain(|name| !(comes_or_goes(name) && unnamed(name)));
        let value = value.map(|value| DisplayValue::new(value, Rc::clone(&world)));
        let gives_stacks = value.as_ref().is_some_and(|value| !value.stacks().is_empty());
        let stays = unit.loaded || !changed.is_empty() || unit.declares() || world.asks_more(&self.world);
        let kept = stays || gives_stacks;
        unit.only_looks = !stays;
        if gives_stacks {
            unit.keep(&world, value.as_ref().is_some_and(DisplayValue::is_stack));
        }
        let printed = world.printed_since(&self.world);
        if let Some(value) = &value {
            self.last = Some(LastValue { unit: unit.clone(), before: units.len(), value: value.clone() });
        }
        if kept {
            units.push(unit);
            self.accept(units, world);
        } else if units.len() != self.units.len() || !units.iter().zip(&self.units).all(|(a, b)| a.is_the_same(b)) {
            // The line used `_`, which is a variable from now on.
            self.accept_again(units);
        }
        EntryResult::Done(Evaluated { value, printed, told, changed, kept })
    }

    /// Evaluates other units, or the same with other settings.
    pub(super) fn again(&mut self, units: Vec<SessionEntry>, given: Vec<SettingInput>) -> EntryResult {
        let (world, _) = match self.evaluate(&units, &given) {
            Ok(run) => run,
            Err(entered) => return entered,
        };
        let told = Diagnostics { problems: world.problems(), sources: world.sources() };
        if told.has_errors() {
            return EntryResult::Failed(told);
        }
        let changed = world.changes(&self.world);
        (self.units, self.given, self.world) = (units, given, world);
        EntryResult::Done(Evaluated { told, changed, kept: true, ..Evaluated::nothing() })
    }

    fn accept(&mut self, units: Vec<SessionEntry>, world: Rc<Snapshot>) {
        let kept = units.iter().any(|unit| unit.keeps.is_some());
        let overridden = entry::overrides(&units);
        self.units = units;
        self.world = world;
        if overridden {
            entry::forget_overridden(&mut self.units);
        }
        if kept || overridden {
            self.accept_again(self.units.clone());
        }
        while self.forget_what_was_set_again() {}
        if let Some(last) = &mut self.last {
            last.before = last.before.min(self.units.len());
        }
    }

    fn accept_again(&mut self, units: Vec<SessionEntry>) {
        if let Ok((world, _)) = self.evaluate(&units, &self.given) {
            (self.units, self.world) = (units, world);
        }
    }

    /// A variable that was set again, and that nothing else was made of, leaves no trace of what it was; true where
    /// there was one.
    fn forget_what_was_set_again(&mut self) -> bool {
        entry::set_again(&self.units).into_iter().take(MOST_ATTEMPTS).any(|at| self.forget(at))
    }

    /// Forgets a unit, where the session is the same without it.
    fn forget(&mut self, at: usize) -> bool {
        let mut fewer = self.units.clone();
        fewer.remove(at);
        let Ok((world, _)) = self.evaluate(&fewer, &self.given) else { return false };
        let same = world.changes(&self.world).is_empty()
            && world.settings().len() == self.world.settings().len()
            && world.problems().len() <= self.world.problems().len();
        if same {
            (self.units, self.world) = (fewer, world);
        }
        same
    }

    fn evaluate(
        &self,
        units: &[SessionEntry],
        given: &[SettingInput],
    ) -> Result<(Rc<Snapshot>, Option<rhai::Dynamic>), EntryResult> {
        let whole = Rc::new(ConcatenatedSource::of(entry::parts(units)));
        let input = Input {
            name: WHOLE,
            text: &whole.text,
            files: Rc::clone(&self.files),
            given: given.to_vec(),
            limits: self.limits.clone(),
        };
        let run = evaluate(&input, Some(&whole));
        if run.interrupted {
            return Err(EntryResult::Interrupted);
        }
        let value = run.value.clone().filter(|value| !value.is_unit());
        Ok((Rc::new(Snapshot::of(run)), value))
    }

    /// What is new among the problems.
    fn told(&self, world: &Snapshot) -> Diagnostics {
        let known = self.world.problems();
        let problems = world.problems().into_iter().filter(|problem| !known.contains(problem)).collect();
        Diagnostics { problems, sources: world.sources() }
    }
}
