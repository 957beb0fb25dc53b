//! The checks of `CreateChangeSet`.

use crate::cfn::graph::Graph;
use crate::cfn::schema::Schema;
use crate::cfn::{LogicalId, Parameter, Ref, Template, Value, parse};
use crate::deploy::api::{ApiCall, AwsError, ChangeSetRequest, ErrorKind, ParameterValue};
use crate::deploy::plan::plan_file::fingerprint;
use crate::diag::Diagnostic;
use crate::rehearsal::assumed::AssumedValues;
use crate::rehearsal::state::{SsmParameters, StackSpec};

/// Creates the error of a rejected request.
pub(in crate::rehearsal) fn refusal(message: &str) -> AwsError {
    AwsError::new(ErrorKind::Validation, ApiCall::CreateChangeSet, "ValidationError", message)
}

/// Checks that the template can be read, refers to resources that it has, and has no cycle.
pub(in crate::rehearsal) fn check_template(body: &str, template: &Template) -> Result<(), AwsError> {
    let parsed = parse::template("template", body);
    if let Some(problem) = parsed.problems.iter().find(|problem| Diagnostic::is_error(problem)) {
        return Err(refusal(&format!("Template format error: {}", problem.message)));
    }
    if template.resources.is_empty() {
        return Err(refusal("Template format error: At least one Resources member must be defined."));
    }
    check_references(template)?;
    match Graph::of(template).order() {
        Ok(_) => Ok(()),
        Err(cycles) => {
            let ids: Vec<_> = cycles.iter().flat_map(|cycle| &cycle.members).map(ToString::to_string).collect();
            Err(refusal(&format!("Circular dependency between resources: [{}]", ids.join(", "))))
        }
    }
}

/// Checks that the template has the resources and attributes that it refers to.
fn check_references(template: &Template) -> Result<(), AwsError> {
    let mut missing = Vec::new();
    let mut wrong = Vec::new();
    let mut check = |reference: &Ref| match (&reference.attribute, template.resources.get(&reference.id)) {
        (Some(name), Some(resource)) => {
            let schema = Schema::embedded().get(resource.kind.as_str());
            if schema.is_some_and(|schema| schema.attribute(name).is_none()) {
                wrong.push(format!("resource {} does not support attribute type {name} in Fn::GetAtt", reference.id));
            }
        }
        (None, None) if reference.id.is_pseudo() || template.parameters.contains_key(&reference.id) => {}
        (_, None) => missing.push(reference.id.to_string()),
        (None, Some(_)) => {}
    };
    template.resources.values().for_each(|resource| resource.each_ref(&mut check));
    template.outputs.values().for_each(|output| output.value.each_ref(&mut check));
    let unknown =
        template.resources.values().flat_map(|it| &it.depends_on).filter(|id| !template.resources.contains_key(*id));
    missing.extend(unknown.map(ToString::to_string));
    missing.sort();
    missing.dedup();
    if !missing.is_empty() {
        let ids = missing.join(", ");
        return Err(refusal(&format!(
            "Template format error: Unresolved resource dependencies [{ids}] in the Resources block of the template"
        )));
    }
    match wrong.first() {
        Some(wrong) => Err(refusal(&format!("Template error: {wrong}"))),
        None => Ok(()),
    }
}

/// Returns the values of parameters, as given and as used.
pub(in crate::rehearsal) fn parameters(
    template: &Template,
    request: &ChangeSetRequest,
    live: Option<&StackSpec>,
    ssm: &SsmParameters,
    assumed: AssumedValues<'_>,
) -> Result<StackSpec, AwsError> {
    let unknown: Vec<_> =
        request.parameters.keys().filter(|id| !template.parameters.contains_key(id.as_str())).cloned().collect();
    if !unknown.is_empty() {
        return Err(refusal(&format!("Parameters: [{}] do not exist in the template", unknown.join(", "))));
    }
    let (mut spec, mut missing, mut unfetched) = (StackSpec::default(), Vec::new(), Vec::new());
    for (id, parameter) in &template.parameters {
        let given = match request.parameters.get(id.as_str()) {
            Some(ParameterValue::Given(value)) => Some(stored_value(id.as_str(), parameter, value)),
            Some(ParameterValue::Previous) => live.and_then(|live| live.parameters.get(id.as_str()).cloned()),
            None => parameter.body.get("Default").map(text),
        };
        let Some(value) = given else {
            missing.push(id.to_string());
            continue;
        };
        check_allowed_values(id.as_str(), parameter, &value)?;
        let used =
            if is_ssm_parameter(parameter) { fetch(id, parameter, &value, ssm, assumed) } else { Some(value.clone()) };
        match used {
            Some(used) => {
                spec.resolved.insert(id.to_string(), used);
            }
            None => unfetched.push(value.clone()),
        }
        spec.parameters.insert(id.to_string(), value);
    }
    if !missing.is_empty() {
        return Err(refusal(&format!("Parameters: [{}] must have values", missing.join(", "))));
    }
    if !unfetched.is_empty() {
        let names = unfetched.join(", ");
        return Err(refusal(&format!("Unable to fetch parameters [{names}] from parameter store for this account.")));
    }
    Ok(spec)
}

/// Checks that a value is one of the allowed values.
fn check_allowed_values(id: &str, parameter: &Parameter, value: &str) -> Result<(), AwsError> {
    let Some(allowed) = parameter.body.get("AllowedValues").and_then(Value::as_list) else { return Ok(()) };
    let allowed: Vec<_> = allowed.iter().map(text).collect();
    if allowed.iter().any(|one| one == value) {
        return Ok(());
    }
    Err(refusal(&format!("Parameter '{id}' must be one of AllowedValues: [{}]", allowed.join(", "))))
}

/// Returns the form of a value that the account stores. For a `NoEcho` parameter this is a fingerprint: the account is a file, and
/// secrets are not written to files. A default or an allowed value in the template is not a secret.
fn stored_value(id: &str, parameter: &Parameter, value: &str) -> String {
    let allowed_values = parameter.body.get("AllowedValues").and_then(Value::as_list).into_iter().flatten();
    let is_public =
        parameter.body.get("Default").into_iter().chain(allowed_values).any(|declared| text(declared) == value);
    if !parameter.is_secret() || is_ssm_parameter(parameter) || is_public || value.is_empty() {
        return value.to_owned();
    }
    format!("NoEcho-{}", &fingerprint(&[id, value])[..8])
}

/// Returns whether the value of a parameter is the name of an SSM parameter.
pub(in crate::rehearsal) fn is_ssm_parameter(parameter: &Parameter) -> bool {
    let kind = parameter.body.get("Type").and_then(Value::as_str);
    kind.is_some_and(|kind| kind.starts_with("AWS::SSM::Parameter::Value<"))
}

/// Returns the value of an SSM parameter: of a rehearsed stack, of AWS, whose public parameters are images, or an assumed
/// one.
pub(in crate::rehearsal) fn fetch(
    id: &LogicalId,
    parameter: &Parameter,
    name: &str,
    ssm: &SsmParameters,
    assumed: AssumedValues<'_>,
) -> Option<String> {
    let public = name.starts_with("/aws/service/").then(|| "ami-0123456789abcdef0".to_owned());
    let kind = parameter.body.get("Type").and_then(Value::as_str).unwrap_or_default();
    let known = ssm.known.get(name).cloned().or(public);
    known.or_else(|| assumed.of_parameter(id.as_str(), kind, name)).or_else(|| ssm.placeholder(name))
}

/// Returns a value as text.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| crate::cfn::emit::json::compact(value), str::to_owned)
}
