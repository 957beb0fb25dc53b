//! The table of task failures: one row for each kind.

use crate::deploy::monitor::{TaskFailure, TaskFailureKind as Kind};
use crate::diag::{Code, CommandName, Hint};

/// A function that returns the hints for a failure.
type Help = fn(&TaskFailure, &Subject<'_>) -> Vec<Hint>;

/// The part that failed.
pub(super) struct Subject<'a> {
    /// The logical id of the service.
    pub(super) service: &'a str,
    /// The image of the container, if it is literal.
    pub(super) image: Option<&'a str>,
    /// The path of the health check, if it is literal.
    pub(super) health_check_path: Option<&'a str>,
    /// The grace period of the service in seconds, if it is literal.
    pub(super) grace_period: Option<i64>,
}

/// The grace period in seconds that is suggested first.
const LONGER_GRACE: i64 = 120;

/// The explanation of a kind of failure.
pub(super) struct Explanation {
    kind: Kind,
    pub(super) code: Code,
    /// The title; `{service}` and `{code}` are replaced.
    title: &'static str,
    /// The title if the failure has no exit or status code.
    title_without_code: &'static str,
    pub(super) effect: Effect,
    pub(super) resource: BlamedResource,
    /// The paths of properties that may be the cause, the most likely first; `{container}` is replaced.
    pub(super) properties: &'static [&'static str],
    pub(super) help: Help,
}

/// The effect of a failure on tasks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Stopped,
    CheckFailed,
    NotPlaced,
    NotReplaced,
    Judged,
}

/// The resource whose properties may be the cause.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum BlamedResource {
    TaskDefinition,
    Service,
    TargetGroup,
}

impl Explanation {
    pub(super) fn title(&self, service: &str, code: Option<i32>) -> String {
        let title = if code.is_some() { self.title } else { self.title_without_code };
        title.replace("{service}", service).replace("{code}", &code.unwrap_or_default().to_string())
    }

    const fn without_code(self, title: &'static str) -> Self {
        Self { title_without_code: title, ..self }
    }

    const fn with(self, effect: Effect, resource: BlamedResource) -> Self {
        Self { effect, resource, ..self }
    }
}

/// Returns the explanation of a failure.
pub(super) fn explanation(cause: &TaskFailure) -> &'static Explanation {
    &EXPLANATIONS[cause.kind as usize]
}

