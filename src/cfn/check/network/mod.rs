//! VPCs, subnets, routes and security groups.
//!
//! Sources: "VPC CIDR blocks", "Security group rules" and "Configure route tables" of the Amazon VPC user guide.

mod cidr;
mod groups;
mod routes;

pub(super) use groups::{admits, group};
pub(super) use routes::{WayOut, way_out};

use super::scope::Scope;
use crate::diag::Sink;

pub(super) const VPC: &str = "AWS::EC2::VPC";
pub(super) const SUBNET: &str = "AWS::EC2::Subnet";
pub(super) const SECURITY_GROUP: &str = "AWS::EC2::SecurityGroup";

pub(super) fn check(scope: &Scope<'_>, sink: &mut Sink) {
    cidr::check(scope, sink);
    groups::check(scope, sink);
    routes::check(scope, sink);
}
