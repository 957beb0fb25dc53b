use super::*;

/// A repository in a folder, with a bare copy next to it.
struct Origin(tempfile::TempDir);

impl Origin {
    fn new() -> Self {
        let origin = Self(tempfile::tempdir().expect("a folder"));
        origin.git(&["init", "-q", "-b", "main", "."]);
        origin.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
        origin
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("repo")
    }

    fn git(&self, arguments: &[&str]) -> String {
        std::fs::create_dir_all(self.path()).expect("a folder");
        let output = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always"])
            .args(arguments)
            .current_dir(self.path())
            .output()
            .expect("git is installed");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Writes files, commits them and returns the commit.
    fn commit(&self, files: &[(&str, &str)]) -> String {
        for (path, text) in files {
            let path = self.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn repository(&self) -> GitRepository {
        GitRepository::new(&format!("file://{}", self.path().display()), &self.0.path().join("copy.git"))
    }
}

fn message<T>(result: Result<T, Diagnostic>) -> String {
    result.err().map_or_else(String::new, |problem| problem.message)
}

#[test]
fn versions_are_tags_and_those_of_a_folder_come_first() {
    let origin = Origin::new();
    let first = origin.commit(&[("a", "1")]);
    origin.git(&["tag", "v1.0.0"]);
    origin.git(&["tag", "nightly"]);
    let second = origin.commit(&[("a", "2")]);
    origin.git(&["tag", "-a", "-m", "annotated", "v1.1.0"]);
    origin.git(&["tag", "web/v3.0.0", &first]);
    let versions = |folder: &str| -> Vec<(String, String)> {
        let tags = origin.repository().versions(folder).expect("versions");
        tags.into_iter().map(|(version, commit)| (version.to_string(), commit)).collect()
    };
    assert_eq!(versions(""), [("1.0.0".to_owned(), first.clone()), ("1.1.0".to_owned(), second.clone())]);
    assert_eq!(versions("web"), [("3.0.0".to_owned(), first.clone())]);
    assert_eq!(versions("other").len(), 2);
    assert_eq!(origin.repository().commit_of("nightly").expect("a commit"), first);
    assert_eq!(origin.repository().commit_of("main").expect("a commit"), second);
    assert!(message(origin.repository().commit_of("none")).contains("no branch or tag `none`"));
}

#[test]
fn files_of_a_commit_are_read_without_a_checkout() {
    let origin = Origin::new();
    let commit = origin.commit(&[("web/rtiler.toml", "x"), ("web/lib/a.rhai", "1\r\n"), ("other", "2")]);
    // Attributes that change files on a checkout or in an archive have no effect.
    let next = origin.commit(&[("web/.gitattributes", "*.rhai eol=lf export-ignore ident\n"), ("web/lib/a.rhai", "3")]);
    let repository = origin.repository();
    let tree = repository.files(&commit, "web").expect("files");
    let files: Vec<(&str, &[u8])> = tree.files().collect();
    assert_eq!(files, [("lib/a.rhai", &b"1\r\n"[..]), ("rtiler.toml", &b"x"[..])]);
    assert_eq!(repository.files(&commit, "").expect("files").files().count(), 3);
    assert_eq!(repository.files(&next, "web").expect("files").text("lib/a.rhai"), Some("3"));
    assert!(message(repository.files(&commit, "none")).contains("no folder `none`"));
    assert!(message(repository.files(&"a".repeat(40), "")).contains("has no commit aaa"));
}

#[test]
fn reference_whose_commit_is_not_a_hash_is_left_out() {
    let lines = format!("--upload-pack=touch\trefs/tags/v9.0.0\n{}\trefs/tags/v1.0.0\n", "a".repeat(40));
    let commits = commits_of(&lines);
    assert_eq!(commits.keys().collect::<Vec<_>>(), ["refs/tags/v1.0.0"]);
}

#[test]
fn files_that_a_killed_git_left_are_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, "").expect("a file");
        path
    };
    let left =
        ["shallow.lock", "refs/remote/heads/main.lock", "objects/pack/tmp_pack_x", "objects/ab/tmp_obj_y"].map(write);
    let kept = ["HEAD", "refs/remote/heads/tmp_a", "objects/pack/pack-1.pack"].map(write);
    remove_left_files(folder.path());
    assert!(left.iter().all(|path| !path.exists()) && kept.iter().all(|path| path.exists()));
}

#[test]
fn links_and_submodules_are_refused() {
    let origin = Origin::new();
    origin.commit(&[("a", "1")]);
    std::os::unix::fs::symlink("/etc/passwd", origin.path().join("secrets")).expect("a link");
    let commit = origin.commit(&[]);
    assert!(message(origin.repository().files(&commit, "")).contains("`secrets` is a link"));
    std::fs::remove_file(origin.path().join("secrets")).expect("a file");
    let url = format!("file://{}", origin.path().display());
    origin.git(&["submodule", "add", "-q", "--", &url, "sub"]);
    let commit = origin.commit(&[]);
    assert!(message(origin.repository().files(&commit, "")).contains("`sub` is a submodule"));
}

#[test]
fn hooks_and_filters_of_a_repository_do_not_run() {
    let origin = Origin::new();
    let marker = origin.0.path().join("marker");
    let hook = format!("#!/bin/sh\ntouch {}\n", marker.display());
    let commit = origin.commit(&[("a.rhai", "1"), (".gitattributes", "* filter=evil\n"), ("post-checkout", &hook)]);
    origin.git(&["config", "filter.evil.smudge", &format!("touch {}", marker.display())]);
    for name in ["post-checkout", "post-merge", "reference-transaction", "post-upload-pack"] {
        let path = origin.path().join(".git/hooks").join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, &hook).expect("a file");
    }
    origin.repository().files(&commit, "").expect("files");
    assert!(!marker.exists());
}

#[test]
fn repository_that_is_not_there_is_an_error_with_the_message_of_git() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = GitRepository::new("file:///no/such/repository", &folder.path().join("copy"));
    let problem = repository.versions("").expect_err("no repository");
    assert_eq!(problem.message, "git cannot read `file:///no/such/repository`");
    assert!(
        problem.notes.iter().any(|note| note.contains("does not appear to be a git repository")),
        "{:?}",
        problem.notes
    );
    let ext = GitRepository::new("ext::sh -c touch% /tmp/rtiler-ext-marker", &folder.path().join("copy"));
    assert!(ext.versions("").is_err());
    assert!(!Path::new("/tmp/rtiler-ext-marker").exists());
}
