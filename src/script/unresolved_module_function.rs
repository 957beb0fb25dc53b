//! Calls of functions that an imported module does not have, or not with so many parameters.

use super::eval_state::EvalState;
use super::lexer::{Kind, Token, tokens};
use super::lint::{TopLevelStatement, statements};
use super::modules::path_of;
use crate::diag::{Code, Diagnostic, did_you_mean};

/// Returns the diagnostic of a call such as `svc::django(1)`; none if the script imports no module of this name.
pub(crate) fn diagnose(name: &str, given: usize, source: &str, state: &EvalState) -> Option<Diagnostic> {
    let (module, function) = name.rsplit_once("::")?;
    let sources = state.sources.borrow();
    let path = imported(sources.text(source)?, module)?;
    let importer = if source.is_empty() { "" } else { source };
    let entry = state.package_entries.borrow().get(&path).cloned();
    let is_of_project = entry.is_none() && !path.starts_with("std/");
    let text = entry.and_then(|entry| sources.text(&entry)).or_else(|| sources.text(&path_of(importer, &path)));
    let defined = statements(text.or_else(|| sources.text(&path))?);
    let named = |statement: &TopLevelStatement| statement.function().is_some_and(|(known, _)| known == function);
    let is_exported = |statement: &&TopLevelStatement| !statement.is_private;
    let same_name: Vec<&[String]> = defined
        .iter()
        .filter(is_exported)
        .filter(|statement| named(statement))
        .map(|statement| statement.parameters.as_slice())
        .collect();
    let Some(first) = same_name.first() else {
        if defined.iter().any(named) {
            let problem = Diagnostic::new(Code::UnknownFunction, format!("`{name}` is a private function"));
            let remedy = format!("remove `private` from `fn {function}` in `{path}`");
            return Some(problem.help_if(is_of_project.then_some(remedy)));
        }
        let exported = defined.iter().filter(is_exported).filter_map(|statement| Some(statement.function()?.0));
        let near = did_you_mean(function, exported).map(|hint| hint.replacen('`', &format!("`{module}::"), 1));
        let problem = Diagnostic::new(Code::UnknownFunction, format!("there is no function `{name}`"));
        return Some(problem.help_if(near));
    };
    let forms: Vec<String> =
        same_name.iter().map(|parameters| format!("`{name}({})`", parameters.join(", "))).collect();
    let takes = if first.len() == 1 { "1 argument".to_owned() } else { format!("{} arguments", first.len()) };
    Some(
        Diagnostic::new(Code::WrongArguments, format!("`{name}` takes {takes}, not {given}"))
            .help(format!("write {}", forms.join(" or "))),
    )
}

/// Returns the path of the import with this name.
fn imported(text: &str, alias: &str) -> Option<String> {
    let all: Vec<Token<'_>> = tokens(text).filter(|token| token.kind != Kind::Comment).collect();
    let import = all.windows(4).find(|four| {
        four[0].is_word(&["import"]) && four[1].kind == Kind::Text && four[2].is_word(&["as"]) && four[3].text == alias
    })?;
    Some(import[1].unquoted().to_owned())
}
