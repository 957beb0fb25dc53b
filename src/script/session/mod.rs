//! A session: a script that is written line by line.
//!
//! What was accepted is a script, and a new line is evaluated at its end, from the beginning: evaluation is pure and
//! takes milliseconds. So nothing is remembered that could be wrong: a line that fails leaves nothing behind, a setting
//! or a file that changed is the same evaluation with other input, and the saved script is the session itself.
//!
//! | file | what is in it |
//! |---|---|
//! | `unit` | a line or file that was accepted, and what becomes of it in the script |
//! | `world` | what an evaluation came to, and whether two differ |
//! | `ending` | whether a text is at its end, or goes on in the next line |
//! | `reading` | lines that become entries |
//! | `express` | values as the expressions that make them |
//! | `plain` | values as JSON |
//! | `lexeme` | the parts of a line, to be painted |
//! | `saved` | the session as a script |
//! | `complete` | what may stand at the cursor, and what the call around it takes |
//!
//! *Invariant*: a session knows no terminal, and what is looked at changes nothing.

mod complete;
mod ending;
mod express;
mod lexeme;
mod plain;
mod reading;
mod saved;
mod unit;
mod world;

#[cfg(test)]
mod tests;

use std::rc::Rc;

pub use complete::{Candidate, Completion, Folder, Hint, Sort};
pub use lexeme::{Lexeme, call_at, lexemes};
pub use reading::Reading;
pub use world::Shown;

use super::state::WHOLE;
use super::tokens::{Kind, tokens};
use super::whole::Whole;
use super::{Files, Input, Limits, Unreadable, evaluate};
use crate::block::Program;
use crate::diag::{Diagnostic, Origin, Severity, Sink, Sources, did_you_mean};
use crate::settings::{Given, Setting, Source};
use unit::Unit;
use world::World;

/// How many lines are looked at after each for whether they may be forgotten: each look is an evaluation.
const MOST_ATTEMPTS: usize = 2;

/// A session.
#[derive(Clone)]
pub struct Session {
    files: Rc<dyn Files>,
    given: Vec<Given>,
    limits: Limits,
    units: Vec<Unit>,
    world: Rc<World>,
    last: Option<Last>,
    /// The lines that were typed so far.
    lines: usize,
}

/// The line whose value `_` is.
#[derive(Clone)]
struct Last {
    unit: Unit,
    /// How many units stood before it.
    before: usize,
    value: Shown,
}

/// What became of a line or file.
pub enum Entered {
    /// It is not at its end: more lines are wanted.
    Incomplete,
    /// It was evaluated.
    Done(Done),
    /// It has errors; the session is as it was before.
    Failed(Told),
    /// The user ended it; the session is as it was before.
    Interrupted,
}

/// Problems with the texts that they point into.
#[derive(Default)]
pub struct Told {
    /// What is wrong, or worth knowing.
    pub problems: Sink,
    /// What the problems point into.
    pub sources: Sources,
}

/// What a line that was evaluated gave.
pub struct Done {
    /// Its value, where there is one.
    pub value: Option<Shown>,
    /// What it printed, with where.
    pub printed: Vec<(Origin, String)>,
    /// Warnings.
    pub told: Told,
    /// The variables that it made or changed.
    pub changed: Vec<String>,
    /// True where it stays in the session, false where it only looked.
    pub kept: bool,
}

impl Session {
    /// An empty session; the files that it may read, what users gave for settings, and what a line may cost.
    pub fn new(files: Rc<dyn Files>, given: Vec<Given>, limits: Limits) -> Self {
        let world = Rc::new(World::default());
        Self { files, given, limits, units: Vec::new(), world, last: None, lines: 0 }
    }

    /// Evaluates a line or several.
    pub fn enter(&mut self, text: &str) -> Entered {
        if tokens(text).all(|token| token.kind == Kind::Comment) && ending::is_complete(text) {
            return Entered::Done(Done::nothing());
        }
        if !ending::is_complete(text) {
            return Entered::Incomplete;
        }
        self.lines += 1;
        let mut unit = Unit::typed(self.lines, text);
        let mut units = self.units.clone();
        if let Some(place) = unit.underscore() {
            match &self.last {
                Some(last) => unit.use_last(last.promote(&mut units)),
                None => return Entered::Failed(no_last_value(&unit, &place)),
            }
        }
        self.advance(units, unit)
    }

    /// Evaluates a line and leaves the session as it was.
    pub fn look(&self, text: &str) -> Entered {
        self.clone().enter(text)
    }

    /// Time since any moment before the session, by the meter of its limits.
    pub fn elapsed(&self) -> std::time::Duration {
        self.limits.meter.elapsed()
    }

