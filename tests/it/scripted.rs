//! Scripts and the templates that become of them.

use std::rc::Rc;

use rtiler::cfn::schema::Schema;
use rtiler::cfn::{Resource, Value, emit};
use rtiler::diag::{Color, Diagnostic, Report, SourceMap, render};
use rtiler::image::{ImageArchive, ImageContext};
use rtiler::script::{ContextError, Input, Limits, LoadError, SourceLoader, eval};
use rtiler::settings::{SettingInput, Source};
use rtiler::synth::{DesiredStack, synth};

include!("../../src/testing/example_images.rs");

/// The stacks of a script with all diagnostics.
pub(crate) struct Scripted {
    pub(crate) report: Report<Vec<DesiredStack>>,
    pub(crate) sources: SourceMap,
}

/// Evaluates and synthesises a script with these settings.
pub(crate) fn scripted(text: &str, settings: &[(&str, &str)]) -> Scripted {
    let flag = |(name, value): &(&str, &str)| SettingInput {
        name: (*name).into(),
        value: (*value).into(),
        source: Source::Flag,
    };
    let given = settings.iter().map(flag).collect();
    let input = Input { name: "app.rhai", text, files: Rc::new(ExampleFolder), given, limits: small() };
    let mut evaluation = eval(&input);
    let report = evaluation.and_then(|program| synth(&program, Schema::embedded()));
    Scripted { report, sources: evaluation.sources }
}

/// The folders of the examples, for images.
pub(crate) struct ExampleFolder;

impl SourceLoader for ExampleFolder {
    fn read(&self, _path: &str) -> Result<String, LoadError> {
        Err(LoadError::Missing)
    }

    fn image_context(&self, folder: &str, _dockerfile: &str) -> Result<ImageContext, ContextError> {
        example_context(folder)
    }

    fn image_archive(&self, file: &str) -> Result<ImageArchive, LoadError> {
        Ok(example_archive(file))
    }
}

/// Limits that endless scripts of tests reach soon.
pub(crate) fn small() -> Limits {
    Limits { operations: 500_000, string: 1 << 16, array: 5_000, map: 1_000, ..Limits::default() }
}

/// Runs a test with the stack that evaluation wants: deep scripts recurse.
pub(crate) fn deep<T: Send + 'static>(test: impl FnOnce() -> T + Send + 'static) -> T {
    const STACK_BYTES: usize = 256 << 20;
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(test).unwrap();
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Returns the only stack of a script without errors.
pub(crate) fn stack(text: &str) -> DesiredStack {
    let mut stacks = stacks(text);
    assert_eq!(stacks.len(), 1, "one stack");
    stacks.remove(0)
}

/// Returns the stacks of a script without errors.
pub(crate) fn stacks(text: &str) -> Vec<DesiredStack> {
    let scripted = scripted(text, &[]);
    let shown = scripted.shown();
    scripted.report.value.unwrap_or_else(|| panic!("{shown}"))
}

/// Returns a stack of one service with these setters.
pub(crate) fn service(setters: &str) -> DesiredStack {
    stack(&service_script(setters))
}

/// Returns the problems of a stack of one service with these setters: codes and the source text at their labels.
pub(crate) fn service_problems(setters: &str) -> Vec<(&'static str, Vec<String>)> {
    let text = service_script(setters);
    problems(&text)
}

fn service_script(setters: &str) -> String {
    let image = if setters.starts_with(".image(") { "" } else { ".image(\"nginx:1.27\")" };
    format!("let service = FargateService(\"Web\"){image}{setters};\nStack(\"app\").add(service)\n")
}

/// Returns the problems of a script: codes, and the source text at their labels.
pub(crate) fn problems(text: &str) -> Vec<(&'static str, Vec<String>)> {
    let scripted = scripted(text, &[]);
    let words = |problem: &Diagnostic| {
        problem.labels.iter().map(|label| word(text, label.origin.line, label.origin.column)).collect()
    };
    scripted.report.problems.iter().map(|problem| (problem.code.as_str(), words(problem))).collect()
}

fn word(text: &str, line: u32, column: u32) -> String {
    let line = text.lines().nth(line as usize - 1).unwrap_or_default();
    let rest: String = line.chars().skip(column as usize - 1).collect();
    let end =
        rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != ':').unwrap_or(rest.len());
    rest[..end].to_owned()
}

impl Scripted {
    /// Returns the diagnostics as a user reads them.
    pub(crate) fn shown(&self) -> String {
        let problems = self.report.problems.iter();
        problems.map(|problem| render(problem, &self.sources, Color::Never, 120) + "\n").collect()
    }
}

/// Returns a resource of a stack by its logical id.
pub(crate) fn resource<'a>(stack: &'a DesiredStack, id: &str) -> &'a Resource {
    let ids: Vec<&str> = stack.template.resources.keys().map(rtiler::cfn::LogicalId::as_str).collect();
    stack.template.resources.get(id).unwrap_or_else(|| panic!("no `{id}` among {ids:?}"))
}

/// Returns a property by its path (`ContainerDefinitions.0.Image`), as CloudFormation's JSON on one line.
pub(crate) fn property(stack: &DesiredStack, id: &str, path: &str) -> String {
    let properties = Value::Map(resource(stack, id).properties.clone());
    let found = path.split('.').try_fold(&properties, |value, step| match step.parse::<usize>() {
        Ok(index) => value.as_list()?.get(index),
        Err(_) => value.get(step),
    });
    found.map_or_else(|| "nothing".to_owned(), emit::json::compact)
}
