//! Parsing of an account command by the grammar of `rtiler run`.

use clap::{Args, Command, FromArgMatches};

use super::target::Target;
use crate::cli::args::{
    Deploy, Destroy, Diff, Drift, Events, Images, Inspect, Logs, Permissions, Plan, RehearsalOnly, Rollback,
    RunCommand, RunOptions, Scale, StackArgs, Tasks, error_text, for_page,
};
use crate::repl::{AccountCommandKind, Effect};

/// An account command with its arguments, which are those of `run`.
pub(super) struct ParsedCommand {
    /// The line that was typed: `:deploy web`.
    pub(super) input: String,
    kind: AccountCommandKind,
    pub(super) command: RunCommand,
    pub(super) options: RunOptions,
    /// The account of the command.
    pub(super) target: Target,
    stack_use: StackUse,
}

/// The stacks of a command, and how it uses them.
struct StackUse {
    /// Names or globs of stacks; empty for all.
    stacks: Vec<String>,
    /// Whether no other operation may run on these stacks: it changes them, or lets CloudFormation work on them.
    is_operation: bool,
    /// Whether changes are approved in advance: by `--yes`, or by a saved plan.
    is_approved: bool,
}

impl StackUse {
    fn reads(stacks: &[String]) -> Self {
        Self { stacks: stacks.to_vec(), is_operation: false, is_approved: false }
    }

    fn operation(stacks: &[String]) -> Self {
        Self { is_operation: true, ..Self::reads(stacks) }
    }
}

/// Arguments of a command of `run` that the REPL has, too. Each states how it uses stacks, so that none is forgotten.
trait AccountArgs: Args {
    fn stack_use(&self) -> StackUse;
}

impl AccountArgs for StackArgs {
    fn stack_use(&self) -> StackUse {
        StackUse::reads(&self.stacks.stacks)
    }
}

impl AccountArgs for Events {
    fn stack_use(&self) -> StackUse {
        StackUse::reads(&self.target.stacks.stacks)
    }
}

impl AccountArgs for Logs {
    fn stack_use(&self) -> StackUse {
        StackUse::reads(&self.services.scope.stack)
    }
}

impl AccountArgs for Tasks {
    fn stack_use(&self) -> StackUse {
        StackUse::reads(&self.services.scope.stack)
    }
}

impl AccountArgs for Images {
    fn stack_use(&self) -> StackUse {
        StackUse::reads(&self.stacks.stacks)
    }
}

impl AccountArgs for Permissions {
    fn stack_use(&self) -> StackUse {
        StackUse::reads(&self.stacks.stacks)
    }
}

impl AccountArgs for Inspect {
    fn stack_use(&self) -> StackUse {
        StackUse { is_operation: self.drift, ..StackUse::reads(&self.scope.stack) }
    }
}

impl AccountArgs for Diff {
    fn stack_use(&self) -> StackUse {
        StackUse::reads(&self.stacks.stacks)
    }
}

impl AccountArgs for Plan {
    fn stack_use(&self) -> StackUse {
        StackUse::operation(&self.stacks.stacks)
    }
}

impl AccountArgs for Deploy {
    fn stack_use(&self) -> StackUse {
        let is_approved = self.yes || self.plan.is_some();
        StackUse { is_approved, ..StackUse::operation(&self.stacks.stacks) }
    }
}

impl AccountArgs for Destroy {
    fn stack_use(&self) -> StackUse {
        StackUse { is_approved: self.yes, ..StackUse::operation(&self.stacks.stacks) }
    }
}

impl AccountArgs for Rollback {
    fn stack_use(&self) -> StackUse {
        StackUse { is_approved: self.yes, ..StackUse::operation(&self.stacks.stacks) }
    }
}

impl AccountArgs for Drift {
    fn stack_use(&self) -> StackUse {
        StackUse::operation(&self.stacks.stacks)
    }
}

impl AccountArgs for Scale {
    fn stack_use(&self) -> StackUse {
        StackUse { is_approved: self.yes, ..StackUse::operation(&self.service.scope.stack) }
    }
}

/// A line that is not a command, or that requests help.
pub(super) struct CommandParseError {
    /// The message, or the help.
    pub(super) message: String,
    /// Whether the user requested help.
    pub(super) is_help: bool,
}

impl CommandParseError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), is_help: false }
    }
}

