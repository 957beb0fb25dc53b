//! Completion of commands and their arguments; the session completes code.

use super::Repl;
use super::command::{AccountCommandKind, ArgumentKind, ReplCommand};
use crate::cfn::schema::Schema;
use crate::cfn::type_names::is_service;
use crate::script::reference::Reference;
use crate::script::session::{Candidate, CandidateKind, Completion, DirectoryListing, SignatureHelp};

/// A source of names that the session does not know: files, and options of account commands.
pub trait CompletionSource: DirectoryListing {
    /// Returns the options of an account command: `--since`, with a line of help.
    fn options(&self, command: AccountCommandKind) -> Vec<(String, String)>;
}

impl Repl {
    /// Returns the candidates for a byte offset of a text.
    pub fn complete(&self, text: &str, cursor: usize, source: &dyn CompletionSource) -> Completion {
        let before = text.get(..cursor).unwrap_or(text);
        let Some(start) = before.trim_start().starts_with(':').then(|| before.len() - before.trim_start().len()) else {
            return self.session.complete(text, cursor, &Listing(source));
        };
        let line = &before[start..];
        let Some(blank) = line.find(char::is_whitespace) else {
            let command = |name: &str, summary: &str| candidate(CandidateKind::Command, format!(":{name}"), summary);
            let all = ReplCommand::ALL.iter().map(|it| command(it.name(), it.spec().summary));
            return Completion { range: start..before.len(), candidates: with_prefix(all, line) };
        };
        let argument = start + blank + (line[blank..].len() - line[blank..].trim_start().len());
        let command = ReplCommand::from_name(&line[..blank]);
        let kind = command.map_or(ArgumentKind::Nothing, |command| command.spec().argument_kind);
        if kind == ArgumentKind::Expression {
            let mut found = self.session.complete(&before[argument..], before.len() - argument, &Listing(source));
            found.range = found.range.start + argument..found.range.end + argument;
            return found;
        }
        if let Some(ReplCommand::Account(command)) = command {
            return self.account_argument(command, before, argument, source);
        }
        let prefix = &before[argument..];
        let candidates = with_prefix(self.arguments(kind, prefix, source), prefix);
        Completion { range: argument..before.len(), candidates }
    }

    /// Returns the signature of the call around the cursor, or of the command of the line.
    pub fn hint(&self, text: &str, cursor: usize) -> Option<SignatureHelp> {
        let line = text.get(..cursor)?.trim_start();
        if !line.starts_with(':') {
            return self.session.signature_help(text, cursor);
        }
        let spec = ReplCommand::from_name(line.split_whitespace().next()?)?.spec();
        Some(SignatureHelp { signature: spec.usage(), argument: 0..0, doc: spec.summary.to_owned() })
    }

    /// Completes the last word of an account command, which takes several words and options.
    fn account_argument(
        &self,
        command: AccountCommandKind,
        before: &str,
        argument: usize,
        source: &dyn CompletionSource,
    ) -> Completion {
        let prefix = before[argument..].rsplit(char::is_whitespace).next().unwrap_or_default();
        let start = before.len() - prefix.len();
        let option = |(name, help): (String, String)| candidate(CandidateKind::Command, name, &help);
        let candidates = if prefix.starts_with('-') {
            source.options(command).into_iter().map(option).collect()
        } else {
            self.arguments(command.spec().argument_kind, prefix, source)
        };
        Completion { range: start..before.len(), candidates: with_prefix(candidates, prefix) }
    }

