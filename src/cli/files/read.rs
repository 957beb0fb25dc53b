//! Reads texts.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use super::open::{Links, regular};
use crate::script::LoadError;

/// The largest file that is read: a script, a template, a plan, a record or the rehearsal account.
const LARGEST: u64 = 16 << 20;

/// Reads a regular file as text; `-` is standard input.
pub(crate) fn read_text(path: &Path) -> Result<String, LoadError> {
    if path == Path::new("-") {
        return text(std::io::stdin().lock());
    }
    read_file(path, Links::Followed)
}

/// Reads a regular file as text.
pub(super) fn read_file(path: &Path, links: Links) -> Result<String, LoadError> {
    read_open(regular(path, links).map_err(|error| unreadable(&error))?)
}

/// Reads an open file as text.
pub(super) fn read_open(file: File) -> Result<String, LoadError> {
    let size = file.metadata().map_err(|error| unreadable(&error))?.len();
    if size > LARGEST {
        return Err(LoadError::TooLarge(size));
    }
    text(file)
}

fn text(source: impl Read) -> Result<String, LoadError> {
    let mut bytes = Vec::new();
    // The size of standard input is unknown, and a file may grow.
    source.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if u64::try_from(bytes.len()).is_ok_and(|size| size > LARGEST) {
        return Err(LoadError::TooLarge(LARGEST));
    }
    // Editors on Windows add a byte order mark, which is not part of the text.
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        LoadError::NotText(1 + good.iter().filter(|byte| **byte == b'\n').count())
    })
}

pub(super) fn unreadable(error: &std::io::Error) -> LoadError {
    match error.kind() {
        ErrorKind::NotFound => LoadError::Missing,
        ErrorKind::IsADirectory => LoadError::Folder,
        ErrorKind::InvalidInput => LoadError::NotRegular(error.to_string()),
        _ => LoadError::Other(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_that_is_not_text_is_an_error_with_its_reason() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.rhai");
        std::fs::write(&file, b"let a = 1;\nlet b = \xff;").expect("a file");
        assert_eq!(read_text(&file), Err(LoadError::NotText(2)));
        assert_eq!(read_text(folder.path()), Err(LoadError::Folder));
        assert_eq!(read_text(&folder.path().join("none")), Err(LoadError::Missing));
    }

    #[test]
    fn pipes_and_devices_are_refused_without_waiting() {
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = folder.path().join("pipe.rhai");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
        assert!(made.success());
        assert_eq!(read_text(&pipe), Err(LoadError::NotRegular("it is a pipe, not a regular file".into())));
        let device = read_text(Path::new("/dev/zero"));
        assert_eq!(device, Err(LoadError::NotRegular("it is a device, not a regular file".into())));
    }

    #[test]
    fn file_over_the_limit_is_not_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("large");
        std::fs::File::create(&path).and_then(|file| file.set_len(LARGEST + 1)).expect("a file");
        assert_eq!(read_text(&path), Err(LoadError::TooLarge(LARGEST + 1)));
    }
}
