//! The commands as data: names, what they take, and help; and reading a line that is one.

use crate::diag::did_you_mean;

/// What an argument of a command is, for completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentKind {
    /// There is none.
    Nothing,
    /// A name that has documentation.
    Documented,
    /// An expression.
    Expression,
    /// The logical id of a resource.
    Resource,
    /// The name of a stack.
    Stack,
    /// The name of a setting, with `=` and a value.
    Setting,
    /// The path of a file.
    File,
    /// The name of a command.
    Command,
    /// The name of a service of ECS.
    Service,
    /// `aws` or `rehearsal`.
    Target,
}

/// A command.
#[derive(Debug, PartialEq, Eq)]
pub struct Command {
    /// Its name without the colon.
    pub name: &'static str,
    /// Its arguments as help writes them: `NAME`, `[STACK]`.
    pub arguments: &'static str,
    /// What completion offers for them.
    pub takes: ArgumentKind,
    /// Help on one line.
    pub help: &'static str,
    /// More, where there is more to say.
    pub more: &'static str,
    /// True where it wants an account (AWS or the rehearsal): the front end does it.
    pub account: bool,
}

const fn own(
    name: &'static str,
    arguments: &'static str,
    takes: ArgumentKind,
    help: &'static str,
    more: &'static str,
) -> Command {
    Command { name, arguments, takes, help, more, account: false }
}

const fn account(
    name: &'static str,
    arguments: &'static str,
    takes: ArgumentKind,
    help: &'static str,
    more: &'static str,
) -> Command {
    Command { name, arguments, takes, help, more, account: true }
}

