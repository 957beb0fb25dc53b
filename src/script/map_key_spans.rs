//! The positions of the arguments of a call and of the keys of map literals: `AWS::S3::Bucket("Tiles", #{ BucketNam: .. })` is
//! underlined at the key.
//!
//! Rhai knows the position of a call but not that of a key, so the literal is read again from the tokens after the call.

use std::collections::HashMap;
use std::sync::Arc;

use super::lexer::{Kind, Token, tokens};
use crate::cfn::{PathSegment, PropertyPath};
use crate::diag::Origin;

/// The tokens of a source, in which the arguments of any call are looked up.
pub(crate) struct Literals {
    source: Arc<str>,
    tokens: Vec<(u32, u32)>,
    /// The first byte of each token, and the one after it.
    extents: Vec<(usize, usize)>,
    shapes: Vec<Shape>,
    by_position: HashMap<(u32, u32), usize>,
}

/// A token as the reader of literals sees it.
#[derive(Clone, PartialEq)]
enum Shape {
    Open(char),
    Close,
    Comma,
    Colon,
    Name(String),
    Other,
}

impl Literals {
    /// Reads a source once.
    pub(crate) fn new(source: Arc<str>, text: &str) -> Self {
        let all: Vec<Token<'_>> = tokens(text).filter(|token| token.kind != Kind::Comment).collect();
        let tokens: Vec<(u32, u32)> = all.iter().map(|token| (token.line, token.column)).collect();
        let extents = all.iter().map(|token| (token.start, token.start + token.text.len())).collect();
        let by_position = tokens.iter().enumerate().map(|(index, position)| (*position, index)).collect();
        Self { source, shapes: all.iter().map(shape).collect(), tokens, extents, by_position }
    }

    /// Returns the origins of the keys and items inside the literal that is argument `index` of a call.
    pub(crate) fn of_argument(&self, call: &Origin, index: usize) -> Vec<(PropertyPath, Origin)> {
        let Some(&name) = self.by_position.get(&(call.line, call.column)) else { return Vec::new() };
        if self.shapes.get(name + 1) != Some(&Shape::Open('(')) {
            return Vec::new();
        }
        let mut at = name + 2;
        for _ in 0..index {
            at = self.after_value(at);
            if self.shapes.get(at) != Some(&Shape::Comma) {
                return Vec::new();
            }
            at += 1;
        }
        let mut marks = Vec::new();
        self.value(at, &PropertyPath::default(), &mut marks);
        marks
    }

    /// Returns the first byte of each argument of a call, and the one after it.
    pub(crate) fn arguments(&self, call: &Origin) -> Vec<(usize, usize)> {
        let Some(&name) = self.by_position.get(&(call.line, call.column)) else { return Vec::new() };
        if self.shapes.get(name + 1) != Some(&Shape::Open('(')) {
            return Vec::new();
        }
        let mut found = Vec::new();
        let mut from = name + 2;
        loop {
            let after = self.after_value(from);
            if after > from && after < self.extents.len() {
                found.push((self.extents[from].0, self.extents[after - 1].1));
            }
            if self.shapes.get(after) != Some(&Shape::Comma) {
                return found;
            }
            from = after + 1;
        }
    }

    /// Returns the index after the value that begins at `at`: a comma, or the closing bracket of the list or map around it.
    fn after_value(&self, mut at: usize) -> usize {
        let mut depth = 0_u32;
        while let Some(shape) = self.shapes.get(at) {
            match shape {
                Shape::Open(_) => depth += 1,
                Shape::Close | Shape::Comma if depth == 0 => break,
                Shape::Close => depth -= 1,
                _ => {}
            }
            at += 1;
        }
        at
    }

    fn value(&self, at: usize, path: &PropertyPath, marks: &mut Vec<(PropertyPath, Origin)>) {
        match self.shapes.get(at) {
            Some(Shape::Open('{')) => self.map(at + 1, path, marks),
            Some(Shape::Open('[')) => self.list(at + 1, path, marks),
            _ => {}
        }
    }

