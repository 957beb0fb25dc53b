use serde_json::{Value as Json, json};

use super::context::{AccountCommand, CommandContext, from_saved};
use super::deployment::run_name;
use crate::cfn::LogicalId;
use crate::cli::args::{Inspect as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::json;
use crate::cli::project::Project;
use crate::cli::report::beside as drawn;
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, AwsError, Clock, ResourceDrift, StackResource};
use crate::deploy::plan::DeployedStack as Template;
use crate::deploy::plan::property_comparison::{PropertyComparison, compare_properties};
use crate::deploy::plan::queries;
use crate::deploy::{Engine, EngineOptions};
use crate::diag::{Code, Diagnostic, did_you_mean};
use crate::synth::DesiredStack;

/// `inspect`: the properties of a resource as deployed beside those of the script.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    match CommandContext::new(project, &args.scope.stack, options, terminal) {
        // A search for drift is kept in the account.
        Ok(cx) => from_saved(Inspect { args }, &args.scope.rehearse, args.drift, &cx),
        Err(exit) => exit,
    }
}

struct Inspect<'a> {
    args: &'a Args,
}

/// A resource of a stack, there and here.
struct Found<'a> {
    stack: &'a DesiredStack,
    kind: String,
    live: Option<StackResource>,
    rows: Vec<PropertyComparison>,
    drift: Option<ResourceDrift>,
}

impl AccountCommand for Inspect<'_> {
    fn cut_short(&self) -> Option<ExitStatus> {
        Some(ExitStatus::Interrupted)
    }

    async fn on<C: AwsApi, K: Clock>(self, cloud: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let (mut found, mut known) = (Vec::new(), Vec::new());
        for stack in &cx.stacks {
            let template = match deployed(&cloud.for_region(stack.region.as_deref()), stack).await {
                Ok(template) => template,
                Err(error) => return cx.refused(&error),
            };
            match self.look(&cloud, &clock, stack, template.as_ref(), cx).await {
                Ok(Some(here)) => found.push(here),
                Ok(None) => known.extend(names(stack, template.as_ref())),
                Err(error) => return cx.refused(&error),
            }
        }
        if found.is_empty() {
            cx.tell(&[unknown(&self.args.resource, &known)]);
            return ExitStatus::Usage;
        }
        self.show(&found, cx);
        ExitStatus::Ok
    }
}

impl Inspect<'_> {
    /// The resource in a stack; nothing where neither the script nor what is deployed has it.
    async fn look<'c, C: AwsApi, K: Clock>(
        &self,
        cloud: &C,
        clock: &K,
        stack: &'c DesiredStack,
        template: Option<&Template>,
        cx: &CommandContext<'_>,
    ) -> Result<Option<Found<'c>>, AwsError> {
        let id = self.args.resource.as_str();
        let wanted = stack.template.resources.get(id);
        let there = template.and_then(|live| live.template.resources.get(id));
        let Some(kind) = wanted.or(there).map(|resource| resource.kind.to_string()) else { return Ok(None) };
        let live = match template {
            Some(template) if there.is_some() => {
                let resources = cloud.for_region(stack.region.as_deref()).resources(&template.stack.id).await?;
                resources.into_iter().find(|resource| resource.logical_id == id)
            }
            _ => None,
        };
        let mut drift = None;
        if self.args.drift && live.is_some() {
            let run =
                Engine::new(cloud.clone(), clock.clone(), EngineOptions::new(run_name(clock)), |_| {}, cx.leaves());
            let drifts = run.drift(stack).await?.unwrap_or_default();
            drift = drifts.into_iter().find(|drift| drift.logical_id == id);
        }
        let rows = compare_properties(there, wanted, drift.as_ref());
        Ok(Some(Found { stack, kind, live, rows, drift }))
    }

    fn show(&self, found: &[Found<'_>], cx: &CommandContext<'_>) {
        if cx.options.script.json {
            let fact = |one: &Found<'_>| {
                json!({
                    "stack": one.stack.name,
                    "resource": self.args.resource,
                    "type": one.kind,
                    "deployed": one.live,
                    "properties": one.rows,
                    "drift": one.drift,
                })
            };
            return json::answer(cx.terminal, &Json::Array(found.iter().map(fact).collect()));
        }
        for one in found {
            let title = format!("{}/{}", one.stack.name, self.args.resource);
            let width = cx.terminal.table_width();
            let drawn = drawn(&title, &one.kind, one.live.as_ref(), &one.rows, one.drift.as_ref(), width);
            cx.terminal.answer(&drawn);
        }
    }
}

async fn deployed(cloud: &impl AwsApi, stack: &DesiredStack) -> Result<Option<Template>, AwsError> {
    match cloud.describe_stack(&stack.name).await? {
        Some(live) => Ok(Some(queries::live(cloud, live).await?)),
        None => Ok(None),
    }
}

/// The resources of a stack, of the script and deployed.
fn names(stack: &DesiredStack, template: Option<&Template>) -> Vec<String> {
    let deployed = template.iter().flat_map(|live| live.template.resources.keys());
    stack.template.resources.keys().chain(deployed).map(LogicalId::to_string).collect()
}

fn unknown(id: &str, known: &[String]) -> Diagnostic {
    Diagnostic::new(Code::UndefinedReference, format!("neither the script nor what is deployed has a resource `{id}`"))
        .help_if(did_you_mean(id, known.iter().map(String::as_str)))
}
