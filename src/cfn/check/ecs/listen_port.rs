//! Commands that listen on another port than the container maps, or inside of the task only.
//!
//! Sources: `bind` of Gunicorn's settings (127.0.0.1:8000 unless set), `--host` and `--port` of Uvicorn, `runserver` of Django.

use super::task_definition::{containers_of, path};
use crate::cfn::Value;
use crate::cfn::check::context::{CheckContext, ResourceEntry};
use crate::diag::{Code, Sink};

/// Programs whose options name the port of another host.
const CLIENTS: [&str; 10] =
    ["psql", "mysql", "mariadb", "pg_dump", "pg_isready", "redis-cli", "mongosh", "curl", "wget", "nc"];

/// An address of a command line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// The text, as written.
    text: String,
    host: Option<String>,
    pub(super) port: i64,
}

pub(super) fn commands(task: ResourceEntry<'_>, _: &CheckContext<'_>, sink: &mut Sink) {
    for (at, container) in containers_of(task) {
        let Some(mapped) = mapped_ports(container).filter(|ports| !ports.is_empty()) else { continue };
        let addresses = addresses_of(&words(container));
        let Some(address) = addresses.first() else { continue };
        let property = if container.get("Command").is_some() { "Command" } else { "EntryPoint" };
        let place = path(at, property);
        let ports: Vec<String> = mapped.iter().map(ToString::to_string).collect();
        let ports = ports.join(", ");
        if !addresses.iter().any(|address| mapped.contains(&address.port)) {
            let message = format!("the command listens on port {}, and the container maps {ports}", address.port);
            let problem = task.warning(Code::PortMismatch, &place, message);
            let problem = problem.at(task.origin(&path(at, "PortMappings")), "the port is set here");
            sink.push(problem.help(format!(
                "set the port of the container to {}, or let the command listen on {}",
                address.port, mapped[0]
            )));
        } else if let Some(local) = addresses.iter().find(|it| mapped.contains(&it.port) && is_local(it)) {
            let message = format!("`{}` is reached from inside of the task only", local.text);
            let problem = task.warning(Code::PortMismatch, &place, message);
            sink.push(problem.help(format!("listen on every address: `0.0.0.0:{}`", local.port)));
        }
    }
}

/// Variables that say where a program listens: buildpacks and Gunicorn (`PORT`), Spring Boot, Flask, Uvicorn, ASP.NET and Streamlit.
const VARIABLES: [&str; 6] =
    ["PORT", "SERVER_PORT", "FLASK_RUN_PORT", "UVICORN_PORT", "ASPNETCORE_HTTP_PORTS", "STREAMLIT_SERVER_PORT"];

/// Warns of a variable with another port than the container maps, unless the command names a port itself.
pub(super) fn variables(task: ResourceEntry<'_>, _: &CheckContext<'_>, sink: &mut Sink) {
    for (at, container) in containers_of(task) {
        let Some(mapped) = mapped_ports(container).filter(|ports| !ports.is_empty()) else { continue };
        if !addresses(&words(container)).is_empty() {
            continue;
        }
        let variables = container.get("Environment").and_then(Value::as_list).unwrap_or_default();
        for (index, variable) in variables.iter().enumerate() {
            let read = |name: &str| variable.get(name).and_then(Value::as_str);
            let Some(name) = read("Name").filter(|name| VARIABLES.contains(name)) else { continue };
            let Some(listens) = read("Value").and_then(port).filter(|port| !mapped.contains(port)) else { continue };
            let ports: Vec<String> = mapped.iter().map(ToString::to_string).collect();
            let ports = ports.join(", ");
            let message = format!("`{name}` lets the program listen on port {listens}, and the container maps {ports}");
            let place = format!("{}.{index}.Value", path(at, "Environment"));
            let problem = task.warning(Code::PortMismatch, &place, message);
            let problem = problem.at(task.origin(&path(at, "PortMappings")), "the port is set here");
            sink.push(
                problem.help(format!("set `{name}` to {}, or the port of the container to {listens}", mapped[0])),
            );
        }
    }
}

