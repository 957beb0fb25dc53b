//! The rehearsed account: its state, its faults and parsed templates, and the API operations on it.
//!
//! `artifacts`, `stack_api`, `rollback_api` and `service_api` are operations of the API, `cloud_control` reads resources as CloudFormation describes them, `events` writes stack events, `out_of_band`
//! changes resources outside CloudFormation, and `from_deployed` loads deployed stacks.
//!
//! May import `state`, `cloudformation`, `faults` and `rng` of the rehearsal, and `cfn`.
//!
//! *Invariant*: reads no clock; each operation gets the current time.

mod artifacts;
mod cloud_control;
mod events;
pub(super) mod from_deployed;
mod out_of_band;
mod rollback_api;
mod service_api;
mod stack_api;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::assumed::{self, AssumedValues, AssumptionLog, Assumptions};
use super::cloudformation::resolve::ResolveContext;
use super::faults::{FaultPlan, FaultPoint, ResourceFault};
use super::state::{AccountState, ResourceState, SsmParameters, Stack, StackSpec};
use crate::cfn::conditions::Conditions;
use crate::cfn::type_names::SSM_PARAMETER;
use crate::cfn::{LogicalId, Template, parse};
use crate::deploy::api::AwsEnvironment;

/// A rehearsed account.
pub(super) struct Account {
    pub(super) state: AccountState,
    pub(super) faults: FaultPlan,
    /// The services whose task fault occurred.
    pub(super) triggered: BTreeSet<String>,
    assumptions: AssumptionLog,
    templates: HashMap<String, Rc<Template>>,
}

impl Account {
    /// Creates an account from its state.
    pub(super) fn new(state: AccountState, faults: FaultPlan) -> Self {
        Self {
            state,
            faults,
            triggered: BTreeSet::new(),
            assumptions: AssumptionLog::default(),
            templates: HashMap::new(),
        }
    }

    /// Takes the assumptions of a run. The account keeps the values for later runs.
    pub(super) fn assume(&mut self, assumptions: &Assumptions) {
        self.assumptions = AssumptionLog::new(assumptions);
        for (name, value) in &assumptions.given {
            if assumed::is_resource(name) {
                self.state.assumed_resources.insert(assumed::resource(name, value));
            } else {
                self.state.assumed.insert(name.clone(), value.clone());
            }
        }
    }

    /// Returns the use of assumptions in this run.
    pub(super) fn assumptions(&self) -> &AssumptionLog {
        &self.assumptions
    }

    /// Returns the assumed values as a template reads them.
    pub(super) fn assumed<'a>(&'a self, template: &'a Template, environment: &'a AwsEnvironment) -> AssumedValues<'a> {
        AssumedValues {
            seed: self.state.seed,
            given: &self.state.assumed,
            log: &self.assumptions,
            template,
            environment,
        }
    }

    /// Parses a template, once for each text. An invalid one is empty: it was rejected when it was submitted.
    pub(super) fn template(&mut self, body: &str) -> Rc<Template> {
        if let Some(known) = self.templates.get(body) {
            return known.clone();
        }
        let template = Rc::new(parse::template("template", body).value.unwrap_or_default());
        self.templates.insert(body.to_owned(), template.clone());
        template
    }

    /// Decides the conditions of a template.
    pub(super) fn conditions(&self, template: &Template, region: &str, stack: &str, spec: &StackSpec) -> Conditions {
        let environment = self.state.environment(region);
        let pseudo = [
            ("AWS::Region", environment.region),
            ("AWS::AccountId", environment.account),
            ("AWS::Partition", environment.partition),
            ("AWS::StackName", stack.to_owned()),
        ];
        let given = spec.resolved.iter().map(|(id, value)| (LogicalId::new(id.as_str()), value.clone()));
        let given = given.chain(pseudo.map(|(id, value)| (id.into(), value)));
        Conditions::decide(template, &given.collect())
    }

    /// Evaluates values of a stack. Returns the result and the exports that it imported.
    pub(super) fn with_context<T>(
        &self,
        stack: &Stack,
        spec: &StackSpec,
        template: &Template,
        evaluate: impl FnOnce(&ResolveContext<'_>) -> Result<T, String>,
    ) -> Result<(T, BTreeSet<String>), String> {
        self.with_unknown(stack, spec, template, &BTreeSet::new(), evaluate)
    }

    /// Evaluates values of a stack while the ids and attributes of some resources are unknown.
    pub(super) fn with_unknown<T>(
        &self,
        stack: &Stack,
        spec: &StackSpec,
        template: &Template,
        unknown: &BTreeSet<String>,
        evaluate: impl FnOnce(&ResolveContext<'_>) -> Result<T, String>,
    ) -> Result<(T, BTreeSet<String>), String> {
        let environment = &self.state.environment(&stack.region);
        let context = ResolveContext {
            seed: self.state.seed,
            template,
            conditions: &self.conditions(template, &stack.region, &stack.name, spec),
            environment,
            stack: &stack.name,
            stack_id: &stack.id,
            parameters: &spec.resolved,
            resources: &stack.resources,
            unknown,
            exports: &self.exports(&stack.region),
            ssm: &self.ssm(stack),
            assumed: self.assumed(template, environment),
            imports: RefCell::default(),
        };
        let value = evaluate(&context)?;
        Ok((value, context.imports.into_inner()))
    }

    /// Returns the exports of a region.
    pub(super) fn exports(&self, region: &str) -> BTreeMap<String, String> {
        let foreign = self.state.foreign_exports.iter().flatten();
        let foreign = foreign.filter_map(|(name, value)| {
            Some((name.strip_prefix(region)?.strip_prefix('/')?.to_owned(), value.clone()))
        });
        let in_region = self.state.stacks.iter().filter(|stack| stack.region == region);
        let outputs = in_region.flat_map(|stack| &stack.outputs);
        foreign.chain(outputs.filter_map(|output| Some((output.export.clone()?, output.value.clone())))).collect()
    }

    /// Returns the SSM parameters of the rehearsed stacks in the region, this stack included.
    pub(super) fn ssm(&self, own: &Stack) -> SsmParameters {
        let in_region = self.state.stacks.iter().chain(std::iter::once(own)).filter(|stack| stack.region == own.region);
        let existing = in_region.flat_map(Stack::all_resources);
        let parameters = existing.filter(|existing| existing.kind == SSM_PARAMETER);
        let value = |existing: &ResourceState| {
            Some((existing.physical_id.clone()?, existing.properties.get("Value")?.as_str()?.to_owned()))
        };
        SsmParameters { known: parameters.filter_map(value).collect(), open: self.state.foreign_exports.is_some() }
    }

    /// Returns whether a fault is requested and has not occurred yet.
    pub(super) fn has_fault(&self, resource: &str, point: FaultPoint) -> bool {
        let fits = |fault: &ResourceFault| fault.resource == resource && fault.point == point && fault.times > 0;
        self.faults.steps.iter().any(fits)
    }

    /// Returns a requested fault if it has not occurred often enough, and counts it.
    pub(super) fn take_fault(&mut self, resource: &str, point: FaultPoint) -> Option<ResourceFault> {
        let fits = |fault: &&mut ResourceFault| fault.resource == resource && fault.point == point && fault.times > 0;
        let fault = self.faults.steps.iter_mut().find(fits)?;
        fault.times -= 1;
        Some(fault.clone())
    }
}
