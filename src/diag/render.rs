use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin as Place, Renderer, Snippet};

use super::{Diagnostic, Hint, Label, Origin, Severity, SourceMap};
use crate::printable::{from_ansi, one_line, visible};

/// Whether the text may hold colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// With the styles of `printable`.
    Always,
    /// Plain text.
    Never,
}

/// The largest distance in lines between labels of one snippet.
const NEAR: u32 = 12;

/// The number of labels, notes, calls and hints that are shown of each kind. The rest is counted.
const MOST_PARTS: usize = 12;

/// The number of characters that are shown of a message, note or hint.
const LONGEST_MESSAGE: usize = 2_000;

/// Returns a diagnostic as text in rustc's look, without a final line break. Messages and source lines are made visible, so
/// that its columns are those that are shown.
pub fn render(problem: &Diagnostic, sources: &SourceMap, color: Color, width: usize) -> String {
    let text = laid_out(&visible_parts(&shortened(problem)), sources, color, width);
    // The renderer writes escape sequences for its styles alone: there are none in the parts.
    if color == Color::Always { from_ansi(&text) } else { text }
}

/// Returns a diagnostic without control characters in its parts. Each part but the message and the notes is one line.
fn visible_parts(problem: &Diagnostic) -> Diagnostic {
    let mut shown = problem.clone();
    for text in std::iter::once(&mut shown.message).chain(&mut shown.notes) {
        *text = visible(text).into_owned();
    }
    let labels = shown.labels.iter_mut().map(|label| &mut label.message);
    for text in labels.chain(shown.trace.iter_mut().map(|frame| &mut frame.what)) {
        *text = one_line(text).into_owned();
    }
    shown.hints = shown.hints.iter().map(|hint| Hint::from(visible(&hint.to_string()).into_owned())).collect();
    shown
}

fn laid_out(problem: &Diagnostic, sources: &SourceMap, color: Color, width: usize) -> String {
    let renderer = match color {
        Color::Always => Renderer::styled(),
        Color::Never => Renderer::plain(),
    };
    let windows = windows(problem, sources);
    let primary = Group::with_title(level(problem.severity).primary_title(&problem.message).id(problem.code.as_str()));
    let primary = places(primary, problem, &windows);
    let primary = problem.notes.iter().fold(primary, |group, note| group.element(Level::NOTE.message(note)));
    let calls: Vec<(String, Option<Excerpt>)> = problem.trace.iter().map(|frame| call(frame, sources)).collect();
    let hints: Vec<String> = problem.hints.iter().map(Hint::to_string).collect();
    let mut groups = vec![primary];
    groups.extend(calls.iter().zip(&problem.trace).map(|((title, window), frame)| {
        let group = Group::with_title(Level::NOTE.secondary_title(title));
        match window {
            Some(window) => group.element(window.snippet(&frame.origin.source)),
            None => group.element(origin_line(&frame.origin)),
        }
    }));
    groups.extend(hints.iter().map(|hint| Group::with_title(Level::HELP.secondary_title(hint))));
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(width);
    if problem.labels.is_empty() && problem.notes.is_empty() {
        // Without a place there is no gutter.
        return groups.iter().map(|group| renderer.render(std::slice::from_ref(group))).collect::<Vec<_>>().join("\n");
    }
    renderer.render(&groups)
}

/// Returns a diagnostic without the parts that are too many or too long to be read.
fn shortened(problem: &Diagnostic) -> Cow<'_, Diagnostic> {
    let counts = [problem.labels.len(), problem.notes.len(), problem.hints.len(), problem.trace.len()];
    let is_long = |text: &String| text.len() > LONGEST_MESSAGE;
    if counts.iter().all(|count| *count <= MOST_PARTS)
        && !is_long(&problem.message)
        && !problem.notes.iter().any(is_long)
    {
        return Cow::Borrowed(problem);
    }
    let mut short = problem.clone();
    let left = counts.map(|count| count.saturating_sub(MOST_PARTS));
    short.labels.truncate(MOST_PARTS);
    short.notes.truncate(MOST_PARTS);
    short.hints.truncate(MOST_PARTS);
    short.trace.truncate(MOST_PARTS);
    for text in std::iter::once(&mut short.message).chain(&mut short.notes).filter(|text| is_long(text)) {
        *text = format!("{}... ({} characters)", clip(text, LONGEST_MESSAGE), text.chars().count());
    }
    for (count, what) in left.into_iter().zip(["places", "notes", "hints", "calls"]) {
        if count > 0 {
            short.notes.push(format!("{count} more {what}"));
        }
    }
    Cow::Owned(short)
}

