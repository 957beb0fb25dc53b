//! Policy documents, wherever a resource has one.

use super::actions::Statement;
use super::policy_kind::PolicyKind;
use crate::cfn::check::context::{CheckContext, ResourceEntry, is_aws_no_value};
use crate::cfn::check::names_for_arns::{instead, name_in_place_of_arn};
use crate::cfn::type_names::ROLE;
use crate::cfn::{Function, Map, Segment, TemplateString, Value};
use crate::diag::{Code, Diagnostic, Sink, did_you_mean};

/// The paths of documents; `*` is every item of a list.
const PLACES: [(&str, &str, PolicyKind); 21] = [
    ("AWS::IAM::Group", "Policies.*.PolicyDocument", PolicyKind::Identity),
    ("AWS::IAM::GroupPolicy", "PolicyDocument", PolicyKind::Identity),
    ("AWS::IAM::ManagedPolicy", "PolicyDocument", PolicyKind::Identity),
    ("AWS::IAM::Policy", "PolicyDocument", PolicyKind::Identity),
    (ROLE, "AssumeRolePolicyDocument", PolicyKind::Trust),
    (ROLE, "Policies.*.PolicyDocument", PolicyKind::Identity),
    ("AWS::IAM::RolePolicy", "PolicyDocument", PolicyKind::Identity),
    ("AWS::IAM::User", "Policies.*.PolicyDocument", PolicyKind::Identity),
    ("AWS::IAM::UserPolicy", "PolicyDocument", PolicyKind::Identity),
    ("AWS::SSO::PermissionSet", "InlinePolicy", PolicyKind::Identity),
    ("AWS::ECR::Repository", "RepositoryPolicyText", PolicyKind::Resource),
    ("AWS::EFS::FileSystem", "FileSystemPolicy", PolicyKind::Resource),
    ("AWS::KMS::Key", "KeyPolicy", PolicyKind::Resource),
    ("AWS::KMS::ReplicaKey", "KeyPolicy", PolicyKind::Resource),
    ("AWS::OpenSearchService::Domain", "AccessPolicies", PolicyKind::Resource),
    ("AWS::S3::BucketPolicy", "PolicyDocument", PolicyKind::Resource),
    ("AWS::SNS::TopicPolicy", "PolicyDocument", PolicyKind::Resource),
    ("AWS::SQS::QueuePolicy", "PolicyDocument", PolicyKind::Resource),
    ("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy", PolicyKind::Resource),
    ("AWS::Backup::BackupVault", "AccessPolicy", PolicyKind::Resource),
    ("AWS::Elasticsearch::Domain", "AccessPolicies", PolicyKind::Resource),
];

const STATEMENT_KEYS: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for (kind, path, reader) in PLACES {
        for found in scope.all(kind) {
            each(found, path, &mut |place| Document { found, place, reader, scope, sink }.check());
        }
    }
}

/// Calls `visit` with every path that matches a pattern.
fn each(found: ResourceEntry<'_>, pattern: &str, visit: &mut impl FnMut(&str)) {
    match pattern.split_once(".*.") {
        Some((list, rest)) => (0..found.list(list).len()).for_each(|at| visit(&format!("{list}.{at}.{rest}"))),
        None => visit(pattern),
    }
}

struct Document<'a, 's> {
    found: ResourceEntry<'a>,
    place: &'s str,
    reader: PolicyKind,
    scope: &'s CheckContext<'a>,
    sink: &'s mut Sink,
}

