use super::confirm::confirm;
use super::context::CommandContext;
use super::runner::{AccountCommand, run_on_stacks};
use super::service_selection::{SelectedService, select_one};
use crate::cfn::Template;
use crate::cli::account::Access;
use crate::cli::args::{RunOptions, Scale as Args};
use crate::cli::exit::ExitStatus;
use crate::cli::json::ScaleResult;
use crate::cli::project::Project;
use crate::cli::report::bold;
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AutoScaling, AwsApi, Clock};
use crate::deploy::operate::{CurrentScale, ScaleChange, ScaleTarget, apply, scale_change};

/// Runs `scale`: changes the number of tasks of a service, or the bounds of its auto scaling.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let scope = &args.service.scope;
    run_on_stacks(Scale { args }, &scope.stack, &scope.rehearse, project, options, terminal)
}

struct Scale<'a> {
    args: &'a Args,
}

impl AccountCommand for Scale<'_> {
    const ACCESS: Access = Access::Write;

    async fn run<C: AwsApi, K: Clock>(self, api: C, _clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let SelectedService { api, service } = match select_one(cx, &api, &self.args.service.service).await {
            Ok(selected) => selected,
            Err(exit) => return exit,
        };
        let range = match AutoScaling::scalable_target(&api, &service.scalable_resource()).await {
            Ok(range) => range,
            Err(error) => return cx.aws_error(&error),
        };
        let before = CurrentScale { desired: service.service.desired, range };
        let template = cx.stacks.iter().find(|stack| stack.name == service.stack).map(|stack| &*stack.template);
        let change = match scale_change(&service, before, self.args.to, template.unwrap_or(&Template::default())) {
            Ok(change) => change,
            Err(problem) => {
                cx.report(&[problem]);
                return ExitStatus::Usage;
            }
        };
        if let Err(exit) = self.approve(&service.logical_id, &change, cx).await {
            return exit;
        }
        if let Err(error) = apply(&api, &service, self.args.to).await {
            return cx.aws_error(&error);
        }
        let (id, after) = (&service.logical_id, before.with(self.args.to));
        let result = ScaleResult { stack: service.stack.clone(), service: id.clone(), before, after };
        cx.output.result(&result, || match self.args.to {
            ScaleTarget::Exactly(count) => format!("{}: desired count is now {count}\n", bold(id)),
            range @ ScaleTarget::Between(_) => format!("{} scales from {range} now\n", bold(id)),
        });
        ExitStatus::Ok
    }
}

impl Scale<'_> {
    async fn approve(&self, id: &str, change: &ScaleChange, cx: &CommandContext<'_>) -> Result<(), ExitStatus> {
        cx.report(&change.warnings);
        cx.output.status(&change.effect);
        if !cx.account.needs_approval(self.args.yes) {
            return Ok(());
        }
        confirm(&format!("Scale {id} to {}?", self.args.to), "nothing was changed", cx).await
    }
}
