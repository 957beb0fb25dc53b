//! Text with styles; a front end knows their colours.

use std::fmt;

use crate::cfn::sensitive::KnownSecrets;

/// The style of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextStyle {
    /// No style.
    Plain,
    /// The heading of a section.
    Heading,
    /// A name of the script or template: a logical id, a variable.
    Name,
    /// A type, or a function that creates a block.
    Type,
    /// A method, a key or a property.
    Key,
    /// Text in quotes.
    Text,
    /// A number or another value.
    Number,
    /// A note, or punctuation.
    Faint,
    /// New or good.
    Good,
    /// Changed.
    Changed,
    /// Removed or bad.
    Bad,
}

/// Characters of one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The style.
    pub style: TextStyle,
    /// The characters.
    pub text: String,
}

/// A text of spans.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StyledText {
    spans: Vec<Span>,
}

impl StyledText {
    /// Creates plain text.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::default().with(TextStyle::Plain, text)
    }

    /// Returns the text with a span appended.
    #[must_use]
    pub fn with(mut self, style: TextStyle, text: impl Into<String>) -> Self {
        self.push(style, text);
        self
    }

    /// Appends a span.
    pub fn push(&mut self, style: TextStyle, text: impl Into<String>) {
        let text = text.into();
        match self.spans.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.style == style => last.text += &text,
            _ => self.spans.push(Span { style, text }),
        }
    }

    /// Appends another text.
    pub fn append(&mut self, other: StyledText) {
        other.spans.into_iter().for_each(|span| self.push(span.style, span.text));
    }

    /// Ends the last line, unless it is ended.
    pub fn end_line(&mut self) {
        if self.spans.last().is_some_and(|span| !span.text.ends_with('\n')) {
            self.push(TextStyle::Plain, "\n");
        }
    }

    /// Appends a heading on a line of its own, after an empty line.
    pub fn heading(&mut self, text: &str) {
        if !self.is_empty() {
            self.end_line();
            self.push(TextStyle::Plain, "\n");
        }
        self.push(TextStyle::Heading, text);
        self.push(TextStyle::Plain, "\n");
    }

    /// Returns the text without secrets.
    #[must_use]
    pub fn without(mut self, secrets: &KnownSecrets) -> Self {
        for span in &mut self.spans {
            span.text = secrets.known_in(&span.text).into_owned();
        }
        self
    }

    /// Returns whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Returns the spans in order.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }
}

impl fmt::Display for StyledText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spans.iter().try_for_each(|span| out.write_str(&span.text))
    }
}
