//! Connections to a running task by ECS Exec.

use serde_json::json;

use super::services::StackService;
use crate::deploy::api::status::TaskStatus;
use crate::deploy::api::{ExecSession, Task, revision};
use crate::diag::{Code, CommandName, Diagnostic, Hint, Origin};

/// A call of the session-manager plugin.
///
/// The arguments are those of the AWS CLI: session, region, `StartSession`, profile, target, endpoint. The session holds a
/// secret. A plugin after 1.2.497.0 reads it from an environment variable that the argument names, so that no list of
/// processes shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionPluginCommand {
    /// The arguments.
    pub arguments: Vec<String>,
    /// The environment variable with the session, and its value.
    pub variable: Option<(&'static str, String)>,
}

impl SessionPluginCommand {
    /// The name of the variable that holds the session.
    const VARIABLE: &str = "AWS_SSM_START_SESSION_RESPONSE";
    /// The last version that takes the session as an argument only.
    const ARGUMENT_ONLY: [u64; 4] = [1, 2, 497, 0];

    /// Creates the call of a plugin of this version (as `--version` prints it).
    pub fn new(session: &ExecSession, version: &str, region: &str, profile: &str, endpoint: &str) -> Self {
        let session_json = json!({ "sessionId": session.id, "streamUrl": session.url, "tokenValue": session.token });
        let parts: Vec<u64> = version.trim().split('.').map_while(|part| part.parse().ok()).collect();
        let hidden = parts.as_slice() > Self::ARGUMENT_ONLY.as_slice();
        let (session_argument, variable) = if hidden {
            (Self::VARIABLE.to_owned(), Some((Self::VARIABLE, session_json.to_string())))
        } else {
            (session_json.to_string(), None)
        };
        let target = json!({ "Target": session.target }).to_string();
        let rest = [region, "StartSession", profile, &target, endpoint].map(str::to_owned);
        Self { arguments: std::iter::once(session_argument).chain(rest).collect(), variable }
    }
}

/// Returns the task to connect to: the newest one that is running, or the one whose id begins with `id_prefix`.
///
/// # Errors
///
/// No such task is running, or `ExecuteCommand` cannot reach it. The diagnostic is at the line that creates the service.
pub fn task_for_exec<'t>(
    service: &StackService,
    tasks: &'t [Task],
    id_prefix: Option<&str>,
    origin: &Origin,
) -> Result<&'t Task, Diagnostic> {
    let id = &service.logical_id;
    let running: Vec<&Task> = tasks.iter().filter(|task| task.status == TaskStatus::Running).collect();
    let matches = |task: &&&Task| id_prefix.is_none_or(|prefix| task.id().starts_with(prefix));
    let chosen: Vec<&&Task> = running.iter().filter(matches).collect();
    let task = match (chosen.as_slice(), id_prefix) {
        // Newest first: an old task may have been started before ECS Exec was on.
        ([..], None) => chosen.iter().find(|task| task.exec).or(chosen.first()).copied(),
        ([one], Some(_)) => Some(*one),
        ([], Some(prefix)) if !running.is_empty() => return Err(unknown(id, prefix, &running)),
        ([], Some(_)) => None,
        (several, Some(prefix)) => {
            let problem =
                Diagnostic::new(Code::UnknownTask, format!("{} task ids begin with `{prefix}`", several.len()));
            return Err(problem
                .help(Hint::from("write more of its id; ").command(CommandName::Tasks.of(id)).text(" lists them")));
        }
    };
    let Some(task) = task else {
        let problem = Diagnostic::new(Code::NoRunningTask, format!("no task of `{id}` is running"));
        return Err(problem
            .at(origin, "this service")
            .help(Hint::command_first(CommandName::Tasks.of(id).arg("--stopped")).text(" shows why tasks stopped")));
    };
    if task.exec { Ok(task) } else { Err(exec_off(service, task, origin)) }
}

/// Returns the shell command line of these arguments, quoted where needed.
pub fn command_line(arguments: &[String]) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    let quoted = |argument: &String| {
        if argument.is_empty() || !argument.chars().all(is_plain) {
            format!("'{}'", argument.replace('\'', r"'\''"))
        } else {
            argument.clone()
        }
    };
    arguments.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

