//! The extent of what is shown: a script or template of a stranger can have any number of problems of any length.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Code, Diagnostic, Hint, HintPart};

/// The number of labels, notes, calls and hints that are shown of each kind. The rest is counted.
const MOST_PARTS: usize = 12;

/// The number of bytes that are shown of a message, note, label or hint.
const LONGEST_MESSAGE: usize = 2_000;

/// The number of problems that are shown, and with `--verbose`.
pub(crate) const MOST_SHOWN: usize = 100;

/// The number of problems that are shown with `--verbose`.
pub(crate) const MOST_SHOWN_VERBOSE: usize = 1_000;

/// The number of problems of a document for programs. GitHub shows as many of a SARIF file ("SARIF support for code
/// scanning", limits).
pub(crate) const MOST_IN_DOCUMENT: usize = 5_000;

/// The problems that are shown, and the number of the others by code.
pub(crate) struct Selection<'a> {
    /// The problems that are shown, in their order.
    pub(crate) shown: Vec<&'a Diagnostic>,
    /// The number of the others.
    pub(crate) omitted: BTreeMap<Code, usize>,
}

impl<'a> Selection<'a> {
    /// Selects at most `most` problems: errors before warnings, and the first ones of each code before the second ones, so
    /// that thousands of one kind do not hide another.
    pub(crate) fn new(problems: impl IntoIterator<Item = &'a Diagnostic>, most: usize) -> Self {
        let problems: Vec<&Diagnostic> = problems.into_iter().collect();
        if problems.len() <= most {
            return Self { shown: problems, omitted: BTreeMap::new() };
        }
        let mut counts: BTreeMap<Code, usize> = BTreeMap::new();
        let mut ranked: Vec<(bool, usize, usize)> = Vec::with_capacity(problems.len());
        for (at, problem) in problems.iter().enumerate() {
            let count = counts.entry(problem.code).or_default();
            *count += 1;
            ranked.push((!problem.is_error(), *count, at));
        }
        ranked.sort_unstable();
        let mut places: Vec<usize> = ranked.iter().take(most).map(|(_, _, at)| *at).collect();
        places.sort_unstable();
        let mut omitted = BTreeMap::new();
        for (_, _, at) in &ranked[most..] {
            *omitted.entry(problems[*at].code).or_default() += 1;
        }
        Self { shown: places.into_iter().map(|at| problems[at]).collect(), omitted }
    }

    /// Returns the sentence about the problems that are not shown: `7 more problems: 5 unknown-property, 2 wrong-type`.
    pub(crate) fn rest(&self) -> Option<String> {
        let mut counts: Vec<(&Code, &usize)> = self.omitted.iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let total: usize = counts.iter().map(|(_, count)| **count).sum();
        let listed: Vec<String> =
            counts.iter().take(MOST_PARTS).map(|(code, count)| format!("{count} {code}")).collect();
        let more = if counts.len() > MOST_PARTS { ", .." } else { "" };
        let problems = if total == 1 { "problem is" } else { "problems are" };
        (total > 0).then(|| format!("{total} more {problems} not shown: {}{more}", listed.join(", ")))
    }
}

/// The number of the parts of a diagnostic that are not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OmittedParts {
    /// Places after the last one that is shown.
    pub(crate) labels: usize,
    /// Notes.
    pub(crate) notes: usize,
    /// Hints.
    pub(crate) hints: usize,
    /// Calls that led to the problem.
    pub(crate) trace: usize,
}

impl Diagnostic {
    /// Returns the number of the parts that are not shown.
    pub(crate) fn omitted_parts(&self) -> OmittedParts {
        let [labels, notes, hints, trace] = counts(self).map(|count| count.saturating_sub(MOST_PARTS));
        OmittedParts { labels, notes, hints, trace }
    }

