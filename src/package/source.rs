use std::fmt;

use super::requirement::Requirement;

/// The source of a package, without its version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PackageSource {
    /// A git repository, and the folder of the package in it; the folder is empty for the whole repository.
    Git {
        /// The URL of the repository.
        url: String,
        /// The folder, with `/` between its parts.
        folder: String,
    },
    /// A repository of an OCI registry.
    Oci {
        /// The host with its port.
        registry: String,
        /// The name of the repository.
        repository: String,
    },
    /// A folder, relative to the manifest that names it.
    Path(String),
}

/// The revision of a package that a dependency names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revision {
    /// A range of versions; in git they are tags.
    Version(Requirement),
    /// A tag that is not a version.
    Tag(String),
    /// A branch.
    Branch(String),
    /// A commit, by its whole hash.
    Commit(String),
    /// The files that are in the folder now.
    Folder,
}

/// The transports of git that are accepted: others, such as `ext::`, run commands.
const TRANSPORTS: [&str; 5] = ["https://", "http://", "ssh://", "git://", "file://"];

/// Hosts whose repositories may be written without `https://`.
const HOSTS: [&str; 4] = ["github.com/", "gitlab.com/", "bitbucket.org/", "codeberg.org/"];

/// Parses the source of a dependency as `rtiler add` takes it: `github.com/org/repo//folder@v1.2`,
/// `oci://registry/name:1.2`, `../folder`.
///
/// # Errors
///
/// The reason, as a sentence.
pub fn parse(text: &str) -> Result<(PackageSource, Revision), String> {
    if let Some(rest) = text.strip_prefix("oci://") {
        return oci(rest);
    }
    if let Some(module) = text.strip_prefix("std/") {
        let module = module.split('@').next().unwrap_or(module);
        return Err(format!(
            "`std/{module}` is a part of rtiler and is not added: write `import \"std/{module}\" as {};` in the script",
            module.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
        ));
    }
    if text.starts_with("./") || text.starts_with("../") || text == "." || text == ".." || text.starts_with('/') {
        return Ok((PackageSource::Path(text.to_owned()), Revision::Folder));
    }
    let url = if HOSTS.iter().any(|host| text.starts_with(host)) { format!("https://{text}") } else { text.to_owned() };
    git(&url)
}

fn oci(text: &str) -> Result<(PackageSource, Revision), String> {
    let Some((registry, rest)) = text.split_once('/') else {
        return Err(format!("`oci://{text}` has no repository: write `oci://registry/name:1.2`"));
    };
    let Some((repository, version)) = rest.rsplit_once(':').filter(|(_, version)| !version.is_empty()) else {
        let plain = text.trim_end_matches(':');
        return Err(format!("`oci://{text}` has no version: write `oci://{plain}:1.2`"));
    };
    let requirement = Requirement::parse(version).map_err(|why| format!("the version `{version}` {why}"))?;
    let source = PackageSource::oci(registry, repository)?;
    Ok((source, Revision::Version(requirement)))
}

fn git(text: &str) -> Result<(PackageSource, Revision), String> {
    let transport = TRANSPORTS.iter().find(|transport| text.starts_with(**transport));
    let is_scp = transport.is_none() && text.starts_with("git@") && text.contains(':');
    if transport.is_none() && !is_scp {
        return Err(format!(
            "`{text}` is not a source of packages: write `github.com/org/repo@v1.2`, the URL of a git repository, \
             `oci://registry/name:1.2`, or a folder (`./name`)"
        ));
    }
    let start = transport.map_or("git@".len(), |transport| transport.len());
    // The user of a URL has an `@`, too: `ssh://git@host/..`.
    let path = start + text[start..].find(['/', ':']).unwrap_or(0);
    let (place, revision) = match text[path..].rfind('@') {
        Some(at) => (&text[..path + at], Some(&text[path + at + 1..])),
        None => (text, None),
    };
    let (url, folder) = match place[path..].find("//") {
        Some(at) => (&place[..path + at], &place[path + at + 2..]),
        None => (place, ""),
    };
    let Some(revision) = revision.filter(|revision| !revision.is_empty()) else {
        return Err(format!(
            "`{text}` has no revision: write `{place}@v1.2`, or a tag, a branch or a commit after the `@`"
        ));
    };
    let source = PackageSource::git(url, folder)?;
    Ok((source, named_revision(revision)?))
}

/// Returns the revision that a name means: a commit, a version, else a branch or a tag, which only the repository knows.
fn named_revision(name: &str) -> Result<Revision, String> {
    if name.len() == 40 && name.chars().all(|c| c.is_ascii_hexdigit()) {
        return Ok(Revision::Commit(name.to_lowercase()));
    }
    if let Ok(requirement) = Requirement::parse(name) {
        return Ok(Revision::Version(requirement));
    }
    check_reference(name)?;
    Ok(Revision::Branch(name.to_owned()))
}

/// Checks the name of a branch or tag: git takes one that begins with a hyphen for an option.
pub(super) fn check_reference(name: &str) -> Result<(), String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '+');
    if name.is_empty() || name.starts_with(['-', '.', '/']) || name.contains("..") || !name.chars().all(is_part) {
        return Err(format!("`{name}` is not the name of a branch or tag"));
    }
    Ok(())
}