/// Every command, in the order of help.
pub const COMMANDS: &[Command] = &[
    own(
        "doc",
        "[NAME]",
        ArgumentKind::Documented,
        "shows documentation: of a block, method, function, resource type or property",
        "Names: `:doc Alb`, `:doc FargateService.cpu`, `:doc cfn::join`, `:doc AWS::S3::Bucket`,\n\
         `:doc AWS::ECS::Service.DeploymentConfiguration.MinimumHealthyPercent`, or a part of a name to search for.",
    ),
    own(
        "type",
        "EXPR",
        ArgumentKind::Expression,
        "tells the type of an expression",
        "The expression is evaluated and changes nothing.",
    ),
    own(
        "resources",
        "[EXPR]",
        ArgumentKind::Expression,
        "lists the resources of a block or stack, or of the session's stacks",
        "A block is taken alone, in a stack of its own: what it needs and nobody named comes along.",
    ),
    own(
        "why",
        "RESOURCE",
        ArgumentKind::Resource,
        "tells which block and line made a resource, and who refers to it",
        "The resource is named by its logical id; `:resources` lists them.",
    ),
    own(
        "synth",
        "[STACK]",
        ArgumentKind::Stack,
        "shows the templates of the session's stacks",
        "As YAML; the name of a stack chooses one.",
    ),
    own(
        "check",
        "",
        ArgumentKind::Nothing,
        "shows every problem that can be found without an account",
        "Properties and values against the schema, references, limits and risks: what `rtiler check` finds.\n\
  `rtiler explain CODE` tells more about a problem; `// rtiler: allow(CODE) reason` on the line above\n\
  acknowledges a warning.",
    ),
    own(
        "graph",
        "[STACK]",
        ArgumentKind::Stack,
        "draws which resource needs which",
        "Each resource stands above those that it needs; one that was drawn already is drawn once more, with `..`.",
    ),
    own(
        "settings",
        "",
        ArgumentKind::Nothing,
        "lists the settings with their values and where these came from",
        "A script declares them: `let s = settings(\"WEB\", #{ cpu: 256 })`. `:set cpu=512` gives one a value.",
    ),
    own(
        "set",
        "NAME=VALUE",
        ArgumentKind::Setting,
        "gives a setting a value and evaluates the session again",
        "As `--set` of the command line; lists and maps are written as JSON.",
    ),
    own(
        "load",
        "FILE",
        ArgumentKind::File,
        "evaluates a script and makes its variables and stacks the session's",
        "A script that was loaded before is read again in its place.",
    ),
    own(
        "reload",
        "",
        ArgumentKind::Nothing,
        "reads the loaded scripts again and tells what changed",
        "The lines that were typed are evaluated again with them. Where a script has errors now, the session stays as it was.",
    ),
    own(
        "edit",
        "[FILE]",
        ArgumentKind::File,
        "opens the last loaded script, or a file, in $EDITOR and reloads it",
        "$VISUAL comes before $EDITOR. A file that was not loaded yet is loaded: `:edit app.rhai`.",
    ),
    own(
        "save",
        "FILE",
        ArgumentKind::File,
        "writes the session as a script that gives the same templates",
        "What was only looked at is left out.",
    ),
    own(
        "vars",
        "",
        ArgumentKind::Nothing,
        "lists the variables and functions",
        "Each with its type and the expression that makes it. `it3` is the value of line 3, where `_` was used or a stack\n\
  made; the last 16 are kept, and those that something was made of.",
    ),
    own("reset", "", ArgumentKind::Nothing, "forgets everything but the settings that were given", ""),
    own("history", "", ArgumentKind::Nothing, "shows the lines that were typed", ""),
    own("time", "EXPR", ArgumentKind::Expression, "evaluates an expression and tells how long it took", ""),
    account(
        "status",
        "[STACK]",
        ArgumentKind::Stack,
        "shows the stacks as they are deployed",
        "`:status web` shows one stack: its services, their tasks and what holds them up.\n\
         The options are those of `rtiler run`; `--help` after the command lists them.",
    ),
    account(
        "outputs",
        "[STACK]",
        ArgumentKind::Stack,
        "shows the outputs of deployed stacks",
        "`:outputs web` shows those of one stack.\n\
         The options are those of `rtiler run`; `--help` after the command lists them.",
    ),
    account(
        "events",
        "[STACK]",
        ArgumentKind::Stack,
        "shows what CloudFormation did last",
        "`:events web --last 20` shows the last 20 of one stack; `--chart` draws what ran when, and what was slow.\n\
         The options are those of `rtiler run`; `--help` after the command lists them.",
    ),
    account(
        "logs",
        "[SERVICE]",
        ArgumentKind::Service,
        "shows the last lines that tasks logged",
        "`:logs WebService --since 1h --grep error` searches an hour; `--follow` goes on, `--previous` shows what\n\
         stopped tasks have written.\n\
         The options are those of `rtiler run`; `--help` after the command lists them.",
    ),
    account(
        "tasks",
        "[SERVICE]",
        ArgumentKind::Service,
        "lists the tasks of services",
        "`:tasks WebService --stopped` lists those that have stopped, with reasons and exit codes.\n\
         The options are those of `rtiler run`; `--help` after the command lists them.",
    ),
    account(
        "inspect",
        "RESOURCE",
        ArgumentKind::Resource,
        "shows the deployed properties of a resource beside those of the session",
        "`~` stands before what a deployment would change. With `--drift` CloudFormation looks, too, for what was\n\
         changed beside it: `!` stands before that. `:inspect --help` lists the options.",
    ),
    account(
        "diff",
        "[STACK]",
        ArgumentKind::Stack,
        "compares the session with what is deployed",
        "`:diff web` compares one stack; `--template FILE` compares with a template in a file.\n\
         The options are those of `rtiler run`; `--help` after the command lists them.",
    ),
    account(
        "plan",
        "[STACK]",
        ArgumentKind::Stack,
        "shows what a deployment would do",
        "`:plan web` plans one stack; `--save FILE` writes the plan down for `rtiler run SCRIPT deploy --plan FILE`.\n\
         The options are those of `rtiler run`; `--help` after the command lists them.",
    ),
    account(
        "rehearse",
        "[STACK]",
        ArgumentKind::Stack,
        "deploys in the rehearsal account: nothing leaves this machine",
        "With `--fault Service:oom` something goes wrong, with `--speed 60` a minute takes a second.\n\
         `:rehearse --help` lists the options.",
    ),
    account(
        "deploy",
        "[STACK]",
        ArgumentKind::Stack,
        "deploys the session's stacks after asking",
        "`:deploy web` deploys one stack, `--yes` asks nothing, `--allow-replace RESOURCE` lets a resource be replaced\n\
         that holds state. Once nothing is to be asked it goes on aside; Ctrl-C twice at an empty prompt leaves it to AWS, or ends a rehearsal.\n\
         The options are those of `rtiler run`; `--help` after the command lists them.",
    ),
    account(
        "destroy",
        "[STACK]",
        ArgumentKind::Stack,
        "deletes the session's stacks after asking",
        "`:destroy web` deletes one stack, `--yes` asks nothing.\n\
         Once nothing is to be asked it goes on aside; Ctrl-C twice at an empty prompt leaves it to AWS, or ends a rehearsal.\n\
         The options are those of `rtiler run`; `--help` after the command lists them.",
    ),
    account(
        "target",
        "[aws|rehearsal]",
        ArgumentKind::Target,
        "chooses the account that these commands talk to",
        "`rehearsal`, unless chosen here or by `--target` when the REPL starts: an account in `.rtiler`, where nothing\n\
         costs anything. `aws` is the account of your credentials, which nobody looks for before.",
    ),
    own("help", "[COMMAND]", ArgumentKind::Command, "lists the commands, or tells about one", ""),
    own("quit", "", ArgumentKind::Nothing, "leaves; so does Ctrl-D", ""),
];

