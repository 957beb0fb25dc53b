//! The size and the number of tasks.

use super::Compose;
use crate::importers::draft::Draft;
use crate::importers::source::Node;
use crate::importers::units::{cpu_units, fargate_size, mebibytes};

pub(super) fn write(compose: &Compose<'_>, node: &Node, draft: &mut Draft) {
    let mut largest = |paths: &[&str], read: fn(&str) -> Option<i64>| {
        let values = paths.iter().filter_map(|path| {
            let found = node.at(path)?;
            read(&compose.plain(found, path, draft)?)
        });
        values.max()
    };
    let cpu = largest(
        &["deploy.resources.limits.cpus", "deploy.resources.reservations.cpus", "cpus", "cpu_count"],
        cpu_units,
    );
    let memory = largest(
        &["deploy.resources.limits.memory", "deploy.resources.reservations.memory", "mem_limit", "mem_reservation"],
        mebibytes,
    );
    if cpu.is_some() || memory.is_some() {
        let (units, mebibytes) = fargate_size(cpu.unwrap_or_default(), memory.unwrap_or_default());
        if cpu.is_some_and(|cpu| cpu > units) || memory.is_some_and(|memory| memory > mebibytes) {
            draft.note(node.line, "the service needs more than the largest task of Fargate has");
        }
        draft.set_int("cpu", units);
        draft.set_int("memory", mebibytes);
    }
    _ = node.get("scale");
    let count = ["deploy.replicas", "scale"].iter().find_map(|path| {
        let found = node.at(path)?;
        compose.plain(found, path, draft)?.parse::<i64>().ok()
    });
    if let Some(count) = count.filter(|count| *count != 1) {
        draft.set_int("count", count);
    }
    // One task, or several, without one on each machine.
    if node.peek("deploy").and_then(|deploy| deploy.peek("mode")).and_then(Node::text).as_deref() == Some("replicated")
    {
        _ = node.at("deploy.mode");
    }
}
