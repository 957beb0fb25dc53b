//! What one step does, from its beginning on.

use serde_json::Value as Json;

use super::{Beat, Operation, Phase, Stage, Work};
use crate::cfn::LogicalId;
use crate::cfn::graph::Graph;
use crate::cfn::schema::CreateOnly;
use crate::deploy::ports::Timestamp;
use crate::deploy::rehearsal::account::Account;
use crate::deploy::rehearsal::compare::{Difference, differences, goes_first, tag};
use crate::deploy::rehearsal::fault::Moment;
use crate::deploy::rehearsal::identity::{Naming, explicit_name, physical_id};
use crate::deploy::rehearsal::state::{Held, Stack};
use crate::deploy::rehearsal::timing::{self, Times};
use crate::deploy::status::ResourceStatus as S;

const REPLACES: &str = "Requested update requires the creation of a new physical resource; hence creating one.";

/// How long a failure takes to show where nothing says otherwise, as a part of the whole.
const FAILS_AFTER: f64 = 0.6;

impl Account {
    /// Begins a step of the stack's operation.
    pub(super) fn start(&mut self, stack: &mut Stack, operation: &mut Operation, step: usize, at: Timestamp) {
        let (id, work) = (operation.steps[step].id.clone(), operation.steps[step].work);
        operation.steps[step].stage = Stage::Running;
        let begun = match work {
            Work::Make => Some(self.make(stack, operation, &id, at)),
            Work::Change => self.change(stack, operation, &id, at),
            Work::Restore => self.restore(stack, operation, &id, at),
            Work::Remove | Work::RemoveDoomed => self.remove(stack, operation, &id, at),
        };
        let step = &mut operation.steps[step];
        if let Some(beats) = begun {
            step.beats = beats;
        } else {
            step.stage = Stage::Done;
            (step.released, step.ended) = (Some(at), Some(at));
        }
    }

    fn make(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        id: &str,
        at: Timestamp,
    ) -> Vec<(Timestamp, Beat)> {
        let resolved = self.resolved(stack, operation, id);
        let (kind, attributes, needs) = self.facts(stack, operation, id);
        let held = Held {
            kind: kind.clone(),
            physical_id: None,
            properties: Json::Null,
            attributes,
            status: S::CreateInProgress,
            reason: None,
            updated: at,
            needs,
            generation: 0,
        };
        stack.resources.insert(id.to_owned(), held);
        self.report(stack, operation, id, at, (S::CreateInProgress, None));
        let properties = match resolved {
            Ok(properties) => properties,
            Err(reason) => return vec![(at, Beat::Fail(reason))],
        };
        if let Some(reason) = self.collision(stack, &kind, &properties) {
            return vec![(at + timing::gap(0, &[id]), Beat::Fail(reason))];
        }
        let words = [stack.id.as_str(), id, "create", &operation.id];
        let times = timing::create(self.state.seed, &words, &kind, &properties, &stack.resources);
        let new = self.new_id(stack, id, &kind, &properties, 0);
        let beats = beats(at, times, Some(new), properties);
        self.faulted(beats, (at, times), id, Moment::Create)
    }

    fn change(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        id: &str,
        at: Timestamp,
    ) -> Option<Vec<(Timestamp, Beat)>> {
        let resolved = self.resolved(stack, operation, id);
        let (kind, attributes, needs) = self.facts(stack, operation, id);
        let held = stack.resources.get_mut(id)?;
        (held.attributes, held.needs) = (attributes, needs);
        let before = held.properties.clone();
        let generation = held.generation;
        let properties = match resolved {
            Ok(properties) => properties,
            Err(reason) => {
                self.report(stack, operation, id, at, (S::UpdateInProgress, None));
                return Some(vec![(at, Beat::Fail(reason))]);
            }
        };
        let differences = differences(&kind, &before, &properties);
        if differences.is_empty() {
            return None;
        }
        let replaced = differences.iter().any(|difference| difference.recreation == CreateOnly::Yes);
        let reason = replaced.then(|| REPLACES.to_owned());
        self.report(stack, operation, id, at, (S::UpdateInProgress, reason));
        if let Some(reason) = name_in_the_way(&kind, &properties, &differences).filter(|_| replaced) {
            return Some(vec![(at + timing::gap(0, &[id]), Beat::Fail(reason))]);
        }
        let words = [stack.id.as_str(), id, "update", &operation.id];
        let timing = if replaced { timing::create } else { timing::update };
        let times = timing(self.state.seed, &words, &kind, &properties, &stack.resources);
        let new = replaced.then(|| self.new_id(stack, id, &kind, &properties, generation + 1));
        let beats = beats(at, times, new, properties);
        Some(self.faulted(beats, (at, times), id, Moment::Update))
    }

