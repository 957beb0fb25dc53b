use crate::scripted::{problems, property, resource, service, stack};

fn web(cluster: &str) -> rtiler::synth::DesiredStack {
    service(&format!(".port(8080).cluster({cluster})"))
}

#[test]
fn service_without_a_cluster_creates_one_with_a_network_of_two_zones() {
    let app = service("");
    assert_eq!(property(&app, "WebService", "Cluster"), "{\"Ref\":\"WebCluster\"}");
    resource(&app, "WebVpcPrivateSubnet2");
    assert!(!app.template.resources.contains_key("WebVpcPrivateSubnet3"));
}

#[test]
fn cluster_sets_the_zones_of_its_own_network() {
    resource(&web("Cluster(\"Main\").azs(3)"), "MainVpcPrivateSubnet3");
}

#[test]
fn insights_and_spot_are_set_on_the_cluster() {
    let app = web("Cluster(\"Main\").container_insights().spot()");
    assert_eq!(property(&app, "MainCluster", "ClusterSettings.0.Value"), "\"enabled\"");
    assert_eq!(property(&app, "MainCluster", "CapacityProviders"), "[\"FARGATE\",\"FARGATE_SPOT\"]");
}

#[test]
fn service_in_a_namespace_is_found_by_its_name() {
    let app = web("Cluster(\"Main\").namespace(\"local\")");
    let alias = property(&app, "WebService", "ServiceConnectConfiguration.Services.0.ClientAliases.0");
    assert_eq!(alias, "{\"DnsName\":\"web\",\"Port\":8080}");
    assert_eq!(property(&app, "WebTask", "ContainerDefinitions.0.PortMappings.0.Name"), "\"web\"");
}

#[test]
fn zones_with_a_given_network_are_refused() {
    let text = "Stack(\"a\").add(Cluster(\"Main\").vpc(Vpc(\"Main\")).azs(3))";
    assert_eq!(problems(text), [("azs-with-network", vec!["azs".to_owned(), "vpc".to_owned()])]);
}

#[test]
fn existing_cluster_without_a_network_is_refused() {
    let text = "Stack(\"a\").add(FargateService(\"Web\").image(\"nginx:1\").cluster(Cluster::existing(\"shared\")))";
    let words = vec!["existing".to_owned(), "FargateService".to_owned()];
    assert_eq!(problems(text), [("cluster-without-network", words)]);
}

#[test]
fn cluster_without_services_is_a_valid_stack() {
    assert_eq!(
        stack("Stack(\"a\").add(Cluster(\"Main\").vpc(Vpc(\"Main\").nat_gateways(0)))").template.resources.len(),
        12
    );
}
