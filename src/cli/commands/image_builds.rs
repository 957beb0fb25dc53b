//! The builds of images: their builder, and their private folders in `.rtiler/`.

use std::path::Path;
use std::time::Duration;

use crate::builder::{BuilderKind, Publisher, PublisherOptions, Registries};
use crate::cli::args::Builder;
use crate::cli::files::{ProjectFiles, StateFolder};

/// The time that a build, or a push, may take.
const LONGEST: Duration = Duration::from_hours(1);

/// Returns the publisher of the images of a script.
pub(super) fn publisher<R: Registries>(registries: R, builder: Option<Builder>, script: &str) -> Publisher<R> {
    let root = ProjectFiles::of(Path::new(script)).root().to_owned();
    let folder = StateFolder::below(&root).subfolder("builds");
    // Without the folder, the first build says why it cannot be written.
    let _ = folder.create();
    let options = PublisherOptions {
        builder: builder.map(kind),
        folder: folder.path_for_programs(),
        root,
        longest: LONGEST,
        search_path: None,
    };
    Publisher::new(registries, options)
}

fn kind(builder: Builder) -> BuilderKind {
    match builder {
        Builder::Docker => BuilderKind::Docker,
        Builder::Podman => BuilderKind::Podman,
        Builder::Buildah => BuilderKind::Buildah,
        Builder::Finch => BuilderKind::Finch,
        Builder::Nerdctl => BuilderKind::Nerdctl,
    }
}
