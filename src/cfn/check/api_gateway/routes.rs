//! Routes of HTTP APIs.
//!
//! Sources: "Create routes for HTTP APIs in API Gateway" of the API Gateway developer guide (`$default`, a method and a path, greedy path
//! variables at the end); `CreateRoute` of the API Gateway v2 API (`BadRequestException`: "Format should be \"HTTP METHOD /RESOURCE
//! PATH\" or \"$default\"").

use super::HTTP;
use crate::cfn::Value;
use crate::cfn::check::context::{CheckContext, ResourceEntry};
use crate::diag::{Code, Sink};

const ROUTE: &str = "AWS::ApiGatewayV2::Route";
const METHODS: [&str; 8] = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for route in scope.all(ROUTE) {
        target(route, scope, sink);
        let api = route.get("ApiId").and_then(|api| scope.target(api, HTTP));
        if api.is_some_and(|api| api.text("ProtocolType") == Some("HTTP")) {
            key(route, sink);
        }
    }
}

/// Checks the key of a route of an HTTP API.
fn key(route: ResourceEntry<'_>, sink: &mut Sink) {
    let Some(key) = route.text("RouteKey") else { return };
    let Err(reason) = parse(key) else { return };
    let problem = route.error(Code::RouteKey, "RouteKey", format!("`{key}` is not a route of an HTTP API: {reason}"));
    sink.push(problem.help("write a method and a path, `GET /items/{id}`, or `$default` for all other requests"));
}

/// Reads the key of a route; the error says what is wrong.
fn parse(key: &str) -> Result<(), String> {
    if key == "$default" {
        return Ok(());
    }
    let (method, path) = key.split_once(' ').ok_or("it has no method and path")?;
    if !METHODS.contains(&method) {
        return Err(format!("`{method}` is not one of {}", METHODS.join(", ")));
    }
    if !path.starts_with('/') {
        return Err("the path does not begin with a slash".to_owned());
    }
    let mut names: Vec<&str> = Vec::new();
    let mut parts = path.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        let Some(name) = variable(part)? else { continue };
        if name.ends_with('+') && parts.peek().is_some() {
            return Err(format!("`{{{name}}}` takes the rest of the path, so it is the last part"));
        }
        let name = name.trim_end_matches('+');
        if names.contains(&name) {
            return Err(format!("`{{{name}}}` is there twice"));
        }
        names.push(name);
    }
    Ok(())
}

/// Returns the name of the variable that a part of a path is.
fn variable(part: &str) -> Result<Option<&str>, String> {
    let inner = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    match inner {
        Some(name) if !name.is_empty() && !name.contains(['{', '}']) => Ok(Some(name)),
        None if !part.contains(['{', '}']) => Ok(None),
        _ => Err(format!("a variable is a whole part of the path, and `{part}` is not")),
    }
}

/// Warns of a target that is the bare id of an integration (`target` of `CreateRoute`: `integrations/ID`).
fn target(route: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    let Some(value @ Value::Text(_)) = route.get("Target") else { return };
    if let Some(integration) = scope.target(value, "AWS::ApiGatewayV2::Integration") {
        let problem = route.warning(Code::RouteKey, "Target", "the target of a route is `integrations/` and an id");
        sink.push(problem.help(format!("write `!Sub integrations/${{{}}}`", integration.id)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_routes() {
        for key in ["$default", "GET /", "ANY /{proxy+}", "POST /items/{id}/notes", "GET /a.b/{x}/{y+}", "PUT /a/"] {
            assert_eq!(parse(key), Ok(()), "{key}");
        }
        for key in [
            "GET",
            "/items",
            "GET items",
            "get /items",
            "FETCH /x",
            "GET /{proxy+}/x",
            "GET /{id}/{id}",
            "GET /a{id}",
            "$connect",
        ] {
            assert!(parse(key).is_err(), "{key}");
        }
    }
}
