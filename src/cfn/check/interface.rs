//! The metadata `AWS::CloudFormation::Interface`: how consoles group and name the parameters.
//!
//! Source: "`AWS::CloudFormation::Interface`" of the CloudFormation template reference. CloudFormation ignores what it does not
//! know there, so these are warnings.

use super::context::CheckContext;
use crate::cfn::{LogicalId, Map, PathSegment, PropertyPath, Value};
use crate::diag::{Code, Diagnostic, Sink, did_you_mean};

const SECTION: [&str; 2] = ["Metadata", "AWS::CloudFormation::Interface"];
const KEYS: [&str; 2] = ["ParameterGroups", "ParameterLabels"];
const GROUP_KEYS: [&str; 2] = ["Label", "Parameters"];
const LABEL_KEYS: [&str; 1] = ["default"];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    let section = scope.template.other.get(SECTION[0]).and_then(|metadata| metadata.get(SECTION[1]));
    let Some(Value::Map(interface)) = section else { return };
    let site = Site { scope };
    let path = PropertyPath(SECTION.map(|key| PathSegment::Key(key.to_owned())).into());
    site.keys(interface, &KEYS, &path, sink);
    let groups = path.clone().then(PathSegment::Key("ParameterGroups".to_owned()));
    for (at, group) in interface.get("ParameterGroups").and_then(Value::as_list).unwrap_or_default().iter().enumerate()
    {
        let path = groups.clone().then(PathSegment::Index(at));
        let Value::Map(group) = group else { continue };
        site.keys(group, &GROUP_KEYS, &path, sink);
        if let Some(Value::Map(label)) = group.get("Label") {
            site.keys(label, &LABEL_KEYS, &path.clone().then(PathSegment::Key("Label".to_owned())), sink);
        }
        let path = path.then(PathSegment::Key("Parameters".to_owned()));
        for (at, name) in group.get("Parameters").and_then(Value::as_list).unwrap_or_default().iter().enumerate() {
            sink.extend(
                name.as_str().and_then(|name| site.parameter(name, &path.clone().then(PathSegment::Index(at)))),
            );
        }
    }
    let Some(Value::Map(labels)) = interface.get("ParameterLabels") else { return };
    let path = path.then(PathSegment::Key("ParameterLabels".to_owned()));
    for (name, label) in labels {
        let path = path.clone().then(PathSegment::Key(name.clone()));
        sink.extend(site.parameter(name, &path));
        if let Value::Map(label) = label {
            site.keys(label, &LABEL_KEYS, &path, sink);
        }
    }
}

struct Site<'a> {
    scope: &'a CheckContext<'a>,
}

impl Site<'_> {
    fn report(&self, path: &PropertyPath, message: String) -> Diagnostic {
        Diagnostic::new(Code::InterfaceMetadata, message).at(&self.scope.template.origin_of(path), "")
    }

    fn keys(&self, map: &Map, known: &[&'static str], path: &PropertyPath, sink: &mut Sink) {
        for key in map.keys().filter(|key| !known.contains(&key.as_str()) && !key.starts_with("Fn::")) {
            let path = path.clone().then(PathSegment::Key(key.clone()));
            let problem = self.report(&path, format!("`{key}` has no effect: CloudFormation does not know it here"));
            let hint = did_you_mean(key, known.iter().copied());
            sink.push(problem.help(hint.unwrap_or_else(|| format!("its keys are {}", known.join(" and ")))));
        }
    }

    fn parameter(&self, name: &str, path: &PropertyPath) -> Option<Diagnostic> {
        let parameters = &self.scope.template.parameters;
        if parameters.contains_key(name) || self.scope.is_transformed() {
            return None;
        }
        let hint = did_you_mean(name, parameters.keys().map(LogicalId::as_str));
        Some(self.report(path, format!("the template has no parameter `{name}`")).help_if(hint))
    }
}
