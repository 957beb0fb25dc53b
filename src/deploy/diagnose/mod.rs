//! Diagnosis of failures: diagnostics at the lines of the script, with what to do.
//!
//! `status_reason` reads CloudFormation's reasons, `failure_cause` finds the causes among the events of a failed operation, and `stack_failure` creates
//! their diagnostics with the remedies of `advice`. `task_failure` does so for the failures that the monitor found, and `api_error` for errors of AWS's
//! API. `timeline` computes the critical path of an operation.
//!
//! *Invariant*: imports `monitor`, `api`, `synth`, `cfn` and `diag`, and is pure.

mod advice;
pub mod api_error;
pub mod failure_cause;
pub mod stack_failure;
mod status_reason;
pub(crate) mod task_failure;
pub mod timeline;
