//! Who gave a command, and how that user types the next one.
//!
//! *Invariant*: only the words of hints differ; what a command does is the same for whoever gave it.

use crate::repl::find_command;

/// Who gave a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Frontend {
    /// Somebody at a shell: `rtiler run SCRIPT deploy`.
    #[default]
    Shell,
    /// Somebody in a REPL: `:deploy`.
    Session,
}

/// Commands of `run` that a REPL has not.
const ONLY_RUN: [&str; 7] = ["rollback", "hotswap", "drift", "import", "exec", "scale", "run-task"];

/// Commands of both that want no account.
const IN_BOTH: [&str; 3] = ["synth", "check", "settings"];

impl Frontend {
    /// A hint that names commands in back-ticks, as this user types them.
    pub(crate) fn words(self, hint: &str, script: &str) -> String {
        if self == Self::Shell {
            return hint.to_owned();
        }
        let parts = hint.split('`').enumerate();
        let typed = parts.map(|(at, part)| if at % 2 == 1 { in_session(part, script) } else { part.to_owned() });
        typed.collect::<Vec<_>>().join("`")
    }
}

/// A command of the shell as it is typed in a REPL; anything else as it is.
fn in_session(code: &str, script: &str) -> String {
    let command = code.strip_prefix(&format!("rtiler run {script} ")).unwrap_or(code);
    let (name, arguments) = command.split_once(' ').unwrap_or((command, ""));
    let rest = arguments.split(' ').filter(|word| *word != "--rehearse").collect::<Vec<_>>().join(" ");
    if name == "deploy" && rest.len() < arguments.len() {
        return format!(":rehearse {rest}").trim_end().to_owned();
    }
    if find_command(name).is_some_and(|known| known.account) || IN_BOTH.contains(&name) {
        return format!(":{command}");
    }
    if ONLY_RUN.contains(&name) {
        return format!("rtiler run {script} {command}");
    }
    code.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_name_commands_as_they_are_typed() {
        let typed = |hint: &str| Frontend::Session.words(hint, "app.rhai");
        assert_eq!(
            typed("run `deploy web` again, or see `events web`"),
            "run `:deploy web` again, or see `:events web`"
        );
        assert_eq!(typed("it needs no account: `deploy --rehearse`"), "it needs no account: `:rehearse`");
        assert_eq!(typed("`rtiler run app.rhai deploy web` makes it"), "`:deploy web` makes it");
        assert_eq!(typed("mend it and run `rollback web`"), "mend it and run `rtiler run app.rhai rollback web`");
        assert_eq!(typed("set `DesiredCount` and `--profile`"), "set `DesiredCount` and `--profile`");
        assert_eq!(Frontend::Shell.words("see `events web`", "app.rhai"), "see `events web`");
    }
}
