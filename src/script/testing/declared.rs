//! The declarations of the functions of tests: what documentation and messages read.

use crate::script::bindings::FunctionNames;
use crate::script::declaration::Declaration;

const PROBLEM_PARAMETERS: &[(&str, &str)] =
    &[("function", "a function without parameters"), ("expected", "a code, or a part of the message")];

pub(super) const ASSERT: Declaration = Declaration::new(
    "assert",
    " Fails the test unless a condition holds.\n\n ```rhai-test\n assert(template(stack).count() < 10);\n ```\n",
    &[("condition", "`true` or `false`")],
);

pub(super) const ASSERT_WITH_MESSAGE: Declaration = Declaration::new(
    "assert",
    " Fails the test with a message unless a condition holds.\n\n ```rhai-test\n \
         assert(template(stack).count() < 10, \"the stack is small\");\n ```\n",
    &[("condition", "`true` or `false`"), ("message", "text")],
);

pub(super) const ASSERT_EQ: Declaration = Declaration::new(
    "assert_eq",
    " Fails the test unless two values are equal. A failure shows both, long ones with their differences.\n\n \
         Lists and maps are compared by their content, references with the map of their intrinsic function.\n\n \
         ```rhai-test\n assert_eq([1, 2].map(|n| n * 2), [2, 4]);\n ```\n",
    &[("left", "a value"), ("right", "a value")],
);

pub(super) const ASSERT_NE: Declaration = Declaration::new(
    "assert_ne",
    " Fails the test if two values are equal.\n\n ```rhai-test\n assert_ne(template(stack).name, \"db\");\n ```\n",
    &[("left", "a value"), ("right", "a value")],
);

pub(super) const TEMPLATE: Declaration = Declaration::new(
    "template",
    " Returns the `Template` of a stack; a list of them for a list of stacks. An error of the synthesis fails the \
         test.\n\n ```rhai-test\n let t = template(stack);\n t.has(\"AWS::SQS::Queue\", #{ VisibilityTimeout: 60 });\n ```\n",
    &[("stack", "a stack, or a list of stacks")],
);

pub(super) const SCRIPT: Declaration = Declaration::new(
    "script",
    " Evaluates a script of the project with its default settings, and returns its stack, or the list of its stacks. The \
         path is relative to the test file.\n\n ```rhai-test\n let t = template(script(\"../app.rhai\"));\n ```\n",
    &[("path", "text")],
);

pub(super) const SCRIPT_WITH_SETTINGS: Declaration = Declaration::new(
    "script",
    " Evaluates a script of the project with settings, and returns its stack, or the list of its stacks.\n\n The path is \
         relative to the test file. The environment and `.env` set nothing here.\n\n ```rhai-test\n \
         let t = template(script(\"../app.rhai\", #{ stage: \"production\" }));\n ```\n",
    &[("path", "text"), ("settings", "a map")],
);

pub(super) const SET_ENV: Declaration = Declaration::new(
    "set_env",
    " Sets an environment variable for the rest of the test: `env(name)` of scripts and packages reads it, if `rtiler.toml` \
         permits that.\n\n The environment of the process is not read in a test.\n\n ```rhai-test\n \
         set_env(\"ACME_TEAM\", \"maps\");\n ```\n",
    &[("name", "text"), ("value", "text")],
);

pub(super) const SNAPSHOT: Declaration = Declaration::new(
    "snapshot",
    " Fails the test unless a value is the same as in the snapshot of this name: a `Template` as YAML, or any other value.\n\n \
         The snapshot is `tests/snapshots/FILE__NAME.yaml`; `rtiler test --bless` writes it.\n\n ```rhai-test\n \
         snapshot(template(script(\"../app.rhai\")), \"defaults\");\n ```\n",
    &[("value", "a value"), ("name", "text")],
);

pub(super) const REHEARSE: Declaration = Declaration::new(
    "rehearse",
    " Deploys a stack, or a list of stacks, to an empty simulated account, and returns the result.\n\n See `rehearse(stack, \
         options)`.\n\n ```rhai-test\n assert_eq(rehearse(stack).result, \"created\");\n ```\n",
    &[("stack", "a stack, or a list of stacks")],
);

pub(super) const REHEARSE_WITH_OPTIONS: Declaration = Declaration::new(
    "rehearse",
    " Deploys a stack, or a list of stacks, to a simulated account in virtual time, and returns the result.\n\n The options \
         are `faults` (a list, as `--fault` has them), `from` (the stack that is deployed before), `assume` (a map of values that others own, as `--assume` has them) and `seed`. The result has \
         `result` (\"created\", \"updated\", \"rolled back\", ..), `duration` in seconds, `cause` and `code` of the failure, \
         `problems` and `outputs`; and `stacks`, the same for each stack.\n\n ```rhai-test\n \
         let r = rehearse(stack, #{ faults: [\"Jobs:create-fails\"] });\n assert_eq(r.result, \"rolled back\");\n \
         assert(r.duration > 0);\n ```\n",
    &[("stack", "a stack, or a list of stacks"), ("options", "a map")],
);

/// The method of a template that tests have.
pub(super) const HAS: Declaration = Declaration::new(
    "has",
    " Fails the test unless a resource of a type has these properties; it may have others. Policies do not have it: they return findings.\n\n A list matches if it has \
         the expected items in their order; `()` is for a property that is not set. A failure shows the differences of the \
         nearest resource.\n\n ```rhai-test\n template(stack).has(\"AWS::SQS::Queue\", #{ VisibilityTimeout: 60, QueueName: () });\n \
         ```\n",
    &[("kind", "a type of resources"), ("properties", "a map")],
);

pub(super) const ASSERT_ERROR: Declaration = Declaration::new(
    "assert_error",
    " Fails the test unless a function has an error: by its code, or by a part of its message in which `*` is any text.\n\n \
         Blocks and stacks that the function returns are synthesised, so that their errors count too.\n\n ```rhai-test\n \
         assert_error(|| FargateService(\"Web\").image(\"nginx:1.29\").cpu(256).memory(4096), \"fargate-size\");\n \
         assert_error(|| [1, 2].missing(), \"no function*missing\");\n ```\n",
    PROBLEM_PARAMETERS,
);

pub(super) const ASSERT_WARNING: Declaration = Declaration::new(
    "assert_warning",
    " Fails the test unless a function has a warning: by its code, or by a part of its message in which `*` is any text.\n\n \
         Blocks and stacks that the function returns are synthesised, so that their warnings count too.\n\n ```rhai-test\n \
         assert_warning(|| FargateService(\"Web\").image(\"nginx:latest\"), \"mutable-image-tag\");\n ```\n",
    PROBLEM_PARAMETERS,
);

/// Returns the functions of tests.
pub(crate) fn names() -> Vec<FunctionNames> {
    let all = [
        ASSERT,
        ASSERT_WITH_MESSAGE,
        ASSERT_EQ,
        ASSERT_NE,
        TEMPLATE,
        SCRIPT,
        SCRIPT_WITH_SETTINGS,
        SET_ENV,
        SNAPSHOT,
        REHEARSE,
        REHEARSE_WITH_OPTIONS,
        ASSERT_ERROR,
        ASSERT_WARNING,
    ];
    all.into_iter().map(|declaration| FunctionNames { name: declaration.name.into(), declaration }).collect()
}

/// Returns the methods that a template has in tests only.
pub(crate) fn template_methods() -> [Declaration; 1] {
    [HAS]
}
