//! The call around the cursor.

use std::ops::Range;

use super::cursor_context::CursorContext;
use super::property::{inside, kinds};
use super::type_inference;
use super::type_inference::InferredType;
use super::{SignatureHelp, brief};
use crate::cfn::schema::Schema;
use crate::script::bindings;
use crate::script::block_types::type_name;
use crate::script::declaration::Parameter;
use crate::script::session::Session;

impl Session {
    /// Returns the call that a byte of a text is in, with the first line of its documentation; inside of a raw
    /// resource the
    /// property that is being written.
    pub fn signature_help(&self, text: &str, cursor: usize) -> Option<SignatureHelp> {
        let context = CursorContext::at_the_end(text.get(..cursor)?)?;
        if let Some(hint) = of_property(&context) {
            return Some(hint);
        }
        let (name, argument) = context.call()?;
        let start = name.start;
        let called = context.joined(name);
        if start > 0 && context.tokens[start - 1].is(".") {
            let before = &context.tokens[..start - 1];
            let owner = match type_inference::of(self, before, type_inference::ending(before)) {
                InferredType::Block(owner, _) => owner,
                InferredType::Resource(..) => "Resource",
                InferredType::Value(value) => type_name(&value)?,
                _ => return None,
            };
            let types = bindings::types();
            let known = types.iter().find(|known| known.name == owner)?;
            let forms = known
                .methods
                .iter()
                .filter(|method| method.name == called)
                .map(|method| (method.parameters, method.doc));
            return of_forms(&format!("{owner}.{called}"), forms, argument);
        }
        if called.starts_with("AWS::") {
            let doc = Schema::embedded().doc(&called, "").unwrap_or_default();
            return of_forms(&called, [(&[("id", ""), ("properties", "")] as &[Parameter], doc)].into_iter(), argument);
        }
        let functions = bindings::functions();
        let forms = functions.iter().filter(|function| function.name == called);
        let hint = of_forms(
            &called,
            forms.map(|function| (function.declaration.parameters, function.declaration.doc)),
            argument,
        );
        hint.or_else(|| self.of_own(&called))
    }

    /// Returns a function that the session defined.
    fn of_own(&self, called: &str) -> Option<SignatureHelp> {
        let own = self.functions().into_iter().find(|signature| signature.split('(').next() == Some(called))?;
        Some(SignatureHelp { signature: own, argument: 0..0, doc: "defined in this session".to_owned() })
    }
}

fn of_property(context: &CursorContext<'_>) -> Option<SignatureHelp> {
    let inside = inside(context).filter(|inside| !inside.path.is_empty())?;
    let node = Schema::embedded().get(&inside.kind)?.properties().at(&inside.path)?;
    let doc = brief(Schema::embedded().doc(&inside.kind, &inside.path).unwrap_or_default());
    Some(SignatureHelp { signature: format!("{}: {}", inside.path, kinds(node)), argument: 0..0, doc })
}

/// Returns the signature with this number of arguments, else the first one.
fn of_forms<'a>(
    name: &str,
    forms: impl Iterator<Item = (&'a [Parameter], &'a str)>,
    argument: usize,
) -> Option<SignatureHelp> {
    let forms: Vec<_> = forms.collect();
    let (parameters, doc) = forms.iter().find(|(parameters, _)| parameters.len() > argument).or(forms.first())?;
    let names: Vec<&str> = parameters.iter().map(|parameter| parameter.0.trim_start_matches('_')).collect();
    let signature = format!("{name}({})", names.join(", "));
    Some(SignatureHelp { argument: marked(name.len() + 1, &names, argument), signature, doc: brief(doc) })
}

/// Returns the bytes of one of the names of a signature.
fn marked(start: usize, names: &[&str], argument: usize) -> Range<usize> {
    let Some(name) = names.get(argument) else { return 0..0 };
    let before: usize = names[..argument].iter().map(|name| name.len() + 2).sum();
    start + before..start + before + name.len()
}
