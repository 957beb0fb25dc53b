//! The front end of this process: commands are typed in a shell, or in a REPL.
//!
//! *Invariant*: only the text of hints differs; a command does the same for every front end.

use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use super::args::{RunOptions, ScriptOptions};
use crate::cfn::sensitive::is_secret_name;
use crate::diag::{CommandName, Diagnostic, Hint, SuggestedCommand, shell_word};
use crate::repl::ReplCommand;

/// The place where the user types commands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Frontend {
    kind: Kind,
    /// The script, as the user named it.
    script: String,
    /// The settings of this run, which every suggested command repeats.
    settings: ScriptOptions,
    /// The names of the secret settings of the script, once they are known.
    secrets: Arc<OnceLock<Vec<String>>>,
    /// The parameters and the region, which every suggested command on an account repeats.
    environment: String,
    /// The options that select the AWS account, which a rehearsal instead of this run does not need.
    account: String,
    /// Whether this run uses the rehearsal account.
    rehearse: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Shell,
    Session,
}

impl Frontend {
    /// Creates the front end of `rtiler run SCRIPT`, whose suggestions repeat the options of this run.
    pub(crate) fn shell(script: &str, options: &RunOptions, rehearse: bool) -> Self {
        let script = script.to_owned();
        let (settings, environment, account) = (options.script.clone(), environment(options), account(options));
        Self { kind: Kind::Shell, script, settings, secrets: Arc::default(), environment, account, rehearse }
    }

    /// Creates the front end of a REPL.
    pub(crate) fn session(script: Option<&str>, options: &RunOptions) -> Self {
        Self { kind: Kind::Session, ..Self::shell(script.unwrap_or_default(), options, false) }
    }

    /// Sets the names of the script's secret settings, whose values no suggested command repeats.
    pub(crate) fn hide_settings(&self, names: Vec<String>) {
        let _ = self.secrets.set(names);
    }

    /// Returns the settings of this run as options. The value of a secret is not repeated.
    fn settings_text(&self) -> String {
        let secrets = self.secrets.get().map(Vec::as_slice).unwrap_or_default();
        let is_secret = |name: &str| is_secret_name(name) || secrets.iter().any(|secret| secret == name);
        let mut text: String = self.settings.set.iter().map(|set| repeated("--set", set, is_secret)).collect();
        text += if self.settings.packages.locked { " --locked" } else { "" };
        text += if self.settings.packages.offline { " --offline" } else { "" };
        match &self.settings.env_file {
            Some(file) => joined(text, &["--env-file".to_owned(), file.display().to_string()]),
            None => text,
        }
    }

    /// Returns the front end for a command over the rehearsal account.
    pub(crate) fn for_rehearsal(&self) -> Self {
        Self { rehearse: true, ..self.clone() }
    }

    /// Returns whether the user types in a REPL.
    pub(crate) fn is_session(&self) -> bool {
        self.kind == Kind::Session
    }

    /// Returns a problem whose hints are text alone, with each command as this user types it.
    pub(crate) fn render(&self, problem: &Diagnostic) -> Diagnostic {
        let hints = problem.hints.iter().map(|hint| hint.rendered(|command| self.command(command))).collect();
        Diagnostic { hints, ..problem.clone() }
    }

    /// Returns a hint as text.
    pub(crate) fn hint(&self, hint: &Hint) -> String {
        hint.render(|command| self.command(command))
    }

    /// Returns a command as this user types it, so that it can be pasted.
    pub(crate) fn command(&self, command: &SuggestedCommand) -> String {
        if self.is_session() {
            if command.name == CommandName::Deploy && (command.rehearse || self.rehearse) {
                return joined(":rehearse".to_owned(), &command.arguments);
            }
            if is_session_command(command.name) {
                return joined(format!(":{}", command.name.as_str()), &command.arguments);
            }
        }
        self.in_shell(command)
    }

