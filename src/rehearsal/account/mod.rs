//! The rehearsed account at work: its state, and what is not worth saving.

pub(crate) mod from_deployed;
pub(crate) mod out_of_band;
pub(crate) mod rollback_api;
pub(crate) mod service_api;
pub(crate) mod stack_api;
pub(crate) mod state;

use crate::cfn::type_names::SSM_PARAMETER;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::cloudformation::Operation;
use super::cloudformation::resolve::ResolveContext;
use super::faults::{FaultPlan, FaultPoint, ResourceFault};
use super::rng::uuid;
use crate::cfn::conditions::Conditions;
use crate::cfn::{LogicalId, Template, parse};
use crate::deploy::api::status::{ResourceStatus, StackStatus};
use crate::deploy::api::{ClientRequestToken, EventStatus, StackEvent, Timestamp};
use state::{AccountState, ResourceState, Stack, StackSpec};

pub(super) struct Account {
    pub(super) state: AccountState,
    pub(super) faults: FaultPlan,
    /// Services whose tasks met the trouble that was asked for.
    pub(super) struck: BTreeSet<String>,
    templates: HashMap<String, Rc<Template>>,
}

impl Account {
    pub(super) fn new(state: AccountState, faults: FaultPlan) -> Self {
        Self { state, faults, struck: BTreeSet::new(), templates: HashMap::new() }
    }

    /// A template by its text, read once; one that cannot be read is empty (it was refused when it was handed in).
    pub(super) fn template(&mut self, body: &str) -> Rc<Template> {
        if let Some(known) = self.templates.get(body) {
            return known.clone();
        }
        let template = Rc::new(parse::template("template", body).value.unwrap_or_default());
        self.templates.insert(body.to_owned(), template.clone());
        template
    }

    pub(super) fn conditions(&self, template: &Template, region: &str, stack: &str, wanted: &StackSpec) -> Conditions {
        let place = self.state.place(region);
        let pseudo = [
            ("AWS::Region", place.region),
            ("AWS::AccountId", place.account),
            ("AWS::Partition", place.partition),
            ("AWS::StackName", stack.to_owned()),
        ];
        let given = wanted.resolved.iter().map(|(id, value)| (LogicalId::new(id.as_str()), value.clone()));
        let given = given.chain(pseudo.map(|(id, value)| (id.into(), value)));
        Conditions::decide(template, &given.collect())
    }

