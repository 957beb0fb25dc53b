//! The first of the two steps of a deployment with jobs: everything that a job needs is as the script has it, and the services
//! are as they were deployed.
//!
//! - A stack that does not exist is created without its services and schedules, and without what depends on them. Nothing runs yet.
//! - In a deployed stack, a service or schedule keeps its template. So does what it uses (task definition, target groups, listeners), unless
//!   a job uses it, too; and so does what depends on any of those. Nothing is deleted.
//! - An output for each job has the ids with which it runs: CloudFormation resolves every function in them. The last step of
//!   the deployment removes the outputs. A deployed stack that has one is left from a run that was killed in between.
//!
//! A job uses its task definition, its network, everything that those refer to, and what completes these: policies of its
//! roles, rules of its security groups, routes of its subnets, mount targets of its file systems.

use std::collections::HashSet;

use super::DeployedStack;
use crate::cfn::graph::Graph;
use crate::cfn::type_names::{
    GATEWAY_ATTACHMENT, MOUNT_TARGET, ROUTE, ROUTE_TABLE_ASSOCIATION, SECURITY_GROUP_EGRESS, SECURITY_GROUP_INGRESS,
    SERVICE, TASK_DEFINITION, VPC_ENDPOINT,
};
use crate::cfn::{
    Function, LogicalId, Map, Output, Parameter, Ref, Resource, StackJob, Template, TemplateString, Value,
};
use crate::synth::DesiredStack;

/// The types of resources that complete others without being referred to by them.
const COMPLETING: [&str; 11] = [
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::RolePolicy",
    "AWS::SecretsManager::SecretTargetAttachment",
    GATEWAY_ATTACHMENT,
    MOUNT_TARGET,
    ROUTE,
    ROUTE_TABLE_ASSOCIATION,
    SECURITY_GROUP_EGRESS,
    SECURITY_GROUP_INGRESS,
    VPC_ENDPOINT,
];

/// The beginning of the names of outputs with the ids with which a job runs.
const OUTPUT_PREFIX: &str = "BeforeDeploy";

/// The prefix of parameters that hold the deployed value of a parameter that changes.
const DEPLOYED_PREFIX: &str = "Deployed";

/// The ids with which a job runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobPlacement {
    /// The name or ARN of the cluster.
    pub cluster: String,
    /// The ARN of the task definition.
    pub task_definition: String,
    /// The ids of subnets.
    pub subnets: Vec<String>,
    /// The ids of security groups.
    pub security_groups: Vec<String>,
}

impl JobPlacement {
    /// Reads the placement of a job from the outputs of a stack.
    pub fn of(job: &StackJob, deployed: &crate::deploy::api::StackDescription) -> Option<Self> {
        let name = output_name(job);
        let value = &deployed.outputs.iter().find(|output| output.key == name)?.value;
        let mut fields = value.split(' ');
        let list = |field: &str| field.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
        Some(Self {
            cluster: fields.next()?.to_owned(),
            task_definition: fields.next()?.to_owned(),
            subnets: list(fields.next()?),
            security_groups: list(fields.next().unwrap_or_default()),
        })
    }
}

/// Returns whether a deployed stack is left from a run that was killed before a job had succeeded and the services changed.
pub(super) fn is_pending(job: &StackJob, deployed: &DeployedStack) -> bool {
    deployed.stack.outputs.iter().any(|output| output.key == output_name(job))
}

/// Returns the stack that is deployed before jobs run.
pub fn first_step(desired: &DesiredStack, deployed: Option<&DeployedStack>, jobs: &[&StackJob]) -> DesiredStack {
    let mut template: Template = (*desired.template).clone();
    let held = held(&template, deployed.map(|deployed| &deployed.template), jobs);
    template.resources.retain(|id, _| !held.contains(id));
    template.outputs.clear();
    let mut stack = desired.clone();
    if let Some(deployed) = deployed {
        keep_deployed(&mut template, deployed, &mut stack);
    }
    let outputs = jobs.iter().map(|job| (output_name(job), placement(job)));
    template.outputs.extend(outputs);
    stack.template = template.into();
    stack
}

/// Returns the resources of a template that are not changed before the jobs have run.
fn held(template: &Template, deployed: Option<&Template>, jobs: &[&StackJob]) -> HashSet<LogicalId> {
    let graph = Graph::of(template);
    let used = used_by_jobs(template, &graph, jobs);
    let services: Vec<&LogicalId> = starters(template).filter(|id| !used.contains(*id)).collect();
    let mut held: HashSet<LogicalId> = services.iter().map(|id| (*id).clone()).collect();
    if let Some(deployed) = deployed {
        let of_services = services.iter().flat_map(|id| graph.all_needs(id));
        held.extend(of_services.filter(|id| !used.contains(*id)).cloned());
        let before = Graph::of(deployed);
        let of_running = starters(deployed).flat_map(|id| before.all_needs(id)).filter(|id| !used.contains(*id));
        held.extend(of_running.cloned());
    }
    loop {
        let depends = |id: &&LogicalId| graph.needs(id).any(|(need, _)| held.contains(need));
        let more = graph.ids().filter(|id| !held.contains(*id) && !used.contains(*id)).filter(depends);
        let more: Vec<LogicalId> = more.cloned().collect();
        if more.is_empty() {
            return held;
        }
        held.extend(more);
    }
}

