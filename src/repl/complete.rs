//! Completion of commands and their arguments; code is the session's business.

use super::Repl;
use super::command::{ArgumentKind, COMMANDS, Command, find};
use crate::cfn::schema::Schema;
use crate::script::reference::Reference;
use crate::script::session::{Candidate, CandidateKind, Completion, DirectoryListing, SignatureHelp};

/// Names that the session does not know.
pub trait CompletionSource: DirectoryListing {
    /// The options of a command that wants an account: `--since`, with a line of help.
    fn options(&self, command: &str) -> Vec<(String, String)>;
}

impl Repl {
    /// What may stand at a byte of a text.
    pub fn complete(&self, text: &str, cursor: usize, names: &dyn CompletionSource) -> Completion {
        let before = text.get(..cursor).unwrap_or(text);
        let Some(start) = before.trim_start().starts_with(':').then(|| before.len() - before.trim_start().len()) else {
            return self.session.complete(text, cursor, &AsFolder(names));
        };
        let line = &before[start..];
        let Some(blank) = line.find(char::is_whitespace) else {
            let candidate = |name: &str, help: &str| put(CandidateKind::Command, format!(":{name}"), help);
            let all = COMMANDS.iter().map(|command| candidate(command.name, command.help));
            return Completion { range: start..before.len(), candidates: beginning(all, line) };
        };
        let argument = start + blank + (line[blank..].len() - line[blank..].trim_start().len());
        let takes = find(&line[..blank]).map_or(ArgumentKind::Nothing, |command| command.takes);
        if takes == ArgumentKind::Expression {
            let mut found = self.session.complete(&before[argument..], before.len() - argument, &AsFolder(names));
            found.range = found.range.start + argument..found.range.end + argument;
            return found;
        }
        if let Some(command) = find(&line[..blank]).filter(|command| command.account) {
            return self.word_of_account(command, before, argument, names);
        }
        let begun = &before[argument..];
        Completion { range: argument..before.len(), candidates: beginning(self.arguments(takes, begun, names), begun) }
    }

    /// The call that the cursor is in, or the command that is being written.
    pub fn hint(&self, text: &str, cursor: usize) -> Option<SignatureHelp> {
        let line = text.get(..cursor)?.trim_start();
        if !line.starts_with(':') {
            return self.session.hint(text, cursor);
        }
        let command = find(line.split_whitespace().next()?)?;
        Some(SignatureHelp { signature: command.usage(), argument: 0..0, doc: command.help.to_owned() })
    }

    /// The last word of a command that wants an account: there may be several, and options.
    fn word_of_account(
        &self,
        command: &Command,
        before: &str,
        argument: usize,
        names: &dyn CompletionSource,
    ) -> Completion {
        let begun = before[argument..].rsplit(char::is_whitespace).next().unwrap_or_default();
        let start = before.len() - begun.len();
        let option = |(name, help): (String, String)| put(CandidateKind::Command, name, &help);
        let candidates = if begun.starts_with('-') {
            names.options(command.name).into_iter().map(option).collect()
        } else {
            self.arguments(command.takes, begun, names)
        };
        Completion { range: start..before.len(), candidates: beginning(candidates, begun) }
    }

    fn arguments(&self, takes: ArgumentKind, begun: &str, names: &dyn CompletionSource) -> Vec<Candidate> {
        match takes {
            ArgumentKind::Nothing | ArgumentKind::Expression => Vec::new(),
            ArgumentKind::Documented => documented(begun),
            ArgumentKind::Resource => self.resource_ids(),
            ArgumentKind::Stack => {
                let stacks = self.session.program().stacks;
                stacks
                    .iter()
                    .map(|stack| put(CandidateKind::Value, stack.name.value.as_str(), "stack of the session"))
                    .collect()
            }
            ArgumentKind::Setting => {
                let settings = self.session.settings().into_iter();
                settings.map(|it| put(CandidateKind::Setting, format!("{}=", it.name), &it.value.to_string())).collect()
            }
            ArgumentKind::File => files(begun, names),
            ArgumentKind::Command => COMMANDS.iter().map(|it| put(CandidateKind::Command, it.name, it.help)).collect(),
            ArgumentKind::Service => {
                let is_service = |resource: &Candidate| resource.description == "AWS::ECS::Service";
                self.resource_ids().into_iter().filter(is_service).collect()
            }
            ArgumentKind::Target => vec![
                put(CandidateKind::Value, "aws", "the account of your credentials"),
                put(CandidateKind::Value, "rehearsal", "an account in memory, where nothing costs anything"),
            ],
        }
    }

    fn resource_ids(&self) -> Vec<Candidate> {
        let stacks = super::templates::of_program(&self.session.program()).value.unwrap_or_default();
        let resources = stacks.iter().flat_map(|synth| &synth.template.resources);
        resources.map(|(id, resource)| put(CandidateKind::Value, id.to_string(), &resource.kind.to_string())).collect()
    }
}

/// Names with documentation: of the language, then services, types and paths of properties as they are begun.
fn documented(begun: &str) -> Vec<Candidate> {
    let schema = Schema::embedded();
    if let Some((kind, path)) = begun.split_once('.').filter(|(kind, _)| schema.contains(kind)) {
        let holder = path.rsplit_once('.').map_or("", |(holder, _)| holder);
        let node = schema.get(kind).and_then(|known| known.properties().at(holder));
        let lead = if holder.is_empty() { format!("{kind}.") } else { format!("{kind}.{holder}.") };
        let properties = node.map(|node| node.items().unwrap_or(node).properties()).unwrap_or_default();
        return properties
            .into_iter()
            .map(|(name, _)| put(CandidateKind::Property, format!("{lead}{name}"), "property"))
            .collect();
    }
    if let Some(rest) = begun.strip_prefix("AWS::") {
        return match rest.split_once("::") {
            Some((service, _)) => {
                schema.types_of(service).map(|name| put(CandidateKind::Type, name, "resource type")).collect()
            }
            None => {
                schema.services().map(|name| put(CandidateKind::Module, format!("AWS::{name}::"), "service")).collect()
            }
        };
    }
    let entries = Reference::of_language().entries().to_vec();
    let mut all: Vec<Candidate> =
        entries.iter().map(|entry| put(CandidateKind::Function, entry.name.as_str(), &entry.summary)).collect();
    all.push(put(CandidateKind::Module, "AWS::", "every resource type of CloudFormation"));
    all
}

fn files(begun: &str, names: &dyn CompletionSource) -> Vec<Candidate> {
    let inside = begun.rfind('/').map_or("", |slash| &begun[..=slash]);
    let shown = |name: String| {
        put(CandidateKind::File, format!("{inside}{name}"), if name.ends_with('/') { "folder" } else { "" })
    };
    let wanted =
        |name: &String| name.ends_with('/') || std::path::Path::new(name).extension().is_some_and(|end| end == "rhai");
    names.list(inside).into_iter().filter(wanted).map(shown).collect()
}

fn put(sort: CandidateKind, text: impl Into<String>, description: &str) -> Candidate {
    Candidate { text: text.into(), sort, description: description.to_owned() }
}

fn beginning(all: impl IntoIterator<Item = Candidate>, begun: &str) -> Vec<Candidate> {
    let begun = begun.to_lowercase();
    all.into_iter().filter(|candidate| candidate.text.to_lowercase().starts_with(&begun)).collect()
}

/// The folder part of [`CompletionSource`].
struct AsFolder<'a>(&'a dyn CompletionSource);

impl DirectoryListing for AsFolder<'_> {
    fn list(&self, path: &str) -> Vec<String> {
        self.0.list(path)
    }
}
