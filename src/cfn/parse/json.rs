//! JSON with positions. Our own, because serde's forgets them.

use std::cell::Cell;

use super::node::{Key, Kind, Node, Position, without_duplicates};
use super::{DEEPEST, ParseContext};
use crate::diag::{Code, Diagnostic, Origin};

type Read<T> = Result<T, Diagnostic>;

/// Returns the tree of a JSON text.
pub(super) fn read(text: &str, reader: &mut ParseContext) -> Read<Node> {
    let mut json = Json { text, at: 0, line: 1, counted: Cell::new((0, 1)), depth: 0, reader };
    json.space();
    let node = json.node()?;
    json.space();
    if json.at < text.len() {
        return Err(json.error("there is more text after the end of the template"));
    }
    Ok(node)
}

struct Json<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    /// A place on the line and its column, from which the next column is counted.
    counted: Cell<(usize, usize)>,
    depth: usize,
    reader: &'a mut ParseContext,
}

impl Json<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn place(&self) -> Position {
        let (from, column) = self.counted.get();
        let column = column + self.text[from..self.at].chars().count();
        self.counted.set((self.at, column));
        Position { line: self.line, column: u32::try_from(column).unwrap_or(u32::MAX) }
    }

    fn error(&self, message: &str) -> Diagnostic {
        let place = self.place();
        let origin = Origin::new(self.reader.source.clone(), place.line, place.column);
        Diagnostic::new(Code::TemplateSyntax, format!("the JSON is not well-formed: {message}")).at(&origin, "")
    }

    fn space(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => {
                    self.line += 1;
                    self.counted.set((self.at + 1, 1));
                }
                b' ' | b'\t' | b'\r' => {}
                _ => break,
            }
            self.at += 1;
        }
    }

    fn node(&mut self) -> Read<Node> {
        let place = self.place();
        let kind = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::list)?,
            Some(b'"') => Kind::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(_) => self.word()?,
            None => return Err(self.error("it ends too early")),
        };
        Ok(Node::new(kind, place))
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Read<Kind>) -> Read<Kind> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(super::yaml::too_deep(self.reader, self.place()));
        }
        self.at += 1;
        self.space();
        let kind = read(self)?;
        self.depth -= 1;
        Ok(kind)
    }

    fn object(&mut self) -> Read<Kind> {
        let mut entries = Vec::new();
        while self.peek() != Some(b'}') {
            let at = self.place();
            if self.peek() != Some(b'"') {
                return Err(self.error("expected a key in double quotes, or `}`"));
            }
            let name = self.string()?;
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.error("expected `:` after a key"));
            }
            self.at += 1;
            self.space();
            entries.push((Key { name, at }, self.node()?));
            self.comma(b'}')?;
        }
        self.at += 1;
        Ok(Kind::Map(without_duplicates(entries, self.reader)))
    }

    fn list(&mut self) -> Read<Kind> {
        let mut items = Vec::new();
        while self.peek() != Some(b']') {
            items.push(self.node()?);
            self.comma(b']')?;
        }
        self.at += 1;
        Ok(Kind::List(items))
    }

    /// Skips a comma before the next entry, or stops at the end of the list or object.
    fn comma(&mut self, end: u8) -> Read<()> {
        self.space();
        match self.peek() {
            Some(b',') => {
                let comma = self.place();
                self.at += 1;
                self.space();
                if self.peek() == Some(end) {
                    // CloudFormation accepts it, and other readers of JSON do not.
                    let message = "a comma before the end of a list or object is not JSON";
                    let problem = Diagnostic::new(Code::TemplateSyntax, message).as_warning();
                    self.reader.report(problem.help("remove the comma: other tools refuse it"), comma, "");
                }
                Ok(())
            }
            Some(byte) if byte == end => Ok(()),
            Some(_) => Err(self.error(&format!("expected `,` or `{}`", end as char))),
            None => Err(self.error("it ends too early")),
        }
    }

    fn string(&mut self) -> Read<String> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut end = start + 1;
        while bytes.get(end).is_some_and(|byte| *byte != b'"') {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let Some(raw) = self.text.get(start..=end) else { return Err(self.error("a string has no end")) };
        let text = if raw.bytes().any(|byte| byte == b'\\' || byte < b' ') {
            serde_json::from_str(raw).map_err(|_| self.error("a string holds a line break or an unknown escape"))?
        } else {
            raw[1..raw.len() - 1].to_owned()
        };
        self.at = end + 1;
        Ok(text)
    }

    fn number(&mut self) -> Read<Kind> {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !c.is_ascii_digit() && !"+-.eE".contains(c)).unwrap_or(rest.len());
        let digits = &rest[..end];
        let number: serde_json::Number =
            serde_json::from_str(digits).map_err(|_| self.error("this is not a number"))?;
        self.at += end;
        // The library's own floats may be off by the last bit.
        Ok(number.as_i64().map_or_else(|| Kind::Float(digits.parse().unwrap_or(f64::NAN)), Kind::Int))
    }

    fn word(&mut self) -> Read<Kind> {
        for (word, kind) in [("true", Kind::Bool(true)), ("false", Kind::Bool(false)), ("null", Kind::Null)] {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(kind);
            }
        }
        Err(self.error("expected a value"))
    }
}
