//! EC2 instances.

use super::context::CheckContext;
use crate::diag::{Code, Sink};

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for instance in scope.all("AWS::EC2::Instance") {
        if instance.lacks("ImageId") && instance.lacks("LaunchTemplate") {
            let message = format!("the instance `{}` has neither an image nor a launch template", instance.id);
            sink.push(instance.error(Code::MissingImage, "", message).help("set `ImageId` or `LaunchTemplate`"));
        }
    }
}
