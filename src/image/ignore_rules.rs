//! The rules of `.dockerignore` (<https://docs.docker.com/build/concepts/context/#dockerignore-files>). Their syntax is not that of
//! `.gitignore`: a pattern is anchored at the folder, `*` does not match `/`, and `!` brings back files below an ignored folder.

use regex::Regex;

/// The rules of an ignore file, in order; the last one that matches a path decides.
#[derive(Debug, Default)]
pub struct IgnoreRules {
    rules: Vec<Rule>,
}

/// A rule of one line.
#[derive(Debug)]
struct Rule {
    pattern: Regex,
    /// The pattern without `!`, if it has no wildcards.
    literal: Option<String>,
    /// Whether it brings back what earlier rules ignore (`!`).
    is_exception: bool,
}

/// A line that is not a valid pattern. Docker refuses the build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidPattern {
    /// The number of the line.
    pub line: usize,
    /// The pattern.
    pub pattern: String,
}

/// The rules that match a folder: they match everything below it, too.
#[derive(Debug, Clone, Default)]
pub struct Verdicts {
    matches: Vec<bool>,
    /// Whether the folder itself is ignored.
    pub is_ignored: bool,
}

impl IgnoreRules {
    /// Parses an ignore file.
    ///
    /// # Errors
    ///
    /// The first line that is not a valid pattern.
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        let mut rules = Vec::new();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (at, line) in text.lines().enumerate() {
            let trimmed = line.trim();
            if line.starts_with('#') || trimmed.is_empty() {
                continue;
            }
            let invalid = || InvalidPattern { line: at + 1, pattern: trimmed.to_owned() };
            let (is_exception, pattern) = match trimmed.strip_prefix('!') {
                Some(rest) => (true, rest.trim()),
                None => (false, trimmed),
            };
            if pattern.is_empty() {
                return Err(invalid());
            }
            let pattern = clean(pattern);
            let expression = expression(&pattern).ok_or_else(invalid)?;
            let literal = (!pattern.contains(['*', '?', '[', '\\'])).then(|| pattern.clone());
            rules.push(Rule { pattern: Regex::new(&expression).map_err(|_| invalid())?, literal, is_exception });
        }
        Ok(Self { rules })
    }

    /// Applies the rules to a path in a folder, from the verdicts about the folder.
    pub fn verdicts(&self, path: &str, folder: &Verdicts) -> Verdicts {
        let mut found = Verdicts { matches: Vec::with_capacity(self.rules.len()), is_ignored: false };
        for (at, rule) in self.rules.iter().enumerate() {
            let matches = folder.matches.get(at).copied().unwrap_or(false) || rule.pattern.is_match(path);
            found.matches.push(matches);
            if matches {
                found.is_ignored = !rule.is_exception;
            }
        }
        found
    }

    /// Returns whether something below an ignored folder may be part of the context.
    pub fn may_have_exceptions_below(&self, folder: &str) -> bool {
        let below = format!("{folder}/");
        self.rules.iter().filter(|rule| rule.is_exception).any(|rule| match &rule.literal {
            Some(path) => path.starts_with(&below),
            None => true,
        })
    }
}

/// Returns a path without `.`, `..` and empty parts, and without the slashes around it.
fn clean(pattern: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/').filter(|part| !matches!(*part, "" | ".")) {
        match parts.last() {
            Some(last) if part == ".." && *last != ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// Returns the regular expression of a pattern; none if a class of characters is not closed or a backslash is the last character.
fn expression(pattern: &str) -> Option<String> {
    let mut expression = String::from("(?s)^");
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '*' if rest.next_if_eq(&'*').is_some() => {
                rest.next_if_eq(&'/');
                expression += if rest.peek().is_none() { ".*" } else { "(?:.*/)?" };
            }
            '*' => expression += "[^/]*",
            '?' => expression += "[^/]",
            '[' => expression += &class(&mut rest)?,
            '\\' => expression += &regex::escape(rest.next()?.encode_utf8(&mut [0; 4])),
            other => expression += &regex::escape(other.encode_utf8(&mut [0; 4])),
        }
    }
    Some(expression + "$")
}

