//! The machine interface: one JSON document for each command with `--json`, also if it fails (`docs/json.md`).
//!
//! `document` is the document, `problem` a diagnostic in it, `results` the results of commands that no other room has as a
//! type. `schema` (a test) writes `docs/schema` from these types.
//!
//! May import `deploy`, `diag` and `cli::{exit, frontend}`.
//!
//! *Invariant*: every shape is a type with a doc comment for each field, so that its schema follows it.

mod document;
mod packages;
mod problem;
mod results;
#[cfg(test)]
mod schema;

pub(crate) use document::{Document, EventRecord, LogRecord};
pub(crate) use packages::{
    ImportNote, ImportedScript, PackageChanges, PackageEntry, PackageRights, PackageUpdate, PackageVersions,
    ProjectWritten, VendoredPackages,
};
pub(crate) use problem::{Problem, problems};
pub(crate) use results::{
    CheckCounts, CodePage, CommandEnd, DeployedStackView, DriftOfStack, EntryLine, EventOfStack, FormattedFile,
    ImageUse, Inspected, JobListing, ListedImage, ListedPlatform, ListedTest, OutputsOfStack, PrintedLine,
    PublishedFile, PublishedPackage, RolePolicies, RolePolicy, RunResult, ScaleResult, ScheduleListing, SettingValue,
    StackCost, StackListing, StackRunResult, StackTimeline, SynthesizedStack, TasksOfService, TestOutcome, TestResults,
    UnusedArtifacts,
};
