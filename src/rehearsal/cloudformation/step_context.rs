//! What a step knows of its resource before it begins: properties, type, id, and what stands in its way.

use serde_json::Value as Json;

use super::Operation;
use super::ecs_steps::TASK_DEFINITION;
use super::property_diff::{PropertyDiff, goes_first, tag};
use super::resource_ids::{IdContext, explicit_name, family, physical_id};
use crate::cfn::LogicalId;
use crate::cfn::graph::Graph;
use crate::rehearsal::account::Account;
use crate::rehearsal::account::state::{ResourceState, Stack};
use crate::rehearsal::rng::uuid;

impl Account {
    /// The properties as the template has them now, with the stack's tags.
    pub(in crate::rehearsal) fn resolved(
        &mut self,
        stack: &Stack,
        operation: &mut Operation,
        id: &str,
    ) -> Result<Json, String> {
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
    pub(in crate::rehearsal) fn facts(
        &mut self,
        stack: &Stack,
        operation: &Operation,
        id: &str,
    ) -> (String, Json, Vec<String>) {
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

    pub(super) fn new_id(&mut self, stack: &Stack, id: &str, kind: &str, properties: &Json, generation: u64) -> String {
        let place = self.state.place(&stack.region);
        let unique = if generation == 0 { self.state.counter } else { generation };
        let seed = self.state.seed;
        let mut naming = IdContext { seed, place: &place, stack: &stack.name, logical_id: id, generation: unique };
        if kind == TASK_DEFINITION {
            let revision = self.state.fleet.next_revision(&place.region, &family(&naming, properties));
            naming.generation = u64::from(revision) - 1;
        }
        physical_id(&naming, kind, properties)
    }

    /// Why a resource of this explicit name cannot be made: another one of that type has it.
    pub(super) fn collision(&self, stack: &Stack, kind: &str, properties: &Json) -> Option<String> {
        let name = explicit_name(kind, properties)?;
        let owner = |held: &ResourceState| {
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
                uuid(self.state.seed, &[kind, &name])
            )
        })
    }
}

/// A fixed name stays in the way of a replacement that is made before the old one goes.
pub(super) fn name_in_the_way(kind: &str, properties: &Json, differences: &[PropertyDiff]) -> Option<String> {
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