/// Returns the resources that start tasks: services, and schedules and others that refer to a task definition. A policy only permits
/// it.
fn starters(template: &Template) -> impl Iterator<Item = &LogicalId> {
    let starts = |resource: &Resource| {
        let mut refers = false;
        resource.each_ref(&mut |reference| {
            let target = template.resources.get(&reference.id);
            refers |= target.is_some_and(|target| target.kind.as_str() == TASK_DEFINITION);
        });
        resource.kind.as_str() == SERVICE || refers && !resource.kind.as_str().starts_with("AWS::IAM::")
    };
    template.resources.iter().filter(move |(_, resource)| starts(resource)).map(|(id, _)| id)
}

/// Returns the resources that jobs use, directly or through others.
fn used_by_jobs(template: &Template, graph: &Graph<'_>, jobs: &[&StackJob]) -> HashSet<LogicalId> {
    let with_needs = |id: &LogicalId| graph.all_needs(id).into_iter().cloned().chain([id.clone()]).collect::<Vec<_>>();
    let placed = jobs.iter().flat_map(|job| job.placed_by());
    let mut used: HashSet<LogicalId> =
        placed.filter(|id| template.resources.contains_key(id)).flat_map(|id| with_needs(&id)).collect();
    loop {
        let completes = |(id, resource): &(&LogicalId, &Resource)| {
            COMPLETING.contains(&resource.kind.as_str())
                && !used.contains(*id)
                && graph.needs(id).any(|(need, _)| used.contains(need))
                && !graph.all_needs(id).into_iter().any(|need| is_new_service(template, need, &used))
        };
        let more: Vec<LogicalId> =
            template.resources.iter().filter(completes).flat_map(|(id, _)| with_needs(id)).collect();
        if more.is_empty() {
            return used;
        }
        used.extend(more);
    }
}

fn is_new_service(template: &Template, id: &LogicalId, used: &HashSet<LogicalId>) -> bool {
    !used.contains(id) && template.resources.get(id).is_some_and(|resource| resource.kind.as_str() == SERVICE)
}

