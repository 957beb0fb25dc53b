//! From a template to a running stack.
//!
//! `ports` is the outside: a cloud with stacks, and a clock. `status` types what AWS says.
//!
//! *Invariant*: imports only `cfn` and `diag`; nothing prints and nothing asks: facts go out as events, and questions
//! through what the caller hands in.

pub mod ports;
pub mod status;
