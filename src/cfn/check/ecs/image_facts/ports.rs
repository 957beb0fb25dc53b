use super::container::ContainerImage;
use crate::cfn::Value;
use crate::cfn::check::ecs::listen_port::{addresses_of, mapped_ports, words};
use crate::diag::{Code, Diagnostic};

/// Warns of a port that the program of the image does not listen on, as far as the image shows it.
pub(super) fn listens(container: &ContainerImage<'_>) -> Option<Diagnostic> {
    let mapped = mapped_ports(container.container).filter(|ports| !ports.is_empty())?;
    // A command of the script with an address is judged by the check of the template alone.
    if !addresses_of(&words(container.container)).is_empty() {
        return None;
    }
    let (other, source) = other_ports(container, &mapped)?;
    let message = format!(
        "the image `{}` listens on port {}, and the container maps {}",
        container.name,
        joined(&other),
        joined(&mapped)
    );
    let problem = container.warning(Code::ImagePort, "PortMappings", message);
    let problem = problem.at(container.task.origin(&container.path("Image")), "the image").note(source);
    Some(problem.help(format!("set the port of the container: `.port({})`", other[0])))
}

/// Returns the ports on which the program listens instead, with what shows it.
fn other_ports(container: &ContainerImage<'_>, mapped: &[i64]) -> Option<(Vec<i64>, String)> {
    let is_mapped = |ports: &[i64]| ports.iter().any(|port| mapped.contains(port));
    let command = container.expanded_command()?;
    let bound: Vec<i64> = addresses_of(&command).iter().map(|address| address.port).collect();
    if !bound.is_empty() {
        return (!is_mapped(&bound)).then(|| (bound, format!("its command is `{}`", command.join(" "))));
    }
    // The script may configure the program: a command or a variable of its own decides.
    let configured = container.variables().any(|(_, name, value)| {
        name == "PORT" || value.is_none_or(|value| mapped.iter().any(|port| value.contains(&port.to_string())))
    });
    if container.sets("Command") || container.sets("EntryPoint") || configured {
        return None;
    }
    let exposed = container.config().ports();
    let variable: Option<i64> = container.config().variable("PORT").and_then(|port| port.parse().ok());
    if is_mapped(&exposed) || variable.is_some_and(|port| mapped.contains(&port)) {
        return None;
    }
    match variable {
        Some(port) => Some((vec![port], format!("its variable `PORT` is {port}"))),
        None if exposed.is_empty() => None,
        None => Some((exposed.clone(), format!("it exposes {}", joined(&exposed)))),
    }
}

/// Warns of a user that cannot open a port below 1024.
///
/// Source: <https://github.com/aws/containers-roadmap/issues/1721> (open): tasks with a network interface of their own keep the
/// default of the kernel, unlike docker since 20.10. `SystemControl` of the ECS API can change it on Fargate 1.4.0.
pub(super) fn user(container: &ContainerImage<'_>) -> Option<Diagnostic> {
    let user = container.config().user.as_str();
    let is_root = matches!(user.split(':').next().map(str::trim), None | Some("" | "0" | "root"));
    let is_awsvpc = container.task.text("NetworkMode") == Some("awsvpc");
    // The check of the template alone judges a user of the script.
    if is_root || !is_awsvpc || container.container.get("User").is_some() || may_open_ports(container) {
        return None;
    }
    let mapped = mapped_ports(container.container)?;
    let low = mapped.into_iter().find(|port| (1..1024).contains(port))?;
    let message = format!("the image `{}` runs as `{user}`, which may not open port {low}", container.name);
    let problem = container.warning(Code::ImageUser, "Image", message);
    Some(
        problem
            .at(container.task.origin(&container.path("PortMappings")), "only root may open ports below 1024")
            .note("on ECS with `awsvpc`, also on Fargate; docker on your machine allows it")
            .help(format!(
                "let the program listen on 8080 and set `.port(8080)`: clients use the port of the load balancer, not {low}"
            )),
    )
}

/// Returns whether the task or the image may allow everyone to open low ports.
fn may_open_ports(container: &ContainerImage<'_>) -> bool {
    let lists = ["SystemControls", "LinuxParameters"].into_iter();
    let is_set = lists.filter_map(|name| container.container.get(name)).any(|value| match value {
        Value::List(items) => items.iter().any(|item| {
            item.get("Namespace")
                .and_then(Value::as_str)
                .is_none_or(|name| name == "net.ipv4.ip_unprivileged_port_start")
        }),
        value => value.get("Capabilities").is_some_and(|capabilities| capabilities.get("Add").is_some()),
    });
    let steps = &container.content.config.history;
    let is_of_image =
        |text: &str| text.contains("setcap") || text.to_ascii_lowercase().contains("cap_net_bind_service");
    is_set || steps.iter().any(|step| is_of_image(&step.created_by))
}

fn joined(ports: &[i64]) -> String {
    ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
