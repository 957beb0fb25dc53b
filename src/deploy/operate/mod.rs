//! What there is to see and to do once a stack runs.
//!
//! `services` finds the services of a stack and chooses among them, `overview` looks at them from every side, `tail` reads
//! what their tasks write, `scale` changes how many there are, `reach` connects to a task, `one_off` runs one more.
//!
//! *Invariant*: reads and changes through the ports alone; whatever it refuses it refuses before it changes anything.

mod one_off;
mod overview;
mod reach;
mod scale;
mod services;
mod tail;

pub use one_off::{OneOff, OneOffEnd, Whose, container_of, follow};
pub use overview::{Overview, ServiceView, TargetGroupView, overview};
pub use reach::{PluginCall, command_line, reachable};
pub use scale::{Now, Scaling, Wanted, apply, scaling};
pub use services::{StackService, choose, choose_one, services};
pub use tail::{LogSource, Said, Tail, previous_tasks, sources};
