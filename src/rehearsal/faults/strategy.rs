//! Reports faults of a deployment's judges that the service does not have.

use super::TaskFault;
use crate::cfn::type_names::EXPRESS_SERVICE;
use crate::cfn::{Resource, Value};
use crate::diag::{Code, Diagnostic};

/// Reports a fault of a hook or an alarm that no deployment of the service has.
pub(super) fn cannot_judge(id: &str, service: &Resource, fault: TaskFault) -> Option<Diagnostic> {
    // A canary deployment whose alarm ECS creates ("Resources created by Amazon ECS Express Mode services", ECS developer guide).
    if service.kind.as_str() == EXPRESS_SERVICE && fault == TaskFault::AlarmGoesOff {
        return None;
    }
    let configuration = service.properties.get("DeploymentConfiguration");
    let shifts = configuration
        .and_then(|it| it.get("Strategy"))
        .and_then(Value::as_str)
        .is_some_and(|strategy| strategy != "ROLLING");
    let problem = |message: String| Some(Diagnostic::new(Code::FaultValue, message).at(&service.origin, "the service"));
    match fault {
        TaskFault::HookFails(stage) => {
            let stages = hooks(configuration);
            if shifts && stages.iter().any(|known| known == stage.name()) {
                return None;
            }
            let message = format!("`{id}` has no hook at the stage {}", stage.name());
            let help = match stages.first().filter(|_| shifts) {
                Some(first) => format!("let one of its hooks fail: `--fault {id}:hook-fails={first}`"),
                None => "add one: `.blue_green(TrafficShift().hook(function, \"POST_TEST_TRAFFIC_SHIFT\"))`".to_owned(),
            };
            problem(message).map(|it| it.help(help))
        }
        TaskFault::AlarmGoesOff => {
            let watched = configuration.and_then(|it| it.get("Alarms")).is_some();
            if shifts && watched {
                return None;
            }
            let message = if shifts {
                format!("no alarm rolls a deployment of `{id}` back")
            } else {
                format!("`{id}` is replaced task by task, and `alarm` is a fault of a shift of traffic")
            };
            let help = if shifts {
                "add one: `.alarm(name)`, or the usual ones: `.alarms(topic)`"
            } else {
                "deploy it with `.blue_green()`, or rehearse `rolled-back-by-ecs`"
            };
            problem(message).map(|it| it.help(help))
        }
        _ => None,
    }
}

/// Returns the stages with hooks.
fn hooks(configuration: Option<&Value>) -> Vec<String> {
    let hooks = configuration.and_then(|it| it.get("LifecycleHooks")).and_then(Value::as_list).unwrap_or_default();
    let stages = hooks.iter().filter_map(|hook| hook.get("LifecycleStages")?.as_list()).flatten();
    stages.filter_map(|stage| stage.as_str().map(str::to_owned)).collect()
}
