//! YAML in block style with CloudFormation's short forms.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::json::{is_joined, substitution};
use super::scalar::{self, Style};
use super::sections::Section;
use crate::cfn::{Function, Intrinsic, Map, Ref, Segment, TemplateString, Value};

/// Keys longer than this cannot be written before a `:` in YAML, which looks 1,024 characters ahead.
const LONGEST_KEY: usize = 500;

/// Returns the whole as one text.
pub(super) fn write(part: &Section<'_>) -> String {
    let mut yaml = Yaml { out: String::with_capacity(16 * 1024) };
    yaml.part(part, 0, After::Start);
    yaml.out
}

/// The text before a node on its line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    /// The beginning of the text.
    Start,
    /// A key and its colon.
    Key,
    /// The dash of a list item: an object or list may begin on the same line.
    Dash,
    /// A tag: scalars follow it, the rest begins on the next line.
    Tag,
}

struct Yaml {
    out: String,
}

/// A node in the forms that YAML has, references and functions resolved to tags.
enum Node<'a> {
    Word(Cow<'a, str>),
    Text(Cow<'a, str>),
    List(&'a [Value]),
    Pieces(&'a [Segment]),
    Map(&'a Map),
    Tagged(&'static str, Box<Node<'a>>),
    Long(&'static str, Box<Node<'a>>),
}

impl Yaml {
    fn part(&mut self, part: &Section<'_>, indent: usize, after: After) {
        match part {
            Section::Text(text) => self.node(&Node::Text(Cow::Borrowed(text)), indent, after),
            Section::Value(value) => self.node(&node(value), indent, after),
            Section::Names(names) => self.items(names, indent, after, |yaml, name, indent| {
                yaml.node(&Node::Text(Cow::Borrowed(name)), indent, After::Dash);
            }),
            Section::Entries(entries) => {
                let entries = entries.iter().map(|(name, part)| (*name, part));
                self.entries(entries, indent, after, |yaml, part, indent| yaml.part(part, indent, After::Key));
            }
        }
    }

    /// Writes a node whose own lines are indented by `indent` spaces, and ends its last line.
    fn node(&mut self, node: &Node<'_>, indent: usize, after: After) {
        match node {
            Node::Word(word) => self.word(word, after),
            Node::Text(text) => self.text(text, indent, after),
            Node::List(items) => self.items(items, indent, after, |yaml, item, indent| {
                yaml.node(&self::node(item), indent, After::Dash);
            }),
            Node::Pieces(pieces) => self.joined(pieces, indent, after),
            Node::Map(map) => {
                let entries = map.iter().map(|(key, value)| (key.as_str(), value));
                self.entries(entries, indent, after, |yaml, value, indent| {
                    yaml.node(&self::node(value), indent, After::Key);
                });
            }
            Node::Tagged(tag, argument) => {
                self.space(after);
                self.out.push_str(tag);
                self.node(argument, indent, After::Tag);
            }
            Node::Long(name, argument) => {
                self.entries(std::iter::once((*name, argument)), indent, after, |yaml, argument, indent| {
                    yaml.node(argument, indent, After::Key);
                });
            }
        }
    }

    fn space(&mut self, after: After) {
        if matches!(after, After::Key | After::Tag) {
            self.out.push(' ');
        }
    }

    fn word(&mut self, word: &str, after: After) {
        self.space(after);
        self.out.push_str(word);
        self.out.push('\n');
    }

    fn text(&mut self, text: &str, indent: usize, after: After) {
        self.space(after);
        if scalar::style(text) != Style::Block {
            scalar::write_inline(&mut self.out, text);
            return self.out.push('\n');
        }
        self.out.push_str(if text.ends_with('\n') { "|\n" } else { "|-\n" });
        for line in text.lines() {
            if !line.is_empty() {
                self.indent(indent);
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }

    fn indent(&mut self, spaces: usize) {
        self.out.extend(std::iter::repeat_n(' ', spaces));
    }

    /// Begins the first or a further line of a list or object.
    fn begin(&mut self, first: bool, indent: usize, after: After) {
        if first && matches!(after, After::Key | After::Tag) {
            self.out.push('\n');
        }
        if !first || matches!(after, After::Key | After::Tag) {
            self.indent(indent);
        }
    }

    fn items<T>(&mut self, items: &[T], indent: usize, after: After, write: impl Fn(&mut Self, &T, usize)) {
        if items.is_empty() {
            return self.word("[]", after);
        }
        for (at, item) in items.iter().enumerate() {
            self.begin(at == 0, indent, after);
            self.out.push_str("- ");
            write(self, item, indent + 2);
        }
    }

    fn entries<'a, T>(
        &mut self,
        entries: impl ExactSizeIterator<Item = (&'a str, T)>,
        indent: usize,
        after: After,
        write: impl Fn(&mut Self, T, usize),
    ) {
        if entries.len() == 0 {
            return self.word("{}", after);
        }
        for (at, (key, value)) in entries.enumerate() {
            self.begin(at == 0, indent, after);
            self.key(key, indent);
            write(self, value, indent + 2);
        }
    }

    fn key(&mut self, key: &str, indent: usize) {
        if key.len() > LONGEST_KEY {
            self.out.push_str("? ");
            scalar::quote(&mut self.out, key);
            self.out.push('\n');
            self.indent(indent);
        } else {
            scalar::write_inline(&mut self.out, key);
        }
        self.out.push(':');
    }

    /// Writes the two arguments of an `Fn::Join` without a delimiter.
    fn joined(&mut self, pieces: &[Segment], indent: usize, after: After) {
        self.begin(true, indent, after);
        self.out.push_str("- \"\"\n");
        self.indent(indent);
        self.out.push_str("- ");
        self.items(pieces, indent + 2, After::Dash, |yaml, piece, indent| {
            yaml.node(&piece_node(piece), indent, After::Dash);
        });
    }
}

fn node(value: &Value) -> Node<'_> {
    match value {
        Value::Null => Node::Word("null".into()),
        Value::Bool(boolean) => Node::Word(if *boolean { "true" } else { "false" }.into()),
        Value::Int(number) => Node::Word(number.to_string().into()),
        Value::Float(number) => Node::Word(float(*number).into()),
        Value::Text(text) => text_node(text),
        Value::List(items) => Node::List(items),
        Value::Map(map) => Node::Map(map),
        Value::Call(call) => call_node(call),
    }
}

/// Returns a number as YAML. Readers of YAML 1.1 need a dot before an exponent and a sign in it; what is not finite is
/// null, as in JSON.
fn float(number: f64) -> String {
    if !number.is_finite() {
        return "null".to_owned();
    }
    let mut text = String::new();
    write!(text, "{number:?}").expect("writing into a string succeeds");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let dot = if digits.contains('.') { "" } else { ".0" };
            let sign = if exponent.starts_with('-') { "" } else { "+" };
            format!("{digits}{dot}e{sign}{exponent}")
        }
        None => text,
    }
}

fn text_node(text: &TemplateString) -> Node<'_> {
    match (text.as_str(), text.pieces()) {
        (Some(literal), _) => Node::Text(literal.into()),
        (None, [piece]) => piece_node(piece),
        (None, pieces) if is_joined(text) => Node::Tagged("!Join", Box::new(Node::Pieces(pieces))),
        (None, _) => Node::Tagged("!Sub", Box::new(Node::Text(substitution(text).into()))),
    }
}

fn piece_node(piece: &Segment) -> Node<'_> {
    match piece {
        Segment::Literal(text) => Node::Text(text.as_str().into()),
        Segment::Ref(reference) => ref_node(reference),
        Segment::Call(call) => call_node(call),
    }
}

fn ref_node(reference: &Ref) -> Node<'_> {
    match &reference.attribute {
        Some(_) => Node::Tagged("!GetAtt", Box::new(Node::Text(reference.to_string().into()))),
        None => Node::Tagged("!Ref", Box::new(Node::Text(reference.id.as_str().into()))),
    }
}

/// Returns the short form of a function. Two tags cannot precede one node, and a scalar with a tag is a string: those
/// keep the long name.
fn call_node(call: &Intrinsic) -> Node<'_> {
    let argument = Box::new(node(&call.argument));
    match (short_form(call.function), &*argument) {
        (None, _) | (_, Node::Tagged(..) | Node::Word(_)) => Node::Long(call.function.name(), argument),
        (Some(tag), _) => Node::Tagged(tag, argument),
    }
}

/// Returns the tag of a function that has a documented short form.
fn short_form(function: Function) -> Option<&'static str> {
    Some(match function {
        Function::And => "!And",
        Function::Base64 => "!Base64",
        Function::Cidr => "!Cidr",
        Function::Condition => "!Condition",
        Function::Equals => "!Equals",
        Function::FindInMap => "!FindInMap",
        Function::GetAzs => "!GetAZs",
        Function::If => "!If",
        Function::ImportValue => "!ImportValue",
        Function::Join => "!Join",
        Function::Not => "!Not",
        Function::Or => "!Or",
        Function::Select => "!Select",
        Function::Split => "!Split",
        Function::Sub => "!Sub",
        Function::Transform => "!Transform",
        _ => return None,
    })
}
