use clap::{Args, Command, FromArgMatches};

use super::target::Target;
use crate::cli::args::{RunCommand, RunOptions};
use crate::repl::find_command;

/// A command with its arguments: the same as those of `run`.
pub(super) struct ParsedCommand {
    /// As it was typed: `:deploy web`.
    pub(super) typed: String,
    pub(super) command: RunCommand,
    pub(super) options: RunOptions,
    /// The account that it talks to.
    pub(super) target: Target,
}

/// What is no command, or asks for help, in words.
pub(super) struct CommandParseError {
    pub(super) words: String,
    /// True where the user asked for these words.
    pub(super) asked: bool,
}

impl ParsedCommand {
    /// Reads the argument of a command; options of the REPL's own command line hold where it says nothing else.
    pub(super) fn read(
        name: &'static str,
        argument: &str,
        target: Target,
        given: &RunOptions,
    ) -> Result<Self, Box<CommandParseError>> {
        let mut words =
            words(argument).map_err(|message| Box::new(CommandParseError { words: message, asked: false }))?;
        let rehearses = name == "rehearse" || target == Target::Rehearsal;
        let offline = words.iter().any(|word| word.starts_with("--template"));
        if rehearses && !offline && !words.iter().any(|word| word == "--rehearse") {
            words.insert(0, "--rehearse".to_owned());
        }
        let (command, own) = parse(name, &words)?;
        let target = if words.iter().any(|word| word == "--rehearse") { Target::Rehearsal } else { Target::Aws };
        let typed = format!(":{name} {argument}").trim_end().to_owned();
        let options = with(own, given)?;
        Ok(Self { typed, command, options, target })
    }

    /// The stacks that it is about, by name or glob; all where there are none.
    pub(super) fn stacks(&self) -> &[String] {
        match &self.command {
            RunCommand::Diff(args) => &args.stacks.stacks,
            RunCommand::Plan(args) => &args.stacks.stacks,
            RunCommand::Deploy(args) => &args.stacks.stacks,
            RunCommand::Destroy(args) => &args.stacks.stacks,
            RunCommand::Outputs(look) | RunCommand::Status(look) => &look.stacks.stacks,
            RunCommand::Events(args) => &args.target.stacks.stacks,
            RunCommand::Logs(args) => &args.services.scope.stack,
            RunCommand::Tasks(args) => &args.services.scope.stack,
            RunCommand::Inspect(args) => &args.scope.stack,
            _ => &[],
        }
    }

    /// True where it has stacks to itself: it changes them, or asks AWS to look at them for a change.
    pub(super) fn is_operation(&self) -> bool {
        matches!(self.command, RunCommand::Deploy(_) | RunCommand::Destroy(_) | RunCommand::Plan(_))
            || matches!(&self.command, RunCommand::Inspect(args) if args.drift)
    }

    /// True where stacks may be changed by it.
    pub(super) fn changes(&self) -> bool {
        matches!(self.command, RunCommand::Deploy(_) | RunCommand::Destroy(_))
    }

    /// True where the user is asked before anything is done.
    pub(super) fn may_ask(&self) -> bool {
        match &self.command {
            RunCommand::Deploy(args) => self.target == Target::Aws && !args.yes && args.plan.is_none(),
            RunCommand::Destroy(args) => self.target == Target::Aws && !args.yes,
            _ => false,
        }
    }
}

fn parse(name: &'static str, words: &[String]) -> Result<(RunCommand, RunOptions), Box<CommandParseError>> {
    Ok(match name {
        "status" => wrap(RunCommand::Status, read(name, words)?),
        "outputs" => wrap(RunCommand::Outputs, read(name, words)?),
        "events" => wrap(RunCommand::Events, read(name, words)?),
        "logs" => wrap(RunCommand::Logs, read(name, words)?),
        "tasks" => wrap(RunCommand::Tasks, read(name, words)?),
        "inspect" => wrap(RunCommand::Inspect, read(name, words)?),
        "diff" => wrap(RunCommand::Diff, read(name, words)?),
        "plan" => wrap(RunCommand::Plan, read(name, words)?),
        "destroy" => wrap(RunCommand::Destroy, read(name, words)?),
        _ => wrap(RunCommand::Deploy, read(name, words)?),
    })
}

/// The long options of a command, each with a line of help.
pub(in crate::cli::repl) fn options(command: &str) -> Vec<(String, String)> {
    let Some(grammar) = find_command(command).and_then(|known| grammar_of(known.name)) else { return Vec::new() };
    let shown = grammar.get_arguments().filter(|option| !option.is_hide_set());
    let one = |option: &clap::Arg| {
        let help = option.get_help().map(ToString::to_string).unwrap_or_default();
        Some((format!("--{}", option.get_long()?), help.lines().next().unwrap_or_default().to_owned()))
    };
    shown.filter_map(one).collect()
}

/// What a command takes; none where it takes no options.
fn grammar_of(name: &'static str) -> Option<Command> {
    use crate::cli::args::{Deploy, Destroy, Diff, Events, Inspect, Logs, Plan, StackArgs, Tasks};
    Some(match name {
        "status" | "outputs" => grammar::<StackArgs>(name),
        "events" => grammar::<Events>(name),
        "logs" => grammar::<Logs>(name),
        "tasks" => grammar::<Tasks>(name),
        "inspect" => grammar::<Inspect>(name),
        "diff" => grammar::<Diff>(name),
        "plan" => grammar::<Plan>(name),
        "destroy" => grammar::<Destroy>(name),
        "deploy" | "rehearse" => grammar::<Deploy>(name),
        _ => return None,
    })
}

