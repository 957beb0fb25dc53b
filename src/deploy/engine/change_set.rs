//! One change set: asked for, waited for, thrown away when it is not carried out.

use indexmap::IndexMap;

use super::Engine;
use super::abort::Abort;
use super::event::DeployEventKind;
use super::orphaned_change_sets::OURS;
use super::poll_interval::PollInterval;
use super::stop::StopRequest;
use crate::cfn::{LogicalId, Parameter};
use crate::deploy::api::status::{ChangeSetStatus, StackStatus};
use crate::deploy::api::{
    ApiCall, AwsApi, AwsError, ChangeSet, ChangeSetId, ChangeSetKind, ChangeSetRequest, Clock, DeploymentMode,
    ErrorKind, INLINE_TEMPLATE_BYTES, ParameterValue, TemplateSource,
};
use crate::deploy::plan::DeployedStack;
use crate::deploy::plan::capabilities::capabilities;
use crate::diag::{Code, Diagnostic};
use crate::synth::DesiredStack;

/// What a change set is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChangeSetPurpose {
    /// To what the script wants, in the mode that was asked for.
    On,
    /// To what there was before, in the mode that waits; a wish to cancel is why it is made.
    Revert,
}

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    /// The change set from what is there to what is wanted; nothing where AWS sees no difference.
    pub(super) async fn prepare(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        live: Option<&DeployedStack>,
    ) -> Result<Option<ChangeSet>, Abort> {
        self.prepare_so(cloud, desired, live, ChangeSetPurpose::On).await
    }

    pub(super) async fn prepare_so(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        live: Option<&DeployedStack>,
        manner: ChangeSetPurpose,
    ) -> Result<Option<ChangeSet>, Abort> {
        let request = self.request(cloud, desired, live, manner).await?;
        self.submit(cloud, desired, &request, manner).await
    }

    /// Asks for a change set and waits until it is written; nothing where AWS sees no difference.
    pub(super) async fn submit(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        request: &ChangeSetRequest,
        manner: ChangeSetPurpose,
    ) -> Result<Option<ChangeSet>, Abort> {
        let id = self.created(cloud, request).await?;
        match self.written(cloud, desired, &id, manner).await {
            Ok(change_set) if change_set.status == ChangeSetStatus::CreateComplete => Ok(Some(change_set)),
            Ok(change_set) if is_empty(&change_set) => {
                self.discard(cloud, desired, &id, request.kind).await?;
                Ok(None)
            }
            // The failure is the story; what cannot be cleared away now, the next deployment clears away.
            Ok(change_set) => {
                let _ = self.discard(cloud, desired, &id, request.kind).await;
                Err(failed(desired, &change_set).into())
            }
            Err(halt) => {
                let _ = self.discard(cloud, desired, &id, request.kind).await;
                Err(halt)
            }
        }
    }

    /// Asks for a change set until AWS has answered. Where an answer was lost, the set that is there is ours: nobody else
    /// gives one that name.
    async fn created(&self, cloud: &C, request: &ChangeSetRequest) -> Result<ChangeSetId, AwsError> {
        let arrived = [ErrorKind::AlreadyExists];
        let asked = self.insist_unless(&request.stack, &arrived, async || cloud.create_change_set(request).await);
        if let Some(id) = asked.await? {
            return Ok(id);
        }
        let all = self.insist(&request.stack, async || cloud.change_sets(&request.stack).await).await?;
        let own = all.into_iter().find(|set| set.name == request.name).map(|set| set.id);
        own.ok_or_else(|| {
            let message = format!("the change set {} was asked for and is not there", request.name);
            AwsError::new(ErrorKind::Other, ApiCall::CreateChangeSet, "ChangeSetNotFound", message)
        })
    }

    pub(super) async fn request(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        live: Option<&DeployedStack>,
        manner: ChangeSetPurpose,
    ) -> Result<ChangeSetRequest, Abort> {
        let (suffix, mode) = match manner {
            ChangeSetPurpose::On => ("", self.options.mode),
            ChangeSetPurpose::Revert => ("-back", DeploymentMode::Standard),
        };
        let parameters = parameters(desired, live)?;
        let body = desired.body();
        let template = if body.len() > INLINE_TEMPLATE_BYTES {
            self.tell(&desired.name, DeployEventKind::TemplateUploaded { bytes: body.len() });
            TemplateSource::Url(cloud.upload_template(&desired.name, &body).await?)
        } else {
            TemplateSource::Body(body.into_owned())
        };
        Ok(ChangeSetRequest {
            stack: desired.name.clone(),
            name: format!("{OURS}{}{suffix}", self.options.run),
            kind: if live.is_some() { ChangeSetKind::Update } else { ChangeSetKind::Create },
            template,
            parameters,
            tags: desired.tags.clone(),
            capabilities: capabilities(&desired.template),
            mode,
            import: Vec::new(),
            token: self.token(&desired.name, &format!("plan{suffix}")),
        })
    }

    /// Waits until AWS has written the change set.
    async fn written(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        id: &ChangeSetId,
        manner: ChangeSetPurpose,
    ) -> Result<ChangeSet, Abort> {
        let heard = (manner == ChangeSetPurpose::Revert).then_some(StopRequest::CancelAndRollBack);
        let mut pace = PollInterval::of_change_sets(self.seed(&desired.name));
        loop {
            let wait = match cloud.describe_change_set(id).await {
                Ok(change_set) if change_set.status.is_settled() => return Ok(change_set),
                Ok(_) => pace.quiet(),
                Err(error) if error.is_transient() && pace.errors() < 10 => pace.failed(),
                Err(error) => return Err(error.into()),
            };
            self.unless_beyond(heard, self.clock.sleep(wait)).await?;
        }
    }

    /// Waits until the empty stack is gone, so that it is in nobody's way; not for ever, as it holds nothing.
    async fn until_gone(&self, cloud: &C, desired: &DesiredStack, id: &str) -> Result<(), AwsError> {
        let mut pace = PollInterval::of_change_sets(self.seed(&desired.name));
        for _ in 0..15 {
            let stack = self.insist(&desired.name, async || cloud.describe_stack(id).await).await?;
            if stack.is_none_or(|stack| stack.status == StackStatus::DeleteComplete) {
                break;
            }
            self.clock.sleep(pace.quiet()).await;
        }
        Ok(())
    }

    /// Deletes a change set that is not carried out, and the empty stack that it may have brought.
    pub(super) async fn discard(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        id: &ChangeSetId,
        kind: ChangeSetKind,
    ) -> Result<(), AwsError> {
        match self.insist(&desired.name, async || cloud.delete_change_set(id).await).await {
            Err(error) if !matches!(error.kind, ErrorKind::NoSuchChangeSet | ErrorKind::NoSuchStack) => {
                return Err(error);
            }
            _ => {}
        }
        let stack = match kind {
            ChangeSetKind::Update => None,
            _ => self.insist(&desired.name, async || cloud.describe_stack(&desired.name).await).await?,
        };
        match stack.filter(|stack| stack.status == StackStatus::ReviewInProgress) {
            Some(empty) => {
                let token = self.token(&desired.name, "discard");
                self.insist(&desired.name, async || cloud.delete_stack(&empty.id, &token, &[]).await).await?;
                self.until_gone(cloud, desired, &empty.id).await
            }
            None => Ok(()),
        }
    }
}

