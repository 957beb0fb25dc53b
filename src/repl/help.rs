//! `:help` and `:doc`.

use super::command::{CommandSpec, ReplCommand};
use super::command_line::suggestion;
use super::styled_text::{StyledText, TextStyle};
use super::{LineResult, generated_resources, table};
use crate::diag::Code;
use crate::package::Packages;
use crate::script::reference::{DocElement, Entry, Kind, Reference, SearchResult};

/// Columns of documentation.
const WIDTH: usize = 80;

/// Lists the commands, or shows the help of one.
pub(super) fn help(name: &str) -> LineResult {
    if name.is_empty() {
        return list().into();
    }
    let Some(command) = ReplCommand::from_name(name) else {
        let name = name.trim_start_matches(':');
        return unknown(name, suggestion(name));
    };
    let spec = command.spec();
    let mut text = StyledText::default().with(TextStyle::Name, spec.usage() + "\n");
    text.push(TextStyle::Plain, format!("  {}\n", spec.summary));
    spec.details.lines().for_each(|line| text.push(TextStyle::Plain, format!("  {line}\n")));
    text.into()
}

fn list() -> StyledText {
    let rows = |of_account: bool| {
        let commands = ReplCommand::ALL.iter().filter(|command| command.concerns_account() == of_account);
        let rows: Vec<(String, &str)> =
            commands.map(|command| (command.spec().usage(), command.spec().summary)).collect();
        let column = rows.iter().map(|(usage, _)| usage.chars().count()).max().unwrap_or(0);
        // Two spaces before each of the two columns.
        let summaries = WIDTH.saturating_sub(column + 4);
        let lines = rows.into_iter().flat_map(|(usage, summary)| {
            let lines = wrapped(summary, summaries).into_iter().enumerate();
            lines.map(move |(at, line)| vec![if at == 0 { usage.clone() } else { String::new() }, line])
        });
        lines.collect::<Vec<_>>()
    };
    let mut text = table::rows(&rows(false));
    text.heading("account commands (AWS or the rehearsal account)");
    text.append(table::rows(&rows(true)));
    text.push(TextStyle::Plain, "\nthe first letters of a command are enough: `:res` is `:resources`\n".to_owned());
    text
}

/// Returns the lines of a text of at most this width.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is a line");
        if last.is_empty() {
            last.push_str(word);
        } else if last.chars().count() + 1 + word.chars().count() <= width {
            *last = format!("{last} {word}");
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// Reports an unknown command.
pub(super) fn unknown(name: &str, hint: Option<String>) -> LineResult {
    let hint = hint.or_else(|| Some("`:help` lists the commands".to_owned()));
    LineResult::error(Code::UnknownCommand, &format!("there is no command `:{name}`"), hint)
}

/// Reports the first letters of several commands.
pub(super) fn ambiguous(name: &str, commands: &[ReplCommand]) -> LineResult {
    let names: Vec<String> = commands.iter().map(|command| format!("`:{}`", command.name())).collect();
    let names = match names.as_slice() {
        [others @ .., last] => format!("{} or {last}", others.join(", ")),
        [] => String::new(),
    };
    let help = "write more letters; `:help` lists the commands".to_owned();
    LineResult::error(Code::UnknownCommand, &format!("`:{name}` may be {names}"), Some(help))
}

/// Reports a missing or malformed argument.
pub(super) fn usage(spec: &CommandSpec) -> LineResult {
    let message = format!("`:{}` needs an argument", spec.name);
    LineResult::error(Code::WrongArguments, &message, Some(format!("write `{}`", spec.usage())))
}

/// Shows the documentation of a name of the language or of a package.
pub(super) fn doc(name: &str, packages: &Packages) -> LineResult {
    let reference = Reference::of_language()
        .with_packages(packages)
        .with(ReplCommand::ALL.iter().map(|command| entry(command.spec())));
    if name.is_empty() {
        let brief = reference.entries().iter().filter(|entry| matches!(entry.kind, Kind::Block | Kind::Module));
        return StyledText::plain(SearchResult::List(brief.cloned().collect()).to_text(WIDTH)).into();
    }
    match reference.look_up(name) {
        SearchResult::Nothing(near) => {
            let hint = near.map(|near| format!("did you mean `{near}`?"));
            let hint = hint.or_else(|| Some("`:doc` lists the blocks and modules".to_owned()));
            LineResult::error(Code::UnknownFunction, &format!("there is no documentation of `{name}`"), hint)
        }
        found => {
            StyledText::plain(generated_resources::with_generated_resources(found, &reference).to_text(WIDTH)).into()
        }
    }
}

/// Returns a command as an entry of the documentation.
fn entry(spec: &CommandSpec) -> Entry {
    let text = |text: &str| DocElement::Text { text: text.to_owned() };
    let details = Some(spec.details).filter(|details| !details.is_empty()).map(text);
    Entry {
        kind: Kind::Command,
        name: format!(":{}", spec.name),
        signatures: vec![spec.usage()],
        summary: spec.summary.to_owned(),
        parts: std::iter::once(text(spec.summary)).chain(details).collect(),
    }
}
