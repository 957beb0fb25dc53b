//! Changes of `rtiler.toml` that keep its comments and its order.

use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::manifest::{Dependency, Grants};
use super::name::PackageName;
use super::requirement::Requirement;
use super::source::{PackageSource, Revision};

/// A manifest that is changed.
#[derive(Debug, Clone)]
pub struct ManifestEdit {
    document: DocumentMut,
    /// Whether its lines end as on Windows.
    has_crlf: bool,
}

impl ManifestEdit {
    /// Reads the text of a manifest; none if it is not TOML.
    pub fn of(text: &str) -> Option<Self> {
        let has_crlf = text.contains("\r\n") && text.matches('\n').count() == text.matches("\r\n").count();
        text.parse().ok().map(|document| Self { document, has_crlf })
    }

    /// Returns the changed text.
    pub fn to_text(&self) -> String {
        let text = self.document.to_string();
        if self.has_crlf { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text }
    }

    /// Adds a dependency, or replaces the one of this name.
    pub fn set_dependency(&mut self, name: &PackageName, dependency: &Dependency) {
        let item = Item::Value(Value::InlineTable(entry(dependency)));
        let table = table_of(self.document.as_table_mut(), "dependencies");
        let is_section = table.get(name.as_str()).is_some_and(Item::is_table);
        if is_section {
            table.remove(name.as_str());
        }
        table.insert(name.as_str(), item);
    }

    /// Removes a dependency, and the permissions of its package; returns whether it was there.
    pub fn remove_dependency(&mut self, name: &PackageName) -> bool {
        let dependencies = self.document.get_mut("dependencies").and_then(Item::as_table_like_mut);
        dependencies.is_some_and(|table| table.remove(name.as_str()).is_some())
    }

    /// Removes the permissions of a package.
    pub fn remove_permissions(&mut self, name: &PackageName) {
        if let Some(permissions) = self.document.get_mut("permissions").and_then(Item::as_table_like_mut) {
            permissions.remove(name.as_str());
        }
    }

    /// Sets the lowest version of a dependency.
    pub fn set_version(&mut self, name: &PackageName, lowest: &Requirement) {
        let dependencies = self.document.get_mut("dependencies").and_then(Item::as_table_like_mut);
        let dependency = dependencies.and_then(|table| table.get_mut(name.as_str())).and_then(Item::as_table_like_mut);
        if let Some(value) = dependency.and_then(|table| table.get_mut("version")).and_then(Item::as_value_mut) {
            let decor = value.decor().clone();
            *value = Value::from(lowest.lowest.to_string());
            *value.decor_mut() = decor;
        }
    }

    /// Adds permissions of a package to those that it has.
    pub fn grant(&mut self, name: &PackageName, grants: &Grants) {
        let permissions = table_of(self.document.as_table_mut(), "permissions");
        if permissions.get(name.as_str()).is_none() {
            permissions.insert(name.as_str(), Item::Table(Table::new()));
        }
        let Some(table) = permissions.get_mut(name.as_str()).and_then(Item::as_table_like_mut) else { return };
        for (key, values) in [("env", &grants.env), ("read", &grants.read)] {
            add(table, key, values);
        }
    }
}

fn add(table: &mut dyn TableLike, key: &str, values: &[String]) {
    if values.is_empty() {
        return;
    }
    if table.get(key).is_none() {
        table.insert(key, Item::Value(Value::Array(Array::new())));
    }
    if let Some(array) = table.get_mut(key).and_then(Item::as_array_mut) {
        array.extend(values);
    }
}

/// Returns a section of the document, which is added if it is missing.
fn table_of<'a>(document: &'a mut Table, key: &str) -> &'a mut dyn TableLike {
    let mut missing = Table::new();
    // Without entries of its own, `[permissions]` is not written above `[permissions.NAME]`.
    missing.set_implicit(key == "permissions");
    let item = document.entry(key);
    let item = item.or_insert(Item::Table(missing));
    if item.as_table_like().is_none() {
        *item = Item::Table(Table::new());
    }
    match item {
        Item::Table(table) => table,
        Item::Value(Value::InlineTable(table)) => table,
        _ => unreachable!("it was made a table"),
    }
}

