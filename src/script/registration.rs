//! Registers what the bindings declare as functions of Rhai.
//!
//! A setter takes `()` as "not set" and changes nothing; an argument of a wrong type is reported and the evaluation
//! continues, so that one run shows every mistake.

use std::any::TypeId;
use std::rc::Rc;

use rhai::{Dynamic, EvalAltResult, FnNamespace, FuncRegistration, ImmutableString, Module, NativeCallContext, Shared};

use super::block_types::{BlockType, address, address_of};
use super::call::{Aborted, Call};
use super::call_correction::report_wrong;
use super::declaration::{Declaration, Function, Getter, Method, Property, ScriptType, TypeNames};
use super::eval_state::EvalState;
use super::global_functions::GlobalFunctions;
use super::value::{Reference, ReferenceTable};
use super::version_checks;
use super::versions::{CallPlace, Setter};
use crate::cfn::Value;

type Fallible = Result<Dynamic, Box<EvalAltResult>>;

/// Ends the evaluation; the problem is in the state.
pub(crate) fn stop(ctx: &NativeCallContext) -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorRuntime(Dynamic::from(Rc::new(Aborted)), ctx.call_position()))
}

/// Registers a type with all its functions.
pub(crate) fn register<T: ScriptType>(globals: &mut GlobalFunctions, modules: &mut Modules) {
    globals.register_type_with_name::<Rc<T>>(T::NAME);
    register_in_texts::<T>(globals);
    let shared = T::SHARED.iter().flat_map(|setters| setters.methods);
    T::METHODS.iter().chain(shared).for_each(|method| register_method::<T>(globals, method));
    T::GETTERS.iter().for_each(|getter| register_getter::<T>(globals, getter));
    T::PROPERTIES.iter().for_each(|property| register_property::<T>(globals, property));
    T::FUNCTIONS.iter().for_each(|function| register_function(globals, modules, function, record::<T>));
}

/// Registers a type in texts: a block becomes its `Ref`; a value without a resource is an error.
fn register_in_texts<T: ScriptType>(globals: &mut GlobalFunctions) {
    for name in ["to_string", "to_debug"] {
        globals.register_fn(name, |ctx: NativeCallContext, this: &mut Rc<T>| in_text(&ctx, this));
    }
    globals.register_fn("+", |ctx: NativeCallContext, text: ImmutableString, this: Rc<T>| text + in_text(&ctx, &this));
    globals.register_fn("+", |ctx: NativeCallContext, this: Rc<T>, text: ImmutableString| {
        ImmutableString::from(in_text(&ctx, &this)) + text
    });
}

fn in_text<T: ScriptType>(ctx: &NativeCallContext, this: &Rc<T>) -> String {
    let state = EvalState::of(ctx);
    if let Some(block) = T::block(this) {
        let text = state.refer(&block).to_placeholder();
        let place = CallPlace { name: "a text".to_owned(), origin: state.origin(ctx) };
        state.versions.borrow_mut().take(&[], &Rc::new(place));
        return text;
    }
    let message = format!("{} cannot be part of a text", T::WITH_ARTICLE);
    let problem = crate::diag::Diagnostic::new(crate::diag::Code::WrongArgument, message).at(&state.origin(ctx), "");
    let hint = "use one of its properties, such as `.name`".to_owned();
    state.report(problem.help_if((!T::PROPERTIES.is_empty()).then_some(hint)));
    String::new()
}

