//! rtiler: scripts that describe AWS stacks with typed building blocks.
//!
//! ```text
//!      stdlib/*.rhai   scripts/app.rhai   --set, environment, .env
//!                \            |               /
//!                 v           v              v
//!  cli ------->  script  --- eval --->  Program        immutable values (block)
//!  args,             |                    | synth      pure
//!  reports,          |                    v
//!  files             |              DesiredStack --- body ---> YAML
//!                    |                    | plan <--- deployed stack
//!                    |                    v
//!                    +--- Diagnostic <-- Plan --- run ---> DeployEvent, DeployEvent, ...
//! ```
//!
//! `eval -> synth -> plan -> run`: the first three are pure; the last is async and works over traits for an account and a
//! clock.
//!
//! | room | holds |
//! |---|---|
//! | [`printable`] | texts of others without control characters, and our styles |
//! | [`diag`] | diagnostics, codes, hints, places and their rendering |
//! | [`image`] | container images as data: references, builds, tags that follow from the content |
//! | [`budget`] | the time and memory that a script may take |
//! | [`explain`] | the page about each code |
//! | [`settings`] | typed settings and their sources |
//! | [`cfn`](mod@cfn) | CloudFormation as data: values, templates, the schema of every type, checks, graph, diff, output |
//! | [`block`] | the typed building blocks and their lowering to resources |
//! | [`synth`] | stacks to desired stacks: ownership, shared values, order |
//! | [`package`] | packages as data: manifests, lock files, versions, hashes of files |
//! | [`registry`] | packages of git repositories, OCI registries and folders, and their cache |
//! | [`script`] | the host of Rhai: bindings, sessions, completion, reference |
//! | [`repl`] | the REPL without a terminal |
//! | [`deploy`] | the API of AWS as traits, plans, the monitor of services, diagnosis, the engine, records |
//! | `aws` | the AWS SDK behind `deploy::api` (feature `aws`) |
//! | [`builder`] | the builders of images on this machine (an adapter) |
//! | [`rehearsal`] | the simulated account behind `deploy::api` |
//! | [`cli`] | arguments, commands, reports, terminal, files |
//!
//! `docs/architecture.md` says what each room may import and follows three paths through the code; `tests/it/law` keeps it.
//!
//! *Invariant*: nothing outside `cli` and the adapters reads files, the environment or the clock, and nothing outside
//! `cli::terminal` prints.
//!
//! ```
//! # use std::rc::Rc;
//! use rtiler::cfn::schema::Schema;
//! use rtiler::deploy::{Engine, EngineOptions, StopSignal, api::Timestamp, plan::plan_stack};
//! use rtiler::rehearsal::{AccountState, FaultPlan, Rehearsal, RehearsalClock};
//! use rtiler::script::{Input, Limits, NoFiles, eval};
//! use rtiler::synth::synth;
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! # let (files, given, limits) = (Rc::new(NoFiles), Vec::new(), Limits::default());
//! let text = r#"Stack("queues").add(AWS::SQS::Queue("Jobs", #{ VisibilityTimeout: 60 }))"#;
//! # let input = Input { name: "queues.rhai", text, files, given, limits };
//! # let clock = RehearsalClock::new(Timestamp::default(), 1.0);
//! # let account = Rehearsal::new(AccountState::new(1), clock, "eu-central-1", FaultPlan::default());
//! # let engine = Engine::new(account, clock, EngineOptions::new("first"), |_| (), StopSignal::none());
//!
//! let program = eval(&input).report.value.expect("the script has no errors");
//! let stacks = synth(&program, Schema::embedded()).value.expect("the stacks have no errors");
//! let plan = plan_stack(None, &stacks[0], Some(Schema::embedded()));
//! let outcome = engine.deploy(&stacks, &async |plan| plan.resources.len() == 1).await;
//!
//! assert!(stacks[0].body().contains("Type: AWS::SQS::Queue"));
//! assert_eq!(plan.resources[0].logical_id, "Jobs");
//! assert!(outcome.is_success());
//! # }
//! ```

#![forbid(unsafe_code)]

#[cfg(feature = "aws")]
pub mod aws;
pub mod block;
pub mod budget;
pub mod builder;
pub mod cfn;
pub mod cli;
pub mod deploy;
pub mod diag;
pub mod explain;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz;
pub mod image;
pub mod importers;
pub mod package;
pub mod printable;
pub mod registry;
pub mod rehearsal;
pub mod repl;
pub mod script;
pub mod settings;
pub mod synth;
#[cfg(test)]
mod testing;
