//! Text that may hold references.
//!
//! Rhai's interpolation turns every value into a string. A reference therefore prints as a placeholder that describes
//! itself, between two characters of Unicode's private use area, and [`TemplateString::parse`] finds it again: no table
//! maps tokens to values.

use std::fmt;

use super::LogicalId;
use super::value::{Intrinsic, Value};

const OPEN: char = '\u{E0C0}';
const CLOSE: char = '\u{E0C1}';

/// A `Ref` to a resource or parameter, or an `Fn::GetAtt` of one of its attributes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ref {
    /// The resource or parameter that is referred to.
    pub id: LogicalId,
    /// The attribute, for `Fn::GetAtt`.
    pub attribute: Option<String>,
}

impl Ref {
    /// Creates `Ref: id`.
    pub fn to(id: impl Into<LogicalId>) -> Self {
        Self { id: id.into(), attribute: None }
    }

    /// Creates the reference of a name as `Fn::Sub` writes it: `Alb`, `Alb.DNSName`.
    pub fn named(name: &str) -> Self {
        match name.split_once('.') {
            Some((id, attribute)) => Self::attribute(id, attribute),
            None => Self::to(name),
        }
    }

    /// Creates `Fn::GetAtt: [id, attribute]`.
    pub fn attribute(id: impl Into<LogicalId>, attribute: impl Into<String>) -> Self {
        Self { id: id.into(), attribute: Some(attribute.into()) }
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.attribute {
            Some(attribute) => write!(out, "{}.{attribute}", self.id),
            None => write!(out, "{}", self.id),
        }
    }
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Segment {
    /// Literal characters.
    Literal(String),
    /// A value that CloudFormation fills in.
    Ref(Ref),
    /// The result of a function, spliced in.
    Call(Box<Intrinsic>),
}

/// Literal characters and references, in order. Neighbouring literals are one piece; no literal is empty.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TemplateString(Vec<Segment>);

/// A placeholder was cut in two by a string function, so what it referred to is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TruncatedPlaceholder;

impl TemplateString {
    /// Returns the pieces in order.
    pub fn pieces(&self) -> &[Segment] {
        &self.0
    }

    pub(super) fn pieces_mut(&mut self) -> &mut [Segment] {
        &mut self.0
    }

