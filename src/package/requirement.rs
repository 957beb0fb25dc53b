use std::fmt;

use semver::Version;

/// The versions that a dependency accepts: a lowest version, and those compatible with it (caret range of Semantic
/// Versioning: `1.2` accepts 1.2.0 and later ones before 2.0.0; `0.3` those before 0.4.0).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Requirement {
    /// The lowest version.
    pub lowest: Version,
}

impl Requirement {
    /// Parses `1`, `1.2`, `1.2.3`, each also with `^` or `v` before it.
    ///
    /// # Errors
    ///
    /// The reason, as the end of a sentence that begins with the text.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let number = text.strip_prefix('^').unwrap_or(text);
        let number = number.strip_prefix('v').unwrap_or(number);
        if number.starts_with(['=', '<', '>', '~', '*']) || number.contains(',') {
            return Err("is not a caret range");
        }
        let (core, suffix) = match number.find(['-', '+']) {
            Some(at) => number.split_at(at),
            None => (number, ""),
        };
        let missing = match core.matches('.').count() {
            0 => ".0.0",
            1 => ".0",
            _ => "",
        };
        let lowest = Version::parse(&format!("{core}{missing}{suffix}")).map_err(|_| "is not a version")?;
        Ok(Self { lowest })
    }

    /// Returns whether a version is at least the lowest one and compatible with it.
    pub fn accepts(&self, version: &Version) -> bool {
        let least = |part: &Version| (part.major, if part.major == 0 { part.minor } else { 0 });
        let exact = self.lowest.major == 0 && self.lowest.minor == 0;
        let compatible = least(&self.lowest) == least(version) && (!exact || self.lowest.patch == version.patch);
        // A version before a release is only accepted by a requirement that names it.
        let released = version.pre.is_empty() || *version == self.lowest;
        compatible && released && *version >= self.lowest
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "^{}", self.lowest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(requirement: &str, version: &str) -> bool {
        Requirement::parse(requirement).expect("a requirement").accepts(&Version::parse(version).expect("a version"))
    }

    #[test]
    fn caret_range_ends_before_the_next_incompatible_version() {
        assert!(accepts("1.2", "1.2.0") && accepts("^1.2", "1.9.4") && accepts("v1", "1.0.0"));
        assert!(!accepts("1.2", "1.1.9") && !accepts("1.2", "2.0.0"));
        assert!(accepts("0.3", "0.3.9") && !accepts("0.3", "0.4.0"));
        assert!(accepts("0.0.3", "0.0.3") && !accepts("0.0.3", "0.0.4"));
    }

    #[test]
    fn version_before_a_release_is_accepted_only_if_it_is_named() {
        assert!(!accepts("1.2", "1.3.0-rc.1"));
        assert!(accepts("1.3.0-rc.1", "1.3.0-rc.1") && accepts("1.3.0-rc.1", "1.3.0"));
    }

    #[test]
    fn other_ranges_are_refused() {
        for text in [">=1", "~1.2", "*", "1.2, 1.3", "=1", "latest", "", "1.x"] {
            assert!(Requirement::parse(text).is_err(), "{text}");
        }
    }
}
