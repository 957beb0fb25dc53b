//! A script as a small tree of statements and expressions, and its text.

use crate::printable::{is_printable, one_line};
use crate::script;

/// The width of an expression on one line.
const WIDTH: usize = 92;

/// The number of setters in one statement: Rhai limits how deeply expressions are nested.
const MOST_SETTERS: usize = 40;

/// The characters between which references are hidden in texts (`cfn::text`); in a foreign text they would become one.
const MARKS: [char; 2] = ['\u{E0C0}', '\u{E0C1}'];

/// An expression of the script language.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    Unit,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A literal text of any origin.
    Text(String),
    /// Texts and values one after the other, in back-ticks.
    Joined(Vec<Expr>),
    List(Vec<Expr>),
    Map(Vec<(String, Expr)>),
    Range(i64, i64),
    /// A name of the script: a variable, `AWS::Region`, `s.size`.
    Name(String),
    Call(String, Vec<Expr>),
    Method(Box<Expr>, String, Vec<Expr>),
    /// A value that depends on the stage: the stages of each value, and the value of all others.
    Stage(Vec<(Vec<String>, Expr)>, Box<Expr>),
}

impl Expr {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn name(name: impl Into<String>) -> Self {
        Self::Name(name.into())
    }

    pub(super) fn call(name: impl Into<String>, arguments: impl IntoIterator<Item = Expr>) -> Self {
        Self::Call(name.into(), arguments.into_iter().collect())
    }

    /// Returns the expression with a setter called on it.
    pub(super) fn set(self, name: impl Into<String>, arguments: impl IntoIterator<Item = Expr>) -> Self {
        Self::Method(Box::new(self), name.into(), arguments.into_iter().collect())
    }

    /// Returns texts and values as one text.
    pub(super) fn joined(pieces: Vec<Expr>) -> Self {
        match pieces.as_slice() {
            [] => Self::text(""),
            [Expr::Text(text)] => Self::text(text.clone()),
            _ => Self::Joined(pieces),
        }
    }

    fn flat(&self) -> String {
        let list = |items: &[Expr]| items.iter().map(Expr::flat).collect::<Vec<_>>().join(", ");
        match self {
            Self::Unit => "()".to_owned(),
            Self::Bool(flag) => flag.to_string(),
            Self::Int(number) => number.to_string(),
            Self::Float(number) => format!("{number:?}"),
            Self::Text(text) => quoted(text),
            Self::Joined(pieces) => format!("`{}`", pieces.iter().map(piece).collect::<String>()),
            Self::List(items) => format!("[{}]", list(items)),
            Self::Map(entries) if entries.is_empty() => "#{}".to_owned(),
            Self::Map(entries) => {
                let entries = entries.iter().map(|(name, value)| format!("{}: {}", key(name), value.flat()));
                format!("#{{ {} }}", entries.collect::<Vec<_>>().join(", "))
            }
            Self::Range(from, to) => format!("{from}..={to}"),
            Self::Name(name) => name.clone(),
            Self::Call(name, arguments) => format!("{name}({})", list(arguments)),
            Self::Method(value, name, arguments) => format!("{}.{name}({})", value.flat(), list(arguments)),
            Self::Stage(cases, other) => {
                let cases: String =
                    cases.iter().map(|(stages, value)| format!("{} => {}, ", any(stages), value.flat())).collect();
                format!("switch s.stage {{ {cases}_ => {} }}", other.flat())
            }
        }
    }

    fn setters(&self) -> usize {
        match self {
            Self::Method(value, ..) => 1 + value.setters(),
            _ => 0,
        }
    }

    /// Returns the text of the expression, over several lines if it is long.
    fn written(&self, indent: usize) -> String {
        if let Self::Text(text) = self
            && let Some(lines) = verbatim(text)
        {
            return lines;
        }
        let flat = self.flat();
        let fits = flat.chars().count() + indent <= WIDTH && self.setters() < 2;
        if fits { flat } else { self.broken(indent).unwrap_or(flat) }
    }