/// Returns the columns that a diagnostic underlines, in characters from 1, the end after the last one; nothing if the text
/// of the source or the line is not known.
pub fn columns(origin: &Origin, sources: &SourceMap) -> Option<Range<u32>> {
    let line = sources.text(&origin.source)?.lines().nth((origin.line as usize).checked_sub(1)?)?;
    let line = clip(line, LONGEST_LINE);
    let span = token(line, origin.column as usize);
    let column = |at: usize| u32::try_from(line[..at].chars().count() + 1).unwrap_or(u32::MAX);
    Some(column(span.start)..column(span.end))
}

/// Returns how many problems there were, as the last line of a list: `2 errors, 1 warning`.
pub fn summary(problems: &[Diagnostic]) -> Option<String> {
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    let warnings = problems.len() - errors;
    let count = |n: usize, word: &str| (n > 0).then(|| format!("{n} {word}{}", if n == 1 { "" } else { "s" }));
    let parts: Vec<String> = [count(errors, "error"), count(warnings, "warning")].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    }
}

fn call(frame: &super::TraceFrame, sources: &SourceMap) -> (String, Option<Excerpt>) {
    let label = Label { origin: frame.origin.clone(), message: String::new() };
    let window = Excerpt::new(sources, &[(&label, true)]);
    (frame.what.clone(), window)
}

fn origin_line(origin: &Origin) -> Place<'_> {
    let place = Place::path(one_line(&origin.source));
    if origin.line == 0 { place } else { place.line(origin.line as usize) }
}

fn places<'a>(group: Group<'a>, problem: &'a Diagnostic, windows: &'a [(&'a Origin, Excerpt)]) -> Group<'a> {
    let group = windows.iter().fold(group, |group, (origin, window)| group.element(window.snippet(&origin.source)));
    match problem.origin() {
        Some(origin) if windows.is_empty() => group.element(origin_line(origin)),
        _ => group,
    }
}

/// Returns the labels of a diagnostic, gathered into stretches of source that are shown together; the primary one
/// first.
fn windows<'a>(problem: &'a Diagnostic, sources: &SourceMap) -> Vec<(&'a Origin, Excerpt)> {
    let mut stretches: BTreeMap<(usize, &str), Vec<(&Label, bool)>> = BTreeMap::new();
    for (index, label) in problem.labels.iter().enumerate() {
        let near = stretches.iter().find(|((_, source), labels)| {
            *source == &*label.origin.source
                && labels.iter().any(|(other, _)| other.origin.line.abs_diff(label.origin.line) <= NEAR)
        });
        let key = near.map_or((index, &*label.origin.source), |(key, _)| *key);
        stretches.entry(key).or_default().push((label, index == 0));
    }
    stretches
        .into_values()
        .filter_map(|labels| {
            let origin = &labels[0].0.origin;
            Some((origin, Excerpt::new(sources, &labels)?))
        })
        .collect()
}

/// A few lines of a source with what is underlined in them: a long source is never handed to the renderer whole.
struct Excerpt {
    text: String,
    first_line: usize,
    marks: Vec<(Range<usize>, String, bool)>,
}

impl Excerpt {
    /// Returns the excerpt for labels in one source; none without the source.
    fn new(sources: &SourceMap, labels: &[(&Label, bool)]) -> Option<Self> {
        let lines = || labels.iter().map(|(label, _)| label.origin.line.max(1) as usize);
        let (first, last) = (lines().min()?, lines().max()?);
        let stretch = sources.lines(&labels[0].0.origin.source, first, last)?;
        let lines: Vec<&str> = stretch.into_iter().map(|line| clip(line, LONGEST_LINE)).collect();
        let stretch: Vec<Cow<'_, str>> = lines.iter().map(|line| visible(line)).collect();
        let marks = labels
            .iter()
            .map(|(label, primary)| {
                let row = (label.origin.line.max(1) as usize - first).min(stretch.len().saturating_sub(1));
                let start: usize = stretch[..row].iter().map(|line| line.len() + 1).sum();
                let line = lines.get(row).copied().unwrap_or("");
                let span = token(line, label.origin.column as usize);
                let place = |at: usize| start + visible(&line[..at]).len();
                (place(span.start)..place(span.end), label.message.clone(), *primary)
            })
            .collect();
        Some(Self { text: stretch.join("\n"), first_line: first, marks })
    }

    fn snippet<'a>(&'a self, path: &'a str) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let marks = self.marks.iter().map(|(span, message, primary)| {
            let kind = if *primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let mark = kind.span(span.clone());
            if message.is_empty() { mark } else { mark.label(message) }
        });
        Snippet::source(&self.text).path(one_line(path)).line_start(self.first_line).fold(true).annotations(marks)
    }
}