    /// Returns the text where it holds no reference.
    pub fn as_str(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Segment::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Returns the reference where the text is nothing else.
    pub fn as_reference(&self) -> Option<&Ref> {
        match self.0.as_slice() {
            [Segment::Ref(reference)] => Some(reference),
            _ => None,
        }
    }

    /// Returns every reference in the text, those inside functions left out.
    pub fn refs(&self) -> impl Iterator<Item = &Ref> {
        self.0.iter().filter_map(|piece| match piece {
            Segment::Ref(reference) => Some(reference),
            _ => None,
        })
    }

    /// Returns the same text with another piece at its end.
    #[must_use]
    pub fn with(mut self, piece: impl Into<Segment>) -> Self {
        self.push(piece.into());
        self
    }

    fn push(&mut self, piece: Segment) {
        match (self.0.last_mut(), piece) {
            (_, Segment::Literal(text)) if text.is_empty() => {}
            (Some(Segment::Literal(before)), Segment::Literal(text)) => before.push_str(&text),
            (_, piece) => self.0.push(piece),
        }
    }

    /// Returns both texts, one after the other.
    #[must_use]
    pub fn join(mut self, after: TemplateString) -> Self {
        after.0.into_iter().for_each(|piece| self.push(piece));
        self
    }

    /// Returns the parts of the text between the occurrences of a separator in its literals. References stay whole: the
    /// ARN `arn:${AWS::Partition}:ssm` has three parts.
    pub fn split(&self, separator: char) -> Vec<TemplateString> {
        let mut parts = vec![TemplateString::default()];
        for piece in &self.0 {
            let Segment::Literal(text) = piece else {
                parts.last_mut().expect("there is one part at least").push(piece.clone());
                continue;
            };
            for (at, literal) in text.split(separator).enumerate() {
                if at > 0 {
                    parts.push(TemplateString::default());
                }
                parts.last_mut().expect("there is one part at least").push(Segment::Literal(literal.to_owned()));
            }
        }
        parts
    }

    /// Returns the argument of an `Fn::Sub` without variables of its own: `${Alb.DNSName}` refers, `${!x}` is a literal
    /// `${x}`.
    pub fn from_sub(argument: &str) -> TemplateString {
        let mut text = TemplateString::default();
        let mut rest = argument;
        while let Some(at) = rest.find("${") {
            let Some(end) = rest[at..].find('}').map(|end| at + end) else { break };
            text.push(Segment::Literal(rest[..at].to_owned()));
            let inside = &rest[at + 2..end];
            text.push(match inside.strip_prefix('!') {
                Some(literal) => Segment::Literal(format!("${{{literal}}}")),
                None => Segment::Ref(Ref::named(inside.trim())),
            });
            rest = &rest[end + 1..];
        }
        text.push(Segment::Literal(rest.to_owned()));
        text
    }

    /// Finds the placeholders in a string that a script made.
    ///
    /// # Errors
    ///
    /// [`TruncatedPlaceholder`] when only a part of one is left.
    pub fn parse(string: &str) -> Result<TemplateString, TruncatedPlaceholder> {
        let mut text = TemplateString::default();
        let mut rest = string;
        while let Some(at) = rest.find([OPEN, CLOSE]) {
            let inside = rest[at..].strip_prefix(OPEN).ok_or(TruncatedPlaceholder)?;
            let end = inside.find([OPEN, CLOSE]).ok_or(TruncatedPlaceholder)?;
            let after = inside[end..].strip_prefix(CLOSE).ok_or(TruncatedPlaceholder)?;
            text.push(Segment::Literal(rest[..at].to_owned()));
            text.push(decode(&inside[..end])?);
            rest = after;
        }
        text.push(Segment::Literal(rest.to_owned()));
        Ok(text)
    }

    /// Returns the string that scripts see: literals as they are, references as placeholders that
    /// [`TemplateString::parse`] finds.
    pub fn to_placeholder(&self) -> String {
        self.0.iter().map(encode).collect()
    }
}

fn encode(piece: &Segment) -> String {
    match piece {
        Segment::Literal(text) => text.clone(),
        Segment::Ref(reference) => format!("{OPEN}{reference}{CLOSE}"),
        Segment::Call(call) => format!("{OPEN}{}{CLOSE}", json(call)),
    }
}

fn decode(inside: &str) -> Result<Segment, TruncatedPlaceholder> {
    if inside.starts_with('{') {
        let value: serde_json::Value = serde_json::from_str(inside).map_err(|_| TruncatedPlaceholder)?;
        return match Value::from_json(&value) {
            Value::Call(call) => Ok(Segment::Call(call)),
            _ => Err(TruncatedPlaceholder),
        };
    }
    Ok(Segment::Ref(Ref::named(inside)))
}

impl From<Ref> for Segment {
    fn from(reference: Ref) -> Self {
        Self::Ref(reference)
    }
}

impl From<&str> for Segment {
    fn from(text: &str) -> Self {
        Self::Literal(text.to_owned())
    }
}

impl From<String> for Segment {
    fn from(text: String) -> Self {
        Self::Literal(text)
    }
}

impl<P: Into<Segment>> From<P> for TemplateString {
    fn from(piece: P) -> Self {
        TemplateString::default().with(piece)
    }
}

/// Writes the text as `Fn::Sub` does: `http://${TitilerAlb.DNSName}`.
impl fmt::Display for TemplateString {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| match piece {
            Segment::Literal(text) => out.write_str(text),
            Segment::Ref(reference) => write!(out, "${{{reference}}}"),
            Segment::Call(call) => write!(out, "${{{}}}", call.function.name()),
        })
    }
}

/// Returns a function call as JSON on one line.
fn json(call: &Intrinsic) -> String {
    serde_json::to_string(&Value::Call(Box::new(call.clone()))).expect("a value has keys that are strings")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url() -> TemplateString {
        TemplateString::from("http://").with(Ref::attribute("TitilerAlb", "DNSName")).with("/healthz")
    }

    #[test]
    fn reference_in_a_string_is_recovered() {
        let seen_by_the_script = format!("see {}!", url().to_placeholder());
        let text = TemplateString::parse(&seen_by_the_script).expect("nothing was cut");
        assert_eq!(text.to_string(), "see http://${TitilerAlb.DNSName}/healthz!");
        assert_eq!(text.refs().count(), 1);
    }

    #[test]
    fn function_in_a_string_is_recovered() {
        let call = Intrinsic::new(crate::cfn::Function::ImportValue, "shared-vpc");
        let text = TemplateString::from("vpc ").with(Segment::Call(Box::new(call)));
        assert_eq!(TemplateString::parse(&text.to_placeholder()), Ok(text));
    }

    #[test]
    fn placeholder_cut_at_either_end_is_detected() {
        let whole = url().to_placeholder();
        let middle = whole.find(OPEN).expect("a placeholder") + OPEN.len_utf8() + 3;
        assert_eq!(TemplateString::parse(&whole[..middle]), Err(TruncatedPlaceholder));
        assert_eq!(TemplateString::parse(&whole[middle..]), Err(TruncatedPlaceholder));
    }

    #[test]
    fn adjacent_literals_are_joined() {
        assert_eq!(
            TemplateString::from("a").join(TemplateString::from("b")).pieces(),
            &[Segment::Literal("ab".into())]
        );
    }
}
