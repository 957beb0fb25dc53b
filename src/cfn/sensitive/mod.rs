//! Values of a template that must not be shown: secrets, write-only properties, values of environment variables.
//!
//! `names` knows names of secrets, `commands` options of programs, `credentials` credentials inside of texts, `rules` the properties; `mask` applies them
//! to a resource. [`KnownSecrets`] are texts that are hidden wherever they appear, and [`GuardedValue`] is the only form in
//! which plans, comparisons and records hold a value of a template.
//!
//! May import the rest of `cfn`.
//!
//! *Invariant*: a [`GuardedValue`] is printed, compared in text and serialised without its hidden parts; they can be read
//! with [`ShowValues`] only, which the command line creates for a terminal.

mod commands;
mod credentials;
mod guarded;
mod known;
mod mask;
mod names;
mod rules;

#[cfg(test)]
mod tests;

pub use commands::OptionsOfPrograms;
pub(crate) use commands::ShortOption;
pub use guarded::{GuardedValue, ShowValues};
pub use known::{KnownSecrets, secrets_among};
pub use mask::{
    guarded_at, masked_properties, masked_resource, masked_sections, properties_without_secrets, secrets_of,
};
pub(crate) use names::{Purpose, is_secret_name, is_secret_name_for, is_secret_option};

/// Returns the lines of a text, from 1, that hold a credential without doubt.
pub fn credential_lines(text: &str) -> Vec<u32> {
    let line = |place: std::ops::Range<usize>| text[..place.start].matches('\n').count() + 1;
    let mut lines: Vec<u32> =
        credentials::certain(text).into_iter().filter_map(|place| u32::try_from(line(place)).ok()).collect();
    lines.dedup();
    lines
}

/// The text in place of a hidden value.
pub const HIDDEN: &str = "(not shown)";

/// The text in place of a hidden value that changes.
pub const CHANGED: &str = "(changed, not shown)";
