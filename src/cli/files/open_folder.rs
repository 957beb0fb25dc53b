//! Folders that stay open: a file is reached by the folder itself, not by a path that another process may lead elsewhere
//! between a look and the opening (`openat` and its relatives in POSIX).

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Error, ErrorKind, Result, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::open::{not_regular, only_regular, without_blocking};

/// The mode of a folder that only its owner can use.
const PRIVATE_FOLDER: Mode = Mode::RWXU;
/// The mode of a file that only its owner can read.
pub(super) const PRIVATE_FILE: Mode = Mode::RUSR.union(Mode::WUSR);

/// The flags of a folder: on Linux it need not be readable, as for a path through it.
#[cfg(target_os = "linux")]
const FOLDER: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
#[cfg(not(target_os = "linux"))]
const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

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
        Ok(Self(rustix::fs::open(path, FOLDER, Mode::empty())?))
    }

    /// Opens a folder in this one; a link or a file in its place is an error.
    pub(super) fn subfolder(&self, part: &OsStr) -> Result<Self> {
        let opened = rustix::fs::openat(&self.0, plain(part)?, FOLDER | OFlags::NOFOLLOW, Mode::empty());
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
            let _ = rustix::fs::chmodat(&folder.0, ".", PRIVATE_FOLDER, AtFlags::empty());
        }
        Ok(folder)
    }

    /// Opens a regular file of the folder; a link is not followed. A new file is private to its owner.
    pub(super) fn file(&self, file: impl AsRef<OsStr>, access: Access) -> Result<File> {
        self.file_with(file.as_ref(), access, PRIVATE_FILE)
    }

    fn file_with(&self, file: &OsStr, access: Access, mode: Mode) -> Result<File> {
        let of_access = match access {
            Access::Read => OFlags::RDONLY,
            Access::CreateNew => OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL,
            Access::OpenOrCreate => OFlags::RDWR | OFlags::CREATE,
        };
        let flags = of_access | OFlags::NOFOLLOW | OFlags::CLOEXEC | without_blocking();
        match rustix::fs::openat(&self.0, plain(file)?, flags, mode) {
            Ok(opened) => only_regular(File::from(opened)),
            // The error of the system names neither a link nor a socket.
            Err(errno) => Err(match self.kind(file) {
                Some(kind) if access != Access::CreateNew && kind != FileType::RegularFile => not_regular(kind),
                _ => errno.into(),
            }),
        }
    }

    /// Writes a file of the folder completely or not at all. Only a regular file is replaced.
    pub(super) fn replace(&self, file: impl AsRef<OsStr>, text: &str, mode: Mode) -> Result<()> {
        let file = plain(file.as_ref())?;
        if let Some(kind) = self.kind(file).filter(|kind| *kind != FileType::RegularFile) {
            return Err(not_regular(kind));
        }
        let (part, mut opened) = self.temporary_file(file, mode)?;
        let written = opened.write_all(text.as_bytes());
        let renamed = written.and_then(|()| Ok(rustix::fs::renameat(&self.0, part.as_os_str(), &self.0, file)?));
        if renamed.is_err() {
            let _ = self.remove(&part);
        }
        renamed
    }

    fn temporary_file(&self, file: &OsStr, mode: Mode) -> Result<(OsString, File)> {
        let numbered = |number: u32| {
            let mut part = OsString::from(".");
            part.push(file);
            part.push(format!(".{}-{number}.part", std::process::id()));
            part
        };
        for part in (0..MOST_NAMES).map(numbered) {
            match self.file_with(&part, Access::CreateNew, mode) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                created => return created.map(|opened| (part, opened)),
            }
        }
        let message = format!("there are too many files `.{}.*.part`: remove them", file.display());
        Err(Error::new(ErrorKind::AlreadyExists, message))
    }

    /// Returns whether there is anything with a name, also a link that points nowhere.
    pub(super) fn has(&self, file: &str) -> bool {
        self.kind(file.as_ref()).is_some()
    }

    /// Returns the names of what is in the folder; without those that are not text.
    pub(super) fn names(&self) -> Result<Vec<String>> {
        let readable = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let entries = Dir::new(rustix::fs::openat(&self.0, ".", readable, Mode::empty())?)?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().to_str().ok().map(str::to_owned));
        Ok(names.filter(|found| found != "." && found != "..").collect())
    }

    /// Removes a file of the folder; of a link, the link.
    pub(super) fn remove(&self, file: impl AsRef<OsStr>) -> Result<()> {
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
