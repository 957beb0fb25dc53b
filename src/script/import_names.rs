//! The names of imports: `import "lib" as cfn` would replace the functions of `cfn`, and nothing would say so.

use std::sync::Arc;

use super::bindings;
use super::lexer::{Kind, Token, tokens};
use crate::diag::{Code, Diagnostic, Origin};

/// Reports imports that take the name of a namespace of rtiler or of Rhai.
pub(crate) fn check(source: &Arc<str>, text: &str) -> Vec<Diagnostic> {
    if !text.contains("import") {
        return Vec::new();
    }
    let reserved = bindings::namespaces();
    let tokens = tokens(text).filter(|token| token.kind != Kind::Comment);
    let mut problems = Vec::new();
    let (mut imports, mut names) = (false, false);
    for token in tokens {
        if names && token.kind == Kind::Word && reserved.contains(token.text) {
            problems.push(taken(source, &token));
        }
        names = imports && token.is_word(&["as"]);
        imports = token.is_word(&["import"]) || (imports && !token.is(";"));
    }
    problems
}

fn taken(source: &Arc<str>, token: &Token<'_>) -> Diagnostic {
    let name = token.text;
    Diagnostic::new(
        Code::ReservedNamespace,
        format!("an import cannot be named `{name}`: rtiler has a namespace `{name}`"),
    )
    .at(&Origin::new(source.clone(), token.line, token.column), "")
    .help(format!("give it another name: `as my_{}`", name.to_lowercase()))
}
