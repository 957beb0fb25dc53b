//! Deployments that can never replace a task, because rounding leaves no room.
//!
//! Source: `DeploymentConfiguration` of the ECS API: the minimum is rounded up, the maximum down to whole tasks.

use super::SERVICE;
use crate::cfn::check::context::{CheckContext, ResourceEntry};
use crate::cfn::type_names::SCALABLE_TARGET;
use crate::diag::{Code, Sink};

const CONFIGURATION: &str = "DeploymentConfiguration";

pub(super) fn rounding(service: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    let is_rolling = service.text("DeploymentController.Type").is_none_or(|kind| kind == "ECS")
        && service.text(&format!("{CONFIGURATION}.Strategy")).is_none_or(|strategy| strategy == "ROLLING")
        && service.text("SchedulingStrategy") != Some("DAEMON");
    let percent = |name: &str, default: i64| {
        let path = format!("{CONFIGURATION}.{name}");
        service.int(&path).or_else(|| service.lacks(&path).then_some(default))
    };
    let limits = percent("MinimumHealthyPercent", 100).zip(percent("MaximumPercent", 200));
    let (Some((least, most)), Some((count, set_at)), true) = (limits, tasks(service, scope), is_rolling) else {
        return;
    };
    // A minimum that is not below the maximum is reported by `service::deployment`; `DesiredCount` and the percentages have limits
    // of their own.
    if !(1..=1_000_000).contains(&count)
        || !(0..=1_000_000).contains(&most)
        || least < 0
        || least >= most
        || (count * most) / 100 > count
        || (count * least + 99) / 100 < count
    {
        return;
    }
    let tasks = if count == 1 { "one task".to_owned() } else { format!("{count} tasks") };
    let message = format!("{least} to {most} percent of {tasks} leave no room to replace one");
    let place = format!("{CONFIGURATION}.MaximumPercent");
    let problem = service.warning(Code::DeploymentPercent, &place, message);
    let problem = match set_at {
        Some(target) => problem.at(target.origin("MinCapacity"), "the minimum of tasks"),
        None => problem.at(service.origin("DesiredCount"), "the number of tasks"),
    };
    let wanted = (count + 1) * 100;
    sink.push(
        problem.help(format!("set the maximum to {} or more, or the minimum to 0", (wanted + count - 1) / count)).note(
            format!(
                "the most is {most} % of {count}, rounded down to {}; the least is {least} %, rounded up to {}",
                count * most / 100,
                (count * least + 99) / 100
            ),
        ),
    );
}

/// Returns the number of tasks of a service: its count, the minimum of its scaling with the target that sets it, or one.
fn tasks<'a>(service: ResourceEntry<'a>, scope: &'a CheckContext<'a>) -> Option<(i64, Option<ResourceEntry<'a>>)> {
    debug_assert_eq!(service.kind(), SERVICE);
    if service.has("DesiredCount") {
        return service.int("DesiredCount").map(|count| (count, None));
    }
    let target = scope.referrers(service.id).find(|found| found.kind() == SCALABLE_TARGET);
    match target {
        Some(target) => target.int("MinCapacity").map(|count| (count, Some(target))),
        None => Some((1, None)),
    }
}
