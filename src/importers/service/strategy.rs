//! The deployment strategy of a service: shifts of traffic between the two target groups of each load balancer.
//!
//! Source: `DeploymentConfiguration`, `AdvancedConfiguration` and `DeploymentLifecycleHook` of `AWS::ECS::Service` in the CloudFormation
//! template reference. ECS counts minutes, scripts have seconds.

use serde_json::Value as Json;

use super::properties::{Properties, int, literal};
use crate::deploy::operate::{ListenerParts, LoadBalancerParts};
use crate::importers::draft::Draft;
use crate::importers::writer::Expr;

/// The bake time of a block in minutes, unless set.
const BAKE_MINUTES: i64 = 10;

/// Returns the target groups of an entry of `LoadBalancers`: the two of a shift belong together.
pub(super) fn groups(entry: &Json) -> Vec<&str> {
    let alternate = &entry["AdvancedConfiguration"]["AlternateTargetGroupArn"];
    [&entry["TargetGroupArn"], alternate].into_iter().filter_map(Json::as_str).collect()
}

/// Returns whether a listener is the one for tests of a service.
pub(super) fn is_for_tests(listener: &ListenerParts, service: &Json) -> bool {
    let entries = service["LoadBalancers"].as_array().into_iter().flatten();
    let mut rules = entries.filter_map(|entry| entry["AdvancedConfiguration"]["TestListenerRule"].as_str());
    let has = |rule: &str| listener.rules.iter().any(|own| own["RuleArn"] == rule);
    rules.any(|rule| listener_of(rule) == listener.arn || has(rule))
}

/// Returns whether a rule is that for the requests which no other rule matches: ECS changes the weights of a rule, so a service that shifts
/// its traffic has one in place of the default action of the listener.
pub(super) fn is_default(rule: &Json, service: &Json) -> bool {
    /// The last priority of a rule (`Priority` of `CreateRule`, Elastic Load Balancing API).
    const LAST: i64 = 50_000;
    let mut entries = service["LoadBalancers"].as_array().into_iter().flatten();
    let shifts = entries.any(|entry| entry["AdvancedConfiguration"].is_object());
    let conditions = rule["Conditions"].as_array().map_or(&[][..], Vec::as_slice);
    let [only] = conditions else { return false };
    let values = only["PathPatternConfig"]["Values"].as_array().or(only["Values"].as_array());
    let is_for_all = values.is_some_and(|values| values.len() == 1 && values[0] == "/*");
    shifts && only["Field"] == "path-pattern" && is_for_all && int(&rule["Priority"]) == Some(LAST)
}

/// Returns the ARN of the listener of a rule; that of a Network Load Balancer is a listener itself.
fn listener_of(rule: &str) -> String {
    match rule.split_once(":listener-rule/") {
        Some((home, path)) => {
            format!("{home}:listener/{}", path.rsplit_once('/').map_or(path, |(listener, _)| listener))
        }
        None => rule.to_owned(),
    }
}

