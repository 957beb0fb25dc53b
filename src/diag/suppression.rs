//! Suppression comments, for warnings that the author accepts: `// rtiler: allow(mutable-image-tag) the stage is
//! rebuilt nightly`.

use std::collections::HashMap;

use super::{Code, Diagnostic, Origin, Sink, SourceMap};

/// A suppression comment in a source.
struct Suppression {
    codes: Vec<String>,
    reason: String,
    origin: Origin,
    /// The line that it applies to: the first one below that is not a comment.
    target: u32,
}

/// Removes the warnings that are suppressed on the line above them. Errors stay.
///
/// A suppression without a reason is a warning; so is one that suppresses nothing, if `report_unused` is set
/// (with other settings than the defaults, the warning may be absent).
pub fn apply_suppressions(problems: Sink, sources: &SourceMap, report_unused: bool) -> Sink {
    let suppressions: Vec<Suppression> =
        sources.names().flat_map(|name| suppressions(name, sources.text(name).unwrap_or(""))).collect();
    let mut by_line: HashMap<(&str, u32), Vec<usize>> = HashMap::new();
    for (at, suppression) in suppressions.iter().enumerate() {
        by_line.entry((&suppression.origin.source, suppression.target)).or_default().push(at);
    }
    let mut used = vec![false; suppressions.len()];
    let mut is_suppressed = |problem: &Diagnostic| {
        let Some(origin) = problem.origin().filter(|_| !problem.is_error()) else { return false };
        let name = problem.name().into_owned();
        let above = by_line.get(&(&*origin.source, origin.line)).map_or(&[][..], Vec::as_slice);
        let found = above.iter().find(|at| suppressions[**at].codes.contains(&name));
        found.inspect(|at| used[**at] = true).is_some()
    };
    let mut remaining: Sink = problems.into_iter().filter(|problem| !is_suppressed(problem)).collect();
    for (suppression, used) in suppressions.iter().zip(used) {
        if suppression.reason.is_empty() {
            remaining.push(without_reason(suppression));
        }
        if !used && report_unused && !suppression.codes.iter().any(|code| IMAGE_CODES.contains(&code.as_str())) {
            remaining.push(unused(suppression));
        }
    }
    remaining
}

/// The warnings that need a registry: without it, their suppressions are not unused.
const IMAGE_CODES: [&str; 5] = ["image-port", "image-unread", "image-user", "image-variable", "large-image"];

fn suppressions(source: &std::sync::Arc<str>, text: &str) -> Vec<Suppression> {
    if !text.contains("rtiler:") {
        return Vec::new();
    }
    let number = |index: usize| u32::try_from(index + 1).unwrap_or(u32::MAX);
    let is_comment = |line: &str| line.starts_with("//") || line.starts_with('#');
    let lines: Vec<&str> = text.lines().collect();
    // The line of code at or below each line, found from the end.
    let mut below = vec![0; lines.len() + 1];
    for (index, line) in lines.iter().enumerate().rev() {
        let line = line.trim_start();
        below[index] = if is_comment(line) || line.is_empty() { below[index + 1] } else { number(index) };
    }
    let suppression = |(index, whole): (usize, &&str)| {
        let line = whole.trim_start();
        if !is_comment(line) {
            return None;
        }
        let comment = line.trim_start_matches(['/', '#']).trim_start().strip_prefix("rtiler:")?.trim_start();
        let (codes, reason) = comment.strip_prefix("allow(")?.split_once(')')?;
        let column = u32::try_from(whole[..whole.len() - line.len()].chars().count() + 1).unwrap_or(1);
        Some(Suppression {
            codes: codes.split(',').map(|code| code.trim().to_owned()).collect(),
            reason: reason.trim().to_owned(),
            origin: Origin::new(source.clone(), number(index), column),
            target: below[index + 1],
        })
    };
    lines.iter().enumerate().filter_map(suppression).collect()
}

fn without_reason(suppression: &Suppression) -> Diagnostic {
    Diagnostic::new(Code::SuppressionWithoutReason, "this suppression has no reason")
        .at(&whole_line(suppression), "")
        .help(format!(
            "add the reason: `// rtiler: allow({}) the stage is rebuilt nightly`",
            suppression.codes.join(", ")
        ))
}

fn unused(suppression: &Suppression) -> Diagnostic {
    Diagnostic::new(
        Code::UnusedSuppression,
        format!("there is no warning `{}` here to suppress", suppression.codes.join(", ")),
    )
    .at(&whole_line(suppression), "")
    .help("remove the line, or move it directly above the line of the warning")
}

fn whole_line(suppression: &Suppression) -> Origin {
    Origin { column: 0, ..suppression.origin.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str, problems: Sink) -> Vec<&'static str> {
        let mut sources = SourceMap::default();
        sources.add("a.rhai", text);
        apply_suppressions(problems, &sources, true).iter().map(|problem| problem.code.as_str()).collect()
    }

    fn warning(line: u32) -> Diagnostic {
        Diagnostic::new(Code::MutableImageTag, "x").at(&Origin::new("a.rhai", line, 1), "")
    }

    #[test]
    fn warning_below_its_suppression_is_removed() {
        let text = "a\n  // rtiler: allow(mutable-image-tag) nightly\n  .image(x)";
        assert!(codes(text, vec![warning(3)]).is_empty());
        assert_eq!(codes(text, vec![warning(1)]), ["mutable-image-tag", "unused-suppression"]);
    }

    #[test]
    fn reason_may_continue_over_several_lines() {
        assert!(codes("// rtiler: allow(mutable-image-tag) because\n// of this\nx", vec![warning(3)]).is_empty());
    }

    #[test]
    fn suppression_without_a_reason_is_reported() {
        let text = "// rtiler: allow(mutable-image-tag)\nx";
        assert_eq!(codes(text, vec![warning(2)]), ["suppression-without-reason"]);
    }

    #[test]
    fn error_is_never_suppressed() {
        let error = Diagnostic::new(Code::FargateSize, "x").at(&Origin::new("a.rhai", 2, 1), "");
        assert_eq!(codes("// rtiler: allow(fargate-size) no\nx", vec![error]), ["fargate-size", "unused-suppression"]);
    }
}