    fn broken(&self, indent: usize) -> Option<String> {
        let inner = indent + 4;
        let (pad, end) = (" ".repeat(inner), " ".repeat(indent));
        Some(match self {
            Self::List(items) if !items.is_empty() => {
                let lines: String = items.iter().map(|item| format!("{pad}{},\n", item.written(inner))).collect();
                format!("[\n{lines}{end}]")
            }
            Self::Map(entries) if !entries.is_empty() => {
                let line = |(name, value): &(String, Expr)| format!("{pad}{}: {},\n", key(name), value.written(inner));
                let lines: String = entries.iter().map(line).collect();
                format!("#{{\n{lines}{end}}}")
            }
            Self::Call(name, arguments) => format!("{name}({})", last_broken(arguments, indent, name.len())),
            Self::Stage(cases, other) => {
                let line = |(stages, value): &(Vec<String>, Expr)| {
                    format!("{pad}{} => {},\n", any(stages), value.written(inner))
                };
                let lines: String = cases.iter().map(line).collect();
                format!("switch s.stage {{\n{lines}{pad}_ => {},\n{end}}}", other.written(inner))
            }
            Self::Method(value, name, arguments) => {
                format!("{}\n{pad}.{name}({})", value.written(indent), last_broken(arguments, inner, name.len()))
            }
            _ => return None,
        })
    }
}

/// Returns the pattern of stages in a `switch`.
fn any(stages: &[String]) -> String {
    stages.iter().map(|stage| quoted(stage)).collect::<Vec<_>>().join(" | ")
}

/// Returns the arguments of a call, of which the last one may be over several lines; `name` is the width of what is called.
fn last_broken(arguments: &[Expr], indent: usize, name: usize) -> String {
    let Some((last, before)) = arguments.split_last() else { return String::new() };
    let before: String = before.iter().map(|argument| format!("{}, ", argument.flat())).collect();
    // A list or map that does not fit behind the call is broken.
    let room = indent + name + before.chars().count() + 12;
    let text = match last {
        Expr::List(_) | Expr::Map(_) if last.flat().chars().count() + room > WIDTH => last.broken(indent),
        _ => None,
    };
    format!("{before}{}", text.unwrap_or_else(|| last.written(indent)))
}

/// Returns a text of several lines in back-ticks as it is, if nothing in it would mean something else there.
fn verbatim(text: &str) -> Option<String> {
    let is_plain = |c: char| c == '\n' || (c != '`' && is_printable(c) && !MARKS.contains(&c));
    let is_text = text.lines().count() > 2 && text.chars().all(is_plain) && !text.contains("${");
    // Rhai drops a line break right after the back-tick.
    is_text.then(|| format!("`\n{text}`"))
}

/// Returns a piece of a text in back-ticks: plain characters, or a value between `${` and `}`.
fn piece(expression: &Expr) -> String {
    let is_plain = |c: char| !matches!(c, '`' | '$' | '\\') && is_printable(c) && !MARKS.contains(&c);
    match expression {
        Expr::Text(text) if text.chars().all(is_plain) => text.clone(),
        other => format!("${{{}}}", other.flat()),
    }
}

/// Returns a text in double quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted += "\\\"",
            '\\' => quoted += "\\\\",
            '\n' => quoted += "\\n",
            '\r' => quoted += "\\r",
            '\t' => quoted += "\\t",
            mark if MARKS.contains(&mark) => quoted.push('\u{FFFD}'),
            letter if is_printable(letter) => quoted.push(letter),
            letter if letter <= '\u{FFFF}' => quoted += &format!("\\u{:04x}", u32::from(letter)),
            letter => quoted += &format!("\\U{:08x}", u32::from(letter)),
        }
    }
    quoted + "\""
}

fn key(name: &str) -> String {
    if super::names::is_identifier(name) { name.to_owned() } else { quoted(name) }
}

/// A statement with the comments before it.
#[derive(Debug, Clone, PartialEq)]
struct Statement {
    comments: Vec<String>,
    text: String,
}

/// A script.
#[derive(Debug, Default)]
pub(super) struct Script {
    header: Vec<String>,
    statements: Vec<Statement>,
}

impl Script {
    /// Creates a script that begins with these comments.
    pub(super) fn new(header: impl IntoIterator<Item = String>) -> Self {
        Self { header: header.into_iter().collect(), statements: Vec::new() }
    }

    /// Adds a variable. A value with many setters takes several statements.
    pub(super) fn define(&mut self, comments: Vec<String>, name: &str, value: Expr) {
        let (mut value, setters) = unchained(value);
        let (mut comments, mut start) = (comments, "let ");
        for (at, (setter, arguments)) in setters.into_iter().enumerate() {
            if at > 0 && at % MOST_SETTERS == 0 {
                self.push(std::mem::take(&mut comments), format!("{start}{name} = {};", value.written(0)));
                (value, start) = (Expr::name(name), "");
            }
            value = value.set(setter, arguments);
        }
        self.push(comments, format!("{start}{name} = {};", value.written(0)));
    }

