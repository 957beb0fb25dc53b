//! `${VARIABLE:-default}`: variables of a source as settings of the script.

use indexmap::IndexMap;

use super::names::{Taken, is_identifier};
use super::writer::Expr;
use crate::cfn::sensitive::is_secret_name;

/// The variables that a file uses, and those that its `.env` sets.
#[derive(Debug, Default)]
pub(super) struct Variables {
    set: IndexMap<String, String>,
    /// Variables that are values of the script.
    bound: IndexMap<String, Expr>,
    settings: IndexMap<String, Setting>,
    names: Taken,
}

/// A variable as a setting of the script.
#[derive(Debug)]
struct Setting {
    name: String,
    default: Preset,
}

/// The value of a setting that users do not set.
#[derive(Debug, Clone, PartialEq)]
enum Preset {
    Text(String),
    Required,
    Secret,
    Expression(Expr),
}

/// A part of a text.
#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Literal(String),
    Variable { name: &'a str, operator: &'a str, argument: &'a str },
}

impl Variables {
    /// Creates the variables with those that `.env` sets.
    pub(super) fn new(set: IndexMap<String, String>) -> Self {
        Self { set, ..Self::default() }
    }

    /// Makes a variable mean a value of the script.
    pub(super) fn bind(&mut self, variable: &str, value: Expr) {
        self.bound.insert(variable.to_owned(), value);
    }

    /// Declares a setting of the script.
    pub(super) fn declare(&mut self, name: &str, default: Expr) {
        self.names.unique(name, "_");
        self.settings.insert(name.to_owned(), Setting { name: name.to_owned(), default: Preset::Expression(default) });
    }

    /// Returns a text with the settings of its variables.
    pub(super) fn expression(&mut self, text: &str) -> Expr {
        self.expression_or(text, "")
    }

    /// Returns a text with the settings of its variables; `fallback` is the default of those that have none.
    pub(super) fn expression_or(&mut self, text: &str, fallback: &str) -> Expr {
        let mut expressions: Vec<Expr> = Vec::new();
        for piece in pieces(text) {
            let next = match piece {
                Piece::Literal(text) => Expr::Text(text),
                Piece::Variable { name, .. } if self.bound.contains_key(name) => self.bound[name].clone(),
                Piece::Variable { operator: ":+" | "+", .. } => Expr::Text(self.value(&piece)),
                Piece::Variable { name, operator, argument } => {
                    let default = self.default_of(name, operator, argument, fallback);
                    Expr::Name(format!("s.{}", self.setting(name, default)))
                }
            };
            match (expressions.last_mut(), next) {
                (Some(Expr::Text(before)), Expr::Text(text)) => before.push_str(&text),
                (_, next) => expressions.push(next),
            }
        }
        match expressions.as_slice() {
            [only] => only.clone(),
            _ => Expr::joined(expressions),
        }
    }

    /// Returns the setting of a variable that a container takes from the environment of Compose.
    pub(super) fn passed(&mut self, name: &str) -> Expr {
        let default = self.default_of(name, "", "", "");
        Expr::Name(format!("s.{}", self.setting(name, default)))
    }

    /// Returns a text with the values of its variables, and whether it had any.
    pub(super) fn plain(&self, text: &str) -> (String, bool) {
        let pieces = pieces(text);
        let has_variable = pieces.iter().any(|piece| matches!(piece, Piece::Variable { .. }));
        (pieces.iter().map(|piece| self.value(piece)).collect(), has_variable)
    }

    /// Returns the value that `.env` sets.
    pub(super) fn set_value(&self, name: &str) -> Option<&str> {
        self.set.get(name).map(String::as_str)
    }

    /// Returns the map of `settings(..)`; none if the file uses no variables.
    pub(super) fn declarations(&self) -> Option<Expr> {
        let entry = |setting: &Setting| {
            let default = match &setting.default {
                Preset::Text(text) => Expr::text(text),
                Preset::Required => Expr::call("required", [Expr::text("string")]),
                Preset::Secret => Expr::call("secret", [Expr::text("string")]),
                Preset::Expression(default) => default.clone(),
            };
            (setting.name.clone(), default)
        };
        (!self.settings.is_empty()).then(|| Expr::Map(self.settings.values().map(entry).collect()))
    }

