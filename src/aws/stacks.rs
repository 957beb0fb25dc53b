use aws_sdk_cloudformation::types::StackStatus;

use super::pages::Pages;
use super::{Aws, convert};
use crate::deploy::api::{
    ApiCall, AwsEnvironment, AwsError, ClientRequestToken, ErrorKind, EventPage, Export, StackDescription,
    StackResource,
};

pub(super) async fn environment(aws: &Aws) -> Result<AwsEnvironment, AwsError> {
    let reply = aws_sdk_sts::Client::new(&aws.config).get_caller_identity().send().await;
    let caller = reply.map_err(|error| aws.api_error(ApiCall::GetCallerIdentity, &error))?;
    let partition = caller.arn().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws");
    Ok(AwsEnvironment {
        account: caller.account().unwrap_or_default().to_owned(),
        region: aws.region().unwrap_or_default().to_owned(),
        partition: partition.to_owned(),
    })
}

pub(super) async fn describe(aws: &Aws, stack: &str) -> Result<Option<StackDescription>, AwsError> {
    let reply = aws.cloudformation().describe_stacks().stack_name(stack).send().await;
    match reply.map_err(|error| aws.api_error(ApiCall::DescribeStacks, &error)) {
        Ok(reply) => Ok(reply.stacks.into_iter().flatten().next().map(convert::stack)),
        Err(error) if error.kind == ErrorKind::NoSuchStack => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) async fn template(aws: &Aws, stack: &str) -> Result<String, AwsError> {
    let stage = aws_sdk_cloudformation::types::TemplateStage::Original;
    let reply = aws.cloudformation().get_template().stack_name(stack).template_stage(stage).send().await;
    let reply = reply.map_err(|error| aws.api_error(ApiCall::GetTemplate, &error))?;
    Ok(reply.template_body.unwrap_or_default())
}

pub(super) async fn resources(aws: &Aws, stack: &str) -> Result<Vec<StackResource>, AwsError> {
    let (mut resources, mut pages) = (Vec::new(), Pages::of(ApiCall::ListStackResources));
    loop {
        let reply =
            aws.cloudformation().list_stack_resources().stack_name(stack).set_next_token(pages.token()).send().await;
        let reply = reply.map_err(|error| aws.api_error(ApiCall::ListStackResources, &error))?;
        resources.extend(reply.stack_resource_summaries.into_iter().flatten().map(convert::resource));
        if !pages.advance(reply.next_token)? {
            return Ok(resources);
        }
    }
}

pub(super) async fn events(aws: &Aws, stack: &str, page: Option<&str>) -> Result<EventPage, AwsError> {
    let mut pages = Pages::from(ApiCall::DescribeStackEvents, page);
    let call = aws.cloudformation().describe_stack_events().stack_name(stack);
    let reply = call.set_next_token(pages.token()).send().await;
    let reply = reply.map_err(|error| aws.api_error(ApiCall::DescribeStackEvents, &error))?;
    let events = reply.stack_events.into_iter().flatten().map(convert::event).collect();
    pages.advance(reply.next_token)?;
    Ok(EventPage { events, next: pages.token() })
}

pub(super) async fn delete(
    aws: &Aws,
    stack: &str,
    token: &ClientRequestToken,
    retain: &[String],
) -> Result<(), AwsError> {
    let call = aws.cloudformation().delete_stack().stack_name(stack).client_request_token(&token.0);
    let retain = (!retain.is_empty()).then(|| retain.to_vec());
    let reply = call.set_retain_resources(retain).send().await;
    reply.map(|_| ()).map_err(|error| aws.api_error(ApiCall::DeleteStack, &error))
}

pub(super) async fn set_termination_protection(aws: &Aws, stack: &str, on: bool) -> Result<(), AwsError> {
    let call = aws.cloudformation().update_termination_protection().stack_name(stack);
    let reply = call.enable_termination_protection(on).send().await;
    reply.map(|_| ()).map_err(|error| aws.api_error(ApiCall::UpdateTerminationProtection, &error))
}

/// Returns the stacks that exist: AWS also lists those that were deleted in the last 90 days.
pub(super) async fn list(aws: &Aws) -> Result<Vec<String>, AwsError> {
    let (mut stacks, mut pages) = (Vec::new(), Pages::of(ApiCall::ListStacks));
    loop {
        let reply = aws.cloudformation().list_stacks().set_next_token(pages.token()).send().await;
        let reply = reply.map_err(|error| aws.api_error(ApiCall::ListStacks, &error))?;
        let existing = reply.stack_summaries.into_iter().flatten();
        let existing = existing.filter(|stack| stack.stack_status != Some(StackStatus::DeleteComplete));
        stacks.extend(existing.filter_map(|stack| stack.stack_name));
        if !pages.advance(reply.next_token)? {
            return Ok(stacks);
        }
    }
}

pub(super) async fn exports(aws: &Aws) -> Result<Vec<Export>, AwsError> {
    let (mut exports, mut pages) = (Vec::new(), Pages::of(ApiCall::ListExports));
    loop {
        let reply = aws.cloudformation().list_exports().set_next_token(pages.token()).send().await;
        let reply = reply.map_err(|error| aws.api_error(ApiCall::ListExports, &error))?;
        exports.extend(reply.exports.into_iter().flatten().map(convert::export));
        if !pages.advance(reply.next_token)? {
            return Ok(exports);
        }
    }
}

/// Returns the stacks that import an export. AWS answers with an error, and not with an empty list, if there are none.
pub(super) async fn imports(aws: &Aws, export: &str) -> Result<Vec<String>, AwsError> {
    let (mut imports, mut pages) = (Vec::new(), Pages::of(ApiCall::ListImports));
    loop {
        let reply = aws.cloudformation().list_imports().export_name(export).set_next_token(pages.token()).send().await;
        match reply.map_err(|error| aws.api_error(ApiCall::ListImports, &error)) {
            Ok(reply) => {
                imports.extend(reply.imports.into_iter().flatten());
                if !pages.advance(reply.next_token)? {
                    return Ok(imports);
                }
            }
            Err(error) if error.message.contains("is not imported by any stack") => return Ok(imports),
            Err(error) => return Err(error),
        }
    }
}
