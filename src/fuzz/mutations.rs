//! Damaged files that rtiler wrote: saved accounts, records and plans of which parts are missing, of another type, or out of range.
//!
//! The damage follows from a number, so that a failure can be repeated: [`Damage::of`] with the number of its message.

#![allow(clippy::disallowed_methods, reason = "the corpus is read")]

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::run;
use super::tests::corpus;

/// The number of damaged copies of each file of each target.
const COPIES: u64 = 60;

/// The kinds of damage.
const KINDS: usize = 12;

/// Words of rtiler and AWS that a document may not have.
const WORDS: [&str; 8] =
    ["Add", "Remove", "Modify", "True", "Conditional", "CREATE_COMPLETE", "UPDATE_IN_PROGRESS", "DELETE_FAILED"];

/// A text in place of lists inside each other: so many of them are written as text only.
const DEEP: &str = "@deep@";

/// Numbers that follow from a seed (`SplitMix64`).
struct Damage {
    state: u64,
    /// The texts of the document: the name or status of one resource may be that of another.
    words: Vec<String>,
}

impl Damage {
    /// Creates the damage with a number.
    fn of(number: u64) -> Self {
        Self { state: number.wrapping_mul(0x9e37_79b9_7f4a_7c15), words: WORDS.map(str::to_owned).to_vec() }
    }

    /// Returns a number below a limit.
    fn below(&mut self, limit: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(limit.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    /// Returns one of some values.
    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// Damages one to three places of a document.
    fn document(&mut self, document: &mut Value) {
        texts(document, &mut self.words);
        for _ in 0..=self.below(3) {
            let place = self.below(places(document));
            self.place(at(document, &mut { place }).unwrap_or(&mut Value::Null));
        }
    }

    fn place(&mut self, value: &mut Value) {
        let old = value.take();
        *value = match (self.below(KINDS), old) {
            (0 | 1, Value::Object(members)) => self.members(members),
            (2, Value::Array(mut items)) => {
                items.extend(items.clone());
                items.into()
            }
            (3, Value::Array(mut items)) if !items.is_empty() => {
                items.remove(self.below(items.len()));
                items.into()
            }
            (4, Value::String(_)) => {
                self.one(&["", "NO_SUCH_STATUS", "\u{1b}[31m\u{9b}\u{202e}", "../../etc/passwd", "🜁"]).into()
            }
            (4 | 5, Value::Number(_)) => self.number(),
            (6, old) => (0..self.one(&[3, 100])).fold(old, |inner, _| json!([inner])),
            (7, _) => "x".repeat(self.one(&[1, 2_000, 300_000])).into(),
            (8, Value::String(_)) => DEEP.into(),
            (9 | 10, Value::String(_)) => {
                let word = self.below(self.words.len());
                self.words[word].clone().into()
            }
            (8, Value::Bool(old)) => (!old).into(),
            (_, old) => self.retyped(&old),
        };
    }

    /// Takes a member away, renames it, or exchanges two.
    fn members(&mut self, mut members: Map<String, Value>) -> Value {
        let names: Vec<String> = members.keys().cloned().collect();
        if names.is_empty() {
            return json!({"unknown": 1});
        }
        let (one, other) = (self.one(&names), self.one(&names));
        let taken = members.shift_remove(&one).unwrap_or_default();
        match self.below(3) {
            0 => {}
            1 => drop(members.insert(format!("{one}x"), taken)),
            _ => {
                let exchanged = members.insert(other, taken).unwrap_or_default();
                members.insert(one, exchanged);
            }
        }
        members.into()
    }

    fn number(&mut self) -> Value {
        let numbers = [
            json!(0),
            json!(-1),
            json!(1),
            json!(i64::MAX),
            json!(i64::MIN),
            json!(u64::MAX),
            json!(1e308),
            json!(0.5),
        ];
        self.one(
            &[
                &numbers[..],
                &[
                    json!(u32::MAX),
                    json!(i32::MAX),
                    json!(-9_223_372_036_854_775_i64),
                    json!(1_000_000_000),
                    json!(253_402_300_800_u64),
                ],
            ]
            .concat(),
        )
    }

    fn retyped(&mut self, old: &Value) -> Value {
        let number = self.number();
        self.one(&[
            Value::Null,
            json!(true),
            number,
            json!("text"),
            json!([]),
            json!({}),
            json!([old]),
            json!({"a": old}),
        ])
    }

    /// Cuts a text, repeats a part, or puts a byte of its own there.
    fn text(&mut self, text: &mut Vec<u8>) {
        let start = self.below(text.len());
        match self.below(4) {
            0 => text.truncate(start),
            1 => {
                let end = (start + self.below(400)).min(text.len());
                text.splice(start..start, text[start..end].to_vec());
            }
            2 => drop(text.drain(start..(start + self.below(40)).min(text.len()))),
            _ => text[start] = self.one(b"{}[]\",:0\\\n\xff\x00"),
        }
    }
}

/// Adds the texts of a document.
fn texts(value: &Value, words: &mut Vec<String>) {
    match value {
        Value::String(text) => words.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, words)),
        Value::Object(members) => members.values().for_each(|member| texts(member, words)),
        _ => {}
    }
}