    /// Puts a resource back; nothing where nothing happened to it.
    fn restore(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        id: &str,
        at: Timestamp,
    ) -> Option<Vec<(Timestamp, Beat)>> {
        let old = operation.previous.get(id)?.clone();
        let now = stack.resources.get(id)?;
        let failed = now.status.is_failed();
        if now.physical_id == old.physical_id && now.properties == old.properties && !failed {
            stack.resources.insert(id.to_owned(), old);
            return None;
        }
        if now.physical_id != old.physical_id {
            let doomed =
                operation.doomed.iter().position(|(other, held)| other == id && held.physical_id == old.physical_id);
            let new = now.clone();
            if let Some(kept) = doomed {
                operation.doomed.remove(kept);
            }
            operation.doomed.push((id.to_owned(), new));
        }
        stack.resources.insert(id.to_owned(), Held { status: S::UpdateInProgress, ..old.clone() });
        self.report(stack, operation, id, at, (S::UpdateInProgress, None));
        let words = [stack.id.as_str(), id, "restore", &operation.id];
        let times = timing::update(self.state.seed, &words, &old.kind, &old.properties, &stack.resources);
        let beats = beats(at, times, None, old.properties);
        Some(self.faulted(beats, (at, times), id, Moment::Restore))
    }

    fn remove(
        &mut self,
        stack: &mut Stack,
        operation: &mut Operation,
        id: &str,
        at: Timestamp,
    ) -> Option<Vec<(Timestamp, Beat)>> {
        let replaced = operation.wanted_still_has(stack, id);
        let policy = if replaced { "UpdateReplacePolicy" } else { "DeletionPolicy" };
        let held = operation.subject(stack, id)?.clone();
        if keeps(operation.phase, held.policy(policy)) {
            self.report(stack, operation, id, at, (S::DeleteSkipped, None));
            operation.let_go(stack, id, true);
            return None;
        }
        if held.physical_id.is_none() {
            self.report(stack, operation, id, at, (S::DeleteComplete, None));
            operation.let_go(stack, id, false);
            return None;
        }
        self.report(stack, operation, id, at, (S::DeleteInProgress, None));
        let words = [stack.id.as_str(), id, "delete", &operation.id];
        let times = timing::delete(self.state.seed, &words, &held.kind, &held.properties, &stack.resources);
        let beats = vec![(at + times.done, Beat::Done(Json::Null))];
        Some(self.faulted(beats, (at, times), id, Moment::Delete))
    }

    /// The same with a failure where one was asked for: it comes before the end.
    fn faulted(
        &mut self,
        mut beats: Vec<(Timestamp, Beat)>,
        (at, times): (Timestamp, Times),
        id: &str,
        moment: Moment,
    ) -> Vec<(Timestamp, Beat)> {
        if let Some(fault) = self.fault(id, moment) {
            let fails = at + fault.after.unwrap_or_else(|| times.done.mul_f64(FAILS_AFTER));
            beats.retain(|(moment, beat)| *moment <= fails && !matches!(beat, Beat::Done(_)));
            beats.push((fails, Beat::Fail(fault.reason)));
        }
        beats
    }

    /// The properties as the template has them now, with the stack's tags.
    fn resolved(&mut self, stack: &Stack, operation: &mut Operation, id: &str) -> Result<Json, String> {
        let template = self.template(&operation.wanted.body);
        let resource = template.resources.get(id).ok_or_else(|| format!("{id} is not in the template"))?;
        let (properties, imports) =
            self.with_scope(stack, &operation.wanted, &template, |scope| scope.map(&resource.properties))?;
        operation.imports.extend(imports);
        let mut properties = Json::Object(properties);
        tag(resource.kind.as_str(), &mut properties, &operation.wanted.tags);
        Ok(properties)
    }

    /// Type, attributes and needs of a resource.
    fn facts(&mut self, stack: &Stack, operation: &Operation, id: &str) -> (String, Json, Vec<String>) {
        let template = self.template(&operation.wanted.body);
        let conditions = self.conditions(&template, &stack.region, &stack.name, &operation.wanted);
        let graph = Graph::after(&template, &conditions);
        let logical: LogicalId = id.into();
        let needs = graph.needs(&logical).map(|(need, _)| need.to_string()).collect();
        let resource = template.resources.get(id);
        let kind = resource.map(|resource| resource.kind.to_string()).unwrap_or_default();
        let attributes = resource.map(|resource| crate::cfn::emit::json::to_json(&resource.attributes.clone().into()));
        (kind, attributes.unwrap_or_default(), needs)
    }

