//! CloudFormation as data: values, references, resources, templates, and what can be checked without AWS.
//!
//! `value` and `text` are what a property may hold, `names` the identifiers, `template` the whole. `schema` knows every
//! resource type, `handlers` the permissions that CloudFormation needs for each type, `service_linked_roles` the roles that services
//! create, `iam_actions` every action of IAM, `sensitive` what must not be shown. `check` compares a template with it, `graph` orders
//! it, `diff` compares two, `engine_versions` reads versions of databases, `emit` writes and `parse` reads.
//!
//! *Invariant*: imports only `image` and `diag`; pure, so the same template always gives the same bytes and the same problems.

pub mod check;
pub mod conditions;
pub mod diff;
mod document;
pub mod emit;
pub(crate) mod engine_versions;
pub(crate) mod extent;
pub mod graph;
pub(crate) mod handlers;
pub mod hash;
pub(crate) mod iam_actions;
mod job;
pub mod names;
pub mod parse;
mod places;
mod property_path;
pub(crate) mod regions;
pub mod schema;
pub mod sensitive;
pub(crate) mod service_linked_roles;
pub mod template;
pub mod text;
pub(crate) mod type_names;
pub mod value;

pub use document::TemplateDocument;
pub use job::{JobStart, StackJob};
pub use names::{LogicalId, TypeName};
pub use places::Places;
pub use property_path::{PathSegment, PropertyPath};
pub use template::{Output, Parameter, Resource, Template};
pub use text::{Ref, Segment, TemplateString};
pub use value::{Function, Intrinsic, Map, Value};
