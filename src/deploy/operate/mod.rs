//! Queries and actions on deployed stacks.
//!
//! `services` finds the services of a stack and chooses among them, `jobs` the jobs that can run, `overview` reads their state
//! with their `stopped_tasks` and `job_view`s, `logs` reads the log lines of their tasks, `running_images` the images that their tasks run,
//! `scale` changes the number of tasks, `service_parts` reads a service with all around it, `exec` connects to a task, `run_task` runs a one-off task.
//!
//! Imports `diagnose`, `monitor`, `plan`, `api`, `cfn` and `diag`, and not `engine`.
//!
//! *Invariant*: reads and changes only through `api`; every refusal comes before the first change.

mod exec;
mod job_view;
mod jobs;
mod logs;
mod overview;
mod run_task;
mod running_images;
mod scale;
mod service_parts;
mod services;
mod stopped_tasks;

pub use exec::{SessionPluginCommand, command_line, task_for_exec};
pub use job_view::JobView;
pub use jobs::jobs;
pub use logs::{LogEntry, LogSource, LogTail, log_sources, previous_tasks};
pub use overview::{Overview, ServiceView, TargetGroupView, overview};
pub use run_task::{RunTaskEvent, RunTaskResult, TaskSource, choose_container, follow};
pub use running_images::{RunningImage, ServiceImages, running_images};
pub use scale::{CurrentScale, ScaleChange, ScaleTarget, apply, scale_change};
pub use service_parts::{ListenerParts, LoadBalancerParts, ServiceParts, service_parts};
pub use services::{StackService, choose, choose_one, is_named, services};
pub use stopped_tasks::{StoppedTasks, stopped_tasks};
