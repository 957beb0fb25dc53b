use crate::cfn::type_names::{TARGET_GROUP, TASK_DEFINITION};
use crate::cfn::{LogicalId, PropertyPath, Resource, Template, Value};
use crate::deploy::monitor::Diagnosis;
use crate::deploy::monitor::{TaskFailure, TaskFailureKind as Kind};
use crate::diag::{Code, Diagnostic, Origin};

/// How many of a log's last lines are shown with a problem.
const LINES: usize = 10;

/// A cause at the line of the script that set it, with what to do.
pub fn diagnose_task_failure(diagnosis: &Diagnosis, template: &Template, stack: &Origin) -> Diagnostic {
    let cause = &diagnosis.cause;
    let (code, title) = title(cause, &diagnosis.service);
    let problem = Diagnostic::new(code, title);
    let places = TaskResources::of(template, diagnosis);
    let label = label(diagnosis);
    let problem = match places.blamed() {
        Some((resource, path)) => problem.at(resource.origin_of(&path), label),
        None => problem.at(stack, label),
    };
    let problem = if cause.message.contains(&cause.brief()) && cause.brief().len() == cause.message.trim().len() {
        problem
    } else {
        problem.note(format!("AWS says: {}", cause.message.trim()))
    };
    let problem = help(cause, &places).into_iter().fold(problem, Diagnostic::help);
    with_log(problem, diagnosis)
}

fn with_log(problem: Diagnostic, diagnosis: &Diagnosis) -> Diagnostic {
    let skipped = diagnosis.log.len().saturating_sub(LINES);
    let lines: Vec<_> = diagnosis.log.iter().skip(skipped).map(|line| line.text.trim_end()).collect();
    if lines.is_empty() { problem } else { problem.note(format!("its last words:\n{}", lines.join("\n"))) }
}

/// `3 tasks stopped: CannotPullContainerError: manifest unknown`.
fn label(diagnosis: &Diagnosis) -> String {
    let words = diagnosis.cause.brief();
    match (diagnosis.cause.kind, diagnosis.times) {
        (Kind::NoCapacity | Kind::Quota, 1) => format!("no task could be placed: {words}"),
        (Kind::NoCapacity | Kind::Quota, times) => format!("no task could be placed, {times} times: {words}"),
        (Kind::TargetUnhealthy | Kind::ContainerUnhealthy, 1) => format!("1 task failed it: {words}"),
        (Kind::TargetUnhealthy | Kind::ContainerUnhealthy, times) => format!("{times} tasks failed it: {words}"),
        (_, 1) => format!("1 task stopped: {words}"),
        (_, times) => format!("{times} tasks stopped: {words}"),
    }
}

fn title(cause: &TaskFailure, service: &str) -> (Code, String) {
    let code = cause.code.unwrap_or_default();
    match cause.kind {
        Kind::ImageNotFound => (Code::TaskImageNotFound, format!("the image of `{service}` does not exist")),
        Kind::ImageDenied => (Code::TaskImageDenied, format!("`{service}` may not pull its image")),
        Kind::ImagePlatform => {
            (Code::TaskImagePlatform, format!("the image of `{service}` is made for another processor or system"))
        }
        Kind::ImageNotPulled => (Code::TaskImageNotPulled, format!("the image of `{service}` could not be pulled")),
        Kind::NoRoute => (Code::TaskNoRoute, format!("the tasks of `{service}` cannot reach what they need to start")),
        Kind::SecretUnreadable => {
            (Code::TaskSecretUnreadable, format!("`{service}` cannot read a secret or parameter that it starts with"))
        }
        Kind::LogsUnwritable => (Code::TaskLogsUnwritable, format!("`{service}` cannot write its logs")),
        Kind::RoleUnusable => (Code::TaskRole, format!("ECS cannot take on the role of `{service}`")),
        Kind::VolumeUnreachable => (Code::TaskVolume, format!("`{service}` cannot mount its file system")),
        Kind::OutOfMemory => (Code::TaskOutOfMemory, format!("`{service}` needs more memory than it has")),
        Kind::DiskFull => (Code::TaskDiskFull, format!("the storage of `{service}` is full")),
        Kind::Exited => (Code::TaskExited, format!("the program of `{service}` ends by itself, with code {code}")),
        Kind::Killed => (Code::TaskKilled, format!("the program of `{service}` is ended by signal {code}")),
        Kind::PortRefused => (Code::TaskPort, format!("the program of `{service}` cannot listen on its port")),
        Kind::NotExecutable => (Code::TaskNotExecutable, format!("the command of `{service}` cannot be run")),
        Kind::TargetUnhealthy if cause.code.is_some() => {
            (Code::TaskUnhealthy, format!("`{service}` answers its health check with {code}"))
        }
        Kind::TargetUnhealthy => (Code::TaskUnhealthy, format!("`{service}` does not pass its health check")),
        Kind::ContainerUnhealthy => {
            (Code::TaskContainerUnhealthy, format!("a container of `{service}` does not pass its own health check"))
        }
        Kind::NoCapacity => (Code::TaskNoCapacity, format!("AWS has no capacity for the tasks of `{service}`")),
        Kind::Quota => (Code::TaskNotPlaced, format!("the tasks of `{service}` find no place")),
        Kind::Other => (Code::TaskStopped, format!("the tasks of `{service}` stop")),
    }
}

