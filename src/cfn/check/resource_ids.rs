//! Ids of resources whose form is fixed, and names that are given as ARNs.
//!
//! Sources: `EFSVolumeConfiguration` and `EFSAuthorizationConfig` of the ECS API, `SubnetMapping` of the Elastic Load Balancing API,
//! `DeploymentAlarms` of the ECS API (names of alarms).

use super::context::{CheckContext, ResourceEntry};
use crate::cfn::type_names::{LOAD_BALANCER, SERVICE, TASK_DEFINITION};
use crate::diag::{Code, Diagnostic, Sink};

/// A property that takes an id: its type, its path, what it names, and the beginning of the id.
type IdProperty = (&'static str, &'static str, &'static str, &'static str);

const EFS: &str = "Volumes.*.EFSVolumeConfiguration.FilesystemId";
const ACCESS_POINT: &str = "Volumes.*.EFSVolumeConfiguration.AuthorizationConfig.AccessPointId";

const IDS: [IdProperty; 3] = [
    (TASK_DEFINITION, EFS, "a file system", "fs-"),
    (TASK_DEFINITION, ACCESS_POINT, "an access point of EFS", "fsap-"),
    (LOAD_BALANCER, "SubnetMappings.*.AllocationId", "an Elastic IP address", "eipalloc-"),
];

const ALARMS: &str = "DeploymentConfiguration.Alarms.AlarmNames.*";

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for property in IDS {
        for found in scope.all(property.0) {
            found.each_path(property.1, &mut |path| sink.extend(id(property, found, path)));
        }
    }
    for found in scope.all(SERVICE) {
        found.each_path(ALARMS, &mut |path| sink.extend(alarm(found, path)));
    }
}

fn id((_, _, what, start): IdProperty, found: ResourceEntry<'_>, path: &str) -> Option<Diagnostic> {
    let text = found.text(path)?;
    let is_id =
        text.strip_prefix(start).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|it| it.is_ascii_hexdigit()));
    let may_be = is_id || text.starts_with("{{") || (text.starts_with("arn:") && start != "eipalloc-");
    (!may_be).then(|| {
        let problem = found.error(Code::WrongFormat, path, format!("`{text}` is not the id of {what}"));
        problem.help(format!("an id looks like `{start}0123456789abcdef0`"))
    })
}

fn alarm(found: ResourceEntry<'_>, path: &str) -> Option<Diagnostic> {
    let text = found.text(path).filter(|text| text.starts_with("arn:"))?;
    let name = text.split_once(":alarm:").map(|(_, name)| format!("write its name: `{name}`"));
    let problem = found.error(Code::ArnForm, path, "a deployment takes the names of alarms, not their ARNs".to_owned());
    Some(problem.help_if(name))
}
