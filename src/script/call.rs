//! A call of one of our functions from a script: its origin, and its arguments as Rust values.

use std::rc::Rc;

use rhai::{Dynamic, NativeCallContext};

use super::argument_hint;
use super::call_correction::{Given, WrongCall};
use super::describe::{describe, kind_of};
use super::eval_state::{EvalState, package_of};
use super::poison;
use super::versions::CallPlace;
use crate::cfn::PropertyPath;
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};
use crate::package::LoadedPackage;

/// The origin of a call, which the values that it sets get.
pub(crate) struct CallSite {
    pub(crate) origin: Origin,
}

impl CallSite {
    /// Returns a value with this origin.
    pub(crate) fn put<T>(&self, value: T) -> WithOrigin<T> {
        WithOrigin::new(value, self.origin.clone())
    }

    /// Returns a setting with this origin.
    #[allow(clippy::unnecessary_wraps, reason = "fields of blocks are optional")]
    pub(crate) fn set<T>(&self, value: T) -> Option<WithOrigin<T>> {
        Some(self.put(value))
    }

    /// Returns a flag that is set here.
    pub(crate) fn flag(&self) -> Option<WithOrigin<()>> {
        self.set(())
    }
}

/// The reason why an argument is refused; none if it has another type.
pub(crate) type ConversionError = Option<Diagnostic>;

/// A type that arguments can have.
pub(crate) trait FromScript: Sized {
    /// The expected kind of value, for messages: `a whole number`.
    const EXPECTED: &'static str;

    /// Converts an argument to this type.
    ///
    /// # Errors
    ///
    /// The reason why the argument is refused.
    fn take(value: Dynamic, argument: &Argument<'_, '_>) -> Result<Self, ConversionError>;
}

/// The marker that an evaluation ends; its diagnostic is in the state already.
pub(crate) struct Aborted;

/// The arguments of a call, taken one after the other.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a EvalState,
    pub(crate) at: CallSite,
    /// The package that contains the call; none for the project.
    pub(crate) package: Option<Rc<LoadedPackage>>,
    /// The function or method as messages name it: `.cpu`, `Vpc`.
    pub(crate) name: String,
    /// The name of the type whose method it is; none for a function.
    owner: Option<&'static str>,
    arguments: Vec<Dynamic>,
    next: usize,
    /// Whether an argument is or holds a value with an error.
    pub(crate) is_doubtful: bool,
}

impl<'a> Call<'a> {
    /// Creates the call that Rhai executes.
    pub(crate) fn new(state: &'a EvalState, ctx: &NativeCallContext, name: String, arguments: Vec<Dynamic>) -> Self {
        let at = CallSite { origin: state.origin(ctx).in_call(state.next_call(ctx)) };
        let mut arguments = arguments;
        let mut is_doubtful = false;
        if state.has_poison.get() {
            arguments.iter_mut().for_each(|argument| is_doubtful |= poison::is(argument) || poison::remove(argument));
        }
        Self { state, at, package: package_of(ctx), name, owner: None, arguments, next: 0, is_doubtful }
    }

    /// Sets the type whose method is called.
    pub(crate) fn of_type(mut self, owner: &'static str) -> Self {
        self.owner = Some(owner);
        self
    }

    /// Returns the next argument; one of a wrong type is reported.
    pub(crate) fn take<T: FromScript>(&mut self, parameter: &str) -> Option<T> {
        let value = self.arguments.get(self.next).cloned().unwrap_or(Dynamic::UNIT);
        self.next += 1;
        if poison::is(&value) {
            return None;
        }
        let argument = Argument { call: self, index: self.next - 1 };
        match T::take(value, &argument) {
            Ok(value) => Some(value),
            Err(problem) => {
                let problem = problem.unwrap_or_else(|| self.wrong_argument(parameter, T::EXPECTED));
                self.report(problem);
                None
            }
        }
    }

    /// Returns the call for the versions of values.
    pub(super) fn place(&self) -> Rc<CallPlace> {
        Rc::new(CallPlace { name: self.name.clone(), origin: self.at.origin.clone() })
    }

    /// Reports a problem, at the origin of the call if it has none.
    pub(crate) fn report(&self, problem: Diagnostic) {
        let problem = if problem.labels.is_empty() { problem.at(&self.at.origin, "") } else { problem };
        self.state.report_in_call(problem);
    }

    /// Returns the problem of the argument that was taken last.
    fn wrong_argument(&self, parameter: &str, expected: &str) -> Diagnostic {
        let index = self.next - 1;
        let nothing = Dynamic::UNIT;
        let given = self.arguments.get(index).unwrap_or(&nothing);
        let problem =
            Diagnostic::new(Code::WrongArgument, format!("`{}` takes {expected}, not {}", self.name, describe(given)))
                .at(&self.at.origin, kind_of(given));
        let wrong = self.wrong_call();
        if let Some(hint) = wrong.correction() {
            return problem.help(hint);
        }
        let example = wrong.example_argument(index);
        match argument_hint::hint(&self.name, parameter, expected, given, example.as_deref()) {
            Some(hint) => problem.help(hint),
            None => wrong.with_forms(problem),
        }
    }

    fn wrong_call(&self) -> WrongCall<'_> {
        let written = self.state.written_arguments(&self.at.origin);
        // With another number of texts, an argument was passed in another way.
        let text = |at: usize| written.get(at).filter(|_| written.len() == self.arguments.len());
        let given = self.arguments.iter().enumerate().map(|(at, value)| Given::of(value, text(at))).collect();
        WrongCall::of(&self.name, self.owner, given)
    }
}

/// One argument of a call.
pub(crate) struct Argument<'a, 'b> {
    pub(crate) call: &'a Call<'b>,
    index: usize,
}

impl Argument<'_, '_> {
    /// Returns the origins of the keys and items of the argument, if it is a literal in the script.
    pub(crate) fn literal_origins(&self) -> Vec<(PropertyPath, Origin)> {
        self.call.state.literal_origins(&self.call.at.origin, self.index)
    }
}
