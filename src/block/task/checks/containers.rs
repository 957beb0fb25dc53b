use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::mount_paths;
use super::range_checks::one_of;
use crate::block::ImageSource;
use crate::block::repeated::repeated;
use crate::block::task::{Container, ContainerDependency, Task, TaskOwner};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin, did_you_mean};

/// ECS service quotas: containers in a task definition.
const MOST_CONTAINERS: usize = 10;
const CONDITIONS: [&str; 4] = Container::DEPENDENCY_CONDITIONS;

/// Returns the problems of the containers of a task.
pub(super) fn all(owner: &TaskOwner<'_>) -> Vec<Diagnostic> {
    let containers: Vec<&Container> = owner.task.containers().collect();
    let mut problems = Vec::new();
    for (at, container) in containers.iter().enumerate() {
        problems.extend(mutable_tag(container));
        problems.extend(unknown_name_pinned(container));
        let twice = env_twice(container).into_iter().chain(variables(container)).collect();
        problems.extend(of_links(owner.task, twice));
        problems.extend(container.depends_on.iter().filter_map(|wait| dependency(wait, owner.task)));
        let port = if at == 0 { owner.port } else { container.port.as_ref().map(|port| port.value) };
        problems.extend(port.and_then(|port| privileged_port(container, port)));
        problems.extend(mounted_twice(container));
        problems.extend(mount_paths_of(container));
    }
    problems.extend(repeated(containers.iter().copied(), |container| &container.name.value).into_iter().map(same_name));
    problems.extend(too_many(&containers));
    problems.extend(share(owner));
    problems.extend(read_only_exec(owner.task));
    problems
}

fn same_name((container, first): (&Container, &Container)) -> Diagnostic {
    Diagnostic::new(Code::DuplicateContainer, format!("two containers are named `{}`", container.name.value))
        .at(&container.name.origin, "the same name again")
        .at(&first.name.origin, "the first container of this name")
        .help(
            "the main container is named as the service or job, in kebab-case, unless `.container_name(name)` is set; give each \
             sidecar a name of its own",
        )
}

fn mutable_tag(container: &Container) -> Option<Diagnostic> {
    let WithOrigin { value: source, origin } = container.image.as_ref()?;
    let image = match source {
        ImageSource::Pulled(image) => image.as_str()?,
        ImageSource::Registry(image) if image.pin.is_none() => image.name.value.as_str()?,
        _ => return None,
    };
    let last = image.rsplit('/').next().unwrap_or(image);
    let what = match last.split_once(':') {
        _ if last.contains('@') => return None,
        None => "has no tag, which means `latest`",
        Some((_, "latest")) => "has the tag `latest`",
        Some(_) => return None,
    };
    Some(
        Diagnostic::new(Code::MutableImageTag, format!("the image `{image}` {what}"))
            .at(origin, "a new image under this name does not change the template")
            .help(
                "name a version or a digest, or write `Image(\"name\").pin()`, so that a new image is a new deployment",
            ),
    )
}

fn unknown_name_pinned(container: &Container) -> Option<Diagnostic> {
    let ImageSource::Registry(image) = &container.image.as_ref()?.value else { return None };
    let pin = image.pin.as_ref().filter(|_| image.name.value.as_str().is_none())?;
    Some(
        Diagnostic::new(
            Code::ImageSetting,
            "the name of the image is known only to AWS, so its digest cannot be looked up",
        )
        .at(&pin.origin, "pinned here")
        .at(&image.name.origin, "this name refers to a value of the deployment")
        .help("write the name of the image as a text, or leave `.pin()` out"),
    )
}

fn variables(container: &Container) -> Vec<Diagnostic> {
    let mut firsts: HashMap<&str, &Origin> = HashMap::new();
    for variable in &container.env {
        firsts.entry(&variable.value.name).or_insert(&variable.origin);
    }
    let clash = container.secret.iter().filter_map(|secret| {
        let name = &secret.value.name;
        let first = match firsts.entry(name) {
            Entry::Occupied(first) => *first.get(),
            Entry::Vacant(place) => {
                place.insert(&secret.origin);
                return None;
            }
        };
        Some(
            Diagnostic::new(Code::DuplicateVariable, format!("the variable `{name}` is set twice"))
                .at(&secret.origin, "filled from a secret here")
                .at(first, "and set here")
                .help("ECS takes a name once: leave one of the two out"),
        )
    });
    clash.collect()
}

/// Reports a variable that is set again to another value.
fn env_twice(container: &Container) -> Vec<Diagnostic> {
    let again =
        repeated(&container.env, |variable| &variable.value.name).into_iter().filter_map(|(variable, first)| {
            let name = &variable.value.name;
            (first.value != variable.value).then(|| {
                Diagnostic::new(Code::DuplicateVariable, format!("the variable `{name}` is set twice"))
                    .at(&variable.origin, "another value here")
                    .at(&first.origin, "the first value")
                    .help("set it once; choose the value before: `let value = if production { \"a\" } else { \"b\" };`")
            })
        });
    again.collect()
}

/// Returns the problems of variables that are set twice: those of two links once, with a help.
fn of_links(task: &Task, twice: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let is_link = |problem: &Diagnostic| {
        problem.labels.iter().any(|label| task.link.iter().any(|link| link.origin == label.origin))
    };
    let mut reported: Vec<Vec<Origin>> = Vec::new();
    let mut problems = Vec::new();
    for problem in twice {
        if !is_link(&problem) {
            problems.push(problem);
            continue;
        }
        let places: Vec<Origin> = problem.labels.iter().map(|label| label.origin.clone()).collect();
        if !reported.contains(&places) {
            reported.push(places);
            problems.push(problem.help("give a link another prefix: `.link(block, \"ORDERS\")`"));
        }
    }
    problems
}

