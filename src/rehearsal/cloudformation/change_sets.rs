//! Change sets: the checks of a request, and the changes that its execution would make.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::durations;
use super::property_diff::{PropertyDiff, differences, tag};
use super::validate::{check_template, parameters, refusal};
use crate::cfn::emit::json;
use crate::cfn::graph::Graph;
use crate::cfn::schema::CreateOnly;
use crate::cfn::{LogicalId, Resource, Template};
use crate::deploy::api::status::{ChangeSetStatus, StackStatus};
use crate::deploy::api::{
    Action, ApiCall, AwsEnvironment, AwsError, Capability, ChangeDetail, ChangeSet, ChangeSetId, ChangeSetKind,
    ChangeSetRequest, DeploymentMode, ErrorKind, INLINE_TEMPLATE_BYTES, Replacement, RequiresRecreation,
    ResourceChange, TemplateSource, Timestamp,
};
use crate::deploy::plan::capabilities::capabilities;
use crate::rehearsal::account::Account;
use crate::rehearsal::rng::uuid;
use crate::rehearsal::state::{PendingChangeSet, ResourceState, Stack, StackSpec};

/// The reason of a change set without changes.
const UNCHANGED: &str =
    "The submitted information didn't contain changes. Submit different information to create a change set.";

impl Account {
    /// Performs `CreateChangeSet`.
    pub(crate) fn create_change_set(
        &mut self,
        region: &str,
        request: &ChangeSetRequest,
        now: Timestamp,
    ) -> Result<ChangeSetId, AwsError> {
        let body = self.body(&request.template)?;
        let template = self.template(&body);
        check_template(&body, &template)?;
        self.push_images(region, &body, now);
        let at = self.state.stacks.iter().position(|stack| stack.is(region, &request.stack));
        let before = at.map(|at| &self.state.stacks[at]);
        check_stack_status(request, before)?;
        let live = before.filter(|_| request.kind == ChangeSetKind::Update).map(|stack| &stack.desired);
        let ssm = before.map_or_else(|| self.ssm(&empty(self, region, request, now)), |stack| self.ssm(stack));
        let environment = self.state.environment(region);
        let assumed = self.assumed(&template, &environment);
        let spec =
            StackSpec { body, tags: request.tags.clone(), ..parameters(&template, request, live, &ssm, assumed)? };
        check_capabilities(&template, request)?;
        check_resource_types(&template, before)?;
        let mut stack = match at {
            Some(at) => self.state.stacks.remove(at),
            None => self.create_review_stack(region, request, now),
        };
        let change_set = self.write_change_set(&stack, request, spec, &template, now);
        let id = change_set.set.id.clone();
        stack.change_sets.push(change_set);
        let at = at.unwrap_or(self.state.stacks.len());
        self.state.stacks.insert(at, stack);
        Ok(id)
    }

    /// Returns the text of a template.
    fn body(&self, source: &TemplateSource) -> Result<String, AwsError> {
        match source {
            TemplateSource::Body(body) if body.len() > INLINE_TEMPLATE_BYTES => Err(refusal(
                "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length \
                 less than or equal to 51200",
            )),
            TemplateSource::Body(body) => Ok(body.clone()),
            TemplateSource::Url(url) => {
                let found = self.state.uploads.get(url).cloned();
                found.ok_or_else(|| refusal("S3 error: The specified key does not exist."))
            }
        }
    }

    /// Creates the empty stack that the first change set belongs to.
    fn create_review_stack(&mut self, region: &str, request: &ChangeSetRequest, now: Timestamp) -> Stack {
        self.state.counter += 1;
        let mut stack = empty(self, region, request, now);
        let (status, reason) = (StackStatus::ReviewInProgress, Some("User Initiated".to_owned()));
        self.record_stack_event(&mut stack, now, (status, reason), (Some(request.token.clone()), None));
        stack
    }

