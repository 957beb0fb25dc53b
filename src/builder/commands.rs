//! The command lines of the builders. Pure: what is tested here is what runs.

use std::ffi::OsString;
use std::path::Path;

use super::BuilderKind as Kind;
use crate::image::{ImageBuild, SecretSource};

/// A command without a shell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct CommandLine {
    pub(super) program: String,
    pub(super) args: Vec<OsString>,
    /// Variables in addition to those of the process.
    pub(super) variables: Vec<(&'static str, OsString)>,
}

/// The files of a build, in a private folder.
pub(super) struct BuildFiles<'a> {
    /// The Dockerfile.
    pub(super) dockerfile: &'a Path,
    /// The ignore file.
    pub(super) ignore_file: &'a Path,
    /// The root of the project, from which paths of secrets begin.
    pub(super) root: &'a Path,
}

/// The credentials of a push, in a private folder.
pub(super) struct Login<'a> {
    /// The folder of the credentials.
    pub(super) folder: &'a Path,
    /// The address of docker's daemon: with another folder of settings, docker does not know its context.
    pub(super) docker_host: Option<&'a str>,
}

impl CommandLine {
    fn new(kind: Kind) -> Self {
        Self { program: kind.name().to_owned(), ..Self::default() }
    }

    fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    fn args<T: Into<OsString>>(mut self, args: impl IntoIterator<Item = T>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Returns the command with its program looked for in these folders, if they are set.
    pub(super) fn found_in(mut self, search_path: Option<&OsString>) -> Self {
        self.variables.extend(search_path.map(|path| ("PATH", path.clone())));
        self
    }

    /// Adds `--name=value`: a value that begins with a hyphen is not taken for an option.
    fn option(self, name: &str, value: impl Into<OsString>) -> Self {
        let mut arg = OsString::from(format!("--{name}="));
        arg.push(value.into());
        self.arg(arg)
    }
}

/// Returns the commands that find out whether a builder works; the first one that fails says why not.
pub(super) fn probes(kind: Kind) -> Vec<CommandLine> {
    let command = |args: &[&str]| CommandLine::new(kind).args(args);
    match kind {
        // Without a daemon, the version of the server is an error.
        Kind::Docker => vec![command(&["version", "--format", "{{.Server.Version}}"]), command(&["buildx", "version"])],
        Kind::Buildah => vec![command(&["--version"])],
        Kind::Podman | Kind::Finch | Kind::Nerdctl => vec![command(&["info"])],
    }
}

/// Returns the command that builds an image and gives it names in the storage of the builder.
pub(super) fn build(kind: Kind, build: &ImageBuild, references: &[String], files: &BuildFiles<'_>) -> CommandLine {
    let command = CommandLine::new(kind);
    let mut command = match kind {
        // Attestations would make the image an index with a platform `unknown`.
        Kind::Docker => command.args(["buildx", "build", "--load", "--provenance=false", "--progress=plain"]),
        Kind::Podman | Kind::Buildah => command.args(["build", "--layers"]).option("ignorefile", files.ignore_file),
        Kind::Finch | Kind::Nerdctl => command.args(["build", "--progress=plain"]),
    };
    command = command.option("platform", build.platform.name()).option("file", files.dockerfile);
    if let Some(target) = &build.target {
        command = command.option("target", target);
    }
    for (name, value) in &build.args {
        command = command.option("build-arg", format!("{name}={value}"));
    }
    for secret in &build.secrets {
        let mut value = OsString::from(format!("id={},", secret.id));
        match &secret.source {
            SecretSource::File(path) => {
                value.push("src=");
                value.push(files.root.join(path));
            }
            SecretSource::Variable(name) => value.push(format!("env={name}")),
        }
        command = command.option("secret", value);
    }
    for reference in references {
        command = command.option("tag", reference);
    }
    command.arg(build.context.folder.as_os_str())
}

/// Returns the command that reads a password from its standard input and keeps it in the folder of the login.
pub(super) fn login(kind: Kind, user: &str, host: &str, login: &Login<'_>) -> CommandLine {
    let command = with_login(kind, login, "login");
    let command = if is_insecure(kind, host) { command.arg("--tls-verify=false") } else { command };
    command.option("username", user).arg("--password-stdin").arg(host)
}

/// Returns the command that pushes an image; without a login, the builder uses the credentials of the user.
pub(super) fn push(kind: Kind, reference: &str, login: Option<&Login<'_>>) -> CommandLine {
    let command = match login {
        Some(login) => with_login(kind, login, "push"),
        None => CommandLine::new(kind).arg("push"),
    };
    let host = reference.split('/').next().unwrap_or_default();
    let command = if is_insecure(kind, host) { command.arg("--tls-verify=false") } else { command };
    command.arg(reference)
}

/// Returns the command that prints the address of docker's daemon.
pub(super) fn docker_host() -> CommandLine {
    CommandLine::new(Kind::Docker).args(["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"])
}

/// Returns a command that uses the credentials in the folder of a login.
fn with_login(kind: Kind, login: &Login<'_>, name: &str) -> CommandLine {
    let command = CommandLine::new(kind);
    match kind {
        Kind::Docker => {
            let mut command = command.arg("--config").arg(login.folder.as_os_str()).arg(name);
            command.variables.extend(login.docker_host.map(|host| ("DOCKER_HOST", host.into())));
            command
        }
        Kind::Podman | Kind::Buildah => command.arg(name).option("authfile", login.folder.join("auth.json")),
        Kind::Finch | Kind::Nerdctl => {
            let mut command = command.arg(name);
            command.variables.push(("DOCKER_CONFIG", login.folder.into()));
            command
        }
    }
}

/// Returns whether a builder needs an option for a registry of this machine, which has no certificate; the others need none.
fn is_insecure(kind: Kind, host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_loopback =
        name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    matches!(kind, Kind::Podman | Kind::Buildah) && is_loopback
}
