//! Evaluates values as CloudFormation does. `functions` has the intrinsic functions.
//!
//! *Invariant*: reads the account and changes nothing; a value that is unknown before the operation is
//! `KNOWN_AFTER_APPLY`.

mod functions;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::{Map as Object, Value as Json};

use super::attributes::attribute;
use super::resource_ids::IdContext;
use crate::cfn::conditions::Conditions;
use crate::cfn::emit::json;
use crate::cfn::{Ref, Segment, Template, TemplateString, Value};
use crate::deploy::api::AwsEnvironment;
use crate::rehearsal::assumed::AssumedValues;
use crate::rehearsal::state::{ResourceState, SsmParameters};

/// The placeholder in change sets for a value that is unknown before the operation.
pub(in crate::rehearsal) const KNOWN_AFTER_APPLY: &str = "{{changeSet:KNOWN_AFTER_APPLY}}";

/// The template, the resources and the parameters that a value may refer to.
pub(in crate::rehearsal) struct ResolveContext<'a> {
    pub(in crate::rehearsal) seed: u64,
    pub(in crate::rehearsal) template: &'a Template,
    pub(in crate::rehearsal) conditions: &'a Conditions,
    pub(in crate::rehearsal) environment: &'a AwsEnvironment,
    pub(in crate::rehearsal) stack: &'a str,
    pub(in crate::rehearsal) stack_id: &'a str,
    pub(in crate::rehearsal) parameters: &'a IndexMap<String, String>,
    pub(in crate::rehearsal) resources: &'a IndexMap<String, ResourceState>,
    /// The resources whose ids and attributes are not known yet.
    pub(in crate::rehearsal) unknown: &'a BTreeSet<String>,
    pub(in crate::rehearsal) exports: &'a BTreeMap<String, String>,
    /// The values of SSM parameters by name.
    pub(in crate::rehearsal) ssm: &'a SsmParameters,
    /// The values that other stacks and teams own.
    pub(in crate::rehearsal) assumed: AssumedValues<'a>,
    /// The exports that values imported.
    pub(in crate::rehearsal) imports: RefCell<BTreeSet<String>>,
}

