//! The colours of the REPL.

use std::ops::Range;

use anstyle::{AnsiColor, Style};

use crate::printable::styled;
use crate::repl::{StyledText, TextStyle};
use crate::script::session::{CandidateKind, HighlightKind, lexemes};

/// Renders a text with its colours.
pub(super) fn paint(text: &StyledText) -> String {
    text.spans().iter().map(|span| styled_if(&span.text, of_text(span.style))).collect()
}

fn styled_if(text: &str, style: Style) -> String {
    if style == Style::new() { text.to_owned() } else { styled(text, style) }
}

fn of_text(style: TextStyle) -> Style {
    match style {
        TextStyle::Plain => Style::new(),
        TextStyle::Heading => Style::new().bold(),
        TextStyle::Name => AnsiColor::Cyan.on_default(),
        TextStyle::Type => AnsiColor::Blue.on_default().bold(),
        TextStyle::Key => AnsiColor::Blue.on_default(),
        TextStyle::Text | TextStyle::Good => AnsiColor::Green.on_default(),
        TextStyle::Number => AnsiColor::Magenta.on_default(),
        TextStyle::Faint => Style::new().dimmed(),
        TextStyle::Changed => AnsiColor::Yellow.on_default(),
        TextStyle::Bad => AnsiColor::Red.on_default(),
    }
}

fn of_lexeme(lexeme: HighlightKind) -> Style {
    match lexeme {
        HighlightKind::Keyword => AnsiColor::Magenta.on_default(),
        HighlightKind::Name | HighlightKind::Symbol => Style::new(),
        HighlightKind::Function => of_text(TextStyle::Type),
        HighlightKind::Member => of_text(TextStyle::Key),
        HighlightKind::Text => of_text(TextStyle::Text),
        HighlightKind::Number => of_text(TextStyle::Number),
        HighlightKind::Comment => of_text(TextStyle::Faint),
    }
}

/// Returns the style of a candidate for completion.
pub(super) fn of_sort(sort: CandidateKind) -> Style {
    match sort {
        CandidateKind::Variable => AnsiColor::Cyan.on_default(),
        CandidateKind::Function | CandidateKind::Type => of_text(TextStyle::Type),
        CandidateKind::Method | CandidateKind::Property | CandidateKind::Attribute => of_text(TextStyle::Key),
        CandidateKind::Value | CandidateKind::File => of_text(TextStyle::Text),
        CandidateKind::Module | CandidateKind::Setting | CandidateKind::Command | CandidateKind::Keyword => {
            of_lexeme(HighlightKind::Keyword)
        }
    }
}

/// Renders the input with its colours; `bold` are the bytes of two matching brackets.
pub(super) fn input(text: &str, bold: &[usize]) -> String {
    let code =
        if text.trim_start().starts_with(':') { text.find(char::is_whitespace).unwrap_or(text.len()) } else { 0 };
    let mut painted = styled_if(&text[..code], of_sort(CandidateKind::Command));
    let mut at = code;
    for (range, lexeme) in lexemes(&text[code..]) {
        let range: Range<usize> = range.start + code..range.end + code;
        painted += &text[at..range.start];
        let style = if bold.contains(&range.start) { MATCHING } else { of_lexeme(lexeme) };
        painted += &styled_if(&text[range.clone()], style);
        at = range.end;
    }
    painted + &text[at..]
}

const MATCHING: Style = AnsiColor::Yellow.on_default().bold().underline();

/// Returns the bytes of the bracket at or before the cursor and of the matching one, each the first of its token.
pub(super) fn brackets(text: &str, cursor: usize) -> Vec<usize> {
    let symbols = lexemes(text).into_iter().filter(|(_, lexeme)| *lexeme == HighlightKind::Symbol);
    let brackets: Vec<Range<usize>> =
        symbols.map(|(range, _)| range).filter(|range| depth(&text[range.clone()]) != 0).collect();
    let here = brackets.iter().position(|range| range.contains(&cursor));
    let Some(here) = here.or_else(|| brackets.iter().position(|range| range.end == cursor)) else { return Vec::new() };
    let step = |at: &usize| depth(&text[brackets[*at].clone()]);
    let mut open = 0;
    let mut balanced = |at: &usize| {
        open += step(at);
        open == 0
    };
    let other =
        if step(&here) > 0 { (here..brackets.len()).find(&mut balanced) } else { (0..=here).rev().find(&mut balanced) };
    other.map(|other| vec![brackets[here].start, brackets[other].start]).unwrap_or_default()
}

/// Returns the change of the nesting depth by a symbol: 1 for an opening bracket, -1 for a closing one.
pub(super) fn depth(symbol: &str) -> i32 {
    match symbol {
        "(" | "[" | "{" | "#{" => 1,
        ")" | "]" | "}" => -1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matching_brackets_are_found_on_both_sides_of_the_cursor() {
        let text = "f(#{ a: [1, \")\"] })";
        assert_eq!(brackets(text, 1), [1, 18]);
        assert_eq!(brackets(text, 19), [18, 1]);
        assert_eq!(brackets(text, 2), [2, 17]);
        assert_eq!(brackets(text, 5), Vec::<usize>::new());
        assert_eq!(brackets("f(", 2), Vec::<usize>::new());
        assert_eq!(brackets(")", 1), Vec::<usize>::new());
    }

    #[test]
    fn colours_do_not_change_the_text() {
        for text in ["let a = Alb(\"x\").cpu(1); // b", ":doc Alb.url", ":", "fn f(\n  a", "", "`ab ${c"] {
            assert_eq!(crate::printable::plain(&input(text, &brackets(text, 2))), text);
        }
    }
}
