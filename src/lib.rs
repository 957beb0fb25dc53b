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
//! `eval -> synth -> plan -> run`: the first three are pure, the last goes over ports: an account, and a clock.
//!
//! | room | what is in it |
//! |---|---|
//! | [`diag`] | one diagnostic for everything a user can fix, its places, its look |
//! | [`cfn`](mod@cfn) | CloudFormation as data: values, templates, the schema of every type, checks, graph, diff, text |
//! | [`block`] | the typed building blocks and how they become resources |
//! | [`synth`] | from stacks to templates: who makes what, what crosses from stack to stack |
//! | [`settings`] | flag, environment, file, default |
//! | [`script`] | the host of Rhai: the language that users see |
//! | [`repl`] | the REPL without a terminal: a line goes in, an outcome comes out |
//! | [`deploy`] | plans, events, causes, the run; its ports; the adapters for AWS and for rehearsals |
//! | [`explain`] | a page about each kind of problem |
//! | [`cli`] | arguments, files, the environment, the clock, screens |
//!
//! Imports go downwards only: `diag <- cfn <- block <- synth`; `script` may use `block`, `cfn`, `settings`, `diag`;
//! `repl` may use these and `script` and `synth`; `deploy` may use `cfn` and `diag`; `cli` may use everything.
//!
//! *Invariant*: nothing outside `cli` (and the adapters of `deploy`) reads files, the environment or the clock, and
//! nothing outside `cli` prints. `tests/it/law` keeps it so.
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

#[cfg(feature = "aws")]
pub mod aws;
pub mod block;
pub mod cfn;
pub mod cli;
pub mod deploy;
pub mod diag;
pub mod explain;
pub mod rehearsal;
pub mod repl;
pub mod script;
pub mod settings;
pub mod synth;
#[cfg(test)]
mod testing;
