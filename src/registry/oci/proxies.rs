//! The proxies of the client of a registry.
//!
//! A registry must not direct the client to services of this machine or network that answer over HTTP, such as the metadata of an
//! instance (`http://169.254.169.254/`): with a redirect of a blob, or with the address that gives tokens. The client follows
//! redirects by itself, but it has a proxy for each protocol. HTTPS has that of the environment, HTTP has one that is not there.

use std::net::IpAddr;

/// A proxy to which no connection is possible.
const NOWHERE: &str = "http://127.0.0.1:0";

/// The proxies, and the hosts that are called without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proxies {
    pub(super) https: Option<String>,
    pub(super) http: Option<String>,
    pub(super) direct: Option<String>,
}

impl Proxies {
    /// Returns the proxies for a registry on this machine, which is called over HTTP, or for one elsewhere, which is not.
    pub(super) fn of_environment(registry: &str, is_loopback: bool) -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let either = |name: &str| variable(&name.to_lowercase()).or_else(|| variable(name));
        Self::new(registry, is_loopback, either("HTTPS_PROXY").or_else(|| either("ALL_PROXY")), either("NO_PROXY"))
    }

    fn new(registry: &str, is_loopback: bool, https: Option<String>, no_proxy: Option<String>) -> Self {
        let http = Some(NOWHERE.to_owned());
        let host = registry.rsplit_once(':').map_or(registry, |(host, _)| host);
        if is_loopback {
            return Self { https, http, direct: Some(host.to_owned()) };
        }
        let no_proxy = no_proxy.unwrap_or_default();
        let exceptions = || no_proxy.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        if exceptions().any(|entry| entry == "*") {
            return Self { https: None, http, direct: None };
        }
        // The list is that of both protocols. Addresses are left out, because it often has that of the metadata.
        let is_name =
            |entry: &&str| *entry == host || entry.split('/').next().is_none_or(|it| it.parse::<IpAddr>().is_err());
        let names: Vec<&str> = exceptions().filter(is_name).collect();
        Self { https, http, direct: (!names.is_empty()).then(|| names.join(",")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(registry: &str, is_loopback: bool, https: Option<&str>, no_proxy: Option<&str>) -> Proxies {
        Proxies::new(registry, is_loopback, https.map(str::to_owned), no_proxy.map(str::to_owned))
    }

    #[test]
    fn registry_of_this_machine_is_called_directly_and_no_other_host_over_http() {
        let found = proxies("127.0.0.1:5000", true, None, None);
        assert_eq!((found.http.as_deref(), found.direct.as_deref()), (Some(NOWHERE), Some("127.0.0.1")));
        assert_eq!(proxies("ghcr.io", false, None, None).direct, None);
    }

    #[test]
    fn proxies_of_the_environment_stay_without_exceptions_for_addresses() {
        let list = "169.254.169.254, .example.com,169.254.0.0/16,fd00:ec2::254,10.0.0.7";
        let found = proxies("10.0.0.7:5000", false, Some("http://proxy:3128"), Some(list));
        assert_eq!(found.https.as_deref(), Some("http://proxy:3128"));
        assert_eq!(found.direct.as_deref(), Some(".example.com,10.0.0.7"));
        let found = proxies("ghcr.io", false, Some("http://proxy:3128"), Some("*"));
        assert_eq!((found.https, found.direct), (None, None));
    }
}