    fn map(&self, mut at: usize, path: &PropertyPath, marks: &mut Vec<(PropertyPath, Origin)>) {
        while let Some(Shape::Name(key)) = self.shapes.get(at) {
            if self.shapes.get(at + 1) != Some(&Shape::Colon) {
                return;
            }
            let path = path.clone().then(PathSegment::Key(key.clone()));
            marks.push((path.clone(), self.origin(at)));
            self.value(at + 2, &path, marks);
            at = self.after_value(at + 2);
            if self.shapes.get(at) != Some(&Shape::Comma) {
                return;
            }
            at += 1;
        }
    }

    fn list(&self, mut at: usize, path: &PropertyPath, marks: &mut Vec<(PropertyPath, Origin)>) {
        for index in 0.. {
            if matches!(self.shapes.get(at), None | Some(Shape::Close)) {
                return;
            }
            let path = path.clone().then(PathSegment::Index(index));
            marks.push((path.clone(), self.origin(at)));
            self.value(at, &path, marks);
            at = self.after_value(at);
            if self.shapes.get(at) != Some(&Shape::Comma) {
                return;
            }
            at += 1;
        }
    }

    fn origin(&self, at: usize) -> Origin {
        let (line, column) = self.tokens[at];
        Origin::new(self.source.clone(), line, column)
    }
}

fn shape(token: &Token<'_>) -> Shape {
    match (token.kind, token.text) {
        (Kind::Symbol, "#{" | "{") => Shape::Open('{'),
        (Kind::Symbol, "[") => Shape::Open('['),
        (Kind::Symbol, "(") => Shape::Open('('),
        (Kind::Symbol, "}" | "]" | ")") => Shape::Close,
        (Kind::Symbol, ",") => Shape::Comma,
        (Kind::Symbol, ":") => Shape::Colon,
        (Kind::Word, name) => Shape::Name(name.to_owned()),
        (Kind::Text, _) => Shape::Name(token.unquoted().to_owned()),
        _ => Shape::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins(script: &str, index: usize) -> Vec<String> {
        let literals = Literals::new("a.rhai".into(), script);
        let call = tokens(script).find(|token| token.text == "Bucket").expect("the call");
        let marks = literals.of_argument(&Origin::new("a.rhai", call.line, call.column), index);
        marks.iter().map(|(path, origin)| format!("{path} {}:{}", origin.line, origin.column)).collect()
    }

    #[test]
    fn keys_and_items_of_a_nested_literal_have_origins() {
        let script = "AWS::S3::Bucket(\"Tiles\", #{\n  Tags: [ #{ Key: f(1, 2), \"Value\": `x` } ],\n  Name: 1 })";
        assert_eq!(
            origins(script, 1),
            ["Tags 2:3", "Tags[0] 2:11", "Tags[0].Key 2:14", "Tags[0].Value 2:28", "Name 3:3"]
        );
    }

    #[test]
    fn arguments_of_a_call_are_found_as_they_are_written() {
        let script = "AWS::S3::Bucket( `a ${f(1, 2)}`, // why\n  #{ A: [1, 2] }, g(x) )";
        let literals = Literals::new("a.rhai".into(), script);
        let found = literals.arguments(&Origin::new("a.rhai", 1, 10));
        let texts: Vec<&str> = found.iter().map(|(from, to)| &script[*from..*to]).collect();
        assert_eq!(texts, ["`a ${f(1, 2)}`", "#{ A: [1, 2] }", "g(x)"]);
    }

    #[test]
    fn argument_that_is_not_a_literal_has_no_origins() {
        assert!(origins("AWS::S3::Bucket(\"Tiles\", properties)", 1).is_empty());
        assert!(origins("AWS::S3::Bucket(\"Tiles\")", 1).is_empty());
    }
}
