//! The section `Parameters`.
//!
//! Source: "Parameters" and "Supplied parameter types" in the CloudFormation user guide.

use std::collections::HashSet;

use super::context::CheckContext;
use super::parameter_patterns::ParameterPatterns;
use crate::cfn::{LogicalId, Parameter, PathSegment, PropertyPath, Value};
use crate::diag::{Code, Diagnostic, Sink};

const KEYS: [&str; 11] = [
    "AllowedPattern",
    "AllowedValues",
    "ConstraintDescription",
    "Default",
    "Description",
    "MaxLength",
    "MaxValue",
    "MinLength",
    "MinValue",
    "NoEcho",
    "Type",
];

/// The types of a parameter or of the items of a list, besides strings and numbers.
const AWS_TYPES: [&str; 10] = [
    "AWS::EC2::AvailabilityZone::Name",
    "AWS::EC2::Image::Id",
    "AWS::EC2::Instance::Id",
    "AWS::EC2::KeyPair::KeyName",
    "AWS::EC2::SecurityGroup::GroupName",
    "AWS::EC2::SecurityGroup::Id",
    "AWS::EC2::Subnet::Id",
    "AWS::EC2::VPC::Id",
    "AWS::EC2::Volume::Id",
    "AWS::Route53::HostedZone::Id",
];

const SIMPLE: [&str; 5] = ["String", "Number", "List<Number>", "CommaDelimitedList", "AWS::SSM::Parameter::Name"];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    let patterns = ParameterPatterns::default();
    for (id, parameter) in &scope.template.parameters {
        let site = Site { scope, id, parameter, patterns: &patterns };
        site.keys(sink);
        site.kind(sink);
        site.default(sink);
        site.empty_range(sink);
        if let Some(resource) = scope.template.resources.get(id) {
            let problem = Diagnostic::new(Code::NameClash, format!("`{id}` is both a parameter and a resource"));
            sink.push(problem.at(&resource.origin, "the resource").at(&parameter.origin, "the parameter"));
        }
    }
}

struct Site<'a> {
    scope: &'a CheckContext<'a>,
    id: &'a LogicalId,
    parameter: &'a Parameter,
    patterns: &'a ParameterPatterns,
}

