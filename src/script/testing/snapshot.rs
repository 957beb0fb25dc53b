//! `snapshot`: compares a value with a recorded one.

use std::rc::Rc;

use rhai::{Dynamic, ImmutableString};

use super::arguments::{Anything, fail, failed, session};
use super::comparison::{difference, shown};
use super::session::SnapshotUse;
use crate::script::call::Call;
use crate::script::template_view::TemplateView;

/// Compares a value with its snapshot; accepts it if the host does.
pub(super) fn compare(call: &mut Call<'_>) -> Option<Dynamic> {
    let Anything(value) = call.take("value")?;
    let name: String = call.take("name")?;
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        let problem = failed(&format!("`{name}` is not a name of a snapshot"));
        return fail(call, problem.help("use letters, digits, hyphens and underscores"));
    }
    let session = session(call.state);
    let name = format!("{}__{name}", session.stem);
    let text = text_of(&value);
    let compared = SnapshotUse { name: &name, text: &text, origin: &call.at.origin };
    let recorded = match session.host.snapshot(&compared) {
        Ok(recorded) => recorded,
        Err(problem) => return fail(call, problem),
    };
    if recorded.as_deref().is_some_and(|recorded| recorded.trim_end() == text.trim_end()) {
        return Some(Dynamic::UNIT);
    }
    if session.host.accepts_snapshots() {
        return Some(Dynamic::UNIT);
    }
    let problem = match recorded {
        Some(recorded) => failed(&format!("the value differs from the snapshot `{name}`"))
            .note(difference(("snapshot", &recorded), ("value", &text))),
        None => failed(&format!("there is no snapshot `{name}`")),
    };
    fail(call, problem.help("look at the value, and accept it with `rtiler test --bless`"))
}

fn text_of(value: &Dynamic) -> String {
    if let Some(template) = value.read_lock::<Rc<TemplateView>>() {
        return template.stack.body().into_owned();
    }
    let text = value.read_lock::<ImmutableString>().map(|text| text.to_string());
    let mut text = text.unwrap_or_else(|| shown(value));
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}
