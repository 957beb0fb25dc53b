//! What a script names and nobody knows: functions, methods, properties, variables, with the nearest that there is.

use super::bindings;
use super::lexer::{Kind, tokens};
use super::registration::{Parameter, TypeNames};
use crate::diag::{Code, Diagnostic, did_you_mean};

/// A call that no function answers: `cpu (FargateService, map)`.
pub(crate) fn function(signature: &str) -> Diagnostic {
    let (name, arguments) = signature.split_once(" (").unwrap_or((signature, ""));
    let arguments: Vec<&str> = arguments.trim_end_matches(')').split(", ").filter(|kind| !kind.is_empty()).collect();
    let types = bindings::types();
    if is_operator(name) {
        return operator(name, &arguments);
    }
    match arguments.first().and_then(|first| types.iter().find(|kind| kind.name == *first)) {
        Some(receiver) => method(receiver, name, arguments.len() - 1, &types),
        None if arguments.first() == Some(&"Reference") => of_a_reference(name),
        None => plain(name, &arguments),
    }
}

fn is_operator(name: &str) -> bool {
    !name.contains(|letter: char| letter.is_alphanumeric())
}

fn operator(name: &str, arguments: &[&str]) -> Diagnostic {
    let sides: Vec<String> = arguments.iter().map(|kind| format!("`{}`", simple(kind))).collect();
    Diagnostic::new(Code::WrongOperator, format!("`{name}` does not work on {}", sides.join(" and ")))
}

/// Rhai names every type that a text may have.
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
        format!("`{name}` needs a value that is known now, and a reference is known when it is deployed"),
    )
    .help("put it into a text with back-ticks, or use the functions of `cfn::`")
}

fn method(receiver: &TypeNames, name: &str, given: usize, types: &[TypeNames]) -> Diagnostic {
    let signatures: Vec<&[Parameter]> =
        receiver.methods.iter().filter(|method| method.name == name).map(|method| method.parameters).collect();
    if !signatures.is_empty() {
        let forms: Vec<String> = signatures.iter().map(|parameters| form(name, parameters)).collect();
        let count = if given == 1 { "1 argument".to_owned() } else { format!("{given} arguments") };
        return Diagnostic::new(Code::WrongArguments, format!("`.{name}` does not take {count}"))
            .help(format!("write {}", forms.join(" or ")));
    }
    let problem = Diagnostic::new(Code::UnknownMethod, format!("`{}` has no method `.{name}`", receiver.name));
    if receiver.properties.iter().any(|property| property.0 == name) {
        return problem.help(format!("`.{name}` is a property: write it without brackets"));
    }
    let names =
        receiver.methods.iter().map(|method| method.name).chain(receiver.properties.iter().map(|property| property.0));
    if let Some(hint) = did_you_mean(name, names) {
        return problem.help(hint);
    }
    let others: Vec<&str> = types
        .iter()
        .filter(|kind| kind.methods.iter().any(|method| method.name == name))
        .map(|kind| kind.name)
        .collect();
    match others.as_slice() {
        [] => problem.help(format!("its methods are {}", list(receiver))),
        others => problem.help(format!("`.{name}` is a method of {}", others.join(" and "))),
    }
}

fn form(name: &str, parameters: &[Parameter]) -> String {
    let names: Vec<&str> = parameters.iter().map(|parameter| parameter.0).collect();
    format!("`.{name}({})`", names.join(", "))
}

fn list(receiver: &TypeNames) -> String {
    let mut names: Vec<String> = receiver.methods.iter().map(|method| format!("`.{}`", method.name)).collect();
    names.dedup();
    names.join(" ")
}

