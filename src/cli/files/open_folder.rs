//! Folders that stay open: a file is reached by the folder itself, not by a path that another process may lead elsewhere
//! between a look and the opening (`openat` and its relatives in POSIX).

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Error, ErrorKind, Result, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::open::{not_regular, only_regular, without_blocking};

/// The modes of folders and files that only their owner can use.
const PRIVATE_FOLDER: Mode = Mode::RWXU;
const PRIVATE_FILE: Mode = Mode::RUSR.union(Mode::WUSR);

/// The number of names that are tried for a temporary file: those of killed processes are still there.
const MOST_NAMES: u32 = 100;

/// A folder that is open.
#[derive(Debug)]
pub(super) struct OpenFolder(OwnedFd);

/// The treatment of a file that does not exist, or that exists already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Opens a file for reading.
    Read,
    /// Creates a file, which must not exist.
    CreateNew,
    /// Opens a file for reading and writing, and creates it unless it exists.
    OpenOrCreate,
}

impl OpenFolder {
    /// Opens a folder that the user named; links are followed.
    pub(super) fn at(path: &Path) -> Result<Self> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        Ok(Self(rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?))
    }

    /// Opens a folder in this one; a link or a file in its place is an error.
    pub(super) fn subfolder(&self, part: &OsStr) -> Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = rustix::fs::openat(&self.0, plain(part)?, flags, Mode::empty());
        opened.map(Self).map_err(|errno| match (errno, self.kind(part)) {
            (Errno::NOTDIR | Errno::LOOP | Errno::MLINK, Some(kind)) if kind != FileType::Directory => {
                let is = if kind == FileType::Symlink { "a link" } else { "a file" };
                Error::new(ErrorKind::NotADirectory, format!("{is}, not a folder: remove it"))
            }
            _ => errno.into(),
        })
    }

    /// Opens a folder in this one, and creates it unless it exists. Only its owner may use it: one of an older version of rtiler is
    /// closed to others, if the system allows it.
    pub(super) fn private_subfolder(&self, part: &OsStr) -> Result<Self> {
        match rustix::fs::mkdirat(&self.0, plain(part)?, PRIVATE_FOLDER) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(errno.into()),
        }
        let folder = self.subfolder(part)?;
        let mode = rustix::fs::fstat(&folder.0).map(|found| Mode::from_raw_mode(found.st_mode));
        if mode.is_ok_and(|mode| mode.intersects(Mode::RWXG | Mode::RWXO)) {
            let _ = rustix::fs::fchmod(&folder.0, PRIVATE_FOLDER);
        }
        Ok(folder)
    }

    /// Opens a regular file of the folder; a link is not followed.
    pub(super) fn file(&self, file: &str, access: Access) -> Result<File> {
        let of_access = match access {
            Access::Read => OFlags::RDONLY,
            Access::CreateNew => OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL,
            Access::OpenOrCreate => OFlags::RDWR | OFlags::CREATE,
        };
        let flags = of_access | OFlags::NOFOLLOW | OFlags::CLOEXEC | without_blocking();
        match rustix::fs::openat(&self.0, plain(file.as_ref())?, flags, PRIVATE_FILE) {
            Ok(opened) => only_regular(File::from(opened)),
            // The error of the system names neither a link nor a socket.
            Err(errno) => Err(match self.kind(file.as_ref()) {
                Some(kind) if access != Access::CreateNew && kind != FileType::RegularFile => not_regular(kind),
                _ => errno.into(),
            }),
        }
    }

    /// Writes a file of the folder completely or not at all. Only a regular file is replaced.
    pub(super) fn replace(&self, file: &str, text: &str) -> Result<()> {
        if let Some(kind) = self.kind(plain(file.as_ref())?).filter(|kind| *kind != FileType::RegularFile) {
            return Err(not_regular(kind));
        }
        let (part, mut opened) = self.temporary_file(file)?;
        let written = opened.write_all(text.as_bytes());
        let renamed = written.and_then(|()| {
            rustix::fs::renameat(&self.0, part.as_str(), &self.0, file).map_err(|errno| {
                match self.kind(file.as_ref()) {
                    Some(kind) if kind != FileType::RegularFile => not_regular(kind),
                    _ => errno.into(),
                }
            })
        });
        if renamed.is_err() {
            let _ = self.remove(&part);
        }
        renamed
    }

    fn temporary_file(&self, file: &str) -> Result<(String, File)> {
        let names = (0..MOST_NAMES).map(|number| format!(".{file}.{}-{number}.part", std::process::id()));
        for part in names {
            match self.file(&part, Access::CreateNew) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                created => return created.map(|opened| (part, opened)),
            }
        }
        Err(Error::new(ErrorKind::AlreadyExists, format!("there are too many files `.{file}.*.part`: remove them")))
    }

    /// Returns whether there is anything with a name, also a link that points nowhere.
    pub(super) fn has(&self, file: &str) -> bool {
        self.kind(file.as_ref()).is_some()
    }

    /// Returns the names of what is in the folder; without those that are not text.
    pub(super) fn names(&self) -> Result<Vec<String>> {
        let entries = Dir::read_from(&self.0)?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().to_str().ok().map(str::to_owned));
        Ok(names.filter(|found| found != "." && found != "..").collect())
    }

    /// Removes a file of the folder; of a link, the link.
    pub(super) fn remove(&self, file: &str) -> Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, plain(file.as_ref())?, AtFlags::empty())?)
    }

    /// Returns the kind of a file, without following a link.
    fn kind(&self, file: &OsStr) -> Option<FileType> {
        let found = rustix::fs::statat(&self.0, file, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        Some(FileType::from_raw_mode(found.st_mode))
    }
}

/// Returns a name, if it is one of the folder itself: no path leads out of it.
fn plain(part: &OsStr) -> Result<&OsStr> {
    let bytes = part.as_encoded_bytes();
    let is_plain = !bytes.is_empty() && !bytes.contains(&b'/') && part != "." && part != "..";
    let refused = || Error::new(ErrorKind::InvalidInput, format!("`{}` is not the name of a file", part.display()));
    is_plain.then_some(part).ok_or_else(refused)
}

#[cfg(test)]
mod tests;