fn register_method<T: ScriptType>(globals: &mut GlobalFunctions, method: &'static Method<T>) {
    let mut types = vec![TypeId::of::<Rc<T>>()];
    types.extend(method.declaration.parameters.iter().map(|_| TypeId::of::<Dynamic>()));
    let name = method.declaration.name;
    globals.register_raw_fn(name, &types, move |ctx: NativeCallContext, arguments: &mut [&mut Dynamic]| -> Fallible {
        let (this, rest) = arguments.split_first_mut().expect("a method has a receiver");
        let unchanged = this.clone();
        if rest.iter().any(|argument| argument.is_unit()) {
            return Ok(unchanged);
        }
        let state = EvalState::of(&ctx);
        let values: Vec<Dynamic> = rest.iter_mut().map(|argument| argument.take()).collect();
        let recorded = state.records().then(|| values.clone());
        let addresses = addresses_in(&values);
        let mut call = Call::new(&state, &ctx, format!(".{name}"), values).with_forms();
        let before = Rc::clone(&*unchanged.read_lock::<Rc<T>>().expect("Rhai checked the receiver's type"));
        let mut value = before.as_ref().clone();
        if state.too_many_blocks() {
            call.report(too_many_blocks());
            return Err(stop(&ctx));
        }
        let applied = (method.apply)(&mut value, &mut call);
        report_wrong(&mut call, || TypeNames::of::<T>().methods);
        if applied.is_none() || call.is_doubtful {
            state.versions.borrow_mut().doubt(address(&before));
        }
        let result = applied.map(|()| {
            let value = Rc::new(value);
            new_version(&call, (&before, &value), &method.declaration, &addresses);
            if let Some(arguments) = recorded {
                state.call_history.borrow_mut().record_method(&before, name, arguments, &value);
            }
            Dynamic::from(value)
        });
        if state.ends_here() {
            return Err(stop(&ctx));
        }
        Ok(result.unwrap_or(unchanged))
    });
}

/// Records the version of a value that a setter created, and reports a setter that is called again.
fn new_version<T: ScriptType>(call: &Call<'_>, values: (&Rc<T>, &Rc<T>), setter: &Declaration, arguments: &[usize]) {
    let (before, value) = values;
    let mut versions = call.state.versions.borrow_mut();
    let origin = &call.at.origin;
    let known = Setter { name: setter.name, parameters: setter.parameters.len(), adds: setter.adds.is_some() };
    let earlier = versions.called_before(versions.of(address(before)), &known).cloned();
    let takes = versions.take(arguments, &call.place());
    if let Some(id) = versions.change(before, value, &known, origin) {
        versions.set_takes(id, takes);
    }
    drop(versions);
    // In a session, a later line may change a value to try another one.
    if let Some(earlier) = earlier.filter(|earlier| !call.state.records() || earlier.source == origin.source) {
        call.report(version_checks::called_twice(T::WITH_ARTICLE, setter, origin, &earlier));
    }
}

/// Returns the addresses of the blocks, parts and stacks in arguments.
pub(crate) fn addresses_in(arguments: &[Dynamic]) -> Vec<usize> {
    let mut found = Vec::new();
    arguments.iter().for_each(|argument| add_addresses(argument, &mut found));
    found
}

fn add_addresses(value: &Dynamic, found: &mut Vec<usize>) {
    if value.is_string() || value.is_int() || value.is_unit() {
        return;
    }
    if let Ok(items) = value.as_array_ref() {
        items.iter().for_each(|item| add_addresses(item, found));
    } else if let Ok(entries) = value.as_map_ref() {
        entries.values().for_each(|item| add_addresses(item, found));
    } else {
        found.extend(address_of(value));
    }
}

/// Registers a method that returns a result.
pub(crate) fn register_getter<T: BlockType>(globals: &mut GlobalFunctions, getter: &'static Getter<T>) {
    let mut types = vec![TypeId::of::<Rc<T>>()];
    types.extend(getter.declaration.parameters.iter().map(|_| TypeId::of::<Dynamic>()));
    globals.register_raw_fn(
        getter.declaration.name,
        &types,
        move |ctx: NativeCallContext, arguments: &mut [&mut Dynamic]| -> Fallible {
            let (this, rest) = arguments.split_first_mut().expect("a method has a receiver");
            let state = EvalState::of(&ctx);
            let values = rest.iter_mut().map(|argument| argument.take()).collect();
            let mut call = Call::new(&state, &ctx, format!(".{}", getter.declaration.name), values).with_forms();
            let this = Rc::clone(&*this.read_lock::<Rc<T>>().expect("Rhai checked the receiver's type"));
            if let Some(block) = T::block(&this) {
                state.mentions.borrow_mut().note(&block);
                state.versions.borrow_mut().mention(address(&this), &call.place());
            }
            let result = (getter.get)(&this, &mut call);
            report_wrong(&mut call, || vec![getter.declaration]);
            result.ok_or_else(|| stop(&ctx))
        },
    );
}

