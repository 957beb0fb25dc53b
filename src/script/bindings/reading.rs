//! The functions that read files and variables, and those that report problems of arguments.

use rhai::{Dynamic, EvalAltResult, ImmutableString, NativeCallContext};

use super::FunctionNames;
use crate::diag::Diagnostic;
use crate::script::declaration::Declaration;
use crate::script::eval_state::EvalState;
use crate::script::global_functions::GlobalFunctions;
use crate::script::reading::{Format, data, file, list, required_variable, variable};
use crate::script::registration::stop;

type Fallible<T> = Result<T, Box<EvalAltResult>>;

/// Registers the functions.
pub(super) fn register(globals: &mut GlobalFunctions) {
    globals.register_fn("read_file", |ctx: NativeCallContext, path: ImmutableString| found(&ctx, file(&ctx, &path)));
    for (name, format) in [("read_json", Format::Json), ("read_yaml", Format::Yaml), ("read_toml", Format::Toml)] {
        globals.register_fn(name, move |ctx: NativeCallContext, path: ImmutableString| {
            found(&ctx, data(&ctx, format, &path))
        });
    }
    globals.register_fn("list_files", |ctx: NativeCallContext, pattern: ImmutableString| {
        found(&ctx, list(&ctx, &pattern)).map(|paths| paths.into_iter().map(Dynamic::from).collect::<rhai::Array>())
    });
    globals.register_fn("env", |ctx: NativeCallContext, name: ImmutableString| {
        found(&ctx, required_variable(&ctx, &name))
    });
    globals.register_fn("env", |ctx: NativeCallContext, name: ImmutableString, default: Dynamic| {
        let value = found(&ctx, variable(&ctx, &name))?;
        Ok::<Dynamic, Box<EvalAltResult>>(value.map_or(default, Dynamic::from))
    });
}

/// Reports why nothing was read, and ends the function that reads.
fn found<T>(ctx: &NativeCallContext, value: Result<T, Diagnostic>) -> Fallible<T> {
    value.map_err(|problem| {
        let state = EvalState::of(ctx);
        let is_placed = problem.origin().is_some();
        let label = if is_placed { "read here" } else { "" };
        state.report(problem.at(&state.origin(ctx), label));
        stop(ctx)
    })
}

/// Returns the functions of this file for documentation and messages.
pub(super) fn names() -> Vec<FunctionNames> {
    let named = |name, doc, parameters| FunctionNames {
        name: String::from(name),
        declaration: Declaration::new(name, doc, parameters),
    };
    vec![
        named("env", ENV, &[("name", "text")]),
        named("env", ENV_OR, &[("name", "text"), ("default", "any value")]),
        named("fail", FAIL, &[("message", "text")]),
        named("fail", FAIL_WITH_HELP, &[("message", "text"), ("help", "text")]),
        named("list_files", LIST_FILES, &[("pattern", "text")]),
        named("read_file", READ_FILE, &[("path", "text")]),
        named("read_json", READ_JSON, &[("path", "text")]),
        named("read_toml", READ_TOML, &[("path", "text")]),
        named("read_yaml", READ_YAML, &[("path", "text")]),
        named("warn", WARN, &[("message", "text")]),
        named("warn", WARN_WITH_HELP, &[("message", "text"), ("help", "text")]),
    ]
}

const ENV: &str = " Returns the value of an environment variable, which must be set.

 `rtiler.toml` permits it: `[permissions.NAME]` with `env = [\"ACME_*\"]`, where NAME is the project or the package that contains the
 call. Variables with credentials are never read. A value that belongs to one stack is better a setting.

 ```rhai
 Stack(\"web\").add(service).tag(\"Team\", env(\"ACME_TEAM\"))
 ```
";

const ENV_OR: &str = " Returns the value of an environment variable, or a default if it is not set.

 ```rhai
 Stack(\"web\").add(service).tag(\"Owner\", env(\"ACME_OWNER\", \"platform\"))
 ```
";

const READ_FILE: &str =
    " Returns the text of a file of the project, up to 1 MiB. The path is relative to the root of the project.

 A package reads its own files, and those of the project that `rtiler.toml` permits: `[permissions.NAME]` with
 `read = [\"config\"]`. `.git`, `.rtiler`, `.env` and `rtiler.lock` are never read.

 ```rhai
 Stack(\"web\").description(read_file(\"config/purpose.txt\")).add(service)
 ```
";

const READ_JSON: &str = " Returns the value of a JSON file of the project; see `read_file`.

 ```rhai
 let sizes = read_json(\"config/sizes.json\");
 Stack(\"web\").add(service.cpu(sizes.cpu).memory(sizes.memory))
 ```
";

const READ_TOML: &str = " Returns the value of a TOML file of the project, dates as text; see `read_file`.

 ```rhai
 let sizes = read_toml(\"config/sizes.toml\");
 Stack(\"web\").add(service.cpu(sizes.cpu).memory(sizes.memory))
 ```
";

const READ_YAML: &str = " Returns the value of a YAML file of the project; see `read_file`.

 ```rhai
 let sizes = read_yaml(\"config/sizes.yaml\");
 Stack(\"web\").add(service.cpu(sizes.cpu).memory(sizes.memory))
 ```
";

const LIST_FILES: &str =
    " Returns the paths of the files that match a pattern, in order. `*` matches within a folder, `**` any folders.

 The list has only files that the caller may read; links are not followed.

 ```rhai
 let stack = Stack(\"web\").add(service);
 for path in list_files(\"config/topics/*.txt\") {
     stack = stack.add(AWS::SNS::Topic(read_file(path)));
 }
 stack
 ```
";

const FAIL: &str = " Reports an error about how a function was called, and ends the function.

 The error is shown at the call: in a package at the line of the project that called it.

 ```rhai
 fn web(name, cpu) {
     if cpu < 256 { fail(`web_service takes 256 CPU units at least, not ${cpu}`); }
     FargateService(name).cpu(cpu)
 }
 Stack(\"web\").add(service).add(web(\"Api\", 512).image(\"nginx:1.29\").memory(1024).cluster(Cluster(\"Main\")))
 ```
";

const FAIL_WITH_HELP: &str =
    " Reports an error about how a function was called with a sentence that says what to do, and ends the function.

 ```rhai
 fn checked(stage) {
     if stage == \"\" { fail(\"the stage is empty\", \"write `checked(\\\"test\\\")`\"); }
     stage
 }
 Stack(\"web-\" + checked(\"test\")).add(service)
 ```
";

const WARN: &str = " Reports a warning about how a function was called; the function continues.

 The warning is shown at the call, and `// rtiler: allow(package-warning) reason` above the call suppresses it.

 ```rhai
 fn sized(cpu) {
     if cpu > 4096 { warn(`${cpu} CPU units are more than a web service needs`); }
     cpu
 }
 Stack(\"web\").add(service.cpu(sized(512)).memory(1024))
 ```
";

const WARN_WITH_HELP: &str = " Reports a warning about how a function was called with a sentence that says what to do.

 ```rhai
 fn sized(cpu) {
     if cpu > 4096 { warn(`${cpu} CPU units are too many`, \"use more tasks: `.count(4)`\"); }
     cpu
 }
 Stack(\"web\").add(service.cpu(sized(512)).memory(1024))
 ```
";
