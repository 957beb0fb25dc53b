use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// The maximum number of entries of an archive.
const MOST_ENTRIES: usize = 10_000;
/// The maximum size of a manifest, an index or a configuration in bytes.
const LARGEST_TEXT: u64 = 8 << 20;

/// The first bytes of a file that `gzip` compressed.
pub(super) const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The place of a file in an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) size: u64,
}

/// The files of an archive, by path.
#[derive(Debug, Default)]
pub(super) struct Contents {
    files: HashMap<String, Place>,
    /// Links to other files: `docker save` writes them for layers that are there twice.
    links: HashMap<String, String>,
}

impl Contents {
    /// Reads the list of files of an archive. Their contents are not read.
    ///
    /// # Errors
    ///
    /// The reason why it is not an archive.
    pub(super) fn of(path: &Path) -> Result<Self, String> {
        let other = |error: std::io::Error| error.to_string();
        let mut file = File::open(path).map_err(other)?;
        let mut start = [0; 2];
        if file.read(&mut start).map_err(other)? == 2 && start == GZIP {
            return Err("it is compressed; unpack it with `gunzip` first".to_owned());
        }
        file.seek(SeekFrom::Start(0)).map_err(other)?;
        let mut archive = tar::Archive::new(file);
        let mut contents = Self::default();
        for (at, entry) in archive.entries_with_seek().map_err(other)?.enumerate() {
            let entry = entry.map_err(other)?;
            if at >= MOST_ENTRIES {
                return Err(format!("it has more than {MOST_ENTRIES} files"));
            }
            let path = entry.path().map_err(other)?.to_string_lossy().trim_start_matches("./").to_owned();
            if entry.header().entry_type().is_file() {
                contents.files.insert(path, Place { offset: entry.raw_file_position(), size: entry.size() });
            } else if let Ok(Some(to)) = entry.link_name() {
                contents.links.insert(path.clone(), joined(&path, &to.to_string_lossy()));
            }
        }
        Ok(contents)
    }

    /// Returns the place of a file.
    pub(super) fn find(&self, path: &str) -> Option<Place> {
        let file = |path: &str| self.files.get(path).copied();
        file(path).or_else(|| file(self.links.get(path)?))
    }

    /// Reads a file as text.
    ///
    /// # Errors
    ///
    /// The reason why it cannot be read.
    pub(super) fn text(&self, archive: &Path, path: &str) -> Result<Vec<u8>, String> {
        let place = self.find(path).ok_or_else(|| format!("it has no `{path}`"))?;
        if place.size > LARGEST_TEXT {
            return Err(format!("`{path}` is too large"));
        }
        let mut file = File::open(archive).map_err(|error| error.to_string())?;
        file.seek(SeekFrom::Start(place.offset)).map_err(|error| error.to_string())?;
        let mut bytes = Vec::new();
        file.take(place.size).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        Ok(bytes)
    }
}

/// Returns the path of a link's target in the archive.
fn joined(link: &str, to: &str) -> String {
    let mut parts: Vec<&str> = link.split('/').collect();
    parts.pop();
    for part in to.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            other => parts.push(other),
        }
    }
    parts.join("/")
}
