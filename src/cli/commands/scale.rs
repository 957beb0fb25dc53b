use serde_json::json;

use super::confirm::confirm;
use super::context::{AccountCommand, CommandContext, from_saved};
use super::service_selection::{SelectedService, one};
use crate::cfn::Template;
use crate::cli::args::{RunOptions, Scale as Args};
use crate::cli::exit::ExitStatus;
use crate::cli::json;
use crate::cli::project::Project;
use crate::cli::report::bold;
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AutoScaling, AwsApi, Clock};
use crate::deploy::operate::{CurrentScale, ScaleChange, apply, scaling};

/// `scale`: how many tasks a service has, or between which bounds it scales.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let scope = &args.service.scope;
    match CommandContext::new(project, &scope.stack, options, terminal) {
        Ok(cx) => from_saved(Scale { args }, &scope.rehearse, true, &cx),
        Err(exit) => exit,
    }
}

struct Scale<'a> {
    args: &'a Args,
}

impl AccountCommand for Scale<'_> {
    async fn on<C: AwsApi, K: Clock>(self, cloud: C, _clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let SelectedService { home, service } = match one(cx, &cloud, &self.args.service.service).await {
            Ok(selected) => selected,
            Err(exit) => return exit,
        };
        let range = match AutoScaling::scalable_target(&home, &service.scalable_resource()).await {
            Ok(range) => range,
            Err(error) => return cx.refused(&error),
        };
        let now = CurrentScale { desired: service.service.desired, range };
        let template = cx.stacks.iter().find(|stack| stack.name == service.stack).map(|stack| &*stack.template);
        let change = match scaling(&service, now, self.args.to, template.unwrap_or(&Template::default())) {
            Ok(change) => change,
            Err(problem) => {
                cx.tell(&[problem]);
                return ExitStatus::Usage;
            }
        };
        if let Err(exit) = self.asked(&service.logical_id, &change, cx).await {
            return exit;
        }
        if let Err(error) = apply(&home, &service, self.args.to).await {
            return cx.refused(&error);
        }
        if cx.options.script.json {
            let (stack, id) = (&service.stack, &service.logical_id);
            json::answer(cx.terminal, &json!({ "stack": stack, "service": id, "before": now, "wanted": self.args.to }));
        } else {
            cx.terminal.line(&format!("{} is to have {}", bold(&service.logical_id), self.args.to));
        }
        ExitStatus::Ok
    }
}

impl Scale<'_> {
    async fn asked(&self, id: &str, change: &ScaleChange, cx: &CommandContext<'_>) -> Result<(), ExitStatus> {
        cx.tell(&change.warnings);
        if !cx.options.script.json {
            cx.terminal.say(&format!("{id}: {}", change.effect));
        }
        let settled = self.args.yes || self.args.service.scope.rehearse.rehearse;
        confirm(&format!("Give {id} {}?", self.args.to), settled, cx).await
    }
}
