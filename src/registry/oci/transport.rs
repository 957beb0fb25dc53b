use std::fmt;
use std::time::Duration;

use crate::package::Digest;

/// The calls of one repository of an OCI registry (the OCI distribution specification, 1.1). It knows nothing of packages.
pub trait Transport {
    /// Returns every tag; none for a repository that does not exist.
    ///
    /// # Errors
    ///
    /// The reason why they cannot be read.
    fn tags(&self) -> Result<Vec<String>, TransportError>;

    /// Returns the manifest of a tag or digest; none if there is none.
    ///
    /// # Errors
    ///
    /// The reason why it cannot be read.
    fn manifest(&self, reference: &str) -> Result<Option<Vec<u8>>, TransportError>;

    /// Returns a blob of at most `largest` bytes.
    ///
    /// # Errors
    ///
    /// The reason why it cannot be read.
    fn blob(&self, digest: &Digest, largest: usize) -> Result<Vec<u8>, TransportError>;

    /// Uploads a blob.
    ///
    /// # Errors
    ///
    /// The reason why the registry does not take it.
    fn upload(&self, content: &[u8]) -> Result<(), TransportError>;

    /// Writes the manifest of a tag.
    ///
    /// # Errors
    ///
    /// The reason why the registry does not take it.
    fn tag(&self, tag: &str, media_type: &str, manifest: &[u8]) -> Result<(), TransportError>;
}

/// The reason why a call of a registry failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransportError {
    /// The registry has no such repository, manifest or blob.
    Missing,
    /// It needs credentials, or refuses those that it got; with its message.
    Denied(String),
    /// It answered with a status that says that it cannot serve the call now, also after retries; with its message.
    Unavailable(u16, String),
    /// It did not answer in time.
    TimedOut(Duration),
    /// The connection ended before the answer did, also after retries; with the reason.
    Interrupted(String),
    /// Its answer is larger than the limit in bytes.
    TooLarge(usize),
    /// Its answer is not what its digest says.
    WrongDigest {
        /// The digest in the request, or in the answer.
        expected: String,
        /// The digest of what it sent.
        found: String,
    },
    /// The credentials of this machine cannot be read.
    Credentials(String),
    /// Any other error.
    Other(String),
}

#[cfg(feature = "oci")]
impl TransportError {
    /// Returns whether the same call may succeed after a pause.
    pub(super) fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(..) | Self::Interrupted(_))
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => out.write_str("the registry does not have it"),
            Self::Denied(message) if message.is_empty() => {
                out.write_str("the registry refused access: it needs other credentials, or has no such repository")
            }
            Self::Denied(message) => write!(out, "the registry refused: {message}"),
            Self::Unavailable(status, message) => write!(out, "the registry answered with status {status}: {message}"),
            Self::TimedOut(longest) => write!(out, "the registry did not answer within {} s", longest.as_secs_f64()),
            Self::Interrupted(reason) => write!(out, "the connection to the registry ended early: {reason}"),
            Self::TooLarge(largest) => write!(out, "the registry sent more than {largest} bytes"),
            Self::WrongDigest { .. } => out.write_str("the registry sent something else than its digest says"),
            Self::Credentials(why) => write!(out, "the credentials of the registry cannot be read: {why}"),
            Self::Other(message) => out.write_str(message),
        }
    }
}