fn entry(dependency: &Dependency) -> InlineTable {
    let mut table = InlineTable::new();
    match &dependency.source {
        PackageSource::Git { url, folder } => {
            table.insert("git", url.into());
            if !folder.is_empty() {
                table.insert("folder", folder.into());
            }
        }
        PackageSource::Oci { registry, repository } => {
            _ = table.insert("oci", format!("{registry}/{repository}").into());
        }
        PackageSource::Path(path) => _ = table.insert("path", path.into()),
    }
    let (key, value) = match &dependency.revision {
        Revision::Version(requirement) => ("version", requirement.lowest.to_string()),
        Revision::Tag(name) => ("tag", name.clone()),
        Revision::Branch(name) => ("branch", name.clone()),
        Revision::Commit(hash) => ("commit", hash.clone()),
        Revision::Folder => return table,
    };
    table.insert(key, value.into());
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::{Manifest, parse_source};

    const SHOP: &str = "# The shop.\n[package]\nname = \"shop\" # ours\nversion = \"0.1.0\"\n\n[dependencies]\n# The network.\n\
                        net = { git = \"https://github.com/acme/net\", version = \"1.2\" } # pinned\n\n[requests]\nenv = [\"A\"]\n";

    fn name(text: &str) -> PackageName {
        PackageName::parse(text).expect("a name")
    }

    fn dependency(text: &str) -> Dependency {
        let (source, revision) = parse_source(text).unwrap_or_else(|why| panic!("{why}"));
        Dependency { source, revision }
    }

    fn edited(text: &str, change: impl FnOnce(&mut ManifestEdit)) -> String {
        let mut edit = ManifestEdit::of(text).expect("TOML");
        change(&mut edit);
        let text = edit.to_text();
        Manifest::parse("rtiler.toml", &text).unwrap_or_else(|problems| panic!("{text}\n{problems:?}"));
        text
    }

    #[test]
    fn added_dependency_keeps_comments_and_order() {
        let text =
            edited(SHOP, |edit| edit.set_dependency(&name("web"), &dependency("github.com/acme/stacks//web@v1.4")));
        let line = "web = { git = \"https://github.com/acme/stacks\", folder = \"web\", version = \"1.4.0\" }\n";
        assert_eq!(text, SHOP.replace("# pinned\n", &format!("# pinned\n{line}")));
    }

    #[test]
    fn lines_that_end_as_on_windows_stay_so() {
        let text = edited(&SHOP.replace('\n', "\r\n"), |edit| {
            edit.set_dependency(&name("web"), &dependency("github.com/acme/stacks//web@v1.4"));
            edit.grant(&name("web"), &Grants { env: vec!["A".into()], read: Vec::new() });
        });
        assert!(text.contains("web = {") && text.matches('\n').count() == text.matches("\r\n").count(), "{text:?}");
        let text = edited(SHOP, |edit| edit.set_dependency(&name("web"), &dependency("../web")));
        assert!(!text.contains('\r'), "{text:?}");
    }

    #[test]
    fn first_dependency_and_first_grant_get_their_sections() {
        let shop = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\n";
        let text = edited(shop, |edit| {
            edit.set_dependency(&name("net"), &dependency("../net"));
            edit.grant(&name("net"), &Grants { env: vec!["NET_*".into()], read: Vec::new() });
        });
        assert_eq!(
            text,
            format!("{shop}\n[dependencies]\nnet = {{ path = \"../net\" }}\n\n[permissions.net]\nenv = [\"NET_*\"]\n")
        );
        let more = Grants { env: vec!["B".into()], read: vec!["config".into()] };
        let text = edited(&text, |edit| edit.grant(&name("net"), &more));
        assert!(text.ends_with("env = [\"NET_*\", \"B\"]\nread = [\"config\"]\n"), "{text}");
    }

    #[test]
    fn replaced_dependency_is_one_line_in_either_form() {
        let section = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\n[dependencies.net]\npath = \"../net\"\n";
        let text = edited(section, |edit| edit.set_dependency(&name("net"), &dependency("../other")));
        assert!(text.contains("net = { path = \"../other\" }") && !text.contains("[dependencies.net]"), "{text}");
        let text = edited(SHOP, |edit| edit.set_dependency(&name("net"), &dependency("../other")));
        assert_eq!(text.matches("net = ").count(), 1, "{text}");
    }

    #[test]
    fn version_is_raised_in_its_place() {
        let text =
            edited(SHOP, |edit| edit.set_version(&name("net"), &Requirement::parse("1.4.2").expect("a version")));
        assert_eq!(text, SHOP.replace("\"1.2\"", "\"1.4.2\""));
    }

    #[test]
    fn removed_dependency_takes_its_permissions_along() {
        let granted = format!("{SHOP}[permissions.net]\nread = [\"config\"]\n");
        let text = edited(&granted, |edit| {
            assert!(edit.remove_dependency(&name("net")) && !edit.remove_dependency(&name("web")));
            edit.remove_permissions(&name("net"));
        });
        assert!(!text.contains("net =") && !text.contains("permissions") && text.contains("[requests]"), "{text}");
    }
}
