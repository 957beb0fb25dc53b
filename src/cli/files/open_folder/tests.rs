use std::io::Read;
use std::os::unix::fs::symlink;

use super::*;

/// A folder `state` with a file `a`, and a folder `theirs` of another user with a file of the same name.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().expect("a folder"));
        for folder in ["state", "theirs"] {
            std::fs::create_dir(place.path(folder)).expect("a folder");
            std::fs::write(place.path(folder).join("a"), folder).expect("a file");
        }
        place
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn open(&self) -> Result<OpenFolder> {
        OpenFolder::at(self.0.path())?.subfolder("state".as_ref())
    }

    /// Puts a link to `theirs` in place of `state`, as another process does.
    fn lead_elsewhere(&self) {
        std::fs::rename(self.path("state"), self.path("moved")).expect("a folder");
        symlink(self.path("theirs"), self.path("state")).expect("a link");
    }

    fn text(&self, file: &str) -> String {
        std::fs::read_to_string(self.path(file)).expect("a text")
    }
}

#[test]
fn folder_that_becomes_a_link_after_it_was_opened_still_gets_its_files() {
    let place = Place::new();
    let folder = place.open().expect("a folder");
    place.lead_elsewhere();
    folder.replace("a", "new", PRIVATE_FILE).expect("a file");
    folder.replace("b", "new", PRIVATE_FILE).expect("a file");
    folder.file("c", Access::CreateNew).expect("a file");
    let mut read = String::new();
    folder.file("a", Access::Read).and_then(|mut file| file.read_to_string(&mut read)).expect("a text");
    folder.private_subfolder("inner".as_ref()).expect("a folder");
    folder.remove("b").expect("a file");
    assert_eq!(
        (read.as_str(), place.text("moved/a").as_str(), place.text("theirs/a").as_str()),
        ("new", "new", "theirs")
    );
    let names = |folder: &str| OpenFolder::at(&place.path(folder)).and_then(|it| it.names()).expect("names");
    assert_eq!(names("theirs"), ["a"]);
    assert_eq!(names("moved").len(), 3, "`a`, `c` and `inner`");
    assert!(place.open().is_err());
}

// Another thread exchanges the folder and a link all the time, as fast as it can.
#[cfg(target_os = "linux")]
#[test]
fn nothing_is_written_through_a_link_that_takes_turns_with_the_folder() {
    use std::sync::atomic::{AtomicBool, Ordering};

    use rustix::fs::{CWD, RenameFlags, renameat_with};

    let place = Place::new();
    symlink(place.path("theirs"), place.path("link")).expect("a link");
    let (ends, turns, written) = (AtomicBool::new(false), std::sync::Barrier::new(2), &mut 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            turns.wait();
            while !ends.load(Ordering::Relaxed) {
                renameat_with(CWD, place.path("state"), CWD, place.path("link"), RenameFlags::EXCHANGE)
                    .expect("a turn");
            }
        });
        turns.wait();
        for _ in 0..3_000 {
            let folder = OpenFolder::at(place.0.path());
            let folder = folder.and_then(|outer| outer.private_subfolder("state".as_ref()));
            *written += u32::from(folder.and_then(|it| it.replace("a", "mine", PRIVATE_FILE)).is_ok());
        }
        ends.store(true, Ordering::Relaxed);
    });
    assert_eq!(place.text("theirs/a"), "theirs");
    assert_eq!(std::fs::read_dir(place.path("theirs")).expect("a folder").count(), 1);
    assert!(*written > 0, "the folder was there from time to time");
}

#[test]
fn only_a_regular_file_is_replaced() {
    let place = Place::new();
    let folder = place.open().expect("a folder");
    symlink(place.path("theirs/a"), place.path("state/link")).expect("a link");
    symlink(place.path("nowhere"), place.path("state/dangling")).expect("a link");
    std::fs::create_dir(place.path("state/folder")).expect("a folder");
    let pipe = std::process::Command::new("mkfifo").arg(place.path("state/pipe")).status().expect("mkfifo");
    assert!(pipe.success());
    for (name, kind) in [("link", "a link"), ("dangling", "a link"), ("folder", "a folder"), ("pipe", "a pipe")] {
        for result in [folder.replace(name, "new", PRIVATE_FILE), folder.file(name, Access::OpenOrCreate).map(drop)] {
            let error = result.expect_err(name).to_string();
            assert_eq!(error, format!("it is {kind}, not a regular file"), "{name}");
        }
        assert!(folder.file(name, Access::CreateNew).is_err(), "{name}");
    }
    assert_eq!(place.text("theirs/a"), "theirs");
    assert!(!place.path("nowhere").exists());
    let names = folder.names().expect("names");
    assert!(names.iter().all(|name| !name.contains(".part")), "a temporary file is left: {names:?}");
}

#[test]
fn name_that_leads_out_of_the_folder_is_refused() {
    let place = Place::new();
    let folder = place.open().expect("a folder");
    for name in ["", ".", "..", "../theirs/a", "/etc/passwd", "a/b"] {
        assert!(folder.file(name, Access::OpenOrCreate).is_err(), "{name:?}");
        assert!(folder.replace(name, "new", PRIVATE_FILE).is_err(), "{name:?}");
        assert!(folder.remove(name).is_err(), "{name:?}");
        assert!(folder.private_subfolder(name.as_ref()).is_err(), "{name:?}");
    }
    assert_eq!(place.text("theirs/a"), "theirs");
}

#[test]
fn file_of_a_killed_process_does_not_stop_the_next_one() {
    let place = Place::new();
    let folder = place.open().expect("a folder");
    let (left, _) = folder.temporary_file("a".as_ref(), PRIVATE_FILE).expect("a file");
    folder.replace("a", "new", PRIVATE_FILE).expect("a file");
    assert_eq!(place.text("state/a"), "new");
    assert!(folder.has(left.to_str().expect("a name")), "it may belong to a process that runs");
}