/// The explanations of all kinds, in the order of the kinds.
static EXPLANATIONS: [Explanation; Kind::Other as usize + 1] = [
    row(
        Kind::ImageNotFound,
        Code::TaskImageNotFound,
        "the image of `{service}` does not exist",
        &["{container}.Image"],
        image_not_found,
    ),
    row(
        Kind::ImageDenied,
        Code::TaskImageDenied,
        "`{service}` is not allowed to pull its image",
        &["{container}.Image"],
        image_denied,
    ),
    row(
        Kind::ImagePlatform,
        Code::TaskImagePlatform,
        "the image of `{service}` is built for another processor or operating system",
        &["RuntimePlatform", "{container}.Image"],
        |_, _| one("build the image for the architecture of the service, or set the other architecture"),
    ),
    row(
        Kind::ImageNotPulled,
        Code::TaskImageNotPulled,
        "the image of `{service}` could not be pulled",
        &["{container}.Image"],
        image_not_pulled,
    ),
    row(
        Kind::NoRoute,
        Code::TaskNoRoute,
        "the tasks of `{service}` cannot reach the services that they need to start",
        &["NetworkConfiguration.AwsvpcConfiguration.Subnets", "NetworkConfiguration"],
        no_route,
    )
    .with(Effect::Stopped, BlamedResource::Service),
    row(
        Kind::SecretUnreadable,
        Code::TaskSecretUnreadable,
        "`{service}` cannot read a secret or parameter that it needs to start",
        &["{secret}", "{container}.Secrets"],
        secret_unreadable,
    ),
    row(
        Kind::LogsUnwritable,
        Code::TaskLogsUnwritable,
        "`{service}` cannot write its logs",
        &["{container}.LogConfiguration"],
        |_, _| one("check that the log group exists in this region, and that the execution role may write to it"),
    ),
    row(
        Kind::RoleUnusable,
        Code::TaskRole,
        "ECS cannot assume the role of `{service}`",
        &["ExecutionRoleArn", "TaskRoleArn"],
        |_, _| one("check that the role exists and trusts `ecs-tasks.amazonaws.com`"),
    ),
    row(
        Kind::VolumeUnreachable,
        Code::TaskVolume,
        "`{service}` cannot mount its file system",
        &["Volumes.0", "Volumes"],
        |_, _| {
            one(
                "the file system needs a mount target in each zone of the tasks, and a security group that allows port \
                     2049",
            )
        },
    ),
    row(
        Kind::OutOfMemory,
        Code::TaskOutOfMemory,
        "`{service}` needs more memory than it has",
        &["{container}.Memory", "Memory"],
        |_, _| one("give it more memory with `.memory(..)`, or fewer workers"),
    ),
    row(
        Kind::DiskFull,
        Code::TaskDiskFull,
        "the storage of `{service}` is full",
        &["EphemeralStorage", "{container}"],
        |_, _| one("give it more ephemeral storage"),
    ),
    row(Kind::Exited, Code::TaskExited, "the program of `{service}` exits with code {code}", PROGRAM, program_exited),
    row(
        Kind::Killed,
        Code::TaskKilled,
        "the program of `{service}` is killed by signal {code}",
        PROGRAM,
        program_killed,
    ),
    row(
        Kind::PortRefused,
        Code::TaskPort,
        "the program of `{service}` cannot listen on its port",
        &["{container}.PortMappings.0", "{container}.PortMappings", "{container}.Image"],
        |_, _| one("only root can use ports below 1024, and two programs cannot share a port"),
    ),
    row(Kind::NotExecutable, Code::TaskNotExecutable, "the command of `{service}` cannot be run", PROGRAM, |_, _| {
        one("check that the command is in the image and is executable")
    }),
    row(
        Kind::TargetUnhealthy,
        Code::TaskUnhealthy,
        "`{service}` answers its health check with {code}",
        &["HealthCheckPath", "Matcher", "HealthCheckPort", "Port"],
        target_unhealthy,
    )
    .without_code("`{service}` does not pass its health check")
    .with(Effect::CheckFailed, BlamedResource::TargetGroup),
    row(
        Kind::ContainerUnhealthy,
        Code::TaskContainerUnhealthy,
        "a container of `{service}` does not pass its own health check",
        &["{container}.HealthCheck"],
        |_, _| {
            vec![
                "run the command of the check inside the image; check that the programs it uses (such as curl) exist".into(),
                "if the program starts slowly, give it time: `StartPeriod` of the check (`.start_period(120)`)".into(),
            ]
        },
    )
    .with(Effect::CheckFailed, BlamedResource::TaskDefinition),
    row(
        Kind::NoCapacity,
        Code::TaskNoCapacity,
        "AWS has no capacity for the tasks of `{service}`",
        &["CapacityProviderStrategy", "LaunchType", "DesiredCount"],
        |_, _| one("wait, allow more zones, mix FARGATE with FARGATE_SPOT, or use smaller tasks"),
    )
    .with(Effect::NotPlaced, BlamedResource::Service),
    row(
        Kind::Quota,
        Code::TaskNotPlaced,
        "ECS could not place the tasks of `{service}`",
        &["NetworkConfiguration.AwsvpcConfiguration.Subnets", "DesiredCount"],
        |_, _| one("request a higher quota (Service Quotas), or give the tasks larger subnets"),
    )
    .with(Effect::NotPlaced, BlamedResource::Service),
    row(
        Kind::Stuck,
        Code::DeploymentPercent,
        "ECS can replace no task of `{service}`: its minimum and maximum percent leave no room",
        &[
            "DeploymentConfiguration.MaximumPercent",
            "DeploymentConfiguration.MinimumHealthyPercent",
            "DeploymentConfiguration",
            "DesiredCount",
        ],
        |_, _| {
            one("lower the minimum so that a task may stop first, or raise the maximum so that it allows one task more: of one \
                 task, 134 percent is one task; `.healthy_percent(100..=200)`")
        },
    )
    .with(Effect::NotReplaced, BlamedResource::Service),
    row(
        Kind::HookFailed,
        Code::DeploymentHook,
        "a hook of `{service}` failed the deployment",
        &["{hook}", "DeploymentConfiguration.LifecycleHooks", "DeploymentConfiguration"],
        |_, _| {
            vec![
                "see the log of the function: it answers with a `hookStatus`, and must do so within 15 minutes".into(),
                "the old version has all traffic: correct what the function found, and deploy again".into(),
            ]
        },
    )
    .with(Effect::Judged, BlamedResource::Service),
    row(
        Kind::AlarmWentOff,
        Code::DeploymentAlarm,
        "an alarm went off in the deployment of `{service}`",
        &["DeploymentConfiguration.Alarms", "DeploymentConfiguration"],
        |_, _| {
            vec![
                "the old version has all traffic: look at the metric of the alarm and at the logs of the new version".into(),
                "if the alarm is too strict, raise its threshold: `.alarms(topic, #{ errors: 10 })`".into(),
            ]
        },
    )
    .with(Effect::Judged, BlamedResource::Service),
    row(Kind::Other, Code::TaskStopped, "the tasks of `{service}` stop", &["{container}"], |_, _| {
        one("AWS's message is the only information; AWS Support can find out more")
    }),
];

