//! Amazon ECS: services with their deployments, tasks and their lifecycle, targets in target groups, the bounds of scaling,
//! and container logs.
//!
//! - `state` is the data, `consistency` its rules, and `context` what a task or service may use of it while time advances.
//! - `advance` advances time, `services` creates, updates and deletes services, `standalone_tasks` runs and stops tasks,
//!   `revisions` registers task definitions, and `api_responses` answers API calls.
//! - `service` is a service; `scheduler`, `traffic_shift` and `circuit_breaker` are its rules.
//! - `task` is a task with its planned events, and `task_lifecycle` applies them; `obstacle` is what keeps it from starting.
//! - `express` makes a service of Express Mode what ECS makes of it. `spec`, `strategy` and `task_definition` read resources.
//! - `log_store` and `container_logs` are logs, and `messages` are AWS's texts.
//!
//! May import `rng` and `faults` of the rehearsal, and the API's plain data.
//!
//! *Invariant*: changes with time by `next_event` and `advance` alone, so its history does not depend on when it is read,
//! and it continues from where it was saved.

mod addresses;
mod advance;
mod api_responses;
mod circuit_breaker;
mod consistency;
mod container_logs;
mod context;
pub(super) mod express;
mod health_checks;
mod log_store;
mod messages;
mod obstacle;
mod revisions;
mod scheduler;
mod service;
mod services;
mod spec;
mod standalone_tasks;
mod state;
mod strategy;
mod task;
mod task_definition;
mod task_lifecycle;
#[cfg(test)]
mod tests;
mod traffic_shift;

pub(super) use messages::{no_registry, no_route};
pub(super) use obstacle::StartObstacle;
pub(super) use service::Health;
pub(super) use spec::{ServiceSpec, Spec};
pub(super) use state::EcsState;
