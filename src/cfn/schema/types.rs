//! The facts about one resource type besides its properties.

use super::Node;
use super::blob::{Blob, Cursor};

/// A resource type. Cheap to copy; it reads the unpacked schema in place.
#[derive(Clone, Copy)]
pub struct TypeSchema<'s> {
    blob: &'s Blob,
    properties: usize,
    flags: usize,
    tag_property: usize,
    reference: usize,
    rest: Cursor<'s>,
}

/// The order of a replacement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplacementOrder {
    /// The new resource is created first, which fails if it has a fixed physical name.
    CreateFirst,
    /// The old resource is deleted first, which interrupts its service.
    DeleteFirst,
}

/// Whether a change of a property replaces the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CreateOnly {
    /// The resource is updated in place.
    No,
    /// The result depends on the values.
    Perhaps,
    /// The resource is replaced.
    Yes,
}

/// The way in which a type takes tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tagging<'s> {
    /// The property that holds them: mostly `Tags`.
    pub property: &'s str,
    /// Whether tags are a map of names and values; otherwise a list of `Key` and `Value`.
    pub map: bool,
    /// Whether tags can change without a replacement of the resource.
    pub updatable: bool,
}

/// The value of `Fn::GetAtt`. A `*` in the name matches any step: `Outputs.*`.
#[derive(Clone, Copy)]
pub struct Attribute<'s> {
    /// Its name: `Arn`, `Endpoint.Address`.
    pub name: &'s str,
    /// The description, if the schema has one.
    pub node: Option<Node<'s>>,
}

/// A further constraint on one part of a type, from cfn-lint's additional rules.
#[derive(Clone, Copy)]
pub struct Rule<'s> {
    /// The property that it applies to, empty for all of them; `*` matches each item of a list.
    pub path: &'s str,
    /// The subject, if the violation does not name it; mostly empty.
    pub title: &'s str,
    /// The schema that must fit.
    pub node: Node<'s>,
}

const TAGGABLE: usize = 1;
const TAGS_ARE_MAP: usize = 2;
const DELETE_FIRST: usize = 4;
const TAGS_UPDATABLE: usize = 16;

#[derive(Clone, Copy)]
enum Paths {
    ReadOnly,
    CreateOnly,
    ConditionalCreateOnly,
    WriteOnly,
    PrimaryIdentifier,
}

const PATHS: usize = 5;

impl<'s> TypeSchema<'s> {
    pub(super) fn new(blob: &'s Blob, at: usize) -> Self {
        let mut record = blob.kind(at);
        let [properties, flags, tag_property, reference] = [(); 4].map(|()| record.varint());
        Self { blob, properties, flags, tag_property, reference, rest: record }
    }