/// What to do about it.
fn help(cause: &TaskFailure, places: &TaskResources<'_>) -> Vec<String> {
    let image = places.image();
    let quoted = image.map_or_else(String::new, |image| format!(" `{image}`"));
    let one = |text: &str| vec![text.to_owned()];
    match cause.kind {
        Kind::ImageNotFound => vec![match image.and_then(tag) {
            Some((repository, tag)) => {
                format!("there is no tag `{tag}` in `{repository}`, or no such repository: look for a misspelling")
            }
            None => format!("look for a misspelling in the image's name{quoted}"),
        }],
        Kind::ImageDenied => vec![
            format!("see whether{quoted} exists, and let the execution role pull from its registry"),
            "registries other than ECR that are private need credentials in Secrets Manager".to_owned(),
        ],
        Kind::ImagePlatform => one("build the image for the architecture of the service, or say another one"),
        Kind::ImageNotPulled if cause.message.to_ascii_lowercase().contains("toomanyrequests") => {
            one("the registry limits anonymous pulls: take the image from ECR, or from a pull-through cache there")
        }
        Kind::ImageNotPulled => one("AWS's words name what the registry answered; try to pull the image yourself"),
        Kind::NoRoute => vec![
            "private subnets need a NAT gateway, or VPC endpoints for ECR, S3, logs and secrets".to_owned(),
            "public subnets need a public address for each task, and a security group that lets it out".to_owned(),
        ],
        Kind::SecretUnreadable => one("see that it exists in this region, and that the execution role may read it"),
        Kind::LogsUnwritable => one("the log group must exist in this region, and the execution role write to it"),
        Kind::RoleUnusable => one("the role must exist and trust `ecs-tasks.amazonaws.com`"),
        Kind::VolumeUnreachable => one(
            "the file system needs a mount target in each zone of the tasks, and a security group that lets port 2049 in",
        ),
        Kind::OutOfMemory => one("give it more memory, or fewer workers"),
        Kind::DiskFull => one("give it more ephemeral storage"),
        Kind::Exited if cause.code == Some(0) => one("a service's program runs for ever; one that ends is a task"),
        Kind::Exited => one("its last words say why; run the image yourself with the same environment"),
        Kind::Killed if cause.code == Some(9) => one("SIGKILL is mostly too much memory: try more of it"),
        Kind::Killed => one("its last words may say why; run the image yourself with the same environment"),
        Kind::PortRefused => one("ports below 1024 are for root alone; two programs cannot share one"),
        Kind::NotExecutable => one("see that the command is in the image, with the right to be run"),
        Kind::TargetUnhealthy => of_target(cause),
        Kind::ContainerUnhealthy => {
            one("run the command of the check inside the image; what it uses (curl, say) must be there")
        }
        Kind::NoCapacity => one("wait, allow more zones, mix FARGATE with FARGATE_SPOT, or ask for smaller tasks"),
        Kind::Quota => one("ask for a higher quota (Service Quotas), or give the tasks larger subnets"),
        Kind::Other => one("AWS's words are all there is; its support knows more of them"),
    }
}

fn of_target(cause: &TaskFailure) -> Vec<String> {
    let first = match cause.code {
        Some(301..=308) => "the path redirects: give the one that it leads to",
        Some(401 | 403) => "the path wants a login: give one that is open",
        Some(404) => "there is nothing at that path: give one that the program answers with 200",
        Some(500..) => "the program itself fails at that path: its log says why",
        Some(_) => "give a path that the program answers with 200",
        None => "nothing answers: the program must listen on that port at 0.0.0.0, and not on 127.0.0.1",
    };
    vec![first.to_owned(), "a program that is slow to start needs a longer grace period".to_owned()]
}

/// The repository and the tag of an image.
fn tag(image: &str) -> Option<(&str, &str)> {
    image.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'))
}

/// The resources that a service's tasks are made of.
struct TaskResources<'t> {
    kind: Kind,
    message: &'t str,
    service: Option<&'t Resource>,
    task: Option<&'t Resource>,
    target_group: Option<&'t Resource>,
    /// Which of the containers.
    container: usize,
}

impl<'t> TaskResources<'t> {
    fn of(template: &'t Template, diagnosis: &'t Diagnosis) -> Self {
        let service = template.resources.get(diagnosis.service.as_str());
        let referred = |property: &str| referred(template, service?.properties.get(property)?);
        let task = referred("TaskDefinition").filter(|it| it.kind.as_str() == TASK_DEFINITION);
        let group = referred("LoadBalancers");
        let cause = &diagnosis.cause;
        Self {
            kind: cause.kind,
            message: &cause.message,
            service,
            task,
            target_group: group.filter(|it| it.kind.as_str() == TARGET_GROUP),
            container: task.and_then(|task| container(task, cause)).unwrap_or(0),
        }
    }

