//! Resources with a fixed name that another resource still has: a replacement with the same name, or a new resource with that
//! of a removed one. CloudFormation deletes the old resource after it created the new one.
//!
//! "You can't perform an update that requires the resource to be replaced" (CloudFormation User Guide, "Name type"); the event
//! says "CloudFormation cannot update a stack when a custom-named resource requires replacing".

use super::{Plan, PlannedChange, PropertyChange};
use crate::cfn::names::{has_scoped_name, with_article};
use crate::cfn::schema::{CreateOnly, Schema, TypeSchema};
use crate::cfn::{PropertyPath, Resource, Template, Value};
use crate::deploy::api::{Action, Replacement};
use crate::diag::{Code, Diagnostic};

/// Returns an error for each resource that the plan replaces and whose name stays the same, and a warning for each new one with
/// the name of a removed one.
pub fn fixed_names(plan: &Plan, desired: &Template, schema: &Schema) -> Vec<Diagnostic> {
    // A replacement without a cause repeats a failed one, of which it is not known what still exists.
    let is_replaced =
        |change: &&PlannedChange| change.replacement == Some(Replacement::True) && !change.causes.is_empty();
    let replaced = plan.resources.iter().filter(is_replaced);
    let conflict = |change: &PlannedChange| {
        let resource = desired.resources.get(change.logical_id.as_str())?;
        let property = name_property(resource, schema.get(&change.kind)?)?;
        let path = format!("Properties.{property}");
        let renames = change.details.iter().any(|detail| detail.path == path || detail.path == property)
            || change.causes.iter().any(|cause| cause == property || cause.starts_with(&format!("{property} ")));
        // Names of security groups are unique in their network.
        let is_elsewhere = property == "GroupName" && change.causes.iter().any(|cause| cause.starts_with("VpcId"));
        let is_fixed = !change.delete_first && !renames && !is_elsewhere && !is_derived(resource, property, desired);
        is_fixed.then(|| problem(change, resource, property))
    };
    replaced.filter_map(conflict).chain(taken_names(plan, desired, schema)).collect()
}

/// Returns whether a name contains a value of another resource or of Parameter Store, which may change with it.
fn is_derived(resource: &Resource, property: &str, desired: &Template) -> bool {
    let is_stored = |id: &str| {
        let kind = desired.parameters.get(id).and_then(|parameter| parameter.body.get("Type")?.as_str());
        kind.is_some_and(|kind| kind.starts_with("AWS::SSM::Parameter::Value<"))
    };
    let mut derived = false;
    if let Some(name) = resource.properties.get(property) {
        name.each_ref(&mut |reference| {
            derived |= desired.resources.contains_key(&reference.id) || is_stored(reference.id.as_str());
        });
    }
    derived
}

/// Returns a warning for each new resource with the name of a removed one.
fn taken_names(plan: &Plan, desired: &Template, schema: &Schema) -> Vec<Diagnostic> {
    let removed: Vec<&PlannedChange> =
        plan.resources.iter().filter(|change| change.action == Action::Remove && !change.retained).collect();
    let added = plan.resources.iter().filter(|change| change.action == Action::Add);
    let conflict = |change: &PlannedChange| {
        let resource = desired.resources.get(change.logical_id.as_str()).filter(|_| !removed.is_empty())?;
        let property =
            name_property(resource, schema.get(&change.kind)?).filter(|property| *property != "GroupName")?;
        let (path, name) = (format!("Properties.{property}"), resource.properties.get(property)?.as_str()?);
        let has_name = |old: &&&PlannedChange| {
            let is_it = |one: &PropertyChange| {
                one.path == path && one.before.as_ref().and_then(|it| it.visible().as_str()) == Some(name)
            };
            old.kind == change.kind && old.details.iter().any(is_it)
        };
        let old = &removed.iter().find(has_name)?.logical_id;
        let message = format!(
            "`{}` takes the name `{name}`, which `{old}` has until it is deleted: the deployment would fail",
            change.logical_id
        );
        let problem = Diagnostic::new(Code::FixedNameReplaced, message).as_warning();
        let problem = problem.at(resource.origin_of(&PropertyPath::property(property)), "the name is taken");
        Some(problem.help(format!("set another `{property}`, or remove `{old}` in a deployment before this one")))
    };
    added.filter_map(conflict).collect()
}

/// Returns the fixed name of a removed resource, as a value that the plan removes.
pub(super) fn removed_name(resource: &Resource, schema: &Schema) -> Option<PropertyChange> {
    let property = name_property(resource, schema.get(resource.kind.as_str())?)?;
    let name = resource.properties.get(property)?.as_str()?;
    Some(PropertyChange { path: format!("Properties.{property}"), before: Some(name.into()), after: None })
}

