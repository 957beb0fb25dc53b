//! The state of one evaluation: problems, sources, settings, and the blocks that were referred to.

use std::any::Any;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;

use rhai::{Dynamic, EvalAltResult, GlobalRuntimeState, NativeCallContext, Position};

use super::block_types::address_of_block;
use super::call_history::CallHistory;
use super::concatenated_source::ConcatenatedSource;
use super::limits::{Exceeded, Limits};
use super::map_key_spans::Literals;
use super::packages::crossings::{Crossing, Crossings, Exhausted};
use super::source_loader::SourceLoader;
use super::usage::Usage;
use super::value::{ReferenceTable, reference_of};
use super::versions::Versions;
use crate::block::{Block, ReferencedBlocks};
use crate::budget::Budget;
use crate::cfn::{PathSegment, PropertyPath, TemplateString};
use crate::diag::{Diagnostic, Origin, Sink, SourceMap, TraceFrame};
use crate::package::{LoadedPackage, Packages};
use crate::settings::SettingsResolver;

/// The maximum number of setters that one script calls: far above what 500 resources of a stack need.
const MAX_BLOCKS: usize = 200_000;

/// The maximum number of lines that one script prints.
const MAX_PRINTED_LINES: usize = 1_000;

/// The maximum number of bytes that one script prints.
const MAX_PRINTED_BYTES: usize = 1 << 20;

/// The maximum number of arguments in which a key is looked up.
const MAX_ARGUMENTS: usize = 8;

/// The call level of native functions that the script calls outside of its functions.
const LEVEL_OF_SCRIPT: usize = 1;

/// The name of a concatenated source; users do not see it.
pub(crate) const SESSION_SOURCE: &str = "the session";

/// The state of an evaluation, which all functions of the engine share through its tag.
#[derive(Default)]
pub(crate) struct EvalState {
    pub(crate) problems: RefCell<Sink>,
    /// The fingerprints of the problems, none of which is reported twice.
    pub(super) reported: RefCell<HashSet<u64>>,
    pub(crate) sources: RefCell<SourceMap>,
    pub(crate) mentions: RefCell<ReferencedBlocks>,
    pub(super) versions: RefCell<Versions>,
    pub(crate) settings: RefCell<SettingsResolver>,
    /// The resource types that the engine has functions for.
    pub(crate) known_types: RefCell<BTreeSet<String>>,
    /// The lines that the script printed, each with its origin.
    pub(crate) printed: RefCell<Vec<(Origin, String)>>,
    /// The number of bytes that the script printed.
    printed_bytes: Cell<usize>,
    /// Types that an imported module uses and this engine does not know yet.
    pub(crate) missing_types: RefCell<BTreeSet<String>>,
    /// The index of the problem that ends the evaluation, so that Rhai reports the calls that led to it; none in a first
    /// evaluation.
    pub(crate) ends_at: Cell<Option<usize>>,
    /// The number of the call that ends the evaluation, so that Rhai reports the calls that led to it.
    pub(crate) ends_at_call: Cell<Option<u32>>,
    /// The calls that led to the one that ended the evaluation, innermost first.
    pub(crate) calls_to_end: RefCell<Vec<TraceFrame>>,
    /// The line and column of the script's own text at which an error ended the evaluation, if it can continue after it.
    pub(crate) ended_at: Cell<Option<(u32, u32)>>,
    /// Whether values with errors are in use.
    pub(crate) has_poison: Cell<bool>,
    /// The number of calls inside of functions.
    calls: Cell<u32>,
    /// The options that problems are about, by the index of the problem.
    option_names: RefCell<HashMap<usize, String>>,
    /// The indices of the problems after which the evaluation continued.
    pub(crate) recovered: RefCell<Vec<usize>>,
    /// The parts of the concatenated text; none for a script of one file.
    pub(crate) whole: Option<Rc<ConcatenatedSource>>,
    /// The calls that created values; recorded only for a session.
    pub(crate) call_history: RefCell<CallHistory>,
    /// The files and variables that the evaluation may read; none before it begins.
    pub(crate) files: Option<Rc<dyn SourceLoader>>,
    /// The limits of the evaluation; none before it begins.
    pub(super) limits: Option<Limits>,
    /// The number of steps of the interpreter.
    steps: Cell<u64>,
    /// The limit that a step exceeded.
    exceeded: Cell<Option<Exceeded>>,
    /// The calls from one package into another, or into the project.
    pub(super) crossings: Crossings,
    /// The names of the sources of packages that were imported, by the name of the package.
    pub(super) package_entries: RefCell<HashMap<String, Arc<str>>>,
    /// The state of the package that is loaded now.
    pub(super) captured: RefCell<Option<GlobalRuntimeState>>,
    /// The declarations of settings, by name.
    pub(crate) setting_origins: RefCell<HashMap<String, Origin>>,
    /// The state of the test that is evaluated, which only `testing` knows; none for a script.
    pub(super) test: OnceCell<Rc<dyn Any>>,
    literals: RefCell<HashMap<Arc<str>, Rc<Literals>>>,
    names: RefCell<HashMap<String, Arc<str>>>,
    blocks: Cell<usize>,
}

