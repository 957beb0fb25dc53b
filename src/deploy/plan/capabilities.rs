use crate::cfn::{Resource, Template};
use crate::deploy::api::Capability;

/// Returns the capabilities that CloudFormation requires for a template, and no more.
///
/// Source: "Acknowledging IAM resources in CloudFormation templates" and the API reference of `CreateChangeSet`. The
/// resources of a nested stack are not in the template, so it gets all of them.
pub fn capabilities(template: &Template) -> Vec<Capability> {
    let mut needed: Vec<_> = template.resources.values().flat_map(of_resource).copied().collect();
    if template.other.contains_key("Transform") {
        needed.push(Capability::AutoExpand);
    }
    needed.sort_unstable();
    needed.dedup();
    needed
}

fn of_resource(resource: &Resource) -> &'static [Capability] {
    const NAMES: [&str; 5] = ["RoleName", "UserName", "GroupName", "ManagedPolicyName", "InstanceProfileName"];
    let named = || NAMES.iter().any(|name| resource.properties.contains_key(*name));
    match resource.kind.as_str() {
        "AWS::CloudFormation::Stack" => &[Capability::Iam, Capability::NamedIam, Capability::AutoExpand],
        kind if kind.ends_with("::MODULE") => &[Capability::AutoExpand],
        kind if kind.starts_with("AWS::IAM::") && named() => &[Capability::NamedIam],
        kind if kind.starts_with("AWS::IAM::") => &[Capability::Iam],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Origin;

    fn needs(resource: Resource) -> Vec<Capability> {
        let resources = [("It".into(), resource)].into_iter().collect();
        capabilities(&Template { resources, ..Template::default() })
    }

    #[test]
    fn named_role_needs_the_capability_for_names() {
        assert_eq!(needs(Resource::new("AWS::EC2::VPC", Origin::unknown())), []);
        let role = Resource::new("AWS::IAM::Role", Origin::unknown());
        assert_eq!(needs(role.clone()), [Capability::Iam]);
        assert_eq!(needs(role.with("RoleName", "admin")), [Capability::NamedIam]);
    }

    #[test]
    fn macro_needs_the_capability_to_expand() {
        let other = [("Transform".to_owned(), "AWS::Serverless-2016-10-31".into())].into_iter().collect();
        assert_eq!(capabilities(&Template { other, ..Template::default() }), [Capability::AutoExpand]);
    }
}