/// Sets the strategy of a service.
pub(super) fn write(
    configuration: &Properties<'_>,
    (service, balancers): (&Json, &[LoadBalancerParts]),
    draft: &mut Draft,
) {
    let early = configuration.get("EarlySuccessCriteria").filter(|criteria| criteria["Enable"] == true);
    if let Some(criteria) = early {
        let cleanup = criteria["SourceServiceRevisionCleanup"].as_str().map(str::to_ascii_lowercase);
        let percent = literal(&criteria["HealthyPercent"]);
        draft.set("early_success", [percent].into_iter().chain(cleanup.map(Expr::Text)));
    }
    let minutes =
        |part: Option<&Json>, key: &str, default: i64| part.and_then(|part| int(&part[key])).unwrap_or(default);
    let (canary, linear) = (configuration.get("CanaryConfiguration"), configuration.get("LinearConfiguration"));
    let percent = |part: Option<&Json>, key: &str, default: i64| {
        part.map(|part| &part[key]).filter(|value| !value.is_null()).map_or(Expr::Int(default), literal)
    };
    // The defaults are those of the ECS API (`CanaryConfiguration`, `LinearConfiguration`).
    let (setter, mut arguments) = match configuration.text("Strategy") {
        Some("BLUE_GREEN") => ("blue_green", Vec::new()),
        Some("CANARY") => {
            let pause = minutes(canary, "CanaryBakeTimeInMinutes", 10).saturating_mul(60);
            ("canary", vec![percent(canary, "CanaryPercent", 5), Expr::Int(pause)])
        }
        Some("LINEAR") => {
            let pause = minutes(linear, "StepBakeTimeInMinutes", 6).saturating_mul(60);
            ("linear", vec![percent(linear, "StepPercent", 10), Expr::Int(pause)])
        }
        strategy => {
            configuration.skip(&["BakeTimeInMinutes", "LifecycleHooks"]);
            if let Some(other) = strategy.filter(|strategy| *strategy != "ROLLING") {
                draft.note(
                    0,
                    format!("the deployment strategy {other} has no counterpart: the script has a rolling update"),
                );
            }
            return;
        }
    };
    let bake = int(configuration.get("BakeTimeInMinutes").unwrap_or(&Json::Null)).unwrap_or(0);
    let mut shift = Expr::call("TrafficShift", []);
    if bake != BAKE_MINUTES {
        shift = shift.set("bake", [Expr::Int(bake.saturating_mul(60))]);
    }
    let listeners = || balancers.iter().flat_map(|balancer| &balancer.listeners);
    if let Some(port) = listeners().find(|it| is_for_tests(it, service)).and_then(|it| int(&it.properties["Port"])) {
        shift = shift.set("test_listener", [Expr::Int(port)]);
    }
    for hook in configuration.items("LifecycleHooks") {
        shift = hooked(shift, hook, draft);
    }
    if shift != Expr::call("TrafficShift", []) {
        arguments.push(shift);
    }
    draft.set(setter, arguments);
}

/// Adds a hook, once for each of its stages.
fn hooked(shift: Expr, hook: &Json, draft: &mut Draft) -> Expr {
    let settings = Properties::of(hook);
    if settings.text("TargetType") == Some("PAUSE") {
        return paused(shift, &settings);
    }
    let Some(function) = settings.text("HookTargetArn").filter(|target| target.contains(":function:")) else {
        draft.note(
            0,
            format!("a hook of the deployment is not a Lambda function, and the script does not have it: {hook}"),
        );
        return shift;
    };
    settings.skip(&["RoleArn", "TargetType"]);
    let stages = settings.texts("LifecycleStages");
    let rest: Vec<&str> = settings.rest().into_iter().map(|(key, _)| key).collect();
    if !rest.is_empty() {
        draft.note(0, format!("a hook of the deployment has {}, which the script does not have", rest.join(", ")));
    }
    stages.into_iter().fold(shift, |shift, stage| shift.set("hook", [Expr::text(function), Expr::text(stage)]))
}

/// Adds a pause, once for each of its stages.
fn paused(shift: Expr, settings: &Properties<'_>) -> Expr {
    let timeout = settings.get("TimeoutConfiguration").unwrap_or(&Json::Null);
    let minutes = int(&timeout["TimeoutInMinutes"]);
    let action = timeout["Action"].as_str().map(str::to_ascii_lowercase);
    // The defaults are those of `DeploymentLifecycleHookTimeoutConfiguration` of the ECS API.
    let is_default =
        minutes.is_none_or(|minutes| minutes == 1440) && action.as_deref().is_none_or(|it| it == "rollback");
    let time = (!is_default).then(|| {
        let seconds = minutes.unwrap_or(1440).saturating_mul(60);
        [Expr::Int(seconds), Expr::Text(action.unwrap_or_else(|| "rollback".to_owned()))]
    });
    let stages = settings.texts("LifecycleStages").into_iter();
    stages.fold(shift, |shift, stage| {
        shift.set("pause", [Expr::text(stage)].into_iter().chain(time.clone().into_iter().flatten()))
    })
}
