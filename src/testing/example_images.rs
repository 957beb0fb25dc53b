// Included by the tests of the documentation (`src/cli/doc/tests/examples.rs`) and of the pages (`tests/it/scripted.rs`): one crate
// cannot import it from the other.

/// Returns the build context of a folder of the examples: `app`, or `checkout`, which holds a git repository.
fn example_context(folder: &str) -> Result<ImageContext, ContextError> {
    if !["app", "checkout"].contains(&folder) {
        return Err(ContextError::NoFolder);
    }
    Ok(ImageContext {
        digest: "0".repeat(64),
        files: 3,
        bytes: 1_000,
        folder: std::path::Path::new("/project").join(folder),
        dockerfile: "FROM scratch".to_owned(),
        ignore_file: String::new(),
        has_git: folder == "checkout",
    })
}

/// Returns an archive of the examples.
fn example_archive(file: &str) -> ImageArchive {
    let (path, digest) = (std::path::Path::new("/project").join(file), "1".repeat(64));
    ImageArchive { file: file.to_owned(), path, digest, bytes: 1_000 }
}