impl ParsedCommand {
    /// Parses the argument of a command; options of the REPL's command line are the defaults.
    pub(super) fn parse(
        kind: AccountCommandKind,
        argument: &str,
        target: Target,
        defaults: &RunOptions,
    ) -> Result<Self, CommandParseError> {
        let mut words = words(argument).map_err(CommandParseError::new)?;
        let rehearses = kind == AccountCommandKind::Rehearse || target == Target::Rehearsal;
        // These call no account.
        let offline =
            kind == AccountCommandKind::Permissions || words.iter().any(|word| word.starts_with("--template"));
        if rehearses && !offline && !words.iter().any(|word| word == "--rehearse") {
            words.insert(0, "--rehearse".to_owned());
        }
        let (command, options, stack_use) = parse(kind, &words)?;
        let target = match words.iter().any(|word| word == "--rehearse") {
            true => Target::Rehearsal,
            false if kind == AccountCommandKind::Permissions => target,
            false => Target::Aws,
        };
        let input = format!(":{} {argument}", kind.name()).trim_end().to_owned();
        Ok(Self { input, kind, command, options: with_defaults(options, defaults)?, target, stack_use })
    }

    /// Returns the stacks of the command, by name or glob; empty for all.
    pub(super) fn stacks(&self) -> &[String] {
        &self.stack_use.stacks
    }

    /// Returns whether no other operation may run on its stacks.
    pub(super) fn is_operation(&self) -> bool {
        self.stack_use.is_operation
    }

    /// Returns whether the command can change stacks.
    pub(super) fn changes(&self) -> bool {
        self.kind.effect() == Effect::Changes
    }

    /// Returns whether the command deploys the stacks of the script, or shows what would be deployed: the policies of the project
    /// judge them before.
    pub(super) fn runs_policies(&self) -> bool {
        matches!(
            self.command,
            RunCommand::Deploy(_) | RunCommand::Plan(_) | RunCommand::Diff(_) | RunCommand::Hotswap(_)
        )
    }

    /// Returns whether the command requests approval before it changes anything.
    pub(super) fn may_ask(&self) -> bool {
        self.changes() && self.target == Target::Aws && !self.stack_use.is_approved
    }
}

/// A command of `run` with its options and stacks.
type Parsed = (RunCommand, RunOptions, StackUse);

fn parse(kind: AccountCommandKind, words: &[String]) -> Result<Parsed, CommandParseError> {
    match kind {
        AccountCommandKind::Status => parse_as(RunCommand::Status, kind, words),
        AccountCommandKind::Outputs => parse_as(RunCommand::Outputs, kind, words),
        AccountCommandKind::Events => parse_as(RunCommand::Events, kind, words),
        AccountCommandKind::Logs => parse_as(RunCommand::Logs, kind, words),
        AccountCommandKind::Tasks => parse_as(RunCommand::Tasks, kind, words),
        AccountCommandKind::Images => parse_as(RunCommand::Images, kind, words),
        AccountCommandKind::Permissions => parse_as(RunCommand::Permissions, kind, words),
        AccountCommandKind::Inspect => parse_as(RunCommand::Inspect, kind, words),
        AccountCommandKind::Diff => parse_as(RunCommand::Diff, kind, words),
        AccountCommandKind::Plan => parse_as(RunCommand::Plan, kind, words),
        AccountCommandKind::Rehearse | AccountCommandKind::Deploy => parse_as(RunCommand::Deploy, kind, words),
        AccountCommandKind::Rollback => parse_as(RunCommand::Rollback, kind, words),
        AccountCommandKind::Drift => parse_as(RunCommand::Drift, kind, words),
        AccountCommandKind::Scale => parse_as(RunCommand::Scale, kind, words),
        AccountCommandKind::Destroy => parse_as(RunCommand::Destroy, kind, words),
    }
}

/// Parses words as the arguments of a command of `run`; its error messages name the command as it was typed.
fn parse_as<A: AccountArgs>(
    command: fn(A) -> RunCommand,
    kind: AccountCommandKind,
    words: &[String],
) -> Result<Parsed, CommandParseError> {
    let parse = |words: &[String]| {
        let matches = grammar::<A>(kind).try_get_matches_from(words);
        matches.and_then(|found| Ok((A::from_arg_matches(&found)?, RunOptions::from_arg_matches(&found)?)))
    };
    let (args, options) = parse(words).map_err(|error| {
        if let Some(mistake) = RehearsalOnly::of(&error, words) {
            return CommandParseError::new(format!("error: {}\nhelp: {}", mistake.message, mistake.help));
        }
        let message = error_text(&error, words, |words| parse(words).err()).trim_end().to_owned();
        CommandParseError { message, is_help: !error.use_stderr() }
    })?;
    let stack_use = args.stack_use();
    Ok((command(args), options, stack_use))
}

