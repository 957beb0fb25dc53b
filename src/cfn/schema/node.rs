//! A part of a schema: the constraints of one value.

use std::fmt;

use super::JsonTypes;
use super::blob::{Blob, Cursor};

/// The schema of a value, read in place from the unpacked blob.
#[derive(Clone, Copy)]
pub struct Node<'s> {
    blob: &'s Blob,
    number: usize,
}

/// A number, string or boolean of a schema.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs, reason = "each variant is what it is called")]
pub enum Scalar<'s> {
    Int(i64),
    Float(f64),
    Bool(bool),
    Text(&'s str),
}

impl fmt::Display for Scalar<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Int(number) => number.fmt(out),
            Scalar::Float(number) => number.fmt(out),
            Scalar::Bool(boolean) => boolean.fmt(out),
            Scalar::Text(text) => text.fmt(out),
        }
    }
}

/// One constraint of a node. The names are those of JSON schema and of cfn-lint's extensions of it.
#[derive(Clone)]
#[allow(missing_docs, reason = "JSON schema documents its keywords")]
pub enum Keyword<'s> {
    Type(JsonTypes),
    Enum {
        values: Vec<Scalar<'s>>,
        fold_case: bool,
    },
    Pattern(&'s str),
    Format(&'s str),
    Length {
        min: usize,
        max: Option<usize>,
    },
    Range {
        limit: Scalar<'s>,
        bound: Bound,
    },
    MultipleOf(Scalar<'s>),
    Items(Node<'s>),
    ItemCount {
        min: usize,
        max: Option<usize>,
    },
    UniqueItems,
    UniqueKeys(Vec<&'s str>),
    /// Read with [`Node::own_property`].
    Properties,
    Required(Vec<&'s str>),
    AdditionalProperties(Option<Node<'s>>),
    PatternProperties(Vec<(&'s str, Node<'s>)>),
    PropertyCount {
        min: usize,
        max: Option<usize>,
    },
    DependentRequired(Vec<(&'s str, Vec<&'s str>)>),
    DependentExcluded(Vec<(&'s str, Vec<&'s str>)>),
    RequiredXor(Vec<&'s str>),
    RequiredOr(Vec<&'s str>),
    AllOf(Vec<Node<'s>>),
    AnyOf(Vec<Node<'s>>),
    OneOf(Vec<Node<'s>>),
    Not(Node<'s>),
    If(Node<'s>),
    Then(Node<'s>),
    Else(Node<'s>),
    Default(Scalar<'s>),
    PropertyNames(Node<'s>),
    Contains(Node<'s>),
    PrefixItems(Vec<Node<'s>>),
    Never,
    Unordered,
}

/// The side of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Bound {
    AtLeast,
    AtMost,
    MoreThan,
    LessThan,
}

const TYPE: u8 = 1;
const ITEMS: u8 = 12;
const PROPERTIES: u8 = 17;
const REQUIRED: u8 = 18;
const PATTERN_PROPERTIES: u8 = 20;
const ALIAS: u8 = 39;

impl<'s> Node<'s> {
    /// Creates the node of this number; an alias leads to its target.
    pub(super) fn new(blob: &'s Blob, number: usize) -> Self {
        let mut record = blob.node(number);
        let number = if record.varint() == 1 && record.byte() == ALIAS {
            record.varint();
            record.varint()
        } else {
            number
        };
        Self { blob, number }
    }

    /// Returns the types that are allowed; all if the schema names none.
    pub fn kinds(self) -> JsonTypes {
        self.body(TYPE).map_or(JsonTypes::ANY, |mut body| JsonTypes(body.byte()))
    }

    /// Returns whether the schema lists every value that is allowed.
    pub fn is_enum(self) -> bool {
        self.keywords().any(|keyword| matches!(keyword, Keyword::Enum { .. }))
    }

    /// Returns whether anything fits.
    pub fn is_anything(self) -> bool {
        self.blob.node(self.number).varint() == 0
    }

    /// Returns the property of this name that the node itself lists.
    pub fn own_property(self, name: &str) -> Option<Node<'s>> {
        self.body(PROPERTIES).and_then(|mut body| self.find(&mut body, name))
    }

    /// Returns the properties that the node itself lists, sorted.
    pub fn own_properties(self) -> Vec<(&'s str, Node<'s>)> {
        self.body(PROPERTIES).map_or_else(Vec::new, |mut body| self.pairs(&mut body))
    }

    /// Returns the properties of an object, sorted, those of its alternatives included.
    pub fn properties(self) -> Vec<(&'s str, Node<'s>)> {
        let mut found = self.own_properties();
        for part in self.alternatives() {
            found.extend(part.properties());
        }
        found.sort_by_key(|(name, _)| *name);
        found.dedup_by_key(|(name, _)| *name);
        found
    }

    /// Returns the property of this name, or what the values of a map are.
    pub fn property(self, name: &str) -> Option<Node<'s>> {
        self.own_property(name)
            .or_else(|| self.alternatives().into_iter().find_map(|part| part.property(name)))
            .or_else(|| self.values())
    }

    /// Returns the schema of the items of a list.
    pub fn items(self) -> Option<Node<'s>> {
        self.body(ITEMS).map(|mut body| Node::new(self.blob, body.varint()))
    }

    /// Returns the schema of the values of a map with free keys.
    pub fn values(self) -> Option<Node<'s>> {
        self.body(PATTERN_PROPERTIES).and_then(|mut body| Some(self.pairs(&mut body).first()?.1))
    }

    /// Returns the names of the required properties.
    pub fn required(self) -> Vec<&'s str> {
        self.body(REQUIRED).map_or_else(Vec::new, |mut body| self.texts(&mut body))
    }

    /// Returns the node at a dotted path. Steps into lists (`*` or a number) may be left out.
    pub fn at(self, path: &str) -> Option<Node<'s>> {
        let mut node = self;
        for step in path.split('.').filter(|step| !step.is_empty()) {
            let into_list = step == "*" || step.parse::<usize>().is_ok();
            node = match (node.items(), into_list) {
                (Some(items), true) => items,
                (Some(items), false) => items.property(step)?,
                (None, _) => node.property(step)?,
            };
        }
        Some(node)
    }

    fn alternatives(self) -> Vec<Node<'s>> {
        let parts = self.keywords().filter_map(|keyword| match keyword {
            Keyword::AllOf(parts) | Keyword::AnyOf(parts) | Keyword::OneOf(parts) => Some(parts),
            _ => None,
        });
        parts.flatten().collect()
    }

    fn body(self, tag: u8) -> Option<Cursor<'s>> {
        self.bodies().find(|(found, _)| *found == tag).map(|(_, body)| body)
    }

    fn bodies(self) -> impl Iterator<Item = (u8, Cursor<'s>)> {
        let mut record = self.blob.node(self.number);
        (0..record.varint()).map(move |_| {
            let tag = record.byte();
            let length = record.varint();
            (tag, Cursor::new(record.take(length)))
        })
    }

    /// Returns every constraint.
    pub fn keywords(self) -> impl Iterator<Item = Keyword<'s>> {
        self.bodies().map(move |(tag, mut body)| self.keyword(tag, &mut body))
    }

    /// Returns the keyword of a tag; the numbers are those of `TAGS` in `tools/schema/nodes.py`.
    fn keyword(self, tag: u8, body: &mut Cursor<'s>) -> Keyword<'s> {
        match tag {
            1 => Keyword::Type(JsonTypes(body.byte())),
            2 => Keyword::Enum { values: self.many(body, Self::scalar), fold_case: false },
            3 => {
                Keyword::Enum { values: self.many(body, |node, body| Scalar::Text(node.string(body))), fold_case: true }
            }
            4 => Keyword::Pattern(self.string(body)),
            5 => Keyword::Length { min: body.varint(), max: None },
            6 => Keyword::Length { min: 0, max: Some(body.varint()) },
            7 => Keyword::Range { limit: self.scalar(body), bound: Bound::AtLeast },
            8 => Keyword::Range { limit: self.scalar(body), bound: Bound::AtMost },
            9 => Keyword::Range { limit: self.scalar(body), bound: Bound::MoreThan },
            10 => Keyword::Range { limit: self.scalar(body), bound: Bound::LessThan },
            11 => Keyword::MultipleOf(self.scalar(body)),
            ITEMS => Keyword::Items(self.node(body)),
            13 => Keyword::ItemCount { min: body.varint(), max: None },
            14 => Keyword::ItemCount { min: 0, max: Some(body.varint()) },
            15 => Keyword::UniqueItems,
            16 => Keyword::UniqueKeys(self.texts(body)),
            PROPERTIES => Keyword::Properties,
            REQUIRED => Keyword::Required(self.texts(body)),
            19 => Keyword::AdditionalProperties((!body.is_empty()).then(|| self.node(body))),
            PATTERN_PROPERTIES => Keyword::PatternProperties(self.pairs(body)),
            21 => Keyword::PropertyCount { min: body.varint(), max: None },
            22 => Keyword::PropertyCount { min: 0, max: Some(body.varint()) },
            23 => Keyword::DependentRequired(self.lists(body)),
            24 => Keyword::DependentExcluded(self.lists(body)),
            25 => Keyword::RequiredXor(self.texts(body)),
            26 => Keyword::RequiredOr(self.texts(body)),
            _ => self.composed(tag, body),
        }
    }

    fn composed(self, tag: u8, body: &mut Cursor<'s>) -> Keyword<'s> {
        match tag {
            27 => Keyword::AllOf(self.many(body, Self::node)),
            28 => Keyword::AnyOf(self.many(body, Self::node)),
            29 => Keyword::OneOf(self.many(body, Self::node)),
            30 => Keyword::Not(self.node(body)),
            31 => Keyword::If(self.node(body)),
            32 => Keyword::Then(self.node(body)),
            33 => Keyword::Else(self.node(body)),
            34 => Keyword::Format(self.string(body)),
            35 => Keyword::Default(self.scalar(body)),
            36 => Keyword::PropertyNames(self.node(body)),
            37 => Keyword::Contains(self.node(body)),
            38 => Keyword::PrefixItems(self.many(body, Self::node)),
            40 => Keyword::Never,
            _ => Keyword::Unordered,
        }
    }

    fn node(self, body: &mut Cursor<'s>) -> Node<'s> {
        Node::new(self.blob, body.varint())
    }

    fn string(self, body: &mut Cursor<'s>) -> &'s str {
        self.blob.text(body.varint())
    }

    fn many<T>(self, body: &mut Cursor<'s>, one: impl Fn(Self, &mut Cursor<'s>) -> T) -> Vec<T> {
        (0..body.varint()).map(|_| one(self, body)).collect()
    }

    fn texts(self, body: &mut Cursor<'s>) -> Vec<&'s str> {
        self.many(body, Self::string)
    }

    fn pairs(self, body: &mut Cursor<'s>) -> Vec<(&'s str, Node<'s>)> {
        self.many(body, |node, body| (node.string(body), node.node(body)))
    }

    fn lists(self, body: &mut Cursor<'s>) -> Vec<(&'s str, Vec<&'s str>)> {
        self.many(body, |node, body| (node.string(body), node.texts(body)))
    }

    fn find(self, body: &mut Cursor<'s>, name: &str) -> Option<Node<'s>> {
        (0..body.varint())
            .map(|_| (body.varint(), body.varint()))
            .find(|(text, _)| self.blob.is_text(*text, name))
            .map(|(_, node)| Node::new(self.blob, node))
    }

    fn scalar(self, body: &mut Cursor<'s>) -> Scalar<'s> {
        match body.byte() {
            0 => {
                let zigzag = i64::try_from(body.varint()).expect("packed integers have 63 bits");
                Scalar::Int(zigzag >> 1 ^ -(zigzag & 1))
            }
            1 => {
                let bytes = body.take(8).try_into().expect("eight bytes were taken");
                Scalar::Float(f64::from_le_bytes(bytes))
            }
            2 => Scalar::Bool(false),
            3 => Scalar::Bool(true),
            _ => Scalar::Text(self.string(body)),
        }
    }
}