    /// Evaluates a file and makes its variables the session's; one that was loaded before is replaced.
    pub fn load(&mut self, path: &str) -> Entered {
        let text = match self.read(path) {
            Ok(text) => text,
            Err(told) => return Entered::Failed(told),
        };
        let mut units = self.units.clone();
        let unit = Unit::loaded(path, &text);
        if let Some(known) = units.iter_mut().find(|known| known.is_file(path)) {
            known.rewrite(&text);
            return self.again(units, self.given.clone());
        }
        let mut entered = self.advance(units, unit);
        if let Entered::Done(done) = &mut entered {
            // What was given and asked for by nobody is worth knowing, and stops nothing: a later script may ask for it.
            let unclaimed = self.world.state.settings.borrow().unclaimed().into_iter();
            done.told.problems.extend(unclaimed.map(|problem| Diagnostic { severity: Severity::Warning, ..problem }));
        }
        entered
    }

    /// Reads every loaded file again and evaluates the session with them.
    pub fn reload(&mut self) -> Entered {
        let mut units = self.units.clone();
        for unit in units.iter_mut().filter(|unit| unit.loaded) {
            match self.read(&unit.name) {
                Ok(text) => unit.rewrite(&text),
                Err(told) => return Entered::Failed(told),
            }
        }
        self.again(units, self.given.clone())
    }

    /// Gives a setting a value, as `--set` does, and evaluates the session with it.
    pub fn set(&mut self, name: &str, value: &str) -> Entered {
        let settings = self.world.settings();
        if !settings.is_empty() && !settings.iter().any(|setting| setting.name == name) {
            let names = settings.iter().map(|setting| setting.name.as_str());
            let problem = Diagnostic::error("unknown-setting", format!("no script asks for the setting `{name}`"));
            let problem = problem.help_if(did_you_mean(name, names)).help("`:settings` lists them");
            return Entered::Failed(Told { problems: vec![problem], sources: Sources::default() });
        }
        let mut given = self.given.clone();
        given.retain(|known| known.source != Source::Flag || known.name != name);
        given.push(Given { name: name.to_owned(), value: value.to_owned(), source: Source::Flag });
        self.again(self.units.clone(), given)
    }

    /// Forgets everything but what users gave for settings.
    pub fn reset(&mut self) {
        self.units.clear();
        self.world = Rc::new(World::default());
        self.last = None;
    }

    /// The variables, in the order of their declarations.
    pub fn variables(&self) -> Vec<(String, Shown)> {
        let shown = |value: &rhai::Dynamic| Shown::new(value.clone(), Rc::clone(&self.world));
        self.world.variables().map(|(name, value)| (name.to_owned(), shown(value))).collect()
    }

    /// The value of a variable.
    pub fn variable(&self, name: &str) -> Option<Shown> {
        let value = self.world.get(name)?.clone();
        Some(Shown::new(value, Rc::clone(&self.world)))
    }

    /// The value of the last line that had one: `_`.
    pub fn last(&self) -> Option<&Shown> {
        self.last.as_ref().map(|last| &last.value)
    }

    /// The functions that the session defined: names with their parameters.
    pub fn functions(&self) -> Vec<String> {
        unit::functions(&self.units)
    }

    /// The settings that were asked for.
    pub fn settings(&self) -> Vec<Setting> {
        self.world.settings()
    }

    /// The files that were loaded.
    pub fn loaded(&self) -> Vec<String> {
        self.units.iter().filter(|unit| unit.loaded).map(|unit| unit.name.to_string()).collect()
    }

    /// The stacks of the session: those that the last line or file with any gave, else those that variables hold.
    pub fn program(&self) -> Program {
        let kept = self.units.iter().rev().filter(|unit| unit.gives_stacks).find_map(|unit| unit.keeps.as_deref());
        let kept = kept.and_then(|name| self.variable(name));
        let stacks = kept.map(|value| value.stacks()).unwrap_or_default();
        let held = || self.variables().into_iter().flat_map(|(_, value)| value.stacks());
        let mut all: Vec<_> = if stacks.is_empty() { held().collect() } else { stacks };
        let mut seen = Vec::new();
        all.reverse();
        all.retain(|stack: &Rc<crate::block::Stack>| {
            let new = !seen.contains(&stack.name.value);
            seen.push(stack.name.value.clone());
            new
        });
        all.reverse();
        Program { stacks: all, mentions: self.world.mentions() }
    }

    /// The texts that problems of the session's stacks point into.
    pub fn sources(&self) -> Sources {
        self.world.sources()
    }

    fn read(&self, path: &str) -> Result<String, Told> {
        let told = |problem: Diagnostic| {
            let problem = problem.at(&Origin::new(path, 0, 0), "");
            Told { problems: vec![problem], sources: Sources::default() }
        };
        let text = self.files.read(path).map_err(|why: Unreadable| told(why.problem(path)))?;
        if ending::is_in_comment(&text) {
            // The lines after it would be part of the comment.
            return Err(told(
                Diagnostic::error("syntax-error", "the file ends inside of a comment").help("close it: `*/`"),
            ));
        }
        Ok(text)
    }