impl ResolveContext<'_> {
    /// Evaluates a value. Returns `None` for `AWS::NoValue`.
    pub(in crate::rehearsal) fn value(&self, value: &Value) -> Result<Option<Json>, String> {
        Ok(Some(match value {
            Value::Text(text) => return self.text(text),
            Value::List(items) => {
                let items = items.iter().filter_map(|item| self.value(item).transpose());
                Json::Array(items.collect::<Result<_, _>>()?)
            }
            Value::Map(map) => Json::Object(self.map(map)?),
            Value::Call(call) => return self.call(call),
            plain => json::to_json(plain),
        }))
    }

    /// Evaluates the values of a map.
    pub(in crate::rehearsal) fn map(&self, map: &crate::cfn::Map) -> Result<Object<String, Json>, String> {
        let entries = map.iter().filter_map(|(key, value)| {
            let value = self.value(value).transpose()?;
            Some(value.map(|value| (key.clone(), value)))
        });
        entries.collect()
    }

    /// Evaluates a text with references.
    fn text(&self, text: &TemplateString) -> Result<Option<Json>, String> {
        if let Some(reference) = text.as_reference() {
            return self.reference(reference);
        }
        let mut whole = String::new();
        for piece in text.pieces() {
            match piece {
                Segment::Literal(literal) => whole.push_str(literal),
                Segment::Ref(reference) => whole.push_str(&as_text(self.reference(reference)?.as_ref())),
                Segment::Call(call) => whole.push_str(&as_text(self.call(call)?.as_ref())),
            }
        }
        Ok(Some(Json::String(self.resolve_ssm(whole)?)))
    }

    /// Replaces `{{resolve:ssm:name}}` by its value; references to secrets stay, as in AWS's answers.
    fn resolve_ssm(&self, text: String) -> Result<String, String> {
        let Some((before, rest)) = text.split_once("{{resolve:ssm:") else { return Ok(text) };
        let Some((name, after)) = rest.split_once("}}") else { return Ok(text) };
        let bare = name.split(':').next().unwrap_or(name);
        let known = self.ssm.known.get(bare).cloned();
        let value = known.or_else(|| self.assumed.of_dynamic_reference(bare)).or_else(|| self.ssm.placeholder(bare));
        let value = value.ok_or_else(|| format!("Parameters: [ssm:{bare}] cannot be found"))?;
        self.resolve_ssm(format!("{before}{value}{after}"))
    }

    /// Evaluates a reference.
    fn reference(&self, reference: &Ref) -> Result<Option<Json>, String> {
        let id = reference.id.as_str();
        if reference.attribute.is_none() {
            if id == "AWS::NoValue" {
                return Ok(None);
            }
            if let Some(value) = self.pseudo(id) {
                return Ok(Some(value));
            }
            if let Some(value) = self.parameters.get(id) {
                return Ok(Some(self.parameter(id, value)));
            }
        }
        if self.unknown.contains(id) {
            return Ok(Some(KNOWN_AFTER_APPLY.into()));
        }
        let existing = self.resources.get(id).filter(|existing| existing.physical_id.is_some());
        let existing = existing
            .ok_or_else(|| format!("Unresolved resource dependencies [{id}] in the Resources block of the template"))?;
        Ok(Some(match &reference.attribute {
            None => existing.physical_id.clone().unwrap_or_default().into(),
            Some(name) => attribute(&self.ids(id), existing, name).into(),
        }))
    }

    /// Returns the context of a resource's ids.
    fn ids<'n>(&'n self, logical_id: &'n str) -> IdContext<'n> {
        IdContext { seed: self.seed, environment: self.environment, stack: self.stack, logical_id, generation: 0 }
    }

    /// Returns the value of a pseudo parameter.
    fn pseudo(&self, id: &str) -> Option<Json> {
        let AwsEnvironment { account, region, partition } = self.environment;
        Some(match id {
            "AWS::Region" => region.as_str().into(),
            "AWS::AccountId" => account.as_str().into(),
            "AWS::Partition" => partition.as_str().into(),
            "AWS::StackName" => self.stack.into(),
            "AWS::StackId" => self.stack_id.into(),
            "AWS::URLSuffix" => self.environment.url_suffix().into(),
            "AWS::NotificationARNs" => Json::Array(Vec::new()),
            _ => return None,
        })
    }

    /// Returns a parameter's value: a list if its type is a list.
    fn parameter(&self, id: &str, value: &str) -> Json {
        let kind = self.template.parameters.get(id).and_then(|parameter| parameter.body.get("Type")?.as_str());
        let is_list = kind.is_some_and(|kind| kind.contains("List<") || kind == "CommaDelimitedList");
        if is_list { value.split(',').map(|item| Json::from(item.trim())).collect() } else { value.into() }
    }

    /// Evaluates a value as text.
    pub(in crate::rehearsal) fn string(&self, value: &Value) -> Result<String, String> {
        Ok(as_text(self.value(value)?.as_ref()))
    }

    /// Evaluates a value as a list.
    fn list(&self, value: &Value) -> Result<Vec<Json>, String> {
        Ok(match self.value(value)? {
            Some(Json::Array(items)) => items,
            // A list that is unknown yet: its items are unknown, too.
            Some(Json::String(text)) if text.contains(KNOWN_AFTER_APPLY) => vec![text.into(); 16],
            Some(one) => vec![one],
            None => Vec::new(),
        })
    }
}

