//! The diagnostics of violations.

use super::deferred::{better, meanings, reference_name};
use super::format;
use super::scalar::{amount, written};
use super::violation::{ActualType, LocatedViolation, Violation};
use crate::cfn::schema::{Bound, JsonTypes, Keyword, Node, Scalar, Schema};
use crate::cfn::{LogicalId, Map, PathSegment, PropertyPath, Ref, Resource, Template, Value};
use crate::diag::{Code, Diagnostic, Suggestions, nearest};

/// The context of messages: the resource that the violations are about, and what surrounds it.
pub(super) struct MessageContext<'a> {
    pub(super) schema: &'a Schema,
    pub(super) template: &'a Template,
    pub(super) id: &'a LogicalId,
    pub(super) resource: &'a Resource,
    pub(super) suggestions: &'a Suggestions,
}

impl MessageContext<'_> {
    pub(super) fn message(&self, located: LocatedViolation<'_>) -> Diagnostic {
        let path = PropertyPath(located.path);
        let mut problem = self.violation(&located.violation, &path);
        if !located.since.is_empty() {
            problem = problem.note(format!("the rule applies because {}", located.since.join(" and ")));
        }
        if !located.fact.is_empty() {
            problem = problem.note(located.fact);
        }
        if located.nearest_of > 1 {
            problem = problem
                .note(format!("the value may have {} forms and fits none; this is the nearest", located.nearest_of));
        }
        let label = if problem.labels.is_empty() { format!("of type `{}`", self.resource.kind) } else { String::new() };
        problem.at(self.resource.origin_of(&path), label)
    }

    fn violation(&self, violation: &Violation<'_>, path: &PropertyPath) -> Diagnostic {
        let value = self.name(&path.0);
        match violation {
            Violation::UnknownProperty { name, object } => self.unknown_property(name, *object, path),
            Violation::BadName { name } => {
                Diagnostic::new(Code::PatternMismatch, format!("`{}` cannot have the name `{name}`", self.holder(path)))
            }
            Violation::WrongType { found: ActualType::Value(Value::Text(_)), .. } if self.is_artifact(path) => {
                unpackaged(&value)
            }
            Violation::WrongType { expected, found } => wrong_type(&value, *expected, found),
            Violation::NotInEnum { found, allowed } => self.not_in_enum(&value, &written(found), allowed),
            Violation::Refused { found, by } => refused(&value, found, *by),
            Violation::Pattern { found, pattern } => {
                Diagnostic::new(Code::PatternMismatch, format!("`{value}` cannot be `{}`", written(found)))
                    .help(format!("it must match `{pattern}`"))
            }
            Violation::Format { found, formats } => bad_format(&value, &written(found), formats),
            Violation::Reference { to, formats } => self.bad_reference(&value, to, formats),
            Violation::ReadOnly => {
                let message = format!("`{value}` is read-only: CloudFormation ignores what is set here");
                Diagnostic::new(Code::ReadOnlyProperty, message)
                    .help("remove it; other resources read it with `Fn::GetAtt`")
            }
            Violation::SingleObject => {
                let message = format!("`{value}` is one object: CloudFormation makes a list of it");
                Diagnostic::new(Code::WrongType, message).as_warning().help("write a list with this object in it")
            }
            Violation::RoleName { role } => {
                let message = format!(
                    "`{value}` is the name of `{role}`: ECS stores its ARN, and drift detection shows a difference"
                );
                Diagnostic::new(Code::WrongReference, message).as_warning().help(format!("use `!GetAtt {role}.Arn`"))
            }
            Violation::NotAllowed => Diagnostic::new(Code::PropertyNotAllowed, format!("`{value}` cannot be set here")),
            violation => amounts(&value, violation).unwrap_or_else(|| presence(&value, violation)),
        }
    }

    /// Returns the resource and the path of a property: `Service.NetworkConfiguration.AwsvpcConfiguration`.
    fn name(&self, path: &[PathSegment]) -> String {
        let inside = PropertyPath(without_branches(path).skip(1).cloned().collect());
        let separator = if inside.0.is_empty() { "" } else { "." };
        format!("{}{separator}{inside}", self.id)
    }

    /// Returns whether `aws cloudformation package` replaces the value: until then it is the path of a local file.
    fn is_artifact(&self, path: &PropertyPath) -> bool {
        const ARTIFACTS: [(&str, &str); 6] = [
            ("AWS::Lambda::Function", "Code"),
            ("AWS::Lambda::LayerVersion", "Content"),
            ("AWS::ApiGateway::RestApi", "BodyS3Location"),
            ("AWS::ElasticBeanstalk::ApplicationVersion", "SourceBundle"),
            ("AWS::StepFunctions::StateMachine", "DefinitionS3Location"),
            ("AWS::CodeCommit::Repository", "Code"),
        ];
        let property = PropertyPath(without_branches(&path.0).skip(1).cloned().collect()).to_string();
        ARTIFACTS.contains(&(self.resource.kind.as_str(), property.as_str()))
    }

    fn holder(&self, path: &PropertyPath) -> String {
        self.name(&path.0[..path.0.len() - 1])
    }

    fn unknown_property(&self, name: &str, object: Node<'_>, path: &PropertyPath) -> Diagnostic {
        let kind = self.schema.get(self.resource.kind.as_str()).filter(|_| path.0.len() == 2);
        let read_only: Vec<&str> = kind.map(|kind| kind.read_only().collect()).unwrap_or_default();
        let known: Vec<_> = object
            .own_properties()
            .into_iter()
            .map(|(name, _)| name)
            .filter(|name| !read_only.contains(name))
            .collect();
        let problem =
            Diagnostic::new(Code::UnknownProperty, format!("`{}` has no property `{name}`", self.holder(path)));
        match self.suggestions.did_you_mean(name, known.iter().copied()) {
            Some(hint) => problem.help(hint),
            None if known.is_empty() => problem,
            None => problem.help(format!("its properties are {}", listed_for(name, &known, self.suggestions))),
        }
    }

    /// Creates the diagnostic of a value outside of an enum. Schemas lag behind AWS: a value that resembles no known
    /// one may be new, unless we know the service ourselves.
    fn not_in_enum(&self, value: &str, found: &str, allowed: &[Scalar<'_>]) -> Diagnostic {
        let names: Vec<_> = allowed.iter().map(ToString::to_string).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        // Another number is a newer version rather than a typing mistake.
        let close = nearest(found, names.iter().copied()).filter(|_| !is_newer(found, &names));
        let message = format!("`{value}` cannot be `{found}`");
        let problem = if close.is_some() || is_ours(self.resource.kind.as_str()) {
            Diagnostic::new(Code::NotInEnum, message)
        } else {
            let note = format!("the embedded schemas are of {}; AWS may have added it since", self.schema.date());
            Diagnostic::new(Code::NotInEnum, message).as_warning().note(note)
        };
        let hint = match nearest_number(found, &names) {
            Some(number) => Some(format!("did you mean `{number}`?")),
            None => self.suggestions.did_you_mean(found, names.iter().copied()),
        };
        if names.len() == 1 || names.len() > 1 && (hint.is_none() || names.len() < 20) {
            return problem.help_if(hint).help(format!("it is one of {}", listed_for(found, &names, self.suggestions)));
        }

        problem.help_if(hint)
    }

    fn bad_reference(&self, value: &str, to: &Ref, formats: &[&str]) -> Diagnostic {
        let message = format!("`{value}` needs {}, which {} is not", meanings(formats), reference_name(to));
        let problem = Diagnostic::new(Code::WrongReference, message);
        let kind = self.template.resources.get(to.id.as_str()).and_then(|target| self.schema.get(target.kind.as_str()));
        let attribute = kind.and_then(|kind| better(&kind, formats));
        problem.help_if(attribute.map(|attribute| format!("use the attribute `{attribute}` of `{}`", to.id)))
    }
}