/// The tag of the states of Rhai: the evaluation, and the package whose code runs. Scripts can neither read nor change it.
pub(crate) struct Tag {
    state: Rc<EvalState>,
    package: Option<Rc<LoadedPackage>>,
}

impl Tag {
    /// Creates the tag of a package.
    pub(super) fn of_package(state: &Rc<EvalState>, package: &Rc<LoadedPackage>) -> Dynamic {
        Dynamic::from(Rc::new(Self { state: Rc::clone(state), package: Some(Rc::clone(package)) }))
    }
}

/// Returns the package whose code runs in a state with this tag; none for the project.
pub(crate) fn package_of_tag(tag: &Dynamic) -> Option<Rc<LoadedPackage>> {
    tag.read_lock::<Rc<Tag>>()?.package.clone()
}

/// Returns the package that contains this call; none for the project.
pub(crate) fn package_of(ctx: &NativeCallContext) -> Option<Rc<LoadedPackage>> {
    package_of_tag(ctx.tag()?)
}

impl EvalState {
    /// Creates the state of a concatenated text, or of a plain one.
    pub(crate) fn new(whole: Option<Rc<ConcatenatedSource>>, files: Rc<dyn SourceLoader>, limits: Limits) -> Self {
        Self { whole, files: Some(files), limits: Some(limits), ..Self::default() }
    }

    /// Returns the state of the engine that makes this call.
    pub(crate) fn of(ctx: &NativeCallContext) -> Rc<EvalState> {
        let tag = ctx.tag().and_then(Dynamic::read_lock::<Rc<Tag>>);
        Rc::clone(&tag.expect("every engine is tagged with its state").state)
    }

    /// Returns the state as the tag of an engine.
    pub(crate) fn tag(self: &Rc<Self>) -> Dynamic {
        Dynamic::from(Rc::new(Tag { state: Rc::clone(self), package: None }))
    }

    /// Returns the packages that the script may import.
    pub(super) fn packages(&self) -> Arc<Packages> {
        self.files.as_ref().map(|files| files.packages()).unwrap_or_default()
    }

    /// Returns the package in which a limit ended the evaluation.
    pub(super) fn exhausted(&self) -> Option<Exhausted> {
        self.crossings.exhausted()
    }

    /// Begins a call from one domain into another.
    pub(super) fn enter(&self, crossing: Crossing) {
        let share = self.limits.as_ref().map(Limits::share_of_package).unwrap_or_default();
        self.crossings.enter(crossing, self.usage(), share);
    }

    /// Ends the last call from one domain into another, with its error.
    pub(super) fn leave(&self, error: Option<&EvalAltResult>) {
        self.crossings.leave(self.usage(), error);
    }

    /// Counts a step of the interpreter. Returns the limit that it or an earlier one exceeds: Rhai drops the errors of some
    /// steps, such as those of a comparison in `sort`. Its count leaves out the steps of closures that its own functions call.
    pub(super) fn step(&self, limits: &Limits, budget: &Budget) -> Option<Exceeded> {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if self.exceeded.get().is_none() {
            let exceeded = limits.exceeded(budget, steps);
            self.exceeded.set(exceeded.or_else(|| self.crossings.exceeded(steps, || limits.meter.elapsed())));
        }
        self.exceeded.get()
    }

