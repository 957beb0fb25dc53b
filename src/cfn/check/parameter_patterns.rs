//! The patterns of parameters (`AllowedPattern`), whose work is bounded: a pattern of some bytes can describe a machine of
//! megabytes.
//!
//! CloudFormation takes the regular expressions of Java, in which `\w` and `\d` are of ASCII ("Parameters" in the
//! CloudFormation user guide, `AllowedPattern`; `java.util.regex.Pattern`).

use std::cell::Cell;

use super::properties::translated;
use regex::{Regex, RegexBuilder};

/// The bytes of a compiled pattern of which a template may have any number.
const SMALL: usize = 64 << 10;

/// The bytes of a compiled pattern of which a template may have a few.
const LARGE: usize = 4 << 20;

/// The number of large patterns that are compared.
const MOST_LARGE: usize = 8;

/// The bytes of defaults that are compared with the patterns of one template; a large pattern counts each as several.
const MOST_BYTES: usize = 64 << 10;

/// The patterns of a template. What would take too long to compare is taken as right.
pub(super) struct ParameterPatterns {
    large: Cell<usize>,
    bytes: Cell<usize>,
}

impl Default for ParameterPatterns {
    fn default() -> Self {
        Self { large: Cell::new(MOST_LARGE), bytes: Cell::new(MOST_BYTES) }
    }
}

impl ParameterPatterns {
    /// Returns the first text that a pattern does not match; none for a pattern that is not supported.
    pub(super) fn first_mismatch<'t>(&self, pattern: &str, texts: &[&'t str]) -> Option<&'t str> {
        let (regex, weight) = self.compiled(&translated(&format!("^(?:{pattern})$")))?;
        let matches = |text: &str| {
            let left = self.bytes.get().checked_sub((text.len() + 1) * weight);
            self.bytes.set(left.unwrap_or(0));
            left.is_none() || regex.is_match(text)
        };
        texts.iter().copied().find(|text| !matches(text))
    }

    /// Returns a compiled pattern, and how often the bytes that it is compared with count.
    fn compiled(&self, pattern: &str) -> Option<(Regex, usize)> {
        let compiled = |size| RegexBuilder::new(pattern).size_limit(size).build();
        match compiled(SMALL) {
            Ok(regex) => Some((regex, 1)),
            Err(regex::Error::CompiledTooBig(_)) => {
                self.large.set(self.large.get().checked_sub(1)?);
                Some((compiled(LARGE).ok()?, LARGE / SMALL))
            }
            Err(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_text_that_does_not_match_is_found() {
        let patterns = ParameterPatterns::default();
        assert_eq!(patterns.first_mismatch("[a-z]+", &["a", "B", "C"]), Some("B"));
        assert_eq!(patterns.first_mismatch(r"\w{1,100}", &["a_1"]), None);
        assert_eq!(patterns.first_mismatch(r"\w+", &["é"]), Some("é"));
        assert_eq!(patterns.first_mismatch("(?=x)y", &["a"]), None);
        assert_eq!(patterns.first_mismatch(".{1,1000}", &["a", ""]), Some(""));
    }

    #[test]
    fn work_of_large_patterns_and_long_texts_ends() {
        let patterns = ParameterPatterns::default();
        let large = |at: usize| format!("(.{{1,100}}){{1,20}}{at}");
        let found = (0..50).filter(|at| patterns.first_mismatch(&large(*at), &["a"]).is_some()).count();
        assert_eq!(found, MOST_LARGE);
        assert_eq!(patterns.first_mismatch("((a{1,100}){1,100}){1,100}", &["b"]), None);
        let long = "a".repeat(MOST_BYTES);
        assert_eq!(patterns.first_mismatch("b", &[&long]), None);
        assert_eq!(patterns.first_mismatch("b", &["a"]), None);
    }
}
