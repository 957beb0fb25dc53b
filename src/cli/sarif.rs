//! Diagnostics as SARIF 2.1.0 (OASIS), for code scanning.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::diag::{Code, Diagnostic, Hint, Label, Origin, Severity};

/// Returns a SARIF log with one run.
pub(crate) fn log(problems: &[Diagnostic]) -> Json {
    let codes: BTreeSet<Code> = problems.iter().map(|problem| problem.code).collect();
    let rules = codes.iter().map(|code| json!({ "id": code, "shortDescription": { "text": code.title() }, "help": { "text": format!("rtiler explain {code}") } }));
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "rtiler",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": problems.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

fn result(problem: &Diagnostic) -> Json {
    let text =
        std::iter::once(problem.message.clone()).chain(problem.hints.iter().map(Hint::to_string)).collect::<Vec<_>>();
    let mut labels = problem.labels.iter().filter(|label| label.origin.is_known());
    let primary: Vec<Json> = labels.next().map(|label| location(&label.origin)).into_iter().collect();
    json!({
        "ruleId": problem.code,
        "level": match problem.severity { Severity::Error => "error", Severity::Warning => "warning" },
        "message": { "text": text.join("\n") },
        "locations": primary,
        "relatedLocations": labels.map(related).collect::<Vec<_>>(),
    })
}

fn related(label: &Label) -> Json {
    let mut location = location(&label.origin);
    location["message"] = json!({ "text": label.message });
    location
}

fn location(origin: &Origin) -> Json {
    let mut physical = json!({ "artifactLocation": { "uri": &*origin.source } });
    if origin.line > 0 {
        physical["region"] = json!({ "startLine": origin.line, "startColumn": origin.column.max(1) });
    }
    json!({ "physicalLocation": physical })
}
