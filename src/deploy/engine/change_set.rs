//! A change set: created, awaited, and then executed or discarded.

use indexmap::IndexMap;

use super::StackTask;
use super::abort::Abort;
use super::event::DeployEventKind;
use super::orphaned_change_sets::NAME_PREFIX;
use super::retry::CallError;
use crate::cfn::{LogicalId, Parameter};
use crate::deploy::api::poll_interval::PollInterval;
use crate::deploy::api::status::{ChangeSetStatus, StackStatus};
use crate::deploy::api::{
    ApiCall, AwsApi, AwsError, ChangeSet, ChangeSetId, ChangeSetKind, ChangeSetRequest, ClientRequestToken, Clock,
    DeploymentMode, ErrorKind, INLINE_TEMPLATE_BYTES, ParameterValue, TemplateSource,
};
use crate::deploy::plan::DeployedStack;
use crate::deploy::plan::capabilities::capabilities;
use crate::diag::{Code, Diagnostic};
use crate::synth::DesiredStack;

/// The number of polls after which an empty stack counts as deleted.
const EMPTY_STACK_POLLS: u32 = 15;

/// The purpose of a change set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChangeSetPurpose {
    /// To deploy the script, in the mode of the options.
    Deploy,
    /// To deploy what jobs need, in the standard mode.
    FirstStep,
    /// To deploy the script after its jobs, in the mode of the options.
    Rest,
    /// To restore the previous configuration, in the standard mode.
    Revert,
}

/// A change set that is to be executed or discarded.
#[must_use = "a change set is executed or discarded"]
pub(super) struct PendingChangeSet<'t, 'a, A, K> {
    task: &'t StackTask<'t, 'a, A, K>,
    change_set: ChangeSet,
    kind: ChangeSetKind,
}

