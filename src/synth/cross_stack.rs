//! References from one stack to another, by way of parameters of SSM.
//!
//! The stack that creates a resource writes what others refer to into `AWS::SSM::Parameter` resources, named
//! `/rtiler/STACK/LOGICAL-ID/ATTRIBUTE`; a stack that refers to it has a template parameter of type
//! `AWS::SSM::Parameter::Value<String>` with that name as its default, which CloudFormation reads again in every
//! operation. Exports would do too, but an export can neither change nor be deleted while a stack imports it, so two stacks
//! block each other: the owner cannot be updated before the reader, nor the reader before the owner.
//!
//! A change of the owner (a network replaced by another) reaches a reader with the reader's next update.

use crate::cfn::type_names::SSM_PARAMETER;
use std::collections::HashMap;

use indexmap::IndexMap;

use super::attribute_id;
use super::template_builder::TemplateBuilder;
use crate::block::LoweredBlock;
use crate::budget::Budget;
use crate::cfn::schema::Schema;
use crate::cfn::{LogicalId, Map, Parameter, Ref, Resource};
use crate::diag::{Code, Diagnostic, Origin, Sink};

/// Returns the name under which an attribute of a stack's resource is read by other stacks.
pub fn shared_value_name(stack: &str, id: &str, attribute: &str) -> String {
    format!("{}{id}/{attribute}", shared_values_of(stack))
}

/// Returns the beginning of the names of the values that other stacks read from a stack.
pub fn shared_values_of(stack: &str) -> String {
    format!("/rtiler/{stack}/")
}

/// Passes every reference of a stack to another's resource.
pub(super) fn between(stacks: &mut [TemplateBuilder], schema: &Schema, budget: &Budget) -> Result<Sink, Sink> {
    let mut problems = Sink::new();
    for reader in 0..stacks.len() {
        let imports = std::mem::take(&mut stacks[reader].imports);
        if imports.is_empty() {
            continue;
        }
        let stack = &stacks[reader].stack.name;
        budget.permits(&stack.origin, || format!("the references of the stack `{}`", stack.value))?;
        let mut read: HashMap<Ref, LogicalId> = HashMap::new();
        for (reference, owner) in cross_stack_references(&stacks[reader], &imports) {
            if let Some(problem) = different_regions(&stacks[reader], &stacks[owner], &reference) {
                stacks[reader].faulty = true;
                problems.push(problem);
                continue;
            }
            let (name, origin) = write(&mut stacks[owner], &reference, schema, &mut problems);
            let owner = stacks[owner].stack.name.value.clone();
            let id = stacks[reader].add_parameter(&reference, name, origin, owner);
            read.insert(reference, id);
        }
        stacks[reader].replace_references(&read, &imports);
    }
    Ok(problems)
}

/// Returns the references to other stacks' resources with the stacks that create these, each once.
fn cross_stack_references(builder: &TemplateBuilder, imports: &IndexMap<LogicalId, usize>) -> IndexMap<Ref, usize> {
    let mut found = IndexMap::new();
    let mut visit = |reference: &Ref| {
        if let Some(owner) = imports.get(&reference.id) {
            found.insert(reference.clone(), *owner);
        }
    };
    builder.template.resources.values().for_each(|resource| resource.each_ref(&mut visit));
    builder.template.outputs.values().for_each(|output| output.value.each_ref(&mut visit));
    found
}

/// Reports stacks in different regions or accounts: SSM parameters cannot be read across them.
fn different_regions(reader: &TemplateBuilder, owner: &TemplateBuilder, reference: &Ref) -> Option<Diagnostic> {
    let (one, other) = (&reader.stack, &owner.stack);
    let what = match () {
        () if one.region != other.region => "regions",
        () if one.account != other.account => "accounts",
        () => return None,
    };
    let (reader, owner) = (&one.name.value, &other.name.value);
    let message = format!("`{reader}` refers to `{}` of `{owner}`, and the two are in different {what}", reference.id);
    Some(
        Diagnostic::new(Code::SharedAcrossRegions, message)
            .at(&one.name.origin, "refers to it")
            .at(&other.name.origin, "creates it")
            .help(
                "give the two stacks the same region and account, or create one for each region by calling a function",
            ),
    )
}

/// Writes a reference for others. Returns the name under which it is read, and the place of what it refers to.
fn write(owner: &mut TemplateBuilder, reference: &Ref, schema: &Schema, problems: &mut Sink) -> (String, Origin) {
    let attribute = reference.attribute.as_deref().unwrap_or("Ref");
    let name = shared_value_name(&owner.stack.name.value, reference.id.as_str(), attribute);
    let made = owner.template.resources.get(&reference.id).map(|shared| &shared.origin);
    let origin = made.unwrap_or(&owner.stack.name.origin).clone();
    let id = attribute_id(&reference.id, reference.attribute.as_deref(), "Shared");
    if !owner.template.resources.contains_key(&id) {
        let resource = Resource::new(SSM_PARAMETER, origin.clone())
            .with("Name", name.as_str())
            .with("Type", "String")
            .with("Value", reference)
            .with("Description", "Read by other stacks of the same script");
        let made = LoweredBlock { resources: IndexMap::from_iter([(id, resource)]), ..LoweredBlock::default() };
        owner.absorb(made, schema, problems);
    }
    (name, origin)
}

impl TemplateBuilder {
    /// Adds the parameter through which another stack's resource is read.
    fn add_parameter(&mut self, reference: &Ref, name: String, origin: Origin, owner: String) -> LogicalId {
        let id = attribute_id(&reference.id, reference.attribute.as_deref(), "");
        let body = Map::from_iter([
            ("Type".to_owned(), "AWS::SSM::Parameter::Value<String>".into()),
            ("Default".to_owned(), name.into()),
        ]);
        self.template.parameters.insert(id.clone(), Parameter { body, origin });
        if !self.after.contains(&owner) {
            self.after.push(owner);
        }
        id
    }

    /// Replaces references to other stacks' resources by those of parameters. The resources of another stack exist before
    /// this one is deployed, so no resource of this one need wait for them.
    fn replace_references(&mut self, read: &HashMap<Ref, LogicalId>, imports: &IndexMap<LogicalId, usize>) {
        let mut change = |found: &mut Ref| {
            if let Some(id) = read.get(found) {
                *found = Ref::to(id.clone());
            }
        };
        for resource in self.template.resources.values_mut() {
            resource.properties.values_mut().for_each(|value| value.each_ref_mut(&mut change));
            resource.attributes.values_mut().for_each(|value| value.each_ref_mut(&mut change));
            resource.depends_on.retain(|id| !imports.contains_key(id));
        }
        self.template.outputs.values_mut().for_each(|output| output.value.each_ref_mut(&mut change));
    }
}
