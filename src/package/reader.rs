//! Reads typed values of a TOML document, and reports mistakes at their lines.

use std::collections::BTreeMap;
use std::ops::Range;

use toml_edit::{Document, Item, TableLike};

use crate::diag::{Code, Diagnostic, Origin, WithOrigin, did_you_mean};
use crate::package::name::PackageName;

/// Reads one document; mistakes are collected.
pub(super) struct Reader<'a> {
    code: Code,
    file: &'a str,
    text: &'a str,
    pub(super) problems: Vec<Diagnostic>,
}

/// A table of the document.
#[derive(Clone)]
pub(super) struct Table {
    /// Its name as users write it; empty for the document.
    name: String,
    item: Item,
}

impl Table {
    fn entries(&self) -> Vec<(String, Option<Range<usize>>, Item)> {
        let entries = |table: &dyn TableLike| {
            let keys: Vec<String> = table.iter().map(|(key, _)| key.to_owned()).collect();
            let entry = |key: String| {
                let (name, item) = table.get_key_value(&key)?;
                let span = name.span();
                Some((key, span, item.clone()))
            };
            keys.into_iter().filter_map(entry).collect()
        };
        self.item.as_table_like().map(entries).unwrap_or_default()
    }

    /// Returns whether it has no keys.
    pub(super) fn is_empty(&self) -> bool {
        self.item.as_table_like().is_none_or(TableLike::is_empty)
    }

    pub(super) fn get(&self, key: &str) -> Option<Item> {
        self.item.as_table_like()?.get(key).cloned()
    }
}

/// Keys that are in no table: TOML reads a key below a table as one of the table.
const KEYS_OF_THE_FILE: [&str; 1] = ["policies"];

fn above_tables(key: &str) -> String {
    format!("move `{key}` to the beginning of the file, above `[package]`")
}

impl<'a> Reader<'a> {
    pub(super) fn new(code: Code, file: &'a str, text: &'a str) -> Self {
        Self { code, file, text, problems: Vec::new() }
    }

    /// Parses the document.
    pub(super) fn document(&mut self) -> Option<Table> {
        match Document::parse(self.text.to_owned()) {
            Ok(document) => Some(Table { name: String::new(), item: document.as_item().clone() }),
            Err(error) => {
                let problem = if let Some(line) = conflict_line(self.text) {
                    let message = format!("`{}` has a conflict of a merge", self.file);
                    let help = "take the lines of one side or of both, and remove the lines `<<<<<<<`, `=======` and `>>>>>>>`";
                    let problem = Diagnostic::new(self.code, message).at(&Origin::new(self.file, line, 1), "");
                    problem.help_if((self.code == Code::Manifest).then_some(help))
                } else {
                    let why = error.message().lines().next().unwrap_or_default();
                    let message = format!("`{}` is not valid TOML", self.file);
                    Diagnostic::new(self.code, message).at(&self.origin(error.span()), why)
                };
                self.problems.push(problem);
                None
            }
        }
    }

    /// Returns the place of a range of bytes.
    fn origin(&self, span: Option<Range<usize>>) -> Origin {
        let Some(start) = span.map(|span| span.start.min(self.text.len())) else {
            return Origin::new(self.file, 0, 0);
        };
        let before = self.text.get(..start).unwrap_or_default();
        let number = |count: usize| u32::try_from(count + 1).unwrap_or(u32::MAX);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Origin::new(self.file, number(before.matches('\n').count()), number(before[line_start..].chars().count()))
    }

    fn push(&mut self, span: Option<Range<usize>>, message: String) -> &mut Diagnostic {
        let origin = self.origin(span);
        self.problems.push(Diagnostic::new(self.code, message).at(&origin, ""));
        let last = self.problems.len() - 1;
        &mut self.problems[last]
    }

    /// Reports a dependency that is a version or a path alone: there is no registry that knows packages by their names.
    fn bare_dependency(&mut self, name: &str, item: &Item, text: &str) {
        let is_folder = text.starts_with(['.', '/']);
        let problem = self.push(item.span(), format!("the dependency `{name}` has no source"));
        let entry = if is_folder {
            format!("{name} = {{ path = \"{text}\" }}")
        } else if super::requirement::Requirement::parse(text).is_ok() {
            format!("{name} = {{ git = \"https://..\", version = \"{text}\" }}")
        } else {
            format!("{name} = {{ git = \"https://..\", version = \"1.0\" }}")
        };
        let add =
            if is_folder { format!("rtiler add {text}") } else { "rtiler add github.com/org/repo@v1.0".to_owned() };
        *problem = problem
            .clone()
            .note("no registry knows packages by their names alone: a dependency has `git`, `oci` or `path`")
            .help(format!("write `{entry}`, or remove the line and run `{add}`"));
    }

    /// Reports a mistake in a table.
    pub(super) fn report(&mut self, table: &Table, message: &str) {
        self.push(table.item.span(), message.to_owned());
    }

    /// Reports a missing key, with lines that can be pasted.
    pub(super) fn missing(&mut self, table: &Table, key: &str, lines: &str) {
        let lines = if table.name.is_empty() { format!("[{key}]\n{lines}") } else { lines.to_owned() };
        let place = if table.name.is_empty() { self.file.to_owned() } else { format!("[{}]", table.name) };
        let span = table.item.span();
        let problem = self.push(span, format!("`{place}` has no `{key}`"));
        *problem = problem.clone().help(format!("add `{lines}`"));
    }

