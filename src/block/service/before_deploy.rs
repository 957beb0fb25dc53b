//! A command that runs in a copy of the service's task definition before the services change.

use std::rc::Rc;

use super::FargateService;
use crate::block::job::lower::TIMEOUT_SECONDS;
use crate::block::lowering::{LoweredBlock, Lowering};
use crate::block::task::not_split;
use crate::block::{BeforeDeploy, Block};
use crate::cfn::type_names::SECURITY_GROUP_INGRESS;
use crate::cfn::{LogicalId, Resource, StackJob, TemplateString, Value};
use crate::diag::{Code, Diagnostic, Origin};

/// The properties of a container that a command without requests does not need.
const OF_SERVERS: [&str; 2] = ["HealthCheck", "PortMappings"];

/// Reports a second command, and jobs of other stacks.
pub(super) fn check(service: &Rc<FargateService>, lowering: &mut Lowering<'_>) {
    let mut found = commands(service);
    if let (Some((_, first)), Some((_, second))) = (found.next(), found.next()) {
        let problem = Diagnostic::new(Code::JobSetting, "two commands before a deployment")
            .at(second, "the second")
            .at(first, "the first")
            .help("make each a `Job`: jobs run one after the other, in the order of the calls");
        lowering.report(problem);
    }
    // The arguments of an entry point are its own business.
    if service.task.main.entrypoint.is_none() {
        let lines: Vec<Diagnostic> = commands(service).filter_map(|(command, at)| not_split(command, at)).collect();
        lowering.report_all(lines);
    }
    for set in &service.before_deploy {
        let Some(job) = set.value.job() else { continue };
        if !lowering.context.in_same_stack(&Block::FargateService(service.clone()), &Block::Job(job.clone())) {
            let message = format!("the job `{}` is in another stack than the service", job.name.value);
            let problem = Diagnostic::new(Code::JobSetting, message)
                .at(&set.origin, "it would run before the services of the other stack")
                .at(&job.name.origin, "created here")
                .help("add the job to no stack, or to the one of the service");
            lowering.report(problem);
        }
    }
}

/// Adds the task definition of the command, and its run.
pub(super) fn complete(service: &FargateService, lowered: &mut LoweredBlock) {
    let Some((command, origin)) = commands(service).next() else { return };
    let id = service.part("BeforeDeployTask");
    let task = lowered.resources.get(&service.task.definition_id());
    let running = lowered.resources.get(&service.logical_id());
    let (Some(task), Some(running)) = (task, running) else { return };
    // The command connects to what the service uses, so its task waits for the same rules and data.
    let of_links: Vec<LogicalId> = service.task.links().iter().flat_map(|link| link.value.ready()).collect();
    let is_rule =
        |id: &LogicalId| lowered.resources.get(id).is_some_and(|rule| rule.kind.as_str() == SECURITY_GROUP_INGRESS);
    let needed = running.depends_on.iter().filter(|id| is_rule(id) || of_links.contains(id));
    let definition = needed.cloned().fold(with_command(task, command, origin), Resource::after);
    let job = job(service, running, &id, origin);
    lowered.jobs.extend(job);
    lowered.resources.insert(id, definition);
}

fn commands(service: &FargateService) -> impl Iterator<Item = (&[TemplateString], &Origin)> {
    service.before_deploy.iter().filter_map(|set| match &set.value {
        BeforeDeploy::Command(command) => Some((command.as_slice(), &set.origin)),
        BeforeDeploy::Job(_) => None,
    })
}

/// Returns the task definition of a service with another family and another command of the main container.
fn with_command(task: &Resource, command: &[TemplateString], origin: &Origin) -> Resource {
    let mut definition = task.clone();
    if let Some(Value::Text(family)) = definition.properties.get_mut("Family") {
        *family = family.clone().with("-before-deploy");
    }
    if let Some(Value::List(containers)) = definition.properties.get_mut("ContainerDefinitions")
        && let Some(Value::Map(main)) = containers.first_mut()
    {
        OF_SERVERS.iter().for_each(|name| drop(main.shift_remove(*name)));
        main.insert("Command".to_owned(), Value::list(command));
    }
    definition.record_origin("ContainerDefinitions.0.Command", origin)
}

/// Returns the run of the command in the network of the service.
fn job(service: &FargateService, running: &Resource, id: &LogicalId, origin: &Origin) -> Option<StackJob> {
    let network = running.properties.get("NetworkConfiguration")?.get("AwsvpcConfiguration")?;
    Some(StackJob {
        name: format!("{}-before-deploy", service.name.value),
        task_definition: id.clone(),
        container: service.task.main.name.value.to_string(),
        cluster: running.properties.get("Cluster")?.clone(),
        subnets: network.get("Subnets")?.clone(),
        security_groups: network.get("SecurityGroups")?.clone(),
        public_ip: network.get("AssignPublicIp").and_then(Value::as_str) == Some("ENABLED"),
        timeout: TIMEOUT_SECONDS,
        before_deploy: true,
        origin: origin.clone(),
    })
}