/// Returns the property that names a resource, if the template sets it: `Name`, `ServiceName`, `GroupName`, or the property
/// that identifies the resource.
fn name_property<'s>(resource: &Resource, schema: TypeSchema<'s>) -> Option<&'s str> {
    let kind = resource.kind.as_str();
    if has_scoped_name(kind) {
        return None;
    }
    let last = kind.rsplit("::").next().unwrap_or(kind);
    let names = [format!("{last}Name"), "Name".to_owned(), "GroupName".to_owned()];
    let identifiers: Vec<&str> = schema.primary_identifier().collect();
    let is_name = |property: &&str| names.iter().any(|name| name == property) || identifiers == [*property];
    let is_fixed = |property: &&str| {
        resource.properties.contains_key(*property) && schema.create_only(property) == CreateOnly::Yes
    };
    schema.create_only_properties().filter(is_name).find(is_fixed)
}

fn problem(change: &PlannedChange, resource: &Resource, property: &str) -> Diagnostic {
    let id = &change.logical_id;
    let name = resource.properties.get(property).and_then(Value::as_str);
    let shown = name.map_or_else(|| format!("`{property}`"), |name| format!("the name `{name}`"));
    let message = format!("`{id}` must be replaced and keeps {shown}: the deployment would fail");
    let problem = Diagnostic::new(Code::FixedNameReplaced, message)
        .at(resource.origin_of(&PropertyPath::property(property)), "the old one has this name until it is deleted");
    let problem = match change.causes.as_slice() {
        [] => problem,
        causes => problem.note(format!("{} is replaced because of {}", with_article(&change.kind), causes.join(", "))),
    };
    let problem = problem.note(format!(
        "CloudFormation answers: \"CloudFormation cannot update a stack when a custom-named resource requires replacing. \
         Rename {} and update the stack again.\"",
        name.unwrap_or("it")
    ));
    problem.help(format!("give `{id}` another `{property}` in the same deployment, or leave `{property}` out"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::parse;
    use crate::deploy::plan::plan_against;
    use crate::testing::harness::stack;

    fn found(before: &str, after: &str) -> Vec<String> {
        let template = parse::template("before.yaml", before).value.expect("a template");
        let desired = stack("app", after);
        let plan = plan_against(&template, &desired, Some(Schema::embedded()));
        let problems = fixed_names(&plan, &desired.template, Schema::embedded());
        problems.into_iter().map(|problem| problem.message).collect()
    }

    fn resource(kind: &str, properties: &str) -> String {
        format!("Resources:\n  It:\n    Type: {kind}\n    Properties: {{{properties}}}\n")
    }

    const GROUP: &str = "AWS::ElasticLoadBalancingV2::TargetGroup";
    const GROUP_PROPERTIES: &str = "Name: pay, Port: 80, Protocol: HTTP, VpcId: vpc-1, TargetType: ip";

    #[test]
    fn named_target_group_with_another_port_cannot_be_replaced() {
        let before = resource(GROUP, GROUP_PROPERTIES);
        let port = before.replace("Port: 80", "Port: 81");
        assert_eq!(
            found(&before, &port),
            ["`It` must be replaced and keeps the name `pay`: the deployment would fail"]
        );
        assert!(found(&before, &port.replace("Name: pay", "Name: pay-2")).is_empty(), "renamed in the same change");
        assert!(found(&before, &port.replace("Name: pay, ", "")).is_empty(), "not named any more");
        assert!(found(&before, &before.replace("TargetType: ip", "TargetType: ip, Tags: []")).is_empty());
    }

    #[test]
    fn new_resource_with_the_name_of_a_removed_one_is_a_warning() {
        let before = resource(GROUP, GROUP_PROPERTIES);
        let moved = before.replace("  It:", "  Other:");
        let expected = "`Other` takes the name `pay`, which `It` has until it is deleted: the deployment would fail";
        assert_eq!(found(&before, &moved), [expected]);
        assert!(found(&before, &moved.replace("Name: pay", "Name: other")).is_empty());
    }

    #[test]
    fn security_group_of_another_network_may_keep_its_name() {
        let before = resource("AWS::EC2::SecurityGroup", "GroupName: pay, GroupDescription: a, VpcId: vpc-1");
        assert!(found(&before, &before.replace("vpc-1", "vpc-2")).is_empty());
    }

    #[test]
    fn kinds_of_fixed_names() {
        for (kind, properties, from, to) in [
            ("AWS::ECS::Service", "ServiceName: pay, Cluster: one, TaskDefinition: a", "one", "two"),
            ("AWS::IAM::Role", "RoleName: pay, Path: /one/", "/one/", "/two/"),
            ("AWS::SNS::Topic", "TopicName: pay.fifo, FifoTopic: true", ", FifoTopic: true", ""),
            ("AWS::EC2::SecurityGroup", "GroupName: pay, GroupDescription: old", "old", "new"),
            ("AWS::SQS::Queue", "QueueName: pay.fifo, FifoQueue: true", ", FifoQueue: true", ""),
        ] {
            let before = resource(kind, properties);
            assert_eq!(found(&before, &before.replace(from, to)).len(), 1, "{kind}");
        }
    }

    #[test]
    fn name_that_is_unique_in_a_scope_only_is_silent() {
        let alias = resource("AWS::Lambda::Alias", "Name: live, FunctionName: one, FunctionVersion: '1'");
        assert!(found(&alias, &alias.replace("one", "two")).is_empty());
    }
}
