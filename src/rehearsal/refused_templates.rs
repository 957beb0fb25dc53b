//! What services refuse about a single resource of a template, found without a deployment: `check` asks the rules of the rehearsal.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::rules::{self, AccountView, Intent, Refusal, Subject};
use super::state::AccountState;
use crate::cfn::emit::json::to_json;
use crate::cfn::{LogicalId, PropertyPath, Resource, Template, Value};
use crate::diag::{Code, Diagnostic};

/// The region of the questions. It counts as unknown, so that no rule compares with it.
const REGION: &str = "us-east-1";

/// Returns the refusals of creations that follow from the literal properties of one resource.
///
/// The account may have resources that the template does not create, so only rules about the resource itself answer. A value that
/// is known at the deployment is unknown: a refusal counts if it is the same for each value in its place.
pub fn refusals(template: &Template) -> Vec<Diagnostic> {
    let mut account = AccountState::new(0);
    account.assumed_region = Some(REGION.to_owned());
    account.foreign_exports = Some(BTreeMap::new());
    let view = AccountView::of_region(&account, REGION);
    template.resources.iter().filter_map(|(id, resource)| refusal(id, resource, &view)).collect()
}

fn refusal(id: &LogicalId, resource: &Resource, view: &AccountView<'_>) -> Option<Diagnostic> {
    let kind = resource.kind.as_str();
    let properties = to_json(&Value::Map(resource.properties.clone()));
    let certain = |properties: &Json| -> Option<Refusal> {
        let refused = asked(kind, properties, view)?;
        let text = Some(Json::String("unknown".to_owned()));
        let is_same = |unknown: Option<Json>| {
            asked(kind, &with_unknown(properties, unknown.as_ref()), view).is_some_and(|other| other == refused)
        };
        (is_same(text) && is_same(None)).then_some(refused)
    };
    let refused = certain(&properties)?;
    let (service, code) = refused.code();
    let message = format!("AWS refuses `{id}`: {}", refused.text().trim_end_matches('.'));
    let problem = Diagnostic::new(Code::ResourceInvalid, message);
    let problem = match cause(&properties, |without| certain(without).is_none()) {
        Some(name) => {
            let origin = resource.origin_of(&PropertyPath::property(name));
            problem.at(origin, format!("`{name}` of type `{kind}`")).help(format!("change `{name}`"))
        }
        None => problem.at(&resource.origin, format!("of type `{kind}`")),
    };
    Some(problem.note(format!("{service} answers with the code `{code}`")))
}

/// Returns the first refusal of the creation of a resource with these properties.
fn asked(kind: &str, properties: &Json, view: &AccountView<'_>) -> Option<Refusal> {
    let subject = Subject { intent: Intent::Create, kind, physical_id: None, replaces: None, properties, before: None };
    rules::check(&subject, view)
}

/// Returns the property without which a resource is accepted.
fn cause(properties: &Json, is_accepted: impl Fn(&Json) -> bool) -> Option<&str> {
    let all = properties.as_object()?;
    let without = |name: &str| {
        let mut rest = all.clone();
        rest.remove(name);
        Json::Object(rest)
    };
    all.keys().map(String::as_str).find(|name| is_accepted(&without(name)))
}

/// Returns properties with another value in the place of each intrinsic function, or without those.
fn with_unknown(json: &Json, unknown: Option<&Json>) -> Json {
    match json {
        Json::Object(entries) => {
            let known = entries.iter().filter_map(|(name, value)| {
                let value = if is_function(value) { unknown.cloned()? } else { with_unknown(value, unknown) };
                Some((name.clone(), value))
            });
            Json::Object(known.collect())
        }
        Json::Array(items) => {
            let known = items.iter().filter_map(|item| {
                if is_function(item) { unknown.cloned() } else { Some(with_unknown(item, unknown)) }
            });
            Json::Array(known.collect())
        }
        other => other.clone(),
    }
}

fn is_function(json: &Json) -> bool {
    let only = json.as_object().filter(|entries| entries.len() == 1).and_then(|entries| entries.keys().next());
    only.is_some_and(|name| name == "Ref" || name.starts_with("Fn::"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::parse;

    fn found(resource: &str) -> Vec<(u32, String)> {
        let text = format!("Resources:\n  It:\n    Type: {resource}\n");
        let template = parse::template("t.yaml", &text).value.expect("a template");
        let line = |problem: &Diagnostic| problem.origin().map_or(0, |origin| origin.line);
        refusals(&template).iter().map(|problem| (line(problem), problem.message.clone())).collect()
    }

    #[test]
    fn literal_that_a_service_refuses_is_found_at_its_property() {
        let cache = "AWS::ElastiCache::CacheCluster\n    Properties:\n      Engine: redis\n      CacheNodeType: \
                     cache.t4g.micro\n      NumCacheNodes: 2";
        let [(line, message)] = found(cache).try_into().expect("one refusal");
        assert!((5..=7).contains(&line), "{line}");
        assert!(message.contains("NumCacheNodes parameter greater than 1"), "{message}");
        let name = "AWS::SSM::Parameter\n    Properties:\n      Type: String\n      Name: /aws/web\n      Value: a";
        assert_eq!(found(name).len(), 1);
    }

    #[test]
    fn value_that_is_known_at_the_deployment_refuses_nothing() {
        let cache =
            "AWS::ElastiCache::CacheCluster\n    Properties:\n      Engine: redis\n      NumCacheNodes: !Ref Nodes";
        assert_eq!(found(cache), []);
        let rule =
            "AWS::Events::Rule\n    Properties:\n      EventBusName: !Ref Bus\n      ScheduleExpression: rate(1 day)";
        assert_eq!(found(rule), []);
        let service = "AWS::ECS::Service\n    Properties:\n      TaskDefinition: !Ref Task\n      DeploymentConfiguration: {Strategy: \
                       BLUE_GREEN}\n      LoadBalancers:\n        - ContainerName: web\n          ContainerPort: 80\n          \
                       TargetGroupArn: !Ref One\n          AdvancedConfiguration: {AlternateTargetGroupArn: !Ref Two, RoleArn: \
                       !GetAtt Role.Arn, ProductionListenerRule: !Ref Rule}";
        assert_eq!(found(service), []);
    }
}
