use super::context::CommandContext;
use super::deployment::run_name;
use super::runner::{AccountCommand, run_on_stacks};
use crate::cfn::LogicalId;
use crate::cli::account::Access;
use crate::cli::args::{Inspect as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::json::Inspected;
use crate::cli::project::Project;
use crate::cli::report::{Comparison, comparison};
use crate::cli::terminal::{Detail, Terminal};
use crate::deploy::api::status::ResourceStatus;
use crate::deploy::api::{AwsApi, AwsError, Clock, ResourceDrift, StackResource};
use crate::deploy::plan::DeployedStack;
use crate::deploy::plan::property_comparison::{PropertyComparison, compare_properties};
use crate::deploy::{Engine, EngineOptions, StopSignal};
use crate::diag::{Code, Diagnostic, did_you_mean};
use crate::synth::DesiredStack;

/// Runs `inspect`: compares the deployed properties of a resource with those of the script.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    run_on_stacks(Inspect { args }, &args.scope.stack, &args.scope.rehearse, project, options, terminal)
}

struct Inspect<'a> {
    args: &'a Args,
}

/// A resource of a stack, as deployed and in the script.
struct InspectedResource<'a> {
    stack: &'a DesiredStack,
    kind: String,
    live: Option<StackResource>,
    rows: Vec<PropertyComparison>,
    drift: Option<ResourceDrift>,
}

impl AccountCommand for Inspect<'_> {
    const ACCESS: Access = Access::Read;

    /// Returns the access that the command needs: a drift detection is an operation that the account records.
    fn access(&self) -> Access {
        if self.args.drift { Access::Write } else { Self::ACCESS }
    }

    async fn run<C: AwsApi, K: Clock>(self, api: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let (mut found, mut known, mut absent) = (Vec::new(), Vec::new(), Vec::new());
        for stack in &cx.stacks {
            let regional = api.for_region(stack.region.as_deref());
            let deployed = match deployed(&regional, stack).await {
                Ok(deployed) => deployed,
                Err(error) => return cx.aws_error(&error),
            };
            absent.extend(deployed.is_none().then_some(stack));
            match self.inspect(&regional, &clock, cx, stack, deployed.as_ref()).await {
                Ok(Some(resource)) => found.push(resource),
                Ok(None) => known.extend(names(stack, deployed.as_ref())),
                Err(error) => return cx.aws_error(&error),
            }
        }
        if found.is_empty() {
            cx.report(&[unknown(&self.args.resource, &known)]);
            return ExitStatus::Usage;
        }
        let values: Vec<Inspected> = found.iter().map(|one| self.value(one)).collect();
        cx.output.result(&values, || found.iter().map(|one| self.text(one, cx.terminal.detail())).collect());
        cx.report_absent(&absent)
    }
}

impl Inspect<'_> {
    /// Returns the resource of a stack; `None` if neither the script nor the deployed stack has it.
    async fn inspect<'c, C: AwsApi, K: Clock>(
        &self,
        api: &C,
        clock: &K,
        cx: &CommandContext<'_>,
        stack: &'c DesiredStack,
        deployed: Option<&DeployedStack>,
    ) -> Result<Option<InspectedResource<'c>>, AwsError> {
        let id = self.args.resource.as_str();
        let desired = stack.template.resources.get(id);
        let actual = deployed.and_then(|deployed| deployed.template.resources.get(id));
        let Some(kind) = desired.or(actual).map(|resource| resource.kind.to_string()) else { return Ok(None) };
        let live = match deployed {
            Some(deployed) if actual.is_some() => {
                let resources = api.resources(&deployed.stack.id).await?;
                resources.into_iter().find(|it| it.logical_id == id && it.status != ResourceStatus::DeleteComplete)
            }
            _ => None,
        };
        // After a failed creation, the template has resources that were deleted or never created.
        let actual = actual.filter(|_| live.is_some());
        let mut drift = None;
        if self.args.drift && live.is_some() {
            // Ctrl-C drops this future, so the engine needs no stop request.
            let run = Engine::new(
                api.clone(),
                clock.clone(),
                EngineOptions::new(run_name(clock)),
                cx.retries(),
                StopSignal::none(),
            );
            let drifts = run.drift(stack).await?.unwrap_or_default();
            drift = drifts.into_iter().find(|drift| drift.logical_id == id);
        }
        let rows = compare_properties(actual, desired, drift.as_ref(), &stack.secrets);
        Ok(Some(InspectedResource { stack, kind, live, rows, drift }))
    }

    fn value(&self, one: &InspectedResource<'_>) -> Inspected {
        Inspected {
            stack: one.stack.name.clone(),
            logical_id: self.args.resource.clone(),
            resource_type: one.kind.clone(),
            deployed: one.live.clone(),
            properties: one.rows.clone(),
            drift: one.drift.clone(),
        }
    }

    fn text(&self, one: &InspectedResource<'_>, detail: Detail) -> String {
        let title = format!("{}/{}", one.stack.name, self.args.resource);
        let InspectedResource { kind, live, rows, drift, .. } = one;
        comparison(&Comparison { title: &title, kind, live: live.as_ref(), rows, drift: drift.as_ref() }, detail)
    }
}

async fn deployed(api: &impl AwsApi, stack: &DesiredStack) -> Result<Option<DeployedStack>, AwsError> {
    match api.describe_stack(&stack.name).await? {
        Some(live) => Ok(Some(crate::deploy::read_deployed_stack(api, live).await?)),
        None => Ok(None),
    }
}

/// Returns the names of the resources of a stack, of the script and deployed.
fn names(stack: &DesiredStack, deployed: Option<&DeployedStack>) -> Vec<String> {
    let deployed = deployed.iter().flat_map(|deployed| deployed.template.resources.keys());
    stack.template.resources.keys().chain(deployed).map(LogicalId::to_string).collect()
}

fn unknown(id: &str, known: &[String]) -> Diagnostic {
    Diagnostic::new(
        Code::UndefinedReference,
        format!("neither the script nor the deployed stacks have a resource `{id}`"),
    )
    .help_if(did_you_mean(id, known.iter().map(String::as_str)))
}