    /// Returns the schema of all properties together.
    pub fn properties(&self) -> Node<'s> {
        Node::new(self.blob, self.properties)
    }

    /// Returns the schema of what `Ref` gives, if the type has a single identifier.
    pub fn reference(&self) -> Option<Node<'s>> {
        self.reference.checked_sub(1).map(|node| Node::new(self.blob, node))
    }

    /// Returns how the type takes tags; `None` if it takes none.
    pub fn tags(&self) -> Option<Tagging<'s>> {
        (self.flags & TAGGABLE != 0).then(|| Tagging {
            property: self.blob.text(self.tag_property),
            map: self.flags & TAGS_ARE_MAP != 0,
            updatable: self.flags & TAGS_UPDATABLE != 0,
        })
    }

    /// Returns what comes first when the resource is replaced.
    pub fn replacement(&self) -> ReplacementOrder {
        if self.flags & DELETE_FIRST == 0 { ReplacementOrder::CreateFirst } else { ReplacementOrder::DeleteFirst }
    }

    /// Returns whether a change at this path (`Subnets.0`, `CapacityProviderStrategy`) replaces the resource.
    ///
    /// A change inside a create-only property counts, and a change of an object that holds one is `Perhaps`.
    pub fn create_only(&self, path: &str) -> CreateOnly {
        let always = self.paths(Paths::CreateOnly).map(|only| overlap(only, path, CreateOnly::Yes));
        let sometimes = self.paths(Paths::ConditionalCreateOnly).map(|only| overlap(only, path, CreateOnly::Perhaps));
        always.chain(sometimes).max().unwrap_or(CreateOnly::No)
    }

    /// Returns the properties that cannot be set, as dotted paths with `*` for items of lists.
    pub fn read_only(&self) -> impl Iterator<Item = &'s str> {
        self.paths(Paths::ReadOnly)
    }

    /// Returns the properties that are fixed when the resource is created.
    pub fn create_only_properties(&self) -> impl Iterator<Item = &'s str> {
        self.paths(Paths::CreateOnly)
    }

    /// Returns the properties that AWS never gives back, such as passwords.
    pub fn write_only(&self) -> impl Iterator<Item = &'s str> {
        self.paths(Paths::WriteOnly)
    }

    /// Returns the properties that together identify a resource.
    pub fn primary_identifier(&self) -> impl Iterator<Item = &'s str> {
        self.paths(Paths::PrimaryIdentifier)
    }

    /// Returns what `Fn::GetAtt` gives, sorted by name.
    pub fn attributes(&self) -> Vec<Attribute<'s>> {
        let mut record = self.after_paths();
        self.take_attributes(&mut record)
    }

    /// Returns the attribute of this name; a name below an object that is an attribute counts too.
    pub fn attribute(&self, name: &str) -> Option<Attribute<'s>> {
        let attributes = self.attributes();
        let exact = attributes.iter().find(|attribute| names(attribute.name, name));
        exact.copied().or_else(|| {
            let holder = attributes.iter().find(|holder| name.starts_with(&format!("{}.", holder.name)))?;
            let inside = holder.node.and_then(|node| node.at(&name[holder.name.len() + 1..]))?;
            Some(Attribute { name: holder.name, node: Some(inside) })
        })
    }

    /// Returns the further rules of this type.
    pub fn rules(&self) -> Vec<Rule<'s>> {
        let mut record = self.after_paths();
        self.take_attributes(&mut record);
        (0..record.varint())
            .map(|_| Rule {
                path: self.blob.text(record.varint()),
                title: self.blob.text(record.varint()),
                node: Node::new(self.blob, record.varint()),
            })
            .collect()
    }

    fn take_attributes(&self, record: &mut Cursor<'s>) -> Vec<Attribute<'s>> {
        (0..record.varint())
            .map(|_| Attribute {
                name: self.blob.text(record.varint()),
                node: record.varint().checked_sub(1).map(|node| Node::new(self.blob, node)),
            })
            .collect()
    }

    fn paths(&self, which: Paths) -> impl Iterator<Item = &'s str> + use<'s> {
        let (blob, mut record) = (self.blob, self.rest);
        skip_lists(&mut record, which as usize);
        (0..record.varint()).map(move |_| blob.text(record.varint()))
    }

    fn after_paths(&self) -> Cursor<'s> {
        let mut record = self.rest;
        skip_lists(&mut record, PATHS);
        record
    }
}

fn skip_lists(record: &mut Cursor<'_>, lists: usize) {
    for _ in 0..lists {
        for _ in 0..record.varint() {
            record.varint();
        }
    }
}

/// Returns whether an attribute has this name; `*` matches a step, and at the end all that follow.
fn names(pattern: &str, name: &str) -> bool {
    let mut steps = name.split('.');
    let fits = pattern.split('.').all(|wanted| steps.next().is_some_and(|step| wanted == "*" || wanted == step));
    fits && (pattern.ends_with('*') || steps.next().is_none())
}

/// Returns what a change at `path` means where `only` is create-only. Steps into lists count in neither.
fn overlap(only: &str, path: &str, verdict: CreateOnly) -> CreateOnly {
    let named = |step: &&str| *step != "*" && step.parse::<usize>().is_err();
    let (mut wanted, mut changed) = (only.split('.').filter(named), path.split('.').filter(named));
    loop {
        match (wanted.next(), changed.next()) {
            (None, _) => return verdict,
            (Some(_), None) => return CreateOnly::Perhaps,
            (Some(wanted), Some(changed)) if wanted != changed => return CreateOnly::No,
            _ => {}
        }
    }
}
