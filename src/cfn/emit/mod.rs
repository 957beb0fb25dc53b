//! Templates as text: deterministic JSON and YAML.
//!
//! `sections` lists the sections of a template in order, `json` and `yaml` write them, `scalar` decides how
//! YAML must quote a string so that every reader takes it for that string.
//!
//! *Invariant*: the same template gives the same bytes, and what is written reads back as the same template.

pub mod json;
mod scalar;
mod sections;
mod yaml;

use super::Template;

/// Returns a template as YAML with short forms (`!Ref`, `!GetAtt Alb.DNSName`), ending in a line break.
pub fn yaml(template: &Template) -> String {
    yaml::write(&sections::sections(template))
}

/// Returns a template as indented JSON in long forms, ending in a line break.
pub fn json(template: &Template) -> String {
    json::pretty(&sections::sections(template))
}

#[cfg(test)]
mod tests;
