//! The commands of the REPL: two enums from one table.
//!
//! A row of the table is a command: its variant, name and aliases, arguments, what completion offers for them, its
//! effect, and its help. Everything else about a command is an exhaustive `match`, so a new row does not compile until
//! each place has decided about it.

/// The kind of value that a command takes as its argument, for completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentKind {
    /// No argument.
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
    /// The name of an ECS service.
    Service,
    /// `aws` or `rehearsal`.
    Target,
}

/// Whether a command can change anything but the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It only reads.
    Reads,
    /// It can change its subject: the session or a file, or, for an account command, deployed stacks.
    Changes,
}

/// The availability of a command, and whether it concerns an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandScope {
    /// Only in the REPL, without an account.
    Session,
    /// In the REPL and in `rtiler run`, without an account.
    Shared,
    /// Concerns an account: AWS or the rehearsal account.
    Account,
}

/// The row of a command in the table.
#[derive(Debug, PartialEq, Eq)]
pub struct CommandSpec {
    /// The name without the colon.
    pub name: &'static str,
    /// Other names without the colon.
    pub aliases: &'static [&'static str],
    /// The arguments as help writes them: `NAME`, `[STACK]`.
    pub arguments: &'static str,
    /// The availability of the command, and whether it concerns an account.
    pub scope: CommandScope,
    /// The candidates that completion offers for the arguments.
    pub argument_kind: ArgumentKind,
    /// Whether the command can change anything.
    pub effect: Effect,
    /// Help on one line.
    pub summary: &'static str,
    /// Further help; may be empty.
    pub details: &'static str,
}

impl CommandSpec {
    /// Returns the usage line: `:doc [NAME]`.
    pub fn usage(&self) -> String {
        format!(":{} {}", self.name, self.arguments).trim_end().to_owned()
    }

    /// Returns whether the command needs an argument.
    pub fn requires_argument(&self) -> bool {
        !self.arguments.is_empty() && !self.arguments.starts_with('[')
    }
}

macro_rules! spec {
    ($name:literal $(| $alias:literal)*, $arguments:literal, $scope:ident, $kind:ident, $effect:ident, $summary:literal, $details:literal) => {
        &CommandSpec {
            name: $name,
            aliases: &[$($alias),*],
            arguments: $arguments,
            scope: CommandScope::$scope,
            argument_kind: ArgumentKind::$kind,
            effect: Effect::$effect,
            summary: $summary,
            details: $details,
        }
    };
}

macro_rules! commands {
    (
        session: { $($command:ident($($row:tt)*);)* }
        account: { $($kind:ident($($account_row:tt)*);)* }
        last: { $($last:ident($($last_row:tt)*);)* }
    ) => {
        /// A command of the REPL.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ReplCommand {
            $(#[doc = concat!("`:", commands!(@name $($row)*), "`.")] $command,)*
            /// A command that needs an account.
            Account(AccountCommandKind),
            $(#[doc = concat!("`:", commands!(@name $($last_row)*), "`.")] $last,)*
        }

        /// A command that needs an account: AWS or the rehearsal account.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum AccountCommandKind {
            $(#[doc = concat!("`:", commands!(@name $($account_row)*), "`.")] $kind,)*
        }

        impl ReplCommand {
            /// Every command, in the order of help.
            pub const ALL: &[Self] =
                &[$(Self::$command,)* $(Self::Account(AccountCommandKind::$kind),)* $(Self::$last,)*];

            /// Returns the row of the command in the table.
            pub const fn spec(self) -> &'static CommandSpec {
                match self {
                    $(Self::$command => spec!($($row)*),)*
                    Self::Account(kind) => kind.spec(),
                    $(Self::$last => spec!($($last_row)*),)*
                }
            }
        }

        impl AccountCommandKind {
            /// Returns the row of the command in the table.
            pub const fn spec(self) -> &'static CommandSpec {
                match self {
                    $(Self::$kind => spec!($($account_row)*),)*
                }
            }
        }
    };
    (@name $name:literal $($rest:tt)*) => { $name };
}