impl<'a, A: AwsApi, K: Clock> StackTask<'_, 'a, A, K> {
    /// Creates the change set from the deployed stack to the script; none if there are no changes.
    pub(super) async fn create_change_set(
        &self,
        deployed: Option<&DeployedStack>,
        purpose: ChangeSetPurpose,
    ) -> Result<Option<PendingChangeSet<'_, 'a, A, K>>, Abort> {
        let request = self.change_set_request(deployed, purpose).await?;
        self.create_and_wait(&request).await
    }

    /// Creates a change set and waits until it is complete; none if there are no changes.
    pub(super) async fn create_and_wait(
        &self,
        request: &ChangeSetRequest,
    ) -> Result<Option<PendingChangeSet<'_, 'a, A, K>>, Abort> {
        let id = self.request_change_set(request).await?;
        let complete = self.await_change_set(&id).await;
        let failure = match complete {
            Ok(change_set) if change_set.status == ChangeSetStatus::CreateComplete => {
                return Ok(Some(PendingChangeSet { task: self, change_set, kind: request.kind }));
            }
            Ok(change_set) if is_empty(&change_set) => {
                self.discard_change_set(&id, request.kind).await?;
                return Ok(None);
            }
            Ok(change_set) => failed(self.stack, &change_set).into(),
            Err(abort) => abort,
        };
        // The failure is reported; the next deployment deletes it.
        let _ = self.discard_change_set(&id, request.kind).await;
        Err(failure)
    }

    /// Requests a change set until AWS answers. After a lost answer, the change set with this name is ours: the name
    /// contains the run's.
    async fn request_change_set(&self, request: &ChangeSetRequest) -> Result<ChangeSetId, Abort> {
        let create = async || self.api.create_change_set(request).await;
        if let Some(id) = self.retry_idempotent(&[ErrorKind::AlreadyExists], create).await? {
            return Ok(id);
        }
        let all = self.retry(async || self.api.change_sets(&request.stack).await).await?;
        let own = all.into_iter().find(|set| set.name == request.name).map(|set| set.id);
        own.ok_or_else(|| {
            let message = format!("the change set {} was requested and does not exist", request.name);
            AwsError::new(ErrorKind::Other, ApiCall::CreateChangeSet, "ChangeSetNotFound", message).into()
        })
    }

    /// Builds the request of a change set; uploads a template that is too large for it.
    pub(super) async fn change_set_request(
        &self,
        deployed: Option<&DeployedStack>,
        purpose: ChangeSetPurpose,
    ) -> Result<ChangeSetRequest, Abort> {
        let stack = self.stack;
        let (suffix, mode) = match purpose {
            ChangeSetPurpose::Deploy => ("", self.options().mode),
            ChangeSetPurpose::FirstStep => ("-jobs", DeploymentMode::Standard),
            ChangeSetPurpose::Rest => ("-rest", self.options().mode),
            ChangeSetPurpose::Revert => ("-back", DeploymentMode::Standard),
        };
        let parameters = parameters(stack, deployed)?;
        let body = stack.body();
        let template = if body.len() > INLINE_TEMPLATE_BYTES {
            self.emit(DeployEventKind::TemplateUploaded { bytes: body.len() });
            TemplateSource::Url(self.retry(async || self.api.upload_template(&stack.name, &body).await).await?)
        } else {
            TemplateSource::Body(body.into_owned())
        };
        Ok(ChangeSetRequest {
            stack: stack.name.clone(),
            name: format!("{NAME_PREFIX}{}{suffix}{}", self.options().run, self.step_suffix()),
            kind: if deployed.is_some() { ChangeSetKind::Update } else { ChangeSetKind::Create },
            template,
            parameters,
            tags: stack.tags.clone(),
            capabilities: capabilities(&stack.template),
            mode,
            import: Vec::new(),
            token: self.token(&format!("plan{suffix}")),
        })
    }

    async fn await_change_set(&self, id: &ChangeSetId) -> Result<ChangeSet, Abort> {
        let mut interval = PollInterval::of_change_sets(self.seed());
        loop {
            let change_set = self.retry(async || self.api.describe_change_set(id).await).await?;
            if change_set.status.is_settled() {
                return Ok(change_set);
            }
            self.wait(interval.on_idle()).await?;
        }
    }

    /// Deletes a change set, and the empty stack that a creation left.
    async fn discard_change_set(&self, id: &ChangeSetId, kind: ChangeSetKind) -> Result<(), CallError> {
        match self.retry(async || self.api.delete_change_set(id).await).await {
            Err(CallError::Api(error)) if is_gone(&error) => {}
            other => other?,
        }
        if kind == ChangeSetKind::Update {
            return Ok(());
        }
        let stack = self.retry(async || self.api.describe_stack(&self.stack.name).await).await?;
        if let Some(empty) = stack.filter(|stack| stack.status == StackStatus::ReviewInProgress) {
            let token = self.token("discard");
            self.retry(async || self.api.delete_stack(&empty.id, &token, &[]).await).await?;
            self.await_deletion(&empty.id).await?;
        }
        Ok(())
    }

    /// Waits until the empty stack is deleted; not indefinitely, as it has no resources.
    async fn await_deletion(&self, id: &str) -> Result<(), CallError> {
        let mut interval = PollInterval::of_change_sets(self.seed());
        for _ in 0..EMPTY_STACK_POLLS {
            let stack = self.retry(async || self.api.describe_stack(id).await).await?;
            if stack.is_none_or(|stack| stack.status == StackStatus::DeleteComplete) {
                break;
            }
            self.sleep(interval.on_idle()).await;
        }
        Ok(())
    }
}

impl<A: AwsApi, K: Clock> PendingChangeSet<'_, '_, A, K> {
    /// Returns the change set with its changes.
    pub(super) fn change_set(&self) -> &ChangeSet {
        &self.change_set
    }

    /// Returns its id.
    pub(super) fn id(&self) -> &ChangeSetId {
        &self.change_set.id
    }

    /// Returns whether it creates, updates or imports.
    pub(super) fn kind(&self) -> ChangeSetKind {
        self.kind
    }

    /// Returns the id of its stack.
    pub(super) fn stack_id(&self) -> &str {
        &self.change_set.stack_id
    }

    /// Deletes it.
    pub(super) async fn discard(self) -> Result<(), CallError> {
        self.task.discard_change_set(&self.change_set.id, self.kind).await
    }

    /// Keeps it if the review succeeds, and discards it otherwise.
    pub(super) async fn reviewed<T>(self, review: impl Future<Output = Result<T, Abort>>) -> Result<(Self, T), Abort> {
        match review.await {
            Ok(value) => Ok((self, value)),
            Err(abort @ Abort::Rejected(_)) => {
                // The refusal is reported; the next deployment deletes it.
                let _ = self.discard().await;
                Err(abort)
            }
            Err(abort) => {
                self.discard().await.map_err(CallError::into_api_error)?;
                Err(abort)
            }
        }
    }

