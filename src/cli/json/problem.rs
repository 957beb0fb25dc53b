use serde::Serialize;

use crate::cli::frontend::Frontend;
use crate::diag::{Code, Diagnostic, MOST_IN_DOCUMENT, Origin, Selection, Severity, SourceMap, columns};

/// A diagnostic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Problem {
    /// An error makes the command fail; a warning does not.
    severity: Level,
    /// The stable name of the kind of problem; `rtiler explain CODE` explains it.
    #[cfg_attr(test, schemars(with = "String"))]
    code: Code,
    /// The policy that reports it; null for other problems. A comment suppresses it as `policy:RULE`.
    rule: Option<String>,
    /// The problem in one sentence.
    message: String,
    /// The places, the primary one first.
    labels: Vec<Place>,
    /// Facts that explain the message, one sentence each.
    notes: Vec<String>,
    /// Sentences that say what to do; commands in back-ticks can be pasted.
    help: Vec<String>,
    /// The calls that led to the problem, innermost first; the message of each says which call it is.
    trace: Vec<Place>,
    /// The number of the parts that are left out: of each kind, the first twelve are listed.
    omitted: Omitted,
}

/// The number of the parts of a diagnostic that are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Omitted {
    /// Places.
    labels: usize,
    /// Notes.
    notes: usize,
    /// Sentences that say what to do.
    help: usize,
    /// Calls.
    trace: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
enum Level {
    Error,
    Warning,
}

/// A place in a source; its first character and the character after its last one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Place {
    /// The source: the path of a file, `--set`, an environment variable or the name of a module.
    source: String,
    /// The line, from 1; null if only the source is known.
    line: Option<u32>,
    /// The column in characters, from 1; null if only the line is known.
    column: Option<u32>,
    /// The column after the last character, on the same line; null if the text of the source is not known.
    end_column: Option<u32>,
    /// The text of the label; may be empty.
    message: String,
}

impl Problem {
    /// Returns a diagnostic for programs, with commands as the user of this front end types them.
    pub(crate) fn new(problem: &Diagnostic, sources: &SourceMap, frontend: &Frontend) -> Self {
        let left_out = problem.omitted_parts();
        let problem = &*problem.shortened();
        let place = |origin: &Origin, message: &str| Place::new(origin, message, sources);
        let labels = problem.labels.iter().map(|label| place(&label.origin, &label.message));
        let trace = problem.trace.iter().map(|frame| place(&frame.origin, &frame.what));
        Self {
            severity: match problem.severity {
                Severity::Error => Level::Error,
                Severity::Warning => Level::Warning,
            },
            code: problem.code,
            rule: problem.rule.as_deref().map(str::to_owned),
            message: problem.message.clone(),
            labels: labels.collect(),
            notes: problem.notes.clone(),
            help: problem.hints.iter().map(|hint| frontend.hint(hint)).collect(),
            trace: trace.collect(),
            omitted: Omitted {
                labels: left_out.labels,
                notes: left_out.notes,
                help: left_out.hints,
                trace: left_out.trace,
            },
        }
    }
}

impl Place {
    fn new(origin: &Origin, message: &str, sources: &SourceMap) -> Self {
        let known = |number: u32| (number > 0).then_some(number);
        let end_column = columns(origin, sources).map(|columns| columns.end);
        let source = origin.source.to_string();
        Self { source, line: known(origin.line), column: known(origin.column), end_column, message: message.to_owned() }
    }
}

/// Returns diagnostics for programs, up to a number.
pub(crate) fn problems(problems: &[Diagnostic], sources: &SourceMap, frontend: &Frontend) -> Vec<Problem> {
    let selection = Selection::new(problems, MOST_IN_DOCUMENT);
    selection.shown.into_iter().map(|problem| Problem::new(problem, sources, frontend)).collect()
}
