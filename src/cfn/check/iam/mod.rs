//! IAM: policy documents and roles.
//!
//! Sources: "IAM JSON policy element reference" and "IAM and AWS STS quotas" of the IAM user guide.

mod actions;
mod arn_pattern;
mod document;
mod policy_kind;
mod role;

use super::context::CheckContext;
use crate::diag::Sink;

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    document::check(scope, sink);
    role::check(scope, sink);
}