fn is_local(address: &Address) -> bool {
    matches!(address.host.as_deref(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

/// Returns the addresses that a command listens on; none for a program that connects to another host.
pub(super) fn addresses_of(words: &[String]) -> Vec<Address> {
    let is_client = words.iter().any(|word| CLIENTS.contains(&word.rsplit('/').next().unwrap_or(word)));
    if is_client { Vec::new() } else { addresses(words) }
}

/// Returns the ports of a container, if they are all known.
pub(super) fn mapped_ports(container: &Value) -> Option<Vec<i64>> {
    let mappings = container.get("PortMappings").and_then(Value::as_list).unwrap_or_default();
    mappings.iter().map(|mapping| mapping.get("ContainerPort").and_then(Value::as_int)).collect()
}

/// Returns the words of the entry point and the command. A word with references is empty.
pub(super) fn words(container: &Value) -> Vec<String> {
    let properties = ["EntryPoint", "Command"].into_iter().filter_map(|name| container.get(name)?.as_list());
    split_lines(properties.flatten().map(|word| word.as_str().unwrap_or_default()))
}

/// Returns the words of a command; the line of a shell is split.
pub(super) fn split_lines<'w>(command: impl Iterator<Item = &'w str>) -> Vec<String> {
    let mut words = Vec::new();
    for word in command {
        if word.contains(' ') {
            words.extend(word.split_whitespace().map(|word| word.trim_matches(['"', '\'']).to_owned()));
        } else {
            words.push(word.to_owned());
        }
    }
    words
}

/// Returns the addresses that a command listens on, as far as its words show them.
fn addresses(words: &[String]) -> Vec<Address> {
    let mut found = Vec::new();
    let mut host = None;
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).map(String::as_str);
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word.as_str(), next),
        };
        let address = match (name, value) {
            ("--host" | "--server.address", Some(value)) => {
                host = Some(value.to_owned());
                None
            }
            ("--bind" | "-b" | "--listen", Some(value)) => address(value),
            ("--port" | "--server.port", Some(value)) => port(value).map(|port| (None, port)),
            ("runserver", _) => Some(next.and_then(address).unwrap_or((None, 8000))),
            _ => word.strip_prefix("-b").filter(|rest| rest.contains(':')).and_then(address),
        };
        if let Some((host, port)) = address {
            found.push(Address { text: word.clone(), host, port });
        }
    }
    // `--host db --port 5432` is the address of another program.
    let is_own = |host: &str| {
        ["localhost", "*", ""].contains(&host) || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok()
    };
    if host.as_deref().is_some_and(|host| !is_own(host)) {
        found.retain(|address| address.host.is_some());
    }
    for address in &mut found {
        if let (None, Some(host)) = (&address.host, &host) {
            address.text = format!("{host}:{}", address.port);
            address.host = Some(host.clone());
        } else if let Some(host) = &address.host {
            address.text = format!("{host}:{}", address.port);
        }
    }
    found
}

/// Returns the host and the port of `0.0.0.0:8000`, `:8000`, `[::]:8000` and `8000`.
fn address(text: &str) -> Option<(Option<String>, i64)> {
    // The broker of a worker (`celery -b amqp://rabbit:5672`) is not an address to listen on.
    if text.split_once("://").is_some_and(|(scheme, _)| !["tcp", "http", "https"].contains(&scheme)) {
        return None;
    }
    match text.rsplit_once(':') {
        Some((host, number)) => {
            let host = host.rsplit('/').next().unwrap_or(host);
            Some(((!host.is_empty()).then(|| host.to_owned()), port(number)?))
        }
        None => port(text).map(|port| (None, port)),
    }
}

fn port(text: &str) -> Option<i64> {
    text.parse().ok().filter(|port| (1..=65_535).contains(port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(line: &str) -> Vec<i64> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        addresses(&words).iter().map(|address| address.port).collect()
    }

    #[test]
    fn port_of_common_servers_is_found() {
        for (line, port) in [
            ("gunicorn --bind 0.0.0.0:8000 app:app", 8000),
            ("gunicorn -b :8001 app:app", 8001),
            ("gunicorn -b0.0.0.0:8002 app:app", 8002),
            ("gunicorn --bind=[::]:8003 app", 8003),
            ("uvicorn main:app --host 0.0.0.0 --port 8004", 8004),
            ("uvicorn main:app --port=8005", 8005),
            ("python manage.py runserver 0.0.0.0:8006", 8006),
            ("python manage.py runserver", 8000),
            ("streamlit run app.py --server.port 8501", 8501),
        ] {
            assert_eq!(ports(line), [port], "{line}");
        }
        for line in [
            "celery -A app worker -b amqp://guest:guest@rabbit:5672",
            "migrate --host db --port 5432",
            "gunicorn --bind unix:/run/app.sock app",
            "node server.js",
            "gunicorn --bind 0.0.0.0:$PORT app",
        ] {
            assert_eq!(ports(line), Vec::<i64>::new(), "{line}");
        }
    }

    #[test]
    fn host_of_an_option_belongs_to_the_port() {
        let words: Vec<String> = ["uvicorn", "--host", "127.0.0.1", "--port", "80"].map(str::to_owned).to_vec();
        assert!(is_local(&addresses(&words)[0]));
    }
}
