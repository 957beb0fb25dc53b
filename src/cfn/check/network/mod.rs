//! VPCs, subnets, routes and security groups.
//!
//! Sources: "VPC CIDR blocks", "Security group rules" and "Configure route tables" of the Amazon VPC user guide.

mod cidr;
mod endpoints;
mod gateways;
mod ipv6;
mod routes;
mod security_groups;

pub(super) use routes::{InternetRoute, has_endpoints, internet_route, reaches_internet, routes_to_gateway};
pub(super) use security_groups::{admits, group};

use super::context::CheckContext;
pub(super) use crate::cfn::type_names::{SECURITY_GROUP, SUBNET, VPC};
use crate::diag::Sink;

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    cidr::check(scope, sink);
    ipv6::check(scope, sink);
    gateways::check(scope, sink);
    endpoints::check(scope, sink);
    security_groups::check(scope, sink);
    routes::check(scope, sink);
}
