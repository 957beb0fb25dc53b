//! The regular expressions of the schemas, which are written for ECMAScript.
//!
//! They are translated where the two dialects differ and compiled when a value first meets them. What has no
//! translation (look-around in the middle, back references) lets every value pass: a check that is not made is better
//! than a wrong one. The test below counts those that are skipped.

use std::cell::OnceCell;
use std::collections::HashMap;

use regex::{Regex, RegexBuilder};

use super::char_class::CharClassRun;

/// The patterns that this check has met.
#[derive(Default)]
pub(super) struct Patterns<'a>(HashMap<&'a str, Option<Pattern>>);

/// Most patterns are a run of characters of one class, which is matched without compiling anything.
enum Pattern {
    Run { run: CharClassRun, source: String, whole: OnceCell<Option<Whole>> },
    Whole(Whole),
}

struct Whole {
    /// Look-ahead at the beginning: what must, or must not, match there.
    ahead: Vec<(bool, Regex)>,
    rest: Regex,
}

impl<'a> Patterns<'a> {
    /// Returns whether the text matches, or the pattern is one that is not supported.
    pub(super) fn fits(&mut self, pattern: &'a str, text: &str) -> bool {
        if matches!(pattern, "" | ".*" | "^.*$" | ".+" if !text.is_empty()) {
            return true;
        }
        let compiled = self.0.entry(pattern).or_insert_with(|| Pattern::new(pattern));
        compiled.as_ref().is_none_or(|pattern| pattern.matches(text))
    }
}

impl Pattern {
    fn new(pattern: &str) -> Option<Self> {
        match CharClassRun::parse(&translated(pattern)) {
            Some(run) => Some(Self::Run { run, source: pattern.to_owned(), whole: OnceCell::new() }),
            None => Whole::compile(pattern).map(Self::Whole),
        }
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Run { run, .. } if text.is_ascii() => run.matches(text),
            Self::Run { source, whole, .. } => {
                whole.get_or_init(|| Whole::compile(source)).as_ref().is_none_or(|whole| whole.matches(text))
            }
            Self::Whole(whole) => whole.matches(text),
        }
    }
}

impl Whole {
    fn compile(pattern: &str) -> Option<Self> {
        let (mut rest, mut ahead) = (pattern.to_owned(), Vec::new());
        while let Some((wanted, inner, after)) = leading_look_ahead(&rest) {
            ahead.push((wanted, regex(&format!("^(?:{inner})"))?));
            rest = format!("^{after}");
        }
        Some(Self { ahead, rest: regex(&rest)? })
    }

    fn matches(&self, text: &str) -> bool {
        self.ahead.iter().all(|(wanted, regex)| regex.is_match(text) == *wanted) && self.rest.is_match(text)
    }
}

/// Splits `^(?!inner)after`. A look-ahead at the beginning can be matched separately.
fn leading_look_ahead(pattern: &str) -> Option<(bool, &str, &str)> {
    let inside = pattern.strip_prefix("^(?")?;
    let wanted = inside.starts_with('=');
    let inside = inside.strip_prefix(['=', '!'])?;
    let (mut depth, mut class, mut escaped) = (1, false, false);
    for (at, c) in inside.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '(' if !class => depth += 1,
            ')' if !class => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((wanted, &inside[..at], &inside[at + 1..])).filter(|(_, _, after)| !top_level_choice(after));
        }
    }
    None
}

/// Returns whether there are alternatives: in `^(?!a)b|c` the look-ahead belongs to the first only.
fn top_level_choice(pattern: &str) -> bool {
    let (mut depth, mut escaped) = (0, false);
    pattern.chars().any(|c| {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '|' => return depth == 0,
            _ => {}
        }
        false
    })
}

fn regex(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(&translated(pattern)).size_limit(16 << 20).build().ok()
}

/// Returns the same expression as the `regex` crate writes it: ASCII classes, and no set operations inside brackets.
pub(in crate::cfn::check) fn translated(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern.chars().peekable();
    let (mut class, mut first, mut after_set) = (false, false, false);
    while let Some(c) = rest.next() {
        let set = std::mem::take(&mut after_set);
        let opened = std::mem::take(&mut first);
        match (c, class) {
            ('\\', _) => after_set = escape(&mut out, rest.next(), class),
            ('[', false) => {
                class = true;
                out.push('[');
                if rest.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                first = true;
            }
            (']', true) if !opened => {
                class = false;
                out.push(']');
            }
            ('[' | '&' | '~' | ']', true) => out.extend(['\\', c]),
            // A hyphen next to a set such as `\w`, or before the end, is literal.
            ('-', true) if set || rest.peek() == Some(&']') || rest.peek() == Some(&'\\') && next_is_set(&rest) => {
                out.push_str("\\-");
            }
            _ => out.push(c),
        }
    }
    out
}

