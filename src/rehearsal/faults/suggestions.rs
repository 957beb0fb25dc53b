//! Completion of `--fault`.

use super::kinds::{ACCOUNT, JOB_FAULTS, TASK_FAULTS, example, steps};
use crate::cfn::names::stem;
use crate::cfn::type_names::{EXPRESS_SERVICE, SERVICE, TASK_DEFINITION, is_service};
use crate::cfn::{LogicalId, Resource, Template};

/// Returns the faults that a written beginning can become: services by their names in the script, resources, and faults of the
/// account; after a colon, the faults of that service or resource.
pub fn suggestions(written: &str, templates: &[&Template]) -> Vec<String> {
    let resources = || templates.iter().flat_map(|template| template.resources.iter());
    match written.split_once(':') {
        Some((id, _)) => {
            let is_named = |(known, resource): &(&LogicalId, &Resource)| {
                known.as_str() == id || name_in_script(known, resource) == Some(&stem(id))
            };
            let faults = resources().filter(is_named).flat_map(|(_, resource)| of(resource));
            faults.map(|fault| format!("{id}:{fault}")).collect()
        }
        None => {
            let names = resources().filter_map(|(id, resource)| name_in_script(id, resource));
            let ids = resources().map(|(id, _)| id.as_str());
            names
                .chain(ids)
                .map(|name| format!("{name}:"))
                .chain(ACCOUNT.map(|fault| example(fault).to_owned()))
                .collect()
        }
    }
}

/// Returns the name of the block of a service, from which its logical id is made.
fn name_in_script<'a>(id: &'a LogicalId, resource: &Resource) -> Option<&'a str> {
    let role = match resource.kind.as_str() {
        SERVICE => "Service",
        EXPRESS_SERVICE => "ExpressService",
        _ => return None,
    };
    let name = id.as_str().strip_suffix(role)?;
    (!name.is_empty()).then_some(name)
}

fn of(resource: &Resource) -> impl Iterator<Item = &'static str> {
    let of_tasks: &[&str] = match resource.kind.as_str() {
        SERVICE | EXPRESS_SERVICE => &TASK_FAULTS,
        TASK_DEFINITION => &JOB_FAULTS,
        _ => &[],
    };
    let is_possible = |fault: &&&str| !is_service(resource.kind.as_str()) || **fault != "hangs";
    steps().into_iter().chain(of_tasks.iter().filter(is_possible).map(|fault| example(fault)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::parse;

    #[test]
    fn service_is_suggested_with_the_faults_of_its_tasks() {
        let text = "Resources:\n  Web:\n    Type: AWS::ECS::Service\n  Jobs:\n    Type: AWS::SQS::Queue\n  \
                    TileApiService:\n    Type: AWS::ECS::Service\n";
        let template = parse::template("a.yaml", text).value.expect("a template");
        let of = |written: &str| suggestions(written, &[&template]);
        assert!(of("").contains(&"Web:".to_owned()) && of("").contains(&"throttle=0.3".to_owned()));
        assert_eq!(
            of("").iter().filter(|fault| fault.starts_with("TileApi")).count(),
            2,
            "its name and its logical id"
        );
        for name in ["TileApi", "tile-api", "TileApiService"] {
            assert!(of(&format!("{name}:")).contains(&format!("{name}:oom")), "{name}");
        }
        assert!(of("Web:").contains(&"Web:unhealthy=500".to_owned()));
        assert_eq!(
            of("Jobs:"),
            ["create-fails", "update-fails", "delete-fails", "rollback-fails"].map(|it| format!("Jobs:{it}"))
        );
        assert_eq!(of("Nothing:"), [""; 0]);
    }
}
