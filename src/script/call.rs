//! A call of one of our functions from a script: its origin, and its arguments as Rust values.

use std::rc::Rc;

use rhai::{Dynamic, NativeCallContext};

use super::argument_hint;
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
    arguments: Vec<Dynamic>,
    /// Whether an argument of a wrong type is reported by who knows the forms of the function.
    has_forms: bool,
    /// The argument of a wrong type that is not reported yet.
    wrong: Option<WrongArgument>,
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
        Self {
            state,
            at,
            package: package_of(ctx),
            name,
            arguments,
            has_forms: false,
            wrong: None,
            next: 0,
            is_doubtful,
        }
    }

    /// Lets the caller report an argument of a wrong type, with the forms of the function: see [`Call::take_wrong`].
    pub(crate) fn with_forms(mut self) -> Self {
        self.has_forms = true;
        self
    }

    /// Returns the argument of a wrong type that is not reported yet.
    pub(crate) fn take_wrong(&mut self) -> Option<WrongArgument> {
        self.wrong.take()
    }

    /// Returns the arguments of the call, and how they are written.
    pub(crate) fn arguments(&self) -> (&[Dynamic], Vec<String>) {
        (&self.arguments, self.state.written_arguments(&self.at.origin))
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
            Err(Some(problem)) => {
                self.report(problem);
                None
            }
            Err(None) => {
                let wrong = self.wrong_argument(parameter, T::EXPECTED);
                if self.has_forms {
                    self.wrong = Some(wrong);
                } else {
                    let hint = argument_hint::hint(&self.name, parameter, T::EXPECTED, &wrong.given, None);
                    self.report(wrong.problem.help_if(hint));
                }
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

    /// Returns the argument that was taken last as one of a wrong type.
    fn wrong_argument(&self, parameter: &str, expected: &'static str) -> WrongArgument {
        let index = self.next - 1;
        let given = self.arguments.get(index).cloned().unwrap_or(Dynamic::UNIT);
        let message = format!("`{}` takes {expected}, not {}", self.name, describe(&given));
        let problem = Diagnostic::new(Code::WrongArgument, message).at(&self.at.origin, kind_of(&given));
        WrongArgument { parameter: parameter.to_owned(), expected, index, given, problem }
    }
}

/// An argument of a wrong type.
pub(crate) struct WrongArgument {
    pub(crate) parameter: String,
    pub(crate) expected: &'static str,
    pub(crate) index: usize,
    pub(crate) given: Dynamic,
    pub(crate) problem: Diagnostic,
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
