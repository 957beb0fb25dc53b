use super::*;

fn page(name: &str) -> Entry {
    let mut found = find(name);
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    found.remove(0)
}

#[test]
fn a_property_path_is_found_at_any_depth_and_in_any_case() {
    let percent = page("aws::ecs::service.deploymentconfiguration.minimumhealthypercent");
    assert_eq!(percent.name, "AWS::ECS::Service.DeploymentConfiguration.MinimumHealthyPercent");
    assert!(percent.to_text(80).contains("lower limit"), "{}", percent.to_text(80));
    let name = page("AWS::ECS::TaskDefinition.ContainerDefinitions.Name");
    assert!(name.to_text(80).contains("A change replaces the resource."), "{}", name.to_text(80));
}
