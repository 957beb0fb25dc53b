//! What there is to see and to do once a stack runs.
//!
//! `services` finds the services of a stack and chooses among them, `overview` looks at them from every side, `tail` reads
//! what their tasks write, `scale` changes how many there are, `reach` connects to a task, `one_off` runs one more.
//!
//! *Invariant*: reads and changes through the ports alone; whatever it refuses it refuses before it changes anything.

mod exec;
mod logs;
mod overview;
mod run_task;
mod scale;
mod services;

pub use exec::{SessionPluginCommand, command_line, reachable};
pub use logs::{LogEntry, LogSource, LogTail, previous_tasks, sources};
pub use overview::{Overview, ServiceView, TargetGroupView, overview};
pub use run_task::{RunTaskEvent, RunTaskResult, TaskSource, container_of, follow};
pub use scale::{CurrentScale, ScaleChange, ScaleTarget, apply, scaling};
pub use services::{StackService, choose, choose_one, services};