    /// Returns the diagnostic without the parts that are too many or too long to be read.
    pub(crate) fn shortened(&self) -> Cow<'_, Diagnostic> {
        if self.is_short() {
            return Cow::Borrowed(self);
        }
        let mut short = self.clone();
        short.labels.truncate(MOST_PARTS);
        short.notes.truncate(MOST_PARTS);
        short.hints.truncate(MOST_PARTS);
        short.trace.truncate(MOST_PARTS);
        let labels = short.labels.iter_mut().map(|label| &mut label.message);
        let calls = short.trace.iter_mut().map(|frame| &mut frame.what);
        std::iter::once(&mut short.message).chain(&mut short.notes).chain(labels).chain(calls).for_each(shorten);
        short.hints = short.hints.iter().map(shortened_hint).collect();
        let OmittedParts { labels, notes, hints, trace } = self.omitted_parts();
        for (count, what) in [(labels, "places"), (notes, "notes"), (hints, "hints"), (trace, "calls")] {
            if count > 0 {
                short.notes.push(format!("{count} more {what}"));
            }
        }
        Cow::Owned(short)
    }

    fn is_short(&self) -> bool {
        let is_short = |text: &String| text.len() <= LONGEST_MESSAGE;
        counts(self).iter().all(|count| *count <= MOST_PARTS)
            && is_short(&self.message)
            && self.notes.iter().all(is_short)
            && self.labels.iter().all(|label| is_short(&label.message))
            && self.trace.iter().all(|frame| is_short(&frame.what))
            && self.hints.iter().flat_map(Hint::parts).all(|part| match part {
                HintPart::Text(text) => is_short(text),
                HintPart::Command(_) => true,
            })
    }
}

fn counts(problem: &Diagnostic) -> [usize; 4] {
    [problem.labels.len(), problem.notes.len(), problem.hints.len(), problem.trace.len()]
}

fn shortened_hint(hint: &Hint) -> Hint {
    hint.parts().iter().fold(Hint::default(), |hint, part| match part {
        HintPart::Text(text) => {
            let mut text = text.clone();
            shorten(&mut text);
            hint.text(text)
        }
        HintPart::Command(command) => hint.command(command.clone()),
    })
}

fn shorten(text: &mut String) {
    if text.len() > LONGEST_MESSAGE {
        *text = format!("{}... ({} characters)", clip(text, LONGEST_MESSAGE), text.chars().count());
    }
}

/// Returns the beginning of a text.
pub(super) fn clip(text: &str, longest: usize) -> &str {
    &text[..text.floor_char_boundary(longest)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Color, Origin, SourceMap, render};

    #[test]
    fn parts_that_are_too_many_or_too_long_are_counted() {
        let mut problem = Diagnostic::new(Code::ScriptError, "x".repeat(1_000_000)).help("h".repeat(1_000_000));
        for line in 1..=500 {
            problem = problem.at(&Origin::new("app.rhai", line, 1), "l".repeat(5_000)).note("n".repeat(10_000));
        }
        let text = render(&problem, &SourceMap::default(), Color::Never, 100);
        assert!(text.len() < 100_000, "{}", text.len());
        assert!(text.contains("... (1000000 characters)") && text.contains("488 more places"), "{text}");
    }

    #[test]
    fn many_problems_of_one_kind_do_not_hide_another() {
        let mut problems: Vec<Diagnostic> = (0..500).map(|_| Diagnostic::new(Code::UnknownProperty, "x")).collect();
        problems.push(Diagnostic::new(Code::MutableImageTag, "a warning"));
        problems.push(Diagnostic::new(Code::FargateSize, "the last error"));
        let selection = Selection::new(&problems, 100);
        assert_eq!(selection.shown.len(), 100);
        assert_eq!(selection.shown.last().map(|problem| problem.code), Some(Code::FargateSize));
        assert_eq!(
            selection.rest().as_deref(),
            Some("402 more problems are not shown: 401 unknown-property, 1 mutable-image-tag")
        );
        assert_eq!(Selection::new(&problems, 1_000).rest(), None);
    }
}
