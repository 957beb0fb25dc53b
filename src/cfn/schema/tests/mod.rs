use super::*;

fn kind(name: &str) -> TypeSchema<'static> {
    Schema::embedded().get(name).expect("the type exists")
}

#[test]
fn every_service_unpacks_and_every_node_is_readable() {
    let schema = Schema::embedded();
    let mut types = 0;
    for service in schema.services() {
        for name in schema.types_of(service) {
            let kind = schema.get(&name).expect("a listed type exists");
            for (property, node) in kind.properties().properties() {
                walk(node, 0);
                schema.doc(&name, property);
            }
            for attribute in kind.attributes() {
                assert!(kind.attribute(attribute.name).is_some(), "{name}.{}", attribute.name);
            }
            kind.rules();
            types += 1;
        }
    }
    assert!(types > 1800, "{types} types");
    assert_eq!(schema.date(), "2026-10-20");
}

fn walk(node: Node<'_>, depth: usize) {
    if depth < 4 {
        node.keywords().count();
        node.properties().into_iter().for_each(|(_, part)| walk(part, depth + 1));
        node.items().into_iter().for_each(|part| walk(part, depth + 1));
    }
}

#[test]
fn service_lists_its_types_and_unknown_types_are_absent() {
    let schema = Schema::embedded();
    assert!(schema.types_of("ECS").any(|name| name == "AWS::ECS::Service"));
    assert!(schema.contains("Alexa::ASK::Skill"));
    assert!(!schema.contains("AWS::ECS::Servise"));
    assert!(!schema.contains("AWS::ECSS::Service"));
    assert!(!schema.contains("nonsense"));
}

#[test]
fn property_path_passes_through_lists() {
    let task = kind("AWS::ECS::TaskDefinition").properties();
    for path in ["ContainerDefinitions.0.Image", "ContainerDefinitions.*.Image", "ContainerDefinitions.Image"] {
        assert_eq!(task.at(path).map(Node::kinds), Some(JsonTypes::STRING), "{path}");
    }
    assert!(task.at("ContainerDefinitions.Picture").is_none());
    assert_eq!(
        kind("AWS::Logs::LogGroup").properties().at("RetentionInDays").map(Node::kinds),
        Some(JsonTypes::INTEGER)
    );
}

#[test]
fn attributes_are_those_of_get_att() {
    let balancer = kind("AWS::ElasticLoadBalancingV2::LoadBalancer");
    assert!(balancer.attribute("DNSName").is_some());
    assert!(balancer.attribute("DnsName").is_none());
    assert!(kind("AWS::CloudFormation::Stack").attribute("Outputs.Url").is_some());
    assert!(kind("AWS::CloudFormation::CustomResource").attribute("Anything").is_some());
    assert!(kind("AWS::RDS::DBCluster").attribute("Endpoint.Address").is_some());
}

#[test]
fn change_of_create_only_property_replaces_the_resource() {
    let service = kind("AWS::ECS::Service");
    assert_eq!(service.create_only("Cluster"), CreateOnly::Yes);
    assert_eq!(service.create_only("DesiredCount"), CreateOnly::No);
    let task = kind("AWS::ECS::TaskDefinition");
    assert_eq!(task.create_only("ContainerDefinitions.0.Image"), CreateOnly::Yes);
    assert_eq!(kind("AWS::EC2::VPC").create_only("CidrBlock"), CreateOnly::Yes);
}

#[test]
fn tagging_is_a_list_or_a_map() {
    let tags = kind("AWS::ECS::Service").tags().expect("services take tags");
    assert_eq!((tags.property, tags.map), ("Tags", false));
    assert!(kind("AWS::SSM::Parameter").tags().expect("parameters take tags").map);
    assert_eq!(kind("AWS::EFS::FileSystem").tags().expect("file systems take tags").property, "FileSystemTags");
    assert_eq!(kind("AWS::EC2::Route").tags(), None);
}

#[test]
fn some_types_are_deleted_before_they_are_created_again() {
    assert_eq!(kind("AWS::ECS::Service").replacement(), ReplacementOrder::CreateFirst);
    let schema = Schema::embedded();
    let deleting = schema
        .services()
        .flat_map(|service| schema.types_of(service))
        .filter(|name| schema.get(name).is_some_and(|kind| kind.replacement() == ReplacementOrder::DeleteFirst));
    assert_eq!(deleting.count(), 92);
}

#[test]
fn doc_is_found_by_its_path() {
    let schema = Schema::embedded();
    let doc = |path| schema.doc("AWS::ECS::Service", path);
    assert!(doc("").is_some_and(|text| text.contains("AWS::ECS::Service")));
    assert!(doc("DeploymentConfiguration.MinimumHealthyPercent").is_some_and(|text| text.len() > 20));
    assert!(doc("LoadBalancers.0.ContainerPort").is_some());
    assert_eq!(doc("Nothing"), None);
}
