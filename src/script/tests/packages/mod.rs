//! Scripts of projects with packages: what packages give, and what they cannot do.

mod hostile;
mod isolation;
mod limits;
mod problems;
mod reading;

use std::collections::BTreeMap;

use super::*;
use crate::package::{FileTree, Grants, LoadedPackage, Manifest, Packages};

/// A project with its packages, all in memory.
#[derive(Default, Clone)]
pub(super) struct Project {
    files: BTreeMap<String, String>,
    /// Links of the project, with the files that they lead to.
    links: BTreeMap<String, String>,
    variables: BTreeMap<String, String>,
    dependencies: String,
    permissions: String,
    packages: Vec<LoadedPackage>,
    limits: Option<Limits>,
}

impl Project {
    /// Adds a file of the project.
    pub(super) fn file(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.into(), text.into());
        self
    }

    pub(super) fn link(mut self, path: &str, to: &str) -> Self {
        self.links.insert(path.into(), to.into());
        self
    }

    pub(super) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// Permits the project or a package to read: `env = ["A"]`.
    pub(super) fn permit(mut self, name: &str, grants: &str) -> Self {
        self.permissions += &format!("[permissions.{name}]\n{grants}\n");
        self
    }

    pub(super) fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Adds a package that the project depends on: its entry, with its further files.
    pub(super) fn package(mut self, name: &str, entry: &str, files: &[(&str, &str)]) -> Self {
        self.dependencies += &format!("{name} = {{ path = \"../{name}\" }}\n");
        self.inner_package(name, "", entry, files)
    }

    /// Adds a package with dependencies, which the project does not name.
    pub(super) fn inner_package(mut self, name: &str, needs: &str, entry: &str, files: &[(&str, &str)]) -> Self {
        let needs: String =
            needs.split_whitespace().map(|name| format!("{name} = {{ path = \"../{name}\" }}\n")).collect();
        let manifest = format!("[package]\nname = \"{name}\"\nversion = \"1.2.0\"\n[dependencies]\n{needs}");
        let mut tree = FileTree::default();
        for (path, text) in [("rtiler.toml", manifest.as_str()), ("main.rhai", entry)].iter().chain(files) {
            tree.add(path, text.as_bytes().to_vec()).unwrap_or_else(|problem| panic!("{}", problem.message));
        }
        let manifest = Arc::new(Manifest::parse("rtiler.toml", &manifest).expect("a manifest"));
        self.packages.push(LoadedPackage { manifest, files: Arc::new(tree), granted: Grants::default() });
        self
    }

    /// Makes an inner package a dependency of the project too.
    pub(super) fn depends_on(mut self, name: &str) -> Self {
        self.dependencies += &format!("{name} = {{ path = \"../{name}\" }}\n");
        self
    }

    pub(super) fn eval(&self, script: &str) -> Evaluation {
        let limits = self.limits.clone().unwrap_or_default();
        eval(&Input { name: "app.rhai", text: script, files: Rc::new(self.clone()), given: Vec::new(), limits })
    }

    /// Returns the lines that a script prints, or its problems.
    pub(super) fn printed(&self, script: &str) -> Vec<String> {
        let evaluation = self.eval(&format!("{script}\nStack(\"s\").add(AWS::SNS::Topic(\"T\"))"));
        assert!(evaluation.report.problems.is_empty(), "{}", shown(&evaluation));
        evaluation.printed.into_iter().map(|(_, line)| line).collect()
    }

    /// Returns the codes of the problems of a script, with their places.
    pub(super) fn problems(&self, script: &str) -> Vec<(&'static str, String)> {
        let evaluation = self.eval(&format!("{script}\nStack(\"s\").add(AWS::SNS::Topic(\"T\"))"));
        let place = |problem: &Diagnostic| {
            problem.origin().map(|origin| format!("{}:{}", origin.source, origin.line)).unwrap_or_default()
        };
        evaluation.report.problems.iter().map(|problem| (problem.code.as_str(), place(problem))).collect()
    }
}

impl SourceLoader for Project {
    fn read(&self, path: &str) -> Result<String, LoadError> {
        self.files.get(path).cloned().ok_or(LoadError::Missing)
    }

