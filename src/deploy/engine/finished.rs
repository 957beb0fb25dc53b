//! The end of an operation.

use super::event::CancelReason;
use super::outcome::{StackOutcome, StackResult};
use super::progress::{OperationResult, Progress};
use super::service_monitor::ServiceMonitor;
use crate::deploy::api::StackDescription;
use crate::deploy::api::status::StackStatus;
use crate::deploy::diagnose::timeline::timeline;
use crate::deploy::monitor::Diagnosis;
use crate::diag::Diagnostic;
use crate::synth::DesiredStack;

/// A finished operation.
#[derive(Debug)]
pub(super) struct FinishedOperation {
    /// Its result.
    pub(super) result: OperationResult,
    /// The stack's status.
    pub(super) status: StackStatus,
    /// The stack; none if it was deleted.
    pub(super) stack: Option<StackDescription>,
    /// The progress that its events reported.
    pub(super) progress: Progress,
    /// The monitor of its services.
    pub(super) services: ServiceMonitor,
    /// The reason why its services fail.
    pub(super) diagnoses: Vec<Diagnosis>,
    /// The reason why it was cancelled, if it was.
    pub(super) cancelled: Option<CancelReason>,
}

impl FinishedOperation {
    /// Returns the diagnosis of a service.
    pub(super) fn diagnosis(&self, service: &str) -> Option<&Diagnosis> {
        self.diagnoses.iter().find(|diagnosis| diagnosis.service == service)
    }

    /// Returns the outcome of the stack.
    pub(super) fn into_outcome(
        self,
        stack: &DesiredStack,
        result: StackResult,
        problems: Vec<Diagnostic>,
    ) -> StackOutcome {
        StackOutcome {
            problems,
            status: Some(self.status),
            outputs: self.stack.map(|stack| stack.outputs).unwrap_or_default(),
            timeline: Some(timeline(&self.progress.events, &stack.template)),
            resources: self.progress.resources,
            retained: self.progress.retained,
            ..StackOutcome::new(&stack.name, result)
        }
    }
}
