//! Parts of an API that belong to another API. `routes` has the rules about routes, `duplicates` those about parts that exist already.
//!
//! Source: the API Gateway API, `PutMethod` ("Invalid authorizer ID specified") and `CreateRoute`.

mod duplicates;
mod routes;

use super::context::{CheckContext, ResourceEntry};
use crate::cfn::{Ref, Value};
use crate::diag::{Code, Sink};

const REST: &str = "AWS::ApiGateway::RestApi";
const HTTP: &str = "AWS::ApiGatewayV2::Api";

/// A type, the property that names its API, the property that names a part, and the type of the part.
const PARTS: [(&str, &str, &str, &str); 8] = [
    ("AWS::ApiGateway::Method", "RestApiId", "AuthorizerId", "AWS::ApiGateway::Authorizer"),
    ("AWS::ApiGateway::Method", "RestApiId", "RequestValidatorId", "AWS::ApiGateway::RequestValidator"),
    ("AWS::ApiGateway::Method", "RestApiId", "ResourceId", "AWS::ApiGateway::Resource"),
    ("AWS::ApiGateway::Resource", "RestApiId", "ParentId", "AWS::ApiGateway::Resource"),
    ("AWS::ApiGateway::Stage", "RestApiId", "DeploymentId", "AWS::ApiGateway::Deployment"),
    ("AWS::ApiGatewayV2::Route", "ApiId", "AuthorizerId", "AWS::ApiGatewayV2::Authorizer"),
    ("AWS::ApiGatewayV2::Route", "ApiId", "Target", "AWS::ApiGatewayV2::Integration"),
    ("AWS::ApiGatewayV2::Stage", "ApiId", "DeploymentId", "AWS::ApiGatewayV2::Deployment"),
];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for (kind, api, property, part) in PARTS {
        for found in scope.all(kind) {
            of_other_api(found, (api, property, part), scope, sink);
        }
    }
    routes::check(scope, sink);
    duplicates::check(scope, sink);
}

fn of_other_api(
    found: ResourceEntry<'_>,
    (api, property, part): (&str, &str, &str),
    scope: &CheckContext<'_>,
    sink: &mut Sink,
) {
    let (Some(own), Some(value)) = (api_of(found, api, scope), found.get(property)) else { return };
    let mut other = None;
    value.each_ref(&mut |reference| other = other.take().or_else(|| api_of_part(reference, api, part, scope)));
    let Some((name, other)) = other.filter(|(_, other)| *other != own) else { return };
    let message = format!("`{name}` belongs to the API `{other}`, and `{}` to `{own}`", found.id);
    let problem = found.error(Code::OtherApi, property, message).at(found.origin(api), "");
    sink.push(problem.help(format!("use a part of `{own}` here")));
}

/// Returns the API that a resource belongs to, if it is in the template.
fn api_of<'a>(found: ResourceEntry<'a>, property: &str, scope: &CheckContext<'a>) -> Option<&'a str> {
    let value = found.get(property)?;
    [REST, HTTP].iter().find_map(|kind| scope.target(value, kind)).map(|api| api.id.as_str())
}

/// Returns a part with its API; the root of an API is a part of it.
fn api_of_part<'a>(
    reference: &Ref,
    property: &str,
    kind: &str,
    scope: &CheckContext<'a>,
) -> Option<(&'a str, &'a str)> {
    if reference.attribute.as_deref() == Some("RootResourceId") {
        let api = scope.target(&Value::from(reference), REST)?;
        return Some((api.id.as_str(), api.id.as_str()));
    }
    let part = scope.target(&Value::from(reference), kind)?;
    Some((part.id.as_str(), api_of(part, property, scope)?))
}
