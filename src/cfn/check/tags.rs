//! Tags with one key twice.
//!
//! Services refuse them: "Duplicate tag keys found" (EC2 API, `InvalidParameterValue`), "Duplicate Tag" of others.

use std::collections::HashSet;

use super::context::CheckContext;
use crate::cfn::Value;
use crate::diag::{Code, Sink};

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for found in scope.resources() {
        let mut seen = HashSet::new();
        for (at, tag) in found.list("Tags").iter().enumerate() {
            let Some(key) = tag.get("Key").and_then(Value::as_str) else { continue };
            if !seen.insert(key) {
                let problem =
                    found.error(Code::DuplicateItem, &format!("Tags.{at}"), format!("the tag `{key}` is set twice"));
                sink.push(problem.help("remove one of the two"));
            }
        }
    }
}
