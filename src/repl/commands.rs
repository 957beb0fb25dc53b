//! Execution of the commands.

use super::command::ReplCommand;
use super::command_line::ParsedLine;
use super::format::{counted, cut};
use super::help::{ambiguous, doc, help, unknown, usage};
use super::styled_text::{StyledText, TextStyle};
use super::{
    HostRequest, LineOutput, LineResult, Repl, assignments, changes, graph, resource_origin, settings, suppressed,
    table, templates, tree, value_view,
};
use crate::cfn::{LogicalId, emit};
use crate::diag::{Code, Diagnostic, Sink, SourceMap, did_you_mean};
use crate::script::session::{Diagnostics, EntryResult, Evaluated, Session};
use crate::synth::DesiredStack;

impl Repl {
    /// Executes a command.
    pub(super) fn execute(&mut self, line: &ParsedLine<'_>) -> LineResult {
        let (command, argument) = match line {
            ParsedLine::Known(command, argument) => (*command, *argument),
            ParsedLine::Unknown(name, hint) => return unknown(name, hint.clone()),
            ParsedLine::Ambiguous(name, commands) => return ambiguous(name, commands),
        };
        if argument.is_empty() && command.spec().requires_argument() {
            return usage(command.spec());
        }
        match command {
            ReplCommand::Doc => doc(argument, &self.session.packages()),
            ReplCommand::Type => self.type_of(argument),
            ReplCommand::Resources => self.resources(argument),
            ReplCommand::Why => self.why(argument),
            ReplCommand::Synth => self.for_stacks(argument, yaml),
            ReplCommand::Check => self.check(),
            ReplCommand::Graph => self.graph(argument),
            ReplCommand::Settings => self.settings(),
            ReplCommand::Set => self.set(argument),
            ReplCommand::Load => self.load(argument),
            ReplCommand::Reload => self.change(Session::reload),
            ReplCommand::Edit => self.edit(argument),
            ReplCommand::Save => self.save(argument),
            ReplCommand::Vars => self.vars(),
            ReplCommand::Reset => self.reset(),
            ReplCommand::History => LineResult::Host(HostRequest::History),
            ReplCommand::Page => LineResult::Host(HostRequest::Page { line: argument.to_owned() }),
            ReplCommand::Time => self.time(argument),
            ReplCommand::Account(kind) => {
                LineResult::Host(HostRequest::Account { command: kind, argument: argument.to_owned() })
            }
            ReplCommand::Target => LineResult::Host(HostRequest::Target { name: argument.to_owned() }),
            ReplCommand::Help => help(argument),
            ReplCommand::Quit => LineResult::Host(HostRequest::Quit),
        }
    }

    /// Synthesises the session's stacks; returns their templates, if there are no errors, and the diagnostics.
    pub fn templates(&self) -> (Option<Vec<DesiredStack>>, Diagnostics) {
        let report = templates::of_program(&self.session.program(), &self.session.budget());
        let diagnostics = suppressed(Diagnostics { problems: report.problems, sources: self.session.sources() });
        (report.value, diagnostics)
    }

    fn reset(&mut self) -> LineResult {
        self.synthesized = None;
        self.session.reset();
        StyledText::default().into()
    }

    fn type_of(&self, expression: &str) -> LineResult {
        match self.session.peek(expression) {
            EntryResult::Done(Evaluated { value: Some(value), .. }) => {
                StyledText::default().with(TextStyle::Type, value.kind() + "\n").into()
            }
            EntryResult::Done(_) => StyledText::default().with(TextStyle::Type, "no value\n").into(),
            EntryResult::Incomplete => LineResult::error(Code::SyntaxError, "incomplete expression", None),
            other => self.result(other),
        }
    }

    fn time(&mut self, expression: &str) -> LineResult {
        self.synthesized = None;
        let before = self.session.elapsed();
        let entered = self.session.evaluate(expression);
        let took = self.session.elapsed().saturating_sub(before);
        match self.result(entered) {
            LineResult::Done(mut output) => {
                output.text.end_line();
                output.text.push(TextStyle::Faint, format!("{:.1} ms\n", took.as_secs_f64() * 1e3));
                LineResult::Done(output)
            }
            LineResult::Incomplete => LineResult::error(Code::SyntaxError, "incomplete expression", None),
            other => other,
        }
    }

