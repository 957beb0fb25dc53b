/// An image as Docker writes it: `HOST/REPOSITORY:TAG@DIGEST`, all but the repository optional.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageReference {
    /// The host; `docker.io` by default.
    pub host: String,
    /// The repository, with `library/` before plain names of Docker Hub.
    pub repository: String,
    /// The tag; `latest` without a tag and digest.
    pub tag: Option<String>,
    /// The digest `sha256:...`, which precedes the tag.
    pub digest: Option<String>,
}

/// A repository of ECR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EcrRegistry {
    /// The account id, twelve digits.
    pub account: String,
    /// The region.
    pub region: String,
}

impl ImageReference {
    /// Parses a reference. Returns nothing if it is not a valid name, which must not become part of a URL.
    pub fn parse(text: &str) -> Option<ImageReference> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_owned()).filter(|digest| is_digest(digest))),
            None => (text, None),
        };
        let (host, rest) = match rest.split_once('/') {
            Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => (host, rest),
            _ => ("docker.io", rest),
        };
        let (path, tag) = match rest.rsplit_once(':') {
            Some((path, tag)) => (path, Some(tag.to_owned())),
            None => (rest, (!text.contains('@')).then(|| "latest".to_owned())),
        };
        let bare = host == "docker.io" && !path.contains('/');
        let repository = if bare { format!("library/{path}") } else { path.to_owned() };
        let is_whole = is_host(host)
            && repository.split('/').all(is_path_part)
            && tag.as_deref().is_none_or(is_tag)
            && (digest.is_some() || !text.contains('@'));
        is_whole.then(|| ImageReference { host: host.to_owned(), repository, tag, digest })
    }

    /// Returns the repository with its host: `ghcr.io/acme/web`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.host, self.repository)
    }

    /// Returns the digest, or else the tag.
    pub fn version(&self) -> &str {
        self.digest.as_deref().or(self.tag.as_deref()).unwrap_or("latest")
    }

    /// Returns the registry of ECR for `ACCOUNT.dkr.ecr.REGION.amazonaws.com` and similar hosts (`dkr-ecr.REGION.on.aws`, `-fips`, `.com.cn`).
    pub fn ecr(&self) -> Option<EcrRegistry> {
        let parts: Vec<&str> = self.host.split('.').collect();
        let ([account, "dkr", "ecr" | "ecr-fips", region, "amazonaws", "com"]
        | [account, "dkr", "ecr" | "ecr-fips", region, "amazonaws", "com", "cn"]
        | [account, "dkr-ecr" | "dkr-ecr-fips", region, "on", "aws"]) = parts[..]
        else {
            return None;
        };
        let (account, region) = (account.to_owned(), region.to_owned());
        Some(EcrRegistry { account, region })
    }
}

/// Returns whether a text names a repository without a tag and digest: `ghcr.io/acme/web`.
pub fn is_repository_name(text: &str) -> bool {
    let is_untagged = !text.contains('@') && !text.rsplit('/').next().unwrap_or_default().contains(':');
    is_untagged && text.contains('/') && ImageReference::parse(text).is_some()
}

fn is_host(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(&byte))
}

fn is_path_part(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.bytes().next().is_some_and(is_word) && text.bytes().all(|byte| is_word(byte) || b"._-".contains(&byte))
}

/// Returns whether a text is a valid tag.
pub fn is_tag(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    !text.is_empty() && text.len() <= 128 && !text.starts_with(['.', '-']) && text.bytes().all(is_word)
}

fn is_digest(text: &str) -> bool {
    let hex = text.split_once(':').map_or("", |(_, hex)| hex);
    hex.len() >= 32
        && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":+._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (String, String, String) {
        let reference = ImageReference::parse(text).unwrap_or_else(|| panic!("`{text}` names an image"));
        (reference.host.clone(), reference.repository.clone(), reference.version().to_owned())
    }

    fn is(text: &str, host: &str, repository: &str, version: &str) {
        assert_eq!(parsed(text), (host.to_owned(), repository.to_owned(), version.to_owned()), "{text}");
    }

    #[test]
    fn omitted_parts_have_dockers_defaults() {
        is("nginx", "docker.io", "library/nginx", "latest");
        is("nginx:1.27", "docker.io", "library/nginx", "1.27");
        is("amazon/aws-cli", "docker.io", "amazon/aws-cli", "latest");
        is("docker.io/nginx", "docker.io", "library/nginx", "latest");
    }

    #[test]
    fn host_has_a_dot_or_a_port_or_is_localhost() {
        is("ghcr.io/developmentseed/titiler:1.0", "ghcr.io", "developmentseed/titiler", "1.0");
        is("localhost/web", "localhost", "web", "latest");
        is("localhost:5000/web", "localhost:5000", "web", "latest");
        is("registry:5000/a/b/c:v", "registry:5000", "a/b/c", "v");
    }

    #[test]
    fn digest_precedes_a_tag() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        is(&format!("quay.io/a/b:1@{digest}"), "quay.io", "a/b", &digest);
        is(&format!("nginx@{digest}"), "docker.io", "library/nginx", &digest);
    }

    #[test]
    fn ecr_host_gives_account_and_region() {
        let of = |host: &str| ImageReference::parse(&format!("{host}/team/web:1")).unwrap().ecr();
        let home = EcrRegistry { account: "123456789012".to_owned(), region: "eu-central-1".to_owned() };
        assert_eq!(of("123456789012.dkr.ecr.eu-central-1.amazonaws.com"), Some(home.clone()));
        assert_eq!(of("123456789012.dkr-ecr.eu-central-1.on.aws"), Some(home.clone()));
        assert_eq!(of("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn").unwrap().region, "cn-north-1");
        assert_eq!(of("public.ecr.aws"), None);
        assert_eq!(of("dkr.ecr.eu-central-1.amazonaws.com"), None);
    }

    #[test]
    fn repository_name_has_a_path_and_neither_tag_nor_digest() {
        for name in ["ghcr.io/acme/web", "localhost:5000/web", "acme/web"] {
            assert!(is_repository_name(name), "{name}");
        }
        for name in ["ghcr.io/acme/web:1", "web", "ghcr.io/acme/", "https://ghcr.io/acme/web", "ghcr.io/Acme/web", ""] {
            assert!(!is_repository_name(name), "{name}");
        }
    }

    #[test]
    fn invalid_reference_is_none() {
        for text in
            ["", "nginx:", "Nginx", "a b", "nginx@sha256:xyz", "ghcr.io/", "ghcr.io/a/../b", "ghcr.io/a?b", "a#b"]
        {
            assert_eq!(ImageReference::parse(text), None, "{text}");
        }
    }
}