    /// Evaluates something with all that a stack's values may refer to; tells which exports it imported.
    pub(super) fn with_scope<T>(
        &self,
        stack: &Stack,
        wanted: &StackSpec,
        template: &Template,
        evaluate: impl FnOnce(&ResolveContext<'_>) -> Result<T, String>,
    ) -> Result<(T, BTreeSet<String>), String> {
        self.with_unknown(stack, wanted, template, &BTreeSet::new(), evaluate)
    }

    /// The same where the ids and attributes of some resources are not known yet.
    pub(super) fn with_unknown<T>(
        &self,
        stack: &Stack,
        wanted: &StackSpec,
        template: &Template,
        unknown: &BTreeSet<String>,
        evaluate: impl FnOnce(&ResolveContext<'_>) -> Result<T, String>,
    ) -> Result<(T, BTreeSet<String>), String> {
        let scope = ResolveContext {
            seed: self.state.seed,
            template,
            conditions: &self.conditions(template, &stack.region, &stack.name, wanted),
            place: &self.state.place(&stack.region),
            stack: &stack.name,
            stack_id: &stack.id,
            parameters: &wanted.resolved,
            resources: &stack.resources,
            unknown,
            exports: &self.exports(&stack.region),
            ssm: &self.ssm(stack),
            imports: RefCell::default(),
        };
        let value = evaluate(&scope)?;
        Ok((value, scope.imports.into_inner()))
    }

    pub(super) fn exports(&self, region: &str) -> BTreeMap<String, String> {
        let foreign = self.state.foreign.iter().flatten();
        let foreign = foreign.filter_map(|(name, value)| {
            Some((name.strip_prefix(region)?.strip_prefix('/')?.to_owned(), value.clone()))
        });
        let here = self.state.stacks.iter().filter(|stack| stack.region == region);
        let outputs = here.flat_map(|stack| &stack.outputs);
        foreign.chain(outputs.filter_map(|output| Some((output.export.clone()?, output.value.clone())))).collect()
    }

    /// SSM parameters that rehearsed stacks hold, the stack's own too.
    pub(super) fn ssm(&self, own: &Stack) -> SsmParameters {
        let here = self.state.stacks.iter().chain(std::iter::once(own)).filter(|stack| stack.region == own.region);
        let held = here.flat_map(|stack| stack.resources.values().chain(&stack.leftovers));
        let parameters = held.filter(|held| held.kind == SSM_PARAMETER);
        let value = |held: &ResourceState| {
            Some((held.physical_id.clone()?, held.properties.get("Value")?.as_str()?.to_owned()))
        };
        SsmParameters { known: parameters.filter_map(value).collect(), open: self.state.foreign.is_some() }
    }

    /// True where a fault was asked for and is still to come.
    pub(super) fn has_fault(&self, resource: &str, moment: FaultPoint) -> bool {
        let fits = |fault: &ResourceFault| fault.resource == resource && fault.moment == moment && fault.times > 0;
        self.faults.steps.iter().any(fits)
    }

    /// The fault that was asked for, once less.
    pub(super) fn fault(&mut self, resource: &str, moment: FaultPoint) -> Option<ResourceFault> {
        let fits = |fault: &&mut ResourceFault| fault.resource == resource && fault.moment == moment && fault.times > 0;
        let fault = self.faults.steps.iter_mut().find(fits)?;
        fault.times -= 1;
        Some(fault.clone())
    }

    /// The stack's own event, at the beginning of an operation.
    pub(super) fn announce(&mut self, stack: &mut Stack, at: Timestamp, status: StackStatus, reason: Option<String>) {
        let (token, operation) = stack.operation.as_ref().map(|it| (it.token.clone(), it.id.clone())).unzip();
        self.event_of_stack(stack, at, (status, reason), (token.flatten(), operation));
    }

    /// The stack's own event, while its operation is looked at.
    pub(super) fn announce_for(
        &mut self,
        stack: &mut Stack,
        operation: &Operation,
        at: Timestamp,
        status: StackStatus,
        reason: Option<String>,
    ) {
        let of = (operation.token.clone(), Some(operation.id.clone()));
        self.event_of_stack(stack, at, (status, reason), of);
    }

    pub(super) fn event_of_stack(
        &mut self,
        stack: &mut Stack,
        time: Timestamp,
        (status, reason): (StackStatus, Option<String>),
        (token, operation): (Option<ClientRequestToken>, Option<String>),
    ) {
        self.state.counter += 1;
        let id = uuid(self.state.seed, &[&stack.id, "event", &self.state.counter.to_string()]);
        (stack.status, stack.reason) = (status.clone(), reason.clone());
        stack.events.push(StackEvent {
            id,
            stack_id: stack.id.clone(),
            logical_id: stack.name.clone(),
            physical_id: Some(stack.id.clone()),
            kind: "AWS::CloudFormation::Stack".to_owned(),
            status: EventStatus::Stack(status),
            detail: None,
            reason,
            time,
            token,
            operation,
        });
    }

    /// A resource reaches a status.
    pub(super) fn report(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        id: &str,
        at: Timestamp,
        (status, reason): (ResourceStatus, Option<String>),
    ) {
        let held = if operation.phase.of_doomed() {
            operation.doomed.iter_mut().find(|(other, _)| other == id).map(|(_, held)| held)
        } else {
            stack.resources.get_mut(id)
        };
        let Some(held) = held else { return };
        (held.status, held.reason, held.updated) = (status.clone(), reason.clone(), at);
        let (kind, physical_id) = (held.kind.clone(), held.physical_id.clone());
        self.event_of_resource(stack, operation, (id, kind, physical_id), at, (status, reason, None));
    }

    /// What depends on a resource may start.
    pub(super) fn report_configured(
        &mut self,
        stack: &mut Stack,
        operation: &Operation,
        id: &str,
        at: Timestamp,
        status: ResourceStatus,
    ) {
        let Some(held) = stack.resources.get(id) else { return };
        let about = (id, held.kind.clone(), held.physical_id.clone());
        let reason = Some("Eventual consistency check initiated".to_owned());
        self.event_of_resource(
            stack,
            operation,
            about,
            at,
            (status, reason, Some("CONFIGURATION_COMPLETE".to_owned())),
        );
    }

    fn event_of_resource(
        &mut self,
        stack: &mut Stack,
        operation: &Operation,
        (id, kind, physical_id): (&str, String, Option<String>),
        time: Timestamp,
        (status, reason, detail): (ResourceStatus, Option<String>, Option<String>),
    ) {
        self.state.counter += 1;
        stack.events.push(StackEvent {
            id: format!("{id}-{status}-{}-{}", time, self.state.counter),
            stack_id: stack.id.clone(),
            logical_id: id.to_owned(),
            physical_id,
            kind,
            status: EventStatus::Resource(status),
            detail,
            reason,
            time,
            token: operation.token.clone(),
            operation: Some(operation.id.clone()),
        });
    }
}

/// Values of SSM parameters by name.
#[derive(Debug, Clone, Default)]
pub(super) struct SsmParameters {
    pub(super) known: BTreeMap<String, String>,
    /// Whether there are others, whose values stay unknown.
    pub(super) open: bool,
}

impl SsmParameters {
    /// The value of a parameter; a word that stands for it where it is not known.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.known.get(name).cloned().or_else(|| self.open.then(|| format!("ssm:{name}")))
    }
}

impl Stack {
    /// True where the stack imports an export, or is about to.
    pub(super) fn uses(&self, export: &str) -> bool {
        let running = self.operation.as_ref().is_some_and(|operation| operation.imports.contains(export));
        running || self.imports.contains(export)
    }
}
