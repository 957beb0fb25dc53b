//! Documentation as data: of everything that scripts see, and of every CloudFormation type.
//!
//! The doc comments of the bindings, the comments of the standard library and the embedded schema become [`Entry`]s of
//! [`DocElement`]s; [`Entry::to_text`] lays one out for a terminal, [`Entry::to_markdown`] as a page. `rtiler doc`,
//! `:doc`,
//! hints and the reference in Markdown show the same. `cli` adds its commands and the pages about codes with
//! [`Reference::with`].
//!
//! *Invariant*: nothing is unpacked from the schema before a name needs a CloudFormation type.

mod bindings;
mod cloudformation;
mod full_text;
mod groups;
mod language;
mod markdown;
mod modules;
mod part;
mod script_tests;
mod search;
mod table;
mod terminal;
mod topics;

#[cfg(test)]
mod tests;

use std::cell::OnceCell;

use serde::Serialize;

pub use part::DocElement;
pub use search::SearchResult;

use crate::package::{Manifest, Packages};

/// The kind of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each variant is what it is called")]
pub enum Kind {
    Block,
    Function,
    Method,
    /// A property of a block: `alb.url`.
    Property,
    Module,
    Constant,
    PseudoParameter,
    /// A service of AWS: `AWS::ECS`.
    Service,
    /// A type of CloudFormation.
    ResourceType,
    /// A property of a type of CloudFormation, at any depth.
    ResourceProperty,
    /// A value of `Fn::GetAtt`.
    Attribute,
    Command,
    /// A kind of problem.
    Code,
    /// A concept that other tools have under their words: `sticky sessions`.
    Topic,
}

impl Kind {
    /// Returns the kind in words: `block`, `resource type`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Block => "block",
            Kind::Function => "function",
            Kind::Method => "method",
            Kind::Property => "property",
            Kind::Module => "module",
            Kind::Constant => "constant",
            Kind::PseudoParameter => "pseudo parameter",
            Kind::Service => "service",
            Kind::ResourceType => "resource type",
            Kind::ResourceProperty => "resource property",
            Kind::Attribute => "attribute",
            Kind::Command => "command",
            Kind::Code => "code",
            Kind::Topic => "topic",
        }
    }
}

/// The documentation of one name.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Entry {
    /// The kind.
    pub kind: Kind,
    /// Its full name: `FargateService.cpu`, `Vpc::existing`, `AWS::ECS::Service.DesiredCount`.
    pub name: String,
    /// As it is written: `service.cpu(units)`; one for each way to call it; none if it has only a name.
    pub signatures: Vec<String>,
    /// One line.
    pub summary: String,
    /// The whole documentation, the summary first.
    pub parts: Vec<DocElement>,
}

impl Entry {
    /// Returns the type before the dot, or the module: `FargateService` of `FargateService.cpu`, `cfn` of `cfn::join`.
    pub fn owner(&self) -> Option<&str> {
        match self.kind {
            Kind::Method | Kind::Property | Kind::ResourceProperty | Kind::Attribute => {
                self.name.split_once('.').map(|(owner, _)| owner)
            }
            Kind::Command => self.name.rsplit_once(' ').map(|(outer, _)| outer),
            Kind::Function | Kind::Constant => self.name.rsplit_once("::").map(|(module, _)| module),
            _ => None,
        }
    }

    /// Returns the name without its owner: `cpu`, `existing`.
    pub fn short_name(&self) -> &str {
        self.owner().map_or(self.name.as_str(), |owner| self.name[owner.len()..].trim_start_matches(['.', ':', ' ']))
    }

    /// Returns the examples in Rhai with whether each is meant to be wrong.
    pub fn examples(&self) -> impl Iterator<Item = (&str, bool)> {
        self.parts.iter().filter_map(|part| match part {
            DocElement::Code { language, text, wrong } if language == "rhai" => Some((text.as_str(), *wrong)),
            _ => None,
        })
    }
}

/// Everything that can be looked up.
pub struct Reference {
    entries: Vec<Entry>,
}

impl Reference {
    /// Creates the reference of the language: blocks, functions, methods, properties, modules of the standard
    /// library, topics. Types of CloudFormation
    /// are looked up in the schema.
    pub fn of_language() -> Self {
        let entries = language::entries().into_iter().chain(script_tests::entries()).chain(modules::entries());
        let entries = entries.chain(topics::entries()).collect();
        Self { entries }
    }

    /// Creates a reference of these entries only.
    pub fn of(entries: Vec<Entry>) -> Self {
        Self { entries }
    }

    /// Adds the packages that a project may import, with what they export.
    #[must_use]
    pub fn with_packages(self, packages: &Packages) -> Self {
        let entries: Vec<Entry> = packages.dependencies_of(None).flat_map(modules::package).collect();
        self.with(entries)
    }

    /// Adds entries.
    #[must_use]
    pub fn with(mut self, entries: impl IntoIterator<Item = Entry>) -> Self {
        self.entries.extend(entries);
        self
    }

    /// Returns all entries except CloudFormation's types: blocks, then functions, then members.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

/// Returns the documentation of a name of the language or of CloudFormation, in any case; several if several are
/// called so.
pub fn find(name: &str) -> Vec<Entry> {
    thread_local! {
        static LANGUAGE: OnceCell<Reference> = const { OnceCell::new() };
    }
    LANGUAGE.with(|language| language.get_or_init(Reference::of_language).find(name))
}

/// Returns the documentation of a package from its manifest and the text of its entry: the package first, then its exports.
pub fn package(manifest: &Manifest, text: &str) -> Vec<Entry> {
    modules::of_package(manifest, text)
}

/// Returns the names of all CloudFormation types.
pub fn resource_type_names() -> Vec<String> {
    cloudformation::names()
}

/// Returns the documentation of a CloudFormation type, for a list of them.
pub fn resource_type(name: &str) -> Option<Entry> {
    cloudformation::find(name).into_iter().next()
}
