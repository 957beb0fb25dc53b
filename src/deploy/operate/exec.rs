use serde_json::json;

use super::services::StackService;
use crate::deploy::api::status::TaskStatus;
use crate::deploy::api::{ExecSession, Task, revision};
use crate::diag::{Code, CommandName, Diagnostic, Hint, Origin};

/// How the session-manager plugin is called: its arguments, and its environment.
///
/// As the AWS CLI does it: session, region, `StartSession`, profile, target, endpoint. A plugin after 1.2.497.0 takes the
/// session, which holds a secret, from the variable that stands in its place, where no list of processes shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionPluginCommand {
    /// The arguments.
    pub arguments: Vec<String>,
    /// A variable with its value.
    pub variable: Option<(&'static str, String)>,
}

impl SessionPluginCommand {
    /// The variable that holds the session.
    const VARIABLE: &str = "AWS_SSM_START_SESSION_RESPONSE";
    /// The last version that takes the session as an argument only.
    const ARGUMENT_ONLY: [u64; 4] = [1, 2, 497, 0];

    /// The call of a plugin of this version (as `--version` prints it).
    pub fn new(session: &ExecSession, version: &str, region: &str, profile: &str, endpoint: &str) -> Self {
        let told = json!({ "sessionId": session.id, "streamUrl": session.url, "tokenValue": session.token });
        let parts: Vec<u64> = version.trim().split('.').map_while(|part| part.parse().ok()).collect();
        let hidden = parts.as_slice() > Self::ARGUMENT_ONLY.as_slice();
        let (session_argument, variable) = if hidden {
            (Self::VARIABLE.to_owned(), Some((Self::VARIABLE, told.to_string())))
        } else {
            (told.to_string(), None)
        };
        let target = json!({ "Target": session.target }).to_string();
        let rest = [region, "StartSession", profile, &target, endpoint].map(str::to_owned);
        Self { arguments: std::iter::once(session_argument).chain(rest).collect(), variable }
    }
}

/// The task to connect to: the newest that runs, or the one whose id begins so.
///
/// # Errors
///
/// There is none, or `ExecuteCommand` cannot reach it; shown at the line that makes the service.
pub fn reachable<'t>(
    service: &StackService,
    tasks: &'t [Task],
    wanted: Option<&str>,
    origin: &Origin,
) -> Result<&'t Task, Diagnostic> {
    let id = &service.logical_id;
    let running: Vec<&Task> = tasks.iter().filter(|task| task.status == TaskStatus::Running).collect();
    let fits = |task: &&&Task| wanted.is_none_or(|wanted| task.id().starts_with(wanted));
    let chosen: Vec<&&Task> = running.iter().filter(fits).collect();
    let task = match (chosen.as_slice(), wanted) {
        // Newest first: an old one may have been started before it could be reached.
        ([..], None) => chosen.iter().find(|task| task.exec).or(chosen.first()).copied(),
        ([one], Some(_)) => Some(*one),
        ([], Some(wanted)) if !running.is_empty() => return Err(unknown(id, wanted, &running)),
        ([], Some(_)) => None,
        (several, Some(wanted)) => {
            let problem = Diagnostic::new(Code::UnknownTask, format!("{} tasks begin with `{wanted}`", several.len()));
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

/// Words as one command line that is taken apart into the same words.
pub fn command_line(words: &[String]) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    let quoted = |word: &String| {
        if word.is_empty() || !word.chars().all(is_plain) {
            format!("'{}'", word.replace('\'', r"'\''"))
        } else {
            word.clone()
        }
    };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
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
    Diagnostic::new(Code::ExecDisabled, format!("ECS Exec is off for `{id}`"))
        .at(origin, "this service")
        .help("say `.exec()` in the script and deploy; a raw `AWS::ECS::Service` has `EnableExecuteCommand: true`")
}

fn unknown(service: &str, wanted: &str, running: &[&Task]) -> Diagnostic {
    let ids: Vec<&str> = running.iter().map(|task| task.id()).collect();
    Diagnostic::new(Code::UnknownTask, format!("no running task of `{service}` begins with `{wanted}`"))
        .help(format!("those that run are {}", ids.join(", ")))
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::services::tests::service;
    use super::*;

    /// A task that runs.
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
    fn a_new_plugin_gets_the_secret_by_its_environment() {
        let call = |version| SessionPluginCommand::new(&session(), version, "eu-central-1", "work", "https://ecs");
        let told = r#"{"sessionId":"ecs-1","streamUrl":"wss://x","tokenValue":"hush"}"#;
        let rest = ["eu-central-1", "StartSession", "work", r#"{"Target":"ecs:main_1_2"}"#, "https://ecs"];
        for old in ["1.2.497.0", "1.2.7.0", "1.1.999.9", "", "unknown"] {
            assert_eq!(call(old).arguments[0], told, "{old}");
            assert_eq!(call(old).variable, None, "{old}");
        }
        for new in ["1.2.536.0", "1.2.497.1\n", "1.3.0.0", "2.0"] {
            assert!(call(new).arguments.iter().all(|argument| !argument.contains("hush")), "{new}");
            assert_eq!(call(new).variable, Some(("AWS_SSM_START_SESSION_RESPONSE", told.to_owned())), "{new}");
            assert_eq!(call(new).arguments[1..], rest);
        }
    }

    #[test]
    fn the_newest_task_that_can_be_reached_is_taken() {
        let (service, origin) = (service("app", "Web", "web"), Origin::new("app.rhai", 3, 1));
        let tasks = [task("ccc", false), task("bbb", true), task("aaa", true)];
        let id = |wanted| reachable(&service, &tasks, wanted, &origin).map(Task::id).map_err(|problem| problem.code);
        assert_eq!(id(None), Ok("bbb"));
        assert_eq!(id(Some("aa")), Ok("aaa"));
        assert_eq!(id(Some("cc")), Err(Code::ExecDisabled));
        assert_eq!(id(Some("d")), Err(Code::UnknownTask));
        assert_eq!(reachable(&service, &[], None, &origin).map_err(|problem| problem.code), Err(Code::NoRunningTask));
    }

    #[test]
    fn words_stay_the_words_that_they_were() {
        let words = ["python", "-c", "print('a b')", "", "x=1"].map(str::to_owned);
        assert_eq!(command_line(&words), r"python -c 'print('\''a b'\'')' '' x=1");
    }
}
