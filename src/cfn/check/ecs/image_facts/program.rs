use super::LARGE;
use super::container::ContainerImage;
use crate::diag::{Code, Diagnostic};

/// Reports a container without a program: docker refuses to create it ("no command specified").
pub(super) fn exists(container: &ContainerImage<'_>) -> Option<Diagnostic> {
    if !container.command()?.is_empty() {
        return None;
    }
    let message = format!("the image `{}` has neither an entry point nor a command", container.name);
    Some(
        container
            .error(Code::ImageProgram, "Image", message)
            .note("the container cannot be created, so no task starts")
            .help("set the program with `.command([\"PROGRAM\", \"ARGUMENT\"])`, or add `CMD` to the Dockerfile"),
    )
}

/// Warns of a large image.
pub(super) fn size(container: &ContainerImage<'_>) -> Option<Diagnostic> {
    let bytes = container.content.compressed;
    if bytes < LARGE {
        return None;
    }
    // In tenths, so that it stays whole.
    let tenths = bytes / (LARGE / 10);
    let message = format!("the image `{}` has {}.{} GB to download", container.name, tenths / 10, tenths % 10);
    Some(
        container
            .warning(Code::LargeImage, "Image", message)
            .note("every new task downloads it before it starts: deployments and scaling out take longer")
            .help("use a smaller base image (`-slim`), and a stage of its own for what only the build needs"),
    )
}
