//! Patterns that are a run of characters of one class: `^[a-z0-9-]{1,32}$`.
//!
//! Compiling such a pattern, above all one with `\p{L}`, costs more than checking a whole resource, and three quarters
//! of those that templates meet are of this form. Only ASCII text is matched here.

use std::iter::Peekable;
use std::str::Chars;

/// A run of characters.
pub(super) struct CharClassRun {
    allowed: [bool; 128],
    min: usize,
    max: Option<usize>,
    /// Whether the whole text must be the run; otherwise a part of it is enough.
    whole: bool,
}

impl CharClassRun {
    /// Reads a pattern in the form of the `regex` crate; `None` for one that is more than a run.
    pub(super) fn parse(pattern: &str) -> Option<CharClassRun> {
        let inner = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix('$'));
        let whole = inner.is_some();
        let mut rest = inner.unwrap_or(pattern).chars().peekable();
        let grouped = rest.next_if_eq(&'(').is_some();
        let allowed = class(&mut rest)?;
        let mut counts = counts(&mut rest)?;
        if grouped {
            rest.next_if_eq(&')')?;
            let outer = self::counts(&mut rest)?;
            counts = match (counts, outer) {
                ((1, Some(1)), outer) => outer,
                (inner, (1, Some(1))) => inner,
                _ => return None,
            };
        }
        let (min, max) = counts;
        rest.next().is_none().then_some(CharClassRun { allowed, min, max, whole })
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        let fits = |byte: u8| self.allowed.get(usize::from(byte)).is_some_and(|allowed| *allowed);
        if self.whole {
            let length = text.len();
            return length >= self.min && self.max.is_none_or(|max| length <= max) && text.bytes().all(fits);
        }
        let longest = text.as_bytes().split(|byte| !fits(*byte)).map(<[u8]>::len).max();
        longest.unwrap_or_default() >= self.min
    }
}

fn class(rest: &mut Peekable<Chars<'_>>) -> Option<[bool; 128]> {
    let mut allowed = [false; 128];
    match rest.next()? {
        '.' => {
            allowed = [true; 128];
            allowed[usize::from(b'\n')] = false;
        }
        '[' => {
            let negated = rest.next_if_eq(&'^').is_some();
            while rest.next_if_eq(&']').is_none() {
                item(rest, &mut allowed)?;
            }
            for is in &mut allowed {
                *is ^= negated;
            }
        }
        _ => return None,
    }
    Some(allowed)
}

fn item(rest: &mut Peekable<Chars<'_>>, allowed: &mut [bool; 128]) -> Option<()> {
    let Item::Char(from) = one(rest, allowed)? else { return Some(()) };
    let mut ahead = rest.clone();
    let mut to = from;
    if ahead.next() == Some('-') && ahead.peek().is_some_and(|c| *c != ']') {
        rest.next();
        let Item::Char(end) = one(rest, allowed)? else { return None };
        to = end;
    }
    (from..=to).filter(char::is_ascii).for_each(|c| allowed[c as usize] = true);
    Some(())
}

enum Item {
    Char(char),
    /// A set such as `\s`, which is allowed already.
    Set,
}

/// Returns the next characters between brackets; `None` for what is not supported.
fn one(rest: &mut Peekable<Chars<'_>>, allowed: &mut [bool; 128]) -> Option<Item> {
    let c = rest.next()?;
    if c != '\\' {
        return (c != '[').then_some(Item::Char(c));
    }
    let is: fn(char) -> bool = match rest.next()? {
        's' => |c| c.is_ascii_whitespace() || c == '\u{b}',
        'p' => property(rest)?,
        'n' => return Some(Item::Char('\n')),
        'r' => return Some(Item::Char('\r')),
        't' => return Some(Item::Char('\t')),
        c if c.is_ascii_punctuation() || c == ' ' => return Some(Item::Char(c)),
        _ => return None,
    };
    (0..128_u8).filter(|byte| is(char::from(*byte))).for_each(|byte| allowed[usize::from(byte)] = true);
    Some(Item::Set)
}

/// Returns a general category of Unicode, for ASCII characters only.
fn property(rest: &mut Peekable<Chars<'_>>) -> Option<fn(char) -> bool> {
    let name: String = rest.by_ref().skip(1).take_while(|c| *c != '}').collect();
    match name.as_str() {
        "L" => Some(|c| c.is_ascii_alphabetic()),
        "N" | "Nd" => Some(|c| c.is_ascii_digit()),
        "Z" | "Zs" => Some(|c| c == ' '),
        "M" => Some(|_| false),
        _ => None,
    }
}

/// Parses `*`, `+`, `?`, `{2}`, `{1,32}`; a class without a count occurs once.
fn counts(rest: &mut Peekable<Chars<'_>>) -> Option<(usize, Option<usize>)> {
    match rest.peek() {
        Some('*') => _ = rest.next(),
        Some('+') => return rest.next().map(|_| (1, None)),
        Some('?') => return rest.next().map(|_| (0, Some(1))),
        Some('{') => {
            let inside: String = rest.skip(1).take_while(|c| *c != '}').collect();
            let (min, max) = inside.split_once(',').unwrap_or((&inside, &inside));
            let max = if max.is_empty() { None } else { Some(max.parse().ok()?) };
            return Some((min.parse().ok()?, max));
        }
        _ => return Some((1, Some(1))),
    }
    Some((0, None))
}