fn too_many_blocks() -> crate::diag::Diagnostic {
    crate::diag::Diagnostic::new(crate::diag::Code::LimitBlocks, "the script makes too many values")
        .help("a loop that never ends? a stack has 500 resources at most")
}

fn register_property<T: ScriptType>(globals: &mut GlobalFunctions, property: &'static Property<T>) {
    globals.register_get(property.name, move |ctx: NativeCallContext, this: &mut Rc<T>| -> Dynamic {
        let value = (property.get)(this);
        if let Some(block) = T::block(this) {
            let (state, name) = (EvalState::of(&ctx), format!(".{}", property.name));
            state.mentions.borrow_mut().note(&block);
            let mut versions = state.versions.borrow_mut();
            let origin = state.origin(&ctx);
            versions.read(this, (property.name, &value, origin.clone()), property.get);
            versions.mention(address(this), &Rc::new(CallPlace { name, origin }));
        }
        if value == Value::Null {
            EvalState::of(&ctx).report(unknown_attribute::<T>(property.name).at(&EvalState::of(&ctx).origin(&ctx), ""));
            return Dynamic::UNIT;
        }
        to_dynamic(value)
    });
}

/// Reports an attribute that this value does not have.
fn unknown_attribute<T: BlockType>(name: &str) -> crate::diag::Diagnostic {
    let message = format!("the `{name}` of this {} is not known", T::NAME);
    let problem = crate::diag::Diagnostic::new(crate::diag::Code::UnknownAttribute, message);
    match name {
        "public_subnets" => problem.help("list the ids: `Vpc::existing(id).public_subnets([..])`"),
        "private_subnets" => problem.help(
            "list the ids: `Vpc::existing(id).private_subnets([..])`; a new VPC has private subnets if it has NAT gateways",
        ),
        "isolated_subnets" => problem.help("add `.isolated_subnets()` to a new VPC; list the ids for an existing one: `.isolated_subnets([..])`"),
        _ => problem.help("write its value, or read it from a parameter"),
    }
}

/// Converts a value for scripts: a plain value if it is known, else a reference.
pub(crate) fn to_dynamic(value: Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Int(number) => Dynamic::from(number),
        Value::Bool(flag) => Dynamic::from(flag),
        Value::Text(text) if text.as_str().is_some() => Dynamic::from(text.as_str().unwrap_or_default().to_owned()),
        Value::List(items) => items.into_iter().map(to_dynamic).collect::<rhai::Array>().into(),
        other => Dynamic::from(Reference(other)),
    }
}

