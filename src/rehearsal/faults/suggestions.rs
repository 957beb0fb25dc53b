//! Completion of `--fault`.

use super::kinds::{ACCOUNT, TASK_FAULTS, example, steps};
use crate::cfn::type_names::SERVICE;
use crate::cfn::{Resource, Template};

/// Returns the faults that a written beginning can become: resources and faults of the account; after a colon, the faults of
/// that resource.
pub fn suggestions(written: &str, templates: &[&Template]) -> Vec<String> {
    let resources = || templates.iter().flat_map(|template| template.resources.iter());
    match written.split_once(':') {
        Some((id, _)) => {
            let faults = resources().filter(|(known, _)| known.as_str() == id).flat_map(|(_, resource)| of(resource));
            faults.map(|fault| format!("{id}:{fault}")).collect()
        }
        None => {
            let ids = resources().map(|(id, _)| format!("{id}:"));
            ids.chain(ACCOUNT.map(|fault| example(fault).to_owned())).collect()
        }
    }
}

fn of(resource: &Resource) -> impl Iterator<Item = &'static str> {
    let of_tasks = TASK_FAULTS.iter().filter(|_| resource.kind.as_str() == SERVICE).map(|fault| example(fault));
    steps().into_iter().chain(of_tasks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::parse;

    #[test]
    fn service_is_suggested_with_the_faults_of_its_tasks() {
        let text = "Resources:\n  Web:\n    Type: AWS::ECS::Service\n  Jobs:\n    Type: AWS::SQS::Queue\n";
        let template = parse::template("a.yaml", text).value.expect("a template");
        let of = |written| suggestions(written, &[&template]);
        assert!(of("").contains(&"Web:".to_owned()) && of("").contains(&"throttle=0.3".to_owned()));
        assert!(of("Web:").contains(&"Web:unhealthy=500".to_owned()));
        assert_eq!(
            of("Jobs:"),
            ["create-fails", "update-fails", "delete-fails", "rollback-fails"].map(|it| format!("Jobs:{it}"))
        );
        assert_eq!(of("Nothing:"), [""; 0]);
    }
}
