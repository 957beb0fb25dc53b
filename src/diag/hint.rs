//! Hints: advice about a problem, and the commands that carry it out.

use std::fmt;

/// One sentence about what to do: text, and commands of rtiler as values.
///
/// A front end writes each command in the way its user types it: with the script, settings and account of this run in a
/// shell, with a colon in a REPL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hint(Vec<HintPart>);

/// A part of a [`Hint`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HintPart {
    /// Plain text; code is in back-ticks.
    Text(String),
    /// A command to run.
    Command(SuggestedCommand),
}

/// A command of `rtiler run SCRIPT`, without the script and the options that every command shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuggestedCommand {
    /// The command.
    pub name: CommandName,
    /// Names, options and their values, one word each.
    pub arguments: Vec<String>,
    /// Whether the command must run over the rehearsal account, even if this run did not.
    pub rehearse: bool,
}

/// Declares the commands that hints suggest.
macro_rules! command_names {
    ($($variant:ident $name:literal)*) => {
        /// The name of a command of `rtiler run SCRIPT`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum CommandName {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl CommandName {
            /// Every command that a hint can suggest.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the name as it is typed in a shell.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

command_names! {
    Check "check"
    Deploy "deploy"
    Destroy "destroy"
    Diff "diff"
    Drift "drift"
    Events "events"
    Exec "exec"
    Hotswap "hotswap"
    Images "images"
    Import "import"
    Inspect "inspect"
    Logs "logs"
    Ls "ls"
    Outputs "outputs"
    Permissions "permissions"
    Plan "plan"
    Rollback "rollback"
    RunTask "run-task"
    Scale "scale"
    Settings "settings"
    Status "status"
    Synth "synth"
    Tasks "tasks"
}

impl CommandName {
    /// Returns the command with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|command| command.as_str() == name)
    }

    /// Creates the command with its first argument, which often is the name of a stack or service.
    pub fn of(self, argument: impl Into<String>) -> SuggestedCommand {
        self.alone().arg(argument)
    }

    /// Creates the command without arguments.
    pub fn alone(self) -> SuggestedCommand {
        SuggestedCommand { name: self, arguments: Vec::new(), rehearse: false }
    }

    /// Returns whether the command works on an account, so that it takes `--rehearse` and `--profile`.
    pub fn uses_account(self) -> bool {
        match self {
            Self::Check | Self::Ls | Self::Permissions | Self::Settings | Self::Synth => false,
            Self::Deploy
            | Self::Destroy
            | Self::Diff
            | Self::Drift
            | Self::Events
            | Self::Exec
            | Self::Hotswap
            | Self::Images
            | Self::Import
            | Self::Inspect
            | Self::Logs
            | Self::Outputs
            | Self::Plan
            | Self::Rollback
            | Self::RunTask
            | Self::Scale
            | Self::Status
            | Self::Tasks => true,
        }
    }
}

impl SuggestedCommand {
    /// Adds an argument, an option or the value of an option.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Adds several arguments.
    #[must_use]
    pub fn args<S: Into<String>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Makes the command one over the rehearsal account.
    #[must_use]
    pub fn rehearsed(mut self) -> Self {
        self.rehearse = true;
        self
    }
}

/// Writes the command alone: `deploy web`.
impl fmt::Display for SuggestedCommand {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name.as_str())?;
        self.arguments.iter().try_for_each(|argument| write!(out, " {argument}"))?;
        if self.rehearse { out.write_str(" --rehearse") } else { Ok(()) }
    }
}

impl Hint {
    /// Creates a hint that begins with a command.
    pub fn command_first(command: SuggestedCommand) -> Self {
        Self::default().command(command)
    }

    /// Adds text.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.0.push(HintPart::Text(text.into()));
        self
    }

    /// Adds a command.
    #[must_use]
    pub fn command(mut self, command: SuggestedCommand) -> Self {
        self.0.push(HintPart::Command(command));
        self
    }

    /// Returns the parts in order.
    pub fn parts(&self) -> &[HintPart] {
        &self.0
    }

    /// Writes the hint with each command as `write` gives it, in back-ticks.
    pub fn render(&self, write: impl Fn(&SuggestedCommand) -> String) -> String {
        let part = |part: &HintPart| match part {
            HintPart::Text(text) => text.clone(),
            HintPart::Command(command) => format!("`{}`", write(command)),
        };
        self.0.iter().map(part).collect()
    }

    /// Returns the hint with its text, but not its commands, changed.
    #[must_use]
    pub fn with_text(&self, change: impl Fn(&str) -> String) -> Self {
        let part = |part: &HintPart| match part {
            HintPart::Text(text) => HintPart::Text(change(text)),
            HintPart::Command(command) => HintPart::Command(command.clone()),
        };
        Self(self.0.iter().map(part).collect())
    }

    /// Returns whether the text has this part.
    pub fn contains(&self, part: &str) -> bool {
        self.to_string().contains(part)
    }

    /// Returns the hint with its commands written by `write`, so that it is text alone.
    #[must_use]
    pub fn rendered(&self, write: impl Fn(&SuggestedCommand) -> String) -> Self {
        Self::from(self.render(write))
    }
}

impl From<String> for Hint {
    fn from(text: String) -> Self {
        Self(vec![HintPart::Text(text)])
    }
}

impl From<&str> for Hint {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

/// Writes the commands alone, as a library that knows no front end does.
impl fmt::Display for Hint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.render(SuggestedCommand::to_string))
    }
}

impl serde::Serialize for Hint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl PartialEq<&str> for Hint {
    fn eq(&self, other: &&str) -> bool {
        self.to_string().as_str() == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hint_writes_each_command_as_the_front_end_does() {
        let hint = Hint::from("run ").command(CommandName::Deploy.of("web")).text(" again");
        assert_eq!(hint, "run `deploy web` again");
        assert_eq!(hint.render(|command| format!(":{command}")), "run `:deploy web` again");
        assert_eq!(Hint::command_first(CommandName::Plan.alone().rehearsed()), "`plan --rehearse`");
    }
}
