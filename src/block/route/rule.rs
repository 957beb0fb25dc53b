//! The rule of a listener for a route.

use super::Route;
use crate::block::lowering::SetProperty;
use crate::cfn;
use crate::cfn::type_names::LISTENER_RULE;
use crate::cfn::{Map, Resource, TemplateString, Value};
use crate::diag::{Origin, WithOrigin};

/// Returns the rule of a listener that applies actions to the requests of a route; to all requests if there is none.
pub(crate) fn rule(
    route: Option<&Route>,
    origin: &Origin,
    listener: TemplateString,
    priority: i64,
    actions: Vec<Value>,
) -> Resource {
    let rule = Resource::new(LISTENER_RULE, origin.clone())
        .with("ListenerArn", listener)
        .with("Priority", priority)
        .with("Actions", actions)
        .with_origin("Priority", route.and_then(|route| route.priority.as_ref()))
        .with_origin("Actions.0", route.and_then(|route| route.authenticate.as_ref()));
    match route {
        Some(route) => conditions(route, rule),
        None => rule.with("Conditions", vec![path_pattern(vec!["/*".into()])]),
    }
}

fn conditions(route: &Route, mut rule: Resource) -> Resource {
    let values = |patterns: &[WithOrigin<String>]| {
        patterns.iter().map(|pattern| Value::from(&pattern.value)).collect::<Vec<_>>()
    };
    let mut conditions = Vec::new();
    if let Some(first) = route.path.first() {
        rule = rule.record_origin(&format!("Conditions.{}", conditions.len()), &first.origin);
        conditions.push(path_pattern(values(&route.path)));
    }
    if let Some(first) = route.host.first() {
        rule = rule.record_origin(&format!("Conditions.{}", conditions.len()), &first.origin);
        let hosts = cfn!({ "Values": values(&route.host) });
        conditions.push(cfn!({ "Field": "host-header", "HostHeaderConfig": hosts }));
    }
    for header in &route.header {
        rule = rule.record_origin(&format!("Conditions.{}", conditions.len()), &header.origin);
        let patterns = cfn!({ "HttpHeaderName": &header.value.name, "Values": cfn!([&header.value.value]) });
        conditions.push(cfn!({ "Field": "http-header", "HttpHeaderConfig": patterns }));
    }
    for query in &route.query {
        rule = rule.record_origin(&format!("Conditions.{}", conditions.len()), &query.origin);
        let value = cfn!({ "Key": &query.value.name, "Value": &query.value.value });
        conditions.push(cfn!({ "Field": "query-string", "QueryStringConfig": cfn!({ "Values": cfn!([value]) }) }));
    }
    let lists = [
        ("http-request-method", "HttpRequestMethodConfig", &route.method),
        ("source-ip", "SourceIpConfig", &route.source_ip),
    ];
    for (field, config, list) in lists {
        let Some(first) = list.first() else { continue };
        rule = rule.record_origin(&format!("Conditions.{}", conditions.len()), &first.origin);
        let mut condition = Map::from_iter([("Field".to_owned(), Value::from(field))]);
        condition.insert(config.to_owned(), cfn!({ "Values": values(list) }));
        conditions.push(Value::Map(condition));
    }
    rule.with("Conditions", conditions)
}

fn path_pattern(patterns: Vec<Value>) -> Value {
    cfn!({ "Field": "path-pattern", "PathPatternConfig": cfn!({ "Values": patterns }) })
}