/// The modules of the functions: `Vpc`, `Cluster`, `Image`, `cfn`.
#[derive(Default)]
pub(crate) struct Modules(std::collections::BTreeMap<&'static str, Module>);

impl Modules {
    /// Returns the module of a name, and creates it at the first use.
    pub(crate) fn of(&mut self, name: &'static str) -> &mut Module {
        self.0.entry(name).or_default()
    }

    /// Returns all of them, so that engines can share them.
    pub(crate) fn shared(self) -> Vec<(&'static str, Shared<Module>)> {
        let shared = |(name, mut module): (&'static str, Module)| {
            module.build_index();
            (name, Shared::new(module))
        };
        self.0.into_iter().map(shared).collect()
    }
}

/// A function that records that a call created a value, with its arguments in a session.
pub(crate) type CallRecorder = fn(&Call<'_>, &'static str, Option<Vec<Dynamic>>, &Dynamic);

/// Records a call of a constructor that created a value of type `T`.
pub(crate) fn record<T: ScriptType>(
    call: &Call<'_>,
    constructor: &'static str,
    arguments: Option<Vec<Dynamic>>,
    value: &Dynamic,
) {
    let Some(value) = value.read_lock::<Rc<T>>() else { return };
    let mut versions = call.state.versions.borrow_mut();
    versions.begin(T::NAME, &value, (constructor, call.at.origin.clone()));
    if call.is_doubtful {
        versions.doubt(address(&*value));
    }
    drop(versions);
    if let Some(arguments) = arguments {
        call.state.call_history.borrow_mut().record_function(&call.name, arguments, &value);
    }
}

/// Records nothing: for values that are shown as they are.
pub(crate) fn record_nothing(_: &Call<'_>, _: &'static str, _: Option<Vec<Dynamic>>, _: &Dynamic) {}

/// Records which values a function took or referred to.
pub(crate) fn record_uses(call: &Call<'_>, arguments: &[usize], created: &Dynamic) {
    let mut versions = call.state.versions.borrow_mut();
    if arguments.is_empty() && versions.mentioned_now.is_empty() {
        return;
    }
    let id = versions.of_value(created);
    let takes = versions.take(if id.is_some() { arguments } else { &[] }, &call.place());
    if let Some(id) = id {
        versions.set_takes(id, takes);
    }
}

pub(crate) fn register_function(
    globals: &mut GlobalFunctions,
    modules: &mut Modules,
    function: &'static Function,
    record: CallRecorder,
) {
    let types: Vec<TypeId> = function.declaration.parameters.iter().map(|_| TypeId::of::<Dynamic>()).collect();
    let body = move |ctx: NativeCallContext, arguments: &mut [&mut Dynamic]| -> Fallible {
        let state = EvalState::of(&ctx);
        let name = match function.module {
            Some(module) => format!("{module}::{}", function.declaration.name),
            None => function.declaration.name.to_owned(),
        };
        let values = arguments_of(arguments);
        let recorded = state.records().then(|| values.clone());
        let addresses = addresses_in(&values);
        let mut call = Call::new(&state, &ctx, name, values).with_forms();
        let made = (function.make)(&mut call);
        report_wrong(&mut call, || vec![function.declaration]);
        let value = made.filter(|_| !state.is_at_last_call()).ok_or_else(|| stop(&ctx))?;
        record(&call, function.declaration.name, recorded, &value);
        record_uses(&call, &addresses, &value);
        Ok(value)
    };
    match function.module {
        None => globals.register_raw_fn(function.declaration.name, &types, body),
        Some(module) => add_to_module(modules.of(module), function.declaration.name, &types, body),
    }
}

/// Returns the arguments of a function. Rhai passes a variable of the script as the first one: taking it would leave
/// the variable empty. The others are copies already.
pub(crate) fn arguments_of(arguments: &mut [&mut Dynamic]) -> Vec<Dynamic> {
    let mut all = arguments.iter_mut();
    let first = all.next().map(|argument| argument.clone());
    first.into_iter().chain(all.map(|argument| argument.take())).collect()
}

/// Adds a function to a module.
pub(crate) fn add_to_module(
    module: &mut Module,
    name: &str,
    types: &[TypeId],
    body: impl Fn(NativeCallContext, &mut [&mut Dynamic]) -> Fallible + 'static,
) {
    FuncRegistration::new(name).with_namespace(FnNamespace::Internal).set_into_module_raw(
        module,
        types,
        rhai::RhaiFunc::Method {
            func: rhai::Shared::new(move |ctx: Option<NativeCallContext>, arguments: &mut [&mut Dynamic]| {
                body(ctx.expect("functions are registered with a context"), arguments)
            }),
            has_context: true,
            is_pure: true,
            is_volatile: true,
        },
    );
}
