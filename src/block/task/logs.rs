//! The logs of containers: the driver, and `FireLens`.
//!
//! Sources: `LogConfiguration` and `FirelensConfiguration` of the ECS API; "Send Amazon ECS logs to an AWS service or partner" of
//! the ECS developer guide (the log router starts first; it needs the permissions of the task role); the output plugins of
//! Fluent Bit for AWS ("Amazon CloudWatch", "Amazon Kinesis Data Firehose", "Amazon Kinesis Data Streams", "Amazon S3").

use super::container_builder::{ContainerDefinitionBuilder, texts};
use super::{Container, EnvVar, LogRouter, Task};
use crate::block::iam_role::Statement;
use crate::block::{ImageSource, IntOrRef, Name};
use crate::cfn;
use crate::cfn::{Map, Ref, TemplateString, Value};
use crate::diag::{Origin, WithOrigin};

const FIRE_LENS: &str = "awsfirelens";
/// The log router that a task gets if the script has none: Fluent Bit as AWS builds it.
const ROUTER: &str = "log-router";
const ROUTER_IMAGE: &str = "public.ecr.aws/aws-observability/aws-for-fluent-bit:3.4.12";
/// MiB that are reserved for it, as in the examples of the ECS developer guide.
const ROUTER_MEMORY: i64 = 50;

/// Sets the log configuration of a container, and the configuration of a log router.
pub(super) fn define(container: &Container, task: &Task, made: &mut ContainerDefinitionBuilder) {
    let mut configuration = Map::new();
    match (fire_lens(container), &container.log_driver) {
        (Some(options), _) => {
            configuration.insert("LogDriver".to_owned(), FIRE_LENS.into());
            configuration.insert("Options".to_owned(), texts(options.value));
            made.mark(".LogConfiguration".to_owned(), &options.origin);
        }
        (None, Some(driver)) => {
            let mut options = if driver.value.name == "awslogs" { cloudwatch(task) } else { Map::new() };
            options.extend(texts(&driver.value.options).as_map().cloned().unwrap_or_default());
            configuration.insert("LogDriver".to_owned(), driver.value.name.as_str().into());
            configuration.insert("Options".to_owned(), options.into());
            made.mark(".LogConfiguration".to_owned(), &driver.origin);
        }
        (None, None) => {
            configuration.insert("LogDriver".to_owned(), "awslogs".into());
            configuration.insert("Options".to_owned(), cloudwatch(task).into());
        }
    }
    let mut secrets = Vec::new();
    for (at, secret) in container.log_secret.iter().enumerate() {
        made.mark(format!(".LogConfiguration.SecretOptions.{at}"), &secret.origin);
        secrets.push(cfn!({ "Name": &secret.value.name, "ValueFrom": secret.value.value_from() }));
    }
    if !secrets.is_empty() {
        configuration.insert("SecretOptions".to_owned(), secrets.into());
    }
    made.put("LogConfiguration", configuration);
    made.set("FirelensConfiguration", container.log_router.as_ref(), |router| {
        let kind = Value::from(router.kind.as_str());
        let options = (!router.options.is_empty()).then(|| ("Options".to_owned(), texts(&router.options)));
        Value::Map([("Type".to_owned(), kind)].into_iter().chain(options).collect())
    });
}

fn cloudwatch(task: &Task) -> Map {
    Map::from_iter([
        ("awslogs-group".to_owned(), Ref::to(task.logs_id()).into()),
        ("awslogs-region".to_owned(), Ref::to("AWS::Region").into()),
        ("awslogs-stream-prefix".to_owned(), task.name.value.as_str().into()),
    ])
}

/// Returns the options of `FireLens`, if the container logs by it.
fn fire_lens(container: &Container) -> Option<WithOrigin<&[EnvVar]>> {
    let driver = container.log_driver.as_ref().filter(|driver| driver.value.name == FIRE_LENS);
    let by_driver = driver.map(|driver| WithOrigin::new(driver.value.options.as_slice(), driver.origin.clone()));
    let set = container.fire_lens.as_ref().map(|set| WithOrigin::new(set.value.as_slice(), set.origin.clone()));
    set.or(by_driver)
}

