//! TODO-ROOM

pub mod api_error;
pub mod failure_cause;
pub mod stack_failure;
pub(crate) mod task_failure;
pub mod timeline;