/// The check that each kind has its row at its place.
const _: () = {
    let mut place = 0;
    while place < EXPLANATIONS.len() {
        assert!(EXPLANATIONS[place].kind as usize == place);
        place += 1;
    }
};

/// Creates a row about tasks that stopped, for a property of the task definition.
const fn row(
    kind: Kind,
    code: Code,
    title: &'static str,
    properties: &'static [&'static str],
    help: Help,
) -> Explanation {
    Explanation {
        kind,
        code,
        title,
        title_without_code: title,
        effect: Effect::Stopped,
        resource: BlamedResource::TaskDefinition,
        properties,
        help,
    }
}

/// The properties that set the program of a container.
const PROGRAM: &[&str] = &["{container}.Command", "{container}.EntryPoint", "{container}.Image"];

fn one(hint: &str) -> Vec<Hint> {
    vec![Hint::from(hint)]
}

fn image_not_found(_: &TaskFailure, subject: &Subject<'_>) -> Vec<Hint> {
    let image = subject.image;
    let tagged = image.and_then(|image| image.rsplit_once(':')).filter(|(_, tag)| !tag.contains('/'));
    vec![Hint::from(match (tagged, image) {
        (Some((repository, tag)), _) => {
            format!("there is no tag `{tag}` in `{repository}`, or no such repository: check the spelling")
        }
        (None, Some(image)) => format!("check the spelling of the image `{image}`"),
        (None, None) => "check the spelling of the image".to_owned(),
    })]
}

fn image_denied(_: &TaskFailure, subject: &Subject<'_>) -> Vec<Hint> {
    let image = subject.image.map_or_else(|| "the image".to_owned(), |image| format!("`{image}`"));
    vec![
        format!("check that {image} exists, and allow the execution role to pull from its registry").into(),
        "private registries other than ECR need credentials in Secrets Manager".into(),
    ]
}

fn image_not_pulled(cause: &TaskFailure, _: &Subject<'_>) -> Vec<Hint> {
    if cause.message.to_ascii_lowercase().contains("toomanyrequests") {
        return one("the registry limits anonymous pulls: use a copy in ECR, or a pull-through cache there");
    }
    one("AWS's message has the answer of the registry; try to pull the image yourself")
}

fn no_route(_: &TaskFailure, _: &Subject<'_>) -> Vec<Hint> {
    vec![
        "private subnets need a NAT gateway, or VPC endpoints for ECR, S3, logs and secrets: `.private_endpoints()`"
            .into(),
        "public subnets need a public address for each task, and a security group that allows outbound traffic".into(),
    ]
}

fn program_exited(cause: &TaskFailure, subject: &Subject<'_>) -> Vec<Hint> {
    if cause.code == Some(0) {
        let hint = Hint::from("a service must keep running; for a one-off command use ");
        return vec![hint.command(CommandName::RunTask.of(subject.service).arg("--").arg("COMMAND"))];
    }
    vec![logs("see its last log lines: ", subject), "run the image yourself with the same environment".into()]
}

fn program_killed(cause: &TaskFailure, subject: &Subject<'_>) -> Vec<Hint> {
    let killed = "SIGKILL mostly means too much memory: give it more with `.memory(..)`";
    let first = (cause.code == Some(9)).then(|| Hint::from(killed));
    first.into_iter().chain([logs("see its last log lines: ", subject)]).collect()
}

fn secret_unreadable(cause: &TaskFailure, _: &Subject<'_>) -> Vec<Hint> {
    if cause.message.contains("did not contain json key") {
        return one("the secret can be read and does not have this key: correct the key, or add it to the secret");
    }
    one("check that it exists in this region, and that the execution role may read it")
}

/// Returns the hint with the command that shows the logs of stopped tasks.
fn logs(text: &str, subject: &Subject<'_>) -> Hint {
    Hint::from(text.to_owned()).command(CommandName::Logs.of(subject.service).arg("--previous"))
}

fn target_unhealthy(cause: &TaskFailure, subject: &Subject<'_>) -> Vec<Hint> {
    let first = match cause.code {
        Some(301..=308) => "set the path that this path redirects to".into(),
        Some(401 | 403) => "set a path that needs no login".into(),
        Some(code @ 500..) => {
            let path = subject.health_check_path.map_or_else(|| "the path".to_owned(), |path| format!("`{path}`"));
            logs(&format!("see why {path} answers {code}: "), subject)
        }
        Some(_) => "set a path that the program answers with 200".into(),
        None => "listen on that port at 0.0.0.0, not at 127.0.0.1".into(),
    };
    // Twice the time that was not enough.
    let longer = subject.grace_period.map_or(LONGER_GRACE, |seconds| seconds.saturating_mul(2).max(LONGER_GRACE));
    vec![first, format!("if it starts slowly, set a longer grace period: `.grace_period({longer})`").into()]
}
