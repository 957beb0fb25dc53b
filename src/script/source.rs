//! A source on its way into the engine: limits, lints, and the resource types that it names.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use rhai::{AST, Engine, EvalAltResult, Position};

use super::eval_state::{EvalState, SESSION_SOURCE};
use super::lexer::{Kind, Token, tokens};
use super::lint::{declared, lint};
use super::{bindings, import_names, name_comparisons};

/// A named text.
pub(crate) struct Source<'a> {
    name: Arc<str>,
    text: &'a str,
}

impl<'a> Source<'a> {
    pub(crate) fn new(name: &str, text: &'a str) -> Self {
        Self { name: name.into(), text }
    }

    /// Compiles the source, and adds its lints and the types that the engine lacks to the state.
    pub(crate) fn compile(&self, engine: &Engine, state: &EvalState) -> Result<AST, Box<EvalAltResult>> {
        state.sources.borrow_mut().add(self.name.clone(), self.text);
        let names = declared(self.text);
        let parts = state.whole.as_ref().filter(|_| self.name.as_ref() == SESSION_SOURCE);
        match parts {
            Some(whole) => whole.parts().for_each(|part| {
                state.sources.borrow_mut().add(Arc::clone(&part.name), Arc::clone(&part.text));
                report_lints(&part.name, &part.text, &names, state);
            }),
            None => report_lints(&self.name, self.text, &names, state),
        }
        let known = state.known_types.borrow();
        let missing = resource_types(self.text).into_iter().filter(|name| !known.contains(name));
        state.missing_types.borrow_mut().extend(missing);
        let mut ast = name_comparisons::compile(engine, self.text)
            .map_err(|error| Box::new(EvalAltResult::ErrorInModule(self.name.to_string(), error, Position::NONE)))?;
        ast.set_source(self.name.as_ref());
        Ok(ast)
    }
}

/// Reports the lints of a text.
fn report_lints(name: &Arc<str>, text: &str, names: &HashSet<&str>, state: &EvalState) {
    static METHODS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
        bindings::types().iter().flat_map(|kind| kind.methods.iter().map(|method| method.name)).collect()
    });
    let lints = lint(name, text, names, &|name| METHODS.contains(name));
    lints.into_iter().chain(import_names::check(name, text)).for_each(|problem| state.report(problem));
}

/// Returns every `AWS::Service::Type` that a text names.
pub(crate) fn resource_types(text: &str) -> Vec<String> {
    let tokens: Vec<Token<'_>> = tokens(text).filter(|token| token.kind != Kind::Comment).collect();
    let name = |window: &[Token<'_>]| match window {
        [aws, a, service, b, kind]
            if aws.is_word(&["AWS"])
                && a.is("::")
                && b.is("::")
                && service.kind == Kind::Word
                && kind.kind == Kind::Word =>
        {
            Some(format!("AWS::{}::{}", service.text, kind.text))
        }
        _ => None,
    };
    tokens.windows(5).filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_type_in_a_comment_or_string_is_ignored() {
        let text = "AWS::S3::Bucket(\"x\", #{}); // AWS::SNS::Topic\nlet r = AWS::Region; \"AWS::SQS::Queue\"";
        assert_eq!(resource_types(text), ["AWS::S3::Bucket"]);
    }
}