/// Returns the allowed number next to a number; none if one of them is not a number.
fn nearest_number<'n>(found: &str, names: &[&'n str]) -> Option<&'n str> {
    let found: f64 = found.parse().ok()?;
    let numbers: Vec<(f64, &str)> =
        names.iter().map(|name| Some((name.parse().ok()?, *name))).collect::<Option<_>>()?;
    let distance = |number: f64| (number - found).abs();
    numbers.into_iter().min_by(|(a, _), (b, _)| distance(*a).total_cmp(&distance(*b))).map(|(_, name)| name)
}

/// Returns the steps of a path through objects and lists: those into the branch of an `Fn::If` are left out.
fn without_branches(path: &[PathSegment]) -> impl Iterator<Item = &PathSegment> {
    let is_if = |step: &PathSegment| matches!(step, PathSegment::Key(name) if name == "Fn::If");
    let kept = move |at: &usize| !is_if(&path[*at]) && (*at == 0 || !is_if(&path[*at - 1]));
    (0..path.len()).filter(kept).map(|at| &path[at])
}

fn unpackaged(value: &str) -> Diagnostic {
    Diagnostic::new(Code::UnpackagedArtifact, format!("`{value}` is the path of a file that is not uploaded yet"))
        .help("`aws cloudformation package` uploads it and writes where it is; deploy the template that it makes")
}