    fn new_id(&self, stack: &Stack, id: &str, kind: &str, properties: &Json, generation: u64) -> String {
        let place = self.state.place(&stack.region);
        let unique = if generation == 0 { self.state.counter } else { generation };
        let generation = if kind == "AWS::ECS::TaskDefinition" { generation } else { unique };
        let naming = Naming { seed: self.state.seed, place: &place, stack: &stack.name, logical_id: id, generation };
        physical_id(&naming, kind, properties)
    }

    /// Why a resource of this explicit name cannot be made: another one of that type has it.
    fn collision(&self, stack: &Stack, kind: &str, properties: &Json) -> Option<String> {
        let name = explicit_name(kind, properties)?;
        let owner = |held: &Held| {
            held.kind == kind
                && held.physical_id.is_some()
                && explicit_name(kind, &held.properties).as_ref() == Some(&name)
        };
        let own = std::iter::once(stack).chain(self.state.stacks.iter().filter(|other| other.region == stack.region));
        let taken = own.flat_map(|stack| stack.resources.values().chain(&stack.leftovers)).any(owner);
        taken.then(|| {
            format!(
                "Resource handler returned message: \"Resource of type '{kind}' with identifier '{name}' already exists.\" \
                 (RequestToken: {}, HandlerErrorCode: AlreadyExists)",
                crate::deploy::rehearsal::chance::uuid(self.state.seed, &[kind, &name])
            )
        })
    }
}

/// What is in store for a step that goes well.
fn beats(at: Timestamp, times: Times, new: Option<String>, properties: Json) -> Vec<(Timestamp, Beat)> {
    let mut beats = Vec::from_iter(new.map(|new| (at + times.initiated, Beat::Initiated(new))));
    beats.extend(times.configured.map(|configured| (at + configured.max(times.initiated), Beat::Configured)));
    beats.push((at + times.done.max(times.initiated), Beat::Done(properties)));
    beats
}

/// A fixed name stays in the way of a replacement that is made before the old one goes.
fn name_in_the_way(kind: &str, properties: &Json, differences: &[Difference]) -> Option<String> {
    let name = explicit_name(kind, properties)?;
    let last = kind.rsplit("::").next().unwrap_or(kind);
    let renamed = differences.iter().any(|it| it.property == "Name" || it.property == format!("{last}Name"));
    (!renamed && !goes_first(kind)).then(|| {
        format!(
            "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename {name} and \
             update the stack again."
        )
    })
}

/// Whether a deletion policy keeps the resource in this phase ("`DeletionPolicy` attribute", user guide).
fn keeps(phase: Phase, policy: &str) -> bool {
    let undoes = matches!(phase, Phase::Rollback | Phase::UndoCleanup);
    policy == "Retain" || (policy == "RetainExceptOnCreate" && !undoes)
}

impl Operation {
    /// True where a resource of that name stays in the stack: what is deleted was replaced.
    fn wanted_still_has(&self, stack: &Stack, id: &str) -> bool {
        !matches!(self.phase, Phase::Delete | Phase::Rollback) && stack.resources.contains_key(id)
    }

    /// The resource that a step deletes.
    pub(super) fn subject<'s>(&'s self, stack: &'s Stack, id: &str) -> Option<&'s Held> {
        if matches!(self.phase, Phase::Cleanup | Phase::UndoCleanup) {
            return self.doomed.iter().find(|(other, _)| other == id).map(|(_, held)| held);
        }
        stack.resources.get(id)
    }

    /// The stack has nothing to do with it any more; it exists on where it is kept.
    pub(super) fn let_go(&mut self, stack: &mut Stack, id: &str, kept: bool) {
        let gone = if matches!(self.phase, Phase::Cleanup | Phase::UndoCleanup) {
            let at = self.doomed.iter().position(|(other, _)| other == id);
            at.map(|at| self.doomed.remove(at).1)
        } else {
            stack.resources.get_mut(id).map(|held| {
                let gone = held.clone();
                held.physical_id = None;
                gone
            })
        };
        if kept {
            stack.leftovers.extend(gone.filter(|held| held.physical_id.is_some()));
        }
    }
}