    fn resources(&self, expression: &str) -> LineResult {
        if expression.is_empty() {
            return self.for_stacks("", |synth| {
                let mut text = StyledText::default().with(TextStyle::Heading, synth.name.clone() + "\n");
                text.append(value_view::resources(synth));
                text
            });
        }
        let value = match self.session.peek(expression) {
            EntryResult::Done(Evaluated { value: Some(value), .. }) => value,
            EntryResult::Done(_) | EntryResult::Incomplete => {
                return LineResult::error(Code::WrongArgument, "the expression has no value", None);
            }
            other => return self.result(other),
        };
        let stacks = value.stacks();
        let (stacks, problems) = if stacks.is_empty() {
            let (synth, problems) = templates::of_block(&value, &self.session.budget());
            (synth.into_iter().collect(), problems)
        } else {
            let report = templates::of_stacks(&stacks, value.mentions(), &self.session.budget());
            (report.value.unwrap_or_default(), report.problems)
        };
        if stacks.is_empty() && problems.is_empty() {
            return LineResult::error(
                Code::WrongArgument,
                &format!("`{expression}` is {} and creates no resources", value.kind()),
                None,
            );
        }
        let mut text = StyledText::default();
        stacks.iter().for_each(|synth| text.append(value_view::resources(synth)));
        LineResult::Done(LineOutput {
            text,
            diagnostics: suppressed(Diagnostics { problems, sources: value.sources() }),
            ..LineOutput::default()
        })
    }

    fn why(&self, id: &str) -> LineResult {
        let (stacks, diagnostics) = self.templates();
        let Some(stacks) = stacks else { return LineResult::Failed(diagnostics) };
        let sources = self.session.sources();
        for synth in &stacks {
            let known: LogicalId = id.into();
            if let Some((id, resource)) = synth.template.resources.get_key_value(&known) {
                return resource_origin::describe(synth, id, resource, &sources).into();
            }
        }
        let known = stacks.iter().flat_map(|synth| synth.template.resources.keys()).map(LogicalId::as_str);
        let hint = did_you_mean(id, known).or_else(|| Some("`:resources` lists the resources".to_owned()));
        LineResult::error(Code::UndefinedReference, &format!("no stack of the session has a resource `{id}`"), hint)
    }

    /// Renders each stack, or the one of a name.
    fn for_stacks(&self, name: &str, view: impl Fn(&DesiredStack) -> StyledText) -> LineResult {
        let (stacks, diagnostics) = self.templates();
        let Some(stacks) = stacks else { return LineResult::Failed(diagnostics) };
        if stacks.is_empty() {
            return LineResult::Failed(Diagnostics::of(no_stacks()));
        }
        let chosen: Vec<&DesiredStack> = stacks.iter().filter(|synth| name.is_empty() || synth.name == name).collect();
        if chosen.is_empty() {
            let hint = did_you_mean(name, stacks.iter().map(|synth| synth.name.as_str()));
            return LineResult::error(Code::UnknownStack, &format!("the session has no stack `{name}`"), hint);
        }
        let mut text = StyledText::default();
        chosen.into_iter().for_each(|synth| text.append(view(synth)));
        text.into()
    }

    fn check(&self) -> LineResult {
        let (stacks, diagnostics) = self.templates();
        if stacks.as_ref().is_some_and(Vec::is_empty) {
            return LineResult::Failed(Diagnostics::of(no_stacks()));
        }
        let Some(stacks) = stacks else { return LineResult::Failed(diagnostics) };
        let Diagnostics { mut problems, sources } = diagnostics;
        problems.extend(self.session.lost_changes());
        let diagnostics = suppressed(Diagnostics { problems, sources });
        let resources: usize = stacks.iter().map(|synth| synth.template.resources.len()).sum();
        let summary = if diagnostics.problems.is_empty() { "no problems" } else { "no errors" };
        let text = format!("{summary}: {}, {}\n", counted(stacks.len(), "stack"), counted(resources, "resource"));
        LineResult::Done(LineOutput {
            text: StyledText::default().with(TextStyle::Good, text),
            diagnostics,
            ..LineOutput::default()
        })
    }

    fn settings(&self) -> LineResult {
        let all = self.session.settings();
        if all.is_empty() {
            return StyledText::default()
                .with(TextStyle::Faint, "no settings; a script declares them with `settings(prefix, #{ .. })`\n")
                .into();
        }
        settings::table(&all).into()
    }

    fn graph(&self, argument: &str) -> LineResult {
        let (all, stack) = match argument.strip_prefix("--all") {
            Some(rest) => (true, rest.trim()),
            None => (false, argument),
        };
        self.for_stacks(stack, |synth| graph::draw(synth, all, self.line_style))
    }

    fn set(&mut self, argument: &str) -> LineResult {
        let Some(settings) = assignments::parse(argument) else { return usage(ReplCommand::Set.spec()) };
        let result = self.change(|session| session.set(&settings));
        let declared = self.session.settings();
        let is_unknown = |name: &String| !declared.iter().any(|setting| setting.name == *name);
        let unknown: Vec<&String> = settings.iter().map(|(name, _)| name).filter(|name| is_unknown(name)).collect();
        match result {
            LineResult::Done(mut output) => {
                for name in unknown {
                    let note = format!("no script declares `{name}` yet; it is set as soon as one does\n");
                    output.text.push(TextStyle::Faint, note);
                }
                LineResult::Done(output)
            }
            result => result,
        }
    }

