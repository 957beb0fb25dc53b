use crate::scripted::{problems, property, resource, service, stack};

fn web(cluster: &str) -> rtiler::synth::DesiredStack {
    service(&format!(".port(8080).cluster({cluster})"))
}

#[test]
fn services_without_a_cluster_share_that_of_their_stack_in_a_network_of_two_zones() {
    let app = stack(
        "let two = FargateService(\"Two\").image(\"nginx:1\").spot(4);\n\
         Stack(\"a\").add([FargateService(\"One\").image(\"nginx:1\"), two])",
    );
    for service in ["OneService", "TwoService"] {
        assert_eq!(property(&app, service, "Cluster"), "{\"Ref\":\"Cluster\"}");
    }
    resource(&app, "VpcPrivateSubnet2");
    assert!(!app.template.resources.contains_key("VpcPrivateSubnet3"));
    let networks = app.template.resources.values().filter(|resource| resource.kind.as_str() == "AWS::EC2::VPC");
    assert_eq!(networks.count(), 1);
}

#[test]
fn spot_of_a_service_does_not_change_the_cluster_of_its_stack() {
    let (without, with) = (service(""), service(".spot(4)"));
    assert_eq!(property(&with, "Cluster", "CapacityProviders"), "[\"FARGATE\",\"FARGATE_SPOT\"]");
    assert_eq!(resource(&with, "Cluster").properties, resource(&without, "Cluster").properties);
}

const STACK: &str = "let web = FargateService(\"Web\").image(\"nginx:1\").port(80).behind(Alb(\"Web\"));\n\
    let other = FargateService(\"Other\").image(\"nginx:1\").cluster(Cluster(\"Other\"));\n\
    Stack(\"a\").add([web, other])";

#[test]
fn stack_sets_the_cluster_of_its_services_that_set_none() {
    let app = stack(&format!("{STACK}.cluster(Cluster(\"Main\").namespace(\"local\"))"));
    assert_eq!(property(&app, "WebService", "Cluster"), "{\"Ref\":\"MainCluster\"}");
    assert_eq!(property(&app, "OtherService", "Cluster"), "{\"Ref\":\"OtherCluster\"}");
    assert_eq!(property(&app, "WebAlb", "Subnets.0"), "{\"Ref\":\"MainVpcPublicSubnet1\"}");
    assert_eq!(property(&app, "WebService", "ServiceConnectConfiguration.Enabled"), "true");
    assert!(!app.template.resources.contains_key("Cluster") && !app.template.resources.contains_key("Vpc"));
    let text = format!("{STACK}.cluster(Cluster(\"Main\"))").replace(".port(80)", ".port(80).spot(4)");
    assert_eq!(problems(&text), [("spot-without-provider", vec!["spot".to_owned(), "Cluster".to_owned()])]);
}

#[test]
fn stack_sets_the_network_of_its_services_that_set_no_cluster() {
    let app = stack(&format!("{STACK}.vpc(Vpc(\"Net\"))"));
    assert_eq!(property(&app, "WebService", "Cluster"), "{\"Ref\":\"Cluster\"}");
    assert_eq!(property(&app, "WebAlb", "Subnets.0"), "{\"Ref\":\"NetVpcPublicSubnet1\"}");
    assert_eq!(property(&app, "OtherServiceSecurityGroup", "VpcId"), "{\"Ref\":\"OtherVpc\"}");
    let existing = "Vpc::existing(\"vpc-0a1b2c3d4e5f60718\")\
        .public_subnets([\"subnet-0a1b2c3d4e5f60711\", \"subnet-0a1b2c3d4e5f60712\"])";
    let app = stack(&format!("{STACK}.cluster(Cluster::existing(\"apps\")).vpc({existing})"));
    assert_eq!(property(&app, "WebService", "Cluster"), "\"apps\"");
    assert_eq!(property(&app, "WebAlbSecurityGroup", "VpcId"), "\"vpc-0a1b2c3d4e5f60718\"");
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
        18
    );
}
