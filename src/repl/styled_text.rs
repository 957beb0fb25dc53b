//! Text with spans to paint; a front end knows the colours.

use std::fmt;

/// What a span is, which says how it is painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextStyle {
    /// Nothing in particular.
    Plain,
    /// The head of a section.
    Heading,
    /// A name of the script or template: a logical id, a variable.
    Name,
    /// A type, or a function that makes something.
    Type,
    /// A method, a key or a property.
    Key,
    /// Text in quotes.
    Text,
    /// A number or another value.
    Number,
    /// What only joins and explains.
    Faint,
    /// What is new or good.
    Good,
    /// What changed.
    Changed,
    /// What is gone or bad.
    Bad,
}

/// Some characters of one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// How they look.
    pub paint: TextStyle,
    /// The characters.
    pub text: String,
}

/// A text of spans.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StyledText {
    spans: Vec<Span>,
}

impl StyledText {
    /// Plain text.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::default().with(TextStyle::Plain, text)
    }

    /// The same page with a span at its end.
    #[must_use]
    pub fn with(mut self, paint: TextStyle, text: impl Into<String>) -> Self {
        self.push(paint, text);
        self
    }

    /// Puts a span at the end.
    pub fn push(&mut self, paint: TextStyle, text: impl Into<String>) {
        let text = text.into();
        match self.spans.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.paint == paint => last.text += &text,
            _ => self.spans.push(Span { paint, text }),
        }
    }

    /// Puts another page at the end.
    pub fn append(&mut self, other: StyledText) {
        other.spans.into_iter().for_each(|span| self.push(span.paint, span.text));
    }

    /// Ends the line where one was begun.
    pub fn end_line(&mut self) {
        if self.spans.last().is_some_and(|span| !span.text.ends_with('\n')) {
            self.push(TextStyle::Plain, "\n");
        }
    }

    /// The head of a section, on a line of its own after an empty one.
    pub fn heading(&mut self, text: &str) {
        if !self.is_empty() {
            self.end_line();
            self.push(TextStyle::Plain, "\n");
        }
        self.push(TextStyle::Heading, text);
        self.push(TextStyle::Plain, "\n");
    }

    /// True where there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The spans in order.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }
}

impl fmt::Display for StyledText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spans.iter().try_for_each(|span| out.write_str(&span.text))
    }
}