fn exec_off(service: &StackService, task: &Task, origin: &Origin) -> Diagnostic {
    let id = &service.logical_id;
    if service.service.exec {
        let message = format!("task `{}` of `{id}` was started before ECS Exec was on", task.id());
        return Diagnostic::new(Code::ExecDisabled, message)
            .at(origin, "this service")
            .note(format!("it runs {}", revision(&task.task_definition)))
            .help("tasks that start from now on can be reached: stop this one, or deploy again");
    }
    let problem = Diagnostic::new(Code::ExecDisabled, format!("ECS Exec is off for `{id}`")).at(origin, "this service");
    // `CreateExpressGatewayService` of the ECS API has no parameter for it.
    if id.ends_with("ExpressService") {
        return problem.help("Express Mode has no setting for it: use a `FargateService` with `.exec()`");
    }
    problem
        .help("add `.exec()` to the service and deploy; in a raw `AWS::ECS::Service` set `EnableExecuteCommand: true`")
}

fn unknown(service: &str, prefix: &str, running: &[&Task]) -> Diagnostic {
    let ids: Vec<&str> = running.iter().map(|task| task.id()).collect();
    Diagnostic::new(Code::UnknownTask, format!("the id of no running task of `{service}` begins with `{prefix}`"))
        .help(format!("the running tasks are {}", ids.join(", ")))
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::services::tests::service;
    use super::*;

    /// Returns a task that is running.
    pub(in crate::deploy::operate) fn task(id: &str, exec: bool) -> Task {
        Task {
            arn: format!("arn:aws:ecs:eu-central-1:123456789012:task/main/{id}"),
            task_definition: "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:3".to_owned(),
            started_by: Some("ecs-svc/1".to_owned()),
            status: TaskStatus::Running,
            health: None,
            code: None,
            reason: None,
            created: None,
            started: None,
            stopped: None,
            zone: None,
            address: None,
            exec,
            containers: Vec::new(),
        }
    }

    fn session() -> ExecSession {
        let [id, url, token, target] = ["ecs-1", "wss://x", "hush", "ecs:main_1_2"].map(str::to_owned);
        ExecSession { id, url, token, target }
    }

    #[test]
    fn plugin_after_1_2_497_gets_the_session_by_its_environment() {
        let call = |version| SessionPluginCommand::new(&session(), version, "eu-central-1", "work", "https://ecs");
        let session_json = r#"{"sessionId":"ecs-1","streamUrl":"wss://x","tokenValue":"hush"}"#;
        let rest = ["eu-central-1", "StartSession", "work", r#"{"Target":"ecs:main_1_2"}"#, "https://ecs"];
        for old in ["1.2.497.0", "1.2.7.0", "1.1.999.9", "", "unknown"] {
            assert_eq!(call(old).arguments[0], session_json, "{old}");
            assert_eq!(call(old).variable, None, "{old}");
        }
        for new in ["1.2.536.0", "1.2.497.1\n", "1.3.0.0", "2.0"] {
            assert!(call(new).arguments.iter().all(|argument| !argument.contains("hush")), "{new}");
            assert_eq!(call(new).variable, Some(("AWS_SSM_START_SESSION_RESPONSE", session_json.to_owned())), "{new}");
            assert_eq!(call(new).arguments[1..], rest);
        }
    }

    #[test]
    fn newest_reachable_task_is_chosen_without_an_id() {
        let (service, origin) = (service("app", "Web", "web"), Origin::new("app.rhai", 3, 1));
        let tasks = [task("ccc", false), task("bbb", true), task("aaa", true)];
        let id =
            |prefix| task_for_exec(&service, &tasks, prefix, &origin).map(Task::id).map_err(|problem| problem.code);
        assert_eq!(id(None), Ok("bbb"));
        assert_eq!(id(Some("aa")), Ok("aaa"));
        assert_eq!(id(Some("cc")), Err(Code::ExecDisabled));
        assert_eq!(id(Some("d")), Err(Code::UnknownTask));
        assert_eq!(
            task_for_exec(&service, &[], None, &origin).map_err(|problem| problem.code),
            Err(Code::NoRunningTask)
        );
    }

    #[test]
    fn arguments_with_special_characters_are_quoted() {
        let arguments = ["python", "-c", "print('a b')", "", "x=1"].map(str::to_owned);
        assert_eq!(command_line(&arguments), r"python -c 'print('\''a b'\'')' '' x=1");
    }
}