    fn usage(&self) -> Usage {
        let time = self.limits.as_ref().map(|limits| limits.meter.elapsed()).unwrap_or_default();
        Usage { steps: self.steps.get(), time }
    }

    /// Returns whether the calls that create values are recorded.
    pub(crate) fn records(&self) -> bool {
        self.whole.is_some()
    }

    /// Adds a problem; the evaluation continues.
    pub(crate) fn report(&self, problem: Diagnostic) {
        if self.reported.borrow_mut().insert(fingerprint(&problem)) {
            self.problems.borrow_mut().push(problem);
        }
    }

    /// Adds a line that the script printed, up to a limit.
    pub(crate) fn print(&self, origin: Origin, text: &str) {
        let mut printed = self.printed.borrow_mut();
        let before = self.printed_bytes.get();
        self.printed_bytes.set(before.saturating_add(text.len()));
        if printed.len() < MAX_PRINTED_LINES && self.printed_bytes.get() <= MAX_PRINTED_BYTES {
            printed.push((origin, text.to_owned()));
        } else if printed.len() <= MAX_PRINTED_LINES && before <= MAX_PRINTED_BYTES {
            // After this line neither number permits another one.
            self.printed_bytes.set(usize::MAX);
            let most = MAX_PRINTED_BYTES >> 20;
            let left_out = format!("(more than {MAX_PRINTED_LINES} lines or {most} MiB; the rest is left out)");
            printed.push((Origin::unknown(), left_out));
        }
    }

    /// Adds a problem of a call, after which the evaluation continues.
    pub(crate) fn report_in_call(&self, problem: Diagnostic) {
        self.recovered.borrow_mut().push(self.problems.borrow().len());
        self.report(problem);
    }

    /// Adds a problem, also if it is the same as an earlier one: another call may be its place.
    pub(super) fn report_each(&self, problem: Diagnostic) {
        self.problems.borrow_mut().push(problem);
    }

    /// Adds a problem of a call, also if it is the same as an earlier one; the evaluation continues.
    pub(super) fn report_each_in_call(&self, problem: Diagnostic) {
        self.recovered.borrow_mut().push(self.problems.borrow().len());
        self.report_each(problem);
    }

    /// Records the option that the next problem is about.
    pub(super) fn note_option(&self, name: &str) {
        let next = self.problems.borrow().len();
        self.option_names.borrow_mut().insert(next, name.to_owned());
    }

    /// Returns the option that the last problem is about.
    pub(super) fn option_of_last_problem(&self) -> Option<String> {
        let last = self.problems.borrow().len().checked_sub(1)?;
        self.option_names.borrow().get(&last).cloned()
    }

    /// Returns the origin of a key in a literal map among the arguments of a call.
    pub(super) fn key_origin(&self, call: &Origin, key: &str) -> Option<Origin> {
        let path = PropertyPath::default().then(PathSegment::Key(key.to_owned()));
        let of_argument = |index| self.literal_origins(call, index).into_iter();
        (0..MAX_ARGUMENTS).flat_map(of_argument).find(|(found, _)| *found == path).map(|(_, origin)| origin)
    }

    /// Returns whether the evaluation is to end here.
    pub(crate) fn ends_here(&self) -> bool {
        let ends_with_problem = self.ends_at.get().is_some_and(|at| at < self.problems.borrow().len());
        ends_with_problem || self.is_at_last_call()
    }

    /// Returns whether the call that is to end the evaluation was reached.
    pub(crate) fn is_at_last_call(&self) -> bool {
        self.ends_at_call.get().is_some_and(|last| last <= self.calls.get())
    }

    /// Returns the number of a call inside of a function; 0 for one outside.
    pub(crate) fn next_call(&self, ctx: &NativeCallContext) -> u32 {
        if ctx.call_level() <= LEVEL_OF_SCRIPT {
            return 0;
        }
        self.calls.set(self.calls.get() + 1);
        self.calls.get()
    }

