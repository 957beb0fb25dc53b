//! The conditions for the publication of a package.

use super::manifest::{MANIFEST, Manifest};
use super::source::PackageSource;
use super::tree::FileTree;
use crate::diag::{Code, Diagnostic, Origin};

/// Returns the problems of a package that is going to be published; `folder` is its folder as users know it, `credential_lines`
/// returns the lines of a text that hold credentials.
pub fn publication_problems(
    manifest: &Manifest,
    tree: &FileTree,
    folder: &str,
    credential_lines: impl Fn(&str) -> Vec<u32>,
) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let refused = |message: String| Diagnostic::new(Code::PublishRefused, message);
    let place = |path: &str, line| {
        let file = if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
        Origin::new(file, line, 1)
    };
    let start = place(MANIFEST, 1);
    if !manifest.version.build.is_empty() {
        let message = format!("the version {} has build metadata, which a tag cannot have", manifest.version);
        problems.push(refused(message).at(&start, "").help("remove the `+` and what is after it"));
    }
    let entry = &manifest.entry;
    if tree.text(&entry.value).is_none() {
        let message = format!("the entry `{}` is not among the files of the package", entry.value);
        problems.push(refused(message).at(&entry.origin, "").help("add it to `files`, or name another `entry`"));
    }
    for (name, dependency) in &manifest.dependencies {
        if let PackageSource::Path(path) = &dependency.value.source {
            let message = format!("`{name}` is the folder `{path}`, which others do not have");
            let problem = refused(message).at(&dependency.origin, "");
            problems.push(problem.help(format!("publish `{name}` first, and depend on its version")));
        }
    }
    for (path, content) in tree.files() {
        if is_credential_file(path) {
            let message = format!("`{path}` has the name of a file with credentials");
            let problem = Diagnostic::new(Code::PublishSecret, message).at(&place(path, 1), "");
            problems.push(problem.help("leave it out by `files` in `rtiler.toml`, or rename it"));
        }
        let text = String::from_utf8_lossy(content);
        for line in credential_lines(&text) {
            let message = format!("line {line} of `{path}` holds a credential");
            let problem = Diagnostic::new(Code::PublishSecret, message).at(&place(path, line), "");
            problems.push(problem.help("remove it, or leave the file out by `files` in `rtiler.toml`"));
        }
    }
    let missing = [("description", manifest.description.is_none()), ("licence", manifest.licence.is_none())];
    for (key, _) in missing.iter().filter(|(_, is_missing)| *is_missing) {
        let problem = Diagnostic::new(Code::PublishIncomplete, format!("the package has no `{key}`"));
        problems.push(problem.at(&start, "").help(format!("add `{key} = \"..\"` below `[package]`")));
    }
    problems
}

/// Returns whether tools keep credentials in files of this name.
fn is_credential_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let is_named =
        ["credentials", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "_netrc", "terraform.tfvars"].contains(&&*name);
    let ends = |ending: &str| name.rsplit_once('.').is_some_and(|(_, last)| last == ending);
    is_named || ["env", "pem", "key", "p12", "pfx", "keystore", "jks"].into_iter().any(ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(manifest: &str, files: &[(&str, &str)]) -> Vec<(Code, String)> {
        let manifest = Manifest::parse("rtiler.toml", manifest).unwrap_or_else(|problems| panic!("{problems:?}"));
        let mut tree = FileTree::default();
        for (path, content) in files {
            tree.add(path, content.as_bytes().to_vec()).expect("a file");
        }
        let lines = |text: &str| if text.contains("KEY") { vec![1] } else { Vec::new() };
        let problems = publication_problems(&manifest, &tree, "", lines);
        problems.into_iter().map(|problem| (problem.code, problem.message)).collect()
    }

    const WHOLE: &str = "[package]\nname = \"web\"\nversion = \"1.0.0\"\ndescription = \"Web.\"\nlicence = \"MIT\"\n";

    #[test]
    fn file_with_the_name_of_one_for_credentials_is_refused() {
        let names = ["id_rsa", "lib/prod.env", "server.KEY", "credentials"];
        for name in names {
            let problems = found(WHOLE, &[("main.rhai", "1"), (name, "x")]);
            assert_eq!(problems, [(Code::PublishSecret, format!("`{name}` has the name of a file with credentials"))]);
        }
        assert_eq!(found(WHOLE, &[("main.rhai", "1"), ("environment.rhai", "1"), ("keys.md", "x")]), []);
    }

    #[test]
    fn whole_package_has_no_problems() {
        assert_eq!(found(WHOLE, &[("main.rhai", "1")]), []);
    }

    #[test]
    fn package_that_others_cannot_use_is_refused() {
        let folder = format!("{WHOLE}[dependencies]\nnet = {{ path = \"../net\" }}\n");
        let problems = found(&folder, &[("main.rhai", "1")]);
        assert_eq!(
            problems,
            [(Code::PublishRefused, "`net` is the folder `../net`, which others do not have".to_owned())]
        );
        assert!(found(WHOLE, &[("lib.rhai", "1")])[0].1.starts_with("the entry `main.rhai` is not among"));
        let build = WHOLE.replace("1.0.0", "1.0.0+5");
        assert!(found(&build, &[("main.rhai", "1")])[0].1.contains("has build metadata"));
    }

    #[test]
    fn credential_is_named_with_its_file_and_line() {
        let problems = found(WHOLE, &[("lib/a.rhai", "KEY"), ("main.rhai", "1")]);
        assert_eq!(problems, [(Code::PublishSecret, "line 1 of `lib/a.rhai` holds a credential".to_owned())]);
    }

    #[test]
    fn missing_description_and_licence_are_warnings() {
        let problems = found("[package]\nname = \"web\"\nversion = \"1.0.0\"\n", &[("main.rhai", "1")]);
        assert_eq!(problems.len(), 2);
        assert!(problems.iter().all(|(code, _)| *code == Code::PublishIncomplete));
    }
}
