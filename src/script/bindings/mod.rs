//! The bindings of the building blocks: one file for each, read by scripts, completion and documentation alike.
//!
//! The first line of a doc comment is the short description; units are named in it.

#![allow(clippy::needless_pass_by_value, reason = "Rhai hands arguments over by value")]

mod action;
mod alb;
mod authentication;
mod cfn;
mod cluster;
mod container;
mod container_setters;
mod dashboard;
mod data;
mod express;
mod gunicorn;
mod health_check;
mod image;
mod job;
mod nlb;
mod options;
mod overrides;
mod parameter;
mod pseudo;
mod raw;
mod reading;
mod route;
mod scaling;
mod service;
mod settings;
mod stack;
mod target;
mod task_setters;
mod traffic_shift;
mod vpc;

use std::collections::BTreeSet;

use rhai::{Engine, Module, Shared};

pub(crate) use pseudo::documented as pseudo_parameters;

use super::block_types::for_each_block_type;
use super::declaration::{Declaration, Function, ScriptType, TypeNames};
use super::global_functions::GlobalFunctions;
use super::registration::{Modules, register};
use crate::block::{
    Alb, ArchivedImage, Authentication, Bucket, Cache, Cluster, Container, Dashboard, Database, ExpressService,
    FargateService, FileSystem, FixedResponse, Gunicorn, HealthCheck, Image, Job, Nlb, Parameter, Queue, RawResource,
    Redirect, RegistryImage, Repository, Route, Scaling, Stack, StoredSecret, Table, Target, Topic, TrafficShift, Vpc,
};

/// The bindings of one type.
struct Binding {
    name: &'static str,
    register: fn(&mut GlobalFunctions, &mut Modules),
    names: fn() -> TypeNames,
    functions: &'static [Function],
}

macro_rules! bindings {
    ($($kind:ident, $name:literal, $with_article:literal $(, $variant:ident)?;)*) => {
        /// The bindings of every type, by name.
        const BINDINGS: &[Binding] = &[$(Binding {
            name: $name,
            register: register::<$kind>,
            names: TypeNames::of::<$kind>,
            functions: <$kind as ScriptType>::FUNCTIONS,
        }),*];
    };
}

for_each_block_type!(bindings);

/// The functions of every script.
struct SharedFunctions {
    globals: Shared<Module>,
    modules: Vec<(&'static str, Shared<Module>)>,
}

thread_local! {
    /// Holds the functions that the engines of a thread share.
    static SHARED: SharedFunctions = SharedFunctions::new();
}

impl SharedFunctions {
    fn new() -> Self {
        let (mut globals, mut modules) = (GlobalFunctions::new(), Modules::default());
        BINDINGS.iter().for_each(|binding| (binding.register)(&mut globals, &mut modules));
        cfn::register(&mut globals, &mut modules);
        raw::register(&mut globals);
        settings::register(&mut globals);
        options::register(&mut globals);
        reading::register(&mut globals);
        Self { globals: globals.shared(), modules: modules.shared() }
    }
}

/// Registers every block with an engine, with a function for each of these resource types (`AWS::S3::Bucket`).
pub(crate) fn register_all(engine: &mut Engine, types: &BTreeSet<String>) {
    SHARED.with(|shared| {
        engine.register_global_module(Shared::clone(&shared.globals));
        for (name, module) in &shared.modules {
            engine.register_static_module(*name, Shared::clone(module));
        }
    });
    let mut aws = pseudo::module();
    raw::add_types(&mut aws, types);
    aws.build_index();
    engine.register_static_module(pseudo::NAMESPACE, Shared::new(aws));
}

/// Returns the methods and properties of every type.
pub(crate) fn types() -> Vec<TypeNames> {
    BINDINGS.iter().map(|binding| (binding.names)()).collect()
}

/// A function as documentation and messages see it.
pub(crate) struct FunctionNames {
    /// Its name, with its module.
    pub(crate) name: String,
    pub(crate) declaration: Declaration,
}

/// Returns every function.
pub(crate) fn functions() -> Vec<FunctionNames> {
    let functions = BINDINGS.iter().flat_map(|binding| binding.functions).chain(cfn::FUNCTIONS);
    let named =
        functions.map(|function| FunctionNames { name: full_name(function), declaration: function.declaration });
    named.chain(settings::names()).chain(options::names()).chain(reading::names()).collect()
}

/// Returns the names in front of `::` that scripts may not give to imports.
pub(crate) fn namespaces() -> BTreeSet<&'static str> {
    // Rhai's own: functions of the script itself.
    let other = [pseudo::NAMESPACE, "global"];
    let functions = BINDINGS.iter().flat_map(|binding| binding.functions).chain(cfn::FUNCTIONS);
    functions.filter_map(|function| function.module).chain(other).collect()
}

fn full_name(function: &Function) -> String {
    let name = function.declaration.name;
    function.module.map_or_else(|| name.to_owned(), |module| format!("{module}::{name}"))
}

/// Returns the name of the type that a function creates: `Vpc` for `Vpc::existing`.
pub(crate) fn made_by(function: &str) -> Option<&'static str> {
    let creates = |binding: &&Binding| binding.functions.iter().any(|known| full_name(known) == function);
    BINDINGS.iter().find(creates).map(|binding| binding.name)
}
