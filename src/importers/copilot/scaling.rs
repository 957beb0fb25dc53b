//! The number of tasks.

use super::Manifest;
use super::messaging::queue_variable;
use crate::importers::draft::Draft;
use crate::importers::source::Node;
use crate::importers::units::seconds;
use crate::importers::writer::Expr;

pub(super) fn write(manifest: &Manifest, node: &Node, draft: &mut Draft) {
    let Some(count) = node.get("count") else { return };
    if let Some(number) = count.int() {
        if number != 1 {
            draft.set_int("count", number);
        }
        return;
    }
    if let Some(spot) = count.get("spot") {
        draft.set_int("count", spot.int().unwrap_or(1));
        draft.note(
            spot.line,
            "all tasks run on Fargate Spot: `.spot(weight)` runs a share of them there, on a cluster with `.spot()`",
        );
    }
    let Some(range) = count.get("range").and_then(range) else { return };
    let mut scaling = Expr::call("Scaling", [Expr::Range(range.0, range.1)]);
    let mut cooldowns = vec![(count.at("cooldown.in"), count.at("cooldown.out"))];
    for (key, setter) in
        [("cpu_percentage", "cpu"), ("memory_percentage", "memory"), ("requests", "requests_per_target")]
    {
        let Some(found) = count.get(key) else { continue };
        let Some(target) = found.int().or_else(|| found.get("value")?.int()) else { continue };
        scaling = scaling.set(setter, [Expr::Int(target)]);
        cooldowns.push((found.at("cooldown.in"), found.at("cooldown.out")));
    }
    if let Some(found) = count.get("queue_delay").filter(|_| node.peek("subscribe").is_some()) {
        match messages_per_task(found) {
            Some(messages) => {
                scaling = scaling.set("queue", [Expr::Name(queue_variable(manifest)), Expr::Int(messages)]);
                cooldowns.push((found.at("cooldown.in"), found.at("cooldown.out")));
            }
            None => draft.note(found.line, "`count.queue_delay` has no `acceptable_latency` and `msg_processing_time`"),
        }
    }
    let first = |pick: fn(&Cooldowns<'_>) -> Option<String>| {
        let mut all: Vec<i64> = cooldowns.iter().filter_map(pick).filter_map(|text| seconds(&text)).collect();
        all.dedup();
        all
    };
    let (after_in, after_out) = (first(|it| it.0?.text()), first(|it| it.1?.text()));
    if after_in.len() > 1 || after_out.len() > 1 {
        draft.note(count.line, "the policies of a service share their cooldowns: the script has the last ones");
    }
    for (setter, seconds) in [("scale_in_after", after_in), ("scale_out_after", after_out)] {
        if let Some(seconds) = seconds.last() {
            scaling = scaling.set(setter, [Expr::Int(*seconds)]);
        }
    }
    draft.set("scaling", [scaling]);
}

/// Returns the messages that may wait for each task, as Copilot computes them: the acceptable delay over the time for a message.
fn messages_per_task(delay: &Node) -> Option<i64> {
    let milliseconds = |key: &str| {
        let text = delay.text_of(key)?;
        match text.trim().strip_suffix("ms") {
            Some(number) => number.trim().parse().ok(),
            None => Some(seconds(&text)? * 1000),
        }
    };
    let (latency, each): (i64, i64) = (milliseconds("acceptable_latency")?, milliseconds("msg_processing_time")?);
    latency.checked_div(each).filter(|messages| *messages > 0)
}

/// The cooldowns of a metric: before tasks are removed, and before they are added.
type Cooldowns<'n> = (Option<&'n Node>, Option<&'n Node>);

/// Returns the least and the largest number of tasks: `1-10`, or `min` and `max`.
fn range(range: &Node) -> Option<(i64, i64)> {
    if let Some(text) = range.text() {
        let (min, max) = text.split_once('-')?;
        return Some((min.trim().parse().ok()?, max.trim().parse().ok()?));
    }
    Some((range.get("min")?.int()?, range.get("max")?.int()?))
}
