//! `rtiler init`: writes a project that can be rehearsed at once.
//!
//! May import `package`, `diag` and the other rooms of `cli`.
//!
//! *Invariant*: a file that exists is never changed.

mod templates;

use std::path::{Path, PathBuf};

use super::args::{Init, Template};
use super::exit::ExitStatus;
use super::files::write_whole;
use super::json::ProjectWritten;
use super::report::Output;
use super::terminal::Terminal;
use crate::diag::{Code, Diagnostic, SourceMap, shell_word};
use crate::package::PackageName;

/// The name of a project whose folder has no name that can be used.
const FALLBACK: &str = "app";

/// Runs `rtiler init [NAME]`: writes a project into the folder NAME, or into this one.
pub(crate) fn command(init: &Init, terminal: &Terminal) -> ExitStatus {
    let (folder, name) = match place(init.name.as_deref()) {
        Ok(place) => place,
        Err(problem) => {
            terminal.problems(&[problem], &SourceMap::default());
            return ExitStatus::Usage;
        }
    };
    let mut files = templates::files(init.template, name.as_str());
    // `.rtiler/` has a `.gitignore` of its own, too.
    files.retain(|(path, _)| *path != ".gitignore" || !exists(&folder.join(path)));
    if let Some((path, _)) = files.iter().find(|(path, _)| exists(&folder.join(path))) {
        let path = folder.join(path);
        terminal.failure(Code::FileExists, &format!("{} already exists; nothing was written", path.display()));
        return ExitStatus::Usage;
    }
    for (path, text) in &files {
        let path = folder.join(path);
        if let Err(error) = write_whole(&path, text) {
            terminal.failure(Code::FileUnwritable, &format!("cannot write {}: {error}", path.display()));
            return ExitStatus::Script;
        }
    }
    let written = ProjectWritten {
        folder: if folder.as_os_str().is_empty() { ".".to_owned() } else { folder.display().to_string() },
        files: files.iter().map(|(path, _)| (*path).to_owned()).collect(),
    };
    terminal.status(&next_steps(init.template, &written.folder));
    Output::new(terminal, init.json)
        .result(&written, || files.iter().map(|(path, _)| format!("{}\n", folder.join(path).display())).collect());
    ExitStatus::Ok
}

/// Returns the folder of the project and its name.
fn place(name: Option<&str>) -> Result<(PathBuf, PackageName), Diagnostic> {
    let Some(name) = name.filter(|name| *name != ".") else {
        let working = std::env::current_dir().unwrap_or_default();
        let folder = working.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let name = PackageName::parse(&kebab(folder)).or_else(|_| PackageName::parse(FALLBACK));
        return Ok((PathBuf::new(), name.expect("the fallback is a name")));
    };
    if name.contains(['/', '\\']) {
        return Err(in_another_folder(name));
    }
    let parsed = PackageName::parse(name).map_err(|why| {
        let problem = Diagnostic::new(Code::CommandLine, format!("`{name}` cannot be the name of a project: it {why}"));
        let better = PackageName::parse(&kebab(name)).ok();
        problem.help_if(better.map(|better| format!("write `rtiler init {better}`")))
    })?;
    Ok((PathBuf::from(name), parsed))
}

/// Returns the error of a path: the folder of a project has its name, and is created in this folder.
fn in_another_folder(path: &str) -> Diagnostic {
    let message =
        format!("`{path}` is a path: `rtiler init` takes a name, and creates the folder of the project in this folder");
    let full = Path::new(path);
    let name = full.file_name().and_then(|name| name.to_str()).and_then(|name| PackageName::parse(&kebab(name)).ok());
    let folder = full.parent().and_then(Path::to_str).filter(|folder| !folder.is_empty()).map(shell_word);
    let help = match (folder, name) {
        (Some(folder), Some(name)) => format!("run `cd {folder} && rtiler init {name}`"),
        _ => "run `rtiler init` in the folder itself".to_owned(),
    };
    Diagnostic::new(Code::CommandLine, message).help(help)
}

/// Returns a text with lower-case words and hyphens between them.
fn kebab(text: &str) -> String {
    let mut words = String::new();
    let mut previous = '-';
    for letter in text.chars() {
        if letter.is_ascii_uppercase() && previous.is_ascii_lowercase() || !letter.is_ascii_alphanumeric() {
            words.push('-');
        }
        if letter.is_ascii_alphanumeric() {
            words.push(letter.to_ascii_lowercase());
        }
        previous = letter;
    }
    words.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

fn exists(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

fn next_steps(template: Template, folder: &str) -> String {
    let change = if folder == "." { String::new() } else { format!("  cd {folder}\n") };
    let rehearse = match template {
        Template::Package => "",
        _ => "  rtiler run . deploy --rehearse   (needs no account)\n",
    };
    format!("wrote a project; next:\n{change}{rehearse}  rtiler test")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_of_a_folder_becomes_the_name_of_a_project() {
        for (folder, name) in [("shop", "shop"), ("My Shop", "my-shop"), ("MyShop_2", "my-shop-2"), ("--a--b", "a-b")] {
            assert_eq!(kebab(folder), name, "{folder}");
        }
    }

    #[test]
    fn name_that_cannot_be_used_is_an_error_with_a_better_one() {
        let problem = place(Some("MyShop")).expect_err("a mistake");
        assert!(problem.hints[0].contains("rtiler init my-shop"), "{:?}", problem.hints);
        assert!(place(Some("std")).is_err());
        let problem = place(Some("../my Apps/Shop")).expect_err("a mistake");
        assert!(problem.hints[0].contains("cd '../my Apps' && rtiler init shop"), "{:?}", problem.hints);
    }
}
