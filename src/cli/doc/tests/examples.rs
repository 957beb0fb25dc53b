//! Evaluates and synthesises every example in the documentation of the language.

use std::rc::Rc;
use std::sync::Arc;

use super::super::everything;
use crate::cfn::schema::Schema;
use crate::diag::{Color, render};
use crate::image::{ImageArchive, ImageContext};
use crate::package::{Manifest, Packages};
use crate::repl::example;
use crate::script::reference::Kind;
use crate::script::{ContextError, Input, Limits, LoadError, SourceLoader, eval};
use crate::settings::{SettingInput, Source};
use crate::synth::synth;

include!("../../../testing/example_images.rs");

/// The files and variables that the examples read.
struct ExampleProject;

const FILES: &[(&str, &str)] = &[
    ("config/purpose.txt", "shows the way"),
    ("config/sizes.json", "{\"cpu\": 512, \"memory\": 1024}"),
    ("config/sizes.toml", "cpu = 512\nmemory = 1024"),
    ("config/sizes.yaml", "cpu: 512\nmemory: 1024"),
    ("config/topics/alarms.txt", "Alarms"),
];

impl SourceLoader for ExampleProject {
    fn read(&self, path: &str) -> Result<String, LoadError> {
        let found = FILES.iter().find(|(name, _)| *name == path);
        found.map(|(_, text)| (*text).to_owned()).ok_or(LoadError::Missing)
    }

    fn packages(&self) -> Arc<Packages> {
        let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[permissions.app]\nenv = [\"ACME_*\"]";
        Arc::new(Packages::new(Arc::new(Manifest::parse("rtiler.toml", manifest).expect("a manifest")), []))
    }

    fn locate(&self, path: &str) -> Result<String, LoadError> {
        Ok(path.to_owned())
    }

    fn read_located(&self, path: &str) -> Result<String, LoadError> {
        self.read(path)
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, LoadError> {
        Ok(FILES.iter().map(|(path, _)| (*path).to_owned()).filter(|path| path.starts_with(folder)).collect())
    }

    fn image_context(&self, folder: &str, _dockerfile: &str) -> Result<ImageContext, ContextError> {
        example_context(folder)
    }

    fn image_archive(&self, file: &str) -> Result<ImageArchive, LoadError> {
        Ok(example_archive(file))
    }

    fn variable(&self, name: &str) -> Option<String> {
        (name == "ACME_TEAM").then(|| "tiles".to_owned())
    }
}

/// Returns a value for the setting that an example requires.
fn given(script: &str) -> Vec<SettingInput> {
    let declared = script.split_once("settings(").map_or("", |(_, declared)| declared);
    let setting = declared.split_once(": required(").and_then(|(before, _)| before.rsplit(['{', ' ']).next());
    let flag = |name: &str| SettingInput { name: name.into(), value: "test".into(), source: Source::Flag };
    setting.map(flag).into_iter().collect()
}

/// Returns the errors of an example.
fn errors(script: &str) -> String {
    let input = Input {
        name: "example.rhai",
        text: script,
        files: Rc::new(ExampleProject),
        given: given(script),
        limits: Limits::default(),
    };
    let mut evaluation = eval(&input);
    let report = evaluation.and_then(|program| synth(&program, Schema::embedded()));
    let errors = report.problems.iter().filter(|problem| problem.is_error());
    errors.map(|problem| render(problem, &evaluation.sources, Color::Never, 100) + "\n").collect()
}

#[test]
fn every_example_is_right_or_wrong_as_it_is_marked() {
    let run = || {
        let (mut faults, mut seen) = (String::new(), 0);
        for entry in everything().entries().iter().filter(|entry| entry.kind != Kind::Code) {
            for (text, wrong) in entry.examples() {
                let errors = errors(&example::script(entry, text));
                seen += 1;
                if errors.is_empty() == wrong {
                    faults += &format!("{}:\n{text}\n{errors}\n", entry.name);
                }
            }
        }
        assert!(faults.is_empty(), "{faults}");
        assert!(seen > 150, "{seen} examples");
    };
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(run).expect("a thread");
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

#[test]
fn every_block_has_an_example() {
    let reference = everything();
    let blocks = reference.entries().iter().filter(|entry| entry.kind == Kind::Block);
    let without: Vec<&str> =
        blocks.filter(|entry| entry.examples().next().is_none()).map(|entry| entry.name.as_str()).collect();
    assert!(without.is_empty(), "{without:?}");
}