    /// Returns the origin of a call.
    pub(crate) fn origin(&self, ctx: &NativeCallContext) -> Origin {
        self.origin_at(ctx.call_source().unwrap_or(""), ctx.call_position())
    }

    /// Converts a position of Rhai in a source to an origin.
    pub(crate) fn origin_at(&self, source: &str, position: Position) -> Origin {
        let whole = self.whole.as_ref().filter(|_| source == SESSION_SOURCE);
        if let Some((part, line, column)) = whole.and_then(|whole| whole.locate(position)) {
            return Origin::new(Arc::clone(&part.name), line, column);
        }
        let part = |number: Option<usize>| number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0);
        Origin::new(self.name(source), part(position.line()), part(position.position()))
    }

    fn name(&self, source: &str) -> Arc<str> {
        if let Some(name) = self.names.borrow().get(source) {
            return Arc::clone(name);
        }
        let name: Arc<str> = source.into();
        self.names.borrow_mut().insert(source.to_owned(), Arc::clone(&name));
        name
    }

    /// Returns the origins of the keys and items of a literal argument.
    pub(crate) fn literal_origins(&self, call: &Origin, index: usize) -> Vec<(PropertyPath, Origin)> {
        let found = self.literals_of(call).map(|literals| literals.of_argument(call, index)).unwrap_or_default();
        found.into_iter().map(|(path, origin)| (path, origin.in_call(call.call))).collect()
    }

    fn literals_of(&self, call: &Origin) -> Option<Rc<Literals>> {
        let known = self.literals.borrow().get(&call.source).cloned();
        known.or_else(|| {
            let literals = Rc::new(Literals::new(call.source.clone(), self.sources.borrow().text(&call.source)?));
            self.literals.borrow_mut().insert(call.source.clone(), Rc::clone(&literals));
            Some(literals)
        })
    }

    /// Returns the arguments of a call as they are written, each on one line.
    pub(crate) fn written_arguments(&self, call: &Origin) -> Vec<String> {
        let Some(literals) = self.literals_of(call) else { return Vec::new() };
        let sources = self.sources.borrow();
        let Some(text) = sources.text(&call.source) else { return Vec::new() };
        let argument =
            |(from, to): (usize, usize)| Some(text.get(from..to)?.split_whitespace().collect::<Vec<_>>().join(" "));
        literals.arguments(call).into_iter().filter_map(argument).collect()
    }

    /// Returns the only setting whose value is its default, this text, with the origin of the declaration.
    pub(crate) fn setting_with_default(&self, text: &str) -> Option<(String, Origin)> {
        let settings = self.settings.borrow();
        let mut found = settings.settings().iter().filter(|setting| {
            setting.source == crate::settings::Source::Default && setting.value.as_str() == Some(text)
        });
        let (first, second) = (found.next()?, found.next());
        let origin = self.setting_origins.borrow().get(&first.name).cloned()?;
        second.is_none().then(|| (first.name.clone(), origin))
    }

    /// Counts a block. Returns whether there are too many, which only an endless loop causes.
    pub(crate) fn too_many_blocks(&self) -> bool {
        self.blocks.set(self.blocks.get() + 1);
        self.blocks.get() > MAX_BLOCKS
    }
}

/// Returns a number that is the same for the same problem.
pub(super) fn fingerprint(problem: &Diagnostic) -> u64 {
    let mut hasher = DefaultHasher::new();
    (problem.code, &problem.message, &problem.notes).hash(&mut hasher);
    problem.labels.iter().for_each(|label| (&label.origin, &label.message).hash(&mut hasher));
    problem.hints.iter().for_each(|hint| hint.to_string().hash(&mut hasher));
    hasher.finish()
}

impl ReferenceTable for EvalState {
    fn refer(&self, block: &Block) -> TemplateString {
        self.mentions.borrow_mut().note(block);
        self.versions.borrow_mut().mentioned_now.push(address_of_block(block));
        reference_of(block)
    }
}
