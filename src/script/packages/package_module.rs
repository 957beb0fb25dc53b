//! The module that an import of a package gives: its functions run in the state of the package.

use std::any::TypeId;
use std::rc::Rc;

use rhai::{
    AST, Dynamic, Engine, EvalAltResult, FnAccess, GlobalRuntimeState, Module, NativeCallContext, Position, Scope,
    Shared,
};

use super::boundary::{Callee, call, carry};
use super::crossings::Crossing;
use super::pointers::freeze;
use crate::diag::Origin;
use crate::package::LoadedPackage;
use crate::script::eval_state::{EvalState, Tag};
use crate::script::global_functions::GlobalFunctions;
use crate::script::registration::add_to_module;
use crate::script::source::Source;

/// The function that is added to each file of a package, and the one that it calls. Their names are in no documentation.
const PROBE: &str = "state_of_the_package__";
const CAPTURE: &str = "capture_the_state__";

/// A file of a package that is loaded.
pub(in crate::script) struct PackageFile<'a> {
    pub(in crate::script) package: Rc<LoadedPackage>,
    /// The name of its source: `acme-web@1.2.0/main.rhai`.
    pub(in crate::script) source: &'a str,
    pub(in crate::script) text: &'a str,
    /// Whether another package or the project imports it: its functions then run in a state of their own.
    pub(in crate::script) is_entry: bool,
    /// The place of the import.
    pub(in crate::script) origin: Origin,
    /// Whether the project imports it.
    pub(in crate::script) is_of_project: bool,
}

/// Registers the function that reports the state of a package.
pub(in crate::script) fn register(globals: &mut GlobalFunctions) {
    globals.register_fn(CAPTURE, |ctx: NativeCallContext| {
        *EvalState::of(&ctx).captured.borrow_mut() = Some(ctx.global_runtime_state().clone());
    });
}

/// Evaluates a file of a package, and returns it as a module.
///
/// # Errors
///
/// The error of the file.
pub(in crate::script) fn load(
    engine: &Engine,
    state: &Rc<EvalState>,
    file: &PackageFile<'_>,
) -> Result<Module, Box<EvalAltResult>> {
    let mut ast = Source::new(file.source, file.text).compile(engine, state)?;
    // A file may declare a variable that is named as the function.
    let probe = engine
        .compile(format!("fn {PROBE}() {{ {CAPTURE}() }}"))
        .map_err(|error| Box::new(EvalAltResult::ErrorParsing(*error.0, error.1)))?;
    ast.combine(probe);
    ast.set_source(file.source);
    let mut inside = engine.new_global_runtime_state();
    inside.tag = Tag::of_package(state, &file.package);
    let crossing = Crossing {
        into: Some(Rc::clone(&file.package)),
        is_of_project: file.is_of_project,
        function: "import".to_owned(),
        origin: file.origin.clone(),
    };
    state.enter(crossing);
    let module = Module::eval_ast_as_new_raw(engine, &mut Scope::new(), &mut inside, &ast);
    state.leave(module.as_ref().err().map(|error| &**error));
    let module = Shared::new(module?);
    let home = home(engine, state, &inside, &module)?;
    if let Some(constants) = &home.constants {
        constants.borrow_mut().values_mut().try_for_each(freeze)?;
    }
    if file.is_entry { entry(&ast, &module, home) } else { inner(module) }
}

/// Returns the state in which the functions of the module run: its functions, imports and constants, and nothing else.
fn home(
    engine: &Engine,
    state: &EvalState,
    inside: &GlobalRuntimeState,
    module: &Shared<Module>,
) -> Result<GlobalRuntimeState, Box<EvalAltResult>> {
    let mut outer = inside.clone();
    outer.lib.push(Shared::clone(module));
    let ctx = NativeCallContext::new_with_all_fields(engine, PROBE, None, &outer, Position::NONE);
    let _ = ctx.call_fn_raw(PROBE, false, false, &mut [])?;
    let mut home = state.captured.take().unwrap_or(outer);
    let own = home.lib.pop();
    home.lib.clear();
    home.lib.extend(own);
    home.level = 0;
    Ok(home)
}

/// Returns the module that other domains see: functions that cross the boundary, and constants.
fn entry(ast: &AST, inner: &Module, home: GlobalRuntimeState) -> Result<Module, Box<EvalAltResult>> {
    let home = Rc::new(home);
    let mut module = Module::new();
    let exported = ast.iter_functions().filter(|function| {
        let is_plain = function.this_type.is_none() && !function.name.contains('$') && function.name != PROBE;
        is_plain && matches!(function.access, FnAccess::Public)
    });
    for function in exported {
        let types = vec![TypeId::of::<Dynamic>(); function.params.len()];
        let (name, home) = (function.name.to_owned(), Rc::clone(&home));
        add_to_module(&mut module, function.name, &types, move |ctx, arguments| {
            call(&ctx, &home, Callee::Named(&name), arguments)
        });
    }
    for (name, value) in inner.iter_var() {
        let mut value = value.clone();
        freeze(&mut value)?;
        carry(&mut value, &home)?;
        module.set_var(name, value);
    }
    Ok(module)
}

/// Returns the module for other files of the same package.
fn inner(module: Shared<Module>) -> Result<Module, Box<EvalAltResult>> {
    let mut module = Shared::unwrap_or_clone(module);
    let variables: Vec<(String, Dynamic)> =
        module.iter_var().map(|(name, value)| (name.to_owned(), value.clone())).collect();
    for (name, mut value) in variables {
        freeze(&mut value)?;
        module.set_var(name, value);
    }
    Ok(module)
}