/// The number of bytes that are looked at of a line: a minified or binary source can have very long ones.
const LONGEST_LINE: usize = 2_000;

/// Returns the beginning of a text.
fn clip(text: &str, longest: usize) -> &str {
    &text[..text.floor_char_boundary(longest)]
}

/// Returns the token that begins at a column (in characters, from 1; 0 means the whole line), as a range of bytes.
fn token(line: &str, column: usize) -> Range<usize> {
    if column == 0 {
        let start = line.len() - line.trim_start().len();
        return start..line.trim_end().len().max(start);
    }
    let start = line.char_indices().nth(column - 1).map_or(line.len(), |(at, _)| at);
    let rest = &line[start..];
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let length = match rest.chars().next() {
        Some(quote @ ('"' | '`' | '\'')) => rest[1..].find(quote).map_or(rest.len(), |end| end + 2),
        Some(c) if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
        Some(c) => c.len_utf8(),
        None => 0,
    };
    start..start + length
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;

    fn sources() -> SourceMap {
        let mut sources = SourceMap::default();
        sources.add("app.rhai", "let s = FargateService(\"web\")\n    .cpu(256)\n    .memory(4096);\n");
        sources
    }

    #[test]
    fn both_lines_of_a_conflict_are_shown_with_the_primary_one_in_the_header() {
        let problem = Diagnostic::new(Code::FargateSize, "Fargate cannot run 256 CPU units with 4096 MiB of memory")
            .at(&Origin::new("app.rhai", 3, 6), "not offered for 256 CPU units")
            .at(&Origin::new("app.rhai", 2, 6), "CPU is set here")
            .help("with 256 CPU units, memory is one of 512, 1024, 2048");
        let text = render(&problem, &sources(), Color::Never, 100);
        assert!(text.starts_with("error[fargate-size]: Fargate cannot run"), "{text}");
        assert!(text.contains("--> app.rhai:3:6"), "{text}");
        assert!(text.contains("^^^^^^ not offered for 256 CPU units"), "{text}");
        assert!(text.contains("--- CPU is set here"), "{text}");
        assert!(text.contains("help: with 256 CPU units"), "{text}");
    }

    #[test]
    fn parts_that_are_too_many_or_too_long_are_counted() {
        let mut problem = Diagnostic::new(Code::ScriptError, "x".repeat(1_000_000));
        for line in 1..=500 {
            problem = problem.at(&Origin::new("app.rhai", line, 1), "again").note("n".repeat(10_000));
        }
        let text = render(&problem, &sources(), Color::Never, 100);
        assert!(text.len() < 60_000, "{}", text.len());
        assert!(text.contains("... (1000000 characters)") && text.contains("488 more places"), "{text}");
    }

    #[test]
    fn place_past_the_end_of_the_source_does_not_panic() {
        for (line, column) in [(99, 1), (1, 500), (0, 0), (4, 9)] {
            let problem = Diagnostic::new(Code::ScriptError, "odd").at(&Origin::new("app.rhai", line, column), "here");
            assert!(render(&problem, &sources(), Color::Never, 80).contains("odd"));
        }
    }

    #[test]
    fn diagnostic_without_a_place_has_no_gutter() {
        let problem = Diagnostic::new(Code::UnknownSetting, "no script declares it").help("see `settings`");
        let text = render(&problem, &sources(), Color::Never, 80);
        assert_eq!(text, "error[unknown-setting]: no script declares it\nhelp: see `settings`");
    }

    #[test]
    fn source_without_text_is_named() {
        let problem = Diagnostic::new(Code::ScriptError, "odd").at(&Origin::new("--set", 0, 0), "");
        assert!(render(&problem, &sources(), Color::Never, 80).contains("--> --set"));
    }

    #[test]
    fn columns_are_those_of_the_underlined_text() {
        let of = |line, column| columns(&Origin::new("app.rhai", line, column), &sources());
        assert_eq!(of(3, 6), Some(6..12));
        assert_eq!(of(2, 0), Some(5..14));
        assert_eq!([of(0, 0), of(99, 1)], [None, None]);
        assert_eq!(columns(&Origin::new("--set", 1, 1), &sources()), None);
    }

    #[test]
    fn string_is_underlined_whole() {
        assert_eq!(token("  x(\"nginx:1\")", 5), 4..13);
        assert_eq!(token("größe(1)", 1), 0..7);
    }
}
