//! Candidates at the beginning of an expression and after `::`.

use super::cursor_context::CursorContext;
use super::{Candidate, CandidateKind, brief};
use crate::cfn::schema::Schema;
use crate::script::bindings;
use crate::script::exports::{Export, exports_of};
use crate::script::lexer::{Kind, Token};
use crate::script::modules::STD;
use crate::script::session::Session;
use crate::script::session::to_source::kind;

const KEYWORDS: &[(&str, &str)] = &[
    ("let ", "declares a variable"),
    ("const ", "declares a constant"),
    ("fn ", "defines a function"),
    ("import ", "takes over a module"),
    ("for ", "does something for every item"),
    ("if ", "does something under a condition"),
    ("while ", "does something as long as a condition holds"),
    ("switch ", "chooses by a value"),
];

/// Returns the variables, then the functions, modules and keywords.
pub(super) fn candidates(session: &Session, context: &CursorContext<'_>) -> Vec<Candidate> {
    let declared = declared(&context.tokens);
    let mut all: Vec<Candidate> = Vec::new();
    let mut put = |candidate: Candidate| {
        if all.iter().all(|known| known.text != candidate.text) {
            all.push(candidate);
        }
    };
    declared.into_iter().for_each(|name| put(Candidate::new(CandidateKind::Variable, name, "declared above")));
    for (name, value) in session.snapshot.variables() {
        put(Candidate::new(CandidateKind::Variable, name, kind(value)));
    }
    for signature in session.functions() {
        let name = signature.split('(').next().unwrap_or_default();
        put(Candidate::new(CandidateKind::Function, format!("{name}("), signature.clone()));
    }
    let mut modules: Vec<(String, &str)> = vec![
        ("AWS::".to_owned(), "every resource type of CloudFormation, and pseudo parameters"),
        ("cfn::".to_owned(), "intrinsic functions"),
    ];
    for function in bindings::functions() {
        match function.name.split_once("::") {
            Some(("cfn", _)) => {}
            Some((module, name)) => modules.push((format!("{module}::{name}("), function.declaration.doc)),
            None => {
                let text = if function.declaration.parameters.is_empty() { "()" } else { "(" };
                put(Candidate::new(
                    CandidateKind::Function,
                    format!("{}{text}", function.name),
                    brief(function.declaration.doc),
                ));
            }
        }
    }
    modules.into_iter().for_each(|(name, doc)| put(Candidate::new(CandidateKind::Module, name, brief(doc))));
    for (alias, path) in imports(session, &context.tokens) {
        put(Candidate::new(CandidateKind::Module, format!("{alias}::"), format!("the module {path}")));
    }
    if starts_a_statement(context) {
        KEYWORDS.iter().for_each(|(word, doc)| put(Candidate::new(CandidateKind::Keyword, *word, *doc)));
    }
    all
}

fn starts_a_statement(context: &CursorContext<'_>) -> bool {
    context.tokens.last().is_none_or(|token| token.is(";") || token.is("{") || token.is("}"))
}

/// Returns the candidates after `AWS::`, `AWS::S3::`, `cfn::`, `Vpc::`, or the name of an imported module.
pub(super) fn in_module(session: &Session, context: &CursorContext<'_>) -> Vec<Candidate> {
    let range = context.names(context.tokens.len() - 1).unwrap_or(0..0);
    let module = context.joined(range);
    if module == "AWS" {
        return services();
    }
    if let Some(service) = module.strip_prefix("AWS::") {
        return types(service);
    }
    let inside = |name: &str| name.strip_prefix(&module)?.strip_prefix("::").map(str::to_owned);
    let functions = bindings::functions();
    let takes =
        |name: &str| functions.iter().any(|other| other.name == name && !other.declaration.parameters.is_empty());
    let candidates = functions.iter().filter_map(|function| {
        let close = if takes(&function.name) { "" } else { ")" };
        let text = format!("{}({close}", inside(&function.name)?);
        Some(Candidate::new(CandidateKind::Function, text, brief(function.declaration.doc)))
    });
    let mut found: Vec<Candidate> = candidates.collect();
    found.dedup_by(|a, b| a.text == b.text);
    let import = imports(session, &context.tokens).into_iter().find(|(alias, _)| *alias == module);
    found.extend(import.into_iter().flat_map(|(_, path)| exports(session, &path)));
    found
}

