//! Opens files without surprises: a pipe without a writer does not block, and a device is not taken for a file.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{FileType, OFlags};

/// The treatment of a link in place of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Links {
    /// The file that the link points to is opened.
    Followed,
    /// The link is refused.
    Refused,
}

/// Opens a regular file for reading.
///
/// # Errors
///
/// The error of the system, or one that says which kind of file it is instead.
pub(super) fn regular(path: &Path, links: Links) -> Result<File> {
    let follow = if links == Links::Refused { OFlags::NOFOLLOW } else { OFlags::empty() };
    let opened = OpenOptions::new().read(true).custom_flags(flags(without_blocking() | follow)).open(path);
    // A socket cannot be opened, nor a link that is not followed: the error of the system does not name them.
    let file = opened.map_err(|error| match looked_at(path, links).map(|found| kind(&found)) {
        Ok(kind) if !matches!(kind, FileType::RegularFile | FileType::Directory) => not_regular(kind),
        _ => error,
    })?;
    only_regular(file)
}

fn looked_at(path: &Path, links: Links) -> Result<Metadata> {
    if links == Links::Refused { std::fs::symlink_metadata(path) } else { std::fs::metadata(path) }
}

/// Returns an open file, if it is a regular one.
pub(super) fn only_regular(file: File) -> Result<File> {
    match kind(&file.metadata()?) {
        FileType::RegularFile => Ok(file),
        other => Err(not_regular(other)),
    }
}

/// Returns the flags with which opening ends at once, also that of a pipe or a terminal.
pub(super) fn without_blocking() -> OFlags {
    OFlags::NONBLOCK | OFlags::NOCTTY
}

/// Returns flags as the standard library takes them.
pub(super) fn flags(flags: OFlags) -> i32 {
    i32::from_ne_bytes(flags.bits().to_ne_bytes())
}

/// Returns the kind of a file.
pub(super) fn kind(found: &Metadata) -> FileType {
    FileType::from_raw_mode(found.mode())
}

/// Returns the error of a file that is not a regular one.
pub(super) fn not_regular(kind: FileType) -> Error {
    let error = if kind == FileType::Directory { ErrorKind::IsADirectory } else { ErrorKind::InvalidInput };
    Error::new(error, format!("it is {}, not a regular file", name(kind)))
}

/// Returns the kind of a file in words, with its article.
fn name(kind: FileType) -> &'static str {
    match kind {
        FileType::RegularFile => "a file",
        FileType::Directory => "a folder",
        FileType::Symlink => "a link",
        FileType::Fifo => "a pipe",
        FileType::Socket => "a socket",
        FileType::CharacterDevice | FileType::BlockDevice => "a device",
        FileType::Unknown => "a special file",
    }
}