impl Site<'_> {
    fn at(&self, key: &str, problem: Diagnostic) -> Diagnostic {
        let steps = ["Parameters", self.id.as_str(), key].map(|step| PathSegment::Key(step.to_owned()));
        let origin = self.scope.template.origin_of(&PropertyPath(steps.into()));
        problem.at(if origin.is_known() { &origin } else { &self.parameter.origin }, "")
    }

    fn keys(&self, sink: &mut Sink) {
        for key in self.parameter.body.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            let problem = Diagnostic::new(Code::UnknownParameterKey, format!("a parameter has no `{key}`"));
            sink.push(self.at(key, problem).help_if(self.scope.suggestions.did_you_mean(key, KEYS)));
        }
    }

    fn kind(&self, sink: &mut Sink) {
        let id = self.id;
        match self.parameter.body.get("Type").map(Value::as_str) {
            None => {
                let problem = Diagnostic::new(Code::ParameterType, format!("the parameter `{id}` has no `Type`"));
                sink.push(self.at("", problem).help("most parameters are of the type `String`"));
            }
            Some(Some(kind)) if is_type(kind) => {}
            Some(kind) => {
                let kind = kind.unwrap_or("this");
                let problem = Diagnostic::new(Code::ParameterType, format!("`{kind}` is not a type of parameters"));
                sink.push(
                    self.at("Type", problem)
                        .help_if(self.scope.suggestions.did_you_mean(kind, SIMPLE.into_iter().chain(AWS_TYPES))),
                );
            }
        }
    }

    /// Checks that a minimum is not above its maximum: no value would be accepted.
    fn empty_range(&self, sink: &mut Sink) {
        let number = |key: &str| self::word(self.parameter.body.get(key)?)?.parse::<f64>().ok();
        for (least, most) in [("MinValue", "MaxValue"), ("MinLength", "MaxLength")] {
            let (Some(low), Some(high)) = (number(least), number(most)) else { continue };
            if low > high {
                let message = format!("`{least}` is {low}, above `{most}`, which is {high}");
                sink.push(self.at(least, Diagnostic::new(Code::ParameterRange, message)));
            }
        }
    }

    /// Checks that the rules of the parameter allow its default.
    fn default(&self, sink: &mut Sink) {
        let body = &self.parameter.body;
        let Some(default) = body.get("Default") else { return };
        let Some(word) = word(default) else {
            let problem = Diagnostic::new(Code::ParameterDefault, "a default is a string or a number");
            return sink.push(self.at("Default", problem));
        };
        let kind = body.get("Type").and_then(Value::as_str).unwrap_or("String");
        if kind.starts_with("AWS::SSM::") {
            return;
        }
        let is_list = kind.starts_with("List<") || kind == "CommaDelimitedList";
        let items: Vec<&str> = if is_list { word.split(',').map(str::trim).collect() } else { vec![&word] };
        if let Some(item) = items.iter().find(|item| kind.contains("Number") && item.parse::<f64>().is_err()) {
            sink.push(self.refused(format!("the default `{item}` is not a number")));
        }
        self.allowed_values(&word, &items, sink);
        let pattern = body.get("AllowedPattern").and_then(Value::as_str);
        if let Some(pattern) = pattern
            && let Some(item) = self.patterns.first_mismatch(pattern, &items)
        {
            sink.push(self.refused(format!("the default `{item}` does not match the pattern `{pattern}`")));
        }
        self.bounds(&word, kind, sink);
    }

    fn refused(&self, message: String) -> Diagnostic {
        self.at("Default", Diagnostic::new(Code::ParameterDefault, message))
    }

    /// Checks that the default, or each item of it, is one of the allowed values.
    fn allowed_values(&self, whole: &str, items: &[&str], sink: &mut Sink) {
        let Some(Value::List(allowed)) = self.parameter.body.get("AllowedValues") else { return };
        let allowed: Vec<String> = allowed.iter().filter_map(word).collect();
        let known: HashSet<&str> = allowed.iter().map(String::as_str).collect();
        for item in items.iter().filter(|item| !known.contains(**item) && !known.contains(whole)) {
            let near = self.scope.suggestions.nearest(item, allowed.iter().map(String::as_str));
            let problem = self.refused(format!("the default `{item}` is not among the allowed values"));
            sink.push(problem.help_if(near.map(|near| format!("did you mean `{near}`?"))));
        }
    }

    fn bounds(&self, word: &str, kind: &str, sink: &mut Sink) {
        let limit = |key: &str| self.parameter.body.get(key).and_then(self::word)?.parse::<f64>().ok();
        let (what, size) = match kind {
            "String" => ("Length", f64::from(u32::try_from(word.chars().count()).unwrap_or(u32::MAX))),
            "Number" => ("Value", word.parse().unwrap_or(f64::NAN)),
            _ => return,
        };
        for (key, beyond) in [("Min", f64::lt as fn(&f64, &f64) -> bool), ("Max", f64::gt)] {
            let key = format!("{key}{what}");
            if let Some(limit) = limit(&key).filter(|limit| beyond(&size, limit)) {
                let message = format!("the default `{word}` is outside of `{key}`, {limit}");
                sink.push(self.at("Default", Diagnostic::new(Code::ParameterDefault, message)));
            }
        }
    }
}

fn is_type(kind: &str) -> bool {
    let inner = |start: &str| kind.strip_prefix(start).and_then(|rest| rest.strip_suffix('>'));
    if let Some(stored) = inner("AWS::SSM::Parameter::Value<") {
        return is_type(stored) && stored != "Number" || stored == "List<String>";
    }
    SIMPLE.contains(&kind)
        || AWS_TYPES.contains(&kind)
        || inner("List<").is_some_and(|item| AWS_TYPES.contains(&item) || item == "String")
}

fn word(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => text.as_str().map(str::to_owned),
        Value::Int(number) => Some(number.to_string()),
        Value::Float(number) => Some(Value::float_text(*number)),
        Value::Bool(boolean) => Some(boolean.to_string()),
        _ => None,
    }
}