    fn in_shell(&self, command: &SuggestedCommand) -> String {
        #[cfg(debug_assertions)]
        assert_parses(command);
        let script = if self.script.is_empty() { "SCRIPT".to_owned() } else { shell_word(&self.script) };
        // Options are written before the command of a container.
        let end = command.arguments.iter().position(|word| word == "--").unwrap_or(command.arguments.len());
        let (arguments, container_command) = command.arguments.split_at(end);
        let mut text = joined(format!("rtiler run {script} {}", command.name.as_str()), arguments);
        text += &self.settings_text();
        if command.name.uses_account() {
            text += &self.environment;
            text += if command.rehearse && !self.rehearse { "" } else { &self.account };
            text += if command.rehearse || self.rehearse { " --rehearse" } else { "" };
        }
        joined(text, container_command)
    }
}

/// Panics if the command line does not accept a suggested command, which a user could not paste.
#[cfg(debug_assertions)]
fn assert_parses(command: &SuggestedCommand) {
    use clap::Parser as _;
    let words = ["rtiler", "run", "SCRIPT", command.name.as_str()].map(str::to_owned);
    let words = words.into_iter().chain(command.arguments.iter().cloned());
    if let Err(error) = super::args::Args::try_parse_from(words) {
        panic!("a hint suggests a command that does not exist: {error}");
    }
}

/// Returns whether the REPL has a command of this name.
fn is_session_command(name: CommandName) -> bool {
    ReplCommand::from_name(name.as_str()).is_some_and(ReplCommand::replaces_run_command)
}

/// Returns the parameters and the region of this run as options. Any parameter may be `NoEcho`: no value is repeated.
fn environment(options: &RunOptions) -> String {
    let text: String = options.parameter.iter().map(|given| repeated("--parameter", given, |_| true)).collect();
    text + named(&[("--region", &options.region)]).as_str()
}

/// Returns the options of this run that select the AWS account.
fn account(options: &RunOptions) -> String {
    named(&[
        ("--profile", &options.profile),
        ("--endpoint-url", &options.endpoint_url),
        ("--template-bucket", &options.template_bucket),
        ("--role-arn", &options.role_arn),
    ])
}

/// Returns the command that creates the bootstrap in a region of the account of these options.
pub(crate) fn bootstrap_command(options: &RunOptions, region: Option<&str>) -> String {
    let region = region.map(str::to_owned).or_else(|| options.region.clone());
    let account = [("--region", &region), ("--profile", &options.profile), ("--endpoint-url", &options.endpoint_url)];
    format!("rtiler bootstrap{}", named(&account))
}

fn named(options: &[(&str, &Option<String>)]) -> String {
    let given = options.iter().filter_map(|(name, value)| Some(((*name).to_owned(), (*value).clone()?)));
    given.map(|(name, value)| joined(String::new(), &[name, value])).collect()
}

/// Returns an option with `NAME=VALUE`. A secret becomes a shell variable of that name: a shell that does not have it stops
/// and names it, and nothing runs with a wrong value.
fn repeated(option: &str, given: &str, is_secret: impl Fn(&str) -> bool) -> String {
    match given.split_once('=') {
        Some((name, _)) if is_secret(name) => {
            let variable: String =
                name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
            format!(" {option} {}=\"${{{variable}:?}}\"", shell_word(name))
        }
        _ => joined(String::new(), &[option.to_owned(), given.to_owned()]),
    }
}

fn joined(mut text: String, words: &[String]) -> String {
    words.iter().for_each(|word| {
        let _ = write!(text, " {}", shell_word(word));
    });
    text
}

/// Returns a command line of rtiler without an option that has no value.
pub(crate) fn line_without(option: &str, words: &[String]) -> String {
    let words: Vec<String> = words.iter().filter(|word| *word != option).cloned().collect();
    joined("rtiler".to_owned(), &words)
}

