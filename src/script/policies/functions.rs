//! The functions of policies, which tests have too: `finding`, `value_at`, `is_reference`.

use rhai::{Dynamic, Map};

use crate::diag::{Code, Diagnostic};
use crate::script::bindings::FunctionNames;
use crate::script::call::{Argument, Call, ConversionError, FromScript};
use crate::script::declaration::{Declaration, Function};
use crate::script::global_functions::GlobalFunctions;
use crate::script::registration::{Modules, record_nothing, register_function};
use crate::script::value::{Reference, Unresolved};

/// The severities of findings.
pub(super) const SEVERITIES: [&str; 2] = ["error", "warning"];

const FINDING: Declaration = Declaration::new(
    "finding",
    " Returns a finding of a policy about a resource.\n\n The severity is \"error\" or \"warning\"; a warning can be suppressed at the \
     line of the resource.\n\n ```rhai-test\n let queue = template(stack).resource(\"Jobs\");\n \
     assert_eq(finding(queue, \"warning\", \"the queue has no name\").resource, \"Jobs\");\n ```\n",
    &[("resource", "a resource of a template, or its logical id"), ("severity", "text"), ("message", "text")],
);

const FINDING_WITH_HELP: Declaration = Declaration::new(
    "finding",
    " Returns a finding of a policy with a sentence that says what to do.\n\n A finding is a map with `resource`, `severity`, \
     `message` and `help`. With a key `property`, the path of a property, it is shown at the line that sets it.\n\n ```rhai-test\n \
     let queue = template(stack).resource(\"Jobs\");\n let found = finding(queue, \"error\", \"the queue has no name\", \"set \
     `QueueName`\");\n found.property = \"QueueName\";\n assert_eq(found.help, \"set `QueueName`\");\n ```\n",
    &[
        ("resource", "a resource of a template, or its logical id"),
        ("severity", "text"),
        ("message", "text"),
        ("help", "text"),
    ],
);

const VALUE_AT: Declaration = Declaration::new(
    "value_at",
    " Returns the value at a path inside of a map, `()` if there is none.\n\n The path has names and indices: \
     `BucketEncryption.ServerSideEncryptionConfiguration[0]`.\n\n ```rhai-test\n \
     let properties = template(stack).resource(\"Jobs\").properties;\n assert_eq(properties.value_at(\"VisibilityTimeout\"), \
     60);\n assert_eq(properties.value_at(\"RedrivePolicy.maxReceiveCount\"), ());\n ```\n",
    &[("map", "a map"), ("path", "text")],
);

const IS_REFERENCE: Declaration = Declaration::new(
    "is_reference",
    " Returns whether a value is not known until the deployment: a reference, or a function of references.\n\n ```rhai-test\n \
     assert(!is_reference(60));\n assert(is_reference(AWS::Region));\n ```\n",
    &[("value", "a value")],
);

const FUNCTIONS: &[Function] = &[
    Function { module: None, declaration: FINDING, make: |call| finding(call, false) },
    Function { module: None, declaration: FINDING_WITH_HELP, make: |call| finding(call, true) },
    Function {
        module: None,
        declaration: VALUE_AT,
        make: |call| {
            let Any(map) = call.take("map")?;
            let path: String = call.take("path")?;
            let Some(steps) = steps(&path) else {
                let problem = Diagnostic::new(Code::WrongArgument, format!("`{path}` is not a path"));
                call.report(problem.help("write names and indices: `Rules[0].Status`"));
                return None;
            };
            Some(value_at(map, &steps))
        },
    },
    Function {
        module: None,
        declaration: IS_REFERENCE,
        make: |call| {
            let Any(value) = call.take("value")?;
            Some((value.is::<Reference>() || value.is::<Unresolved>()).into())
        },
    },
];

/// Any value.
struct Any(Dynamic);

impl FromScript for Any {
    const EXPECTED: &'static str = "a value";