    /// Creates a change set of a stack.
    fn write_change_set(
        &mut self,
        stack: &Stack,
        request: &ChangeSetRequest,
        spec: StackSpec,
        template: &Template,
        now: Timestamp,
    ) -> PendingChangeSet {
        self.state.counter += 1;
        let count = self.state.counter.to_string();
        let (status, reason, changes) = match self.all_changes(stack, request, &spec, template) {
            Ok(changes)
                if changes.is_empty()
                    && request.kind == ChangeSetKind::Update
                    && self.only_resources_could_differ(stack, &spec, template) =>
            {
                (ChangeSetStatus::Failed, Some(UNCHANGED.to_owned()), changes)
            }
            Ok(changes) => (ChangeSetStatus::CreateComplete, None, changes),
            Err(reason) => (ChangeSetStatus::Failed, Some(reason), Vec::new()),
        };
        let set = ChangeSet {
            id: self.change_set_id(stack, &request.name, &count),
            name: request.name.clone(),
            stack_id: stack.id.clone(),
            status,
            reason,
            changes,
            is_executed: false,
        };
        let ready = now + durations::change_set(self.state.seed, &[&stack.name, &count]);
        PendingChangeSet {
            set,
            kind: request.kind,
            spec,
            mode: request.mode,
            import: request.import.clone(),
            created: now,
            ready,
        }
    }

    /// Returns the id of a new change set.
    fn change_set_id(&self, stack: &Stack, name: &str, count: &str) -> ChangeSetId {
        let unique = uuid(self.state.seed, &[&stack.id, name, count]);
        let AwsEnvironment { account, region, partition } = self.state.environment(&stack.region);
        ChangeSetId(format!("arn:{partition}:cloudformation:{region}:{account}:changeSet/{name}/{unique}"))
    }

    /// Returns the changes of a request, or of its import.
    fn all_changes(
        &mut self,
        stack: &Stack,
        request: &ChangeSetRequest,
        spec: &StackSpec,
        template: &Template,
    ) -> Result<Vec<ResourceChange>, String> {
        let changes = self.changes(stack, spec, template, request.mode)?;
        if request.kind == ChangeSetKind::Import {
            return self.imports(stack, &request.import, template, &changes);
        }
        Ok(changes)
    }

    /// Returns the changes of resources.
    fn changes(
        &mut self,
        stack: &Stack,
        spec: &StackSpec,
        template: &Template,
        mode: DeploymentMode,
    ) -> Result<Vec<ResourceChange>, String> {
        let conditions = self.conditions(template, &stack.region, &stack.name, spec);
        let graph = Graph::after(template, &conditions);
        let order = graph.order().map_err(|_| "Circular dependency between resources".to_owned())?;
        let mut unknown = BTreeSet::new();
        let mut found: BTreeMap<String, ResourceChange> = BTreeMap::new();
        for id in &order {
            let resource = &template.resources[*id];
            let existing = stack.resources.get(id.as_str()).filter(|existing| existing.physical_id.is_some());
            let existing = existing
                .filter(|existing| !self.must_be_recreated(existing, mode))
                .map(|existing| self.as_compared(existing, mode));
            let existing = existing.as_deref();
            let (properties, _) =
                self.with_unknown(stack, spec, template, &unknown_with(&unknown, existing, id.as_str()), |context| {
                    context.map(&resource.properties)
                })?;
            let mut properties = Json::Object(properties);
            tag(resource.kind.as_str(), &mut properties, &spec.tags);
            let change = match existing {
                None => Some(resource_change(Action::Add, id.as_str(), resource.kind.as_str(), None)),
                Some(existing) => modified(id.as_str(), existing, resource, &properties),
            };
            if let Some(change) = change {
                if change.replacement != Some(Replacement::False) {
                    unknown.insert(id.to_string());
                }
                found.insert(id.to_string(), change);
            }
        }
        let mut changes: Vec<_> = graph.ids().filter_map(|id| found.remove(id.as_str())).collect();
        changes.extend(removals(stack, &order));
        Ok(changes)
    }

    /// Returns whether outputs and tags are the same, so that only resources could differ.
    fn only_resources_could_differ(&mut self, stack: &Stack, spec: &StackSpec, template: &Template) -> bool {
        let before = self.template(&stack.desired.body);
        stack.rollback_state.is_none() && before.outputs == template.outputs && stack.desired.tags == spec.tags
    }
}

