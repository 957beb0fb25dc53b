//! Files: what rtiler reads and writes.
//!
//! *Invariant*: reading opens without blocking and reads regular files (or standard input) up to a size; writing replaces
//! regular files only. The files of `.rtiler/` are private, are opened by `state_folder` only, and no link below it is followed: not
//! even one that another process puts there meanwhile.

mod digest_cache;
mod folder_lock;
mod image_context;
mod open;
mod open_folder;
mod project_files;
mod project_root;
mod read;
mod state_folder;
mod write;

pub(crate) use folder_lock::{FolderLock, LockRefusal};
pub(crate) use project_files::ProjectFiles;
pub(crate) use project_root::{from_working_directory, project_root, relative_to};
pub(crate) use read::read_text;
pub(crate) use state_folder::StateFolder;
pub(crate) use write::{write_private, write_whole};
