//! The schemas of CloudFormation's resource types: properties, attributes, what replaces a resource, and short docs.
//!
//! The data (`stdlib/schema.bin`, made by `tools/schema`) is one compressed blob for each service. [`Schema`] reads
//! the index of services and types; a service is unpacked when one of its types is first read, its docs when a doc is.
//! Nothing is turned into Rust structures: [`Node`] and [`TypeSchema`] are views that read the unpacked bytes in place,
//! so a lookup costs the decompression and little else.
//!
//! *Invariant*: imports nothing of ours; opening the schema unpacks nothing.

mod blob;
mod conditional;
mod index;
mod json_types;
mod node;
mod types;

use std::sync::OnceLock;

pub use conditional::{ValueChange, conditional_replacement};
pub use json_types::JsonTypes;
pub use node::{Bound, Keyword, Node, Scalar};
pub use types::{Attribute, CreateOnly, ReplacementOrder, Rule, Tagging, TypeSchema};

use index::Service;
use zstd::dict::DecoderDictionary;

static PACK: &[u8] = include_bytes!("../../../stdlib/schema.bin");

/// Every resource type of CloudFormation, unpacked when it is first read.
pub struct Schema {
    date: &'static str,
    services: Vec<Service>,
    dictionaries: [&'static [u8]; 2],
    prepared: [OnceLock<DecoderDictionary<'static>>; 2],
}

impl Schema {
    /// Returns the schema inside the binary.
    pub fn embedded() -> &'static Schema {
        static SCHEMA: OnceLock<Schema> = OnceLock::new();
        SCHEMA.get_or_init(|| index::open(PACK))
    }

    /// Returns the day on which AWS's schemas were read: `2026-10-20`.
    pub fn date(&self) -> &str {
        self.date
    }

    /// Returns the schema of a type by its full name, `AWS::ECS::Service`.
    pub fn get(&self, name: &str) -> Option<TypeSchema<'_>> {
        let (service, kind) = self.split(name)?;
        let at = service.position(kind)?;
        Some(TypeSchema::new(service.schema(|| self.dictionary(0)), at))
    }

    /// Returns whether the type exists; nothing is unpacked.
    pub fn contains(&self, name: &str) -> bool {
        self.split(name).is_some_and(|(service, kind)| service.position(kind).is_some())
    }

    /// Returns the services as they are in type names: `ECS`, and `Alexa::ASK` for other vendors. Sorted.
    pub fn services(&self) -> impl Iterator<Item = &'static str> {
        self.services.iter().map(|service| service.name)
    }

    /// Returns the full names of a service's types, sorted; none for an unknown service.
    pub fn types_of(&self, service: &str) -> impl Iterator<Item = String> {
        self.service(service).into_iter().flat_map(Service::full_names)
    }

    /// Returns what a type is for, or with a path (`DeploymentConfiguration.MinimumHealthyPercent`) one of its
    /// properties.
    pub fn doc(&self, name: &str, path: &str) -> Option<&str> {
        let (service, kind) = self.split(name)?;
        service.docs(|| self.dictionary(1)).doc(service.position(kind)?, path)
    }

    fn service(&self, name: &str) -> Option<&Service> {
        let at = self.services.binary_search_by(|service| service.name.cmp(name)).ok()?;
        self.services.get(at)
    }

    fn split<'n>(&self, name: &'n str) -> Option<(&Service, &'n str)> {
        let (service, kind) = name.rsplit_once("::")?;
        Some((self.service(service.strip_prefix("AWS::").unwrap_or(service))?, kind))
    }

    fn dictionary(&self, which: usize) -> &DecoderDictionary<'static> {
        self.prepared[which].get_or_init(|| DecoderDictionary::copy(self.dictionaries[which]))
    }
}

#[cfg(test)]
mod tests;
