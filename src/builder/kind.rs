use std::fmt;

/// A program that builds images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BuilderKind {
    /// Docker, with buildx.
    Docker,
    /// Podman, which needs no daemon on Linux.
    Podman,
    /// Buildah, which needs no daemon.
    Buildah,
    /// Finch, in a virtual machine.
    Finch,
    /// nerdctl, with containerd and `BuildKit`.
    Nerdctl,
}

impl BuilderKind {
    /// All, in the order in which they are looked for.
    pub const ALL: [Self; 5] = [Self::Docker, Self::Podman, Self::Buildah, Self::Finch, Self::Nerdctl];

    /// Returns the name of the program.
    pub fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
            Self::Buildah => "buildah",
            Self::Finch => "finch",
            Self::Nerdctl => "nerdctl",
        }
    }

    /// Returns the builder of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Returns what to do if the program is there and does not work.
    pub(super) fn remedy(self) -> &'static str {
        match self {
            Self::Docker => "start Docker (`systemctl start docker`, or Docker Desktop)",
            Self::Podman => "start its machine: `podman machine start`",
            Self::Buildah => "run `buildah info`, which says what is missing",
            Self::Finch => "start its machine: `finch vm start`",
            Self::Nerdctl => "start containerd and buildkitd",
        }
    }
}

impl fmt::Display for BuilderKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}