commands! {
    session: {
        Doc("doc", "[NAME]", Session, Documented, Reads,
            "show documentation of a block, method, function, resource type or property",
            "Names: `:doc Alb`, `:doc FargateService.cpu`, `:doc cfn::join`, `:doc AWS::S3::Bucket`,\n\
             `:doc AWS::ECS::Service.DeploymentConfiguration.MinimumHealthyPercent`, or a part of a name to search for.");
        Type("type", "EXPR", Session, Expression, Reads,
            "show the type of an expression",
            "The expression is evaluated and changes nothing.");
        Resources("resources", "[EXPR]", Session, Expression, Reads,
            "list the resources of a block or stack, or of the session's stacks",
            "A block is synthesised alone in a stack of its own, with the blocks that it creates for itself.");
        Why("why", "RESOURCE", Session, Resource, Reads,
            "show which block and line created a resource, and which resources refer to it",
            "The resource is named by its logical id; `:resources` lists them.");
        Synth("synth", "[STACK]", Shared, Stack, Reads,
            "show the templates of the session's stacks",
            "As YAML; the name of a stack selects one.");
        Check("check", "", Shared, Nothing, Reads,
            "show every problem that can be found without an account",
            "Checks properties and values against the schema, references, limits and risks, as `rtiler check` does.\n\
             `rtiler explain CODE` explains a problem; `// rtiler: allow(CODE) reason` on the line above\n\
             suppresses a warning.");
        Graph("graph", "[--all] [STACK]", Session, Stack, Reads,
            "draw which blocks depend on which",
            "Each block is drawn above its dependencies; a block that was drawn before is repeated with `..`.\n\
             `:graph --all` draws every resource.");
        Settings("settings", "", Shared, Nothing, Reads,
            "list the settings with their values and sources",
            "A script declares them: `let s = settings(\"WEB\", #{ cpu: 256 })`. `:set cpu=512` sets one.");
        Set("set", "NAME=VALUE ..", Session, Setting, Changes,
            "set settings and evaluate the session again",
            "Several at once: `:set cpu=512 memory=1024`. Like `--set` on the command line; lists and maps are written as JSON.");
        Load("load", "FILE", Session, File, Changes,
            "evaluate a script and add its variables and stacks to the session",
            "A script that was loaded before is replaced.");
        Reload("reload", "", Session, Nothing, Changes,
            "read the loaded scripts again and show what changed",
            "The lines that were typed are evaluated again with them. If a script has errors, the session does not change.");
        Edit("edit", "[FILE]", Session, File, Changes,
            "open the last loaded script, or a file, in $EDITOR and reload it",
            "$VISUAL comes before $EDITOR. A file that was not loaded yet is loaded: `:edit app.rhai`.");
        Save("save", "FILE", Session, File, Changes,
            "write the session as a script that gives the same templates",
            "Lines that only displayed a value are left out.");
        Vars("vars", "", Session, Nothing, Reads,
            "list the variables and functions",
            "Each with its type and the expression that gives it. `it3` is the value of line 3, if `_` was used or it is a\n\
             stack; the last 16 are kept, and those that are used.");
        Reset("reset", "", Session, Nothing, Changes,
            "clear the session, except for the settings that were set", "");
        History("history", "", Session, Nothing, Reads, "show the lines that were typed", "");
        Page("page", "LINE", Session, Expression, Changes,
            "show the answer of a line in $PAGER",
            "`:page :synth` shows the templates in $PAGER, else in `less`. Without it, only answers that are longer than three\n\
             screens are shown there.");
        Time("time", "EXPR", Session, Expression, Changes,
            "evaluate an expression and show how long it took", "");
    }
    account: {
        Status("status", "[STACK]", Account, Stack, Reads,
            "show the deployed stacks",
            "`:status web` shows one stack: its services, their tasks and what blocks them.\n\
             The options are those of `rtiler run`; `--help` after the command lists them.");
        Outputs("outputs", "[STACK]", Account, Stack, Reads,
            "show the outputs of deployed stacks",
            "`:outputs web` shows those of one stack.\n\
             The options are those of `rtiler run`; `--help` after the command lists them.");
        Events("events", "[STACK]", Account, Stack, Reads,
            "show the last CloudFormation events",
            "`:events web --last 20` shows the last 20 of one stack; `--chart` draws what ran when, and what was slow.\n\
             The options are those of `rtiler run`; `--help` after the command lists them.");
        Logs("logs", "[SERVICE]", Account, Service, Reads,
            "show the last log lines of tasks",
            "`:logs WebService --since 1h --grep error` searches an hour; `--follow` keeps printing new lines, `--previous`\n\
             shows the logs of stopped tasks.\n\
             The options are those of `rtiler run`; `--help` after the command lists them.");
        Tasks("tasks", "[SERVICE]", Account, Service, Reads,
            "list the tasks of services",
            "`:tasks WebService --stopped` lists those that have stopped, with reasons and exit codes.\n\
             The options are those of `rtiler run`; `--help` after the command lists them.");
        Images("images", "[STACK]", Account, Stack, Reads,
            "list the images with their digests, platforms, sizes and ages, who uses them, and what runs now",
            "`:images web` lists those of one stack.\n\
             The options are those of `rtiler run`; `--help` after the command lists them.");
        Permissions("permissions", "[STACK]", Account, Stack, Reads,
            "print the least IAM policies that deploying the session's stacks needs",
            "`:permissions web` prints those of one stack; `--output FOLDER` writes a file for each. No account is called.\n\
             The options are those of `rtiler run`; `--help` after the command lists them.");
        Inspect("inspect", "RESOURCE", Account, Resource, Reads,
            "compare the deployed properties of a resource with those of the session",
            "`~` marks what a deployment would change. With `--drift` CloudFormation detects drift, too: `!` marks what was\n\
             changed outside of CloudFormation. `:inspect --help` lists the options.");
        Diff("diff", "[STACK]", Account, Stack, Reads,
            "compare the session with what is deployed",
            "`:diff web` compares one stack; `--template FILE` compares with a template in a file.\n\
             The options are those of `rtiler run`; `--help` after the command lists them.");
        Plan("plan", "[STACK]", Account, Stack, Reads,
            "show what a deployment would do",
            "`:plan web` plans one stack; `--save FILE` saves the plan for `rtiler run SCRIPT deploy --plan FILE`.\n\
             The options are those of `rtiler run`; `--help` after the command lists them.");
        Rehearse("rehearse", "[STACK]", Account, Stack, Changes,
            "deploy to the rehearsal account: nothing leaves this machine",
            "`--fault Service:oom` injects a fault; with `--speed 60` a minute takes a second.\n\
             `:rehearse --help` lists the options.");
        Deploy("deploy", "[STACK]", Account, Stack, Changes,
            "deploy the session's stacks (asks if the target is AWS)",
            "`:deploy web` deploys one stack, `--yes` skips the question, `--allow-replace RESOURCE` allows the replacement of a\n\
             resource that holds data. After the question it continues in the background; Ctrl-C twice at an empty prompt\n\
             detaches (CloudFormation continues), or ends a rehearsal.\n\
             The options are those of `rtiler run`; `--help` after the command lists them.");
        Rollback("rollback", "[STACK]", Account, Stack, Changes,
            "revert stacks to their previous templates, or roll back a failed update (asks if the target is AWS)",
            "`:rollback web` reverts one stack, `--yes` skips the question, `--skip RESOURCE` leaves a resource out that cannot be\n\
             rolled back.\n\
             The options are those of `rtiler run`; `--help` after the command lists them.");
        Drift("drift", "[STACK]", Account, Stack, Reads,
            "show what was changed outside of CloudFormation",
            "`:drift web` examines one stack.\n\
             The options are those of `rtiler run`; `--help` after the command lists them.");
        Scale("scale", "SERVICE N|MIN..MAX", Account, Service, Changes,
            "change the number of tasks of a service, or the bounds between which it scales (asks if the target is AWS)",
            "`:scale Web 4` sets a number, `:scale Web 2..10` the bounds of a service with auto scaling; `--yes` skips the question.\n\
             The options are those of `rtiler run`; `--help` after the command lists them.");
        Destroy("destroy", "[STACK]", Account, Stack, Changes,
            "delete the session's stacks (asks if the target is AWS)",
            "`:destroy web` deletes one stack, `--yes` skips the question.\n\
             After the question it continues in the background; Ctrl-C twice at an empty prompt detaches (CloudFormation\n\
             continues), or ends a rehearsal.\n\
             The options are those of `rtiler run`; `--help` after the command lists them.");
    }
    last: {
        Target("target", "[aws|rehearsal]", Account, Target, Changes,
            "show or choose the account of the account commands",
            "`rehearsal`, unless chosen here or by `--target` when the REPL starts: a simulated account in `.rtiler` that\n\
             costs nothing. `aws` is the account of your credentials; they are not read before it is chosen.");
        Help("help", "[COMMAND]", Session, Command, Reads,
            "list the commands, or show the help of one",
            "The first letters of a command are enough if no other command begins with them: `:res` is `:resources`.\n\
             `help` works without the colon, too.");
        Quit("quit" | "exit", "", Session, Nothing, Reads,
            "leave the REPL (or press Ctrl-D)",
            "`quit` and `exit` work without the colon, too.");
    }
}

