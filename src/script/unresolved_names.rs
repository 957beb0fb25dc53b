//! Names that are not defined: functions, methods, properties, variables, with the most similar names.

use super::bindings::{self, FunctionNames};
use super::call_correction::{Given, WrongCall};
use super::call_forms;
use super::declaration::{Declaration, TypeNames};
use super::eval_state::EvalState;
use super::foreign_words;
use super::lexer::{Kind, Token, tokens};
use super::modules::STD;
use super::package_paths::PASSED_FUNCTION;
use super::property_words;
use super::source_loader::Reader;
use super::{policies, template_view, testing, unresolved_module_function};
use crate::diag::{Code, Diagnostic, Origin, did_you_mean};

/// Returns the diagnostic of a call without a function: `cpu (FargateService, map)`.
pub(crate) fn function(signature: &str, source: &str, at: &Origin, state: &EvalState) -> Diagnostic {
    let (name, arguments) = signature.split_once(" (").unwrap_or((signature, ""));
    let arguments: Vec<&str> = arguments.trim_end_matches(')').split(", ").filter(|kind| !kind.is_empty()).collect();
    let mut types = bindings::types();
    let surroundings = Surroundings::of(state);
    types.extend(surroundings.template());
    if is_operator(name) {
        return operator(name, &arguments);
    }
    if name == PASSED_FUNCTION {
        let count =
            if arguments.len() == 1 { "1 argument".to_owned() } else { format!("{} arguments", arguments.len()) };
        return Diagnostic::new(Code::WrongArguments, format!("the function that was passed does not take {count}"));
    }
    let is_method = !name.contains("::");
    match arguments.first().filter(|_| is_method).and_then(|first| types.iter().find(|kind| kind.name == *first)) {
        Some(receiver) if surroundings == Surroundings::Policy && is_of_tests(receiver, name) => of_tests_only(name),
        Some(receiver) => {
            let written = state.written_arguments(at);
            method(receiver, name, given(&arguments[1..], &written), &types)
        }
        None if arguments.first() == Some(&"Reference") => of_a_reference(name),
        None => unresolved_module_function::diagnose(name, arguments.len(), source, state)
            .unwrap_or_else(|| plain(name, &arguments, &state.written_arguments(at), state)),
    }
}

/// Returns the arguments of a call, of which Rhai gives the types.
fn given(kinds: &[&str], written: &[String]) -> Vec<Given> {
    let text = |at: usize| written.get(at).filter(|_| written.len() == kinds.len());
    kinds.iter().enumerate().map(|(at, kind)| Given::of_kind(kind, text(at))).collect()
}

fn is_operator(name: &str) -> bool {
    !name.contains(|letter: char| letter.is_alphanumeric())
}

fn operator(name: &str, arguments: &[&str]) -> Diagnostic {
    let sides: Vec<String> = arguments.iter().map(|kind| format!("`{}`", simple(kind))).collect();
    let problem = Diagnostic::new(Code::WrongOperator, format!("`{name}` does not work on {}", sides.join(" and ")));
    let is_range_of_fractions = name.starts_with("..") && arguments.contains(&"f64");
    problem.help_if(
        is_range_of_fractions.then_some(
            "a range has whole numbers; pass fractions as two arguments, as `.serverless(0.5, 4)` takes them",
        ),
    )
}

/// Returns the plain name of a type: Rhai lists every type of text.
fn simple(kind: &str) -> &str {
    match kind {
        "&str | ImmutableString | String" | "&str" => "text",
        "i64" => "a whole number",
        "f64" => "a number",
        "()" => "nothing",
        other => other,
    }
}

fn of_a_reference(name: &str) -> Diagnostic {
    Diagnostic::new(
        Code::DeferredValue,
        format!("`{name}` needs a value at synthesis time; this reference is resolved at deployment"),
    )
    .help("write it inside a text with back-ticks, or use the functions of `cfn::`")
}

