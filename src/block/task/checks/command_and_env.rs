use crate::block::task::{Container, TaskOwner};
use crate::cfn::TemplateString;
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

/// Checks texts that reach the container unchanged: commands, users and variables.
pub(super) fn all(owner: &TaskOwner<'_>) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for container in owner.task.containers() {
        problems.extend(commands(container));
        problems.extend(user(container));
        let variables = container.env.iter().map(|set| (&set.value.name, &set.origin));
        let secrets = container.secret.iter().map(|set| (&set.value.name, &set.origin));
        problems.extend(variables.chain(secrets).filter_map(|(name, origin)| variable(name, origin)));
    }
    problems
}

fn commands(container: &Container) -> Vec<Diagnostic> {
    let empty = |set: &&WithOrigin<Vec<TemplateString>>| set.value.is_empty();
    let lists = [&container.command, &container.entrypoint];
    let nothing = lists.into_iter().flatten().filter(empty).map(|set| {
        Diagnostic::new(Code::CommandNotSplit, "an empty command")
            .at(&set.origin, "")
            .help("leave it out to run the image's own command")
    });
    // What an entry point makes of its arguments is its own business; a program's name has no blanks.
    let program = container.entrypoint.as_ref().or(container.command.as_ref());
    let line = program.and_then(|set| not_split(&set.value, &set.origin));
    nothing.chain(line).collect()
}

/// Reports a command line that is written as the name of a program.
pub(crate) fn not_split(command: &[TemplateString], origin: &Origin) -> Option<Diagnostic> {
    let first = command.first()?.as_str().filter(|word| word.trim().contains(' '))?;
    let words: Vec<_> = first.split_whitespace().map(|word| format!("\"{word}\"")).collect();
    let message = format!("`{first}` is one argument, and no program has that name");
    Some(
        Diagnostic::new(Code::CommandNotSplit, message)
            .as_warning()
            .at(origin, "ECS runs a list of arguments, not a shell command line")
            .help(format!("write each argument as an item: `[{}]`", words.join(", ")))
            .help("a shell command line is `[\"sh\", \"-c\", \"...\"]`"),
    )
}

fn user(container: &Container) -> Option<Diagnostic> {
    let set = container.user.as_ref().filter(|set| set.value.as_str().is_some_and(|user| user.trim().is_empty()))?;
    let problem = Diagnostic::new(Code::ContainerUser, "an empty user").at(&set.origin, "");
    Some(problem.help("set one, `1000` or `app`, or leave it out to use the one of the image"))
}

/// Checks the name of a variable. A process takes any name without `=`, but a shell reads only those of letters,
/// digits and underscores (POSIX, "Name").
fn variable(name: &str, origin: &Origin) -> Option<Diagnostic> {
    let is_name = !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '-'));
    if is_name {
        return None;
    }
    let problem = if name.is_empty() || name.contains('=') {
        Diagnostic::new(Code::VariableName, format!("`{name}` is not a valid name of an environment variable"))
    } else {
        Diagnostic::new(Code::VariableName, format!("no shell can read the environment variable `{name}`")).as_warning()
    };
    Some(problem.at(origin, "").help("use letters, digits and underscores, with a letter first"))
}
