//! What each command does.

use super::command::{COMMANDS, Command, ParsedLine, find};
use super::styled_text::{StyledText, TextStyle};
use super::value_view::counted;
use super::{
    HostRequest, LineOutput, LineResult, Repl, acknowledged, changes, generated_resources, graph, resource_origin,
    settings, table, templates, tree, value_view,
};
use crate::cfn::emit;
use crate::diag::{Code, Diagnostic, Sink, SourceMap, did_you_mean};
use crate::script::reference::{DocElement, Entry, Kind, Reference, SearchResult as Documentation};
use crate::script::session::{Diagnostics, EntryResult, Evaluated};
use crate::synth::DesiredStack;

/// Columns of documentation.
const WIDTH: usize = 80;

impl Repl {
    /// Does a command.
    pub(super) fn command(&mut self, read: &ParsedLine<'_>) -> LineResult {
        let (command, argument) = match read {
            ParsedLine::Known(command, argument) => (*command, *argument),
            ParsedLine::Unknown(name, hint) => return unknown(name, hint.clone()),
        };
        if argument.is_empty() && command.wants_argument() {
            return usage(command);
        }
        if command.account {
            return LineResult::Ask(HostRequest::Account { command: command.name, argument: argument.to_owned() });
        }
        match command.name {
            "doc" => doc(argument),
            "help" => help(argument),
            "type" => self.type_of(argument),
            "resources" => self.resources(argument),
            "why" => self.why(argument),
            "synth" => self.of_stacks(argument, |synth| {
                let head = StyledText::default().with(TextStyle::Faint, format!("# {}\n", synth.name));
                let mut page = head;
                page.append(value_view::template_text(&emit::yaml(&synth.template)));
                page
            }),
            "graph" => self.of_stacks(argument, |synth| graph::draw(&synth.template)),
            "check" => self.check(),
            "settings" => self.settings(),
            "set" => self.set(argument),
            "load" => self.load(argument),
            "reload" => self.change(crate::script::session::Session::reload),
            "save" => self.save(argument),
            "vars" => self.vars(),
            "reset" => {
                self.known = None;
                self.session.reset();
                StyledText::default().into()
            }
            "time" => self.time(argument),
            "edit" => self.edit(argument),
            "history" => LineResult::Ask(HostRequest::History),
            _ => LineResult::Ask(HostRequest::Quit),
        }
    }

    /// The templates of the session's stacks, with what is wrong with them.
    pub fn templates(&self) -> (Option<Vec<DesiredStack>>, Diagnostics) {
        let report = templates::of_program(&self.session.program());
        let told = acknowledged(Diagnostics { problems: report.problems, sources: self.session.sources() });
        (report.value, told)
    }

    fn type_of(&self, expression: &str) -> LineResult {
        match self.session.look(expression) {
            EntryResult::Done(Evaluated { value: Some(value), .. }) => {
                StyledText::default().with(TextStyle::Type, value.kind() + "\n").into()
            }
            EntryResult::Done(_) => StyledText::default().with(TextStyle::Type, "nothing\n").into(),
            EntryResult::Incomplete => failed(Code::SyntaxError, "the expression is not at its end", None),
            other => self.answered(other),
        }
    }

    fn time(&mut self, expression: &str) -> LineResult {
        self.known = None;
        let before = self.session.elapsed();
        let entered = self.session.enter(expression);
        let took = self.session.elapsed().saturating_sub(before);
        match self.answered(entered) {
            LineResult::Done(mut answer) => {
                answer.page.end_line();
                answer.page.push(TextStyle::Faint, format!("{:.1} ms\n", took.as_secs_f64() * 1e3));
                LineResult::Done(answer)
            }
            LineResult::Incomplete => failed(Code::SyntaxError, "the expression is not at its end", None),
            other => other,
        }
    }

    fn resources(&self, expression: &str) -> LineResult {
        if expression.is_empty() {
            return self.of_stacks("", |synth| {
                let mut page = StyledText::default().with(TextStyle::Heading, synth.name.clone() + "\n");
                page.append(value_view::resources(synth));
                page
            });
        }
        let value = match self.session.look(expression) {
            EntryResult::Done(Evaluated { value: Some(value), .. }) => value,
            EntryResult::Done(_) | EntryResult::Incomplete => {
                return failed(Code::WrongArgument, "nothing has no resources", None);
            }
            other => return self.answered(other),
        };
        let stacks = value.stacks();
        let (stacks, problems) = if stacks.is_empty() {
            let (synth, problems) = templates::of_block(&value);
            (synth.into_iter().collect(), problems)
        } else {
            let report = templates::of_stacks(&stacks, value.mentions());
            (report.value.unwrap_or_default(), report.problems)
        };
        if stacks.is_empty() && problems.is_empty() {
            return failed(
                Code::WrongArgument,
                &format!("`{expression}` is {} and makes no resources", value.kind()),
                None,
            );
        }
        let mut page = StyledText::default();
        stacks.iter().for_each(|synth| page.append(value_view::resources(synth)));
        LineResult::Done(LineOutput {
            page,
            told: acknowledged(Diagnostics { problems, sources: value.sources() }),
            ..LineOutput::default()
        })
    }

