//! YAML with places and CloudFormation's tags.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::node::{Key, Kind, Node, Position, without_duplicates};
use super::{DEEPEST, ParseContext, relaxed, scalar};
use crate::diag::{Code, Diagnostic, Origin};

type Read<T> = Result<T, Diagnostic>;

/// The number of values that a text may grow to when its aliases are written out; a long text counts as several.
const MOST_NODES: usize = 600_000;

/// The bytes of a text that count as one value.
const TEXT_OF_NODE: usize = 64;

/// Returns the tree of a YAML text.
///
/// A text that strict YAML refuses is read again as CloudFormation reads it.
pub(super) fn read(text: &str, reader: &mut ParseContext) -> Read<Node> {
    let before = reader.problems.len();
    strict(text, &[], reader).or_else(|problem| {
        let relaxed = relaxed::rewrite(text);
        if problem.code != Code::TemplateSyntax || relaxed.text == text {
            return Err(problem);
        }
        reader.problems.truncate(before);
        strict(&relaxed.text, &relaxed.shifts, reader).map_err(|_| problem)
    })
}

/// Returns the tree of a text; `shifts` are the spaces in front of each line that the source does not have.
fn strict(text: &str, shifts: &[u32], reader: &mut ParseContext) -> Read<Node> {
    let lines = Lines { text, shifts, starts: line_starts(text), counted: Cell::default() };
    let mut tree =
        Tree { open: Vec::new(), anchors: HashMap::new(), nodes: 0, has_alias: false, done: None, lines, reader };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| syntax(tree.reader, text, error.marker(), error.info()))?;
        let at = tree.lines.place(&span, is_tagged(&event));
        tree.event(event, at)?;
    }
    let Some(whole) = tree.done.take() else {
        let source = &tree.reader.source;
        let problem = Diagnostic::new(Code::TemplateEmpty, format!("`{source}` is empty"));
        return Err(problem.at(&Origin::new(Arc::clone(source), 1, 1), ""));
    };
    Ok(whole)
}

fn is_tagged(event: &Event<'_>) -> bool {
    match event {
        Event::Scalar(_, _, _, tag) | Event::SequenceStart(_, tag) | Event::MappingStart(_, tag) => tag.is_some(),
        _ => false,
    }
}

/// The lines of a text, to find the places of its nodes.
struct Lines<'a> {
    text: &'a str,
    shifts: &'a [u32],
    starts: Vec<usize>,
    /// A line, a column and its offset, from which the next column on the line is counted.
    counted: Cell<(usize, usize, usize)>,
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0)
        .chain(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1))
        .collect()
}

impl Lines<'_> {
    /// Returns the place of a node: of its tag, if it has one, since the tag is the name of a function.
    fn place(&self, span: &Span, is_tagged: bool) -> Position {
        let mut at = place(span);
        at.line = at.line.min(u32::try_from(self.starts.len()).unwrap_or(u32::MAX));
        let at = if is_tagged { self.tag_before(at).unwrap_or(at) } else { at };
        let shift = self.shifts.get(at.line.saturating_sub(1) as usize).copied().unwrap_or_default();
        Position { line: at.line, column: at.column.saturating_sub(shift).max(1) }
    }

    /// Returns the place of the tag that ends before a node.
    fn tag_before(&self, node: Position) -> Option<Position> {
        let index = node.line.checked_sub(1)? as usize;
        let end = self.offset(index, node.column.checked_sub(1)? as usize)?;
        if self.text[end..].starts_with('!') {
            return None;
        }
        let before = self.text[..end].trim_end();
        let word = before.rfind(|c: char| c.is_whitespace() || "[{,".contains(c)).map_or(0, |at| at + 1);
        if !before[word..].starts_with('!') {
            return None;
        }
        let line = self.starts.partition_point(|start| *start <= word);
        let column = if line == index + 1 {
            node.column as usize - self.text[word..end].chars().count()
        } else {
            self.text[self.starts[line - 1]..word].chars().count() + 1
        };
        Some(Position { line: u32::try_from(line).ok()?, column: u32::try_from(column).ok()? })
    }

    /// Returns the offset of a column of a line, both from 0; the end of the line if it has fewer.
    fn offset(&self, line: usize, column: usize) -> Option<usize> {
        let start = *self.starts.get(line)?;
        let (known, from, at) = self.counted.get();
        let (from, at) = if known == line && (1..=column).contains(&from) { (from, at) } else { (0, start) };
        let mut rest = self.text[at..].char_indices().take_while(|(_, c)| !matches!(c, '\n' | '\r'));
        let mut end = at;
        let mut reached = from;
        while reached < column
            && let Some((next, c)) = rest.next()
        {
            (end, reached) = (at + next + c.len_utf8(), reached + 1);
        }
        self.counted.set((line, reached, end));
        Some(end)
    }
}