    /// Adds setters that are called in some stages only.
    pub(super) fn in_stages(&mut self, stages: &[String], name: &str, change: &Expr) {
        let stages: Vec<String> = stages.iter().map(|stage| quoted(stage)).collect();
        let condition = match stages.as_slice() {
            [only] => format!("s.stage == {only}"),
            _ => format!("[{}].contains(s.stage)", stages.join(", ")),
        };
        self.push(Vec::new(), format!("if {condition} {{\n    {name} = {};\n}}", change.written(4)));
    }

    /// Adds a comment of its own.
    pub(super) fn remark(&mut self, comment: String) {
        self.push(vec![comment], String::new());
    }

    /// Adds the statements of another script.
    pub(super) fn append(&mut self, other: Script) {
        self.statements.extend(other.statements);
    }

    /// Adds the last expression.
    pub(super) fn end(&mut self, comments: Vec<String>, value: Expr) {
        if value.setters() <= MOST_SETTERS {
            self.push(comments, value.written(0));
            return;
        }
        self.define(comments, "stack", value);
        self.push(Vec::new(), "stack".to_owned());
    }

    fn push(&mut self, comments: Vec<String>, text: String) {
        self.statements.push(Statement { comments, text });
    }

    /// Returns the text of the script, formatted.
    pub(super) fn text(&self) -> String {
        let mut text: String = self.header.iter().map(|line| comment(line)).collect();
        for statement in &self.statements {
            if !text.is_empty() {
                text.push('\n');
            }
            text.extend(statement.comments.iter().map(|line| comment(line)));
            text += &statement.text;
            text.push_str(if statement.text.is_empty() { "" } else { "\n" });
        }
        script::format("script", &text).unwrap_or(text)
    }
}

/// Returns a value before its setters, and these in their order.
fn unchained(mut value: Expr) -> (Expr, Vec<(String, Vec<Expr>)>) {
    let mut setters = Vec::new();
    while let Expr::Method(inner, name, arguments) = value {
        setters.push((name, arguments));
        value = *inner;
    }
    setters.reverse();
    (value, setters)
}

/// Returns a line of comment. Foreign text in it is neither a line of script nor an acknowledgement of a warning.
fn comment(text: &str) -> String {
    let line = one_line(text);
    match line.trim() {
        "" => "//\n".to_owned(),
        line if line.starts_with("rtiler:") => format!("// `{line}`\n"),
        line => format!("// {line}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_end_a_literal_or_a_comment() {
        let hostile = "a\"; throw 1; // `${throw 2}` \r\n \u{2028} */ \u{E0C0}AWS::Region\u{E0C1} \\ \u{202E}";
        let mut written = Script::new([format!("a.yml:1: {hostile}"), "rtiler: allow(unused) x".to_owned()]);
        let joined = Expr::Joined(vec![Expr::text(hostile), Expr::name("AWS::Region"), Expr::text(hostile)]);
        let map = Expr::Map(vec![(hostile.to_owned(), Expr::text(hostile)), ("if".to_owned(), joined)]);
        written.define(vec![hostile.to_owned()], "value", Expr::List(vec![Expr::text(hostile), map]));
        written.push(vec![hostile.to_owned()], "print(value[0]);".to_owned());
        written.end(Vec::new(), Expr::call("Stack", [Expr::text("a")]));
        let text = written.text();
        assert!(!text.contains("// rtiler:"), "{text}");
        let files = std::rc::Rc::new(script::NoFiles);
        let input =
            script::Input { name: "a.rhai", text: &text, files, given: Vec::new(), limits: script::Limits::default() };
        let evaluation = script::eval(&input);
        let errors: Vec<_> = evaluation.report.problems.iter().filter(|problem| problem.is_error()).collect();
        assert!(errors.is_empty(), "{errors:?}\n{text}");
        let printed: Vec<&str> = evaluation.printed.iter().map(|(_, line)| line.as_str()).collect();
        assert_eq!(printed, [hostile.replace(MARKS, "\u{FFFD}")], "{text}");
    }

    #[test]
    fn text_of_several_lines_is_written_as_it_is_unless_it_means_something() {
        assert_eq!(Expr::text("a\nb\nc\n").written(0), "`\na\nb\nc\n`");
        assert_eq!(Expr::text("a\n${b}\nc\n").written(0), "\"a\\n${b}\\nc\\n\"");
    }

    #[test]
    fn value_with_many_setters_takes_several_statements() {
        let value = (0..90).fold(Expr::call("FargateService", [Expr::text("a")]), |value, at| {
            value.set("secret", [Expr::text(format!("S{at}")), Expr::text("arn")])
        });
        let mut script = Script::default();
        script.define(Vec::new(), "a", value);
        let text = script.text();
        assert_eq!(text.matches(';').count(), 3, "{text}");
        assert!(crate::script::format("a.rhai", &text).is_ok(), "{text}");
    }
}