    fn value(&self, piece: &Piece<'_>) -> String {
        match piece {
            Piece::Literal(text) => text.clone(),
            Piece::Variable { name, operator, argument } => {
                let set = self.set.get(*name).filter(|value| !operator.starts_with(':') || !value.is_empty());
                match (*operator, set) {
                    (":+" | "+", Some(_)) | (":-" | "-", None) => self.plain(argument).0,
                    (_, None) => String::new(),
                    (_, Some(value)) => value.clone(),
                }
            }
        }
    }

    fn default_of(&self, name: &str, operator: &str, argument: &str, fallback: &str) -> Preset {
        let value = self.value(&Piece::Variable { name, operator, argument });
        match operator {
            _ if is_secret_name(name) => Preset::Secret,
            ":?" | "?" if value.is_empty() => Preset::Required,
            _ if value.is_empty() => Preset::Text(fallback.to_owned()),
            _ => Preset::Text(value),
        }
    }

    /// Returns the name of the setting of a variable. A default that is not empty replaces an empty one.
    fn setting(&mut self, variable: &str, default: Preset) -> String {
        if let Some(known) = self.settings.get_mut(variable) {
            if known.default == Preset::Text(String::new()) {
                known.default = default;
            }
            return known.name.clone();
        }
        let lower = variable.to_ascii_lowercase();
        let name = self.names.unique(if is_identifier(&lower) { &lower } else { "value" }, "_");
        self.settings.insert(variable.to_owned(), Setting { name: name.clone(), default });
        name
    }
}

/// Returns the parts of a text: `$$` is a dollar sign, `$NAME` and `${NAME...}` are variables, anything else is literal.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        literal.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            literal.push('$');
            rest = after;
            continue;
        }
        let found = rest.strip_prefix('{').and_then(braced).or_else(|| bare(rest));
        let Some((variable, after)) = found else {
            literal.push('$');
            continue;
        };
        if !literal.is_empty() {
            pieces.push(Piece::Literal(std::mem::take(&mut literal)));
        }
        pieces.push(variable);
        rest = after;
    }
    literal.push_str(rest);
    if !literal.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    pieces
}

fn name_of(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let starts = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    starts.then(|| text.split_at(end))
}

fn bare(text: &str) -> Option<(Piece<'_>, &str)> {
    let (name, after) = name_of(text)?;
    Some((Piece::Variable { name, operator: "", argument: "" }, after))
}

/// Reads a variable after `${`: its name, an operator, and the argument up to the brace that closes it.
fn braced(text: &str) -> Option<(Piece<'_>, &str)> {
    let (name, rest) = name_of(text)?;
    let operator = [":-", ":?", ":+", "-", "?", "+"].into_iter().find(|known| rest.starts_with(known)).unwrap_or("");
    let rest = &rest[operator.len()..];
    let mut depth = 0;
    for (at, letter) in rest.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' if operator.is_empty() && at > 0 => return None,
            '}' => return Some((Piece::Variable { name, operator, argument: &rest[..at] }, &rest[at + 1..])),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> Variables {
        Variables::new([("SET".to_owned(), "from-env".to_owned())].into_iter().collect())
    }

    #[test]
    fn variables_have_the_values_that_compose_gives_them() {
        for (text, value) in [
            ("a$$b", "a$b"),
            ("${TAG:-1.0}", "1.0"),
            ("x-${TAG-1}-$SET", "x-1-from-env"),
            ("${A:-${B:-c}}/d", "c/d"),
            ("${SET:+yes}${NONE:+no}", "yes"),
            ("100$", "100$"),
            ("${not valid}", "${not valid}"),
        ] {
            assert_eq!(variables().plain(text).0, value, "{text}");
        }
    }

    #[test]
    fn variable_becomes_a_setting_with_its_default() {
        let mut variables = variables();
        let image = variables.expression("app:${TAG:-1.0}");
        assert_eq!(image, Expr::Joined(vec![Expr::text("app:"), Expr::name("s.tag")]));
        assert_eq!(variables.expression("${SET}"), Expr::name("s.set"));
        assert_eq!(variables.expression("${MUST:?say which}"), Expr::name("s.must"));
        assert_eq!(variables.expression("${DB_PASSWORD}"), Expr::name("s.db_password"));
        let declared = [
            ("tag".to_owned(), Expr::text("1.0")),
            ("set".to_owned(), Expr::text("from-env")),
            ("must".to_owned(), Expr::call("required", [Expr::text("string")])),
            ("db_password".to_owned(), Expr::call("secret", [Expr::text("string")])),
        ];
        assert_eq!(variables.declarations(), Some(Expr::Map(declared.to_vec())));
    }
}