    fn take(value: Dynamic, _argument: &Argument<'_, '_>) -> Result<Self, ConversionError> {
        Ok(Self(value.flatten()))
    }
}

/// The logical id of a resource, or the resource as a map.
struct ResourceId(String);

impl FromScript for ResourceId {
    const EXPECTED: &'static str = "a resource of a template, or its logical id";

    fn take(value: Dynamic, argument: &Argument<'_, '_>) -> Result<Self, ConversionError> {
        let value = value.flatten();
        let id = value.as_map_ref().ok().and_then(|map| map.get("id").cloned());
        String::take(id.unwrap_or(value), argument).map(Self).map_err(|_| None)
    }
}

/// Registers the functions of policies.
pub(crate) fn register(globals: &mut GlobalFunctions) {
    let mut modules = Modules::default();
    FUNCTIONS.iter().for_each(|function| register_function(globals, &mut modules, function, record_nothing));
}

/// Returns the functions for documentation and messages.
pub(crate) fn names() -> Vec<FunctionNames> {
    let declarations = FUNCTIONS.iter().map(|function| function.declaration);
    declarations.map(|declaration| FunctionNames { name: declaration.name.into(), declaration }).collect()
}

fn finding(call: &mut Call<'_>, has_help: bool) -> Option<Dynamic> {
    let ResourceId(id) = call.take("resource")?;
    let [severity, message] = [call.take::<String>("severity")?, call.take("message")?];
    let help: Option<String> = if has_help { Some(call.take("help")?) } else { None };
    if !SEVERITIES.contains(&severity.as_str()) {
        let message = format!("`{severity}` is not a severity");
        let problem = Diagnostic::new(Code::WrongArgument, message);
        call.report(problem.help("write \"error\" or \"warning\""));
        return None;
    }
    let entries: [(&str, Dynamic); 4] = [
        ("resource", id.into()),
        ("severity", severity.into()),
        ("message", message.into()),
        ("help", help.map_or(Dynamic::UNIT, Into::into)),
    ];
    Some(entries.into_iter().map(|(name, value)| (name.into(), value)).collect::<Map>().into())
}

/// Returns the names and indices of a path; none if it is not a path.
fn steps(path: &str) -> Option<Vec<&str>> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let (name, indices) = part.split_at(part.find('[').unwrap_or(part.len()));
        let is_missing = name.is_empty() && (indices.is_empty() || !steps.is_empty());
        if is_missing || name.contains(']') {
            return None;
        }
        steps.extend((!name.is_empty()).then_some(name));
        let mut rest = indices;
        while !rest.is_empty() {
            let (index, after) = rest.strip_prefix('[')?.split_once(']')?;
            index.parse::<usize>().ok()?;
            steps.push(index);
            rest = after;
        }
    }
    Some(steps)
}

fn value_at(value: Dynamic, steps: &[&str]) -> Dynamic {
    let step = |value: Dynamic, step: &&str| {
        let found = match (value.as_map_ref(), value.as_array_ref()) {
            (Ok(map), _) => map.get(*step).cloned(),
            (_, Ok(items)) => step.parse::<usize>().ok().and_then(|at| items.get(at).cloned()),
            _ => None,
        };
        found.unwrap_or(Dynamic::UNIT)
    };
    steps.iter().fold(value, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_has_names_and_indices() {
        for (path, expected) in [
            ("a", vec!["a"]),
            ("A.B[0].C", vec!["A", "B", "0", "C"]),
            ("[1][2].x", vec!["1", "2", "x"]),
            ("Condition.Bool.aws:SecureTransport", vec!["Condition", "Bool", "aws:SecureTransport"]),
        ] {
            assert_eq!(steps(path), Some(expected), "{path}");
        }
        for path in ["", "a.", ".a", "a..b", "a.b[", "a[x]", "a[0", "a]", "a[0]b", "a.[0]", "a[-1]"] {
            assert_eq!(steps(path), None, "{path}");
        }
    }
}