/// Returns the removals of resources that the template no longer has.
fn removals(stack: &Stack, ids: &[&LogicalId]) -> Vec<ResourceChange> {
    let removed = stack
        .resources
        .iter()
        .filter(|(id, existing)| existing.physical_id.is_some() && !ids.iter().any(|it| it.as_str() == *id));
    let removal = |(id, existing): (&String, &ResourceState)| {
        resource_change(Action::Remove, id, &existing.kind, existing.physical_id.clone())
    };
    removed.map(removal).collect()
}

/// Adds a resource to the unknown ones if it is new.
fn unknown_with(unknown: &BTreeSet<String>, existing: Option<&ResourceState>, id: &str) -> BTreeSet<String> {
    let own = existing.is_none().then(|| id.to_owned());
    unknown.iter().cloned().chain(own).collect()
}

/// Returns a stack without resources.
fn empty(account: &Account, region: &str, request: &ChangeSetRequest, now: Timestamp) -> Stack {
    let place = account.state.environment(region);
    let unique = uuid(account.state.seed, &[region, &request.stack, &account.state.counter.to_string()]);
    Stack {
        region: region.to_owned(),
        id: format!(
            "arn:{}:cloudformation:{region}:{}:stack/{}/{unique}",
            place.partition, place.account, request.stack
        ),
        name: request.stack.clone(),
        status: StackStatus::ReviewInProgress,
        reason: None,
        desired: StackSpec::default(),
        protected: false,
        created: now,
        updated: None,
        resources: IndexMap::new(),
        leftovers: Vec::new(),
        outputs: Vec::new(),
        imports: BTreeSet::new(),
        change_sets: Vec::new(),
        events: Vec::new(),
        operation: None,
        rollback_state: None,
        drifts: Vec::new(),
    }
}

/// Checks that the stack's status allows the change set.
fn check_stack_status(request: &ChangeSetRequest, stack: Option<&Stack>) -> Result<(), AwsError> {
    use StackStatus as S;
    let name = &request.stack;
    if stack.is_some_and(|stack| stack.change_sets.iter().any(|change_set| change_set.set.name == request.name)) {
        let message = format!("ChangeSet {} already exists for stack {name}", request.name);
        return Err(AwsError::new(
            ErrorKind::AlreadyExists,
            ApiCall::CreateChangeSet,
            "AlreadyExistsException",
            message,
        ));
    }
    match (request.kind, stack.map(|stack| (&stack.status, &stack.id))) {
        (ChangeSetKind::Create | ChangeSetKind::Import, None | Some((S::ReviewInProgress, _))) => Ok(()),
        (ChangeSetKind::Create, Some(_)) => {
            let message = format!(
                "Stack [{name}] already exists and cannot be created again with the changeSet [{}].",
                request.name
            );
            Err(AwsError::new(ErrorKind::AlreadyExists, ApiCall::CreateChangeSet, "ValidationError", message))
        }
        (ChangeSetKind::Update, None) => {
            let message = format!("Stack [{name}] does not exist");
            Err(AwsError::new(ErrorKind::NoSuchStack, ApiCall::CreateChangeSet, "ValidationError", message))
        }
        (ChangeSetKind::Update | ChangeSetKind::Import, Some((status, id))) => match status {
            S::CreateComplete
            | S::UpdateComplete
            | S::UpdateRollbackComplete
            | S::ImportComplete
            | S::ImportRollbackComplete => Ok(()),
            // A change set is allowed; its execution then needs `disable-rollback`.
            S::CreateFailed | S::UpdateFailed if request.kind == ChangeSetKind::Update => Ok(()),
            status => Err(refusal(&format!("Stack:{id} is in {status} state and can not be updated."))),
        },
    }
}

/// Checks that the request has the capabilities that the template needs.
fn check_capabilities(template: &Template, request: &ChangeSetRequest) -> Result<(), AwsError> {
    let is_given = |need: &Capability| {
        request.capabilities.contains(need)
            || (*need == Capability::Iam && request.capabilities.contains(&Capability::NamedIam))
    };
    let missing: Vec<_> =
        capabilities(template).into_iter().filter(|need| !is_given(need)).map(Capability::as_str).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("Requires capabilities : [{}]", missing.join(", "));
    let kind = ErrorKind::InsufficientCapabilities;
    Err(AwsError::new(kind, ApiCall::CreateChangeSet, "InsufficientCapabilitiesException", message))
}

