//! Which requests go through the proxy that the environment names (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`).
//!
//! Servers of this machine are reached directly: emulators, and the services that give credentials to tasks and
//! instances, whose addresses are link-local.

use std::net::IpAddr;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

use super::odd_answer::host_of;

/// A connector that reaches servers of this machine directly, and others through the proxy, if there is one.
#[derive(Debug)]
pub(super) struct ProxiedConnector {
    direct: SharedHttpConnector,
    proxied: SharedHttpConnector,
}

impl ProxiedConnector {
    /// Creates the connector from one without a proxy and one with that of the environment.
    pub(super) fn new(direct: SharedHttpConnector, proxied: SharedHttpConnector) -> Self {
        Self { direct, proxied }
    }

    /// Creates the connector; `connector` builds one with a proxy.
    pub(super) fn build(connector: impl Fn(ProxyConfig) -> Connector) -> Self {
        let with = |proxy| SharedHttpConnector::new(connector(proxy));
        Self::new(with(ProxyConfig::disabled()), with(ProxyConfig::from_env()))
    }
}

impl HttpConnector for ProxiedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if is_local(host_of(request.uri())) { self.direct.call(request) } else { self.proxied.call(request) }
    }
}

/// Returns whether a host, with or without its port, is this machine or a link-local service of it.
fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, _)) => name,
        None => host.split(':').next().unwrap_or_default(),
    };
    match name.parse() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_link_local(),
        // `fd00:ec2::254` has the metadata of an instance, `fd00:ec2::23` the credentials of a pod (EC2 and EKS user guides).
        Ok(IpAddr::V6(address)) => address.is_loopback() || address.segments()[..2] == [0xfd00, 0x0ec2],
        Err(_) => name == "localhost" || name.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_of_this_machine_and_its_metadata_are_local() {
        for host in [
            "localhost:4566",
            "127.0.0.1",
            "127.0.0.2:80",
            "[::1]:4566",
            "s3.localhost:4566",
            "169.254.169.254",
            "169.254.170.2",
            "[fd00:ec2::254]",
        ] {
            assert!(is_local(host), "{host}");
        }
        for host in ["ecs.eu-central-1.amazonaws.com", "10.0.0.1", "localhost.example.com", "[2001:db8::1]:443", ""] {
            assert!(!is_local(host), "{host}");
        }
    }
}
