use super::*;

fn page(name: &str) -> Entry {
    let mut found = find(name);
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    found.remove(0)
}

#[test]
fn property_path_is_found_at_any_depth_and_in_any_case() {
    let percent = page("aws::ecs::service.deploymentconfiguration.minimumhealthypercent");
    assert_eq!(percent.name, "AWS::ECS::Service.DeploymentConfiguration.MinimumHealthyPercent");
    assert!(percent.to_text(80).contains("lower limit"), "{}", percent.to_text(80));
    let name = page("AWS::ECS::TaskDefinition.ContainerDefinitions.Name");
    assert!(name.to_text(80).contains("A change replaces the resource."), "{}", name.to_text(80));
}

#[test]
fn every_call_form_has_an_example() {
    let forms = bindings::forms();
    assert!(forms.len() > 120, "{} forms", forms.len());
    let without_example = forms.iter().filter(|form| !form.doc.contains("```rhai"));
    let without_example: Vec<String> = without_example.map(bindings::Signature::signature).collect();
    assert!(
        without_example.is_empty(),
        "these have no example, which `rtiler doc` shows and a test executes: {without_example:#?}"
    );
}

#[test]
fn glob_with_many_stars_is_answered_at_once() {
    assert!(find("FargateService").len() == 1);
    // A matcher that backtracks would not return in a lifetime.
    let pattern = format!("{}b", "*a".repeat(40));
    assert!(Reference::of_language().search(&pattern).is_empty());
}
