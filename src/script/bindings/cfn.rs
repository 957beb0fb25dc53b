use rhai::{Dynamic, EvalAltResult, ImmutableString, NativeCallContext, Position};

use crate::cfn::{Function as Intrinsic, Ref, TemplateString, Value};
use crate::diag::{Code, Diagnostic};
use crate::script::declaration::{Function, declaration};
use crate::script::eval_state::EvalState;
use crate::script::global_functions::GlobalFunctions;
use crate::script::registration::{Modules, record_nothing, register_function};
use crate::script::value::Reference;

macro_rules! intrinsics {
    ($($(#[doc = $doc:literal])+ fn $name:ident($($parameter:ident: $take:ty),*) $body:expr;)*) => {
        &[$(Function {
            module: Some("cfn"),
            declaration: declaration!($name, [$($doc)+], [$($parameter: $take),*]),
            make: |_call| {
                $(let $parameter: $take = _call.take(stringify!($parameter))?;)*
                Some(Dynamic::from(Reference(Value::from($body))))
            },
        }),*]
    };
}

/// The intrinsic functions of CloudFormation.
pub(crate) const FUNCTIONS: &[Function] = intrinsics! {
    /// Joins values with a delimiter between them (`Fn::Join`).
    ///
    /// ```rhai
    /// cfn::join("-", [AWS::StackName, "tiles"])
    /// ```
    fn join(delimiter: String, values: Value) Value::call(Intrinsic::Join, Value::list([Value::from(delimiter), values]));
    /// Returns the item of a list at an index, counted from 0 (`Fn::Select`).
    ///
    /// ```rhai
    /// cfn::select(0, cfn::azs())
    /// ```
    fn select(index: Value, values: Value) Value::call(Intrinsic::Select, Value::list([index, values]));
    /// Splits a value at a delimiter into a list (`Fn::Split`).
    ///
    /// ```rhai
    /// cfn::select(0, cfn::split("-", AWS::Region))
    /// ```
    fn split(delimiter: String, value: Value) Value::call(Intrinsic::Split, Value::list([Value::from(delimiter), value]));
    /// Substitutes `${Name}` and `${Name.Attribute}` in a text (`Fn::Sub`). Write the text in double quotes.
    ///
    /// ```rhai
    /// cfn::sub("arn:${AWS::Partition}:s3:::tiles")
    /// ```
    fn sub(text: String) Value::Text(TemplateString::from_sub(&text));
    /// Substitutes `${Name}` in a text with the values of a map (`Fn::Sub`).
    ///
    /// ```rhai
    /// cfn::sub("${Stage}-tiles", #{ Stage: "test" })
    /// ```
    fn sub(text: String, values: Value) Value::call(Intrinsic::Sub, Value::list([Value::from(text), values]));
    /// Returns a value that another stack exports (`Fn::ImportValue`).
    ///
    /// ```rhai
    /// cfn::import_value("tiles-bucket")
    /// ```
    fn import_value(name: TemplateString) Value::call(Intrinsic::ImportValue, name);
    /// Encodes a value in Base64 (`Fn::Base64`).
    ///
    /// ```rhai
    /// cfn::base64("#!/bin/sh")
    /// ```
    fn base64(value: Value) Value::call(Intrinsic::Base64, value);
    /// Divides a CIDR block into smaller ones: how many, and how many address bits in each (`Fn::Cidr`).
    ///
    /// ```rhai
    /// cfn::select(0, cfn::cidr("10.0.0.0/16", 4, 8))
    /// ```
    fn cidr(block: Value, count: i64, bits: i64) Value::call(Intrinsic::Cidr, Value::list([block, Value::Int(count), Value::Int(bits)]));
    /// Returns the availability zones of the stack's region (`Fn::GetAZs`).
    ///
    /// ```rhai
    /// cfn::select(0, cfn::azs())
    /// ```
    fn azs() Value::call(Intrinsic::GetAzs, "");
    /// Returns the availability zones of a region (`Fn::GetAZs`).
    ///
    /// ```rhai
    /// cfn::select(0, cfn::azs("eu-central-1"))
    /// ```
    fn azs(region: TemplateString) Value::call(Intrinsic::GetAzs, region);
    /// Returns the `Ref` of a logical id.
    ///
    /// ```rhai
    /// cfn::ref("Jobs")
    /// ```
    fn r#ref(logical_id: String) Ref::to(logical_id);
    /// Returns an attribute of a logical id (`Fn::GetAtt`).
    ///
    /// ```rhai
    /// cfn::get_att("Jobs", "Arn")
    /// ```
    fn get_att(logical_id: String, attribute: String) Ref::attribute(logical_id, attribute);
};

/// Registers the functions of module `cfn`, and the operators of references.
pub(super) fn register(globals: &mut GlobalFunctions, modules: &mut Modules) {
    FUNCTIONS.iter().for_each(|function| register_function(globals, modules, function, record_nothing));
    globals.register_type_with_name::<Reference>("Reference");
    globals.register_fn("to_string", |reference: &mut Reference| reference.to_placeholder());
    globals.register_fn("to_debug", |reference: &mut Reference| reference.to_placeholder());
    globals.register_fn("+", |text: ImmutableString, reference: Reference| {
        format!("{text}{}", reference.to_placeholder())
    });
    globals.register_fn("+", |reference: Reference, text: ImmutableString| {
        format!("{}{text}", reference.to_placeholder())
    });
    globals.register_fn("+", |a: Reference, b: Reference| format!("{}{}", a.to_placeholder(), b.to_placeholder()));
    for operator in ["==", "!=", "<", ">", "<=", ">="] {
        globals.register_fn(operator, move |ctx: NativeCallContext, _: Reference, _: Dynamic| compared(&ctx));
        globals.register_fn(operator, move |ctx: NativeCallContext, _: Dynamic, _: Reference| compared(&ctx));
        globals.register_fn(operator, move |ctx: NativeCallContext, _: Reference, _: Reference| compared(&ctx));
    }
}

fn compared(ctx: &NativeCallContext) -> Result<bool, Box<EvalAltResult>> {
    let state = EvalState::of(ctx);
    let problem =
        Diagnostic::new(Code::DeferredValue, "a reference cannot be compared: its value is only known at deployment")
            .at(&state.origin(ctx), "compared here")
            .help("decide by a setting instead, or use `AWS::..` types with conditions");
    Err(Box::new(EvalAltResult::ErrorRuntime(Dynamic::from(problem), Position::NONE)))
}
