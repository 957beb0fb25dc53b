//! Files of saved plans.

use std::path::Path;

use serde::Deserialize;

use super::context::CommandContext;
use crate::cli::exit::ExitStatus;
use crate::cli::files::{read_text, write_private};
use crate::cli::terminal::Terminal;
use crate::deploy::api::CloudFormation;
use crate::deploy::plan::plan_file::SavedPlan;
use crate::diag::{Code, CommandName, Diagnostic, Hint, Origin, SourceMap};
use crate::script::LoadError;

/// Reports an error if a plan would replace another file than a plan: the script, when the arguments are mixed up.
pub(super) fn may_replace(file: &Path, terminal: &Terminal) -> Result<(), ExitStatus> {
    let is_plan = match read_text(file) {
        Ok(text) => text.trim().is_empty() || serde_json::from_str::<PlanVersion>(&text).is_ok(),
        // There is no file, or writing says why there cannot be one.
        Err(why) => !matches!(why, LoadError::NotText(_) | LoadError::TooLarge(_)),
    };
    if is_plan {
        return Ok(());
    }
    let name = file.display();
    let problem =
        Diagnostic::new(Code::FileExists, format!("`{name}` is not a plan, and `--save` does not replace it"));
    terminal.problems(&[problem.help("name another file, or remove it")], &SourceMap::default());
    Err(ExitStatus::Usage)
}

/// The field that every saved plan has.
#[derive(Deserialize)]
struct PlanVersion {
    #[expect(dead_code, reason = "only whether it is there is of interest")]
    format_version: u32,
}

/// Writes a plan to a file.
pub(super) fn write(file: &Path, saved: &SavedPlan, cx: &CommandContext<'_>) -> ExitStatus {
    let text = serde_json::to_string_pretty(saved).map_err(std::io::Error::other);
    if let Err(error) = text.and_then(|text| write_private(file, &format!("{text}\n"))) {
        let message = format!("cannot save the plan to {}: {error}", file.display());
        cx.terminal.failure(Code::FileUnwritable, &message);
        return ExitStatus::Usage;
    }
    let deploy = CommandName::Deploy.of("--plan").arg(file.display().to_string());
    let hint = Hint::from("plan saved; deploy exactly this plan with ").command(deploy);
    cx.terminal.status(&cx.terminal.frontend().hint(&hint));
    ExitStatus::Ok
}

/// Reads a plan from a file; prints what is wrong with it.
pub(super) fn read(file: &Path, terminal: &Terminal) -> Result<SavedPlan, ExitStatus> {
    let name = file.display().to_string();
    let mut sources = SourceMap::default();
    let problem = match read_text(file) {
        Err(why) => why.problem(&name).at(&Origin::new(name.as_str(), 0, 0), ""),
        Ok(text) => match serde_json::from_str::<SavedPlan>(&text) {
            Ok(saved) if saved.version == SavedPlan::VERSION => return Ok(saved),
            read => {
                let problem = unreadable(&name, read.err());
                sources.add(name.as_str(), text);
                problem
            }
        },
    };
    terminal.problems(&[problem], &sources);
    Err(ExitStatus::Usage)
}

pub(in crate::cli) fn unreadable(name: &str, error: Option<serde_json::Error>) -> Diagnostic {
    let problem = Diagnostic::new(Code::PlanUnreadable, format!("`{name}` is not a plan of this version of rtiler"));
    let problem = match error {
        Some(error) => {
            let count = |number: usize| u32::try_from(number).unwrap_or(0);
            let origin = Origin::new(name, count(error.line()), count(error.column()));
            let text = error.to_string();
            problem.at(&origin, text.split(" at line ").next().unwrap_or(&text))
        }
        None => problem.at(&Origin::new(name, 0, 0), ""),
    };
    problem.help(Hint::from("save one with ").command(CommandName::Plan.of("--save").arg("FILE")))
}

/// Reports an error if the plan was made for another account or region.
pub(super) async fn check_environment(
    saved: &SavedPlan,
    api: &impl CloudFormation,
    cx: &CommandContext<'_>,
) -> Result<(), ExitStatus> {
    let actual = api.environment().await.map_err(|error| cx.aws_error(&error))?;
    if actual == saved.environment {
        return Ok(());
    }
    let planned = &saved.environment;
    let message = format!("the plan is for account {} in {}", planned.account, planned.region);
    let problem = Diagnostic::new(Code::PlanWrongAccount, message)
        .note(format!("these credentials are of account {} in {}", actual.account, actual.region))
        .help("select the right ones with `--profile` and `--region`, or create a new plan");
    cx.report(&[problem]);
    Err(ExitStatus::Script)
}