/// Returns the long options of a command, each with a line of help.
pub(in crate::cli::repl) fn options(kind: AccountCommandKind) -> Vec<(String, String)> {
    let grammar = match kind {
        AccountCommandKind::Status | AccountCommandKind::Outputs => grammar::<StackArgs>(kind),
        AccountCommandKind::Events => grammar::<Events>(kind),
        AccountCommandKind::Logs => grammar::<Logs>(kind),
        AccountCommandKind::Tasks => grammar::<Tasks>(kind),
        AccountCommandKind::Images => grammar::<Images>(kind),
        AccountCommandKind::Permissions => grammar::<Permissions>(kind),
        AccountCommandKind::Inspect => grammar::<Inspect>(kind),
        AccountCommandKind::Diff => grammar::<Diff>(kind),
        AccountCommandKind::Plan => grammar::<Plan>(kind),
        AccountCommandKind::Rehearse | AccountCommandKind::Deploy => grammar::<Deploy>(kind),
        AccountCommandKind::Rollback => grammar::<Rollback>(kind),
        AccountCommandKind::Drift => grammar::<Drift>(kind),
        AccountCommandKind::Scale => grammar::<Scale>(kind),
        AccountCommandKind::Destroy => grammar::<Destroy>(kind),
    };
    let one = |option: &clap::Arg| {
        let help = option.get_help().map(ToString::to_string).unwrap_or_default();
        Some((format!("--{}", option.get_long()?), help.lines().next().unwrap_or_default().to_owned()))
    };
    grammar.get_arguments().filter(|option| !option.is_hide_set()).filter_map(one).collect()
}

fn grammar<A: Args>(kind: AccountCommandKind) -> Command {
    // These options belong to the session: `:set`.
    const OF_SESSION: [&str; 3] = ["set", "env_file", "deny"];
    let name = kind.name();
    let bare = Command::new(name).bin_name(format!(":{name}")).no_binary_name(true).about(kind.spec().summary);
    let full = RunOptions::augment_args(A::augment_args(for_page(bare.max_term_width(100))));
    OF_SESSION.into_iter().fold(full, |command, option| command.mut_arg(option, |option| option.hide(true)))
}

/// Merges the options of a command with the defaults of the REPL's command line.
fn with_defaults(options: RunOptions, defaults: &RunOptions) -> Result<RunOptions, CommandParseError> {
    if !options.script.set.is_empty() || options.script.env_file.is_some() || options.script.deny.is_some() {
        return Err(CommandParseError::new(
            "settings and checks belong to the session: use `:set NAME=VALUE`, or start the REPL with `--env-file` and \
             `--deny`",
        ));
    }
    let defaults = defaults.clone();
    let mut script = defaults.script;
    script.json |= options.script.json;
    Ok(RunOptions {
        script,
        parameter: defaults.parameter.into_iter().chain(options.parameter).collect(),
        profile: options.profile.or(defaults.profile),
        region: options.region.or(defaults.region),
        endpoint_url: options.endpoint_url.or(defaults.endpoint_url),
        template_bucket: options.template_bucket.or(defaults.template_bucket),
        role_arn: options.role_arn.or(defaults.role_arn),
    })
}

