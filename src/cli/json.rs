use serde_json::{Value as Json, json};

use super::frontend::Frontend;
use crate::diag::{Diagnostic, Origin, Severity};

/// Returns diagnostics as JSON.
pub(crate) fn problems(problems: &[Diagnostic], frontend: &Frontend) -> Json {
    problems.iter().map(|problem| self::problem(problem, frontend)).collect()
}

/// Returns a diagnostic as JSON, with commands as the user of this front end types them.
pub(crate) fn problem(problem: &Diagnostic, frontend: &Frontend) -> Json {
    let hints: Vec<String> = problem.hints.iter().map(|hint| frontend.hint(hint)).collect();
    let labels = problem.labels.iter().map(|label| with_message(origin(&label.origin), "message", &label.message));
    let trace = problem.trace.iter().map(|frame| with_message(origin(&frame.origin), "what", &frame.what));
    json!({
        "severity": match problem.severity { Severity::Error => "error", Severity::Warning => "warning" },
        "code": problem.code,
        "message": problem.message,
        "labels": labels.collect::<Vec<_>>(),
        "notes": problem.notes,
        "help": hints,
        "trace": trace.collect::<Vec<_>>(),
    })
}

fn origin(origin: &Origin) -> Json {
    json!({ "source": &*origin.source, "line": origin.line, "column": origin.column })
}

fn with_message(mut origin: Json, name: &str, message: &str) -> Json {
    origin[name] = Json::from(message);
    origin
}