fn bad_format(value: &str, found: &str, formats: &[&str]) -> Diagnostic {
    let problem = Diagnostic::new(Code::WrongFormat, format!("`{value}` must be {}, not `{found}`", meanings(formats)));
    let example = formats.iter().find_map(|name| format::example(name));
    problem.help_if(example.map(|example| format!("it looks like `{example}`")))
}

fn wrong_type(value: &str, expected: JsonTypes, found: &ActualType<'_>) -> Diagnostic {
    let what = match found {
        ActualType::Value(found) => described(found),
        ActualType::Computed(name, gives) => format!("{name}, which gives {gives}"),
    };
    Diagnostic::new(Code::WrongType, format!("`{value}` must be {expected}, not {what}"))
        .help_if(instead(value, expected, found))
}

/// Returns what to write instead, where it is plain.
fn instead(property: &str, expected: JsonTypes, found: &ActualType<'_>) -> Option<String> {
    let ActualType::Value(found) = found else {
        let ActualType::Computed(_, gives) = found else { return None };
        return match (expected, *gives) {
            (JsonTypes::LIST, "a string") => Some("put it in a list, or split it with `Fn::Split`".to_owned()),
            (_, "a list") => Some("join it with `Fn::Join`, or take one item with `Fn::Select`".to_owned()),
            _ => None,
        };
    };
    match (expected, found) {
        (JsonTypes::LIST, Value::Text(text)) => Some(format!("put it in a list: `[\"{text}\"]`")),
        (JsonTypes::LIST, Value::Map(map)) => match map.first().filter(|_| property.contains("Tags")) {
            Some((name, value)) if !map.contains_key("Key") => {
                let value = written(value);
                Some(format!("write a list of `Key` and `Value`: `[{{\"Key\": \"{name}\", \"Value\": \"{value}\"}}]`"))
            }
            _ => Some("write a list with this object in it".to_owned()),
        },
        (JsonTypes::BOOLEAN, _) => Some("write `true` or `false`".to_owned()),
        (JsonTypes::STRING, Value::List(items)) if items.len() == 1 => {
            Some("give the item itself, without a list".to_owned())
        }
        _ => None,
    }
}

fn described(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(boolean) => format!("`{boolean}`"),
        Value::Int(number) => format!("the number {number}"),
        Value::Float(number) => format!("the number {}", Value::float_text(*number)),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "an object".to_owned(),
        value => format!("the string `{}`", written(value)),
    }
}

fn refused(value: &str, found: &Value, by: Node<'_>) -> Diagnostic {
    match found {
        Value::Map(map) => {
            let mut names = Vec::new();
            named(map, by, &mut names);
            let message = match names.as_slice() {
                [] => format!("the properties of `{value}` cannot be set together"),
                [name] => format!("`{value}` cannot have this `{name}`"),
                names => format!("`{value}` cannot have {} together", listed(names)),
            };
            Diagnostic::new(Code::ExclusiveProperties, message)
        }
        Value::List(_) => Diagnostic::new(Code::PropertyNotAllowed, format!("`{value}` cannot be this list")),
        found => Diagnostic::new(Code::NotInEnum, format!("`{value}` cannot be `{}`", written(found))),
    }
}

/// Collects the properties of an object that a constraint looks at.
fn named<'n>(map: &Map, node: Node<'n>, names: &mut Vec<&'n str>) {
    let looked_at = node.properties().into_iter().map(|(name, _)| name).chain(node.required());
    for name in looked_at.filter(|name| map.contains_key(*name)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    for keyword in node.keywords() {
        if let Keyword::AllOf(parts) | Keyword::AnyOf(parts) | Keyword::OneOf(parts) = keyword {
            parts.into_iter().for_each(|part| named(map, part, names));
        }
    }
}