/// Returns the class of characters after `[`: `[a-z]`, `[^.]`. A class does not match `/`.
fn class(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<String> {
    let is_negated = rest.next_if_eq(&'^').is_some();
    let mut ranges = String::new();
    loop {
        let low = match rest.next()? {
            ']' if !ranges.is_empty() => break,
            // An empty class, or a range without a beginning.
            ']' | '-' => return None,
            '\\' => rest.next()?,
            other => other,
        };
        let high = match rest.next_if_eq(&'-') {
            Some(_) => match rest.next()? {
                ']' => return None,
                '\\' => rest.next()?,
                other => other,
            },
            None => low,
        };
        ranges += &format!("\\x{{{:x}}}-\\x{{{:x}}}", u32::from(low), u32::from(high));
    }
    // `[x&&[^/]]` is the intersection: the class without the slash.
    Some(if is_negated { format!("[^/{ranges}]") } else { format!("[{ranges}&&[^/]]") })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns whether a path is ignored, folder by folder as a walk finds it.
    fn ignored(rules: &str, path: &str) -> bool {
        let rules = IgnoreRules::parse(rules).expect("valid rules");
        let mut verdicts = Verdicts::default();
        for (at, _) in path.match_indices('/').chain([(path.len(), "")]) {
            verdicts = rules.verdicts(&path[..at], &verdicts);
        }
        verdicts.is_ignored
    }

    #[test]
    fn pattern_is_anchored_and_matches_what_is_below() {
        for (rules, path, expected) in [
            ("target", "target", true),
            ("target", "target/debug/app", true),
            ("target", "sub/target", false),
            ("/target/", "target/x", true),
            ("./target", "target", true),
            ("a/../target", "target", true),
            ("target", "targets", false),
            ("../x", "x", false),
            (".", "x", false),
            ("a.b", "axb", false),
            ("a+b(c)|{d}$", "a+b(c)|{d}$", true),
        ] {
            assert_eq!(ignored(rules, path), expected, "{rules:?} {path}");
        }
    }

    #[test]
    fn wildcards_match_within_a_part_and_two_stars_across_parts() {
        for (rules, path, expected) in [
            ("*", "a", true),
            ("*", "a/b", true),
            ("*.md", "a.md", true),
            ("*.md", "docs/a.md", false),
            ("*/*.md", "docs/a.md", true),
            ("*/*.md", "docs/x/a.md", false),
            ("**/*.md", "a.md", true),
            ("**/*.md", "docs/x/a.md", true),
            ("docs/**", "docs/x/y", true),
            ("docs/**", "docs", false),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b", true),
            ("a/**/b", "a/xb", false),
            ("**", "anything/at/all", true),
            ("**/.git", "sub/.git/config", true),
            ("temp?", "tempa", true),
            ("temp?", "temp/", false),
            ("temp?", "temp", false),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("[^a-c]x", "dx", true),
            ("a[^b]c", "a/c", false),
            ("[.-0]x", "/x", false),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("ä?", "äö", true),
        ] {
            assert_eq!(ignored(rules, path), expected, "{rules:?} {path}");
        }
    }

    #[test]
    fn last_match_decides_and_exceptions_reach_below_ignored_folders() {
        for (rules, path, expected) in [
            ("*\n!app", "app/main.py", false),
            ("*\n!app", "other", true),
            ("*\n!app/main.py", "app/main.py", false),
            ("*\n!app/main.py", "app/other.py", true),
            ("*.md\n!README*.md\nREADME-secret.md", "README.md", false),
            ("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true),
            ("*.md\nREADME-secret.md\n!README*.md", "README-secret.md", false),
            ("**\n!**/*.py", "a/b/c.py", false),
            ("**\n!**/*.py", "a/b/c.txt", true),
            ("!a", "a", false),
            ("a\n! a", "a", false),
            ("docs\n!docs/keep", "docs/keep/x", false),
        ] {
            assert_eq!(ignored(rules, path), expected, "{rules:?} {path}");
        }
    }

    #[test]
    fn comments_blank_lines_and_a_byte_order_mark_are_no_rules() {
        assert!(!ignored("# a\n\n   \n", "# a"));
        assert!(ignored("\u{feff}a", "a"));
        assert!(ignored("  a  \r\n", "a"));
        // A number sign is a comment in the first column only.
        assert!(ignored(" #a", "#a"));
    }

    #[test]
    fn invalid_pattern_is_an_error_with_its_line() {
        for pattern in ["[a", "[]", "[a-]", "!", "a\\", "[z-a]"] {
            let error = IgnoreRules::parse(&format!("ok\n{pattern}\n")).expect_err(pattern);
            assert_eq!((error.line, error.pattern.as_str()), (2, pattern));
        }
    }

    #[test]
    fn ignored_folder_is_entered_only_for_exceptions() {
        let below = |rules: &str, folder: &str| IgnoreRules::parse(rules).unwrap().may_have_exceptions_below(folder);
        assert!(!below("node_modules", "node_modules"));
        assert!(!below("*\n!app/main.py", "node_modules"));
        assert!(below("*\n!app/main.py", "app"));
        assert!(below("*\n!**/*.py", "node_modules"));
    }
}