fn wrap<A>(command: fn(A) -> RunCommand, (args, options): (A, RunOptions)) -> (RunCommand, RunOptions) {
    (command(args), options)
}

/// Reads words as the arguments of a command of `run`, and says what is wrong with them in the same words.
fn read<A: Args>(name: &'static str, words: &[String]) -> Result<(A, RunOptions), Box<CommandParseError>> {
    let matches = grammar::<A>(name).try_get_matches_from(words);
    let read = matches.and_then(|found| Ok((A::from_arg_matches(&found)?, RunOptions::from_arg_matches(&found)?)));
    read.map_err(|error| {
        let words = error.render().ansi().to_string().trim_end().to_owned();
        Box::new(CommandParseError { words, asked: !error.use_stderr() })
    })
}

fn grammar<A: Args>(name: &'static str) -> Command {
    // What a session is made of is given to the session: `:set`.
    const OF_SESSIONS: [&str; 3] = ["set", "env_file", "deny"];
    let about = find_command(name).map_or("", |command| command.help);
    let bare = Command::new(name).bin_name(format!(":{name}")).no_binary_name(true).about(about);
    let full = RunOptions::augment_args(A::augment_args(bare.max_term_width(100)));
    OF_SESSIONS.into_iter().fold(full, |command, option| command.mut_arg(option, |option| option.hide(true)))
}

/// Options of a command over those of the REPL's command line.
fn with(own: RunOptions, given: &RunOptions) -> Result<RunOptions, Box<CommandParseError>> {
    if !own.script.set.is_empty() || own.script.env_file.is_some() || own.script.deny.is_some() {
        let words =
            "settings and checks are the session's: `:set NAME=VALUE`, or `--env-file` and `--deny` when the REPL \
                     starts"
                .to_owned();
        return Err(Box::new(CommandParseError { words, asked: false }));
    }
    let mut script = given.script.clone();
    script.json |= own.script.json;
    let given = given.clone();
    Ok(RunOptions {
        script,
        parameter: given.parameter.into_iter().chain(own.parameter).collect(),
        profile: own.profile.or(given.profile),
        region: own.region.or(given.region),
        endpoint_url: own.endpoint_url.or(given.endpoint_url),
        template_bucket: own.template_bucket.or(given.template_bucket),
    })
}

/// The words of a line, as a shell reads them: quotes keep blanks.
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

    fn read(name: &'static str, argument: &str, target: Target) -> ParsedCommand {
        let entry = ParsedCommand::read(name, argument, target, &RunOptions::default());
        entry.unwrap_or_else(|unread| panic!("{}", unread.words))
    }

    fn wrong(name: &'static str, argument: &str) -> String {
        match ParsedCommand::read(name, argument, Target::Rehearsal, &RunOptions::default()) {
            Ok(entry) => panic!("{} was read", entry.typed),
            Err(unread) => anstream::adapter::strip_str(&unread.words).to_string(),
        }
    }

    #[test]
    fn every_option_of_run_is_there_and_mistakes_read_the_same() {
        let entry = read("logs", "Web --since 10m --grep 'GET  /' ", Target::Rehearsal);
        let RunCommand::Logs(args) = &entry.command else { panic!("logs") };
        assert_eq!((args.services.service.as_deref(), args.grep.as_deref()), (Some("Web"), Some("GET  /")));
        assert!(args.services.scope.rehearse.rehearse);
        let entry = read("rehearse", "web --fault Web:oom --seed 3", Target::Aws);
        assert_eq!((entry.target, entry.stacks()), (Target::Rehearsal, ["web".to_owned()].as_slice()));
        let said = wrong("deploy", "--alow-replace X");
        assert!(said.contains("'--allow-replace'") && said.contains("Usage: :deploy"), "{said}");
        assert!(wrong("logs", "'open").contains("not closed"));
        assert!(wrong("deploy", "--set a=1").contains("`:set NAME=VALUE`"));
    }

    #[test]
    fn the_options_of_a_command_are_known_for_completion() {
        let of = |command: &str| options(command).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert!(of("logs").contains(&"--since".to_owned()) && of("logs").contains(&"--region".to_owned()));
        assert!(of("deploy").contains(&"--allow-replace".to_owned()) && !of("deploy").contains(&"--set".to_owned()));
        assert!(of("target").is_empty() && of("synth").is_empty());
    }

    #[test]
    fn a_command_against_aws_asks_unless_it_was_told_not_to() {
        assert!(read("deploy", "web", Target::Aws).may_ask() && read("destroy", "", Target::Aws).may_ask());
        assert!(!read("deploy", "web --yes", Target::Aws).may_ask());
        assert!(!read("deploy", "web", Target::Rehearsal).may_ask());
        assert!(!read("deploy", "web --rehearse", Target::Aws).may_ask());
    }

    #[test]
    fn what_the_repl_was_started_with_holds_where_nothing_else_is_said() {
        let given = RunOptions {
            profile: Some("dev".to_owned()),
            region: Some("eu-west-1".to_owned()),
            ..RunOptions::default()
        };
        let Ok(entry) = ParsedCommand::read("status", "--region us-west-2", Target::Aws, &given) else {
            panic!("status")
        };
        let options = entry.options;
        assert_eq!((options.profile.as_deref(), options.region.as_deref()), (Some("dev"), Some("us-west-2")));
    }
}
