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
//! Imports go downwards only: `diag <- cfn <- block <- synth`; `script` may use `block`, `cfn`, `settings`, `diag`;
//! `deploy` may use `cfn` and `diag`; `cli` may use everything.
//!
//! *Invariant*: nothing outside `cli` (and the adapters of `deploy`) reads files, the environment or the clock, and
//! nothing outside `cli` prints.

pub mod block;
pub mod cfn;
pub mod cli;
pub mod deploy;
pub mod diag;
pub mod explain;
pub mod script;
pub mod settings;
pub mod synth;
