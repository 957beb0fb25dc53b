//! The forms of a function or method: what each parameter takes, and a call that can be pasted.

use super::declaration::{Declaration, Parameter};
use super::lexer::{Kind, Token, tokens};

/// The longest example that a hint shows.
const LONGEST: usize = 100;

/// Returns a call of a function (`Scaling`) or method (`.cpu`) that can be pasted: the one in its documentation. If the example
/// needs a variable, the parameters are named.
pub(crate) fn call(name: &str, declaration: &Declaration) -> String {
    example(name, declaration).unwrap_or_else(|| named(name, declaration.parameters))
}

/// Returns the calls of all forms, for a hint: "`.sticky()` or `.sticky(3600)`".
pub(crate) fn calls<'a>(name: &str, forms: impl IntoIterator<Item = &'a Declaration>) -> String {
    let mut calls: Vec<String> = forms.into_iter().map(|form| format!("`{}`", call(name, form))).collect();
    calls.dedup();
    calls.join(" or ")
}

/// Returns the sentence about the parameters of a form: "`.allow(actions, resources)` takes text, and text".
pub(crate) fn takes(name: &str, declaration: &Declaration) -> Option<String> {
    let parameters = declaration.parameters;
    let kinds: Vec<&str> = parameters.iter().map(|(_, expected)| *expected).collect();
    let (last, before) = kinds.split_last()?;
    let form = named(name, parameters);
    Some(match before {
        [] => format!("`{form}` takes {last}"),
        before => format!("`{form}` takes {}; and {last}", before.join("; ")),
    })
}

fn named(name: &str, parameters: &[Parameter]) -> String {
    let names: Vec<&str> = parameters.iter().map(|(name, _)| *name).collect();
    format!("{name}({})", names.join(", "))
}

/// Returns the argument of the documented call at an index, as it is written there.
pub(crate) fn example_argument(name: &str, declaration: &Declaration, index: usize) -> Option<String> {
    let call = example(name, declaration)?;
    let all: Vec<Token<'_>> = tokens(&call).collect();
    let open = all.iter().position(|token| token.is("("))?;
    arguments(&all, open)?.get(index).map(|(from, to)| call[*from..*to].trim().to_owned())
}

fn example(name: &str, declaration: &Declaration) -> Option<String> {
    let documentation = declaration.documentation();
    let mut blocks = documentation.split("```rhai").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.find_map(|block| in_block(block, name, declaration.parameters.len()))
}

fn in_block(block: &str, name: &str, count: usize) -> Option<String> {
    let path: Vec<&str> = name.trim_start_matches('.').split("::").collect();
    let is_method = name.starts_with('.');
    let all: Vec<Token<'_>> = tokens(block).filter(|token| token.kind != Kind::Comment).collect();
    (0..all.len()).find_map(|at| {
        let last = at + 2 * (path.len() - 1);
        let is_name =
            path.iter().enumerate().all(|(index, part)| all.get(at + 2 * index).is_some_and(|it| it.text == *part));
        let has_dot = at.checked_sub(1).is_some_and(|before| all[before].is("."));
        if !is_name || has_dot != is_method || !all.get(last + 1).is_some_and(|token| token.is("(")) {
            return None;
        }
        let inside = arguments(&all, last + 1)?;
        let close = closing(&all, last + 1)?;
        let text = block[all[at].start..all[close].start].split_whitespace().collect::<Vec<_>>().join(" ");
        let is_complete = inside.len() == count && !has_variable(&all[last + 2..close]) && text.len() < LONGEST;
        is_complete.then(|| format!("{}{text})", if is_method { "." } else { "" }))
    })
}

/// Returns whether tokens use a variable, which a script that pastes them may not have.
fn has_variable(tokens: &[Token<'_>]) -> bool {
    let known = |at: usize, symbols: &[&str]| tokens.get(at).is_some_and(|token| symbols.iter().any(|it| token.is(it)));
    tokens.iter().enumerate().any(|(at, token)| match token.kind {
        Kind::Template => token.text.contains("${"),
        Kind::Word => {
            let is_member = at.checked_sub(1).is_some_and(|before| known(before, &[".", "::"]));
            !is_member && !known(at + 1, &["(", "::", ":"]) && !token.is_word(&["true", "false"])
        }
        _ => false,
    })
}

/// Returns the beginning and the end of each argument in the text, in bytes; the bracket opens at a token.
pub(crate) fn arguments(tokens: &[Token<'_>], open: usize) -> Option<Vec<(usize, usize)>> {
    let close = closing(tokens, open)?;
    let mut found = Vec::new();
    let (mut depth, mut from) = (0_u32, open + 1);
    for at in open + 1..=close {
        let token = &tokens[at];
        if depth == 0 && (token.is(",") || at == close) {
            if from < at {
                let last = &tokens[at - 1];
                found.push((tokens[from].start, last.start + last.text.len()));
            }
            from = at + 1;
        }
        depth = match () {
            () if is_opening(token) => depth + 1,
            () if is_closing(token) => depth.saturating_sub(1),
            () => depth,
        };
    }
    Some(found)
}

fn closing(tokens: &[Token<'_>], open: usize) -> Option<usize> {
    let mut depth = 0_u32;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        if is_opening(token) {
            depth += 1;
        } else if is_closing(token) {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

fn is_opening(token: &Token<'_>) -> bool {
    ["(", "[", "{", "#{"].iter().any(|bracket| token.is(bracket))
}

fn is_closing(token: &Token<'_>) -> bool {
    [")", "]", "}"].iter().any(|bracket| token.is(bracket))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::bindings;

    fn form(owner: &str, name: &str, count: usize) -> Declaration {
        let types = bindings::types();
        let owner = types.iter().find(|kind| kind.name == owner).expect("the type");
        *owner.methods.iter().find(|it| it.name == name && it.parameters.len() == count).expect("the method")
    }

    #[test]
    fn call_of_a_form_is_the_one_in_its_documentation() {
        assert_eq!(call(".expire", &form("Bucket", "expire", 2)), ".expire(\"tmp/\", 1)");
        assert_eq!(
            call(".healthy_percent", &form("FargateService", "healthy_percent", 1)),
            ".healthy_percent(50..=150)"
        );
        let functions = bindings::functions();
        let scaling = functions.iter().find(|function| function.name == "Scaling").expect("the function");
        assert!(call("Scaling", &scaling.declaration).starts_with("Scaling("));
    }

    #[test]
    fn call_that_needs_a_variable_names_the_parameters() {
        assert_eq!(call(".behind", &form("FargateService", "behind", 1)), ".behind(load_balancer)");
    }

    #[test]
    fn most_forms_have_a_call_that_can_be_pasted() {
        let types = bindings::types();
        let forms: Vec<_> = types.iter().flat_map(|kind| &kind.methods).collect();
        let without = forms.iter().filter(|form| example(&format!(".{}", form.name), form).is_none()).count();
        assert!(without * 5 < forms.len(), "{without} of {} methods have no example without variables", forms.len());
    }
}
