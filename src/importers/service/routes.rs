//! The rules of a listener as routes.
//!
//! Source: `RuleCondition` of `AWS::ElasticLoadBalancingV2::ListenerRule` in the CloudFormation template reference.

use serde_json::Value as Json;

use super::properties::{int, literal};
use crate::importers::draft::Draft;
use crate::importers::writer::Expr;

/// Returns the route of a rule. A condition without a setter is noted.
pub(super) fn route(rule: &Json, keeps_priority: bool, draft: &mut Draft) -> Expr {
    let mut route = Expr::call("Route", []);
    for condition in rule["Conditions"].as_array().into_iter().flatten() {
        route = match added(condition, route.clone()) {
            Some(route) => route,
            None => {
                draft.note(0, format!("a rule has a condition without a setter: {condition}"));
                route
            }
        };
    }
    match int(&rule["Priority"]) {
        Some(number) if keeps_priority => route.set("priority", [Expr::Int(number)]),
        _ => route,
    }
}

/// Returns a route with a condition; none if no setter fits.
fn added(condition: &Json, route: Expr) -> Option<Expr> {
    let simple = |key: &str| {
        let values = condition[key]["Values"].as_array().or(condition["Values"].as_array());
        values.into_iter().flatten().map(literal).collect::<Vec<_>>()
    };
    let each = |setter: &str, values: Vec<Expr>| {
        (!values.is_empty()).then(|| values.into_iter().fold(route.clone(), |route, value| route.set(setter, [value])))
    };
    match condition["Field"].as_str()? {
        "path-pattern" => each("path", simple("PathPatternConfig")),
        "host-header" => each("host", simple("HostHeaderConfig")),
        "http-request-method" => each("method", simple("HttpRequestMethodConfig")),
        "source-ip" => each("source_ip", simple("SourceIpConfig")),
        "http-header" => {
            let header = &condition["HttpHeaderConfig"];
            let values = header["Values"].as_array()?;
            Some(
                values.iter().fold(route, |route, value| {
                    route.set("header", [literal(&header["HttpHeaderName"]), literal(value)])
                }),
            )
        }
        "query-string" => {
            let pairs = condition["QueryStringConfig"]["Values"].as_array()?;
            // A pair without a key is about any key.
            let all_named = pairs.iter().all(|pair| pair["Key"].is_string());
            all_named.then(|| {
                pairs
                    .iter()
                    .fold(route, |route, pair| route.set("query", [literal(&pair["Key"]), literal(&pair["Value"])]))
            })
        }
        _ => None,
    }
}

/// Returns whether the action is to send all requests to these target groups, which belong together.
pub(super) fn forwards_to(actions: &Json, own: &[&str]) -> bool {
    let actions: Vec<&Json> = actions.as_array().into_iter().flatten().collect();
    let last = actions.iter().find(|action| action["Type"] == "forward");
    last.is_some_and(|action| {
        let is_own = |arn: &Json| arn.as_str().is_some_and(|arn| own.contains(&arn));
        let groups = action["ForwardConfig"]["TargetGroups"].as_array().filter(|groups| !groups.is_empty());
        is_own(&action["TargetGroupArn"])
            || groups.is_some_and(|groups| groups.iter().all(|group| is_own(&group["TargetGroupArn"])))
    })
}

/// Returns whether a redirect leads to HTTPS at the same place.
pub(super) fn redirects_to_https(actions: &Json) -> bool {
    let mut redirects = actions.as_array().into_iter().flatten().filter(|action| action["Type"] == "redirect");
    redirects.any(|action| action["RedirectConfig"]["Protocol"] == "HTTPS")
}