impl PackageSource {
    /// Creates the source of a git repository.
    ///
    /// # Errors
    ///
    /// The reason, as a sentence.
    pub fn git(url: &str, folder: &str) -> Result<Self, String> {
        let safe = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\'' | '`' | '\\' | '$' | '<' | '>' | '|');
        let known = TRANSPORTS.iter().any(|transport| url.starts_with(transport) && url.len() > transport.len());
        if !(known || url.starts_with("git@")) || url.contains("::") || !url.chars().all(safe) {
            return Err(format!("`{url}` is not the URL of a git repository"));
        }
        let host = url.split("://").last().unwrap_or(url);
        if host.starts_with('-') || host.contains("@-") {
            return Err(format!("`{url}` has a host that begins with a hyphen"));
        }
        if has_password(url) {
            return Err("the URL has a password, which would be written to `rtiler.toml` and `rtiler.lock`: write it without one, \
                        and let git ask a credential helper (`git help credentials`)"
                .to_owned());
        }
        Ok(Self::Git { url: url.trim_end_matches('/').to_owned(), folder: folder_in(folder)? })
    }

    /// Creates the source of an OCI repository.
    ///
    /// # Errors
    ///
    /// The reason, as a sentence.
    pub fn oci(registry: &str, repository: &str) -> Result<Self, String> {
        let host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
        // The grammar of names in the OCI distribution specification.
        let name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_' | '/');
        let parts = || repository.split('/').all(|part| part.starts_with(|c: char| c.is_ascii_alphanumeric()));
        if registry.is_empty() || registry.starts_with('-') || !registry.chars().all(host) {
            return Err(format!("`{registry}` is not the host of a registry"));
        }
        if repository.is_empty() || !repository.chars().all(name) || !parts() {
            return Err(format!("`{repository}` is not the name of a repository"));
        }
        Ok(Self::Oci { registry: registry.to_owned(), repository: repository.to_owned() })
    }
}

/// Returns whether a URL names a user with a password: `https://user:password@host/`.
fn has_password(url: &str) -> bool {
    let authority = url.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or_default());
    authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
}

/// Returns a folder of a repository in its canonical form.
fn folder_in(folder: &str) -> Result<String, String> {
    let parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let is_part = |part: &&str| part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if parts.iter().any(|part| *part == ".." || part.starts_with('-') || *part == ".git") || !parts.iter().all(is_part)
    {
        return Err(format!("`{folder}` is not a folder of a repository"));
    }
    Ok(parts.join("/"))
}

/// Returns whether a text is the whole hash of a commit, by SHA-1 or SHA-256.
pub fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.chars().all(|c| c.is_ascii_hexdigit())
}

impl fmt::Display for PackageSource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Git { url, folder } if folder.is_empty() => write!(out, "git+{url}"),
            Self::Git { url, folder } => write!(out, "git+{url}//{folder}"),
            Self::Oci { registry, repository } => write!(out, "oci://{registry}/{repository}"),
            Self::Path(path) => write!(out, "path+{path}"),
        }
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(requirement) => write!(out, "{requirement}"),
            Self::Tag(name) | Self::Branch(name) | Self::Commit(name) => out.write_str(name),
            Self::Folder => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> String {
        let (source, revision) = parse(text).unwrap_or_else(|why| panic!("{why}"));
        format!("{source} {revision}").trim_end().to_owned()
    }

    #[test]
    fn sources_of_every_kind_are_parsed() {
        for (text, expected) in [
            ("github.com/org/repo//web@v1.2", "git+https://github.com/org/repo//web ^1.2.0"),
            ("https://git.example.com/a/b.git@main", "git+https://git.example.com/a/b.git main"),
            ("git@github.com:org/repo.git@v2", "git+git@github.com:org/repo.git ^2.0.0"),
            ("ssh://git@host:22/org/repo//x/y@release/1", "git+ssh://git@host:22/org/repo//x/y release/1"),
            ("file:///srv/repo.git//web@v1", "git+file:///srv/repo.git//web ^1.0.0"),
            ("oci://localhost:5000/team/web:1.2", "oci://localhost:5000/team/web ^1.2.0"),
            ("../local", "path+../local"),
        ] {
            assert_eq!(parsed(text), expected, "{text}");
        }
        let commit = "a".repeat(40);
        assert_eq!(
            parsed(&format!("github.com/org/repo@{commit}")),
            format!("git+https://github.com/org/repo {commit}")
        );
    }

    #[test]
    fn source_that_git_would_take_for_a_command_or_an_option_is_refused() {
        for text in [
            "ext::sh -c touch% /tmp/x@v1",
            "--upload-pack=touch /tmp/x@v1",
            "https://-oProxyCommand=x/repo@v1",
            "ssh://git@-oProxyCommand=x/repo@v1",
            "github.com/org/repo@--upload-pack=x",
            "github.com/org/repo@-x",
            "github.com/org/repo//../other@v1",
            "github.com/org/repo//.git/hooks@v1",
            "fd::17@v1",
            "https://host/$(id)@v1",
            "name",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn source_without_a_revision_says_what_to_write() {
        assert!(parse("github.com/org/repo").is_err_and(|why| why.contains("@v1.2")));
        assert!(parse("oci://host/name").is_err_and(|why| why.contains("oci://host/name:1.2")));
        assert!(
            parse("github.com/org/repo@").is_err_and(|why| why.contains("write `https://github.com/org/repo@v1.2`"))
        );
        assert!(parse("oci://host/name:").is_err_and(|why| why.contains("write `oci://host/name:1.2`")));
    }

    #[test]
    fn password_in_a_url_is_refused_and_not_repeated() {
        let why = parse("https://ann:s3cret@git.example.com/web@v1").expect_err("a refusal");
        assert!(why.contains("credential helper") && !why.contains("s3cret"), "{why}");
        assert!(parse("https://ann@git.example.com/web@v1").is_ok() && parse("ssh://git@host:22/web@v1").is_ok());
    }

    #[test]
    fn module_of_the_standard_library_is_not_added() {
        let why = parse("std/web").expect_err("no package");
        assert!(why.contains("`import \"std/web\" as web;`"), "{why}");
    }
}
