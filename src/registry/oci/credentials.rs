//! The credentials of registries, where docker keeps them.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use docker_credential::{CredentialRetrievalError, DockerCredential};
use oci_client::secrets::RegistryAuth;
use rustix::fs::{Mode, OFlags};

use super::transport::TransportError;

/// The time that a credential helper may take: some ask AWS or a keychain.
const LONGEST: Duration = Duration::from_mins(1);

/// The largest configuration of docker that is read.
const LARGEST: u64 = 1 << 20;

/// Returns the credentials of a login, or else those that docker has for a registry.
pub(super) fn of_login(registry: &str, login: Option<(String, String)>) -> Result<RegistryAuth, TransportError> {
    match login {
        Some((user, password)) => Ok(RegistryAuth::Basic(user, password)),
        None => of_registry(registry),
    }
}

/// Returns the credentials of a registry: of `~/.docker/config.json` (or `DOCKER_CONFIG`), or of the helper that it names.
pub(super) fn of_registry(registry: &str) -> Result<RegistryAuth, TransportError> {
    // Docker Hub has another name there: https://docs.docker.com/reference/cli/docker/login/
    let server = match registry {
        "docker.io" | "index.docker.io" | "registry-1.docker.io" => "https://index.docker.io/v1/".to_owned(),
        other => other.to_owned(),
    };
    let (sender, receiver) = mpsc::channel();
    // A helper that does not end would hold the command: its thread ends with the process.
    let Some(file) = config_file() else { return Ok(RegistryAuth::Anonymous) };
    let config = config(&file).map_err(TransportError::Credentials)?;
    std::thread::spawn(move || sender.send(docker_credential::get_credential_from_reader(&*config, &server)));
    let Ok(answer) = receiver.recv_timeout(LONGEST) else {
        let message = format!("the credential helper did not answer within {} s", LONGEST.as_secs());
        return Err(TransportError::Credentials(message));
    };
    auth(answer)
}

/// Returns the path of docker's configuration: <https://docs.docker.com/reference/cli/docker/#change-the-docker-directory>.
fn config_file() -> Option<PathBuf> {
    let folder = std::env::var_os("DOCKER_CONFIG").map(PathBuf::from);
    let folder = folder.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".docker")));
    folder.map(|folder| folder.join("config.json"))
}

/// Reads the configuration; one that is missing or cannot be opened is empty. The error says why it is not read.
fn config(file: &Path) -> Result<Vec<u8>, String> {
    // A pipe must not block.
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let Ok(opened) = rustix::fs::open(file, flags, Mode::empty()) else { return Ok(b"{}".to_vec()) };
    let opened = File::from(opened);
    if !opened.metadata().is_ok_and(|found| found.is_file()) {
        return Err(format!("`{}` is not a regular file", file.display()));
    }
    let mut text = Vec::new();
    let read = opened.take(LARGEST + 1).read_to_end(&mut text);
    let read = read.map_err(|error| format!("`{}`: {error}", file.display()))?;
    if read as u64 > LARGEST {
        return Err(format!("`{}` is larger than {} MiB", file.display(), LARGEST >> 20));
    }
    Ok(text)
}

fn auth(answer: Result<DockerCredential, CredentialRetrievalError>) -> Result<RegistryAuth, TransportError> {
    match answer {
        Ok(DockerCredential::UsernamePassword(user, password)) => Ok(RegistryAuth::Basic(user, password)),
        // Docker exchanges it for a token by OAuth 2 (`grant_type=refresh_token`), which the client does not know.
        Ok(DockerCredential::IdentityToken(_)) => Err(TransportError::Credentials(
            "docker has an identity token; sign in with a user name and a password or token".to_owned(),
        )),
        Err(
            CredentialRetrievalError::NoCredentialConfigured
            | CredentialRetrievalError::ConfigNotFound
            | CredentialRetrievalError::ConfigReadError,
        ) => Ok(RegistryAuth::Anonymous),
        // A helper without an entry: its standard output says so, by docker-credential-helpers.
        Err(CredentialRetrievalError::HelperFailure { stdout, .. }) if stdout.contains("credentials not found") => {
            Ok(RegistryAuth::Anonymous)
        }
        Err(CredentialRetrievalError::HelperFailure { helper, stderr, stdout }) => {
            let text = if stderr.trim().is_empty() { stdout } else { stderr };
            let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it failed").to_owned();
            Err(TransportError::Credentials(format!("`{helper}`: {last}")))
        }
        Err(error) => Err(TransportError::Credentials(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_that_is_a_pipe_or_too_large_is_named_without_waiting() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("config.json");
        assert_eq!(config(&file), Ok(b"{}".to_vec()));
        assert!(std::process::Command::new("mkfifo").arg(&file).status().expect("mkfifo").success());
        assert_eq!(config(&file), Err(format!("`{}` is not a regular file", file.display())));
        std::fs::remove_file(&file).expect("a pipe");
        File::create(&file).and_then(|file| file.set_len(LARGEST + 1)).expect("a file");
        assert_eq!(config(&file), Err(format!("`{}` is larger than 1 MiB", file.display())));
        std::fs::write(&file, "{}").expect("a file");
        assert_eq!(config(&file), Ok(b"{}".to_vec()));
    }

    #[test]
    fn machine_without_credentials_is_anonymous() {
        let helper = |stdout: &str| CredentialRetrievalError::HelperFailure {
            helper: "docker-credential-x".to_owned(),
            stdout: stdout.to_owned(),
            stderr: String::new(),
        };
        for answer in [
            CredentialRetrievalError::NoCredentialConfigured,
            CredentialRetrievalError::ConfigReadError,
            helper("credentials not found in native keychain\n"),
        ] {
            assert_eq!(auth(Err(answer)), Ok(RegistryAuth::Anonymous));
        }
        let failed = auth(Err(helper("no session\n")));
        assert_eq!(failed, Err(TransportError::Credentials("`docker-credential-x`: no session".to_owned())));
        let basic = auth(Ok(DockerCredential::UsernamePassword("a".to_owned(), "b".to_owned())));
        assert_eq!(basic, Ok(RegistryAuth::Basic("a".to_owned(), "b".to_owned())));
    }
}
