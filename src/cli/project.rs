//! A script with its stacks.

use std::path::Path;
use std::rc::Rc;

use super::args::{Deny, ScriptOptions};
use super::bootstrap_script;
use super::exit::ExitStatus;
use super::files::{ProjectFiles, read_text};
use super::packages::{entry_of, packages_of};
use super::process_usage::ProcessUsage;
use super::settings_input::given;
use super::terminal::Terminal;
use crate::cfn::schema::Schema;
use crate::diag::{Code, Diagnostic, Origin, Severity, Sink, SourceMap, apply_suppressions};
use crate::printable::{indented, one_line};
use crate::script::policies::findings;
use crate::script::{Input, Limits, SourceLoader, eval, trace_problems, trace_problems_of_packages};
use crate::settings::{Setting, SettingInput, Source, known_secrets};
use crate::synth::{DesiredStack, synth_within};

/// Whether a command prints the warnings of the script. Those that check, plan or deploy it do; those that look at what runs
/// would repeat them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Warnings {
    /// They are printed.
    Shown,
    /// Only errors are printed.
    Hidden,
}

/// A script before its evaluation.
struct ScriptSource<'s> {
    script: &'s str,
    text: String,
    files: ProjectFiles,
    given: Vec<SettingInput>,
}

/// A script with the result of its evaluation.
pub(crate) struct Project {
    /// The path of the script, as it was written.
    pub(crate) script: String,
    /// The stacks in the order of the script; `None` if there is an error.
    pub(crate) stacks: Option<Vec<DesiredStack>>,
    /// The settings that the script declares.
    pub(crate) settings: Vec<Setting>,
    /// Every problem, in the order of the script.
    pub(crate) problems: Sink,
    /// The sources of the problems.
    pub(crate) sources: SourceMap,
}

impl Project {
    /// Evaluates and synthesises a script.
    pub(crate) fn load(
        script: &str,
        options: &ScriptOptions,
        terminal: &Terminal,
        allocated: fn() -> usize,
    ) -> Project {
        let mut sources = SourceMap::default();
        if script == bootstrap_script::NAME {
            let files = ProjectFiles::of(Path::new(script));
            let source = ScriptSource { script, text: bootstrap_script::TEXT.to_owned(), files, given: Vec::new() };
            return Self::evaluate(source, (Sink::new(), sources), options, terminal, allocated);
        }
        let script: &str = &match entry_of(script, &mut sources) {
            Ok(entry) => entry,
            Err(problems) => return Self::failed(script, problems, sources),
        };
        let path = Path::new(script);
        let (given, mut problems) = given(path, options, &mut sources);
        let text = match read_text(path) {
            Ok(text) => text,
            Err(why) => {
                problems.push(why.problem(script).at(&Origin::new(script, 0, 0), "").help_if(similar_scripts(path)));
                return Self::failed(script, problems, sources);
            }
        };
        let files = match packages_of(path, options.packages, &mut sources, terminal) {
            Ok(packages) => ProjectFiles::of(path).with_packages(packages),
            Err(found) => {
                problems.extend(found);
                return Self::failed(script, problems, sources);
            }
        };
        let source = ScriptSource { script, text, files, given };
        Self::evaluate(source, (problems, sources), options, terminal, allocated)
    }

    fn evaluate(
        source: ScriptSource<'_>,
        (mut problems, mut sources): (Sink, SourceMap),
        options: &ScriptOptions,
        terminal: &Terminal,
        allocated: fn() -> usize,
    ) -> Project {
        let ScriptSource { script, text, files, given } = source;
        let limits = Limits { meter: Rc::new(ProcessUsage::start(allocated)), ..Limits::default() };
        let files: Rc<dyn SourceLoader> = Rc::new(files);
        let input = Input { name: script, text: &text, files, given, limits };
        let mut evaluation = eval(&input);
        let secret = evaluation.settings.iter().filter(|setting| setting.secret).map(|setting| setting.name.clone());
        terminal.frontend().hide_settings(secret.collect());
        sources.extend(&evaluation.sources);
        let budget = evaluation.budget.clone();
        let mut report = evaluation.and_then(|program| synth_within(&program, Schema::embedded(), &budget));
        let settings = std::mem::take(&mut evaluation.settings);
        let mut printed = std::mem::take(&mut evaluation.printed);
        problems.extend(report.problems);
        if let (Some(stacks), Some(manifest)) = (&report.value, input.files.packages().project()) {
            let found = findings(&manifest.policies, stacks, &input.files, &input.limits);
            problems.extend(found.problems);
            sources.extend(&found.sources);
            printed.extend(found.printed);
        }
        let of_settings = known_secrets(&settings);
        terminal.hide(&of_settings);
        for stack in report.value.iter_mut().flatten() {
            stack.secrets = of_settings.clone();
        }
        let defaults_only = settings.iter().all(|setting| setting.source == Source::Default);
        let report_unused = defaults_only && report.value.is_some();
        trace_problems_of_packages((&input, &budget), &mut problems);
        let mut problems = reported(apply_suppressions(problems, &sources, report_unused), options.deny);
        trace_problems((&input, &budget), &mut problems);
        if !problems.is_empty() || !printed.is_empty() {
            hide_secrets(report.value.as_deref().unwrap_or_default(), terminal);
        }
        print_output(&printed, terminal);
        // Policies do not prevent looking at what runs.
        let stacks =
            report.value.filter(|_| !problems.iter().any(|problem| problem.is_error() && !is_of_policy(problem)));
        let script = script.to_owned();
        Project { script, stacks, settings, problems, sources }
    }