fn next_is_set(rest: &std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    matches!(rest.clone().nth(1), Some('w' | 'd' | 's' | 'W' | 'D' | 'S'))
}

/// Writes an escape; returns whether it is a set of characters.
fn escape(out: &mut String, escaped: Option<char>, class: bool) -> bool {
    let ascii = match escaped {
        Some('w') => "0-9A-Za-z_",
        Some('d') => "0-9",
        Some('Z') => {
            out.push_str("\\z");
            return false;
        }
        Some(c) if c == '/' || c == '_' || c == '"' || c == '\'' => {
            out.push(c);
            return false;
        }
        Some(c) => {
            out.extend(['\\', c]);
            return matches!(c, 's' | 'S' | 'W' | 'D');
        }
        None => return false,
    };
    if class {
        out.push_str(ascii);
    } else {
        out.push('[');
        out.push_str(ascii);
        out.push(']');
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::schema::{Keyword, Node, Schema};

    fn fits(pattern: &str, text: &str) -> bool {
        Patterns::default().fits(pattern, text)
    }

    #[test]
    fn brackets_are_translated_from_ecmascript() {
        assert!(fits(r"^[\w-.]+$", "a-b.c"));
        assert!(fits(r"^[a-z[\]]+$", "a[b]"));
        assert!(fits(r"^[\w&&-]+$", "a&b"));
        assert!(!fits(r"^[\w-.]+$", "a b"));
        assert!(fits(r"^\/[a-z]+$", "/tiles"));
    }

    #[test]
    fn classes_are_ascii() {
        assert!(!fits(r"^\w+$", "é"));
        assert!(!fits(r"^\d+$", "٣"));
    }

    #[test]
    fn leading_look_ahead_is_supported() {
        assert!(!fits(r"^(?!aws:)[a-z:]+$", "aws:name"));
        assert!(fits(r"^(?!aws:)[a-z:]+$", "name"));
        assert!(!fits(r"^(?=.{3,5}$)(?!internal-)[a-z-]+$", "abcdef"));
    }

    #[test]
    fn char_class_run_agrees_with_the_regex() {
        let runs =
            [r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$", r"^([a-z]{2,4})$", r"^[^,]+$", r"^([\w\s-])+$", ".{3,}", r"[a-c]+"];
        for pattern in runs {
            let run = CharClassRun::parse(&translated(pattern)).expect("a run of one class");
            let whole = Whole::compile(pattern).expect("a plain pattern");
            for text in ["", "a", "ab", "abc", "abcde", "a b", "a,b", "a-b", "A1", "_", "a\nb", "zzz", "{}"] {
                assert_eq!(run.matches(text), whole.matches(text), "{pattern} {text:?}");
            }
        }
    }

    #[test]
    fn few_patterns_of_the_schema_are_skipped() {
        let schema = Schema::embedded();
        let mut patterns = std::collections::BTreeSet::new();
        for name in schema.services().flat_map(|service| schema.types_of(service)).collect::<Vec<_>>() {
            let kind = schema.get(&name).expect("a listed type exists");
            collect(kind.properties(), 8, &mut patterns);
        }
        // All 2,800 take many seconds to compile without optimisation; of all of them 67 are skipped.
        let sample: Vec<_> = patterns.iter().step_by(7).collect();
        let skipped: Vec<_> = sample.iter().filter(|pattern| Whole::compile(pattern).is_none()).collect();
        assert!(sample.len() > 300, "{}", sample.len());
        assert!(skipped.len() <= 12, "{} of {}: {skipped:#?}", skipped.len(), sample.len());
    }

    fn collect<'s>(node: Node<'s>, depth: usize, found: &mut std::collections::BTreeSet<&'s str>) {
        if depth == 0 {
            return;
        }
        for keyword in node.keywords() {
            match keyword {
                Keyword::Pattern(pattern) => _ = found.insert(pattern),
                Keyword::Items(part) => collect(part, depth - 1, found),
                Keyword::Properties => {
                    node.own_properties().into_iter().for_each(|(_, part)| collect(part, depth - 1, found));
                }
                _ => {}
            }
        }
    }
}
