use super::FargateService;
use crate::block::Container;
use crate::cfn::TemplateString;
use crate::diag::{Code, Diagnostic, Origin, WithOrigin, did_you_mean};

/// The levels of Python's `logging` that Gunicorn takes (`loglevel`, Gunicorn's settings).
const LEVELS: [&str; 5] = crate::block::Gunicorn::LOG_LEVELS;

/// Checks texts that reach the container unchanged: commands, users, variables and log levels.
pub(super) fn all(service: &FargateService) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for container in super::super::containers::all(service) {
        problems.extend(commands(container));
        problems.extend(user(container));
        let variables = container.env.iter().map(|set| (&set.value.name, &set.origin));
        let secrets = container.secret.iter().map(|set| (&set.value.name, &set.origin));
        problems.extend(variables.chain(secrets).filter_map(|(name, origin)| variable(name, origin)));
    }
    problems.extend(log_level(service));
    problems.extend(overridden(service));
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
    let line = program.and_then(|set| {
        let first = set.value.first()?.as_str().filter(|word| word.trim().contains(' '))?;
        let words: Vec<_> = first.split_whitespace().map(|word| format!("\"{word}\"")).collect();
        Some(
            Diagnostic::new(Code::CommandNotSplit, format!("`{first}` is one argument, and no program has that name"))
                .as_warning()
                .at(&set.origin, "ECS runs a list of arguments, not a shell command line")
                .help(format!("write each argument as an item: `[{}]`", words.join(", ")))
                .help("a shell command line is `[\"sh\", \"-c\", \"...\"]`"),
        )
    });
    nothing.chain(line).collect()
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

fn log_level(service: &FargateService) -> Option<Diagnostic> {
    let set = service.gunicorn.as_ref()?.value.log_level.as_ref()?;
    let level = set.value.as_str();
    if LEVELS.iter().any(|known| level.eq_ignore_ascii_case(known)) {
        return None;
    }
    let problem = Diagnostic::new(Code::LogLevel, format!("Gunicorn has no log level `{level}`")).at(&set.origin, "");
    let hint = match level.to_ascii_lowercase().as_str() {
        "warn" => Some("did you mean `warning`?".to_owned()),
        other => did_you_mean(other, LEVELS.iter().copied()),
    };
    let problem = problem.note("it logs at `info` in this case".to_owned());
    Some(problem.help_if(hint).help(format!("use one of {}", LEVELS.join(", "))))
}

/// Reports a variable that Gunicorn's settings set too: the container gets theirs.
fn overridden(service: &FargateService) -> Vec<Diagnostic> {
    let Some(gunicorn) = &service.gunicorn else { return Vec::new() };
    let set = super::super::containers::gunicorn_variables(&gunicorn.value);
    let repeated = service.web.env.iter().filter_map(|variable| {
        let (_, (value, origin)) = set.iter().find(|(name, _)| *name == variable.value.name)?;
        if variable.value.value.as_str() == Some(value) {
            return None;
        }
        let name = &variable.value.name;
        let by = if origin.is_known() { origin } else { &gunicorn.origin };
        Some(
            Diagnostic::new(Code::OverriddenVariable, format!("`{name}` is set here, and Gunicorn's settings win"))
                .at(&variable.origin, "has no effect")
                .at(by, format!("sets it to `{value}`"))
                .help("leave one of the two out"),
        )
    });
    repeated.collect()
}
