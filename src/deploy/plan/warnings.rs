//! Warnings about a plan, at the lines of the script.

use super::database_upgrade::database_upgrades;
use super::generated_secrets::generated_secrets;
use super::stateful::{at_stack, data_loss};
use super::{CountChange, Outage, Plan, TrafficReset, shared};
use crate::cfn::PropertyPath;
use crate::diag::{Code, CommandName, Diagnostic, Hint, Origin};
use crate::synth::DesiredStack;

/// Returns the warnings of a plan that is only shown: also about what `deploy` would refuse.
pub fn plan_warnings(plan: &Plan, stack: &DesiredStack) -> Vec<Diagnostic> {
    let losses = data_loss(plan, &[], CommandName::Deploy).into_iter();
    let losses = losses.map(|problem| at_stack(problem.as_warning(), &stack.origin));
    let refused = refusals(plan, stack).into_iter().filter(Diagnostic::is_error).map(Diagnostic::as_warning);
    let in_use = shared::refused(plan, true, &[], CommandName::Deploy).into_iter().map(Diagnostic::as_warning);
    losses.chain(refused).chain(in_use).chain(deploy_warnings(plan, stack)).collect()
}

/// Returns the warnings of a plan that is about to be executed.
pub fn deploy_warnings(plan: &Plan, stack: &DesiredStack) -> Vec<Diagnostic> {
    let counts = plan.counts.iter().map(|change| scale_undone(change, stack));
    let outages = plan.outages.iter().map(|outage| unavailable(outage, plan, stack));
    let resets = plan.traffic_resets.iter().map(|reset| set_back(reset, plan, stack));
    let changed = refusals(plan, stack).into_iter().filter(|problem| !problem.is_error());
    counts.chain(outages).chain(resets).chain(changed).collect()
}

/// Returns the problems of which `deploy` refuses the errors.
fn refusals(plan: &Plan, stack: &DesiredStack) -> Vec<Diagnostic> {
    let secrets = generated_secrets(plan, stack, &[], CommandName::Deploy);
    database_upgrades(plan, stack).into_iter().chain(secrets).collect()
}

fn scale_undone(change: &CountChange, stack: &DesiredStack) -> Diagnostic {
    let CountChange { service, current, new } = change;
    let message = format!("`{service}` is scaled to {}, and this deployment sets {new} again", tasks(*current));
    let resource = stack.template.resources.get(service.as_str());
    let origin = resource.map_or(&stack.origin, |resource| resource.origin_of(&PropertyPath::property("DesiredCount")));
    let effect = if new < current {
        format!("stops {}", tasks(current - new))
    } else {
        format!("starts {}", tasks(new - current))
    };
    Diagnostic::new(Code::ScaleDiffers, message)
        .at(origin, effect)
        .help(format!("set the count to {current} here to keep it: `.count({current})`"))
}

fn unavailable(outage: &Outage, plan: &Plan, stack: &DesiredStack) -> Diagnostic {
    let Outage { service, listener, target_group } = outage;
    let message = format!("`{service}` answers with 503 during this deployment, until its first new task is healthy");
    let change = plan.resources.iter().find(|change| change.logical_id == *target_group);
    let cause = change.and_then(|change| change.cause_origin.clone()).filter(Origin::is_known);
    let resource = stack.template.resources.get(target_group.as_str());
    let origin = cause.or(resource.map(|resource| resource.origin.clone())).unwrap_or_else(|| stack.origin.clone());
    Diagnostic::new(Code::ListenerWithoutTasks, message)
        .at(&origin, format!("needs the new target group `{target_group}`"))
        .note(format!("CloudFormation turns `{listener}` to it before the tasks of `{service}` are registered with it"))
        .help("deploy when there are few requests, or add a second service for the new port and remove this one later")
}

fn set_back(reset: &TrafficReset, plan: &Plan, stack: &DesiredStack) -> Diagnostic {
    let TrafficReset { service, listener } = reset;
    let message = format!("this deployment sets the traffic of `{service}` back to its first target group");
    let change = plan.resources.iter().find(|change| change.logical_id == *listener);
    let cause = change.and_then(|change| change.cause_origin.clone()).filter(Origin::is_known);
    let resource = stack.template.resources.get(listener.as_str()).or(stack.template.resources.get(service.as_str()));
    let origin = cause.or(resource.map(|resource| resource.origin.clone())).unwrap_or_else(|| stack.origin.clone());
    Diagnostic::new(Code::TrafficReset, message)
        .at(&origin, format!("changes `{listener}`, whose weights ECS has set"))
        .note("if the alternate target group has the tasks, requests fail until the next shift of traffic")
        .help(Hint::from("see which target group has the tasks with ").command(CommandName::Status.of(&stack.name)))
        .help("leave the rule as it is, or deploy when there are few requests, together with a new version of the service")
}

fn tasks(count: u32) -> String {
    if count == 1 { "1 task".to_owned() } else { format!("{count} tasks") }
}
