//! The resource of a step before it starts: its definition, properties, physical id, and conflicts.

use serde_json::Value as Json;

use super::messages::handler_error;
use super::property_diff::{PropertyDiff, deletes_first, tag};
use super::resource_ids::{IdContext, explicit_name, family, function, physical_id};
use crate::cfn::LogicalId;
use crate::cfn::emit::json;
use crate::cfn::graph::Graph;
use crate::cfn::names::has_scoped_name;
use crate::cfn::schema::Schema;
use crate::cfn::type_names::{FUNCTION_VERSION, TASK_DEFINITION};
use crate::rehearsal::account::Account;
use crate::rehearsal::property_access::text;
use crate::rehearsal::rng::uuid;
use crate::rehearsal::state::{Operation, ResourceState, Stack};

/// A resource as the template defines it, apart from its properties.
pub(super) struct ResourceDefinition {
    pub(super) kind: String,
    pub(super) attributes: Json,
    pub(super) needs: Vec<String>,
}

impl Account {
    /// Resolves the properties of a resource, with the stack's tags.
    pub(super) fn resolved(&mut self, stack: &Stack, operation: &mut Operation, id: &str) -> Result<Json, String> {
        let template = self.template(&operation.spec.body);
        let resource = template.resources.get(id).ok_or_else(|| format!("{id} is not in the template"))?;
        let (properties, imports) =
            self.with_context(stack, &operation.spec, &template, |context| context.map(&resource.properties))?;
        operation.imports.extend(imports);
        let mut properties = Json::Object(properties);
        tag(resource.kind.as_str(), &mut properties, &operation.spec.tags);
        Ok(properties)
    }

    /// Returns the definition of a resource.
    pub(super) fn definition(&mut self, stack: &Stack, operation: &Operation, id: &str) -> ResourceDefinition {
        let template = self.template(&operation.spec.body);
        let conditions = self.conditions(&template, &stack.region, &stack.name, &operation.spec);
        let graph = Graph::after(&template, &conditions);
        let logical_id: LogicalId = id.into();
        let resource = template.resources.get(id);
        let attributes = resource.map(|resource| json::to_json(&resource.attributes.clone().into()));
        ResourceDefinition {
            kind: resource.map(|resource| resource.kind.to_string()).unwrap_or_default(),
            attributes: attributes.unwrap_or_default(),
            needs: graph.needs(&logical_id).map(|(need, _)| need.to_string()).collect(),
        }
    }

    /// Returns the physical id of a new resource.
    pub(super) fn new_physical_id(
        &mut self,
        stack: &Stack,
        id: &str,
        kind: &str,
        properties: &Json,
        generation: u64,
    ) -> String {
        let environment = self.state.environment(&stack.region);
        let unique = if generation == 0 { self.state.counter } else { generation };
        let seed = self.state.seed;
        let mut ids =
            IdContext { seed, environment: &environment, stack: &stack.name, logical_id: id, generation: unique };
        if kind == TASK_DEFINITION {
            let revision = self.state.ecs.next_revision(&environment.region, &family(&ids, properties));
            ids.generation = u64::from(revision) - 1;
        }
        if kind == FUNCTION_VERSION {
            ids.generation = self.published_versions(stack, function(properties));
        }
        physical_id(&ids, kind, properties)
    }

    /// Returns the number of the last version of a function: Lambda never uses a number twice ("Manage Lambda function versions",
    /// Lambda developer guide).
    fn published_versions(&self, stack: &Stack, function: &str) -> u64 {
        let prefix = format!(":function:{function}:");
        let of_stack = |stack: &Stack| -> Option<u64> {
            let ids = stack.events.iter().filter(|event| event.kind == FUNCTION_VERSION).map(|it| &it.physical_id);
            let ids = ids.chain(stack.all_resources().map(|it| &it.physical_id)).flatten();
            ids.filter_map(|id| id.split_once(&prefix)?.1.parse().ok()).max()
        };
        let others = self.state.stacks.iter().filter(|other| other.region == stack.region);
        std::iter::once(stack).chain(others).filter_map(of_stack).max().unwrap_or(0)
    }

    /// Returns the reason why a resource with an explicit name cannot be created: another one of that type has the name.
    pub(super) fn name_collision(&self, stack: &Stack, kind: &str, properties: &Json) -> Option<String> {
        let name = fixed_name(kind, properties)?;
        let has_name = |existing: &ResourceState| {
            existing.kind == kind
                && existing.physical_id.is_some()
                && explicit_name(kind, &existing.properties).as_ref() == Some(&name)
                && PARENTS.iter().all(|parent| text(properties, parent) == text(&existing.properties, parent))
        };
        let others = self.state.stacks.iter().filter(|other| other.region == stack.region);
        let taken = std::iter::once(stack).chain(others).flat_map(Stack::all_resources).any(has_name);
        taken.then(|| {
            let message = format!("Resource of type '{kind}' with identifier '{name}' already exists.");
            handler_error(&message, "AlreadyExists", &uuid(self.state.seed, &[kind, &name]))
        })
    }
}

/// The properties that name the resource in which a name is unique.
const PARENTS: &[&str] = &[
    "ApiId",
    "ApplicationName",
    "Cluster",
    "ClusterName",
    "DatabaseName",
    "EventBusName",
    "GroupName",
    "LogGroupName",
    "NamespaceId",
    "RestApiId",
    "UserPoolId",
];

/// Returns the name that the template sets, if the name identifies the resource: others of its type cannot have it, and it cannot
/// change.
fn fixed_name(kind: &str, properties: &Json) -> Option<String> {
    let name = explicit_name(kind, properties).filter(|_| !has_scoped_name(kind))?;
    let schema = Schema::embedded().get(kind)?;
    let is_name = |property: &str| properties.get(property).and_then(Json::as_str) == Some(name.as_str());
    let mut fixed = schema.create_only_properties().chain(schema.primary_identifier());
    fixed.any(is_name).then_some(name)
}

/// Returns the reason why a resource with an explicit name cannot be replaced: the old one has the name until it is deleted.
pub(super) fn custom_name_conflict(kind: &str, properties: &Json, differences: &[PropertyDiff]) -> Option<String> {
    let name = fixed_name(kind, properties)?;
    let last = kind.rsplit("::").next().unwrap_or(kind);
    let renamed = differences.iter().any(|it| it.property == "Name" || it.property == format!("{last}Name"));
    (!renamed && !deletes_first(kind)).then(|| {
        format!(
            "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename {name} and \
             update the stack again."
        )
    })
}