    /// Evaluates the session with a new unit at its end.
    fn advance(&mut self, mut units: Vec<Unit>, unit: Unit) -> Entered {
        unit::forget_looks(&mut units, &unit);
        units.push(unit);
        let (world, value) = match self.evaluate(&units, &self.given) {
            Ok(run) => run,
            Err(entered) => return entered,
        };
        let told = self.told(&world);
        if told.has_errors() {
            return Entered::Failed(told);
        }
        let mut unit = units.pop().expect("the new unit was put there");
        let mut changed = world.changes(&self.world);
        let comes_or_goes = |name: &str| world.get(name).is_none() || self.world.get(name).is_none();
        let unnamed = |name: &str| units.iter().chain(&self.units).any(|unit| unit.keeps.as_deref() == Some(name));
        changed.retain(|name| !(comes_or_goes(name) && unnamed(name)));
        let value = value.map(|value| Shown::new(value, Rc::clone(&world)));
        let gives_stacks = value.as_ref().is_some_and(|value| !value.stacks().is_empty());
        let stays = unit.loaded || !changed.is_empty() || unit.declares() || world.asks_more(&self.world);
        let kept = stays || gives_stacks;
        unit.only_looks = !stays;
        if gives_stacks {
            unit.keep(&world, value.as_ref().is_some_and(Shown::is_stack));
        }
        let printed = world.printed_since(&self.world);
        if let Some(value) = &value {
            self.last = Some(Last { unit: unit.clone(), before: units.len(), value: value.clone() });
        }
        if kept {
            units.push(unit);
            self.accept(units, world);
        } else if units.len() != self.units.len() || !units.iter().zip(&self.units).all(|(a, b)| a.is_the_same(b)) {
            // The line used `_`, which is a variable from now on.
            self.accept_again(units);
        }
        Entered::Done(Done { value, printed, told, changed, kept })
    }

    /// Evaluates other units, or the same with other settings.
    fn again(&mut self, units: Vec<Unit>, given: Vec<Given>) -> Entered {
        let (world, _) = match self.evaluate(&units, &given) {
            Ok(run) => run,
            Err(entered) => return entered,
        };
        let told = Told { problems: world.problems(), sources: world.sources() };
        if told.has_errors() {
            return Entered::Failed(told);
        }
        let changed = world.changes(&self.world);
        (self.units, self.given, self.world) = (units, given, world);
        Entered::Done(Done { told, changed, kept: true, ..Done::nothing() })
    }

    fn accept(&mut self, units: Vec<Unit>, world: Rc<World>) {
        let kept = units.iter().any(|unit| unit.keeps.is_some());
        let overridden = unit::overrides(&units);
        self.units = units;
        self.world = world;
        if overridden {
            unit::forget_overridden(&mut self.units);
        }
        if kept || overridden {
            self.accept_again(self.units.clone());
        }
        while self.forget_what_was_set_again() {}
        if let Some(last) = &mut self.last {
            last.before = last.before.min(self.units.len());
        }
    }

    fn accept_again(&mut self, units: Vec<Unit>) {
        if let Ok((world, _)) = self.evaluate(&units, &self.given) {
            (self.units, self.world) = (units, world);
        }
    }

    /// A variable that was set again, and that nothing else was made of, leaves no trace of what it was; true where
    /// there was one.
    fn forget_what_was_set_again(&mut self) -> bool {
        unit::set_again(&self.units).into_iter().take(MOST_ATTEMPTS).any(|at| self.forget(at))
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

    fn evaluate(&self, units: &[Unit], given: &[Given]) -> Result<(Rc<World>, Option<rhai::Dynamic>), Entered> {
        let whole = Rc::new(Whole::of(unit::parts(units)));
        let input = Input {
            name: WHOLE,
            text: &whole.text,
            files: Rc::clone(&self.files),
            given: given.to_vec(),
            limits: self.limits.clone(),
        };
        let run = evaluate(&input, Some(&whole));
        if run.interrupted {
            return Err(Entered::Interrupted);
        }
        let value = run.value.clone().filter(|value| !value.is_unit());
        Ok((Rc::new(World::of(run)), value))
    }

    /// What is new among the problems.
    fn told(&self, world: &World) -> Told {
        let known = self.world.problems();
        let problems = world.problems().into_iter().filter(|problem| !known.contains(problem)).collect();
        Told { problems, sources: world.sources() }
    }
}

impl Last {
    /// Makes the value a variable among the units; its name.
    fn promote(&self, units: &mut Vec<Unit>) -> String {
        if let Some(known) = units.iter_mut().find(|known| known.name == self.unit.name) {
            return known.keep_as_it();
        }
        let mut unit = self.unit.clone();
        let name = unit.keep_as_it();
        units.insert(self.before.min(units.len()), unit);
        name
    }
}

impl Told {
    /// True where something stands in the way.
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(Diagnostic::is_error)
    }
}

impl Done {
    fn nothing() -> Self {
        Self { value: None, printed: Vec::new(), told: Told::default(), changed: Vec::new(), kept: false }
    }
}

fn no_last_value(unit: &Unit, place: &Origin) -> Told {
    let problem = Diagnostic::error("unknown-variable", "there is no last value yet")
        .at(place, "")
        .help("`_` is the value of the last line that had one");
    let mut sources = Sources::default();
    sources.add(unit.name.clone(), unit.text.clone());
    Told { problems: vec![problem], sources }
}