/// Returns a value as text.
fn as_text(json: Option<&Json>) -> String {
    match json {
        None | Some(Json::Null) => String::new(),
        Some(Json::String(text)) => text.clone(),
        Some(Json::Array(items)) => items.iter().map(|item| as_text(Some(item))).collect::<Vec<_>>().join(","),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::parse;

    /// Resolves the outputs' values of a template whose only resource is a VPC, in order.
    fn resolve(outputs: &str) -> Vec<Result<Option<Json>, String>> {
        let text = format!(
            "Parameters: {{Zones: {{Type: CommaDelimitedList}}}}\nMappings: {{M: {{a: {{b: found}}}}}}\nConditions: {{Always: !Equals [a, \
             a]}}\nResources: {{Vpc: {{Type: 'AWS::EC2::VPC'}}}}\nOutputs:\n{outputs}"
        );
        let template = parse::template("t", &text).value.expect("a template");
        let existing = ResourceState {
            kind: "AWS::EC2::VPC".to_owned(),
            physical_id: Some("vpc-1".to_owned()),
            properties: serde_json::json!({ "CidrBlock": "10.0.0.0/16" }),
            attributes: Json::Null,
            status: crate::deploy::api::status::ResourceStatus::CreateComplete,
            reason: None,
            updated: crate::deploy::api::Timestamp::default(),
            needs: Vec::new(),
            generation: 0,
        };
        let environment =
            AwsEnvironment { account: "1".to_owned(), region: "eu-west-1".to_owned(), partition: "aws".to_owned() };
        let context = ResolveContext {
            seed: 1,
            template: &template,
            conditions: &Conditions::decide(&template, &BTreeMap::new()),
            environment: &environment,
            stack: "web",
            stack_id: "arn:web",
            parameters: &IndexMap::from([("Zones".to_owned(), "x, y".to_owned())]),
            resources: &IndexMap::from([("Vpc".to_owned(), existing)]),
            unknown: &BTreeSet::new(),
            exports: &BTreeMap::from([("shared".to_owned(), "vpc-9".to_owned())]),
            ssm: &SsmParameters { known: BTreeMap::from([("/net/vpc".to_owned(), "vpc-8".to_owned())]), open: false },
            assumed: AssumedValues {
                seed: 1,
                given: &BTreeMap::new(),
                log: &crate::rehearsal::assumed::AssumptionLog::default(),
                template: &template,
                environment: &environment,
            },
            imports: RefCell::default(),
        };
        template.outputs.values().map(|output| context.value(&output.value)).collect()
    }

    #[test]
    fn each_intrinsic_function_is_evaluated() {
        for (function, expected) in [
            ("!Ref Vpc", "vpc-1"),
            ("!GetAtt Vpc.CidrBlock", "10.0.0.0/16"),
            ("!Sub 'in ${AWS::Region} ${Vpc} ${!x}'", "in eu-west-1 vpc-1 ${x}"),
            ("!Sub ['${a}-${Vpc}', {a: b}]", "b-vpc-1"),
            ("!Join ['-', [a, !Ref Vpc]]", "a-vpc-1"),
            ("!Select [1, !Ref Zones]", "y"),
            ("!Select [2, !Split ['.', a.b.c]]", "c"),
            ("!Select [1, !GetAZs '']", "eu-west-1b"),
            ("!Select [1, !Cidr [!GetAtt Vpc.CidrBlock, 4, 8]]", "10.0.1.0/24"),
            ("!If [Always, a, b]", "a"),
            ("!FindInMap [M, a, b]", "found"),
            ("!ImportValue shared", "vpc-9"),
            ("!Base64 abcd", "YWJjZA=="),
            ("'{{resolve:ssm:/net/vpc}}'", "vpc-8"),
        ] {
            let got = resolve(&format!("  It: {{Value: {function}}}"));
            assert_eq!(got, [Ok(Some(Json::from(expected)))], "{function}");
        }
    }

    #[test]
    fn missing_value_is_an_error_and_no_value_is_none() {
        assert!(resolve("  It: {Value: !ImportValue other}")[0].is_err());
        assert!(resolve("  It: {Value: !Select [7, [a]]}")[0].is_err());
        assert!(resolve("  It: {Value: !FindInMap [M, a, z]}")[0].is_err());
        assert_eq!(resolve("  It: {Value: !Ref AWS::NoValue}"), [Ok(None)]);
    }
}
