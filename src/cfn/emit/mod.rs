//! Templates as text: deterministic JSON and YAML.
//!
//! *Invariant*: the same template gives the same bytes.

pub mod json;
