//! The services that a command is about.

use super::context::CommandContext;
use crate::cli::exit::ExitStatus;
use crate::deploy::api::{AwsApi, AwsError};
use crate::deploy::operate::{StackService, choose, choose_one, services};
use crate::diag::{Code, CommandName, Diagnostic, Hint, Origin};
use crate::synth::DesiredStack;

/// A service with the account and region that it is in.
pub(super) struct SelectedService<C> {
    pub(super) home: C,
    pub(super) service: StackService,
}

/// The services of the deployed stacks that a pattern chooses, for a command that looks: what is not deployed is said,
/// and is nobody's mistake.
pub(super) async fn several<C: AwsApi>(
    cx: &CommandContext<'_>,
    cloud: &C,
    pattern: Option<&str>,
) -> Result<Vec<SelectedService<C>>, ExitStatus> {
    let (found, absent) = all(cx, cloud).await.map_err(|error| cx.refused(&error))?;
    absent.iter().for_each(|stack| cx.terminal.tell(&format!("{} is not deployed", stack.name)));
    let known: Vec<StackService> = found.iter().map(|found| found.service.clone()).collect();
    if let Some(id) = pattern
        && waits(id, &absent).is_some()
        && choose(&known, pattern).is_err()
    {
        return Ok(Vec::new());
    }
    let chosen = choose(&known, pattern).map_err(|problem| wrong(cx, problem))?;
    Ok(found.into_iter().enumerate().filter(|(at, _)| chosen.contains(at)).map(|(_, found)| found).collect())
}

/// The one service that a command works on, in the account that the script names.
pub(super) async fn one<C: AwsApi>(
    cx: &CommandContext<'_>,
    cloud: &C,
    pattern: &str,
) -> Result<SelectedService<C>, ExitStatus> {
    cx.right_account(cloud).await?;
    let (mut found, absent) = all(cx, cloud).await.map_err(|error| cx.refused(&error))?;
    let known: Vec<StackService> = found.iter().map(|found| found.service.clone()).collect();
    match choose_one(&known, pattern) {
        Ok(at) => Ok(found.swap_remove(at)),
        Err(problem)
            if problem.code == Code::UnknownService && (known.is_empty() || waits(pattern, &absent).is_some()) =>
        {
            Err(not_deployed(cx, pattern, &absent))
        }
        Err(problem) => Err(wrong(cx, problem)),
    }
}

/// Where the script makes a service.
pub(super) fn origin_of(cx: &CommandContext<'_>, service: &StackService) -> Origin {
    let stack = cx.stacks.iter().find(|stack| stack.name == service.stack);
    let made = stack.and_then(|stack| stack.template.resources.get(service.logical_id.as_str()));
    made.map(|resource| resource.origin.clone())
        .or(stack.map(|stack| stack.origin.clone()))
        .unwrap_or_else(Origin::unknown)
}

async fn all<'c, C: AwsApi>(
    cx: &'c CommandContext<'_>,
    cloud: &C,
) -> Result<(Vec<SelectedService<C>>, Vec<&'c DesiredStack>), AwsError> {
    let (mut found, mut absent) = (Vec::new(), Vec::new());
    for stack in &cx.stacks {
        let home = cloud.for_region(stack.region.as_deref());
        let Some(live) = home.describe_stack(&stack.name).await? else {
            absent.push(stack);
            continue;
        };
        let resources = home.resources(&live.id).await?;
        let of_stack = services(&home, &stack.name, &resources).await?;
        found.extend(of_stack.into_iter().map(|service| SelectedService { home: home.clone(), service }));
    }
    Ok((found, absent))
}

/// The stack that is not deployed and would have the service.
fn waits<'c>(id: &str, absent: &[&'c DesiredStack]) -> Option<&'c DesiredStack> {
    absent.iter().find(|stack| stack.template.resources.contains_key(id)).copied()
}

fn wrong(cx: &CommandContext<'_>, problem: Diagnostic) -> ExitStatus {
    cx.tell(&[problem]);
    ExitStatus::Usage
}

fn not_deployed(cx: &CommandContext<'_>, pattern: &str, absent: &[&DesiredStack]) -> ExitStatus {
    let Some(stack) = waits(pattern, absent).or(absent.first().copied()) else {
        return wrong(
            cx,
            Diagnostic::new(Code::UnknownService, format!("no deployed stack has the service `{pattern}`")),
        );
    };
    let problem = Diagnostic::new(Code::NotDeployed, format!("stack `{}` is not deployed", stack.name))
        .at(&stack.origin, "this stack")
        .help(Hint::from("deploy it with ").command(CommandName::Deploy.of(&stack.name)));
    cx.tell(&[problem]);
    ExitStatus::Aws
}
