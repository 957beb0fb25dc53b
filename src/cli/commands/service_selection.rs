//! The services that a command works on.

use super::context::{self, CommandContext};
use crate::cfn::type_names::is_service;
use crate::cli::exit::ExitStatus;
use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{AwsApi, AwsError};
use crate::deploy::operate::{StackService, choose, choose_one, jobs, services};
use crate::diag::{Code, Diagnostic, Origin};
use crate::synth::DesiredStack;

/// A service with the API of its account and region.
pub(super) struct SelectedService<C> {
    pub(super) api: C,
    pub(super) service: StackService,
}

/// Returns the deployed services and jobs that match a pattern, for a command that reads. Stacks that are not deployed are
/// reported; it is an error if there is nothing to read.
pub(super) async fn select_with_jobs<C: AwsApi>(
    cx: &CommandContext<'_>,
    api: &C,
    pattern: Option<&str>,
) -> Result<Vec<SelectedService<C>>, ExitStatus> {
    let (mut found, absent) = deployed_services(cx, api).await.map_err(|error| cx.aws_error(&error))?;
    found.extend(deployed_jobs(cx, api).await.map_err(|error| cx.aws_error(&error))?);
    let known: Vec<StackService> = found.iter().map(|found| found.service.clone()).collect();
    let is_absent = |id: &str| stack_with(id, &absent).is_some() && choose(&known, pattern).is_err();
    if known.is_empty() && !absent.is_empty() || pattern.is_some_and(is_absent) {
        if !cx.terminal.frontend().is_session() {
            return Err(not_deployed(cx, pattern.unwrap_or_default(), &absent));
        }
        absent.iter().for_each(|stack| cx.terminal.message(&stack.text()));
        return Err(ExitStatus::Aws);
    }
    absent.iter().for_each(|stack| cx.terminal.message(&stack.text()));
    let chosen = choose(&known, pattern).map_err(|problem| usage_error(cx, problem))?;
    Ok(found.into_iter().enumerate().filter(|(at, _)| chosen.contains(at)).map(|(_, found)| found).collect())
}

/// Returns the one service or job whose task definition `run-task` runs.
pub(super) async fn select_task<C: AwsApi>(
    cx: &CommandContext<'_>,
    api: &C,
    pattern: &str,
) -> Result<SelectedService<C>, ExitStatus> {
    cx.check_account(api).await?;
    let (mut found, absent) = deployed_services(cx, api).await.map_err(|error| cx.aws_error(&error))?;
    found.extend(deployed_jobs(cx, api).await.map_err(|error| cx.aws_error(&error))?);
    the_one(cx, found, &absent, pattern)
}

/// Returns the one service that a command works on, in the account that the script names.
pub(super) async fn select_one<C: AwsApi>(
    cx: &CommandContext<'_>,
    api: &C,
    pattern: &str,
) -> Result<SelectedService<C>, ExitStatus> {
    cx.check_account(api).await?;
    let (found, absent) = deployed_services(cx, api).await.map_err(|error| cx.aws_error(&error))?;
    the_one(cx, found, &absent, pattern)
}

fn the_one<C>(
    cx: &CommandContext<'_>,
    mut found: Vec<SelectedService<C>>,
    absent: &[StackWithoutServices<'_>],
    pattern: &str,
) -> Result<SelectedService<C>, ExitStatus> {
    let known: Vec<StackService> = found.iter().map(|found| found.service.clone()).collect();
    match choose_one(&known, pattern) {
        Ok(at) => Ok(found.swap_remove(at)),
        Err(problem)
            if problem.code == Code::UnknownService && (known.is_empty() || stack_with(pattern, absent).is_some()) =>
        {
            Err(not_deployed(cx, pattern, absent))
        }
        Err(problem) => Err(usage_error(cx, problem)),
    }
}

/// Returns the place of the script that defines a service.
pub(super) fn origin_of(cx: &CommandContext<'_>, service: &StackService) -> Origin {
    let stack = cx.stacks.iter().find(|stack| stack.name == service.stack);
    let resource = stack.and_then(|stack| stack.template.resources.get(service.logical_id.as_str()));
    resource
        .map(|resource| resource.origin.clone())
        .or(stack.map(|stack| stack.origin.clone()))
        .unwrap_or_else(Origin::unknown)
}

/// A stack without services in the account.
struct StackWithoutServices<'c> {
    stack: &'c DesiredStack,
    /// The status of the stack; `None` if it is not deployed.
    status: Option<StackStatus>,
}