/// A line that is a command, read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ParsedLine<'a> {
    /// A command with its argument.
    Known(&'static Command, &'a str),
    /// No command is called so; what may be meant.
    Unknown(&'a str, Option<String>),
}

/// Reads a line that begins with a colon. A beginning of a name that no other command has is enough: `:res`.
pub(super) fn read(line: &str) -> Option<ParsedLine<'_>> {
    let rest = line.trim().strip_prefix(':')?;
    let (name, argument) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let begins: Vec<&Command> = COMMANDS.iter().filter(|command| command.name.starts_with(name)).collect();
    let known = match begins.as_slice() {
        [only] if !name.is_empty() => Some(*only),
        _ => find(name),
    };
    Some(match known {
        Some(command) => ParsedLine::Known(command, argument.trim()),
        None => {
            let near = did_you_mean(name, COMMANDS.iter().map(|command| command.name));
            ParsedLine::Unknown(name, near.map(|near| near.replacen('`', "`:", 1)))
        }
    })
}

/// The command of this name.
pub fn find(name: &str) -> Option<&'static Command> {
    let name = name.trim_start_matches(':');
    COMMANDS.iter().find(|command| command.name == name)
}

impl Command {
    /// As it is written: `:doc [NAME]`.
    pub fn usage(&self) -> String {
        format!(":{} {}", self.name, self.arguments).trim_end().to_owned()
    }

    /// True where it does nothing without an argument.
    pub fn wants_argument(&self) -> bool {
        !self.arguments.is_empty() && !self.arguments.starts_with('[')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_and_a_misspelt_name_is_mended() {
        let Some(ParsedLine::Known(command, argument)) = read("  :doc  Alb.url ") else { panic!("a command") };
        assert_eq!((command.name, argument), ("doc", "Alb.url"));
        assert!(matches!(read(":rel"), Some(ParsedLine::Known(command, "")) if command.name == "reload"));
        assert!(matches!(read(":set a=1"), Some(ParsedLine::Known(command, "a=1")) if command.name == "set"));
        assert_eq!(read(":resorces"), Some(ParsedLine::Unknown("resorces", Some("did you mean `:resources`?".into()))));
        assert_eq!(read("1 + 1"), None);
    }
}