/// Creates the diagnostic of lists and objects that are nested too deeply.
pub(super) fn too_deep(reader: &ParseContext, place: Position) -> Diagnostic {
    let message = format!("lists and objects are nested more than {DEEPEST} deep");
    Diagnostic::new(Code::TemplateNesting, message).at(&reader.origin(place), "")
}

/// A list or object whose end has not come yet.
struct OpenCollection {
    at: Position,
    anchor: usize,
    tag: Option<String>,
    is_map: bool,
    key: Option<Key>,
    items: Vec<Node>,
    entries: Vec<(Key, Node)>,
}

struct Tree<'a> {
    open: Vec<OpenCollection>,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    has_alias: bool,
    done: Option<Node>,
    lines: Lines<'a>,
    reader: &'a mut ParseContext,
}

impl Tree<'_> {
    fn event(&mut self, event: Event<'_>, at: Position) -> Read<()> {
        match event {
            Event::DocumentStart(_) if self.done.is_some() => Err(self.refuse(at, "it holds more than one document")),
            Event::Scalar(text, style, anchor, tag) => {
                let node = self.scalar(&text, style, tag.as_deref(), at)?;
                self.remember(anchor, &node)?;
                self.put(node, 1)
            }
            Event::SequenceStart(anchor, tag) => self.begin(false, anchor, tag.as_deref(), at),
            Event::MappingStart(anchor, tag) => self.begin(true, anchor, tag.as_deref(), at),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => self.alias(anchor, at),
            _ => Ok(()),
        }
    }

    fn refuse(&self, at: Position, message: &str) -> Diagnostic {
        let message = format!("the YAML cannot be a template: {message}");
        Diagnostic::new(Code::TemplateSyntax, message).at(&self.reader.origin(at), "")
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, at: Position) -> Read<Node> {
        let tag_name = self.tag(tag, at)?;
        let is_string = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
        let is_plain = style == ScalarStyle::Plain && !is_string && tag.is_none_or(Tag::is_yaml_core_schema);
        let kind = if is_plain { scalar::resolve(text) } else { Kind::Text(text.to_owned()) };
        if is_plain && scalar::is_octal(text) {
            let message = format!("`{text}` is read as a number in base 8");
            let problem = Diagnostic::new(Code::YamlOctal, message).help(format!("quote it: `\"{text}\"`"));
            self.reader.report(problem, at, "");
        }
        Ok(tagged(tag_name, Node::new(kind, at)))
    }

    /// Returns the long name of the function of a tag.
    fn tag(&self, tag: Option<&Tag>, at: Position) -> Read<Option<String>> {
        let Some(tag) = tag else { return Ok(None) };
        if tag.is_yaml_core_schema() {
            return match tag.suffix.as_str() {
                "str" | "int" | "float" | "bool" | "null" | "map" | "seq" => Ok(None),
                other => Err(self.refuse(at, &format!("CloudFormation does not take the tag `!!{other}`"))),
            };
        }
        Ok(match tag.suffix.as_str() {
            "" | "!" => None,
            name @ ("Ref" | "Condition") => Some(name.to_owned()),
            name => Some(format!("Fn::{name}")),
        })
    }

    fn begin(&mut self, is_map: bool, anchor: usize, tag: Option<&Tag>, at: Position) -> Read<()> {
        if self.open.len() >= DEEPEST {
            return Err(too_deep(self.reader, at));
        }
        let tag = self.tag(tag, at)?;
        self.open.push(OpenCollection { at, anchor, tag, is_map, key: None, items: Vec::new(), entries: Vec::new() });
        Ok(())
    }

    fn end(&mut self) -> Read<()> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let kind = if open.is_map { Kind::Map(self.merged(open.entries)?) } else { Kind::List(open.items) };
        let node = tagged(open.tag, Node::new(kind, open.at));
        self.remember(open.anchor, &node)?;
        self.put(node, 1)
    }

    /// Keeps a copy of the value of an anchor.
    fn remember(&mut self, anchor: usize, node: &Node) -> Read<()> {
        if anchor > 0 {
            let size = size(node);
            self.count(size, node.at)?;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        Ok(())
    }

    /// Counts values before they are copied.
    fn count(&mut self, size: usize, at: Position) -> Read<()> {
        self.nodes += size;
        if self.nodes > MOST_NODES {
            let message = format!("it holds more than {MOST_NODES} values when its aliases are written out");
            return Err(self.refuse(at, &message));
        }
        Ok(())
    }

    /// Reads an alias: CloudFormation refuses aliases, while `aws cloudformation package` writes them out before it
    /// uploads.
    fn alias(&mut self, anchor: usize, at: Position) -> Read<()> {
        let Some((node, size)) = self.anchors.get(&anchor) else {
            return Err(self.refuse(at, "an alias is inside the value that it names"));
        };
        let size = *size;
        if self.nodes + size > MOST_NODES {
            return self.count(size, at);
        }
        let mut node = node.clone();
        node.at = at;
        if !std::mem::replace(&mut self.has_alias, true) {
            let problem = Diagnostic::new(Code::YamlAlias, "CloudFormation refuses YAML aliases")
                .help("write the value out, or let `aws cloudformation package` do it");
            self.reader.report(problem, at, "");
        }
        self.put(node, size)
    }

    /// Puts a finished node where it belongs: as a key, a value, an item, or the whole.
    fn put(&mut self, node: Node, size: usize) -> Read<()> {
        self.count(size, node.at)?;
        let Some(mut open) = self.open.pop() else {
            self.done = Some(node);
            return Ok(());
        };
        if !open.is_map {
            open.items.push(node);
        } else if let Some(key) = open.key.take() {
            open.entries.push((key, node));
        } else {
            open.key = Some(self.key(node)?);
        }
        self.open.push(open);
        Ok(())
    }

    fn key(&self, node: Node) -> Read<Key> {
        let name = match node.kind {
            Kind::Text(name) => name,
            Kind::Bool(boolean) => boolean.to_string(),
            Kind::Int(number) => number.to_string(),
            Kind::Float(number) => number.to_string(),
            Kind::Null => "null".to_owned(),
            Kind::List(_) | Kind::Map(_) => return Err(self.refuse(node.at, "a key must be a string")),
        };
        Ok(Key { name, at: node.at })
    }

    /// Merges the objects that `<<` names; the object's own keys win.
    fn merged(&mut self, entries: Vec<(Key, Node)>) -> Read<Vec<(Key, Node)>> {
        let (merges, own): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(key, _)| key.name == "<<");
        let mut own = without_duplicates(own, self.reader);
        if merges.is_empty() {
            return Ok(own);
        }
        let mut names: HashSet<String> = own.iter().map(|(key, _)| key.name.clone()).collect();
        for (key, node) in merges {
            let sources = if let Kind::List(items) = node.kind { items } else { vec![node] };
            for source in sources {
                let Kind::Map(entries) = source.kind else {
                    return Err(self.refuse(key.at, "`<<` takes an object or a list of objects"));
                };
                own.extend(entries.into_iter().filter(|(key, _)| names.insert(key.name.clone())));
            }
        }
        Ok(own)
    }
}

