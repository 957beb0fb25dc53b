use serde_json::{Value as Json, json};

use super::Aws;
use super::pages::Pages;
use super::signed_request::{SignedRequest, send};
use crate::deploy::api::{ApiCall, AwsError, CloudControl, ErrorKind};

impl CloudControl for Aws {
    async fn live_resource(&self, kind: &str, identifier: &str) -> Result<Option<Json>, AwsError> {
        let request = json!({ "TypeName": kind, "Identifier": identifier });
        match call(self, ApiCall::GetResource, &request).await {
            Ok(reply) => Ok(Some(properties(&reply["ResourceDescription"])?)),
            // "GetResource": the errors of a resource that does not exist.
            Err(error) if error.code.starts_with("ResourceNotFound") => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn live_identifiers(&self, kind: &str, parent: &Json) -> Result<Vec<String>, AwsError> {
        let (mut found, mut pages) = (Vec::new(), Pages::of(ApiCall::ListResources));
        loop {
            let mut request = json!({ "TypeName": kind, "ResourceModel": parent.to_string() });
            if let Some(token) = pages.token() {
                request["NextToken"] = token.into();
            }
            let reply = call(self, ApiCall::ListResources, &request).await?;
            let listed = reply["ResourceDescriptions"].as_array().cloned().unwrap_or_default();
            found.extend(listed.iter().filter_map(|one| Some(one["Identifier"].as_str()?.to_owned())));
            if !pages.advance(reply["NextToken"].as_str().map(str::to_owned))? {
                return Ok(found);
            }
        }
    }
}

/// Calls an operation of the protocol JSON 1.0 (Cloud Control API reference, "Common parameters").
async fn call(aws: &Aws, call: ApiCall, request: &Json) -> Result<Json, AwsError> {
    let region = aws.region().unwrap_or_default().to_owned();
    let target = format!("CloudApiService.{call}");
    let reply = send(aws, &SignedRequest::json_1_0(call, &region, &target, request.to_string())).await?;
    serde_json::from_str(&reply).map_err(|error| odd(call, &error.to_string()))
}

/// Returns the properties of a resource, which are a text of JSON.
fn properties(description: &Json) -> Result<Json, AwsError> {
    let text = description["Properties"].as_str();
    let text = text.ok_or_else(|| odd(ApiCall::GetResource, "the answer has no properties"))?;
    serde_json::from_str(text).map_err(|error| odd(ApiCall::GetResource, &error.to_string()))
}

fn odd(call: ApiCall, message: &str) -> AwsError {
    AwsError::new(ErrorKind::Other, call, "OddAnswer", message)
}