/// Returns the log router that a task needs in addition to its containers: if one of them logs by `FireLens` and none is a
/// router.
pub(super) fn router(task: &Task) -> Option<Container> {
    let origin = task.containers().find_map(fire_lens)?.origin;
    if task.containers().any(|container| container.log_router.is_some()) {
        return None;
    }
    let name = Name::parse(ROUTER).expect("`log-router` is a name");
    let router = LogRouter { kind: "fluentbit".to_owned(), options: Vec::new() };
    Some(Container {
        image: Some(WithOrigin::new(ImageSource::Pulled(ROUTER_IMAGE.into()), origin.clone())),
        memory_reservation: Some(WithOrigin::new(IntOrRef::Literal(ROUTER_MEMORY), origin.clone())),
        log_router: Some(WithOrigin::new(router, origin.clone())),
        ..Container::new(WithOrigin::new(name, origin.clone()))
    })
}

/// Returns whether a container logs to CloudWatch by the driver `awslogs`.
pub(super) fn writes_to_cloudwatch(container: &Container) -> bool {
    fire_lens(container).is_none() && container.log_driver.as_ref().is_none_or(|driver| driver.value.name == "awslogs")
}

/// Returns the dependency of a container on the log router, unless the script has it: the driver connects to the router when
/// the container starts.
pub(super) fn waits_for_router<'c>(container: &'c Container, task: &Task) -> Option<(Value, &'c Origin)> {
    fire_lens(container)?;
    let own = task.containers().find(|container| container.log_router.is_some());
    let name = own.map_or(ROUTER, |router| router.name.value.as_str());
    if container.log_router.is_some() || container.depends_on.iter().any(|wait| wait.value.container == name) {
        return None;
    }
    let by_driver = container.log_driver.as_ref().map(|driver| &driver.origin);
    let origin = container.fire_lens.as_ref().map(|set| &set.origin).or(by_driver)?;
    Some((cfn!({ "ContainerName": name, "Condition": "START" }), origin))
}

/// Returns what the log router may do in the name of the task, for the plugins whose services the options name.
pub(super) fn permissions(task: &Task) -> Vec<WithOrigin<Statement>> {
    let by_container = task.containers().filter_map(|container| {
        let options = fire_lens(container)?;
        Some(WithOrigin::new(statement(options.value)?, options.origin))
    });
    let mut found: Vec<WithOrigin<Statement>> = Vec::new();
    for allowed in by_container {
        if !found.iter().any(|known| known.value == allowed.value) {
            found.push(allowed);
        }
    }
    found
}

fn statement(options: &[EnvVar]) -> Option<Statement> {
    let option = |name: &str| options.iter().find(|set| set.name.eq_ignore_ascii_case(name)).map(|set| &set.value);
    let region = || option("region").cloned().unwrap_or_else(|| Ref::to("AWS::Region").into());
    let arn = |service: &str, resource: &str, name: &TemplateString| {
        let start = TemplateString::from("arn:").with(Ref::to("AWS::Partition")).with(format!(":{service}:"));
        let account = Ref::to("AWS::AccountId");
        start.join(region()).with(":").with(account).with(format!(":{resource}")).join(known_part(name))
    };
    match option("Name")?.as_str()? {
        "firehose" | "kinesis_firehose" => {
            let stream = arn("firehose", "deliverystream/", option("delivery_stream")?);
            Some(Statement::allow(&["firehose:PutRecordBatch"], stream))
        }
        "kinesis" | "kinesis_streams" => {
            Some(Statement::allow(&["kinesis:PutRecords"], arn("kinesis", "stream/", option("stream")?)))
        }
        "cloudwatch" | "cloudwatch_logs" => {
            let mut actions = vec!["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"];
            let creates = option("auto_create_group").and_then(TemplateString::as_str);
            if creates.is_some_and(|set| ["true", "on"].contains(&set.to_ascii_lowercase().as_str())) {
                actions.extend(["logs:CreateLogGroup", "logs:PutRetentionPolicy"]);
            }
            let group = arn("logs", "log-group:", option("log_group_name")?);
            let mut allowed = Statement::allow(&actions, group.clone());
            allowed.resources.push(group.with(":*"));
            Some(allowed)
        }
        "s3" => {
            let bucket = TemplateString::from("arn:").with(Ref::to("AWS::Partition")).with(":s3:::");
            Some(Statement::allow(&["s3:PutObject"], bucket.join(known_part(option("bucket")?)).with("/*")))
        }
        _ => None,
    }
}

/// Returns a name up to what the plugin fills in: `/apps/*` for `/apps/$(ecs_cluster)`.
fn known_part(name: &TemplateString) -> TemplateString {
    match name.as_str().and_then(|text| text.split_once("$(")) {
        Some((known, _)) => format!("{known}*").into(),
        None => name.clone(),
    }
}
