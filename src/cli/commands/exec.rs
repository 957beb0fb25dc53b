use std::io::{ErrorKind, IsTerminal};
use std::process;

use tokio::process::{Child, Command};

use super::context::CommandContext;
use super::runner::{AccountCommand, run_on_stacks};
use super::service_selection::{SelectedService, origin_of, select_one};
use super::simulated_shell::{Answer, SimulatedShell};
use crate::cli::account::Access;
use crate::cli::account::connect::profile;
use crate::cli::args::{Exec as Args, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::json::CommandEnd;
use crate::cli::project::Project;
use crate::cli::report::faint;
use crate::cli::terminal::prompt::input_line;
use crate::cli::terminal::{Signal, Terminal, TerminalMode};
use crate::deploy::api::{AwsApi, AwsError, Clock, Task, TaskFilter};
use crate::deploy::operate::{SessionPluginCommand, choose_container, command_line, task_for_exec};
use crate::diag::{Code, Diagnostic};
use crate::printable::{indented, one_line};

/// AWS's program that connects a terminal with a session.
const PLUGIN: &str = "session-manager-plugin";

/// Runs `exec`: opens a shell or runs a command in a running task.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> ExitStatus {
    let scope = &args.service.scope;
    run_on_stacks(Exec { args }, &scope.stack, &scope.rehearse, project, options, terminal)
}

struct Exec<'a> {
    args: &'a Args,
}

/// The container that the plugin connects to.
struct Target {
    task: Task,
    container: String,
}

impl AccountCommand for Exec<'_> {
    const ACCESS: Access = Access::Read;

    async fn run<C: AwsApi, K: Clock>(self, api: C, _clock: K, cx: &CommandContext<'_>) -> ExitStatus {
        let selected = match select_one(cx, &api, &self.args.service.service).await {
            Ok(selected) => selected,
            Err(exit) => return exit,
        };
        if cx.account.is_rehearsal() {
            return match self.target(&selected, cx).await {
                Ok(target) => self.simulate(&selected.api, &target, cx).await,
                Err(exit) => exit,
            };
        }
        // Checked first: without the plugin, the session would be opened for nothing.
        let version = match plugin_version().await {
            Ok(version) => version,
            Err(problem) => return failed(cx, problem),
        };
        let target = match self.target(&selected, cx).await {
            Ok(target) => target,
            Err(exit) => return exit,
        };
        match self.connect(&selected.api, &target, &version, cx).await {
            Ok(exit) => exit,
            Err(error) => cx.aws_error(&error),
        }
    }
}

impl Exec<'_> {
    async fn target<C: AwsApi>(
        &self,
        selected: &SelectedService<C>,
        cx: &CommandContext<'_>,
    ) -> Result<Target, ExitStatus> {
        let SelectedService { api, service } = selected;
        let refused = |error: AwsError| cx.aws_error(&error);
        let tasks = api.tasks(&service.service.arn, TaskFilter::Running).await.map_err(refused)?;
        let origin = origin_of(cx, service);
        let task = task_for_exec(service, &tasks, self.args.task.as_deref(), &origin);
        let task = task.map_err(|problem| failed(cx, problem))?.clone();
        let definition = api.task_definition(&task.task_definition).await.map_err(refused)?;
        let requested = self.args.container.as_deref();
        let container = match definition {
            Some(definition) => {
                choose_container(service, &definition, requested).map_err(|problem| failed(cx, problem))?
            }
            // The definition was deleted meanwhile; the task has the names of its containers.
            None => {
                requested.map(str::to_owned).or(task.containers.first().map(|it| it.name.clone())).unwrap_or_default()
            }
        };
        Ok(Target { task, container })
    }

    /// Runs the simulated shell of a rehearsed task: a command, or the lines of standard input.
    async fn simulate(&self, api: &impl AwsApi, target: &Target, cx: &CommandContext<'_>) -> ExitStatus {
        let Target { task, container } = target;
        let definition = match api.task_definition(&task.task_definition).await {
            Ok(definition) => definition,
            Err(error) => return cx.aws_error(&error),
        };
        let definition = definition.as_ref().and_then(|it| it.containers.iter().find(|it| it.name == *container));
        let shell = SimulatedShell { task: task.id(), container, definition };
        cx.output.status(&faint(&one_line(&shell.banner())));
        let code =
            if self.args.run.is_empty() { converse(&shell, cx).await } else { answer(&shell, &self.args.run, cx) };
        let (task, container) = (task.arn.clone(), container.clone());
        cx.output.json(&CommandEnd { task, container, exit_code: i32::from(code) });
        ExitStatus::ChildExit(code)
    }

    /// Opens the session and runs the plugin in the terminal.
    async fn connect(
        &self,
        api: &impl AwsApi,
        target: &Target,
        version: &str,
        cx: &CommandContext<'_>,
    ) -> Result<ExitStatus, AwsError> {
        let shell = || "/bin/sh".to_owned();
        let command = if self.args.run.is_empty() { shell() } else { command_line(&self.args.run) };
        let Target { task, container } = target;
        let session = api.execute_command(&task.arn, container, &command).await?;
        let environment = api.environment().await?;
        let suffix = if environment.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        let endpoint = cx.options.endpoint_url.clone();
        let endpoint = endpoint.unwrap_or_else(|| format!("https://ecs.{}.{suffix}", environment.region));
        let profile = profile(cx.options).unwrap_or_default();
        let call = SessionPluginCommand::new(&session, version, &environment.region, &profile, &endpoint);
        cx.output.status(&faint(&one_line(&format!("connecting to {container} of task {}", task.id()))));
        // Ctrl-\ is for the command in the task.
        #[cfg(unix)]
        let _quit = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::quit());
        let mode = TerminalMode::current();
        let ended = match spawn(PLUGIN, &call) {
            Ok(child) => until_ended(child, cx).await,
            Err(error) => return Ok(failed(cx, missing(&error))),
        };
        mode.restore();
        Ok(match ended {
            Ok(Ok(status)) => {
                let code =
                    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(ExitStatus::Interrupted.code());
                let (task, container) = (task.arn.clone(), container.clone());
                cx.output.json(&CommandEnd { task, container, exit_code: i32::from(code) });
                ExitStatus::ChildExit(code)
            }
            Ok(Err(error)) => failed(cx, missing(&error)),
            Err(signal) => signal.exit(),
        })
    }
}

