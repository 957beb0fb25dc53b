//! Candidates after a dot.

use super::type_inference::InferredType;
use super::{Candidate, CandidateKind, brief};
use crate::cfn::schema::Schema;
use crate::script::bindings;
use crate::script::block_types::type_name;
use crate::script::declaration::{Declaration, TypeNames};

/// The methods of Rhai's strings that are useful in scripts of stacks.
const OF_TEXT: &[(&str, &str)] = &[
    ("contains(", "whether another text is in it"),
    ("ends_with(", "whether it ends with another text"),
    ("index_of(", "where another text begins in it, -1 where it does not"),
    ("is_empty", "whether it has no characters"),
    ("len", "its number of characters"),
    ("replace(", "the text with every occurrence of one text replaced by another"),
    ("split(", "its parts between separators, as a list"),
    ("starts_with(", "whether it begins with another text"),
    ("sub_string(", "some of its characters: the index of the first one, and their number"),
    ("to_lower()", "the text in small letters"),
    ("to_upper()", "the text in capital letters"),
    ("trim()", "the text without blanks at its ends"),
];
const OF_LIST: &[(&str, &str)] = &[
    ("all(", "whether a function is true for all items"),
    ("contains(", "whether a value is in it"),
    ("dedup()", "takes repeated neighbours away"),
    ("filter(", "the items for which a function is true"),
    ("find(", "the first item for which a function is true"),
    ("insert(", "puts a value at an index"),
    ("is_empty", "whether it has no items"),
    ("len", "its number of items"),
    ("map(", "what a function makes of every item"),
    ("pop()", "takes the last item away and gives it"),
    ("push(", "puts a value at its end"),
    ("reduce(", "one value of all items, by a function"),
    ("remove(", "takes the item at an index away and gives it"),
    ("reverse()", "turns its order around"),
    ("some(", "whether a function is true for any item"),
    ("sort()", "puts its items in order"),
];
const OF_MAP: &[(&str, &str)] = &[
    ("contains(", "whether it has a key"),
    ("is_empty", "whether it has no entries"),
    ("keys()", "its keys, as a list"),
    ("len", "its number of entries"),
    ("mixin(", "takes over the entries of another map"),
    ("remove(", "takes an entry away and gives its value"),
    ("values()", "its values, as a list"),
];

/// Returns the members of a value of a kind.
pub(super) fn candidates(kind: &InferredType) -> Vec<Candidate> {
    match kind {
        InferredType::Block(owner, used) => of_type(owner, used),
        InferredType::Resource(name, used) => of_resource(name, used),
        InferredType::Text => plain(OF_TEXT),
        InferredType::List => plain(OF_LIST),
        InferredType::Keys(keys) => of_keys(keys.iter().map(|key| (key.clone(), String::new()))),
        InferredType::Value(value) => {
            if let Some(owner) = type_name(value) {
                return of_type(owner, &[]);
            }
            if let Ok(map) = value.as_map_ref() {
                return of_keys(map.iter().map(|(key, value)| (key.to_string(), shown(value))));
            }
            match value {
                value if value.is_string() => plain(OF_TEXT),
                value if value.is_array() => plain(OF_LIST),
                _ => Vec::new(),
            }
        }
        InferredType::Number | InferredType::Reference | InferredType::Unknown => Vec::new(),
    }
}

fn shown(value: &rhai::Dynamic) -> String {
    let text = value.to_string();
    if text.chars().count() > 40 { crate::script::session::to_source::kind(value) } else { text }
}

fn of_keys(keys: impl Iterator<Item = (String, String)>) -> Vec<Candidate> {
    keys.map(|(key, value)| Candidate::new(CandidateKind::Setting, key, value)).chain(plain(OF_MAP)).collect()
}

fn plain(methods: &[(&str, &str)]) -> Vec<Candidate> {
    methods.iter().map(|(name, doc)| Candidate::new(CandidateKind::Method, *name, *doc)).collect()
}

/// Returns the setters that were not called yet, then the properties, then the other setters.
fn of_type(owner: &str, used: &[String]) -> Vec<Candidate> {
    let Some(known) = bindings::types().into_iter().find(|known| known.name == owner) else { return Vec::new() };
    let properties =
        known.properties.iter().map(|(name, doc)| Candidate::new(CandidateKind::Attribute, *name, brief(doc)));
    let (again, new) = setters(&known, used);
    new.into_iter().chain(properties).chain(again).collect()
}

/// Returns the setters that were called, and the others.
fn setters(known: &TypeNames, used: &[String]) -> (Vec<Candidate>, Vec<Candidate>) {
    let mut all: Vec<(bool, Candidate)> = Vec::new();
    for Declaration { name, parameters, doc, .. } in &known.methods {
        let takes = known.methods.iter().any(|other| other.name == *name && !other.parameters.is_empty());
        let text = if takes || !parameters.is_empty() { format!("{name}(") } else { format!("{name}()") };
        if all.iter().all(|(_, candidate)| candidate.text != text) {
            all.push((used.iter().any(|used| used == name), Candidate::new(CandidateKind::Method, text, brief(doc))));
        }
    }
    let (again, new): (Vec<_>, Vec<_>) = all.into_iter().partition(|(used, _)| *used);
    let plain = |all: Vec<(bool, Candidate)>| all.into_iter().map(|(_, candidate)| candidate).collect();
    (plain(again), plain(new))
}

/// Returns the attributes of `Fn::GetAtt`, then the resource attributes that can be set.
fn of_resource(name: &str, used: &[String]) -> Vec<Candidate> {
    let schema = Schema::embedded();
    let attributes = schema.get(name).map(|kind| kind.attributes()).unwrap_or_default();
    let known = attributes.iter().filter(|attribute| !attribute.name.contains('*'));
    let attributes = known.map(|attribute| {
        let doc = schema.doc(name, attribute.name).unwrap_or_default();
        Candidate::new(CandidateKind::Attribute, attribute.name, brief(doc))
    });
    attributes.chain(of_type("Resource", used)).collect()
}
