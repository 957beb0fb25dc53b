//! The shell of `exec --rehearse`: a rehearsed task has no programs, so it knows a few words and says what it does not know.

use crate::deploy::api::ContainerDefinition;

/// The exit code of a shell for a program that it does not find (POSIX, "Exit status for commands").
const NOT_FOUND: u8 = 127;

/// The shell of a container.
pub(super) struct SimulatedShell<'a> {
    /// The id of the task.
    pub(super) task: &'a str,
    /// The name of the container.
    pub(super) container: &'a str,
    /// Its definition, if it is known.
    pub(super) definition: Option<&'a ContainerDefinition>,
}

/// The answer to a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// The lines to print.
    pub(super) lines: Vec<String>,
    /// The exit code of the line.
    pub(super) code: u8,
    /// Whether the line ends the shell.
    pub(super) ends: bool,
}

impl Answer {
    fn lines(lines: Vec<String>) -> Self {
        Self { lines, code: 0, ends: false }
    }

    fn line(text: impl Into<String>) -> Self {
        Self::lines(vec![text.into()])
    }
}

impl SimulatedShell<'_> {
    /// Returns what the shell is, for its first line.
    pub(super) fn banner(&self) -> String {
        format!(
            "simulated shell of container {} in task {}: a rehearsed task runs no programs (`help` lists the commands)",
            self.container, self.task
        )
    }

    /// Returns the prompt.
    pub(super) fn prompt(&self) -> String {
        format!("{} (simulated) $ ", self.container)
    }

    /// Answers a line.
    pub(super) fn run(&self, line: &str) -> Answer {
        let (command, rest) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
        match command {
            "" | "true" | ":" => Answer::lines(Vec::new()),
            "false" => Answer { code: 1, ..Answer::lines(Vec::new()) },
            "exit" => Answer { code: rest.trim().parse().unwrap_or(0), ends: true, ..Answer::lines(Vec::new()) },
            "help" => Answer::line("echo, env, exit [code], false, help, hostname, image, ports, pwd, true"),
            "echo" => Answer::line(unquoted(rest)),
            "pwd" => Answer::line("/"),
            "hostname" => Answer::line(self.task),
            "sh" | "/bin/sh" | "bash" | "/bin/bash" => match rest.trim().strip_prefix("-c") {
                Some(script) => self.run(&unquoted(script)),
                None => Answer::line(self.banner()),
            },
            "env" | "printenv" => Answer::lines(self.variables()),
            "image" => Answer::lines(self.definition.iter().map(|definition| definition.image.clone()).collect()),
            "ports" => {
                Answer::lines(self.definition.iter().flat_map(|it| &it.ports).map(ToString::to_string).collect())
            }
            other => Answer {
                code: NOT_FOUND,
                ..Answer::line(format!("sh: {other}: not simulated; a rehearsed task runs no programs"))
            },
        }
    }

    /// Returns the names of the variables; their values are not shown.
    fn variables(&self) -> Vec<String> {
        let names = self.definition.iter().flat_map(|definition| definition.environment.keys());
        names.map(|name| format!("{name}=...")).collect()
    }
}

/// Returns an argument without the quotes around it.
fn unquoted(text: &str) -> String {
    let text = text.trim();
    let inner = ['\'', '"'].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
    inner.unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(line: &str) -> Answer {
        let definition = ContainerDefinition {
            name: "web".to_owned(),
            image: "nginx:1.29".to_owned(),
            essential: true,
            ports: vec![80],
            environment: [("LEVEL".to_owned(), "hush".to_owned())].into_iter().collect(),
            log: None,
        };
        SimulatedShell { task: "0abc", container: "web", definition: Some(&definition) }.run(line)
    }

    #[test]
    fn known_commands_are_answered() {
        assert_eq!(run("echo 'a b'").lines, ["a b"]);
        assert_eq!(run("sh -c 'echo hi'").lines, ["hi"]);
        assert_eq!(run("image").lines, ["nginx:1.29"]);
        assert_eq!(run("ports").lines, ["80"]);
        assert_eq!(run("env").lines, ["LEVEL=..."], "values are not shown");
        assert_eq!((run("exit 3").code, run("exit 3").ends, run("false").code), (3, true, 1));
    }

    #[test]
    fn program_is_not_simulated() {
        let answer = run("ls -l /tmp");
        assert_eq!(answer.code, 127);
        assert_eq!(answer.lines, ["sh: ls: not simulated; a rehearsed task runs no programs"]);
    }
}
