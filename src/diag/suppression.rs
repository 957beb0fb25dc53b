//! Suppression comments, for warnings that the author accepts: `// rtiler: allow(mutable-image-tag) the stage is
//! rebuilt nightly`.

use super::{Code, Diagnostic, Origin, Sink, SourceMap};

/// A suppression comment in a source.
struct Suppression {
    codes: Vec<String>,
    reason: String,
    origin: Origin,
    /// The line that it is about: the first one below that is not a comment.
    target: u32,
}

/// Removes the warnings that are suppressed on the line above them. Errors stay.
///
/// A suppression without a reason is a warning; so is one that suppresses nothing, if `report_unused` is set
/// (with other settings than the defaults, a warning of the author may well be absent).
pub fn apply_suppressions(problems: Sink, sources: &SourceMap, complain: bool) -> Sink {
    let allows: Vec<Suppression> =
        sources.names().flat_map(|name| allows(name, sources.text(name).unwrap_or(""))).collect();
    let mut used = vec![false; allows.len()];
    let mut kept: Sink = problems.into_iter().filter(|problem| !silenced(problem, &allows, &mut used)).collect();
    for (allow, used) in allows.iter().zip(used) {
        if allow.reason.is_empty() {
            kept.push(without_reason(allow));
        }
        if !used && complain {
            kept.push(unused(allow));
        }
    }
    kept
}

fn silenced(problem: &Diagnostic, allows: &[Suppression], used: &mut [bool]) -> bool {
    let Some(origin) = problem.origin().filter(|_| !problem.is_error()) else { return false };
    let speaks_of = |allow: &Suppression| {
        allow.origin.source == origin.source
            && allow.target == origin.line
            && allow.codes.iter().any(|code| code == problem.code.as_str())
    };
    let found = allows.iter().position(speaks_of);
    if let Some(found) = found {
        used[found] = true;
    }
    found.is_some()
}

fn allows(source: &std::sync::Arc<str>, text: &str) -> Vec<Suppression> {
    if !text.contains("rtiler:") {
        return Vec::new();
    }
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    let is_comment = |line: &str| line.starts_with("//") || line.starts_with('#');
    let allow = |(index, line): (usize, &&str)| {
        let said = line.trim_start_matches(['/', '#']).trim_start().strip_prefix("rtiler:")?.trim_start();
        let (codes, reason) = said.strip_prefix("allow(")?.split_once(')')?;
        let below = lines.iter().enumerate().skip(index + 1).find(|(_, line)| !is_comment(line) && !line.is_empty());
        let number = |index: usize| u32::try_from(index + 1).unwrap_or(u32::MAX);
        let column = u32::try_from(text.lines().nth(index)?.chars().count() - line.chars().count() + 1).unwrap_or(1);
        Some(Suppression {
            codes: codes.split(',').map(|code| code.trim().to_owned()).collect(),
            reason: reason.trim().to_owned(),
            origin: Origin::new(source.clone(), number(index), column),
            target: below.map_or(0, |(index, _)| number(index)),
        })
    };
    lines.iter().enumerate().filter(|(_, line)| is_comment(line)).filter_map(allow).collect()
}

fn without_reason(allow: &Suppression) -> Diagnostic {
    Diagnostic::new(Code::SuppressionWithoutReason, "this suppression has no reason")
        .at(&whole_line(allow), "")
        .help(format!("add the reason: `// rtiler: allow({}) the stage is rebuilt nightly`", allow.codes.join(", ")))
}

fn unused(allow: &Suppression) -> Diagnostic {
    Diagnostic::new(
        Code::UnusedSuppression,
        format!("there is no warning `{}` here to suppress", allow.codes.join(", ")),
    )
    .at(&whole_line(allow), "")
    .help("remove the line, or move it directly above the line of the warning")
}

fn whole_line(allow: &Suppression) -> Origin {
    Origin { column: 0, ..allow.origin.clone() }
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
    fn a_warning_below_its_acknowledgement_is_silent() {
        let text = "a\n  // rtiler: allow(mutable-image-tag) nightly\n  .image(x)";
        assert!(codes(text, vec![warning(3)]).is_empty());
        assert_eq!(codes(text, vec![warning(1)]), ["mutable-image-tag", "unused-suppression"]);
    }

    #[test]
    fn the_reason_may_go_on_over_several_lines() {
        assert!(codes("// rtiler: allow(mutable-image-tag) because\n// of this\nx", vec![warning(3)]).is_empty());
    }

    #[test]
    fn a_reason_is_wanted() {
        let text = "// rtiler: allow(mutable-image-tag)\nx";
        assert_eq!(codes(text, vec![warning(2)]), ["suppression-without-reason"]);
    }

    #[test]
    fn errors_are_never_silenced() {
        let error = Diagnostic::new(Code::FargateSize, "x").at(&Origin::new("a.rhai", 2, 1), "");
        assert_eq!(codes("// rtiler: allow(fargate-size) no\nx", vec![error]), ["fargate-size", "unused-suppression"]);
    }
}
