//! Names for completion that the session does not know: files, and options of account commands.

use std::path::Path;

use super::account;
use crate::repl::{AccountCommandKind, CompletionSource};
use crate::script::session::DirectoryListing;

/// The files of the working directory, and the options of account commands.
pub(super) struct CliCompletionSource;

impl DirectoryListing for CliCompletionSource {
    fn list(&self, path: &str) -> Vec<String> {
        let folder = if path.is_empty() { Path::new(".") } else { Path::new(path) };
        let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
        let mut names: Vec<String> = entries
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                Some(if entry.path().is_dir() { name + "/" } else { name })
            })
            .filter(|name| !name.starts_with('.'))
            .collect();
        names.sort();
        names
    }
}

impl CompletionSource for CliCompletionSource {
    fn options(&self, command: AccountCommandKind) -> Vec<(String, String)> {
        account::options(command)
    }
}
