//! Properties of CloudFormation that are written as methods of a block: they are set by an override.

use super::call_correction::Given;
use crate::cfn::schema::{JsonTypes, Keyword, Node, Schema};

/// The main resource of a type of block: its role in overrides, and its type.
const MAIN: &[(&str, &str, &str)] = &[
    ("Alb", "LoadBalancer", "AWS::ElasticLoadBalancingV2::LoadBalancer"),
    ("Bucket", "Bucket", "AWS::S3::Bucket"),
    ("Cache", "Cache", "AWS::ElastiCache::ReplicationGroup"),
    ("Database", "Database", "AWS::RDS::DBInstance"),
    ("FargateService", "Service", "AWS::ECS::Service"),
    ("FargateService", "TaskDefinition", "AWS::ECS::TaskDefinition"),
    ("FileSystem", "FileSystem", "AWS::EFS::FileSystem"),
    ("Job", "TaskDefinition", "AWS::ECS::TaskDefinition"),
    ("Nlb", "LoadBalancer", "AWS::ElasticLoadBalancingV2::LoadBalancer"),
    ("Queue", "Queue", "AWS::SQS::Queue"),
    ("Repository", "Repository", "AWS::ECR::Repository"),
    ("Secret", "Secret", "AWS::SecretsManager::Secret"),
    ("Table", "Table", "AWS::DynamoDB::Table"),
    ("Topic", "Topic", "AWS::SNS::Topic"),
];

/// Returns the override that sets the property of CloudFormation with the name of a method that a block does not have.
pub(crate) fn hint(owner: &str, method: &str, given: Option<&Given>) -> Option<String> {
    let folded = |name: &str| name.replace('_', "").to_lowercase();
    let written = folded(method);
    MAIN.iter().filter(|(known, ..)| *known == owner).find_map(|(_, role, kind)| {
        let schema = Schema::embedded().get(kind)?;
        let read_only: Vec<&str> = schema.read_only().collect();
        let (name, node) = schema.properties().properties().into_iter().find(|(name, _)| folded(name) == written)?;
        let value = given.and_then(|given| fitting(given, node)).or_else(|| example(node))?;
        (!read_only.contains(&name)).then(|| format!("write `.override(\"{role}\", \"{name}\", {value})`"))
    })
}

/// Returns the argument as it is written, if the property takes a value of its type.
fn fitting(given: &Given, node: Node<'_>) -> Option<String> {
    let kind = match given.kind() {
        "bool" => JsonTypes::BOOLEAN,
        "i64" => JsonTypes::INTEGER,
        "map" => JsonTypes::OBJECT,
        "array" => JsonTypes::LIST,
        kind if kind.contains("str") => JsonTypes::STRING,
        _ => return None,
    };
    let is_listed = !node.is_enum() || values(node).iter().any(|value| *value == given.text());
    (node.kinds().meets(kind) && is_listed).then(|| given.text().to_owned())
}

/// Returns a value of a property, for an example.
fn example(node: Node<'_>) -> Option<String> {
    if let Some(first) = values(node).into_iter().next() {
        return Some(first);
    }
    let kinds = node.kinds();
    Some(match () {
        () if kinds.meets(JsonTypes::BOOLEAN) => "true".to_owned(),
        () if kinds.meets(JsonTypes::INTEGER) => "1".to_owned(),
        () if kinds.meets(JsonTypes::LIST) => "[..]".to_owned(),
        () if kinds.meets(JsonTypes::OBJECT) => match node.properties().first() {
            Some((name, _)) => format!("#{{ {name}: .. }}"),
            None => "#{ .. }".to_owned(),
        },
        () if kinds.meets(JsonTypes::STRING) => "\"..\"".to_owned(),
        () => return None,
    })
}

/// Returns the values that a property may have, if the schema lists them.
fn values(node: Node<'_>) -> Vec<String> {
    let is_text = node.kinds().meets(JsonTypes::STRING);
    let quoted = |value: String| if is_text { format!("\"{value}\"") } else { value };
    let listed = node.keywords().find_map(|keyword| match keyword {
        Keyword::Enum { values, .. } => Some(values),
        _ => None,
    });
    listed.unwrap_or_default().iter().map(|value| quoted(value.to_string())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::bindings;

    #[test]
    fn property_is_set_by_an_override_with_the_value_that_was_given() {
        let text = "true".to_owned();
        let given = Given::of_kind("bool", Some(&text));
        assert_eq!(
            hint("Database", "publicly_accessible", Some(&given)).as_deref(),
            Some("write `.override(\"Database\", \"PubliclyAccessible\", true)`")
        );
        assert_eq!(
            hint("Table", "billing_mode", None).as_deref(),
            Some("write `.override(\"Table\", \"BillingMode\", \"PAY_PER_REQUEST\")`")
        );
        assert_eq!(hint("Bucket", "arn", None), None, "an attribute");
        assert_eq!(hint("Bucket", "colour", None), None);
    }

    #[test]
    fn every_main_resource_belongs_to_a_block_with_overrides_and_has_a_schema() {
        let types = bindings::types();
        for (owner, _, kind) in MAIN {
            let block = types.iter().find(|block| block.name == *owner).unwrap_or_else(|| panic!("{owner} is a type"));
            assert!(block.methods.iter().any(|method| method.name == "override"), "{owner}");
            assert!(Schema::embedded().get(kind).is_some(), "{kind}");
        }
    }
}