fn method(receiver: &TypeNames, name: &str, given: Vec<Given>, types: &[TypeNames]) -> Diagnostic {
    if receiver.methods.iter().any(|method| method.name == name) {
        let count = if given.len() == 1 { "1 argument".to_owned() } else { format!("{} arguments", given.len()) };
        let problem = Diagnostic::new(Code::WrongArguments, format!("`.{name}` does not take {count}"));
        return WrongCall::new(&format!(".{name}"), &receiver.methods, given).explain(problem);
    }
    let problem = Diagnostic::new(Code::UnknownMethod, format!("`{}` has no method `.{name}`", receiver.name));
    if receiver.properties.iter().any(|property| property.0 == name) {
        return problem.help(format!("`.{name}` is a property: write it without brackets"));
    }
    if let Some(here) = foreign_words::method(receiver.name, name) {
        let forms: Vec<&Declaration> = receiver.methods.iter().filter(|method| method.name == here).collect();
        return problem.help(format!("write {}", call_forms::calls(&format!(".{here}"), forms)));
    }
    if let Some(way) = foreign_words::way(receiver.name, name) {
        return problem.help(way);
    }
    let methods: Vec<&'static str> = receiver.methods.iter().map(|method| method.name).collect();
    let properties = receiver.properties.iter().map(|property| property.0);
    if let Some(hint) = did_you_mean(name, methods.iter().copied()) {
        return problem.help(hint);
    }
    if let Some(hint) = property_words::hint(receiver.name, name, given.first()) {
        return problem.help(hint);
    }
    if let Some(hint) = did_you_mean(name, properties) {
        return problem.help(hint);
    }
    let others: Vec<&str> = types
        .iter()
        .filter(|kind| kind.methods.iter().any(|method| method.name == name))
        .map(|kind| kind.name)
        .collect();
    match others.as_slice() {
        [] => problem
            .help_if(nearest_three(receiver, name).map(|nearest| format!("the nearest methods are {nearest}")))
            .help(format!("`rtiler doc {}` lists all", receiver.name)),
        others => problem.help(format!("`.{name}` is a method of {}", others.join(" and "))),
    }
}

/// Returns the three methods whose names are most similar: by common words, then by letters. None if no name is similar.
fn nearest_three(receiver: &TypeNames, name: &str) -> Option<String> {
    const SIMILAR: f64 = 0.6;
    let likeness = |known: &str| {
        let common = known.split('_').filter(|word| name.split('_').any(|other| is_same_word(word, other))).count();
        (common, strsim::jaro_winkler(name, known))
    };
    let is_similar = |known: &&str| matches!(likeness(known), (common, letters) if common > 0 || letters >= SIMILAR);
    let mut names: Vec<&str> = receiver.methods.iter().map(|method| method.name).filter(is_similar).collect();
    names.dedup();
    names.sort_by(|a, b| likeness(b).partial_cmp(&likeness(a)).unwrap_or(std::cmp::Ordering::Equal));
    let nearest: Vec<String> = names.iter().take(3).map(|name| format!("`.{name}`")).collect();
    (!nearest.is_empty()).then(|| nearest.join(", "))
}

/// Returns whether two words are the same, or one is the beginning of the other.
fn is_same_word(one: &str, other: &str) -> bool {
    const SHORTEST: usize = 3;
    one == other || (one.len().min(other.len()) >= SHORTEST && (one.starts_with(other) || other.starts_with(one)))
}

/// The place of a script in a project, which decides the functions that it has besides the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Surroundings {
    Script,
    Test,
    Policy,
}

impl Surroundings {
    fn of(state: &EvalState) -> Self {
        let is_policy = state.files.as_ref().is_some_and(|files| files.reader() == Reader::Policy);
        match state.test.get() {
            Some(_) => Self::Test,
            None if is_policy => Self::Policy,
            None => Self::Script,
        }
    }

    /// Returns the names of a template, which scripts do not have.
    fn template(self) -> Option<TypeNames> {
        let mut names = template_view::names();
        match self {
            Self::Script => return None,
            Self::Test => names.methods.extend(testing::template_methods()),
            Self::Policy => {}
        }
        Some(names)
    }

    /// Returns the functions that scripts do not have.
    fn functions(self) -> Vec<FunctionNames> {
        match self {
            Self::Script => Vec::new(),
            Self::Test => testing::names().into_iter().chain(policies::functions::names()).collect(),
            Self::Policy => policies::functions::names(),
        }
    }
}

/// Returns whether a method of a template is for tests only.
fn is_of_tests(receiver: &TypeNames, name: &str) -> bool {
    let is_template = template_view::names().name == receiver.name;
    is_template && testing::template_methods().iter().any(|method| method.name == name)
}

fn of_tests_only(name: &str) -> Diagnostic {
    let message = format!("`.{name}` fails a test; a policy returns findings");
    Diagnostic::new(Code::UnknownMethod, message)
        .help("read the resources: `for resource in template.resources(\"AWS::SQS::Queue\") { .. }`")
}

