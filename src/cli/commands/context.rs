//! The context of a command: its stacks, its account and its output.

use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::stop_requests::GRACE;
use crate::cfn::Template;
use crate::cfn::sensitive::KnownSecrets;
use crate::cli::account::TargetAccount;
use crate::cli::args::{Rehearse, RunOptions};
use crate::cli::earlier_runs::EarlierRuns;
use crate::cli::exit::ExitStatus;
use crate::cli::project::{Project, Warnings, hide_secrets};
use crate::cli::report::{Output, faint, retrying};
use crate::cli::terminal::{Signals, Terminal};
use crate::deploy::api::{AwsEnvironment, AwsError, CloudFormation};
use crate::deploy::diagnose::api_error::diagnose_api_error;
use crate::deploy::{DeployEvent, DeployEventKind, StopRequest, StopSignal, stop_channel};
use crate::diag::{Code, CommandName, Diagnostic, Hint, SourceMap};
use crate::settings::Setting;
use crate::synth::{DesiredStack, with_parameters};

/// The context of a command on an account.
pub(super) struct CommandContext<'a> {
    /// The chosen stacks of the script.
    pub(super) stacks: Vec<DesiredStack>,
    /// The other stacks of the script: they may use what the chosen ones offer.
    pub(super) others: Vec<DesiredStack>,
    /// The path of the script, as it was written.
    pub(super) script: String,
    /// The values of the script's settings, without secrets.
    pub(super) settings: IndexMap<String, String>,
    /// The accounts that the script names, by stack.
    accounts: Vec<(String, String)>,
    /// The sources of diagnostics.
    pub(super) sources: SourceMap,
    /// The terminal.
    pub(super) terminal: &'a Terminal,
    /// The output of results: text or JSON.
    pub(super) output: Output,
    /// The options of the command line.
    pub(super) options: &'a RunOptions,
    /// The account: AWS or the rehearsal account.
    pub(super) account: TargetAccount,
    /// The signals of the command.
    pub(super) signals: Signals,
}