    /// Reports each key of a table that is not one of these.
    pub(super) fn check_keys(&mut self, table: &Table, known: &[&str]) {
        for (key, span, _) in table.entries() {
            if !known.contains(&key.as_str()) {
                let place = if table.name.is_empty() { self.file.to_owned() } else { format!("[{}]", table.name) };
                let hint = did_you_mean(&key, known.iter().copied());
                let problem = self.push(span, format!("`{place}` has no key `{key}`"));
                if KEYS_OF_THE_FILE.contains(&key.as_str()) && !table.name.is_empty() {
                    *problem = problem.clone().help(above_tables(&key));
                    continue;
                }
                let keys = known.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
                *problem = problem.clone().help_if(hint).help(format!("the keys are {keys}"));
            }
        }
    }

    /// Returns the table with this name, if there is one.
    pub(super) fn table(&mut self, parent: &Table, key: &str) -> Option<Table> {
        let item = parent.get(key)?;
        let name = if parent.name.is_empty() { key.to_owned() } else { format!("{}.{key}", parent.name) };
        if item.as_table_like().is_some() {
            return Some(Table { name, item });
        }
        if parent.name == "dependencies"
            && let Some(text) = item.as_str()
        {
            self.bare_dependency(key, &item, text);
            return None;
        }
        let help = KEYS_OF_THE_FILE.contains(&key).then(|| above_tables(key));
        let problem = self.push(item.span(), format!("`{key}` is not a table: write `[{name}]`"));
        if let Some(help) = help {
            problem.message = format!("`[{}]` has no key `{key}`", parent.name);
            *problem = problem.clone().help(help);
        }
        None
    }

    /// Returns the values of a table whose keys are names of packages.
    pub(super) fn tables<T>(
        &mut self,
        parent: &Table,
        key: &str,
        read: impl Fn(&mut Self, &Table) -> Option<T>,
    ) -> BTreeMap<PackageName, WithOrigin<T>> {
        let Some(table) = self.table(parent, key) else { return BTreeMap::new() };
        let mut found = BTreeMap::new();
        for (key, span, _) in table.entries() {
            let origin = self.origin(span);
            let name = self.parsed(&WithOrigin::new(key.clone(), origin.clone()), PackageName::parse);
            let value = self.table(&table, &key).and_then(|inner| read(self, &inner));
            if let (Some(name), Some(value)) = (name, value) {
                found.insert(name, WithOrigin::new(value, origin));
            }
        }
        found
    }

    /// Returns the tables of an array of tables: `[[package]]`.
    pub(super) fn array(&mut self, parent: &Table, key: &str) -> Vec<Table> {
        let Some(item) = parent.get(key) else { return Vec::new() };
        let Some(tables) = item.as_array_of_tables() else {
            self.push(item.span(), format!("`{key}` is not a list of tables: write `[[{key}]]`"));
            return Vec::new();
        };
        tables.iter().map(|table| Table { name: key.to_owned(), item: Item::Table(table.clone()) }).collect()
    }

    /// Returns a whole number, if the key is there.
    pub(super) fn integer(&mut self, table: &Table, key: &str) -> Option<i64> {
        let item = table.get(key)?;
        let number = item.as_integer();
        if number.is_none() {
            self.push(item.span(), format!("`{key}` is not a whole number"));
        }
        number
    }

    /// Returns a text, if the key is there.
    pub(super) fn string(&mut self, table: &Table, key: &str) -> Option<WithOrigin<String>> {
        let item = table.get(key)?;
        match item.as_str() {
            Some(text) => Some(WithOrigin::new(text.to_owned(), self.origin(item.span()))),
            None => {
                self.push(item.span(), format!("`{key}` is not a text: write it in double quotes"));
                None
            }
        }
    }

    /// Returns a text that must be there.
    pub(super) fn required(&mut self, table: &Table, key: &str, line: &str) -> Option<WithOrigin<String>> {
        if table.get(key).is_none() {
            self.missing(table, key, line);
        }
        self.string(table, key)
    }

    /// Returns a list of texts; an absent one is empty.
    pub(super) fn strings(&mut self, table: &Table, key: &str) -> Vec<WithOrigin<String>> {
        let Some(item) = table.get(key) else { return Vec::new() };
        let Some(array) = item.as_array() else {
            self.push(item.span(), format!("`{key}` is not a list: write `{key} = [\"..\"]`"));
            return Vec::new();
        };
        let mut found = Vec::new();
        for value in array {
            match value.as_str() {
                Some(text) => found.push(WithOrigin::new(text.to_owned(), self.origin(value.span()))),
                None => _ = self.push(value.span(), format!("an item of `{key}` is not a text")),
            }
        }
        found
    }

    /// Returns a text as what it must be; the reason of a mistake is the end of a sentence that begins with the text.
    pub(super) fn parsed<T>(
        &mut self,
        text: &WithOrigin<String>,
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Option<T> {
        let result = parse(&text.value).map_err(|why| format!("`{}` {why}", text.value));
        self.checked(text, result)
    }

    /// Returns the value of a result, or reports its mistake where the text is.
    pub(super) fn checked<T>(&mut self, text: &WithOrigin<String>, result: Result<T, String>) -> Option<T> {
        result.map_err(|why| self.problems.push(Diagnostic::new(self.code, why).at(&text.origin, ""))).ok()
    }
}

/// Returns the number of the line at which a conflict of a merge by git begins, counted from 1.
pub(super) fn conflict_line(text: &str) -> Option<u32> {
    let at = text.lines().position(|line| line.starts_with("<<<<<<< "))?;
    u32::try_from(at + 1).ok()
}