    fn why(&self, id: &str) -> LineResult {
        let (stacks, told) = self.templates();
        let Some(stacks) = stacks else { return LineResult::Failed(told) };
        let sources = self.session.sources();
        for synth in &stacks {
            let known: crate::cfn::LogicalId = id.into();
            if let Some((id, resource)) = synth.template.resources.get_key_value(&known) {
                return resource_origin::story(synth, id, resource, &sources).into();
            }
        }
        let known = stacks.iter().flat_map(|synth| synth.template.resources.keys()).map(crate::cfn::LogicalId::as_str);
        let hint = did_you_mean(id, known).or_else(|| Some("`:resources` lists those that there are".to_owned()));
        failed(Code::UndefinedReference, &format!("no stack of the session has a resource `{id}`"), hint)
    }

    /// A view of each stack, or of the one that is named.
    fn of_stacks(&self, name: &str, view: impl Fn(&DesiredStack) -> StyledText) -> LineResult {
        let (stacks, told) = self.templates();
        let Some(stacks) = stacks else { return LineResult::Failed(told) };
        if stacks.is_empty() {
            return LineResult::Failed(Diagnostics::of(no_stacks()));
        }
        let chosen: Vec<&DesiredStack> = stacks.iter().filter(|synth| name.is_empty() || synth.name == name).collect();
        if chosen.is_empty() {
            let hint = did_you_mean(name, stacks.iter().map(|synth| synth.name.as_str()));
            return failed(Code::UnknownStack, &format!("the session has no stack `{name}`"), hint);
        }
        let mut page = StyledText::default();
        chosen.into_iter().for_each(|synth| page.append(view(synth)));
        page.into()
    }

    fn check(&self) -> LineResult {
        let (stacks, told) = self.templates();
        if stacks.as_ref().is_some_and(Vec::is_empty) {
            return LineResult::Failed(Diagnostics::of(no_stacks()));
        }
        let Some(stacks) = stacks else { return LineResult::Failed(told) };
        let resources: usize = stacks.iter().map(|synth| synth.template.resources.len()).sum();
        let verdict = if told.problems.is_empty() { "no problems" } else { "no errors" };
        let text = format!("{verdict}: {}, {}\n", counted(stacks.len(), "stack"), counted(resources, "resource"));
        LineResult::Done(LineOutput {
            page: StyledText::default().with(TextStyle::Good, text),
            told,
            ..LineOutput::default()
        })
    }

    fn settings(&self) -> LineResult {
        let all = self.session.settings();
        if all.is_empty() {
            return StyledText::default()
                .with(TextStyle::Faint, "no settings: `settings(prefix, #{ .. })` declares some\n")
                .into();
        }
        settings::table(&all).into()
    }

    fn set(&mut self, argument: &str) -> LineResult {
        match argument.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
                let outcome = self.change(|session| session.set(&name, &value));
                let is_asked_for = self.session.settings().iter().any(|setting| setting.name == name);
                match outcome {
                    LineResult::Done(mut answer) if !is_asked_for => {
                        let words = format!("no script asks for `{name}` so far; one that does will get it\n");
                        answer.page.push(TextStyle::Faint, words);
                        LineResult::Done(answer)
                    }
                    outcome => outcome,
                }
            }
            _ => usage(find("set").expect("`set` is a command")),
        }
    }

    /// Does what evaluates the session again, and tells what differs.
    fn change(&mut self, work: impl FnOnce(&mut crate::script::session::Session) -> EntryResult) -> LineResult {
        let before = self.known.take().or_else(|| templates::of_program(&self.session.program()).value);
        let done = match work(&mut self.session) {
            EntryResult::Done(done) => done,
            other => return self.answered(other),
        };
        let (after, mut told) = self.templates();
        told.problems.extend(done.told.problems);
        // Where the stacks have errors now, nothing is known of their resources.
        let page = match &after {
            Some(after) => changes::between(&before.unwrap_or_default(), after, &done.changed),
            None => changes::between(&[], &[], &done.changed),
        };
        self.known = after;
        LineResult::Done(LineOutput { page, printed: done.printed, told: acknowledged(told), ..LineOutput::default() })
    }

    fn load(&mut self, path: &str) -> LineResult {
        if self.session.loaded().iter().any(|known| known == path) {
            return self.change(|session| session.load(path));
        }
        let done = match self.session.load(path) {
            EntryResult::Done(done) => done,
            EntryResult::Incomplete => return failed(Code::SyntaxError, &format!("`{path}` is not at its end"), None),
            other => return self.answered(other),
        };
        let (stacks, mut told) = self.templates();
        told.problems.extend(done.told.problems);
        let mut page = StyledText::default();
        if let (Some(stacks), Some(value)) = (&stacks, &done.value) {
            page.append(tree::stacks(stacks, &value.sources()));
        }
        self.known = stacks;
        if !done.changed.is_empty() {
            page.push(TextStyle::Faint, format!("variables: {}\n", done.changed.join(", ")));
        }
        LineResult::Done(LineOutput { page, printed: done.printed, told: acknowledged(told), ..LineOutput::default() })
    }

    fn save(&self, path: &str) -> LineResult {
        let text = self.session.script(path);
        let (wanted, told) = self.templates();
        let Some(wanted) = wanted else { return LineResult::Failed(told) };
        if wanted.is_empty() {
            return LineResult::Ask(HostRequest::Write { path: path.to_owned(), text });
        }
        let evaluation = self.session.check_script(path, &text);
        let report = evaluation.report.and_then(|program| templates::of_program(&program));
        match report.value {
            Some(made) if same(&made, &wanted) => LineResult::Ask(HostRequest::Write { path: path.to_owned(), text }),
            _ => LineResult::Failed(not_the_same(report.problems, evaluation.sources)),
        }
    }

    fn vars(&self) -> LineResult {
        let variables = self.session.variables().into_iter().map(|(name, value)| {
            let line = value.expression().split_whitespace().collect::<Vec<_>>().join(" ");
            vec![name, value.kind(), table::cut(&line, 60)]
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
            Some(path) => LineResult::Ask(HostRequest::Edit { path }),
            None => failed(Code::FileMissing, "no script is loaded", Some("name a file: `:edit app.rhai`".to_owned())),
        }
    }
}