    /// The resource and the property that set what went wrong; the first that the template has.
    fn blamed(&self) -> Option<(&'t Resource, PropertyPath)> {
        let of_group = matches!(self.kind, Kind::TargetUnhealthy).then_some(self.target_group).flatten();
        let of_service = matches!(self.kind, Kind::NoRoute | Kind::NoCapacity | Kind::Quota).then_some(self.service);
        let resource = of_group.or(of_service.flatten()).or(self.task).or(self.service)?;
        let found = self.candidates().into_iter().find(|path| has(resource, path));
        Some((resource, found.map_or_else(|| PropertyPath(Vec::new()), |path| PropertyPath::property(&path))))
    }

    /// Where to look, the best place first.
    fn candidates(&self) -> Vec<String> {
        let inner = |name: &str| format!("ContainerDefinitions.{}.{name}", self.container);
        let whole = format!("ContainerDefinitions.{}", self.container);
        let plain = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        match self.kind {
            Kind::ImageNotFound | Kind::ImageDenied | Kind::ImageNotPulled => vec![inner("Image")],
            Kind::ImagePlatform => vec!["RuntimePlatform".to_owned(), inner("Image")],
            Kind::NoRoute => plain(&["NetworkConfiguration.AwsvpcConfiguration.Subnets", "NetworkConfiguration"]),
            Kind::SecretUnreadable => self.secret().into_iter().chain([inner("Secrets")]).collect(),
            Kind::LogsUnwritable => vec![inner("LogConfiguration")],
            Kind::RoleUnusable => plain(&["ExecutionRoleArn", "TaskRoleArn"]),
            Kind::VolumeUnreachable => plain(&["Volumes.0", "Volumes"]),
            Kind::OutOfMemory => vec![inner("Memory"), "Memory".to_owned()],
            Kind::DiskFull => vec!["EphemeralStorage".to_owned(), whole],
            Kind::Exited | Kind::Killed | Kind::NotExecutable => {
                vec![inner("Command"), inner("EntryPoint"), inner("Image")]
            }
            Kind::PortRefused => vec![inner("PortMappings.0"), inner("PortMappings"), inner("Image")],
            Kind::TargetUnhealthy => plain(&["HealthCheckPath", "Matcher", "HealthCheckPort", "Port"]),
            Kind::ContainerUnhealthy => vec![inner("HealthCheck")],
            Kind::NoCapacity => plain(&["CapacityProviderStrategy", "LaunchType", "DesiredCount"]),
            Kind::Quota => plain(&["NetworkConfiguration.AwsvpcConfiguration.Subnets", "DesiredCount"]),
            Kind::Other => vec![whole],
        }
    }

    /// The secret that AWS's words name.
    fn secret(&self) -> Option<String> {
        let containers = self.task?.properties.get("ContainerDefinitions")?.as_list()?;
        containers.iter().enumerate().find_map(|(at, container)| {
            let secrets = container.get("Secrets")?.as_list()?;
            let named = |secret: &Value| {
                let text = |key: &str| secret.get(key).and_then(Value::as_str);
                text("ValueFrom").or(text("Name")).is_some_and(|text| self.message.contains(text))
            };
            let place = secrets.iter().position(named)?;
            Some(format!("ContainerDefinitions.{at}.Secrets.{place}"))
        })
    }

    /// The image of the container, where it is literal.
    fn image(&self) -> Option<&'t str> {
        let containers = self.task?.properties.get("ContainerDefinitions")?.as_list()?;
        containers.get(self.container)?.get("Image")?.as_str()
    }
}

/// Which container a cause is about: by its name, else by its image in AWS's words.
fn container(task: &Resource, cause: &TaskFailure) -> Option<usize> {
    let containers = task.properties.get("ContainerDefinitions")?.as_list()?;
    let text = |container: &Value, key: &str| container.get(key).and_then(Value::as_str).map(str::to_owned);
    let by_name = |container: &Value| cause.container.is_some() && text(container, "Name") == cause.container;
    let by_image = |container: &Value| text(container, "Image").is_some_and(|image| cause.message.contains(&image));
    containers.iter().position(by_name).or_else(|| containers.iter().position(by_image))
}

/// The resource that a value refers to first.
fn referred<'t>(template: &'t Template, value: &Value) -> Option<&'t Resource> {
    let mut found: Option<LogicalId> = None;
    value.each_ref(&mut |reference| {
        found.get_or_insert_with(|| reference.id.clone());
    });
    template.resources.get(&found?)
}

/// True where a resource has a property at this path.
fn has(resource: &Resource, path: &str) -> bool {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    let mut value = resource.properties.get(name);
    for step in rest.split('.').filter(|step| !step.is_empty()) {
        value = value.and_then(|value| match step.parse::<usize>() {
            Ok(at) => value.as_list()?.get(at),
            Err(_) => value.get(step),
        });
    }
    value.is_some()
}

#[cfg(test)]
mod tests;
