//! Opens files without surprises: a pipe without a writer does not block, and a device is not taken for a file.

use std::fs::{File, FileType, OpenOptions};
use std::io::{Error, ErrorKind, Result};
use std::path::Path;

/// The treatment of a link in place of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Links {
    /// The file that the link points to is opened.
    Followed,
    /// The link is refused.
    Refused,
}

/// Opens a regular file.
///
/// # Errors
///
/// The error of the system, or one that says which kind of file it is instead.
pub(super) fn regular(path: &Path, options: &mut OpenOptions, links: Links) -> Result<File> {
    if links == Links::Refused {
        // The flag alone is enough where there is one; this gives the error its words.
        refuse_link(path)?;
    }
    // A socket cannot be opened; the error of the system does not name it.
    let file = without_blocking(options, links).open(path).map_err(|error| match std::fs::metadata(path) {
        Ok(found) if !found.is_file() && !found.is_dir() => not_regular(found.file_type()),
        _ => error,
    })?;
    let kind = file.metadata()?.file_type();
    if kind.is_file() { Ok(file) } else { Err(not_regular(kind)) }
}

/// Checks that there is not a link at a path.
pub(super) fn refuse_link(path: &Path) -> Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_symlink() => Err(not_regular(found.file_type())),
        _ => Ok(()),
    }
}

/// Returns the error of a file that is not a regular one.
pub(super) fn not_regular(kind: FileType) -> Error {
    let error = if kind.is_dir() { ErrorKind::IsADirectory } else { ErrorKind::InvalidInput };
    Error::new(error, format!("it is {}, not a regular file", name(kind)))
}

#[cfg(unix)]
fn without_blocking(options: &mut OpenOptions, links: Links) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let follow = if links == Links::Refused { libc::O_NOFOLLOW } else { 0 };
    options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY | follow)
}

#[cfg(not(unix))]
fn without_blocking(options: &mut OpenOptions, _links: Links) -> &mut OpenOptions {
    options
}

/// Returns what a file is, with its article.
fn name(kind: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return "a pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
    }
    match () {
        () if kind.is_dir() => "a folder",
        () if kind.is_symlink() => "a link",
        () => "a special file",
    }
}