fn tagged(name: Option<String>, node: Node) -> Node {
    let Some(name) = name else { return node };
    let at = node.at;
    Node::new(Kind::Map(vec![(Key { name, at }, node)]), at)
}

fn size(node: &Node) -> usize {
    1 + match &node.kind {
        Kind::List(items) => items.iter().map(size).sum(),
        Kind::Map(entries) => entries.iter().map(|(key, value)| key.name.len() / TEXT_OF_NODE + size(value)).sum(),
        Kind::Text(text) => text.len() / TEXT_OF_NODE,
        _ => 0,
    }
}

fn place(span: &Span) -> Position {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Position { line: number(span.start.line()), column: number(span.start.col() + 1) }
}

fn syntax(reader: &ParseContext, text: &str, at: &saphyr_parser::Marker, info: &str) -> Diagnostic {
    let mut place = place(&Span::empty(*at));
    // YAML also ends a line at a carriage return alone, where no source has a further line.
    place.line = place.line.min(u32::try_from(text.lines().count() + 1).unwrap_or(u32::MAX));
    if info.contains("recursion limit") {
        return too_deep(reader, place);
    }
    let line = text.lines().nth(place.line.saturating_sub(1) as usize).unwrap_or("");
    let problem = Diagnostic::new(Code::TemplateSyntax, format!("the YAML is not well-formed: {info}"))
        .at(&reader.origin(place), "");
    let has_tab = line.trim_start_matches(' ').starts_with('\t');
    problem.help_if(has_tab.then(|| "YAML is indented with spaces, never with tabs".to_owned()))
}
