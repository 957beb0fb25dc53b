//! Writes files completely or not at all: a temporary file in the same folder is renamed over the old one.

use std::fs::OpenOptions;
use std::io::{Error, ErrorKind, Result, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;

use super::open::{flags, kind, not_regular, without_blocking};
use super::open_folder::{OpenFolder, PRIVATE_FILE};

/// Writes a file that the user named. The file behind a link is replaced, not the link; what is written to a device or a
/// pipe goes there.
///
/// # Errors
///
/// The error of the system. A folder or a link that points nowhere is an error, too.
pub(crate) fn write_whole(path: &Path, text: &str) -> Result<()> {
    write(path, text, Mode::from_raw_mode(0o666))
}

/// Writes a file that only its owner can read, as [`write_whole`] does.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<()> {
    write(path, text, PRIVATE_FILE)
}

fn write(path: &Path, text: &str, mode: Mode) -> Result<()> {
    let Ok(found) = std::fs::symlink_metadata(path) else {
        return replace(path, text, mode);
    };
    // The file that a link points to: without one this fails, because the new file would be anywhere.
    let target = std::fs::metadata(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Error::new(ErrorKind::NotFound, "it is a link to a file that does not exist"),
        _ => error,
    })?;
    match kind(&target) {
        FileType::RegularFile => {
            let real = if found.is_symlink() { path.canonicalize()? } else { PathBuf::from(path) };
            replace(&real, text, mode)
        }
        FileType::Directory => Err(not_regular(FileType::Directory)),
        kind => write_through(path, text).map_err(|error| no_reader(kind, error)),
    }
}

/// Returns the error of a pipe that no program reads, or of a socket, in words.
fn no_reader(kind: FileType, error: Error) -> Error {
    match kind {
        _ if error.raw_os_error() != Some(Errno::NXIO.raw_os_error()) => error,
        FileType::Fifo => Error::new(ErrorKind::BrokenPipe, "it is a pipe that no program reads"),
        _ => not_regular(kind),
    }
}

/// Replaces a regular file, or creates it.
fn replace(path: &Path, text: &str, mode: Mode) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|error| {
        let is_file = folder.exists() && !folder.is_dir();
        if !is_file {
            return error;
        }
        Error::new(ErrorKind::NotADirectory, format!("`{}` is not a folder", folder.display()))
    })?;
    // The system takes the umask from the mode.
    OpenFolder::at(folder)?.replace(path.file_name().unwrap_or_default(), text, mode)
}

/// Writes to a device or a pipe, as a shell does. A pipe without a reader is an error.
fn write_through(path: &Path, text: &str) -> Result<()> {
    // The first opening fails instead of waiting for a reader. It stays open while the text is written through the second
    // one, which waits until the reader took it: closed before, it would be the end of the text for the reader.
    let _probe = opened(path, without_blocking())?;
    let mut file = opened(path, OFlags::NOCTTY)?;
    file.write_all(text.as_bytes())?;
    file.flush()
}

fn opened(path: &Path, with: OFlags) -> Result<std::fs::File> {
    OpenOptions::new().write(true).custom_flags(flags(with)).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(path: &Path) -> String {
        std::fs::read_to_string(path).expect("a text")
    }

    #[test]
    fn written_file_replaces_the_old_one_and_leaves_no_temporary_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new/plan.json");
        write_whole(&path, "first").expect("a file");
        write_whole(&path, "second").expect("a file");
        assert_eq!(content(&path), "second");
        assert_eq!(std::fs::read_dir(folder.path().join("new")).expect("a folder").count(), 1);
    }

    #[test]
    fn folder_is_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = write_whole(folder.path(), "text").expect_err("it is a folder");
        assert_eq!(error.to_string(), "it is a folder, not a regular file");
    }

    mod special_files {
        use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};

        use super::*;

        fn mode(path: &Path) -> u32 {
            std::fs::metadata(path).expect("a file").permissions().mode() & 0o777
        }

        #[test]
        fn mode_is_the_usual_one_unless_the_file_is_private() {
            let folder = tempfile::tempdir().expect("a folder");
            let [usual, public, private] = ["usual", "public", "private"].map(|name| folder.path().join(name));
            std::fs::write(&usual, "").expect("a file");
            write_whole(&public, "").expect("a file");
            write_private(&private, "").expect("a file");
            assert_eq!(mode(&public), mode(&usual));
            assert_eq!(mode(&private), 0o600);
        }

        #[test]
        fn link_remains_and_its_file_is_replaced() {
            let folder = tempfile::tempdir().expect("a folder");
            let (file, link) = (folder.path().join("file"), folder.path().join("link"));
            std::fs::write(&file, "old").expect("a file");
            symlink("file", &link).expect("a link");
            write_whole(&link, "new").expect("a file");
            assert_eq!(content(&file), "new");
            assert!(std::fs::symlink_metadata(&link).expect("a link").is_symlink());
        }

        #[test]
        fn link_without_a_file_is_refused() {
            let folder = tempfile::tempdir().expect("a folder");
            let link = folder.path().join("link");
            symlink("nowhere", &link).expect("a link");
            assert!(write_whole(&link, "new").is_err());
            assert!(!folder.path().join("nowhere").exists());
        }

        #[test]
        fn device_remains_a_device() {
            write_whole(Path::new("/dev/null"), "text").expect("a device takes it");
            assert!(std::fs::metadata("/dev/null").expect("a device").file_type().is_char_device());
            assert!(write_whole(Path::new("/dev/full"), "text").is_err());
        }

        #[test]
        fn reader_of_a_pipe_gets_the_whole_text() {
            let folder = tempfile::tempdir().expect("a folder");
            let pipe = folder.path().join("pipe");
            assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
            let text = "line\n".repeat(100_000);
            let reader = {
                let pipe = pipe.clone();
                std::thread::spawn(move || content(&pipe))
            };
            // Until the reader has opened the pipe there is none.
            while write_whole(&pipe, &text).is_err() {
                std::thread::yield_now();
            }
            assert_eq!(reader.join().expect("a text").len(), text.len());
        }

        #[test]
        fn pipe_without_a_reader_is_an_error() {
            let folder = tempfile::tempdir().expect("a folder");
            let pipe = folder.path().join("pipe");
            assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
            let error = write_whole(&pipe, "text").expect_err("no reader");
            assert_eq!(error.to_string(), "it is a pipe that no program reads");
            let socket = folder.path().join("socket");
            let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
            let error = write_whole(&socket, "text").expect_err("a socket");
            assert_eq!(error.to_string(), "it is a socket, not a regular file");
            let error = write_whole(&socket.join("below"), "text").expect_err("not a folder");
            assert!(error.to_string().ends_with("is not a folder"), "{error}");
        }
    }
}
