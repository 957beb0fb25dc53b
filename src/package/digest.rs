use std::fmt;
use std::io::{ErrorKind, Read};

use sha2::{Digest as _, Sha256};

/// The bytes that are read at once.
const BLOCK: usize = 256 << 10;

/// The SHA-256 of a content, as OCI registries name it: `sha256:` with 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(String);

impl Digest {
    /// Returns the digest of a content.
    pub fn of(content: &[u8]) -> Self {
        Self(format!("sha256:{}", hex(&Sha256::digest(content))))
    }

    /// Returns the digest of everything that a reader gives, block by block.
    ///
    /// # Errors
    ///
    /// The error of the reader.
    pub fn of_reader(mut reader: impl Read) -> std::io::Result<Self> {
        let (mut hash, mut block) = (Sha256::new(), vec![0; BLOCK]);
        loop {
            match reader.read(&mut block) {
                Ok(0) => return Ok(Self(format!("sha256:{}", hex(&hash.finalize())))),
                Ok(read) => hash.update(&block[..read]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Returns the hexadecimal digits alone.
    pub fn digits(&self) -> &str {
        self.0.trim_start_matches("sha256:")
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

/// Returns bytes as hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
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
        let long = vec![7; BLOCK + 1];
        assert_eq!(Digest::of_reader(long.as_slice()).expect("a reader of memory"), Digest::of(&long));
        for text in ["", "sha256:", "sha512:44", &empty.to_uppercase(), &format!("{empty}0")] {
            assert_eq!(Digest::parse(text), None, "{text}");
        }
    }
}
