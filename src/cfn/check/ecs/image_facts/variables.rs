use super::container::ContainerImage;
use crate::diag::{Code, Diagnostic};

/// The variables of `Gunicorn()` that only some images read. `LOG_LEVEL` and `TIMEOUT` are left out: programs of all kinds read them.
const NAMES: [&str; 3] = ["WORKERS_PER_CORE", "MAX_WORKERS", "WEB_CONCURRENCY"];

/// Warns of variables of Gunicorn that the image never mentions. A configuration of Gunicorn in the image may read them, so an image
/// that shows one is not judged.
///
/// Sources: `workers` of Gunicorn's settings and `--workers` of Uvicorn read `WEB_CONCURRENCY` themselves; the others are read by
/// `gunicorn_conf.py` of `tiangolo/uvicorn-gunicorn` and those like it.
pub(super) fn unread(container: &ContainerImage<'_>) -> Vec<Diagnostic> {
    let command = container.command();
    if command.is_none() || container.variables().all(|(_, name, _)| !NAMES.contains(&name)) {
        return Vec::new();
    }
    let text = mentions(container, &command.unwrap_or_default());
    let has_configuration = ["gunicorn_conf", "gunicorn.conf", "gunicorn-conf", "gunicorn.py"];
    if has_configuration.iter().any(|name| text.contains(name)) {
        return Vec::new();
    }
    let is_server = text.contains("gunicorn") || text.contains("uvicorn");
    let is_read = |name: &str| text.contains(name) || (name == "WEB_CONCURRENCY" && is_server);
    let unread = container.variables().filter(|(_, name, _)| NAMES.contains(name) && !is_read(name));
    unread.map(|(at, name, _)| unread_variable(container, at, name)).collect()
}

fn unread_variable(container: &ContainerImage<'_>, at: usize, name: &str) -> Diagnostic {
    let message =
        format!("the image `{}` does not mention `{name}`, so the setting probably has no effect", container.name);
    let problem = container.warning(Code::ImageVariable, &format!("Environment.{at}.Value"), message);
    problem
        .at(container.task.origin(&container.path("Image")), "the image")
        .note("looked at its variables, entry point, command, labels and the commands of its build; not at its files")
        .help("leave the setting out, or use an image that reads it, such as the one of `scripts/titiler`")
}

/// Returns everything that the image and its command show as text.
fn mentions(container: &ContainerImage<'_>, command: &[String]) -> String {
    let config = container.config();
    let labels = config.labels.iter().flat_map(|(name, value)| [name, value]);
    let steps = container.content.config.history.iter().map(|step| &step.created_by);
    let texts =
        config.env.iter().chain(&config.entrypoint).chain(&config.cmd).chain(command).chain(labels).chain(steps);
    texts.map(String::as_str).collect::<Vec<_>>().join("\n")
}
