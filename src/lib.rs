//! rtiler: scripts that describe AWS stacks with typed building blocks.
//!
//! ```text
//!      stdlib/*.rhai   scripts/app.rhai   --set, environment, .env
//!                \            |               /
//!                 v           v              v
//!  cli ------->  script  --- eval --->  Stack          immutable values (block)
//!  args,             |                    | synth      pure
//!  screens,          |                    v
//!  files             |                 Template --- emit ---> JSON / YAML
//!                    |                    | plan <--- what is deployed now
//!                    |                    v
//!                    +--- Diagnostic <-- Plan --- run ---> Event, Event, ...
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
//! nothing outside `cli` prints. `tests/it/law.rs` keeps it so.
//!
//! ```
//! use std::rc::Rc;
//!
//! use rtiler::cfn::{emit, schema::Schema};
//! use rtiler::deploy::{DesiredStack, plan::predict};
//! use rtiler::script::{Input, Limits, NoFiles, eval};
//! use rtiler::synth::synth;
//!
//! let text = r#"Stack("queues").add(AWS::SQS::Queue("Jobs", #{ VisibilityTimeout: 60 }))"#;
//! let input = Input {
//!     name: "queues.rhai",
//!     text,
//!     files: Rc::new(NoFiles),
//!     given: Vec::new(),
//!     limits: Limits::default(),
//! };
//! let report = eval(&input).report.and_then(|program| synth(&program, Schema::embedded()));
//! let stack = report.value.expect("the script is right").remove(0);
//! assert!(emit::yaml(&stack.template).contains("Type: AWS::SQS::Queue"));
//!
//! let desired = DesiredStack {
//!     name: stack.name.value,
//!     region: None,
//!     body: emit::yaml(&stack.template),
//!     template: stack.template,
//!     parameters: Default::default(),
//!     tags: Default::default(),
//!     termination_protection: false,
//!     after: Vec::new(),
//!     origin: stack.name.origin,
//! };
//! let plan = predict(None, &desired, Some(Schema::embedded()));
//! assert_eq!(plan.resources[0].logical_id, "Jobs");
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
