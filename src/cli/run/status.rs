use serde_json::{Value as Json, json};

use super::job::{Cx, Job, perform};
use crate::cli::args::{Look, RunOptions};
use crate::cli::exit::Exit;
use crate::cli::json;
use crate::cli::project::Project;
use crate::cli::rehearsal::Account;
use crate::cli::screen::{bold, faint};
use crate::cli::table::table;
use crate::cli::terminal::Terminal;
use crate::deploy::inspect::{self, Inspected};
use crate::deploy::ports::{AwsError, Clock, EcsService, Ports};

/// `status`: the deployed stacks with their resources and services.
pub(crate) fn command(args: &Look, options: &RunOptions, project: Project, terminal: &Terminal) -> Exit {
    match Cx::new(project, &args.stacks.stacks, options, terminal) {
        Ok(cx) => perform(Status, &Account::plain(args.rehearse.rehearse, options.region.as_deref(), false), &cx),
        Err(exit) => exit,
    }
}

struct Status;

impl Job for Status {
    async fn on<C: Ports, K: Clock>(self, cloud: C, _clock: K, cx: &Cx<'_>) -> Exit {
        let mut facts = Vec::new();
        for stack in &cx.stacks {
            let there = stack.home(&cloud);
            let found = match look(&there, &stack.name).await {
                Ok(found) => found,
                Err(error) => return cx.refused(&error),
            };
            match found {
                Some((inspected, services)) if cx.options.script.json => facts.push(fact(&inspected, &services)),
                Some((inspected, services)) => print(&inspected, &services, cx),
                None if cx.options.script.json => facts.push(json!({ "name": stack.name, "status": null })),
                None => cx.terminal.line(&format!("{}  is not deployed", bold(&stack.name))),
            }
        }
        if cx.options.script.json {
            json::answer(cx.terminal, &Json::Array(facts));
        }
        Exit::Ok
    }
}

async fn look(cloud: &impl Ports, stack: &str) -> Result<Option<(Inspected, Vec<EcsService>)>, AwsError> {
    let Some(inspected) = inspect::status(cloud, stack).await? else { return Ok(None) };
    let arns = inspected.resources.iter().filter(|resource| resource.kind == "AWS::ECS::Service");
    let arns: Vec<String> = arns.filter_map(|resource| resource.physical_id.clone()).collect();
    let services = if arns.is_empty() { Vec::new() } else { cloud.services(&arns).await? };
    Ok(Some((inspected, services)))
}

fn fact(inspected: &Inspected, services: &[EcsService]) -> Json {
    let mut fact = serde_json::to_value(inspected).unwrap_or_default();
    fact["services"] = serde_json::to_value(services).unwrap_or_default();
    fact
}

fn print(inspected: &Inspected, services: &[EcsService], cx: &Cx<'_>) {
    let stack = &inspected.stack;
    let since = stack.updated.or(stack.created).map(|time| format!("since {time}")).unwrap_or_default();
    cx.terminal.line(&format!("{}  {}  {}", bold(&stack.name), stack.status, faint(&since)));
    if let Some(reason) = stack.status_reason.as_ref().filter(|reason| !reason.is_empty()) {
        cx.terminal.line(&format!("  {reason}"));
    }
    if !services.is_empty() {
        let row = |service: &EcsService| {
            let count = |count: u32| count.to_string();
            vec![service.name.clone(), count(service.desired), count(service.running), count(service.pending)]
        };
        let rows: Vec<Vec<String>> = services.iter().map(row).collect();
        cx.terminal.answer(&table(&["SERVICE", "DESIRED", "RUNNING", "PENDING"], &rows));
    }
    let rows: Vec<Vec<String>> = inspected
        .resources
        .iter()
        .map(|resource| {
            let physical = resource.physical_id.clone().unwrap_or_else(|| "-".into());
            vec![resource.logical_id.clone(), resource.kind.clone(), resource.status.to_string(), physical]
        })
        .collect();
    cx.terminal.answer(&table(&["RESOURCE", "TYPE", "STATUS", "ID"], &rows));
}