/// AWS reports that there is nothing to do as a failure, in these words.
fn is_empty(change_set: &ChangeSet) -> bool {
    const WORDS: [&str; 2] = ["didn't contain changes", "No updates are to be performed"];
    let reason = change_set.reason.as_deref().unwrap_or_default();
    change_set.status == ChangeSetStatus::Failed && WORDS.iter().any(|words| reason.contains(words))
}

fn failed(desired: &DesiredStack, change_set: &ChangeSet) -> Diagnostic {
    let reason = change_set.reason.as_deref().unwrap_or("AWS gave no reason");
    let message = format!("CloudFormation does not take the change to stack `{}`: {reason}", desired.name);
    let problem = Diagnostic::new(Code::ChangeSetFailed, message);
    let named = desired.template.resources.iter().filter(|(id, _)| mentions(reason, id));
    match named.max_by_key(|(id, _)| id.as_str().len()) {
        Some((id, resource)) => problem.at(&resource.origin, format!("`{id}` is made here")),
        None => problem.at(&desired.origin, "this stack"),
    }
}

fn mentions(reason: &str, id: &LogicalId) -> bool {
    reason.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == id.as_str())
}

/// The value of every parameter: the given one; else the template's default; else the one that the stack has.
fn parameters(desired: &DesiredStack, live: Option<&DeployedStack>) -> Result<IndexMap<String, ParameterValue>, Abort> {
    let mut values = IndexMap::new();
    let mut problems = Vec::new();
    for (id, parameter) in &desired.template.parameters {
        let has = live.is_some_and(|live| live.stack.parameters.contains_key(id.as_str()));
        let value = match desired.parameters.get(id.as_str()) {
            Some(value) => ParameterValue::Given(value.clone()),
            None if parameter.body.contains_key("Default") => continue,
            None if has => ParameterValue::Previous,
            None => {
                problems.push(missing(desired, id, parameter));
                continue;
            }
        };
        values.insert(id.to_string(), value);
    }
    if problems.is_empty() { Ok(values) } else { Err(Abort::Blocked(problems)) }
}

fn missing(desired: &DesiredStack, id: &LogicalId, parameter: &Parameter) -> Diagnostic {
    Diagnostic::new(Code::MissingParameter, format!("stack `{}` needs a value for its parameter `{id}`", desired.name))
        .at(&parameter.origin, "it has no default")
        .help(format!("give one with `--parameter {id}=...`"))
}