    /// Runs what evaluates the session again, and shows the differences.
    fn change(&mut self, operation: impl FnOnce(&mut Session) -> EntryResult) -> LineResult {
        let before = self
            .synthesized
            .take()
            .or_else(|| templates::of_program(&self.session.program(), &self.session.budget()).value);
        let done = match operation(&mut self.session) {
            EntryResult::Done(done) => done,
            other => return self.result(other),
        };
        let (after, mut diagnostics) = self.templates();
        diagnostics.problems.extend(done.diagnostics.problems);
        // The resources are unknown if the stacks have errors.
        let text = match &after {
            Some(after) => changes::between(&before.unwrap_or_default(), after, &done.changed),
            None => changes::between(&[], &[], &done.changed),
        };
        self.synthesized = after;
        LineResult::Done(LineOutput {
            text,
            printed: done.printed,
            diagnostics: suppressed(diagnostics),
            ..LineOutput::default()
        })
    }

    fn load(&mut self, path: &str) -> LineResult {
        if self.session.loaded().iter().any(|known| known == path) {
            return self.change(|session| session.load(path));
        }
        let done = match self.session.load(path) {
            EntryResult::Done(done) => done,
            EntryResult::Incomplete => {
                return LineResult::error(Code::SyntaxError, &format!("`{path}` is incomplete"), None);
            }
            other => return self.result(other),
        };
        let (stacks, mut diagnostics) = self.templates();
        diagnostics.problems.extend(done.diagnostics.problems);
        let mut text = StyledText::default();
        if let (Some(stacks), Some(value)) = (&stacks, &done.value) {
            text.append(tree::stacks(stacks, &value.sources()));
        }
        self.synthesized = stacks;
        if !done.changed.is_empty() {
            text.push(TextStyle::Faint, format!("variables: {}\n", done.changed.join(", ")));
        }
        LineResult::Done(LineOutput {
            text,
            printed: done.printed,
            diagnostics: suppressed(diagnostics),
            ..LineOutput::default()
        })
    }

    fn save(&self, path: &str) -> LineResult {
        let text = self.session.script(path);
        let (desired, diagnostics) = self.templates();
        let Some(desired) = desired else { return LineResult::Failed(diagnostics) };
        if desired.is_empty() {
            return LineResult::Host(HostRequest::Write { path: path.to_owned(), text });
        }
        let evaluation = self.session.check_script(path, &text);
        let report = evaluation.report.and_then(|program| templates::of_program(&program, &evaluation.budget));
        match report.value {
            Some(rebuilt) if same_templates(&rebuilt, &desired) => {
                LineResult::Host(HostRequest::Write { path: path.to_owned(), text })
            }
            _ => LineResult::Failed(templates_differ(report.problems, evaluation.sources)),
        }
    }

    fn vars(&self) -> LineResult {
        let variables = self.session.variables().into_iter().map(|(name, value)| {
            let line = value.expression().split_whitespace().collect::<Vec<_>>().join(" ");
            vec![name, value.kind(), cut(&line, 60)]
        });
        let functions = self.session.functions().into_iter().map(|name| vec![name, "function".to_owned()]);
        let rows: Vec<Vec<String>> = variables.chain(functions).collect();
        if rows.is_empty() {
            return StyledText::default().with(TextStyle::Faint, "no variables yet\n").into();
        }
        table::rows(&rows).into()
    }

    fn edit(&self, path: &str) -> LineResult {
        let known = self.session.loaded().pop();
        match if path.is_empty() { known } else { Some(path.to_owned()) } {
            Some(path) => LineResult::Host(HostRequest::Edit { path }),
            None => LineResult::error(
                Code::FileMissing,
                "no script is loaded",
                Some("name a file: `:edit app.rhai`".to_owned()),
            ),
        }
    }
}

fn yaml(synth: &DesiredStack) -> StyledText {
    let mut text = StyledText::default().with(TextStyle::Faint, format!("# {}\n", synth.name));
    text.append(value_view::template_text(&emit::yaml(&synth.template)));
    text
}

fn same_templates(rebuilt: &[DesiredStack], desired: &[DesiredStack]) -> bool {
    let texts = |all: &[DesiredStack]| {
        all.iter().map(|synth| (synth.name.clone(), emit::yaml(&synth.template))).collect::<Vec<_>>()
    };
    texts(rebuilt) == texts(desired)
}

fn templates_differ(mut problems: Sink, sources: SourceMap) -> Diagnostics {
    if !templates::has_errors(&problems) {
        let problem = Diagnostic::new(Code::NotAStack, "the session, saved as one script, gives different templates");
        problems.push(problem.help("a loaded file may have changed: try `:reload`"));
    }
    Diagnostics { problems, sources }
}

/// Returns the diagnostic of a command that needs a stack when the session has none.
pub fn no_stacks() -> Diagnostic {
    Diagnostic::new(Code::NotAStack, "the session has no stack yet")
        .help("create one: `Stack(\"name\").add(service)`, or `:load` a script")
}
