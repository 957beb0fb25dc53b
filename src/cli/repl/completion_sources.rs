//! Names that completion offers and the session does not know: files, and options of commands.

use std::path::Path;

use super::account;
use crate::repl::CompletionSource;
use crate::script::session::DirectoryListing;

/// Files of the working directory, and what commands of an account take.
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
    fn options(&self, command: &str) -> Vec<(String, String)> {
        account::options(command)
    }
}