/// Reports a path at which two file systems are mounted.
fn mounted_twice(container: &Container) -> Vec<Diagnostic> {
    let again = repeated(&container.efs, |efs| &efs.value.path).into_iter().map(|(efs, first)| {
        let message = format!("two file systems are mounted at `{}`", efs.value.path);
        Diagnostic::new(Code::EfsPath, message)
            .at(&efs.origin, "the second one")
            .at(&first.origin, "the first one")
            .help("give each a path of its own")
    });
    again.collect()
}

fn mount_paths_of(container: &Container) -> impl Iterator<Item = Diagnostic> {
    container.efs.iter().filter_map(|efs| mount_paths::problem(&efs.value.path, &efs.origin))
}

fn dependency(wait: &WithOrigin<ContainerDependency>, task: &Task) -> Option<Diagnostic> {
    let ContainerDependency { container: name, condition } = &wait.value;
    let error = |code, message: String| Some(Diagnostic::new(code, message).at(&wait.origin, ""));
    let Some(target) = task.containers().find(|container| container.name.value.as_str() == name) else {
        let hint = did_you_mean(name, task.containers().map(|container| container.name.value.as_str()));
        let problem = error(Code::UnknownContainer, format!("the task has no container `{name}`"))?;
        return Some(problem.help_if(hint).note(task.container_list()));
    };
    let condition = condition.to_uppercase();
    let essential = target.essential.as_ref().is_none_or(|essential| essential.value);
    match condition.as_str() {
        "START" => None,
        "HEALTHY" if target.container_health_check.is_some() => None,
        "HEALTHY" => Some(
            error(Code::ContainerCondition, format!("`{name}` never becomes healthy: it has no health check"))?
                .at(&target.name.origin, "the container waited for")
                .help("add `.container_health_check(command)` to it"),
        ),
        "COMPLETE" | "SUCCESS" if !essential => None,
        "COMPLETE" | "SUCCESS" => Some(
            error(
                Code::ContainerCondition,
                format!("when `{name}` ends the task ends, so nothing can wait for its end"),
            )?
            .at(&target.name.origin, "an essential container")
            .help("add `.essential(false)` to it"),
        ),
        other => Some(
            error(Code::ContainerCondition, format!("a container cannot wait for `{other}`"))?
                .help_if(one_of(other, &CONDITIONS))
                .help(format!("use one of {}", CONDITIONS.join(", "))),
        ),
    }
}

fn privileged_port(container: &Container, port: i64) -> Option<Diagnostic> {
    let user = container.user.as_ref()?;
    let name = user.value.as_str()?;
    let root = matches!(name.split(':').next().map(str::trim), Some("root" | "0" | ""));
    let (true, false) = (port < 1024, root) else { return None };
    let problem = Diagnostic::new(Code::PrivilegedPort, format!("`{name}` may not open port {port}"))
        .at(&user.origin, "not root")
        .help("listen on a port from 1024 up: callers see the load balancer's port, not the container's");
    Some(match &container.port {
        Some(set) => problem.at(&set.origin, "only root may open ports below 1024"),
        None => problem,
    })
}

fn too_many(containers: &[&Container]) -> Option<Diagnostic> {
    let extra = containers.get(MOST_CONTAINERS)?;
    Some(
        Diagnostic::new(Code::TooManyContainers, format!("a task has at most {MOST_CONTAINERS} containers"))
            .at(&extra.name.origin, format!("the {}th", MOST_CONTAINERS + 1))
            .help("move some of them to a service of their own"),
    )
}

/// Checks that the sidecars use at most the CPU and memory of the task.
fn share(owner: &TaskOwner<'_>) -> Vec<Diagnostic> {
    let task = owner.task;
    let shares = [
        ("CPU units", task.cpu_units(), sum(task, |sidecar| sidecar.cpu.as_ref()?.value.literal())),
        ("MiB of memory", task.memory_mib(), sum(task, |sidecar| sidecar.memory.as_ref()?.value.literal())),
    ];
    let over = shares.into_iter().filter_map(|(unit, has, (taken, last))| {
        let (has, last) = (has?, last?);
        (taken > has).then(|| {
            Diagnostic::new(Code::SidecarSize, format!("the sidecars take {taken} {unit} of a task that has {has}"))
                .at(&last.origin, "the last of them")
                .help(format!("increase those of the {}, or reduce those of the sidecars", owner.noun))
        })
    });
    over.collect()
}

fn sum(task: &Task, of: impl Fn(&Container) -> Option<i64>) -> (i64, Option<&WithOrigin<Container>>) {
    let mut found = (0_i64, None);
    for sidecar in &task.sidecar {
        if let Some(amount) = of(&sidecar.value) {
            found = (found.0.saturating_add(amount), Some(sidecar));
        }
    }
    found
}

/// Reports ECS Exec with a read-only root: it writes into the container (ECS Developer Guide, "Considerations for using
/// ECS Exec").
fn read_only_exec(task: &Task) -> Option<Diagnostic> {
    let (exec, read_only) = (task.exec.as_ref()?, task.main.read_only_root.as_ref()?);
    Some(
        Diagnostic::new(Code::ExecReadOnlyRoot, "ECS Exec does not work with a read-only root file system")
            .at(&exec.origin, "set here")
            .at(&read_only.origin, "read-only here")
            .help("leave one of the two out"),
    )
}