/// Creates the diagnostic of a violation about a size or a number.
fn amounts(value: &str, violation: &Violation<'_>) -> Option<Diagnostic> {
    Some(match violation {
        Violation::Range { found, node } => {
            Diagnostic::new(Code::OutOfRange, format!("`{value}` must be {}, not {}", range(*node), written(found)))
        }
        Violation::Multiple { found, of } => {
            Diagnostic::new(Code::OutOfRange, format!("`{value}` must be a multiple of {of}, not {}", written(found)))
        }
        Violation::Length { length, min, max } => {
            let message = format!("`{value}` must have {} characters; it has {length}", bounds(*min, *max));
            Diagnostic::new(Code::WrongLength, message)
        }
        Violation::Count { what, count, min, max } => {
            let message = format!("`{value}` must have {} {what}; it has {count}", bounds(*min, *max));
            Diagnostic::new(Code::WrongCount, message)
        }
        Violation::Duplicate { key: None } => {
            Diagnostic::new(Code::DuplicateItem, format!("`{value}` repeats an earlier item"))
                .help("remove it; each item may be listed once")
        }
        Violation::Duplicate { key: Some(key) } => {
            Diagnostic::new(Code::DuplicateItem, format!("`{value}` has the `{key}` of an earlier item"))
        }
        Violation::Contains => Diagnostic::new(Code::WrongCount, format!("`{value}` lacks an item that it must have")),
        _ => return None,
    })
}

/// Creates the diagnostic of a violation about a property that is there or missing.
fn presence(value: &str, violation: &Violation<'_>) -> Diagnostic {
    match violation {
        Violation::Missing { name } => {
            Diagnostic::new(Code::MissingProperty, format!("`{value}` lacks the property `{name}`"))
        }
        Violation::NeedsOne { names } => {
            Diagnostic::new(Code::MissingProperty, format!("`{value}` needs one of {}", listed(names)))
        }
        Violation::Needs { name, other } => {
            Diagnostic::new(Code::MissingProperty, format!("`{value}` has `{name}` and so needs `{other}` as well"))
        }
        Violation::Exclusive { names } => {
            Diagnostic::new(Code::ExclusiveProperties, format!("`{value}` takes only one of {}", listed(names)))
                .help("keep one and remove the others")
        }
        _ => Diagnostic::new(Code::PropertyNotAllowed, format!("`{value}` cannot be set here")),
    }
}

fn bounds(min: usize, max: Option<usize>) -> String {
    match max {
        Some(max) => format!("at most {max}"),
        None => format!("at least {min}"),
    }
}

fn range(node: Node<'_>) -> String {
    let (mut low, mut high) = (None, None);
    for keyword in node.keywords() {
        if let Keyword::Range { limit, bound } = keyword {
            let limit = amount(&limit).unwrap_or_default();
            match bound {
                Bound::AtLeast => low = Some(format!("at least {limit}")),
                Bound::MoreThan => low = Some(format!("more than {limit}")),
                Bound::AtMost => high = Some(format!("at most {limit}")),
                Bound::LessThan => high = Some(format!("less than {limit}")),
            }
        }
    }
    [low, high].into_iter().flatten().collect::<Vec<_>>().join(" and ")
}

/// Returns names in back-ticks.
fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Returns names in back-ticks; of many, those that resemble what was written most.
pub(super) fn listed_for(written: &str, names: &[&str], suggestions: &Suggestions) -> String {
    const MOST: usize = 20;
    let more = names.len().checked_sub(MOST).filter(|more| *more > 0).map(|more| format!(" and {more} more"));
    format!("{}{}", listed(&suggestions.most_similar(written, names, MOST)), more.unwrap_or_default())
}

/// Returns whether a value differs from known ones in its numbers alone, and is the next or the one after:
/// `nodejs26.x` after `nodejs24.x`.
fn is_newer(found: &str, known: &[&str]) -> bool {
    let words = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    let numbers = |text: &str| -> Vec<u64> {
        text.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
    };
    let own = numbers(found);
    let last = known.iter().filter(|known| words(known) == words(found)).map(|known| numbers(known)).max();
    last.is_some_and(|last| {
        let step = own.iter().zip(&last).find(|(own, last)| own != last).map(|(own, last)| own.saturating_sub(*last));
        own > last && step.is_some_and(|step| step <= 2)
    })
}

/// Returns whether blocks of rtiler write values of the type, so that an unknown value is certainly a mistake.
fn is_ours(kind: &str) -> bool {
    const SERVICES: [&str; 7] =
        ["ECS", "ElasticLoadBalancingV2", "IAM", "Logs", "ApplicationAutoScaling", "SSM", "Route53"];
    const NETWORK: [&str; 12] = [
        "VPC",
        "Subnet",
        "RouteTable",
        "Route",
        "SubnetRouteTableAssociation",
        "InternetGateway",
        "VPCGatewayAttachment",
        "NatGateway",
        "EIP",
        "SecurityGroup",
        "SecurityGroupIngress",
        "SecurityGroupEgress",
    ];
    let mut parts = kind.split("::").skip(1);
    match (parts.next(), parts.next()) {
        (Some("EC2"), Some(name)) => NETWORK.contains(&name),
        (Some(service), _) => SERVICES.contains(&service),
        _ => false,
    }
}