fn plain(name: &str, arguments: &[&str], written: &[String], state: &EvalState) -> Diagnostic {
    let surroundings = Surroundings::of(state);
    let elsewhere = Surroundings::Test.functions().into_iter().any(|function| function.name == name);
    let mut functions = bindings::functions();
    functions.extend(surroundings.functions());
    let forms: Vec<Declaration> =
        functions.iter().filter(|function| function.name == name).map(|function| function.declaration).collect();
    if !forms.is_empty() {
        let problem = Diagnostic::new(Code::WrongArguments, format!("`{name}` does not take these arguments"));
        return WrongCall::new(name, &forms, given(arguments, written)).explain(problem);
    }
    if name.starts_with("AWS::") && name.matches("::").count() == 2 {
        return Diagnostic::new(Code::WrongArguments, format!("`{name}` takes a name and a map of properties"))
            .help(format!("write `{name}(\"Name\", #{{ .. }})`"));
    }
    let problem = Diagnostic::new(Code::UnknownFunction, format!("there is no function `{name}`"));
    if name.starts_with("AWS::") {
        return problem.help("a resource type has three parts: `AWS::S3::Bucket(name, #{ .. })`");
    }
    if elsewhere {
        let is_of_policies = policies::functions::names().iter().any(|function| function.name == name);
        let those = if is_of_policies { "tests and policies" } else { "tests" };
        return problem.help(format!("`{name}` is a function of {those}: call it in `tests/*.rhai`"));
    }
    if let Some(hint) = foreign_words::function(name) {
        return problem.help(hint);
    }
    let owners = bindings::types();
    let of_type = owners.iter().find(|kind| kind.methods.iter().any(|method| method.name == name));
    // A name of three letters is near to many others.
    let is_near =
        |known: &&str| known.len() > 3 || strsim::levenshtein(&known.to_lowercase(), &name.to_lowercase()) <= 1;
    let names = functions.iter().map(|function| function.name.as_str()).filter(is_near);
    match (did_you_mean(name, names), of_type) {
        (Some(hint), _) => problem.help(hint),
        (None, Some(owner)) if !arguments.is_empty() => {
            problem.help(format!("`.{name}` is a method of {}, and this value is {}", owner.name, simple(arguments[0])))
        }
        _ => problem,
    }
}

/// Returns the diagnostic of Rhai's `Unknown property 'urll' - a getter is not registered for type 'Alb'`.
pub(crate) fn property(message: &str) -> Diagnostic {
    let quoted: Vec<&str> = message.split('\'').skip(1).step_by(2).collect();
    let [name, kind, ..] = quoted.as_slice() else {
        return Diagnostic::new(Code::UnknownProperty, message.to_lowercase());
    };
    if *kind == "array" {
        return Diagnostic::new(Code::UnknownProperty, format!("a list has no property `{name}`"))
            .help(format!("take one of its items: `[0].{name}`, or all: `.map(|item| item.{name})`"));
    }
    let problem = Diagnostic::new(Code::UnknownProperty, format!("`{}` has no property `{name}`", simple(kind)));
    if message.contains("setter") {
        return read_only(name, kind);
    }
    let mut types = bindings::types();
    types.push(template_view::names());
    let Some(owner) = types.iter().find(|owner| owner.name == *kind) else { return problem };
    if owner.methods.iter().any(|method| method.name == *name) {
        return problem.help(if owner.name == template_view::names().name {
            format!("`.{name}()` is a method: write it with brackets")
        } else {
            format!("`.{name}(..)` is a setter; its value cannot be read")
        });
    }
    let names: Vec<&str> = owner.properties.iter().map(|property| property.0).collect();
    match did_you_mean(name, names.iter().copied()) {
        Some(hint) => problem.help(hint),
        None if names.is_empty() => problem.help(format!("a {kind} has methods only, no properties")),
        None => problem.help(format!("its properties are {}", names.join(", "))),
    }
}

/// Returns the diagnostic of an assignment to a property.
fn read_only(name: &str, kind: &str) -> Diagnostic {
    let problem =
        Diagnostic::new(Code::ReadOnly, format!("`.{name}` cannot be set: blocks are values that never change"));
    let types = bindings::types();
    let owner = types.iter().find(|owner| owner.name == kind);
    let is_method = |owner: &TypeNames| owner.methods.iter().any(|method| method.name == name);
    match owner {
        Some(owner) if is_method(owner) => {
            problem.help(format!("a method returns a changed value: `x = x.{name}(..);`"))
        }
        _ if kind == "Resource" => problem.help(format!("set it where the resource is created: `#{{ {name}: .. }}`")),
        Some(owner) => match did_you_mean(name, owner.methods.iter().map(|method| method.name)) {
            Some(hint) => problem.help(hint),
            None => problem.help(format!("`{kind}` has no method `.{name}`")),
        },
        None => problem,
    }
}