/// Checks that no existing resource has another type in the template.
fn check_resource_types(template: &Template, stack: Option<&Stack>) -> Result<(), AwsError> {
    let existing =
        stack.into_iter().flat_map(|stack| &stack.resources).filter(|(_, existing)| existing.physical_id.is_some());
    let changed = existing.filter(|(id, existing)| {
        template.resources.get(id.as_str()).is_some_and(|resource| resource.kind.as_str() != existing.kind)
    });
    let changed: Vec<_> = changed.map(|(id, _)| id.as_str()).collect();
    if changed.is_empty() {
        return Ok(());
    }
    Err(refusal(&format!(
        "Update of resource type is not permitted. The new template modifies resource type of the following resources: [{}]",
        changed.join(", ")
    )))
}

/// Returns the change of a resource, without details.
pub(super) fn resource_change(action: Action, id: &str, kind: &str, physical_id: Option<String>) -> ResourceChange {
    ResourceChange {
        action,
        logical_id: id.to_owned(),
        physical_id,
        kind: kind.to_owned(),
        replacement: None,
        scope: Vec::new(),
        details: Vec::new(),
    }
}

/// Returns the modification of a resource, if it differs.
fn modified(id: &str, existing: &ResourceState, resource: &Resource, properties: &Json) -> Option<ResourceChange> {
    let differences = differences(&existing.kind, &existing.properties, properties);
    let attributes = json::to_json(&resource.attributes.clone().into());
    let mut details: Vec<_> = differences.iter().map(detail).collect();
    details.extend(attribute_details(&existing.attributes, &attributes));
    if details.is_empty() {
        return None;
    }
    let mut scope: Vec<_> = details.iter().map(|detail| detail.attribute.clone()).collect();
    scope.dedup();
    let replacement = differences.iter().map(replacement).max().unwrap_or(Replacement::False);
    Some(ResourceChange {
        replacement: Some(replacement),
        scope,
        details,
        ..resource_change(Action::Modify, id, &existing.kind, existing.physical_id.clone())
    })
}

/// Returns whether a difference replaces the resource.
fn replacement(difference: &PropertyDiff) -> Replacement {
    match (difference.recreation, difference.dynamic) {
        (CreateOnly::No, _) => Replacement::False,
        (CreateOnly::Yes, false) => Replacement::True,
        _ => Replacement::Conditional,
    }
}

/// Returns a difference as the API reports it.
fn detail(difference: &PropertyDiff) -> ChangeDetail {
    let tags = difference.property == "Tags";
    ChangeDetail {
        attribute: if tags { "Tags" } else { "Properties" }.to_owned(),
        name: (!tags).then(|| difference.property.clone()),
        path: (!tags).then(|| format!("/Properties/{}", difference.property)),
        recreation: match difference.recreation {
            CreateOnly::Yes => RequiresRecreation::Always,
            CreateOnly::Perhaps => RequiresRecreation::Conditionally,
            CreateOnly::No => RequiresRecreation::Never,
        },
        evaluation: Some(if difference.dynamic { "Dynamic" } else { "Static" }.to_owned()),
        source: Some(if difference.dynamic { "ResourceReference" } else { "DirectModification" }.to_owned()),
        cause: None,
        before: difference.before.clone(),
        after: difference.after.clone(),
    }
}

/// Returns the differences of attributes such as `DeletionPolicy`.
fn attribute_details(before: &Json, after: &Json) -> Vec<ChangeDetail> {
    let names = ["Metadata", "CreationPolicy", "UpdatePolicy", "DeletionPolicy", "UpdateReplacePolicy"];
    let differing = names.into_iter().filter(|name| before.get(name) != after.get(name));
    let text = |json: &Json, name: &str| json.get(name).map(ToString::to_string);
    differing
        .map(|name| ChangeDetail {
            attribute: name.to_owned(),
            name: None,
            path: None,
            recreation: RequiresRecreation::Never,
            evaluation: Some("Static".to_owned()),
            source: Some("DirectModification".to_owned()),
            cause: None,
            before: text(before, name),
            after: text(after, name),
        })
        .collect()
}
