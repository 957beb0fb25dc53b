//! Images of ECR, and the log groups of containers.

use super::super::ecr::REPOSITORY;
use super::super::view::AccountView;
use super::TaskStart;
use crate::rehearsal::cloudformation::contents::repository;
use crate::rehearsal::ecs::StartObstacle;
use crate::rehearsal::property_access::text;

/// Returns the images of a task in ECR.
fn images(start: &TaskStart<'_>) -> Vec<String> {
    let images = start.containers().filter_map(|container| text(container, "Image"));
    images.filter(|image| repository(image).is_some()).collect()
}

/// Finds a registry that the execution role may not use ("Amazon ECS task execution IAM role", developer guide:
/// `ecr:GetAuthorizationToken`).
pub(super) fn registry_denied(start: &TaskStart<'_>, view: &AccountView<'_>) -> Option<StartObstacle> {
    images(start).first()?;
    let denied = start.denied(view, "ecr:GetAuthorizationToken", "*")?;
    Some(StartObstacle::Stopped(format!(
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to \
         retrieve ecr registry auth: service call has been retried 1 time(s): {denied} status code: 400"
    )))
}

/// Finds an image in a repository that the same operation creates: it is empty ("`CannotPullContainer` task errors in Amazon ECS",
/// developer guide).
pub(super) fn repository_empty(start: &TaskStart<'_>, view: &AccountView<'_>) -> Option<StartObstacle> {
    let empty = |image: &&String| {
        repository(image).is_some_and(|name| {
            view.find(REPOSITORY, name).is_some() && view.is_new(name) && !view.has_content(REPOSITORY, name)
        })
    };
    let images = images(start);
    let image = images.iter().find(empty)?;
    Some(StartObstacle::Stopped(format!(
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: {image}: not \
         found"
    )))
}

/// Finds a log group that the execution role may not write to ("Amazon ECS task execution IAM role", developer guide:
/// `logs:CreateLogStream`).
pub(super) fn logs_unwritable(start: &TaskStart<'_>, view: &AccountView<'_>) -> Option<StartObstacle> {
    start.containers().find_map(|container| {
        let log = container.get("LogConfiguration").filter(|it| text(it, "LogDriver").as_deref() == Some("awslogs"))?;
        let options = log.get("Options")?;
        let group = text(options, "awslogs-group")?;
        let stream = format!("{}/{}/{{task}}", text(options, "awslogs-stream-prefix")?, text(container, "Name")?);
        let arn = format!(
            "arn:{}:logs:{}:{}:log-group:{group}:log-stream:{stream}",
            view.partition(),
            view.region,
            view.account
        );
        let denied = start.denied(view, "logs:CreateLogStream", &arn)?;
        Some(StartObstacle::Stopped(format!(
            "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to \
             create Cloudwatch log stream: {denied} status code: 400 : exit status 1"
        )))
    })
}
