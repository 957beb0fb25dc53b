use std::rc::Rc;

use indexmap::IndexMap;

use super::{kept, part};
use crate::block::kind::{BlockKind, named_block};
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::repeated::repeated;
use crate::block::{Block, Flag, Name, Override};
use crate::cfn;
use crate::cfn::type_names::TABLE;
use crate::cfn::{LogicalId, Map, Ref, Resource, TemplateString, Value};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin, did_you_mean};

/// The types of key attributes in scripts, with those of DynamoDB (`AttributeType`, DynamoDB API).
const TYPES: [(&str, &str); 3] = [("string", "S"), ("number", "N"), ("binary", "B")];

/// A table of DynamoDB.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: WithOrigin<Name>,
    /// The partition key.
    pub partition_key: Option<WithOrigin<KeyAttribute>>,
    /// The sort key.
    pub sort_key: Option<WithOrigin<KeyAttribute>>,
    /// Global secondary indexes.
    pub index: Vec<WithOrigin<TableIndex>>,
    /// The attribute with the time at which an item is deleted.
    pub ttl: Option<WithOrigin<String>>,
    /// Whether there are no continuous backups.
    pub no_backups: Flag,
    /// Whether it is deleted with its stack.
    pub delete_with_stack: Flag,
    /// The blocks that are created before it.
    pub depends_on: Vec<WithOrigin<Block>>,
    /// Properties merged into the resources it makes.
    pub overrides: Vec<WithOrigin<Override>>,
}

/// A key attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyAttribute {
    /// Its name.
    pub name: String,
    /// `string`, `number` or `binary`.
    pub kind: String,
}

impl KeyAttribute {
    /// Creates a key attribute that is text.
    #[must_use]
    pub fn text(name: String) -> Self {
        Self { name, kind: "string".to_owned() }
    }
}

/// A global secondary index, which has all attributes of the items.
#[derive(Debug, Clone, PartialEq)]
pub struct TableIndex {
    /// Its name.
    pub name: String,
    /// Its partition key.
    pub partition_key: KeyAttribute,
    /// Its sort key.
    pub sort_key: Option<KeyAttribute>,
}

impl Table {
    /// Creates a table of this name.
    pub fn new(name: WithOrigin<Name>) -> Self {
        Self {
            name,
            partition_key: None,
            sort_key: None,
            index: Vec::new(),
            ttl: None,
            no_backups: None,
            delete_with_stack: None,
            depends_on: Vec::new(),
            overrides: Vec::new(),
        }
    }

    /// Returns the logical id of the table.
    pub fn logical_id(&self) -> LogicalId {
        part(&self.name, "Table")
    }

    /// Returns its physical name.
    pub fn name(&self) -> TemplateString {
        Ref::to(self.logical_id()).into()
    }

    /// Returns its ARN.
    pub fn arn(&self) -> TemplateString {
        Ref::attribute(self.logical_id(), "Arn").into()
    }

    /// Returns every key attribute with the place of its setter.
    fn keys(&self) -> impl Iterator<Item = (&KeyAttribute, &Origin)> {
        let own = self.partition_key.iter().chain(&self.sort_key).map(|key| (&key.value, &key.origin));
        let indexed = self.index.iter().flat_map(|index| {
            let keys = std::iter::once(&index.value.partition_key).chain(&index.value.sort_key);
            keys.map(|key| (key, &index.origin))
        });
        own.chain(indexed)
    }

