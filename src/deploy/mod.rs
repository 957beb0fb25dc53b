//! From a template to a running stack.
//!
//! `ports` is the outside: a cloud with stacks, and a clock. `status` types what AWS says;
//! `refusal` puts its errors into words. `aws` is the adapter to AWS itself.
//!
//! *Invariant*: imports only `cfn` and `diag`; nothing prints and nothing asks: facts go out as events, and questions
//! through what the caller hands in.

#[cfg(feature = "aws")]
pub mod aws;
pub mod broadening;
mod capability;
mod desired;
pub mod explain;
pub mod ports;
pub mod progress;
pub mod reason;
pub mod refusal;
mod situation;
pub mod status;

pub use capability::capabilities;
pub use desired::DesiredStack;
pub use situation::{Situation, stuck};
