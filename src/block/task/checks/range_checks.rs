use crate::block::range_checks::{port, within};
use crate::block::task::TaskOwner;
use crate::diag::{Code, Diagnostic, WithOrigin, nearest};

/// Days that CloudWatch Logs keeps logs (CloudWatch Logs API, `PutRetentionPolicy`).
const RETENTION: [i64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];
/// ECS API, `AwsVpcConfiguration`.
const MOST_GROUPS: usize = 5;

/// Reports numbers that AWS does not take. Ranges: ECS API, `TaskDefinition` and `ContainerDefinition`.
pub(super) fn out_of_range(owner: &TaskOwner<'_>) -> Vec<Diagnostic> {
    let task = owner.task;
    let ports = task.containers().filter_map(|container| port(container.port.as_ref()?));
    let stops = task.containers().filter_map(|container| container.stop_timeout.as_ref());
    let stops = stops.filter_map(|set| within(set, 2..=120, Code::StopTimeout, "a stop timeout", "seconds"));
    let storage = task.ephemeral_storage.as_ref().and_then(|gib| {
        within(gib, 21..=200, Code::EphemeralStorage, "ephemeral storage", "GiB")
            .map(|problem| problem.note("20 GiB come with every task"))
    });
    let others = [storage, retention(task.log_retention.as_ref()), too_many_groups(owner)];
    ports.chain(stops).chain(others.into_iter().flatten()).collect()
}

fn too_many_groups(owner: &TaskOwner<'_>) -> Option<Diagnostic> {
    let extra = owner.task.security_group.get(MOST_GROUPS - 1)?;
    let message = format!("a {} has at most {MOST_GROUPS} security groups", owner.noun);
    Some(
        Diagnostic::new(Code::TooManySecurityGroups, message)
            .at(&extra.origin, format!("one too many: the {} has one of its own", owner.noun))
            .help("bring rules together in fewer groups"),
    )
}

fn retention(days: Option<&WithOrigin<i64>>) -> Option<Diagnostic> {
    let days = days.filter(|days| !RETENTION.contains(&days.value))?;
    let (less, more): (Vec<i64>, Vec<i64>) = RETENTION.iter().partition(|offered| **offered < days.value);
    let near: Vec<String> = less.last().into_iter().chain(more.first()).map(ToString::to_string).collect();
    let list: Vec<String> = RETENTION.iter().map(ToString::to_string).collect();
    Some(
        Diagnostic::new(Code::LogRetention, format!("CloudWatch Logs cannot keep logs for {} days", days.value))
            .at(&days.origin, "")
            .help(format!("the nearest it offers: {}", near.join(" and ")))
            .note(format!("it offers {}", list.join(", "))),
    )
}

/// Returns the nearest of some words, ready for a hint.
pub(crate) fn one_of(written: &str, words: &[&'static str]) -> Option<String> {
    nearest(written, words.iter().copied()).map(|word| format!("did you mean `{word}`?"))
}