/// Returns the number of values in a document.
fn places(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(places).sum(),
        Value::Object(members) => members.values().map(places).sum(),
        _ => 0,
    }
}

/// Returns the value at a number, counted in the order of the document.
fn at<'v>(value: &'v mut Value, left: &mut usize) -> Option<&'v mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| at(item, left)),
        Value::Object(members) => members.values_mut().find_map(|member| at(member, left)),
        _ => None,
    }
}

/// Returns a damaged copy of a file: a document, or one in each line.
fn damaged(file: &[u8], number: u64) -> Vec<u8> {
    let (mut damage, text) = (Damage::of(number), String::from_utf8_lossy(file));
    let documents: Vec<Value> = serde_json::Deserializer::from_str(&text).into_iter().filter_map(Result::ok).collect();
    if documents.is_empty() || damage.below(6) == 0 {
        let mut bytes = file.to_vec();
        damage.text(&mut bytes);
        return bytes;
    }
    let chosen = damage.below(documents.len());
    let mut written = String::new();
    for (at, mut document) in documents.into_iter().enumerate() {
        if at == chosen {
            damage.document(&mut document);
        }
        let _ = writeln!(written, "{document}");
    }
    written.replace(&format!("\"{DEEP}\""), &format!("{}0{}", "[".repeat(5_000), "]".repeat(5_000))).into_bytes()
}

#[test]
fn damaged_files_of_rtiler_break_no_promise() {
    let mut broken = Vec::new();
    for target in ["rehearsal_state", "record", "plan_file"] {
        for file in corpus(target).into_iter().filter(|file| file.extension().is_some()) {
            let whole = std::fs::read(&file).expect("a file");
            for number in 0..COPIES {
                let input = damaged(&whole, number);
                if std::panic::catch_unwind(|| run(target, &input, || 0)).is_err() {
                    broken.push(format!("{} number {number}", file.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn damage_changes_files_and_is_the_same_for_the_same_number() {
    let text = br#"{"version":3,"stacks":[{"name":"web","status":"CREATE_COMPLETE"}],"images":{}}"#;
    let copies: Vec<Vec<u8>> = (0..200).map(|number| damaged(text, number)).collect();
    assert_eq!(copies, (0..200).map(|number| damaged(text, number)).collect::<Vec<_>>());
    let different: std::collections::HashSet<&Vec<u8>> = copies.iter().collect();
    assert!(different.len() > 120, "{}", different.len());
    let parsed = copies.iter().filter(|copy| serde_json::from_slice::<Value>(copy).is_ok()).count();
    assert!(parsed > 100, "most damage is in the structure: {parsed}");
}
