use super::Aws;
use crate::deploy::api::{ApiCall, AwsError, ClientRequestToken};

pub(super) async fn cancel_update(aws: &Aws, stack: &str, token: &ClientRequestToken) -> Result<(), AwsError> {
    let call = aws.cloudformation().cancel_update_stack().stack_name(stack).client_request_token(&token.0);
    let reply = call.send().await;
    reply.map(|_| ()).map_err(|error| aws.api_error(ApiCall::CancelUpdateStack, &error))
}

pub(super) async fn rollback(aws: &Aws, stack: &str, token: &ClientRequestToken) -> Result<(), AwsError> {
    let reply = aws.cloudformation().rollback_stack().stack_name(stack).client_request_token(&token.0).send().await;
    reply.map(|_| ()).map_err(|error| aws.api_error(ApiCall::RollbackStack, &error))
}

pub(super) async fn continue_rollback(
    aws: &Aws,
    stack: &str,
    token: &ClientRequestToken,
    skip: &[String],
) -> Result<(), AwsError> {
    let call = aws.cloudformation().continue_update_rollback().stack_name(stack).client_request_token(&token.0);
    let skip = (!skip.is_empty()).then(|| skip.to_vec());
    let reply = call.set_resources_to_skip(skip).send().await;
    reply.map(|_| ()).map_err(|error| aws.api_error(ApiCall::ContinueUpdateRollback, &error))
}