fn plain(name: &str, arguments: &[&str]) -> Diagnostic {
    let functions = bindings::functions();
    let forms: Vec<String> = functions
        .iter()
        .filter(|function| function.name == name)
        .map(|function| {
            let names: Vec<&str> = function.declaration.parameters.iter().map(|parameter| parameter.0).collect();
            format!("`{name}({})`", names.join(", "))
        })
        .collect();
    if !forms.is_empty() {
        return Diagnostic::new(Code::WrongArguments, format!("`{name}` does not take these arguments"))
            .help(format!("write {}", forms.join(" or ")));
    }
    if name.starts_with("AWS::") && name.matches("::").count() == 2 {
        return Diagnostic::new(Code::WrongArguments, format!("`{name}` takes a name and a map of properties"))
            .help(format!("write `{name}(\"Name\", #{{ .. }})`"));
    }
    let problem = Diagnostic::new(Code::UnknownFunction, format!("there is no function `{name}`"));
    if name.starts_with("AWS::") {
        return problem.help("a resource type has three parts: `AWS::S3::Bucket(name, #{ .. })`");
    }
    let owners = bindings::types();
    let of_type = owners.iter().find(|kind| kind.methods.iter().any(|method| method.name == name));
    match (did_you_mean(name, functions.iter().map(|function| function.name.as_str())), of_type) {
        (Some(hint), _) => problem.help(hint),
        (None, Some(owner)) if !arguments.is_empty() => {
            problem.help(format!("`.{name}` is a method of {}, and this value is {}", owner.name, simple(arguments[0])))
        }
        _ => problem,
    }
}

/// `Unknown property 'urll' - a getter is not registered for type 'Alb'`.
pub(crate) fn property(message: &str) -> Diagnostic {
    let quoted: Vec<&str> = message.split('\'').skip(1).step_by(2).collect();
    let [name, kind, ..] = quoted.as_slice() else {
        return Diagnostic::new(Code::UnknownProperty, message.to_lowercase());
    };
    let problem = Diagnostic::new(Code::UnknownProperty, format!("`{}` has no property `{name}`", simple(kind)));
    if message.contains("setter") {
        return Diagnostic::new(
            Code::ReadOnly,
            format!("`.{name}` cannot be set: blocks are values that never change"),
        )
        .help(format!("a method gives a changed value: `x = x.{name}(..);`"));
    }
    let types = bindings::types();
    let Some(owner) = types.iter().find(|owner| owner.name == *kind) else { return problem };
    if owner.methods.iter().any(|method| method.name == *name) {
        return problem.help(format!("`.{name}(..)` is a method that sets it; what is set cannot be read back"));
    }
    let names: Vec<&str> = owner.properties.iter().map(|property| property.0).collect();
    match did_you_mean(name, names.iter().copied()) {
        Some(hint) => problem.help(hint),
        None if names.is_empty() => problem.help(format!("a {kind} has no properties, only methods")),
        None => problem.help(format!("its properties are {}", names.join(", "))),
    }
}

/// A key that a map does not have.
pub(crate) fn map_key<'a>(name: &str, settings: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    let problem = Diagnostic::new(Code::UnknownKey, format!("the map has no key `{name}`"));
    match did_you_mean(name, settings) {
        Some(hint) => problem.help(hint),
        None => problem.help("for settings, declare the name in `settings(prefix, #{ .. })`"),
    }
}

/// A variable that the source does not declare.
pub(crate) fn variable(name: &str, text: Option<&str>) -> Diagnostic {
    let all: Vec<_> = tokens(text.unwrap_or("")).filter(|token| token.kind != Kind::Comment).collect();
    let words: Vec<&str> = all.iter().filter(|token| token.kind == Kind::Word).map(|token| token.text).collect();
    let pairs = words.windows(2).filter(|pair| ["let", "const", "for", "as"].contains(&pair[0]));
    let declared: Vec<&str> = pairs.map(|pair| pair[1]).collect();
    let problem = Diagnostic::new(Code::UnknownVariable, format!("there is no variable `{name}`"));
    if all.windows(3).any(|three| three[0].is("{") && three[1].text == name && three[2].is(":")) {
        return problem.help("a map begins with `#{`");
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

/// A module that was not imported.
pub(crate) fn module(name: &str) -> Diagnostic {
    let problem = Diagnostic::new(Code::UnknownModule, format!("there is no module `{name}`"));
    match name {
        name if name.starts_with("AWS") => {
            problem.help("a resource type has three parts: `AWS::S3::Bucket(name, #{ .. })`")
        }
        name => problem.help(format!("import it: `import \"std/{name}\" as {name};`")),
    }
}