    fn arguments(&self, kind: ArgumentKind, prefix: &str, source: &dyn CompletionSource) -> Vec<Candidate> {
        match kind {
            ArgumentKind::Nothing | ArgumentKind::Expression => Vec::new(),
            ArgumentKind::Documented => documented(prefix),
            ArgumentKind::Resource => self.resource_ids(),
            ArgumentKind::Stack => {
                let stacks = self.session.program().stacks;
                stacks
                    .iter()
                    .map(|stack| candidate(CandidateKind::Value, stack.name.value.as_str(), "stack of the session"))
                    .collect()
            }
            ArgumentKind::Setting => {
                let settings = self.session.settings().into_iter();
                settings
                    .map(|it| candidate(CandidateKind::Setting, format!("{}=", it.name), &it.shown().to_string()))
                    .collect()
            }
            ArgumentKind::File => files(prefix, source),
            ArgumentKind::Command => {
                let command = |it: &ReplCommand| candidate(CandidateKind::Command, it.name(), it.spec().summary);
                ReplCommand::ALL.iter().map(command).collect()
            }
            ArgumentKind::Service => {
                let is_one = |resource: &Candidate| is_service(&resource.description);
                self.resource_ids().into_iter().filter(is_one).collect()
            }
            ArgumentKind::Target => vec![
                candidate(CandidateKind::Value, "aws", "the account of your credentials"),
                candidate(CandidateKind::Value, "rehearsal", "a simulated account on this machine, without cost"),
            ],
        }
    }

    fn resource_ids(&self) -> Vec<Candidate> {
        let stacks =
            super::templates::of_program(&self.session.program(), &self.session.budget()).value.unwrap_or_default();
        let resources = stacks.iter().flat_map(|synth| &synth.template.resources);
        resources
            .map(|(id, resource)| candidate(CandidateKind::Value, id.to_string(), &resource.kind.to_string()))
            .collect()
    }
}

/// Returns names with documentation: of the language, or of services, types and property paths with a prefix.
fn documented(prefix: &str) -> Vec<Candidate> {
    let schema = Schema::embedded();
    if let Some((kind, path)) = prefix.split_once('.').filter(|(kind, _)| schema.contains(kind)) {
        let parent = path.rsplit_once('.').map_or("", |(parent, _)| parent);
        let node = schema.get(kind).and_then(|known| known.properties().at(parent));
        let lead = if parent.is_empty() { format!("{kind}.") } else { format!("{kind}.{parent}.") };
        let properties = node.map(|node| node.items().unwrap_or(node).properties()).unwrap_or_default();
        return properties
            .into_iter()
            .map(|(name, _)| candidate(CandidateKind::Property, format!("{lead}{name}"), "property"))
            .collect();
    }
    if let Some(rest) = prefix.strip_prefix("AWS::") {
        return match rest.split_once("::") {
            Some((service, _)) => {
                schema.types_of(service).map(|name| candidate(CandidateKind::Type, name, "resource type")).collect()
            }
            None => schema
                .services()
                .map(|name| candidate(CandidateKind::Module, format!("AWS::{name}::"), "service"))
                .collect(),
        };
    }
    let entries = Reference::of_language().entries().to_vec();
    let mut all: Vec<Candidate> =
        entries.iter().map(|entry| candidate(CandidateKind::Function, entry.name.as_str(), &entry.summary)).collect();
    all.push(candidate(CandidateKind::Module, "AWS::", "every resource type of CloudFormation"));
    all
}

fn files(prefix: &str, source: &dyn CompletionSource) -> Vec<Candidate> {
    let folder = prefix.rfind('/').map_or("", |slash| &prefix[..=slash]);
    let file = |name: String| {
        candidate(CandidateKind::File, format!("{folder}{name}"), if name.ends_with('/') { "folder" } else { "" })
    };
    let is_offered =
        |name: &String| name.ends_with('/') || std::path::Path::new(name).extension().is_some_and(|end| end == "rhai");
    source.list(folder).into_iter().filter(is_offered).map(file).collect()
}

fn candidate(kind: CandidateKind, text: impl Into<String>, description: &str) -> Candidate {
    Candidate { text: text.into(), kind, description: description.to_owned() }
}

/// Keeps the candidates with a prefix; case does not matter.
fn with_prefix(all: impl IntoIterator<Item = Candidate>, prefix: &str) -> Vec<Candidate> {
    let prefix = prefix.to_lowercase();
    all.into_iter().filter(|candidate| candidate.text.to_lowercase().starts_with(&prefix)).collect()
}

/// The directory listing of a [`CompletionSource`].
struct Listing<'a>(&'a dyn CompletionSource);

impl DirectoryListing for Listing<'_> {
    fn list(&self, path: &str) -> Vec<String> {
        self.0.list(path)
    }
}
