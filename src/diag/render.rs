use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin as Place, Renderer, Snippet};

use super::extent::clip;
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

/// Returns a diagnostic as text in rustc's look, without a final line break. Messages and source lines are made visible, so
/// that its columns are those that are shown.
pub fn render(problem: &Diagnostic, sources: &SourceMap, color: Color, width: usize) -> String {
    let text = laid_out(&visible_parts(&problem.shortened()), sources, color, width);
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
    let name = problem.name();
    let primary = Group::with_title(level(problem.severity).primary_title(&problem.message).id(name.as_ref()));
    let primary = places(primary, problem, &windows);
    let primary = problem.notes.iter().fold(primary, |group, note| group.element(Level::NOTE.message(note)));
    let calls: Vec<(String, Option<Excerpt>)> = problem.trace.iter().map(|frame| call(frame, sources)).collect();
    let hints: Vec<String> = problem.hints.iter().map(Hint::to_string).collect();
    let mut groups = vec![primary];
    groups.extend(calls.iter().zip(&problem.trace).map(|((title, window), frame)| {
        let group = Group::with_title(Level::NOTE.secondary_title(title));
        match window {
            Some(window) => window.add_to(group, &frame.origin),
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

/// Returns the columns that a diagnostic underlines, in characters from 1, the end after the last one; nothing if the text
/// of the source or the line is not known.
pub fn columns(origin: &Origin, sources: &SourceMap) -> Option<Range<u32>> {
    let number = origin.line as usize;
    let lines = sources.lines(&origin.source, number, number)?;
    let line = *lines.first()?;
    let start = sources.offset(&origin.source, line, origin.column as usize);
    if origin.column == 0 {
        let span = token(clip(line, LONGEST_LINE), 0, true);
        let column = |at: usize| u32::try_from(line[..at].chars().count() + 1).unwrap_or(u32::MAX);
        return Some(column(span.start)..column(span.end));
    }
    let rest = clip(&line[start..], LONGEST_LINE);
    let length = u32::try_from(rest[..token(rest, 0, false).end].chars().count()).unwrap_or(u32::MAX);
    // A column after the end of the line is that of the end.
    let first = if rest.is_empty() { u32::try_from(line.chars().count() + 1).ok()? } else { origin.column };
    Some(first..first.saturating_add(length))
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
    let group = windows.iter().fold(group, |group, (origin, window)| window.add_to(group, origin));
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
    /// Whether a line is too long to be shown from its beginning, so that columns cannot be counted in the text.
    is_cut: bool,
}

/// The number of bytes that are shown of a line: a minified or binary source can have very long ones.
const LONGEST_LINE: usize = 400;

/// The number of bytes that are shown of a long line before the place of a problem.
const BEFORE: usize = 60;

/// A line, or the part of a long line around the first column that is marked in it.
struct Window<'a> {
    text: &'a str,
    /// The offset of the text in the line.
    start: usize,
}

impl<'a> Window<'a> {
    fn new(line: &'a str, first: usize) -> Self {
        let start = if line.len() <= LONGEST_LINE { 0 } else { line.floor_char_boundary(first.saturating_sub(BEFORE)) };
        Self { text: clip(&line[start..], LONGEST_LINE), start }
    }
}

impl Excerpt {
    /// Returns the excerpt for labels in one source; none without the source.
    fn new(sources: &SourceMap, labels: &[(&Label, bool)]) -> Option<Self> {
        let number = |label: &Label| label.origin.line.max(1) as usize;
        let numbers = || labels.iter().map(|(label, _)| number(label));
        let (first, last) = (numbers().min()?, numbers().max()?);
        let source = &labels[0].0.origin.source;
        let lines = sources.lines(source, first, last)?;
        let offset = |label: &Label, line: &str| sources.offset(source, line, label.origin.column as usize);
        let windows: Vec<Window<'_>> = lines
            .iter()
            .enumerate()
            .map(|(row, line)| {
                let own = labels.iter().filter(|(label, _)| number(label) == first + row);
                Window::new(line, own.map(|(label, _)| offset(label, line)).min().unwrap_or(0))
            })
            .collect();
        let texts: Vec<Cow<'_, str>> = windows.iter().map(|window| visible(window.text)).collect();
        let marks = labels
            .iter()
            .map(|(label, primary)| {
                let row = (number(label) - first).min(windows.len().saturating_sub(1));
                let start: usize = texts[..row].iter().map(|text| text.len() + 1).sum();
                let span = windows.get(row).map_or(0..0, |window| {
                    let at = offset(label, lines[row]).saturating_sub(window.start);
                    let span = token(window.text, at, label.origin.column == 0);
                    let place = |at: usize| visible(&window.text[..at]).len();
                    place(span.start)..place(span.end)
                });
                (start + span.start..start + span.end, label.message.clone(), *primary)
            })
            .collect();
        let is_cut = windows.iter().any(|window| window.start > 0);
        let text = texts.join("\n");
        Some(Self { text, first_line: first, marks, is_cut })
    }

    /// Adds the excerpt to a group, below the place that it shows.
    fn add_to<'a>(&'a self, group: Group<'a>, origin: &'a Origin) -> Group<'a> {
        let marks = self.marks.iter().map(|(span, message, primary)| {
            let kind = if *primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let mark = kind.span(span.clone());
            if message.is_empty() { mark } else { mark.label(message) }
        });
        let snippet = Snippet::source(&self.text).line_start(self.first_line).fold(true).annotations(marks);
        if self.is_cut {
            return group.element(origin_line(origin).char_column(origin.column as usize)).element(snippet);
        }
        group.element(snippet.path(one_line(&origin.source)))
    }
}

/// Returns the token that begins at an offset of a line, as a range of bytes; the whole line without its indentation if
/// `whole` is set.
fn token(line: &str, start: usize, whole: bool) -> Range<usize> {
    if whole {
        let start = line.len() - line.trim_start().len();
        return start..line.trim_end().len().max(start);
    }
    let start = line.floor_char_boundary(start);
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
    fn part_of_a_long_line_is_shown_around_its_place() {
        let mut sources = SourceMap::default();
        sources.add("a.json", format!("{}\"wrong\"{}", "x".repeat(500_000), "y".repeat(500_000)));
        let problem = Diagnostic::new(Code::ScriptError, "odd").at(&Origin::new("a.json", 1, 500_001), "here");
        let text = render(&problem, &sources, Color::Never, 100);
        assert!(text.len() < 1_000, "{}", text.len());
        assert!(
            text.contains("--> a.json:1:500001") && text.contains("\"wrong\"") && text.contains("^^^^^^^ here"),
            "{text}"
        );
        assert_eq!(columns(&Origin::new("a.json", 1, 500_001), &sources), Some(500_001..500_008));
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
        assert_eq!(token("  x(\"nginx:1\")", 4, false), 4..13);
        assert_eq!(token("größe(1)", 0, false), 0..7);
    }
}