    fn problems(&self) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        if self.partition_key.is_none() {
            let message = format!("the table `{}` has no partition key", self.name.value);
            problems.push(
                Diagnostic::new(Code::DataSetting, message)
                    .at(&self.name.origin, "")
                    .help("add one: `.partition_key(\"id\")`"),
            );
        }
        let mut seen: IndexMap<&str, (&str, &Origin)> = IndexMap::new();
        for (key, origin) in self.keys() {
            if !TYPES.iter().any(|(name, _)| *name == key.kind) {
                let names = TYPES.map(|(name, _)| name);
                problems.push(
                    Diagnostic::new(Code::DataSetting, format!("`{}` is not a type of key attributes", key.kind))
                        .at(origin, "")
                        .help_if(
                            letter(&key.kind)
                                .map(|name| format!("write `\"{name}\"`"))
                                .or_else(|| did_you_mean(&key.kind, names)),
                        )
                        .help("use `string`, `number` or `binary`"),
                );
            }
            let (kind, first) = *seen.entry(&key.name).or_insert((key.kind.as_str(), origin));
            if kind != key.kind {
                let message = format!("the attribute `{}` is {kind} and {}", key.name, key.kind);
                problems.push(
                    Diagnostic::new(Code::DataSetting, message)
                        .at(origin, format!("{} here", key.kind))
                        .at(first, format!("{kind} here"))
                        .help("an attribute has one type in all keys of a table"),
                );
            }
        }
        problems.extend(repeated(&self.index, |index| &index.value.name).into_iter().map(|(again, first)| {
            Diagnostic::new(Code::DuplicateItem, format!("two indexes are named `{}`", again.value.name))
                .at(&again.origin, "the second")
                .at(&first.origin, "the first")
                .help("give one of them another name")
        }));
        problems
    }

    fn definitions(&self) -> Vec<Value> {
        let mut types: IndexMap<&str, &str> = IndexMap::new();
        for (key, _) in self.keys() {
            let kind = TYPES.iter().find(|(name, _)| *name == key.kind).map_or("S", |(_, kind)| *kind);
            types.entry(&key.name).or_insert(kind);
        }
        let define = |(name, kind): (&str, &str)| cfn!({ "AttributeName": name, "AttributeType": kind });
        types.into_iter().map(define).collect()
    }
}

/// Returns a key schema.
fn schema<'k>(partition: impl IntoIterator<Item = &'k KeyAttribute>, sort: Option<&KeyAttribute>) -> Value {
    let hash = partition.into_iter().map(|key| cfn!({ "AttributeName": key.name.as_str(), "KeyType": "HASH" }));
    let range = sort.map(|key| cfn!({ "AttributeName": key.name.as_str(), "KeyType": "RANGE" }));
    hash.chain(range).collect::<Vec<_>>().into()
}

fn index(index: &TableIndex) -> Value {
    cfn!({
        "IndexName": index.name.as_str(),
        "KeySchema": schema([&index.partition_key], index.sort_key.as_ref()),
        "Projection": cfn!({ "ProjectionType": "ALL" }),
    })
}

impl BlockKind for Table {
    named_block!(name);

    fn lower(self: &Rc<Self>, lowering: &mut Lowering<'_>) {
        let problems = self.problems();
        let is_wrong = problems.iter().any(Diagnostic::is_error);
        lowering.report_all(problems);
        if is_wrong {
            return;
        }
        let keys =
            schema(self.partition_key.as_ref().map(|key| &key.value), self.sort_key.as_ref().map(|key| &key.value));
        let indexes: Vec<Value> = self.index.iter().map(|set| index(&set.value)).collect();
        let mut backups = Map::new();
        backups.insert("PointInTimeRecoveryEnabled".to_owned(), self.no_backups.is_none().into());
        let table = Resource::new(TABLE, self.name.origin.clone())
            .with("AttributeDefinitions", self.definitions())
            .with("BillingMode", "PAY_PER_REQUEST")
            .with("KeySchema", keys)
            .with_origin("KeySchema", &self.partition_key)
            .with_some("GlobalSecondaryIndexes", (!indexes.is_empty()).then_some(indexes))
            .with_origin("GlobalSecondaryIndexes", self.index.first())
            .with("PointInTimeRecoverySpecification", backups)
            .with_origin("PointInTimeRecoverySpecification", &self.no_backups)
            .set(
                "TimeToLiveSpecification",
                &self.ttl,
                |attribute| cfn!({ "AttributeName": attribute, "Enabled": true }),
            );
        lowering.add(self.logical_id(), kept(table, &self.delete_with_stack));
    }
}

/// Returns the type that DynamoDB has a letter for (`AttributeDefinition` of the DynamoDB API).
fn letter(kind: &str) -> Option<&'static str> {
    TYPES.iter().find(|(_, letter)| *letter == kind).map(|(name, _)| *name)
}
