//! The bindings of the building blocks: one file for each, read by scripts, completion and documentation alike.
//!
//! The first line of a doc comment is the short description; units stand in it.

#![allow(clippy::needless_pass_by_value, reason = "Rhai hands arguments over by value")]

mod alb;
mod cfn;
mod cluster;
mod container;
mod gunicorn;
mod health_check;
mod image;
mod parameter;
mod pseudo;
mod raw;
mod route;
mod scaling;
mod service;
mod settings;
mod stack;
mod vpc;

use std::collections::BTreeSet;

use rhai::Engine;

pub(crate) use pseudo::documented as pseudo_parameters;

use super::registration::{Declaration, Function, Modules, ScriptType, TypeNames, register};
use crate::block::{
    Alb, Cluster, Container, FargateService, Gunicorn, HealthCheck, Image, Parameter, RawResource, Route, Scaling,
    Stack, Vpc,
};

/// Makes every block known to an engine, with a function for each of these resource types (`AWS::S3::Bucket`).
pub(crate) fn register_all(engine: &mut Engine, types: &BTreeSet<String>) {
    let mut modules = Modules::default();
    register::<Alb>(engine, &mut modules);
    register::<Cluster>(engine, &mut modules);
    register::<Container>(engine, &mut modules);
    register::<FargateService>(engine, &mut modules);
    register::<Gunicorn>(engine, &mut modules);
    register::<HealthCheck>(engine, &mut modules);
    register::<Image>(engine, &mut modules);
    register::<Parameter>(engine, &mut modules);
    register::<RawResource>(engine, &mut modules);
    register::<Route>(engine, &mut modules);
    register::<Scaling>(engine, &mut modules);
    register::<Stack>(engine, &mut modules);
    register::<Vpc>(engine, &mut modules);
    cfn::register(engine, &mut modules);
    pseudo::register(&mut modules);
    raw::register(engine, &mut modules, types);
    settings::register(engine);
    modules.register(engine);
}

/// The names that messages suggest from.
pub(crate) fn types() -> Vec<TypeNames> {
    vec![
        TypeNames::of::<Alb>(),
        TypeNames::of::<Cluster>(),
        TypeNames::of::<Container>(),
        TypeNames::of::<FargateService>(),
        TypeNames::of::<Gunicorn>(),
        TypeNames::of::<HealthCheck>(),
        TypeNames::of::<Image>(),
        TypeNames::of::<Parameter>(),
        TypeNames::of::<RawResource>(),
        TypeNames::of::<Route>(),
        TypeNames::of::<Scaling>(),
        TypeNames::of::<Stack>(),
        TypeNames::of::<Vpc>(),
    ]
}

/// A function as documentation and messages see it.
pub(crate) struct FunctionNames {
    /// Its name, with its module.
    pub(crate) name: String,
    pub(crate) declaration: Declaration,
}

/// Every function.
pub(crate) fn functions() -> Vec<FunctionNames> {
    fn of<T: ScriptType>() -> &'static [Function] {
        T::FUNCTIONS
    }
    let blocks = [
        of::<Alb>(),
        of::<Cluster>(),
        of::<Container>(),
        of::<FargateService>(),
        of::<Gunicorn>(),
        of::<HealthCheck>(),
        of::<Image>(),
        of::<Parameter>(),
        of::<Route>(),
        of::<Scaling>(),
        of::<Stack>(),
        of::<Vpc>(),
        cfn::FUNCTIONS,
    ];
    let names = |function: &'static Function| FunctionNames {
        name: function.module.map_or_else(
            || function.declaration.name.to_owned(),
            |module| format!("{module}::{}", function.declaration.name),
        ),
        declaration: function.declaration,
    };
    blocks.into_iter().flatten().map(names).chain(settings::names()).collect()
}

/// The name of the type that a function makes: `Vpc` for `Vpc::existing`.
pub(crate) fn made_by(function: &str) -> Option<&'static str> {
    fn of<T: ScriptType>(function: &str) -> Option<&'static str> {
        let full = |known: &Function| match known.module {
            Some(module) => {
                function.strip_prefix(module).and_then(|rest| rest.strip_prefix("::")) == Some(known.declaration.name)
            }
            None => function == known.declaration.name,
        };
        T::FUNCTIONS.iter().any(full).then_some(T::NAME)
    }
    of::<Alb>(function)
        .or_else(|| of::<Cluster>(function))
        .or_else(|| of::<Container>(function))
        .or_else(|| of::<FargateService>(function))
        .or_else(|| of::<Gunicorn>(function))
        .or_else(|| of::<HealthCheck>(function))
        .or_else(|| of::<Image>(function))
        .or_else(|| of::<Parameter>(function))
        .or_else(|| of::<Route>(function))
        .or_else(|| of::<Scaling>(function))
        .or_else(|| of::<Stack>(function))
        .or_else(|| of::<Vpc>(function))
}
