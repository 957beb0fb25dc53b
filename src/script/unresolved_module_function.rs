//! Calls of functions that an imported module does not have, or not with so many parameters.

use super::eval_state::EvalState;
use super::lexer::{Kind, Token, tokens};
use super::lint::statements;
use super::modules::path_of;
use crate::diag::{Code, Diagnostic, did_you_mean};

/// Returns the diagnostic of a call such as `svc::django(1)`; none if the script imports no module of this name.
pub(crate) fn diagnose(name: &str, given: usize, source: &str, state: &EvalState) -> Option<Diagnostic> {
    let (module, function) = name.rsplit_once("::")?;
    let sources = state.sources.borrow();
    let path = imported(sources.text(source)?, module)?;
    let importer = if source.is_empty() { "" } else { source };
    let entry = state.package_entries.borrow().get(&path).cloned();
    let text = entry.and_then(|entry| sources.text(&entry)).or_else(|| sources.text(&path_of(importer, &path)));
    let defined = statements(text.or_else(|| sources.text(&path))?);
    let functions: Vec<(&str, &[String])> = defined
        .iter()
        .filter_map(|statement| statement.function().map(|(name, _)| (name, statement.parameters.as_slice())))
        .collect();
    let same_name: Vec<&[String]> =
        functions.iter().filter(|(known, _)| *known == function).map(|(_, parameters)| *parameters).collect();
    let Some(first) = same_name.first() else {
        let names = functions.iter().map(|(name, _)| *name);
        let near = did_you_mean(function, names).map(|hint| hint.replacen('`', &format!("`{module}::"), 1));
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