/// Returns the diagnostic of a key that a map does not have.
pub(crate) fn map_key<'a>(name: &str, settings: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    let problem = Diagnostic::new(Code::UnknownKey, format!("the map has no key `{name}`"));
    match did_you_mean(name, settings) {
        Some(hint) => problem.help(hint),
        None => problem.help("for settings, declare the name in `settings(prefix, #{ .. })`"),
    }
}

/// Returns the diagnostic of a variable that the source does not declare.
pub(crate) fn variable(name: &str, text: Option<&str>) -> Diagnostic {
    if let Some((module, constant)) = name.rsplit_once("::") {
        let message = format!("the module `{module}` has no constant `{constant}`");
        let help = format!("declare it in the module: `export const {constant} = ..;`");
        return Diagnostic::new(Code::UnknownVariable, message).help(help);
    }
    let all: Vec<_> = tokens(text.unwrap_or("")).filter(|token| token.kind != Kind::Comment).collect();
    let words: Vec<&str> = all.iter().filter(|token| token.kind == Kind::Word).map(|token| token.text).collect();
    let pairs = words.windows(2).filter(|pair| ["let", "const", "for", "as"].contains(&pair[0]));
    let declared: Vec<&str> = pairs.map(|pair| pair[1]).collect();
    let problem = Diagnostic::new(Code::UnknownVariable, format!("there is no variable `{name}`"));
    if all.windows(3).any(|three| three[0].is("{") && three[1].text == name && three[2].is(":")) {
        return problem.help("a map begins with `#{`");
    }
    if let Some(hint) = word_of_another_language(name, &all) {
        return problem.help(hint);
    }
    if words.windows(2).any(|pair| pair == ["as", name]) {
        let problem = problem.help(format!("`{name}` is a module: call a function of it, `{name}::NAME(..)`"));
        let is_test = words.iter().any(|word| word.starts_with("test_"));
        return problem.help_if(is_test.then(|| "or evaluate a script: `script(\"../app.rhai\")`".to_owned()));
    }
    if declared.contains(&name) {
        return problem.help(format!(
            "`{name}` is declared further down or outside of this function; functions see their parameters only"
        ));
    }
    match did_you_mean(name, declared) {
        Some(hint) => problem.help(hint),
        None => problem.help(format!("declare it with `let {name} = ..;`; functions see their parameters only")),
    }
}

/// Returns the hint for a word of another language.
fn word_of_another_language(name: &str, all: &[Token<'_>]) -> Option<String> {
    let text_after = all.windows(2).find_map(|pair| {
        let touches = pair[0].line == pair[1].line && pair[0].column + 1 == pair[1].column;
        let is_text = matches!(pair[1].kind, Kind::Text | Kind::Template);
        (pair[0].text == name && touches && is_text).then_some(pair[1])
    });
    match (name, text_after) {
        ("f" | "F", Some(text)) => {
            Some(format!("write text with values in back-ticks: `{}`", text.unquoted().replace('{', "${")))
        }
        ("True" | "False", _) => Some(format!("did you mean `{}`?", name.to_lowercase())),
        ("None" | "null" | "nil" | "undefined" | "NULL", _) => Some("a missing value is written `()`".to_owned()),
        _ => None,
    }
}

/// Returns the diagnostic of a module that is not imported.
pub(crate) fn module(name: &str) -> Diagnostic {
    let problem = Diagnostic::new(Code::UnknownModule, format!("there is no module `{name}`"));
    if bindings::types().iter().any(|kind| kind.name == name) {
        let existing = bindings::functions().into_iter().map(|function| function.name);
        let existing: Vec<String> =
            existing.filter(|name| name.ends_with("::existing")).map(|name| format!("`{name}(..)`")).collect();
        let rule = "for a load balancer that exists, add `AWS::ElasticLoadBalancingV2::TargetGroup` and `ListenerRule`, and call \
                    `.depends_on(rule)` on the service";
        return Diagnostic::new(Code::UnknownModule, format!("`{name}` is a block, not a module"))
            .help(format!("write `{name}(\"Name\")`"))
            .help_if((name == "Alb").then(|| rule.to_owned()))
            .note(format!("existing resources are {}", existing.join(" and ")));
    }
    match name {
        name if name.starts_with("AWS") => {
            problem.help("a resource type has three parts: `AWS::S3::Bucket(name, #{ .. })`")
        }
        name => {
            let is_std = STD.iter().any(|(module, _)| module.strip_prefix("std/") == Some(name));
            let path = if is_std { format!("std/{name}") } else { name.to_owned() };
            problem.help(format!("import it: `import \"{path}\" as {name};`"))
        }
    }
}