fn services() -> Vec<Candidate> {
    let pseudo = ["Region", "AccountId", "Partition", "StackName", "StackId", "URLSuffix", "NoValue"];
    let pseudo = pseudo.map(|name| Candidate::new(CandidateKind::Attribute, name, "pseudo parameter"));
    let services = Schema::embedded().services().filter(|service| !service.contains("::"));
    pseudo
        .into_iter()
        .chain(services.map(|name| Candidate::new(CandidateKind::Module, format!("{name}::"), "service")))
        .collect()
}

fn types(service: &str) -> Vec<Candidate> {
    let schema = Schema::embedded();
    let candidate = |name: String| {
        let doc = schema.doc(&name, "").unwrap_or_default();
        let kind = name.rsplit("::").next().unwrap_or_default();
        Candidate::new(CandidateKind::Type, format!("{kind}("), brief(doc))
    };
    schema.types_of(service).map(candidate).collect()
}

/// Returns the names of the modules that are imported, each with its path.
fn imports(session: &Session, tokens: &[Token<'_>]) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let packages = session.files.packages();
    let is_package = |name: &str| packages.dependencies_of(None).any(|package| package.manifest.name.as_str() == name);
    for entry in &session.entries {
        let tokens: Vec<Token<'_>> = crate::script::lexer::tokens(&entry.text).collect();
        found.extend(imported(&tokens, &entry.name, &is_package));
    }
    found.extend(imported(tokens, "", &is_package));
    found
}

fn imported(tokens: &[Token<'_>], from: &str, is_package: &dyn Fn(&str) -> bool) -> Vec<(String, String)> {
    let import = |four: &[Token<'_>]| {
        let is = four[0].is_word(&["import"]) && four[1].kind == Kind::Text && four[2].is_word(&["as"]);
        let name = four[1].unquoted();
        let path = || if is_package(name) { name.to_owned() } else { crate::script::modules::path_of(from, name) };
        is.then(|| (four[3].text.to_owned(), path()))
    };
    tokens.windows(4).filter_map(import).collect()
}

/// Returns the functions and constants of a module or package.
fn exports(session: &Session, path: &str) -> Vec<Candidate> {
    let own = STD.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned());
    let text = own.or_else(|| package_text(session, path)).or_else(|| session.files.read(path).ok());
    let candidate = |export: Export| match (export.signature(), &export.parameters) {
        (Some(signature), Some(parameters)) => {
            let close = if parameters.is_empty() { ")" } else { "" };
            let doc = brief(&export.doc);
            let description = if doc.is_empty() { signature } else { format!("{signature}: {doc}") };
            Candidate::new(CandidateKind::Function, format!("{}({close}", export.name), description)
        }
        _ => Candidate::new(CandidateKind::Variable, export.name, "constant"),
    };
    exports_of(&text.unwrap_or_default()).items.into_iter().map(candidate).collect()
}

/// Returns the text of the entry of a package that the project imports by its name.
fn package_text(session: &Session, name: &str) -> Option<String> {
    let packages = session.files.packages();
    let package = packages.dependencies_of(None).find(|package| package.manifest.name.as_str() == name)?;
    package.files.text(&package.manifest.entry.value).map(str::to_owned)
}

/// Returns the variables that the text before the cursor declares, and the parameters of the function that it is in.
fn declared(tokens: &[Token<'_>]) -> Vec<String> {
    let word = |token: &Token<'_>| token.kind == Kind::Word;
    let mut names: Vec<String> = Vec::new();
    for (at, pair) in tokens.windows(2).enumerate() {
        if pair[0].is_word(&["let", "const", "for"]) && word(&pair[1]) {
            names.push(pair[1].text.to_owned());
        }
        let parameters = pair[0].is_word(&["fn"]).then(|| tokens[at + 2..].iter());
        let closure = pair[0].is("|").then(|| tokens[at + 1..].iter());
        let parameters = parameters.map(|rest| rest.take_while(|token| !token.is(")")).collect::<Vec<_>>());
        let closure = closure.map(|rest| rest.take_while(|token| !token.is("|")).collect::<Vec<_>>());
        let listed = closure.filter(|all| all.iter().all(|token| word(token) || token.is(",")));
        names.extend(
            parameters.or(listed).into_iter().flatten().filter(|token| word(token)).map(|token| token.text.to_owned()),
        );
    }
    names
}