impl ReplCommand {
    /// Returns the command of a name or alias, with or without the colon.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim_start_matches(':');
        let has_name = |command: &Self| command.name() == name || command.spec().aliases.contains(&name);
        Self::ALL.iter().copied().find(has_name)
    }

    /// Returns the name without the colon.
    pub const fn name(self) -> &'static str {
        self.spec().name
    }

    /// Returns whether the command can change anything.
    pub const fn effect(self) -> Effect {
        self.spec().effect
    }

    /// Returns whether the command concerns an account.
    pub fn concerns_account(self) -> bool {
        self.spec().scope == CommandScope::Account
    }

    /// Returns whether a hint of `rtiler run` that names this command means the command of the REPL: `synth` is `:synth`.
    pub fn replaces_run_command(self) -> bool {
        match self.spec().scope {
            CommandScope::Shared | CommandScope::Account => true,
            CommandScope::Session => false,
        }
    }
}

impl AccountCommandKind {
    /// Returns the name without the colon.
    pub const fn name(self) -> &'static str {
        self.spec().name
    }

    /// Returns whether the command can change deployed stacks.
    pub const fn effect(self) -> Effect {
        self.spec().effect
    }
}

/// Returns whether a command of this name needs an account.
pub fn is_account_command(name: &str) -> bool {
    matches!(ReplCommand::from_name(name), Some(ReplCommand::Account(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_is_found_by_its_name_and_aliases() {
        for command in ReplCommand::ALL {
            let spec = command.spec();
            for name in std::iter::once(&spec.name).chain(spec.aliases) {
                assert_eq!(ReplCommand::from_name(name), Some(*command), "{name}");
            }
        }
        assert_eq!(ReplCommand::from_name(":exit"), Some(ReplCommand::Quit));
        assert_eq!(ReplCommand::from_name("res"), None);
    }

    #[test]
    fn account_commands_that_change_stacks_have_the_effect_changes() {
        let changes = ReplCommand::ALL.iter().filter_map(|command| match command {
            ReplCommand::Account(kind) if kind.effect() == Effect::Changes => Some(kind.name()),
            _ => None,
        });
        assert_eq!(changes.collect::<Vec<_>>(), ["rehearse", "deploy", "rollback", "scale", "destroy"]);
        assert!(is_account_command("plan") && !is_account_command("synth"));
    }
}
