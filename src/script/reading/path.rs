//! Paths of files that scripts read: relative to the root of the project, with `/` between their parts.

use wildmatch::WildMatch;

use crate::diag::{Code, Diagnostic};

/// A path that is plainly below the root of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProjectPath(String);

impl ProjectPath {
    /// Returns the path with `/` between its parts.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns its parts.
    pub(super) fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }
}

/// Parses a path that a script wrote.
///
/// # Errors
///
/// The path is absolute, leads upwards, or has characters that are not seen or that some systems read differently.
pub(super) fn parse(path: &str) -> Result<ProjectPath, Diagnostic> {
    let is_unseen = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let shown = path.escape_debug();
    if path.starts_with(['/', '~']) || path.contains('\\') || path.contains(':') {
        return Err(outside(&format!("`{shown}` is not relative to the project, with `/` between its parts")));
    }
    if path.chars().any(is_unseen) {
        return Err(outside(&format!("`{shown}` has characters that are not visible")));
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.contains(&"..") {
        return Err(outside(&format!("`{shown}` leads upwards")));
    }
    if parts.is_empty() {
        return Err(Diagnostic::new(Code::FileMissing, format!("`{shown}` names no file")));
    }
    Ok(ProjectPath(parts.join("/")))
}

fn outside(message: &str) -> Diagnostic {
    Diagnostic::new(Code::FileOutside, message)
        .help("write the path of a file in the project, relative to its root: `config/web.json`")
}

/// A pattern of paths: `*` and `?` match within a part, `**` any number of parts.
pub(super) struct Pattern<'a> {
    parts: Vec<&'a str>,
    folder: String,
}

impl<'a> Pattern<'a> {
    /// Creates a pattern from a path.
    pub(super) fn new(path: &'a str) -> Self {
        let parts: Vec<&str> = path.split('/').collect();
        let fixed = parts[..parts.len() - 1].iter().take_while(|part| !part.contains(['*', '?']));
        let folder = fixed.copied().collect::<Vec<_>>().join("/");
        Self { parts, folder }
    }

    /// Returns the folder that contains all matches: the parts before the first `*`.
    pub(super) fn folder(&self) -> &str {
        &self.folder
    }

    /// Returns whether a path matches.
    pub(super) fn matches(&self, path: &str) -> bool {
        let parts: Vec<&str> = path.split('/').collect();
        // The state after each part of the pattern: which numbers of parts of the path are matched.
        let mut reached = vec![false; parts.len() + 1];
        reached[0] = true;
        for part in &self.parts {
            let mut next = vec![false; parts.len() + 1];
            if *part == "**" {
                let first = reached.iter().position(|is_reached| *is_reached).unwrap_or(parts.len() + 1);
                next.iter_mut().skip(first).for_each(|state| *state = true);
            } else {
                let wild = WildMatch::new(part);
                for (at, name) in parts.iter().enumerate() {
                    next[at + 1] = reached[at] && wild.matches(name);
                }
            }
            reached = next;
        }
        reached[parts.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_below_the_project_is_written_in_one_way() {
        for (written, plain) in
            [("a/b.json", "a/b.json"), ("./a//b.json", "a/b.json"), ("a/./b", "a/b"), ("a b", "a b")]
        {
            assert_eq!(parse(written).expect("a path").as_str(), plain);
        }
        // A file may be called so; it is not decoded.
        assert_eq!(parse("%2e%2e/a").expect("a path").as_str(), "%2e%2e/a");
    }

    #[test]
    fn path_that_leads_outside_is_refused() {
        for path in [
            "/etc/passwd",
            "..",
            "../a",
            "a/../../b",
            "a/..",
            "~/.aws/credentials",
            "C:/x",
            "a\\..\\b",
            "a\0b",
            "a\u{200b}b",
            "\u{202e}a",
            "//server/share",
            "file:///etc/passwd",
            "\\\\?\\C:\\x",
            "",
            ".",
            "a\nb",
        ] {
            assert!(parse(path).is_err(), "{path:?}");
        }
    }

    #[test]
    fn pattern_matches_within_parts_and_across_them() {
        let matches = |pattern: &str, path: &str| Pattern::new(pattern).matches(path);
        assert!(matches("config/*.json", "config/a.json") && !matches("config/*.json", "config/b/a.json"));
        assert!(matches("**/*.json", "a.json") && matches("**/*.json", "x/y/a.json"));
        assert!(matches("a/**/b", "a/b") && matches("a/**/b", "a/x/y/b") && !matches("a/**/b", "b"));
        assert!(matches("a/?.txt", "a/b.txt") && !matches("a/?.txt", "a/bc.txt"));
        assert_eq!(Pattern::new("config/x/*.json").folder(), "config/x");
        assert_eq!(Pattern::new("*.json").folder(), "");
    }
}