impl<'a> Document<'a, '_> {
    fn report(&mut self, place: &str, message: impl Into<String>, help: &str) {
        let place = if place.is_empty() { self.place.to_owned() } else { format!("{}.{place}", self.place) };
        let problem = self.found.error(Code::PolicyDocument, &place, message);
        self.sink.push(if help.is_empty() { problem } else { problem.help(help) });
    }

    fn check(&mut self) {
        let Some(Value::Map(document)) = self.found.get(self.place) else { return };
        if document.keys().any(|key| key.starts_with("Fn::")) {
            return;
        }
        for key in document.keys().filter(|key| !["Version", "Id", "Statement"].contains(&key.as_str())) {
            let hint = did_you_mean(key, ["Version", "Id", "Statement"]).unwrap_or_default();
            self.report(key, format!("a policy document has no `{key}`"), &hint);
        }
        if let Some(version) = document.get("Version").and_then(Value::as_str)
            && !["2012-10-17", "2008-10-17"].contains(&version)
        {
            self.report("Version", format!("`{version}` is not a version of policies"), "use \"2012-10-17\"");
        }
        match document.get("Statement") {
            None => self.report("", "a policy document needs a `Statement`", ""),
            Some(Value::List(items)) => items.iter().enumerate().for_each(|(at, item)| {
                self.item(item, &format!("Statement.{at}"));
            }),
            Some(Value::Map(statement)) => self.statement(statement, "Statement"),
            Some(value) if value.as_str().is_some() => self.report("Statement", "a statement must be an object", ""),
            Some(_) => {}
        }
    }

    /// Checks a statement, or the branches of a condition.
    fn item(&mut self, item: &'a Value, place: &str) {
        match item {
            Value::Map(statement) => self.statement(statement, place),
            Value::Call(call) if call.function == Function::If => {
                for branch in call.argument.as_list().unwrap_or_default().iter().skip(1) {
                    match branch {
                        Value::Map(statement) => self.statement(statement, place),
                        Value::List(items) => items.iter().for_each(|item| self.item(item, place)),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn statement(&mut self, statement: &'a Map, place: &str) {
        if statement.keys().any(|key| key.starts_with("Fn::")) {
            return;
        }
        for key in statement.keys().filter(|key| !STATEMENT_KEYS.contains(&key.as_str())) {
            let hint = did_you_mean(key, STATEMENT_KEYS).unwrap_or_default();
            self.report(&format!("{place}.{key}"), format!("a statement has no `{key}`"), &hint);
        }
        match statement.get("Effect").map(|effect| (effect, effect.as_str())) {
            None => self.report(place, "a statement needs an `Effect`", "use `Allow` or `Deny`"),
            Some((_, Some("Allow" | "Deny"))) => {}
            Some((Value::Text(_), Some(other))) => {
                let place = format!("{place}.Effect");
                self.report(&place, format!("an effect cannot be `{other}`"), "use `Allow` or `Deny`");
            }
            Some((Value::Text(_) | Value::Call(_), _)) => {}
            Some(_) => self.report(&format!("{place}.Effect"), "an effect must be a string", "use `Allow` or `Deny`"),
        }
        self.either(statement, place, "Action", true);
        self.either(statement, place, "Resource", self.reader == PolicyKind::Identity);
        self.either(statement, place, "Principal", self.reader != PolicyKind::Identity);
        self.of_reader(statement, place);
        self.unknown_elements(statement, place);
        self.principal(statement, place);
        let place = format!("{}.{place}", self.place);
        let statement =
            Statement { found: self.found, scope: self.scope, body: statement, kind: self.reader, place: &place };
        statement.check(self.sink);
    }

    /// Checks that there is an element or its negation, not both.
    fn either(&mut self, statement: &Map, place: &str, name: &str, is_needed: bool) {
        let negated = format!("Not{name}");
        let has = |name: &str| statement.get(name).is_some_and(|value| !is_aws_no_value(value));
        match (has(name), has(&negated)) {
            (true, true) => self.report(place, format!("a statement has `{name}` or `{negated}`, not both"), ""),
            (false, false) if is_needed => {
                let subject = match self.reader {
                    PolicyKind::Identity => "a statement of an identity's policy",
                    PolicyKind::Trust => "a statement about who may assume a role",
                    PolicyKind::Resource => "a statement of a resource's policy",
                };
                self.report(place, format!("{subject} needs a `{name}`"), "");
            }
            _ => {}
        }
    }

    fn of_reader(&mut self, statement: &Map, place: &str) {
        let refused: (&[&str], &str) = match self.reader {
            PolicyKind::Identity => (&["Principal", "NotPrincipal"], "the principal is who has the policy"),
            PolicyKind::Trust => (&["Resource", "NotResource"], "the resource is the role itself"),
            PolicyKind::Resource => return,
        };
        for name in refused.0.iter().filter(|name| statement.contains_key(**name)) {
            self.report(&format!("{place}.{name}"), format!("a statement here has no `{name}`"), refused.1);
        }
    }

    /// Checks actions and resources: strings, or lists of strings.
    fn unknown_elements(&mut self, statement: &Map, place: &str) {
        for name in ["Action", "NotAction", "Resource", "NotResource"] {
            let place = format!("{place}.{name}");
            let items = match statement.get(name) {
                Some(Value::List(items)) => items.as_slice(),
                Some(item) => std::slice::from_ref(item),
                None => continue,
            };
            if items.is_empty() {
                self.report(&place, format!("`{name}` is empty"), "");
            }
            for item in items {
                match item {
                    Value::Text(text) if name.ends_with("Action") => self.action(text, &place),
                    Value::Text(text) => self.resource(text, &place),
                    Value::Call(_) => {}
                    _ => self.report(&place, format!("`{name}` is a string or a list of strings"), ""),
                }
            }
        }
    }

    fn action(&mut self, text: &TemplateString, place: &str) {
        let Some(action) = text.as_str() else { return };
        if action != "*" && !action.contains(':') {
            let place = format!("{}.{place}", self.place);
            let message = format!("the action `{action}` has no service");
            let problem = Diagnostic::new(Code::PolicyAction, message).at(self.found.origin(&place), "");
            self.sink.push(problem.help("an action is written as `s3:GetObject`"));
        }
    }

    /// Checks a resource: `*`, a pattern, or an ARN; what begins with a reference is left to AWS, unless it is certainly a name.
    fn resource(&mut self, text: &TemplateString, place: &str) {
        if let Some((reference, what)) = name_in_place_of_arn(text, self.scope) {
            let message = format!("`{text}` begins with {what}, and a resource of a policy is an ARN");
            return self.report(place, message, &instead(reference));
        }
        let Some(Segment::Literal(start)) = text.pieces().first() else { return };
        let is_whole = text.as_str().is_some();
        let is_arn =
            start.starts_with("arn:") && (!is_whole || start.splitn(6, ':').count() == 6 || start.contains('*'));
        let is_pattern = start.starts_with('*') || (is_whole && start.starts_with("{{resolve:"));
        if !is_arn && !is_pattern {
            let is_action = is_whole
                && start.split_once(':').is_some_and(|(service, action)| {
                    let is_service =
                        service.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-');
                    is_service && service != "arn" && action.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'*')
                });
            if is_action {
                let help =
                    format!("write the action before the resource: `.allow(\"{text}\", arn)`, `Action` in a template");
                self.report(place, format!("`{text}` is an action, in the place of a resource"), &help);
            } else {
                self.report(place, format!("`{text}` is not an ARN"), "use an ARN, as `arn:aws:s3:::bucket/*`, or `*`");
            }
        }
    }

    fn principal(&mut self, statement: &Map, place: &str) {
        const KINDS: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];
        for name in ["Principal", "NotPrincipal"] {
            let place = format!("{place}.{name}");
            match statement.get(name) {
                Some(Value::Map(map)) => {
                    for key in map.keys().filter(|key| !KINDS.contains(&key.as_str()) && !key.starts_with("Fn::")) {
                        let hint = did_you_mean(key, KINDS).unwrap_or_default();
                        self.report(&place, format!("`{key}` is not a kind of principal"), &hint);
                    }
                }
                Some(value) if value.as_str().is_some_and(|text| text != "*") => {
                    self.report(&place, "a principal is `*` or an object", "as `Service: ecs-tasks.amazonaws.com`");
                }
                Some(Value::List(_)) => self.report(&place, "a principal is `*` or an object, not a list", ""),
                _ => {}
            }
        }
    }
}
