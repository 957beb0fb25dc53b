use aws_sdk_cloudformation::types as sdk;

use super::pages::Pages;
use super::{Aws, convert};
use crate::deploy::api::{
    ApiCall, AwsError, ChangeSet, ChangeSetId, ChangeSetKind, ChangeSetRequest, ChangeSetSummary, ClientRequestToken,
    DeploymentMode, ErrorKind, ImportedResource, ParameterValue, TemplateSource,
};

pub(super) async fn create(aws: &Aws, request: &ChangeSetRequest) -> Result<ChangeSetId, AwsError> {
    let call = aws.cloudformation().create_change_set().stack_name(&request.stack).change_set_name(&request.name);
    let call = call.set_role_arn(aws.execution_role.clone());
    let call = match &request.template {
        TemplateSource::Body(body) => call.template_body(body),
        TemplateSource::Url(url) => call.template_url(url),
    };
    let kind = match request.kind {
        ChangeSetKind::Create => sdk::ChangeSetType::Create,
        ChangeSetKind::Update => sdk::ChangeSetType::Update,
        ChangeSetKind::Import => sdk::ChangeSetType::Import,
    };
    let tag = |(key, value): (&String, &String)| sdk::Tag::builder().key(key).value(value).build();
    let reply = call
        .change_set_type(kind)
        .client_token(&request.token.0)
        .set_parameters(some(request.parameters.iter().map(parameter).collect()))
        .set_capabilities(some(request.capabilities.iter().map(|capability| capability.as_str().into()).collect()))
        .set_tags(Some(request.tags.iter().map(tag).collect())) // without tags the stack would keep its old ones
        .set_resources_to_import(some(request.import.iter().map(imported).collect()))
        .set_deployment_config((request.mode == DeploymentMode::Express).then(express))
        .set_deployment_mode((request.mode == DeploymentMode::RevertDrift).then_some(sdk::DeploymentMode::RevertDrift))
        .send()
        .await;
    let reply = reply.map_err(|error| aws.api_error(ApiCall::CreateChangeSet, &error))?;
    Ok(ChangeSetId(reply.id.unwrap_or_default()))
}

pub(super) async fn describe(aws: &Aws, id: &ChangeSetId) -> Result<ChangeSet, AwsError> {
    let (mut changes, mut pages) = (Vec::new(), Pages::of(ApiCall::DescribeChangeSet));
    loop {
        let call = aws.cloudformation().describe_change_set().change_set_name(&id.0).include_property_values(true);
        let reply = call.set_next_token(pages.token()).send().await;
        let reply = reply.map_err(|error| aws.api_error(ApiCall::DescribeChangeSet, &error))?;
        changes.extend(reply.changes.into_iter().flatten().filter_map(convert::change));
        if !pages.advance(reply.next_token)? {
            return Ok(ChangeSet {
                id: id.clone(),
                name: reply.change_set_name.unwrap_or_default(),
                stack_id: reply.stack_id.unwrap_or_default(),
                status: reply.status.as_ref().map_or("", sdk::ChangeSetStatus::as_str).into(),
                reason: reply.status_reason.filter(|reason| !reason.is_empty()),
                changes,
                is_executed: reply.execution_status == Some(sdk::ExecutionStatus::ExecuteComplete),
            });
        }
    }
}

pub(super) async fn execute(
    aws: &Aws,
    id: &ChangeSetId,
    token: &ClientRequestToken,
    keep: bool,
) -> Result<(), AwsError> {
    let call = aws.cloudformation().execute_change_set().change_set_name(&id.0).client_request_token(&token.0);
    // The API reference calls true the default, and EXPRESS does not roll back by default: always set it.
    let reply = call.disable_rollback(keep).send().await;
    reply.map(|_| ()).map_err(|error| aws.api_error(ApiCall::ExecuteChangeSet, &error))
}

pub(super) async fn delete(aws: &Aws, id: &ChangeSetId) -> Result<(), AwsError> {
    let reply = aws.cloudformation().delete_change_set().change_set_name(&id.0).send().await;
    match reply.map_err(|error| aws.api_error(ApiCall::DeleteChangeSet, &error)) {
        Err(error) if error.kind != ErrorKind::NoSuchChangeSet => Err(error),
        _ => Ok(()),
    }
}

pub(super) async fn list(aws: &Aws, stack: &str) -> Result<Vec<ChangeSetSummary>, AwsError> {
    let (mut listed, mut pages) = (Vec::new(), Pages::of(ApiCall::ListChangeSets));
    loop {
        let reply =
            aws.cloudformation().list_change_sets().stack_name(stack).set_next_token(pages.token()).send().await;
        let reply = reply.map_err(|error| aws.api_error(ApiCall::ListChangeSets, &error))?;
        listed.extend(reply.summaries.into_iter().flatten().filter(is_open).map(summary));
        if !pages.advance(reply.next_token)? {
            return Ok(listed);
        }
    }
}

/// Returns whether a change set was not executed.
fn is_open(summary: &sdk::ChangeSetSummary) -> bool {
    use sdk::ExecutionStatus::{ExecuteComplete, ExecuteFailed, ExecuteInProgress};
    !matches!(summary.execution_status, Some(ExecuteComplete | ExecuteFailed | ExecuteInProgress))
}

fn summary(summary: sdk::ChangeSetSummary) -> ChangeSetSummary {
    ChangeSetSummary {
        id: ChangeSetId(summary.change_set_id.unwrap_or_default()),
        name: summary.change_set_name.unwrap_or_default(),
        status: summary.status.as_ref().map_or("", sdk::ChangeSetStatus::as_str).into(),
        created: summary.creation_time.map(convert::time),
    }
}

/// Returns the configuration of the mode `EXPRESS` with rollback, which is off by default.
fn express() -> sdk::DeploymentConfig {
    sdk::DeploymentConfig::builder().mode(sdk::DeploymentConfigMode::Express).disable_rollback(false).build()
}

fn imported(resource: &ImportedResource) -> sdk::ResourceToImport {
    let identifier = resource.identifier.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    sdk::ResourceToImport::builder()
        .logical_resource_id(&resource.logical_id)
        .resource_type(&resource.kind)
        .set_resource_identifier(Some(identifier))
        .build()
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn parameter((key, value): (&String, &ParameterValue)) -> sdk::Parameter {
    let parameter = sdk::Parameter::builder().parameter_key(key);
    match value {
        ParameterValue::Given(value) => parameter.parameter_value(value).build(),
        ParameterValue::Previous => parameter.use_previous_value(true).build(),
    }
}
