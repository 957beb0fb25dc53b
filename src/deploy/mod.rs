//! From a template to a running stack.
//!
//! `ports` is the outside: an account (CloudFormation, ECS, logs, load balancing, scaling, images) and a clock. `status`
//! types what AWS says.
//!
//! Pure: `desired` (what is wanted), `situation` (what is there), `plan` (what will happen; `saved` keeps one as a file),
//! `capability`, `broadening`, `stateful`, `readiness` (what a plan asks, widens, would lose, and could not take back),
//! `beside` (a resource there and here), `rollout` (what goes without CloudFormation), `order`, `progress` (what events add up to), `reason`, `explain` and
//! `refusal` (why it failed, at the line of the script), `watch` (what happens behind its services), `timeline` (what made
//! it slow), `outcome` (what came of it).
//!
//! `run` is the linear way over the ports, and tells `event`s; `feed` gives it those of CloudFormation, `pace` says how
//! often it asks. `inspect` looks at stacks, `operate` is what there is to do with what runs, `record` what the flight
//! recorder writes. `rehearsal` is an account in memory and in virtual time; `aws` is the real one.
//!
//! *Invariant*: imports only `cfn` and `diag`; nothing prints and nothing asks: facts go out as events, and questions
//! through what the caller hands in.

#[cfg(feature = "aws")]
pub mod aws;
pub mod beside;
pub mod broadening;
mod capability;
mod desired;
mod event;
pub mod explain;
mod feed;
pub mod inspect;
pub mod operate;
mod order;
mod outcome;
mod pace;
pub mod plan;
pub mod ports;
pub mod progress;
pub mod readiness;
pub mod reason;
pub mod record;
pub mod refusal;
pub mod rehearsal;
pub mod rollout;
mod run;
pub mod saved;
mod situation;
pub mod stateful;
pub mod status;
pub mod timeline;
pub mod watch;

pub use capability::capabilities;
pub use desired::DesiredStack;
pub use event::{Event, Fact, Why};
pub use order::{Order, chosen};
pub use outcome::{Ending, Outcome, StackOutcome};
pub use run::{Back, Options, Run, Wish, Wisher, Wishes, drifted, importable, wishes};
pub use situation::{Situation, stuck};