/// Splits a line into words as a shell does: quotes keep blanks.
fn words(line: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None::<char>);
    for letter in line.chars() {
        match quote {
            Some(open) if letter == open => quote = None,
            None if letter == '\'' || letter == '"' => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            None if letter.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    match quote {
        Some(open) => Err(format!("the quote {open} is not closed")),
        None => Ok(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repl::ReplCommand;

    fn parsed(kind: AccountCommandKind, argument: &str, target: Target) -> ParsedCommand {
        let parsed = ParsedCommand::parse(kind, argument, target, &RunOptions::default());
        parsed.unwrap_or_else(|error| panic!("{}", error.message))
    }

    fn error(kind: AccountCommandKind, argument: &str) -> String {
        match ParsedCommand::parse(kind, argument, Target::Rehearsal, &RunOptions::default()) {
            Ok(parsed) => panic!("{} was parsed", parsed.input),
            Err(error) => crate::printable::plain(&error.message),
        }
    }

    #[test]
    fn command_takes_the_options_of_run_and_gives_its_errors() {
        let logs = parsed(AccountCommandKind::Logs, "Web --since 10m --grep 'GET  /' ", Target::Rehearsal);
        let RunCommand::Logs(args) = &logs.command else { panic!("logs") };
        assert_eq!((args.services.service.as_deref(), args.grep.as_deref()), (Some("Web"), Some("GET  /")));
        assert!(args.services.scope.rehearse.rehearse);
        let rehearse = parsed(AccountCommandKind::Rehearse, "web --fault Web:oom --seed 3", Target::Aws);
        assert_eq!((rehearse.target, rehearse.stacks()), (Target::Rehearsal, ["web".to_owned()].as_slice()));
        let message = error(AccountCommandKind::Deploy, "--alow-replace X");
        assert!(message.contains("'--allow-replace'") && message.contains("Usage: :deploy"), "{message}");
        assert!(error(AccountCommandKind::Logs, "'open").contains("not closed"));
        assert!(error(AccountCommandKind::Deploy, "--set a=1").contains("`:set NAME=VALUE`"));
    }

    #[test]
    fn command_with_the_effect_changes_runs_an_operation_that_changes_stacks() {
        for command in ReplCommand::ALL {
            let ReplCommand::Account(kind) = *command else { continue };
            let argument = match kind {
                AccountCommandKind::Scale => "Web 2",
                _ if kind.spec().requires_argument() => "Web",
                _ => "",
            };
            let parsed = parsed(kind, argument, Target::Aws);
            let changes = matches!(
                parsed.command,
                RunCommand::Deploy(_) | RunCommand::Destroy(_) | RunCommand::Rollback(_) | RunCommand::Scale(_)
            );
            assert_eq!(parsed.changes(), changes, "{}", kind.name());
            assert!(parsed.is_operation() || !changes, "{}", kind.name());
        }
        assert!(parsed(AccountCommandKind::Inspect, "Web --drift", Target::Aws).is_operation());
        assert!(parsed(AccountCommandKind::Plan, "", Target::Aws).is_operation());
    }

    #[test]
    fn options_of_a_command_are_known_for_completion() {
        let of = |kind| options(kind).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let (logs, deploy) = (of(AccountCommandKind::Logs), of(AccountCommandKind::Deploy));
        assert!(logs.contains(&"--since".to_owned()) && logs.contains(&"--region".to_owned()));
        assert!(deploy.contains(&"--allow-replace".to_owned()) && !deploy.contains(&"--set".to_owned()));
    }

    #[test]
    fn command_against_aws_asks_without_yes() {
        use AccountCommandKind::{Deploy, Destroy, Drift, Rehearse, Rollback, Scale, Status};
        assert!(parsed(Rollback, "web", Target::Aws).may_ask() && parsed(Scale, "Web 2..4", Target::Aws).may_ask());
        assert!(!parsed(Scale, "Web 2 --yes", Target::Aws).may_ask() && !parsed(Drift, "", Target::Aws).may_ask());
        assert!(parsed(Deploy, "web", Target::Aws).may_ask() && parsed(Destroy, "", Target::Aws).may_ask());
        assert!(!parsed(Deploy, "web --yes", Target::Aws).may_ask());
        assert!(!parsed(Deploy, "web", Target::Rehearsal).may_ask());
        assert!(!parsed(Deploy, "web --rehearse", Target::Aws).may_ask());
        assert!(!parsed(Rehearse, "web", Target::Aws).may_ask());
        assert!(!parsed(Status, "web", Target::Aws).may_ask());
    }

    #[test]
    fn options_of_the_command_override_those_of_the_repl() {
        let defaults = RunOptions {
            profile: Some("dev".to_owned()),
            region: Some("eu-west-1".to_owned()),
            ..RunOptions::default()
        };
        let parsed = ParsedCommand::parse(AccountCommandKind::Status, "--region us-west-2", Target::Aws, &defaults);
        let Ok(parsed) = parsed else { panic!("status") };
        let options = parsed.options;
        assert_eq!((options.profile.as_deref(), options.region.as_deref()), (Some("dev"), Some("us-west-2")));
    }
}