impl<'a> CommandContext<'a> {
    /// Creates the context for the chosen stacks of a project; prints what is wrong with them or the options.
    pub(super) fn new(
        project: Project,
        chosen: &[String],
        rehearse: &Rehearse,
        warnings: Warnings,
        options: &'a RunOptions,
        terminal: &'a Terminal,
    ) -> Result<CommandContext<'a>, ExitStatus> {
        let (script, settings) = (project.script.clone(), plain_settings(&project.settings));
        let (stacks, others, sources) = project.split(chosen, warnings, terminal)?;
        let accounts = stacks.iter().filter_map(|stack| Some((stack.name.clone(), stack.account.clone()?)));
        let accounts = accounts.collect();
        let wrong = |problems: Vec<Diagnostic>| {
            terminal.problems(&problems, &sources);
            ExitStatus::Usage
        };
        let stacks =
            with_parameters(stacks, &options.parameter).map_err(|problems| wrong(problems.into_iter().collect()))?;
        hide_secrets(&stacks, terminal);
        let templates: Vec<&Template> = stacks.iter().map(|stack| &*stack.template).collect();
        let account = TargetAccount::new(rehearse, &templates, options.region.as_deref()).map_err(wrong)?;
        let (output, signals) = (Output::new(terminal, options.script.json), terminal.signals());
        Ok(CommandContext {
            stacks,
            others,
            script,
            settings,
            accounts,
            sources,
            terminal,
            output,
            options,
            account,
            signals,
        })
    }

    /// Runs work that a signal stops: operations that are running continue in AWS. The work has a moment to delete what
    /// it prepared.
    ///
    /// # Errors
    ///
    /// The exit status if a signal stopped it.
    pub(super) async fn until_stopped<T>(&self, work: impl AsyncFnOnce(StopSignal) -> T) -> Result<T, ExitStatus> {
        let (handle, stop) = stop_channel();
        let (mut work, mut received) = (std::pin::pin!(work(stop)), self.signals.subscribe());
        let signal = tokio::select! {
            result = &mut work => return Ok(result),
            signal = received.next() => signal,
        };
        handle.request(StopRequest::Detach);
        tokio::select! {
            _ = &mut work => {}
            _ = tokio::time::timeout(GRACE, received.next()) => {}
        }
        Err(signal.exit())
    }

    /// Returns what prints a line for each call of an engine that is repeated, for commands that report no other event.
    pub(super) fn retries(&self) -> impl Fn(DeployEvent) {
        let terminal = self.terminal;
        move |event| {
            if let DeployEventKind::Unreachable { error, retry_in_ms, unanswered_ms } = &event.kind {
                let (pause, unanswered) = (Duration::from_millis(*retry_in_ms), Duration::from_millis(*unanswered_ms));
                terminal.status(&retrying(error, unanswered, Some(pause)));
            }
        }
    }

    /// Returns the durations of earlier runs on the stacks.
    pub(super) fn earlier_runs(&self, environment: &AwsEnvironment) -> EarlierRuns {
        let stacks: Vec<&str> = self.stacks.iter().map(|stack| stack.name.as_str()).collect();
        EarlierRuns::of_project(&stacks, environment)
    }

    /// Prints diagnostics.
    pub(super) fn report(&self, problems: &[Diagnostic]) {
        self.terminal.problems(problems, &self.sources);
    }

    /// Prints that the command works on the rehearsal account, if it does.
    pub(super) fn announce_rehearsal(&self) {
        if self.account.is_rehearsal() {
            self.output.status(&faint("rehearsal: simulated account, virtual time, no cost"));
        }
    }

    /// Reports the stacks that are not deployed, for a command that reads deployed stacks, and returns its exit status: it
    /// fails if none of them is deployed.
    pub(super) fn report_absent(&self, absent: &[&DesiredStack]) -> ExitStatus {
        let [first, ..] = absent else { return ExitStatus::Ok };
        let is_any_deployed = absent.len() < self.stacks.len();
        // In a session, the user explores, and may deploy next: no error, but the same exit status in a pipe.
        if is_any_deployed || self.terminal.frontend().is_session() {
            absent.iter().for_each(|stack| self.terminal.message(&format!("{} is not deployed", stack.name)));
            return if is_any_deployed { ExitStatus::Ok } else { ExitStatus::Aws };
        }
        let rest = match absent.len() {
            1 => String::new(),
            2 => ", nor is another one".to_owned(),
            several => format!(", nor are {} others", several - 1),
        };
        self.report(&[not_deployed(first, format!("stack `{}` is not deployed{rest}", first.name))]);
        ExitStatus::Aws
    }

    /// Prints an error of AWS.
    pub(super) fn aws_error(&self, error: &AwsError) -> ExitStatus {
        self.report(&[diagnose_api_error(error)]);
        ExitStatus::Aws
    }

    /// Reports an error if the credentials are of another account than the script names.
    pub(super) async fn check_account(&self, api: &impl CloudFormation) -> Result<(), ExitStatus> {
        if self.accounts.is_empty() {
            return Ok(());
        }
        let environment = api.environment().await.map_err(|error| self.aws_error(&error))?;
        let wrong = self.accounts.iter().filter(|(_, account)| *account != environment.account);
        let problems: Vec<Diagnostic> =
            wrong.map(|(stack, account)| wrong_account(stack, account, &environment.account)).collect();
        if problems.is_empty() {
            return Ok(());
        }
        self.report(&problems);
        Err(ExitStatus::Script)
    }
}

/// Returns the problem of a command that needs a deployed stack.
pub(super) fn not_deployed(stack: &DesiredStack, message: String) -> Diagnostic {
    Diagnostic::new(Code::NotDeployed, message)
        .at(&stack.origin, "this stack")
        .help(Hint::from("deploy it with ").command(CommandName::Deploy.of(&stack.name)))
}

/// Returns the values of settings by name, without secret ones and those whose names show that they are secrets.
fn plain_settings(settings: &[Setting]) -> IndexMap<String, String> {
    let plain = settings.iter().filter(|setting| !setting.is_secret());
    let known = KnownSecrets::default();
    let text = |value: &Json| known.text(&value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    plain.map(|setting| (setting.name.clone(), text(&setting.value))).collect()
}

fn wrong_account(stack: &str, account: &str, actual: &str) -> Diagnostic {
    let message =
        format!("stack `{stack}` belongs to account {account}, but these credentials are of account {actual}");
    Diagnostic::new(Code::WrongAccount, message).help("select the right profile with `--profile`")
}