/// Returns a command line of rtiler with `--rehearse`, which is before the command of `exec` or `run-task`.
#[cfg(any(test, not(feature = "aws")))]
pub(crate) fn rehearsed_line(words: &[String]) -> String {
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    joined(joined("rtiler".to_owned(), &words[..end]) + " --rehearse", &words[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> RunOptions {
        let script = ScriptOptions { set: vec!["stage=a b".to_owned()], ..ScriptOptions::default() };
        RunOptions { script, profile: Some("work".to_owned()), ..RunOptions::default() }
    }

    #[test]
    fn shell_command_repeats_script_settings_and_account() {
        let shell = Frontend::shell("app.rhai", &options(), false);
        let deploy = CommandName::Deploy.of("web");
        assert_eq!(shell.command(&deploy), "rtiler run app.rhai deploy web --set 'stage=a b' --profile work");
        let settings = CommandName::Settings.alone();
        assert_eq!(shell.command(&settings), "rtiler run app.rhai settings --set 'stage=a b'");
        assert_eq!(shell.command(&deploy.rehearsed()), "rtiler run app.rhai deploy web --set 'stage=a b' --rehearse");
    }

    #[test]
    fn rehearsed_line_has_the_option_before_the_command_of_the_container() {
        let line = |text: &str| rehearsed_line(&text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(line("run app.rhai deploy"), "rtiler run app.rhai deploy --rehearse");
        assert_eq!(line("run app.rhai exec Web -- ls"), "rtiler run app.rhai exec Web --rehearse -- ls");
    }

    #[test]
    fn options_are_before_the_command_of_a_container() {
        let task = CommandName::RunTask.of("WebService").arg("--").arg("ls");
        let shell = Frontend::shell("app.rhai", &options(), true);
        let expected = "rtiler run app.rhai run-task WebService --set 'stage=a b' --profile work --rehearse -- ls";
        assert_eq!(shell.command(&task), expected);
    }

    #[test]
    #[should_panic(expected = "a hint suggests a command that does not exist")]
    fn suggestion_that_the_command_line_refuses_is_a_bug() {
        Frontend::shell("app.rhai", &options(), true).command(&CommandName::Scale.of("WebService"));
    }

    #[test]
    fn secret_settings_are_not_repeated() {
        let mut options = RunOptions::default();
        options.script.set = vec!["pin=1234".to_owned()];
        let shell = Frontend::shell("app.rhai", &options, false);
        shell.hide_settings(vec!["pin".to_owned()]);
        assert_eq!(
            shell.command(&CommandName::Settings.alone()),
            "rtiler run app.rhai settings --set pin=\"${pin:?}\""
        );
    }

    #[test]
    fn secrets_are_not_repeated() {
        let script = ScriptOptions { set: vec!["db_password=hunter2".to_owned()], ..ScriptOptions::default() };
        let parameter = vec!["Token=hush".to_owned()];
        let options = RunOptions { script, parameter, region: Some("eu-west-1".to_owned()), ..RunOptions::default() };
        let deploy = "rtiler run app.rhai deploy web --set db_password=\"${db_password:?}\" \
                      --parameter Token=\"${Token:?}\" --region eu-west-1";
        assert_eq!(Frontend::shell("app.rhai", &options, false).command(&CommandName::Deploy.of("web")), deploy);
        let rehearsal = Frontend::shell("app.rhai", &options, true).command(&CommandName::Deploy.of("web"));
        assert_eq!(rehearsal, format!("{deploy} --rehearse"));
    }

    #[test]
    fn command_of_a_rehearsal_is_a_rehearsal() {
        let shell = Frontend::shell("app.rhai", &RunOptions::default(), true);
        assert_eq!(shell.command(&CommandName::Drift.of("web")), "rtiler run app.rhai drift web --rehearse");
        assert_eq!(shell.command(&CommandName::Synth.alone()), "rtiler run app.rhai synth");
    }

    #[test]
    fn session_command_begins_with_a_colon_if_the_session_has_it() {
        let session = Frontend::session(Some("app.rhai"), &RunOptions::default());
        let hint = Hint::from("run ").command(CommandName::Deploy.of("web")).text(" again");
        assert_eq!(session.hint(&hint), "run `:deploy web` again");
        assert_eq!(session.command(&CommandName::Deploy.alone().rehearsed()), ":rehearse");
        assert_eq!(
            session.command(&CommandName::Import.of("web").arg("Jobs=jobs")),
            "rtiler run app.rhai import web Jobs=jobs"
        );
    }

    #[test]
    fn session_command_of_a_rehearsal_does_not_deploy() {
        let session = Frontend::session(Some("app.rhai"), &RunOptions::default()).for_rehearsal();
        assert_eq!(session.command(&CommandName::Deploy.of("web")), ":rehearse web");
        assert_eq!(session.command(&CommandName::Status.of("web")), ":status web");
        assert_eq!(
            session.command(&CommandName::Import.of("web").arg("Jobs=jobs")),
            "rtiler run app.rhai import web Jobs=jobs --rehearse"
        );
    }
}
