use crate::cfn::Value;
use crate::cfn::check::context::ResourceEntry;
use crate::cfn::check::ecs::listen_port::split_lines;
use crate::cfn::check::ecs::task_definition::path;
use crate::diag::{Code, Diagnostic};
use crate::image::{ContainerConfig, PlatformContent};

/// A container of a task with the image that it runs.
pub(super) struct ContainerImage<'a> {
    pub(super) task: ResourceEntry<'a>,
    pub(super) container: &'a Value,
    /// The name of the image, as the template has it.
    pub(super) name: &'a str,
    pub(super) content: &'a PlatformContent,
    at: usize,
}

impl<'a> ContainerImage<'a> {
    pub(super) fn new(
        (task, at, container): (ResourceEntry<'a>, usize, &'a Value),
        name: &'a str,
        content: &'a PlatformContent,
    ) -> Self {
        Self { task, container, name, content, at }
    }

    pub(super) fn config(&self) -> &'a ContainerConfig {
        &self.content.config.config
    }

    /// Returns the path of a property of the container.
    pub(super) fn path(&self, property: &str) -> String {
        path(self.at, property)
    }

    pub(super) fn error(&self, code: Code, property: &str, message: String) -> Diagnostic {
        self.task.error(code, &self.path(property), message)
    }

    pub(super) fn warning(&self, code: Code, property: &str, message: String) -> Diagnostic {
        self.task.warning(code, &self.path(property), message)
    }

    /// Returns whether the template sets a list, which may be known only when it is deployed.
    pub(super) fn sets(&self, property: &str) -> bool {
        self.container.get(property).is_some_and(|value| value.as_list().is_none_or(|words| !words.is_empty()))
    }

    /// Returns the words of the command that starts; none if a part is not known. As in Docker, an entry point of the template
    /// replaces the command of the image, too (`ContainerDefinition` of the ECS API: `entryPoint` maps to that of docker).
    pub(super) fn command(&self) -> Option<Vec<String>> {
        let written = |property: &str| -> Option<Vec<String>> {
            let words = self.container.get(property)?.as_list();
            words.map_or(Some(Vec::new()), |words| words.iter().map(|it| it.as_str().map(str::to_owned)).collect())
        };
        let (entry, command) = (self.sets("EntryPoint"), self.sets("Command"));
        let config = self.config();
        let first = if entry { written("EntryPoint")? } else { config.entrypoint.clone() };
        let second = match (command, entry) {
            (true, _) => written("Command")?,
            (false, true) => Vec::new(),
            (false, false) => config.cmd.clone(),
        };
        let is_unknown = |set: bool, words: &Vec<String>| set && words.is_empty();
        if is_unknown(entry, &first) || is_unknown(command, &second) {
            return None;
        }
        Some(first.into_iter().chain(second).collect())
    }

    /// Returns the words of the command with the values of its variables.
    pub(super) fn expanded_command(&self) -> Option<Vec<String>> {
        let words = split_lines(self.command()?.iter().map(String::as_str));
        Some(words.iter().map(|word| self.expanded(word)).collect())
    }

    fn expanded(&self, word: &str) -> String {
        let mut whole = String::new();
        let mut rest = word;
        while let Some((before, after)) = rest.split_once('$') {
            whole.push_str(before);
            let braced = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
            let (expression, end) = braced.unwrap_or_else(|| {
                let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                after.split_at(after.find(|c| !is_name(c)).unwrap_or(after.len()))
            });
            let (name, default) = expression.split_once(":-").unwrap_or((expression, ""));
            whole.push_str(&self.variable(name).unwrap_or_else(|| default.to_owned()));
            rest = end;
        }
        whole + rest
    }

    /// Returns the variables of the template with their positions and values, as far as they are known.
    pub(super) fn variables(&self) -> impl Iterator<Item = (usize, &'a str, Option<&'a str>)> {
        let variables = self.container.get("Environment").and_then(Value::as_list).unwrap_or_default();
        variables.iter().enumerate().filter_map(|(at, variable)| {
            Some((at, variable.get("Name")?.as_str()?, variable.get("Value").and_then(Value::as_str)))
        })
    }

    /// Returns the value of a variable: of the template, else of the image.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        match self.variables().find(|(_, known, _)| *known == name) {
            Some((_, _, value)) => value.map(str::to_owned),
            None => self.config().variable(name).map(str::to_owned),
        }
    }
}