    /// Executes it. With `disable_rollback` a failure is left in place.
    pub(super) async fn execute(self, token: &ClientRequestToken, disable_rollback: bool) -> Result<(), Abort> {
        let task = self.task;
        let execute = async || task.api.execute_change_set(&self.change_set.id, token, disable_rollback).await;
        // After a lost answer, a change set that cannot be executed (any more) is being executed.
        let done = [ErrorKind::Conflict, ErrorKind::NoSuchChangeSet];
        let Err(error) = task.retry_idempotent(&done, execute).await else { return Ok(()) };
        let (abort, last) = match error {
            CallError::Api(last) => (Abort::Rejected(last.clone()), last),
            CallError::Stopped { request, last } => (Abort::Stopped(request), last),
        };
        if last.loses_answers() {
            return Err(Abort::ConnectionLost(last));
        }
        if is_executed(&task.api, self.stack_id(), token).await {
            return Ok(());
        }
        // The refusal is reported; the next deployment deletes it.
        let _ = self.discard().await;
        Err(abort)
    }
}

/// Returns whether a refused execution runs anyway. If the answer to the first request was lost, the next one, which the
/// transport sends by itself, may be refused because the change set is already executed; the events show the token.
async fn is_executed(api: &impl AwsApi, stack: &str, token: &ClientRequestToken) -> bool {
    let page = api.events(stack, None).await.unwrap_or_default();
    page.events.iter().any(|event| event.token.as_ref() == Some(token))
}

fn is_gone(error: &AwsError) -> bool {
    matches!(error.kind, ErrorKind::NoSuchChangeSet | ErrorKind::NoSuchStack)
}

/// Returns whether there are no changes: AWS reports that as a failure with one of these texts.
fn is_empty(change_set: &ChangeSet) -> bool {
    const TEXTS: [&str; 2] = ["didn't contain changes", "No updates are to be performed"];
    let reason = change_set.reason.as_deref().unwrap_or_default();
    change_set.status == ChangeSetStatus::Failed && TEXTS.iter().any(|text| reason.contains(text))
}

fn failed(stack: &DesiredStack, change_set: &ChangeSet) -> Diagnostic {
    let reason = change_set.reason.as_deref().unwrap_or("AWS gave no reason");
    let message = format!("CloudFormation rejected the change to stack `{}`: {reason}", stack.name);
    let problem = Diagnostic::new(Code::ChangeSetFailed, message);
    let named = stack.template.resources.iter().filter(|(id, _)| mentions(reason, id));
    match named.max_by_key(|(id, _)| id.as_str().len()) {
        Some((id, resource)) => problem.at(&resource.origin, format!("`{id}` is created here")),
        None => problem.at(&stack.origin, "this stack"),
    }
}

fn mentions(reason: &str, id: &LogicalId) -> bool {
    reason.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == id.as_str())
}

/// Returns the value of every parameter: the given one, else the template's default, else that of the deployed stack.
fn parameters(
    stack: &DesiredStack,
    deployed: Option<&DeployedStack>,
) -> Result<IndexMap<String, ParameterValue>, Abort> {
    let mut values = IndexMap::new();
    let mut problems = Vec::new();
    for (id, parameter) in &stack.template.parameters {
        let is_deployed = deployed.is_some_and(|deployed| deployed.stack.parameters.contains_key(id.as_str()));
        match stack.parameters.get(id.as_str()) {
            Some(value) => drop(values.insert(id.to_string(), ParameterValue::Given(value.clone()))),
            None if parameter.body.contains_key("Default") => {}
            None if is_deployed => drop(values.insert(id.to_string(), ParameterValue::Previous)),
            None => problems.push(missing(stack, id, parameter)),
        }
    }
    if problems.is_empty() { Ok(values) } else { Err(Abort::Blocked(problems)) }
}

fn missing(stack: &DesiredStack, id: &LogicalId, parameter: &Parameter) -> Diagnostic {
    Diagnostic::new(Code::MissingParameter, format!("stack `{}` needs a value for its parameter `{id}`", stack.name))
        .at(&parameter.origin, "it has no default")
        .help(format!("set it with `--parameter {id}=...`"))
}
