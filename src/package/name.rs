use std::fmt;
use std::sync::Arc;

/// The maximum length of a name in characters.
const LONGEST: usize = 64;

/// The name of a package: lower-case ASCII letters, digits and single hyphens, first a letter. So no two names look alike,
/// and a name is a folder on every system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageName(Arc<str>);

impl PackageName {
    /// Parses a name.
    ///
    /// # Errors
    ///
    /// The reason, as the end of a sentence that begins with the name.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Err("does not begin with a lower-case letter");
        }
        if !text.chars().all(|c| is_part(c) || c == '-') {
            return Err("has characters other than lower-case letters, digits and hyphens");
        }
        if text.ends_with('-') || text.contains("--") {
            return Err("has a hyphen at its end or two in a row");
        }
        if text.len() > LONGEST {
            return Err("is longer than 64 characters");
        }
        if matches!(text, "std" | "rtiler" | "con" | "nul" | "aux" | "prn") {
            return Err("is reserved");
        }
        Ok(Self(text.into()))
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_lower_case_ascii() {
        for good in ["web", "acme-web", "a1", "x2-y"] {
            assert!(PackageName::parse(good).is_ok(), "{good}");
        }
        // The second `a` is Cyrillic.
        for bad in [
            "",
            "Web",
            "1st",
            "a_b",
            "a--b",
            "a-",
            "-a",
            "acme-w\u{430}b",
            "../x",
            "a/b",
            "std",
            "con",
            &"a".repeat(65),
        ] {
            assert!(PackageName::parse(bad).is_err(), "{bad}");
        }
    }
}