    fn packages(&self) -> Arc<Packages> {
        let text = format!(
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[dependencies]\n{}\n{}",
            self.dependencies, self.permissions
        );
        let manifest = Manifest::parse("rtiler.toml", &text).unwrap_or_else(|problems| panic!("{problems:?}"));
        let granted = |mut package: LoadedPackage| {
            let found = manifest.permissions.get(&package.manifest.name);
            package.granted = found.map(|granted| granted.value.clone()).unwrap_or_default();
            package
        };
        let packages: Vec<LoadedPackage> = self.packages.iter().cloned().map(granted).collect();
        Arc::new(Packages::new(Arc::new(manifest), packages))
    }

    fn locate(&self, path: &str) -> Result<String, LoadError> {
        let found = self.links.get(path).cloned().unwrap_or_else(|| path.to_owned());
        if self.files.contains_key(&found) { Ok(found) } else { Err(LoadError::Missing) }
    }

    fn read_located(&self, path: &str) -> Result<String, LoadError> {
        self.read(path)
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, LoadError> {
        Ok(self.files.keys().filter(|path| path.starts_with(folder)).cloned().collect())
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

#[test]
fn package_is_imported_by_its_name() {
    let project = Project::default().package(
        "acme-web",
        "import \"./lib/sizes\" as sizes;\nexport const PORT = 80;\nfn web(name) { `${name}:${sizes::small()}` }",
        &[
            ("lib/sizes.rhai", "import \"../base.rhai\" as base;\nfn small() { base::unit() * 2 }"),
            ("base.rhai", "fn unit() { 128 }"),
        ],
    );
    assert_eq!(
        project.printed("import \"acme-web\" as web;\nprint(web::web(\"a\"));\nprint(web::PORT);"),
        ["a:256", "80"]
    );
}

#[test]
fn package_imports_its_own_dependencies_only() {
    let project = Project::default()
        .package("other", "fn f() { 1 }", &[])
        .inner_package("web", "net", "import \"net\" as net;\nfn f() { net::f() + 1 }", &[])
        .inner_package("net", "", "fn f() { 41 }", &[])
        .depends_on("web");
    assert_eq!(project.printed("import \"web\" as web;\nprint(web::f());"), ["42"]);
    assert_eq!(project.problems("import \"net\" as net;"), [("unknown-package", "app.rhai:1".into())]);
    let project = project.package("greedy", "import \"other\" as other;", &[]);
    assert_eq!(project.problems("import \"greedy\" as g;"), [("unknown-package", "app.rhai:1".into())]);
}

#[test]
fn unknown_package_has_the_nearest_name_and_the_command() {
    let project = Project::default().package("acme-web", "", &[]);
    let evaluation = project.eval("import \"acme-wb\" as web;\nStack(\"s\")");
    let text = shown(&evaluation);
    assert!(text.contains("did you mean `acme-web`?") && text.contains("rtiler add"), "{text}");
}

#[test]
fn name_of_a_package_and_a_file_is_ambiguous() {
    let project = Project::default().package("web", "fn f() { 1 }", &[]).file("web.rhai", "fn f() { 2 }");
    assert_eq!(project.problems("import \"web\" as web;"), [("ambiguous-import", "app.rhai:1".into())]);
    assert_eq!(project.printed("import \"./web\" as web;\nprint(web::f());"), ["2"]);
}

#[test]
fn source_of_a_package_is_named_with_its_version() {
    let project = Project::default().package("web", "\nlet x = nothing;", &[]);
    let evaluation = project.eval("import \"web\" as web;\nStack(\"s\")");
    let origins: Vec<String> =
        evaluation.report.problems[0].labels.iter().map(|label| label.origin.to_string()).collect();
    assert_eq!(origins, ["app.rhai:1:8", "web@1.2.0/main.rhai:2:9"]);
    assert!(shown(&evaluation).contains("let x = nothing;"), "{}", shown(&evaluation));
}

#[test]
fn wrong_name_or_number_of_arguments_of_a_package_has_a_suggestion() {
    let project = Project::default().package("web", "fn service(name, cpu) { 1 }", &[]);
    let text = shown(&project.eval("import \"web\" as web;\nweb::service(1);\nweb::servce(1, 2);\nStack(\"s\")"));
    assert!(
        text.contains("write `web::service(name, cpu)`") && text.contains("did you mean `web::service`?"),
        "{text}"
    );
}