/// Adds what is deployed and not changed yet: resources and what they refer to, and outputs.
fn keep_deployed(template: &mut Template, deployed: &DeployedStack, stack: &mut DesiredStack) {
    let before = &deployed.template;
    let changed = changed_parameters(deployed, stack);
    let keep = |value: &mut Value| value.each_ref_mut(&mut |reference| rename(reference, &changed));
    for (id, resource) in &before.resources {
        if template.resources.contains_key(id) {
            continue;
        }
        let mut resource = resource.clone();
        resource.properties.values_mut().chain(resource.attributes.values_mut()).for_each(keep);
        template.resources.insert(id.clone(), resource);
    }
    for (name, output) in before.outputs.iter().filter(|(name, _)| !name.starts_with(OUTPUT_PREFIX)) {
        let mut output = output.clone();
        keep(&mut output.value);
        template.outputs.insert(name.clone(), output);
    }
    for (id, value) in changed {
        if let Some(parameter) = before.parameters.get(&id) {
            let body = parameter.body.iter().filter(|(name, _)| name.as_str() != "Default");
            let body: Map = body.map(|(name, value)| (name.clone(), value.clone())).collect();
            stack.parameters.insert(deployed_name(&id).to_string(), value);
            template.parameters.insert(deployed_name(&id), Parameter { body, origin: parameter.origin.clone() });
        }
    }
    let is_new = |known: &dyn Fn(&LogicalId) -> bool, id: &LogicalId| !known(id);
    let parameters = before.parameters.iter().filter(|(id, _)| is_new(&|id| template.parameters.contains_key(id), id));
    let parameters: Vec<_> = parameters.map(|(id, parameter)| (id.clone(), parameter.clone())).collect();
    template.parameters.extend(parameters);
    for (own, section) in [(&before.mappings, &mut template.mappings), (&before.conditions, &mut template.conditions)] {
        for (name, value) in own {
            section.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
}

/// Returns the parameters that get another value, with the deployed value. AWS does not show the values of `NoEcho` parameters.
fn changed_parameters(deployed: &DeployedStack, stack: &DesiredStack) -> Vec<(LogicalId, String)> {
    let before = deployed.template.parameters.iter().filter(|(_, parameter)| !parameter.is_secret());
    let changed = before.filter_map(|(id, _)| {
        let old = deployed.stack.parameters.get(id.as_str())?;
        let default = || stack.template.parameters.get(id)?.body.get("Default")?.as_str();
        let new = stack.parameters.get(id.as_str()).map(String::as_str).or_else(default);
        new.is_some_and(|new| new != old).then(|| (id.clone(), old.clone()))
    });
    changed.collect()
}

fn rename(reference: &mut Ref, changed: &[(LogicalId, String)]) {
    if reference.attribute.is_none() && changed.iter().any(|(id, _)| *id == reference.id) {
        reference.id = deployed_name(&reference.id);
    }
}

fn deployed_name(id: &LogicalId) -> LogicalId {
    format!("{DEPLOYED_PREFIX}{id}").into()
}

fn output_name(job: &StackJob) -> String {
    format!("{OUTPUT_PREFIX}{}", job.task_definition)
}

/// Returns the output with the ids with which a job runs.
fn placement(job: &StackJob) -> Output {
    let list = |ids: &Value| Value::call(Function::Join, vec![",".into(), ids.clone()]);
    let task_definition = Value::Text(TemplateString::from(Ref::to(job.task_definition.clone())));
    let fields = vec![job.cluster.clone(), task_definition, list(&job.subnets), list(&job.security_groups)];
    Output {
        value: Value::call(Function::Join, vec![" ".into(), Value::List(fields)]),
        description: Some(format!("Where the job {} runs before the services change", job.name)),
        export: None,
        condition: None,
        origin: job.origin.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::api::status::StackStatus;
    use crate::testing::before_deploy::{self, deployed};
    use crate::testing::harness::stack;

    fn ids(stack: &DesiredStack) -> Vec<&str> {
        stack.template.resources.keys().map(LogicalId::as_str).collect()
    }

    #[test]
    fn stack_is_created_without_services_and_what_depends_on_them() {
        let desired = stack("shop", before_deploy::SHOP);
        let first = first_step(&desired, None, &[&before_deploy::job()]);
        let left_out: Vec<&str> = ids(&desired).into_iter().filter(|id| !ids(&first).contains(id)).collect();
        assert_eq!(left_out, ["Web", "Alarm", "Nightly"]);
        assert_eq!(first.template.outputs.keys().collect::<Vec<_>>(), ["BeforeDeployMigrateTask"]);
    }

    #[test]
    fn running_service_and_what_it_uses_keep_their_template() {
        let old = stack("shop", before_deploy::SHOP);
        let new = before_deploy::SHOP.replace("shop:1", "shop:2").replace("Port: 80", "Port: 81");
        let new = stack("shop", &new.replace("  Queue:", "  Table:\n    Type: AWS::SQS::Queue\n  Queue2:"));
        let deployed = deployed(&old, StackStatus::CreateComplete);
        let first = first_step(&new, Some(&deployed), &[&before_deploy::job()]);
        for id in ["Web", "WebTask", "Group", "Listener", "Alarm", "Nightly", "Queue"] {
            assert_eq!(first.template.resources[id].properties, old.template.resources[id].properties, "{id}");
        }
        for id in ["MigrateTask", "Table", "Queue2", "DbIngress"] {
            assert_eq!(first.template.resources[id].properties, new.template.resources[id].properties, "{id}");
        }
        assert!(first.template.outputs.contains_key("Url"), "outputs that are deployed stay");
    }

    #[test]
    fn held_resource_keeps_the_deployed_value_of_a_parameter() {
        let with_parameter = |default: &str| {
            let parameter = format!("Parameters: {{Image: {{Type: String, Default: '{default}'}}}}\n");
            stack("shop", &format!("{parameter}{}", before_deploy::SHOP.replace("'shop:1'", "!Ref Image")))
        };
        let (old, new) = (with_parameter("shop:1"), with_parameter("shop:2"));
        let mut deployed = deployed(&old, StackStatus::CreateComplete);
        deployed.stack.parameters.insert("Image".to_owned(), "shop:1".to_owned());
        let first = first_step(&new, Some(&deployed), &[&before_deploy::job()]);
        let image = |id: &str| {
            let containers = first.template.resources[id].properties["ContainerDefinitions"].as_list().unwrap();
            containers[0].get("Image").and_then(Value::as_reference).map(|reference| reference.id.to_string())
        };
        assert_eq!(image("WebTask").as_deref(), Some("DeployedImage"));
        assert_eq!(image("MigrateTask").as_deref(), Some("Image"));
        assert_eq!(first.parameters["DeployedImage"], "shop:1");
    }

    #[test]
    fn service_that_a_job_needs_is_not_held() {
        let text = before_deploy::SHOP.replace("  MigrateTask:\n", "  MigrateTask:\n    DependsOn: Cache\n");
        let cache = "  Cache:\n    Type: AWS::ECS::Service\n    Properties: {TaskDefinition: cache}\n";
        let desired = stack("shop", &text.replace("Outputs:", &format!("{cache}Outputs:")));
        let first = first_step(&desired, None, &[&before_deploy::job()]);
        assert!(ids(&first).contains(&"Cache") && !ids(&first).contains(&"Web"));
    }
}