/// Waits for the end of the plugin. Ctrl-C is for the command in the task: the plugin receives it, too, and this process
/// ignores it. Another signal ends the plugin and is returned.
async fn until_ended(
    mut plugin: Child,
    cx: &CommandContext<'_>,
) -> Result<std::io::Result<process::ExitStatus>, Signal> {
    let mut received = cx.signals.subscribe();
    loop {
        tokio::select! {
            status = plugin.wait() => return Ok(status),
            signal = received.next() => if signal != Signal::Interrupt {
                // It may have ended meanwhile.
                let _ = plugin.kill().await;
                return Err(signal);
            },
        }
    }
}

/// Runs one command in a simulated shell; returns its exit code.
fn answer(shell: &SimulatedShell<'_>, arguments: &[String], cx: &CommandContext<'_>) -> u8 {
    let answer = shell.run(&command_line(arguments));
    print(&answer, cx);
    answer.code
}

/// Answers the lines of standard input; returns the exit code of the shell.
async fn converse(shell: &SimulatedShell<'_>, cx: &CommandContext<'_>) -> u8 {
    let mut code = 0;
    loop {
        if std::io::stdin().is_terminal() {
            cx.terminal.print(&shell.prompt());
        }
        let Some(line) = input_line().await else { return code };
        let answer = shell.run(&line);
        print(&answer, cx);
        code = answer.code;
        if answer.ends {
            return code;
        }
    }
}

fn print(answer: &Answer, cx: &CommandContext<'_>) {
    // With `--json` the result is the exit code alone.
    answer.lines.iter().for_each(|line| cx.output.text_line(&indented(line)));
}

/// Starts a program in the terminal.
fn spawn(program: &str, call: &SessionPluginCommand) -> std::io::Result<Child> {
    Command::new(program).args(&call.arguments).envs(call.variable.clone()).spawn()
}

/// Returns the version of the plugin.
async fn plugin_version() -> Result<String, Diagnostic> {
    let output = Command::new(PLUGIN).arg("--version").kill_on_drop(true).output();
    let output = output.await.map_err(|error| missing(&error))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn missing(error: &std::io::Error) -> Diagnostic {
    let why = if error.kind() == ErrorKind::NotFound {
        "is not installed".to_owned()
    } else {
        format!("does not start: {error}")
    };
    Diagnostic::new(Code::SessionPluginMissing, format!("`{PLUGIN}` {why}"))
        .note("AWS's plugin connects the terminal with the task; rtiler runs it from the `PATH`")
        .help("install it: https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html (macOS: `brew install --cask session-manager-plugin`)")
}

/// Reports a problem: an unknown name is a usage error.
fn failed(cx: &CommandContext<'_>, problem: Diagnostic) -> ExitStatus {
    let exit = match problem.code {
        Code::UnknownContainer | Code::UnknownService | Code::UnknownTask => ExitStatus::Usage,
        _ => ExitStatus::Aws,
    };
    cx.report(&[problem]);
    exit
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::deploy::api::ExecSession;

    #[test]
    fn missing_plugin_is_reported_with_its_installation() {
        let problem = missing(&std::io::Error::from(ErrorKind::NotFound));
        assert_eq!(problem.code, Code::SessionPluginMissing);
        assert!(problem.message.contains("is not installed"), "{}", problem.message);
    }

    #[tokio::test]
    async fn plugin_gets_the_secret_in_its_environment_and_its_exit_code_is_returned() {
        let folder = tempfile::tempdir().expect("a folder");
        let (program, log) = (folder.path().join("plugin"), folder.path().join("log"));
        let text = format!("#!/bin/sh\necho \"$# $* $AWS_SSM_START_SESSION_RESPONSE\" > {}\nexit 7\n", log.display());
        std::fs::write(&program, text).expect("a program");
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).expect("a program");
        let [id, url, token, target] = ["s-1", "wss://x", "hush", "ecs:main_1_2"].map(str::to_owned);
        let session = ExecSession { id, url, token, target };
        let call = SessionPluginCommand::new(&session, "1.2.600.0", "eu-central-1", "", "https://ecs");
        let mut plugin = spawn(&program.display().to_string(), &call).expect("it starts");
        let status = plugin.wait().await.expect("it ends");
        assert_eq!(status.code(), Some(7));
        let logged = std::fs::read_to_string(&log).expect("the log of the plugin");
        let expected = "6 AWS_SSM_START_SESSION_RESPONSE eu-central-1 StartSession  {\"Target\":\"ecs:main_1_2\"} https://ecs \
                      {\"sessionId\":\"s-1\",\"streamUrl\":\"wss://x\",\"tokenValue\":\"hush\"}\n";
        assert_eq!(logged, expected);
    }
}
