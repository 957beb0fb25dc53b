//! Container images as data: references, images that are built or pushed before a deployment, and the tags that follow from their
//! content.
//!
//! `reference` parses names as Docker writes them, `build` has the inputs of a build and its tag, `required` says which image a
//! stack needs and where it is pushed, `ignore_rules` are the rules of `.dockerignore`, `context_hash` the digest of a build context,
//! `manifest` parses what a registry has of an image, `facts` combines it, `bootstrap_names` has the names of what `rtiler bootstrap` creates.
//!
//! *Invariant*: pure; a tag follows from content, paths, links and executable bits, never from times, owners, order or the machine.

pub mod bootstrap_names;
mod build;
mod context_hash;
mod facts;
mod ignore_rules;
mod manifest;
mod reference;
mod required;

pub use build::{BuildSecret, ImageArchive, ImageBuild, ImageContext, Platform, SecretSource};
pub use context_hash::{ContextEntry, ContextHash, EntryKind, digest_of_text};
pub use facts::{FactsByName, ImageFacts, PlatformContent, PlatformImage, Unread};
pub use ignore_rules::{IgnoreRules, InvalidPattern, Verdicts};
pub use manifest::{
    Architecture, ContainerConfig, ImageConfig, ImageManifest, IndexEntry, MEDIA_TYPES, Manifest, Step,
};
pub use reference::{EcrRegistry, ImageReference, is_repository_name, is_tag};
pub use required::{ImageRepository, ImageSource, PinnedImage, RequiredImage};
