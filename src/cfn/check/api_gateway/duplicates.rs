//! Parts of an API that exist twice.
//!
//! Sources: `ConflictException` of `CreateRoute`, `CreateStage` and `CreateApiMapping` (API Gateway v2 API: "Route with key .. already
//! exists for this API"), and of `CreateResource`, `PutMethod` and `CreateStage` (API Gateway API: "Another resource with the same
//! parent already has this name").

use std::collections::HashMap;

use crate::cfn::check::context::{CheckContext, ResourceEntry};
use crate::diag::{Code, Sink};

/// The types of parts, the properties that identify one, and the last of them.
const PARTS: [(&str, &[&str], &str); 6] = [
    ("AWS::ApiGateway::Method", &["RestApiId", "ResourceId"], "HttpMethod"),
    ("AWS::ApiGateway::Resource", &["RestApiId", "ParentId"], "PathPart"),
    ("AWS::ApiGateway::Stage", &["RestApiId"], "StageName"),
    ("AWS::ApiGatewayV2::ApiMapping", &["DomainName"], "ApiMappingKey"),
    ("AWS::ApiGatewayV2::Route", &["ApiId"], "RouteKey"),
    ("AWS::ApiGatewayV2::Stage", &["ApiId"], "StageName"),
];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for (kind, parents, name) in PARTS {
        let mut seen: HashMap<(Vec<String>, &str), ResourceEntry<'_>> = HashMap::new();
        for found in scope.all(kind) {
            let owner: Option<Vec<String>> =
                parents.iter().map(|parent| found.get(parent).map(|value| format!("{value:?}"))).collect();
            let (Some(owner), Some(text)) = (owner, found.text(name)) else { continue };
            let first = *seen.entry((owner, text)).or_insert(found);
            let conditions = (first.resource.condition.as_deref(), found.resource.condition.as_deref());
            if first.id != found.id && scope.can_both_exist(conditions.0, conditions.1) {
                let message = format!("`{}` and `{}` are the same part of one API: `{text}`", first.id, found.id);
                let problem = found.error(Code::DuplicateApiPart, name, message);
                sink.push(problem.at(first.origin(name), "the other one").help("remove one of the two"));
            }
        }
    }
}