impl StackWithoutServices<'_> {
    fn text(&self) -> String {
        let name = &self.stack.name;
        match &self.status {
            None => format!("{name} is not deployed"),
            Some(status) => format!("{name} has no services: it is in {status}"),
        }
    }

    fn problem(&self) -> Diagnostic {
        let name = &self.stack.name;
        let message = match &self.status {
            None => format!("stack `{name}` is not deployed"),
            Some(status) => format!("stack `{name}` is in {status} and has no services"),
        };
        context::not_deployed(self.stack, message)
    }
}

/// Returns the services of the deployed stacks, and the stacks whose services are not deployed.
async fn deployed_services<'c, C: AwsApi>(
    cx: &'c CommandContext<'_>,
    api: &C,
) -> Result<(Vec<SelectedService<C>>, Vec<StackWithoutServices<'c>>), AwsError> {
    let (mut found, mut absent) = (Vec::new(), Vec::new());
    for stack in &cx.stacks {
        let api = api.for_region(stack.region.as_deref());
        let Some(live) = api.describe_stack(&stack.name).await? else {
            absent.push(StackWithoutServices { stack, status: None });
            continue;
        };
        let resources = api.resources(&live.id).await?;
        let of_stack = services(&api, &stack.name, &resources).await?;
        let has_services = stack.template.resources.values().any(|resource| is_service(resource.kind.as_str()));
        if of_stack.is_empty() && has_services {
            absent.push(StackWithoutServices { stack, status: Some(live.status) });
        }
        found.extend(of_stack.into_iter().map(|service| SelectedService { api: api.clone(), service }));
    }
    Ok((found, absent))
}

/// Returns the jobs of the deployed stacks.
async fn deployed_jobs<C: AwsApi>(cx: &CommandContext<'_>, api: &C) -> Result<Vec<SelectedService<C>>, AwsError> {
    let mut found = Vec::new();
    for stack in cx.stacks.iter().filter(|stack| !stack.jobs.is_empty()) {
        let api = api.for_region(stack.region.as_deref());
        let Some(live) = api.describe_stack(&stack.name).await? else { continue };
        let resources = api.resources(&live.id).await?;
        let of_stack = jobs(&stack.name, &stack.jobs, &resources).into_iter();
        found.extend(of_stack.map(|service| SelectedService { api: api.clone(), service }));
    }
    Ok(found)
}

/// Returns the stack that defines the service, which is not deployed.
fn stack_with<'a, 'c>(id: &str, absent: &'a [StackWithoutServices<'c>]) -> Option<&'a StackWithoutServices<'c>> {
    absent.iter().find(|it| it.stack.template.resources.contains_key(id))
}

fn usage_error(cx: &CommandContext<'_>, problem: Diagnostic) -> ExitStatus {
    cx.report(&[problem]);
    ExitStatus::Usage
}

fn not_deployed(cx: &CommandContext<'_>, pattern: &str, absent: &[StackWithoutServices<'_>]) -> ExitStatus {
    let Some(stack) = stack_with(pattern, absent).or(absent.first()) else {
        let message = format!("no deployed stack has the service `{pattern}`");
        return usage_error(cx, Diagnostic::new(Code::UnknownService, message));
    };
    cx.report(&[stack.problem()]);
    ExitStatus::Aws
}
