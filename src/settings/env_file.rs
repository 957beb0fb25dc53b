use std::sync::Arc;

use super::{SettingInput, Source};
use crate::cfn::sensitive::HIDDEN;
use crate::diag::{Code, Diagnostic, Origin, Sink};

/// Reads a `.env` file: `NAME=value` lines, `export` and quotes allowed, `#` begins a comment.
///
/// Single quotes keep every character; double quotes know `\n`, `\t`, `\"`, `\\`; without quotes a ` #` ends the value.
pub fn parse(file: &Arc<str>, text: &str) -> (Vec<SettingInput>, Sink) {
    let (mut inputs, mut problems) = (Vec::new(), Sink::new());
    for (line, number) in text.trim_start_matches('\u{feff}').lines().zip(1..) {
        let origin = Origin::new(file.clone(), number, 0);
        match entry(line) {
            Ok(None) => {}
            Ok(Some((name, value))) => inputs.push(SettingInput { name, value, source: Source::File(origin) }),
            Err(why) => problems.push(
                Diagnostic::new(Code::EnvFile, format!("this line of the settings file cannot be read: {why}"))
                    .at(&origin, "")
                    .help("write one `NAME=value` on each line; `#` begins a comment"),
            ),
        }
    }
    (inputs, problems)
}

/// Returns the text of a `.env` file as problems show it: with the names, and without values and lines that are no entries. It may
/// hold secrets, and a link in its place may lead to a file that the author of a repository cannot read.
pub fn shown(text: &str) -> String {
    let one = |line: &str| match line.split_once('=') {
        Some((name, _)) if is_name(name.trim().trim_start_matches("export ").trim()) => format!("{name}={HIDDEN}"),
        _ if line.trim().is_empty() => String::new(),
        _ => HIDDEN.to_owned(),
    };
    text.lines().map(|line| one(line) + "\n").collect()
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn entry(line: &str) -> Result<Option<(String, String)>, &'static str> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=').ok_or("there is no `=`")?;
    let name = name.trim();
    if !is_name(name) {
        return Err("the text before the `=` is not the name of a variable");
    }
    Ok(Some((name.to_owned(), unquote(value.trim())?)))
}

fn unquote(value: &str) -> Result<String, &'static str> {
    if let Some(rest) = value.strip_prefix('\'') {
        let (inside, after) = rest.split_once('\'').ok_or("a quote is not closed")?;
        return nothing_but_a_comment(after).map(|()| inside.to_owned());
    }
    let Some(rest) = value.strip_prefix('"') else {
        let end = value.find(" #").unwrap_or(value.len());
        return Ok(value[..end].trim_end().to_owned());
    };
    let mut text = String::new();
    let mut chars = rest.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return nothing_but_a_comment(chars.as_str()).map(|()| text),
            '\\' => match chars.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some(other @ ('"' | '\\' | '$')) => text.push(other),
                Some(other) => text.extend(['\\', other]),
                None => break,
            },
            c => text.push(c),
        }
    }
    Err("a quote is not closed")
}

fn nothing_but_a_comment(after: &str) -> Result<(), &'static str> {
    let after = after.trim_start();
    if after.is_empty() || after.starts_with('#') { Ok(()) } else { Err("text follows the closing quote") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(String, String)> {
        parse(&".env".into(), text).0.into_iter().map(|input| (input.name, input.value)).collect()
    }

    #[test]
    fn quotes_comments_and_export_are_parsed() {
        let text = "# settings\nexport A=1 # one\nB=\"x \\\"y\\\" # z\"\nC='a\\nb'\n\nD=\nE={\"k\": \"v\"}";
        let expected = [("A", "1"), ("B", "x \"y\" # z"), ("C", "a\\nb"), ("D", ""), ("E", "{\"k\": \"v\"}")];
        assert_eq!(values(text), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn values_and_lines_without_a_name_are_not_shown() {
        let text = "export A=hunter2\nroot:x:0:0\n\nB-C=hunter2\n D =\"hunter2";
        let expected = "export A=(not shown)\n(not shown)\n\n(not shown)\n D =(not shown)\n";
        assert_eq!(shown(text), expected);
    }

    #[test]
    fn every_invalid_line_is_reported() {
        let (inputs, problems) = parse(&".env".into(), "A=1\nno equals\nB=\"open\nC D=1");
        assert_eq!(inputs.len(), 1);
        let lines: Vec<u32> = problems.iter().filter_map(|problem| Some(problem.origin()?.line)).collect();
        assert_eq!(lines, [2, 3, 4]);
    }
}