fn same(made: &[DesiredStack], wanted: &[DesiredStack]) -> bool {
    let texts = |all: &[DesiredStack]| {
        all.iter().map(|synth| (synth.name.clone(), emit::yaml(&synth.template))).collect::<Vec<_>>()
    };
    texts(made) == texts(wanted)
}

fn not_the_same(mut problems: Sink, sources: SourceMap) -> Diagnostics {
    if !templates::has_errors(&problems) {
        let problem = Diagnostic::new(Code::NotAStack, "as one script, the session gives other templates");
        problems.push(problem.help("a file that it loads may differ from what was loaded: try `:reload`"));
    }
    Diagnostics { problems, sources }
}

fn failed(code: Code, message: &str, hint: Option<String>) -> LineResult {
    let problem = Diagnostic::new(code, message).help_if(hint);
    LineResult::Failed(Diagnostics::of(problem))
}

/// What is wrong where a command wants a stack and there is none.
pub fn no_stacks() -> Diagnostic {
    Diagnostic::new(Code::NotAStack, "the session has no stack yet")
        .help("make one: `Stack(\"name\").add(service)`, or `:load` a script")
}

fn unknown(name: &str, hint: Option<String>) -> LineResult {
    let hint = hint.or_else(|| Some("`:help` lists the commands".to_owned()));
    failed(Code::UnknownFunction, &format!("there is no command `:{name}`"), hint)
}

fn usage(command: &Command) -> LineResult {
    failed(
        Code::WrongArguments,
        &format!("`:{}` wants an argument", command.name),
        Some(format!("write `{}`", command.usage())),
    )
}

fn doc(name: &str) -> LineResult {
    let reference = Reference::of_language().with(COMMANDS.iter().map(entry));
    if name.is_empty() {
        let brief = reference.entries().iter().filter(|entry| matches!(entry.kind, Kind::Block | Kind::Module));
        return StyledText::plain(Documentation::List(brief.cloned().collect()).to_text(WIDTH)).into();
    }
    match reference.look_up(name) {
        Documentation::Nothing(near) => {
            let hint = near.map(|near| format!("did you mean `{near}`?"));
            failed(Code::UnknownFunction, &format!("there is no documentation of `{name}`"), hint)
        }
        found => {
            StyledText::plain(generated_resources::with_generated_resources(found, &reference).to_text(WIDTH)).into()
        }
    }
}

/// A command as documentation.
fn entry(command: &Command) -> Entry {
    let text = |text: &str| DocElement::Text { text: text.to_owned() };
    let more = Some(command.more).filter(|more| !more.is_empty()).map(text);
    Entry {
        kind: Kind::Command,
        name: format!(":{}", command.name),
        signatures: vec![command.usage()],
        summary: command.help.to_owned(),
        parts: std::iter::once(text(command.help)).chain(more).collect(),
    }
}

fn help(name: &str) -> LineResult {
    if name.is_empty() {
        let row = |command: &Command| vec![command.usage(), command.help.to_owned()];
        let lines =
            |account: bool| COMMANDS.iter().filter(move |it| it.account == account).map(row).collect::<Vec<_>>();
        let mut page = table::rows(&lines(false));
        page.heading("on an account: AWS or the rehearsal");
        page.append(table::rows(&lines(true)));
        return page.into();
    }
    match find(name) {
        Some(command) => {
            let mut page = StyledText::default().with(TextStyle::Name, command.usage() + "\n");
            page.push(TextStyle::Plain, format!("  {}\n", command.help));
            command.more.lines().for_each(|line| page.push(TextStyle::Plain, format!("  {line}\n")));
            page.into()
        }
        None => unknown(name.trim_start_matches(':'), did_you_mean(name, COMMANDS.iter().map(|it| it.name))),
    }
}
