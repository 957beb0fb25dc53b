use std::fmt;

use sha2::{Digest as _, Sha256};

/// The SHA-256 of a content, as OCI registries name it: `sha256:` with 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(String);

impl Digest {
    /// Returns the digest of a content.
    pub fn of(content: &[u8]) -> Self {
        let digits: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("sha256:{digits}"))
    }

    /// Parses a digest; none if the text is not one, or has another algorithm.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("sha256:")?;
        let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        (digits.len() == 64 && digits.chars().all(is_digit)).then(|| Self(text.to_owned()))
    }

    /// Returns the digest as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_is_that_of_sha256sum() {
        // printf '{}' | sha256sum; the OCI image specification has the same digest for its empty descriptor.
        let empty = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        assert_eq!(Digest::of(b"{}").as_str(), empty);
        assert_eq!(Digest::parse(empty), Some(Digest::of(b"{}")));
        for text in ["", "sha256:", "sha512:44", &empty.to_uppercase(), &format!("{empty}0")] {
            assert_eq!(Digest::parse(text), None, "{text}");
        }
    }
}
