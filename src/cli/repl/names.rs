//! Names that completion offers and the session does not know: files, and what is deployed.

use std::path::Path;

use super::account::Account;
use crate::repl::Names;
use crate::script::session::Folder;

/// Files of the working directory, and what is known of the account.
pub(super) struct Known<'a>(pub(super) &'a Account);

impl Folder for Known<'_> {
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

impl Names for Known<'_> {
    fn stacks(&self) -> Vec<String> {
        self.0.stacks()
    }

    fn services(&self) -> Vec<String> {
        self.0.services()
    }
}