    /// Creates the project of a script that cannot be evaluated.
    fn failed(script: &str, problems: Sink, sources: SourceMap) -> Self {
        Self { script: script.to_owned(), stacks: None, settings: Vec::new(), problems, sources }
    }

    /// Adds what services would refuse about single resources of the stacks. A script with errors has no stacks yet.
    pub(crate) fn ask_services(&mut self) {
        let found = self.stacks.iter().flatten().flat_map(|stack| crate::rehearsal::refusals(&stack.template));
        let problems = std::mem::take(&mut self.problems).into_iter().chain(found).collect();
        self.problems = reported(problems, None);
    }

    /// Returns the stacks that match names or globs, in the order of the script, and prints the problems. A name without a
    /// stack is a usage error.
    pub(crate) fn chosen(
        self,
        patterns: &[String],
        warnings: Warnings,
        terminal: &Terminal,
    ) -> Result<(Vec<DesiredStack>, SourceMap), ExitStatus> {
        self.split(patterns, warnings, terminal).map(|(chosen, _, sources)| (chosen, sources))
    }

    /// Returns the stacks that match names or globs, as [`Project::chosen`], and the other stacks of the script.
    pub(crate) fn split(
        mut self,
        patterns: &[String],
        warnings: Warnings,
        terminal: &Terminal,
    ) -> Result<(Vec<DesiredStack>, Vec<DesiredStack>, SourceMap), ExitStatus> {
        let stacks = self.stacks.take().unwrap_or_default();
        let names: Vec<&str> = stacks.iter().map(|stack| stack.name.as_str()).collect();
        if warnings == Warnings::Hidden {
            self.problems.retain(|problem| problem.is_error() && !is_of_policy(problem));
        }
        let chosen = if self.problems.iter().any(Diagnostic::is_error) {
            Err(ExitStatus::Script)
        } else {
            crate::deploy::choose_stacks(&names, patterns).map_err(|unknown| {
                self.problems.extend(unknown);
                ExitStatus::Usage
            })
        };
        terminal.problems(&self.problems, &self.sources);
        let chosen = chosen?;
        let (mut taken, mut others) = (Vec::new(), Vec::new());
        for (at, stack) in stacks.into_iter().enumerate() {
            if chosen.contains(&at) { taken.push(stack) } else { others.push(stack) }
        }
        Ok((taken, others, self.sources))
    }
}

/// Returns problems as they are reported: with the severity that the options give them, in the order of their places, each
/// once.
fn reported(mut problems: Sink, deny: Option<Deny>) -> Sink {
    if deny == Some(Deny::Warnings) {
        problems.iter_mut().for_each(|problem| problem.severity = Severity::Error);
    }
    problems.sort_by_cached_key(|problem| (problem.origin().cloned(), problem.code, problem.message.clone()));
    // A line that creates a hundred stacks has the same problem in each.
    problems.dedup();
    problems
}

fn is_of_policy(problem: &Diagnostic) -> bool {
    matches!(problem.code, Code::Policy | Code::PolicyError)
}

/// Hides the secrets of stacks in everything that is printed.
pub(crate) fn hide_secrets(stacks: &[DesiredStack], terminal: &Terminal) {
    stacks.iter().for_each(|stack| terminal.hide(&stack.known_secrets(Some(Schema::embedded()))));
}

/// Prints the output of the script to stderr, because stdout is for the result of the command.
pub(crate) fn print_output(printed: &[(Origin, String)], terminal: &Terminal) {
    for (origin, text) in printed {
        if origin.is_known() {
            terminal.message(&format!("{}: {}", one_line(&origin.to_string()), indented(text)));
        } else {
            terminal.message(&indented(text));
        }
    }
}

/// Returns a hint for a script that does not exist.
fn similar_scripts(path: &Path) -> Option<String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(""));
    let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut names: Vec<String> = std::fs::read_dir(listed)
        .ok()?
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_dir()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "rhai"))
        .collect();
    names.sort();
    let file_name = path.file_name()?.to_str()?;
    // The ends are equal, and would make short names similar.
    let stems = names.iter().filter(|name| *name != file_name).map(|name| name.trim_end_matches(".rhai"));
    let path_of = |stem: &str| folder.join(format!("{stem}.rhai")).display().to_string();
    match crate::diag::nearest(file_name.trim_end_matches(".rhai"), stems) {
        Some(stem) => Some(format!("did you mean `{}`?", path_of(stem))),
        None if path.exists() => None,
        None => Some(match names.as_slice() {
            [] => "`rtiler init` writes a project".into(),
            [one] => format!("the only script in that folder is {one}"),
            names => format!("the scripts in that folder are {}", names.join(", ")),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_that_does_not_exist_is_compared_without_the_end_of_its_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let hint = |name: &str| similar_scripts(&folder.path().join(name)).expect("a hint");
        assert_eq!(hint("app"), "`rtiler init` writes a project");
        for name in ["app.rhai", "hello.rhai"] {
            std::fs::write(folder.path().join(name), "").expect("a file");
        }
        std::fs::create_dir(folder.path().join("folder.rhai")).expect("a folder");
        assert_eq!(hint("nope.rhai"), "the scripts in that folder are app.rhai, hello.rhai");
        for written in ["hello", "helo.rhai", "Hello.rhai"] {
            assert!(hint(written).ends_with("hello.rhai`?"), "{written}: {}", hint(written));
        }
    }
}
