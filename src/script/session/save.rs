//! The session as a script.

use std::rc::Rc;

use super::{Session, entry};
use crate::script::concatenated_source::{SourceEdit, SourcePart};
use crate::script::lexer::{Kind, Token, tokens};
use crate::script::lint::statements;
use crate::script::modules::path_of;
use crate::script::{Evaluation, Input, eval};

impl Session {
    /// Returns the session as the text of a script at a path, which gives the same stacks: the retained entries,
    /// without queries. The text of a loaded file is part of it.
    pub fn script(&self, path: &str) -> String {
        let mut text = String::new();
        let mut entries = self.entries.clone();
        // Where the stacks are the last that was said, nothing needs a variable of them.
        let ends_with_stacks = entries.last_mut().is_some_and(|last| last.has_stacks && last.variable.take().is_some());
        let parts = entry::parts(&entries);
        let count = entries.len();
        for (at, (entry, part)) in entries.iter().zip(parts).enumerate() {
            if entry.loaded {
                text += &format!("// From {}.\n", entry.name);
            }
            let moved = moved(part, path).edited();
            text +=
                &if ends_with_stacks && at + 1 == count { moved.trim_end().to_owned() + "\n" } else { closed(&moved) };
        }
        match self.result().filter(|_| !ends_with_stacks) {
            Some(result) => text + result.as_str() + "\n",
            None => text,
        }
    }

    /// Evaluates the script of the session.
    pub fn check_script(&self, path: &str, text: &str) -> Evaluation {
        eval(&Input {
            name: path,
            text,
            files: Rc::clone(&self.files),
            given: self.given.clone(),
            limits: self.limits.clone(),
        })
    }

    /// Returns the expression that a script of the session ends with: its stacks.
    fn result(&self) -> Option<String> {
        let latest = self.entries.iter().rev().find(|entry| entry.has_stacks).and_then(|entry| entry.variable.clone());
        let in_variables = || {
            let variables = self.variables().into_iter();
            let stacks = variables.filter(|(_, value)| value.is_stack()).map(|(name, _)| name).collect::<Vec<_>>();
            match stacks.as_slice() {
                [] => None,
                [one] => Some(one.clone()),
                several => Some(format!("[{}]", several.join(", "))),
            }
        };
        latest.or_else(in_variables)
    }
}

/// Returns a part with its last statement ended, on lines of its own.
fn closed(text: &str) -> String {
    let text = text.trim_end();
    let last = tokens(text).filter(|token| token.kind != Kind::Comment).last();
    let ends = last.is_none_or(|token| token.is(";"));
    let is_block = last.is_some_and(|token| token.is("}"))
        && statements(text).last().is_some_and(|top| ["fn", "for", "while", "loop"].contains(&top.kind.as_str()));
    if ends || is_block {
        return format!("{text}\n");
    }
    let comment = tokens(text).last().is_some_and(|token| token.kind == Kind::Comment);
    if comment { format!("{text}\n;\n") } else { format!("{text};\n") }
}

/// Returns a part whose imports are relative to the saved script.
fn moved(mut part: SourcePart, to: &str) -> SourcePart {
    let code: Vec<Token<'_>> = tokens(&part.text).filter(|token| token.kind != Kind::Comment).collect();
    let pairs = code.windows(2).filter(|pair| pair[0].is_word(&["import"]) && pair[1].kind == Kind::Text);
    let edits: Vec<SourceEdit> = pairs
        .filter_map(|pair| {
            let written = pair[1].unquoted();
            let path = path_of(&part.name, written);
            let from_there = relative(&path, to);
            (!path.starts_with("std/") && path_of(to, written) != path).then(|| SourceEdit {
                line: pair[1].line,
                column: pair[1].column,
                removed: u32::try_from(pair[1].text.chars().count()).unwrap_or(0),
                inserted: format!("\"{}\"", from_there.trim_end_matches(".rhai")),
            })
        })
        .collect();
    part.edits.extend(edits);
    part.edits.sort_by_key(|edit| (edit.line, edit.column, edit.removed));
    part
}

/// Returns a path as a file in another folder names it.
fn relative(path: &str, from: &str) -> String {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let folders: Vec<&str> = folder.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    let parts: Vec<&str> = path.split('/').collect();
    let common = folders.iter().zip(&parts).take_while(|(a, b)| a == b).count();
    if path.starts_with('/') || folders[common..].contains(&"..") {
        return path.to_owned();
    }
    let up = std::iter::repeat_n("..", folders.len() - common);
    up.chain(parts[common..].iter().copied()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_is_relative_to_the_folder_of_the_saved_script() {
        assert_eq!(relative("scripts/lib/web.rhai", "scripts/all.rhai"), "lib/web.rhai");
        assert_eq!(relative("lib/web.rhai", "out/deep/all.rhai"), "../../lib/web.rhai");
        assert_eq!(relative("lib/web.rhai", "all.rhai"), "lib/web.rhai");
    }

    #[test]
    fn statement_gets_a_semicolon_if_it_needs_one() {
        assert_eq!(closed("let x = 1"), "let x = 1;\n");
        assert_eq!(closed("let x = 1; // one"), "let x = 1; // one\n");
        assert_eq!(closed("let x = 1 // one"), "let x = 1 // one\n;\n");
        assert_eq!(closed("fn f() { 1 }"), "fn f() { 1 }\n");
        assert_eq!(closed("let m = #{ a: 1 }"), "let m = #{ a: 1 };\n");
    }
}
