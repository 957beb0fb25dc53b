use crate::scripted::{problems, property, resource, stack};

fn network(setters: &str) -> rtiler::synth::DesiredStack {
    stack(&format!("Stack(\"net\").add(Vpc(\"Main\"){setters})"))
}

fn found(setters: &str) -> Vec<(&'static str, Vec<String>)> {
    problems(&format!("Stack(\"net\").add(Vpc(\"Main\"){setters})"))
}

fn count(stack: &rtiler::synth::DesiredStack, kind: &str) -> usize {
    stack.template.resources.values().filter(|resource| resource.kind.as_str() == kind).count()
}

#[test]
fn three_zones_get_equal_blocks_of_the_network_public_ones_first() {
    let net = network(".cidr(\"10.1.0.0/16\").azs(3)");
    let blocks = ["PublicSubnet1", "PublicSubnet3", "PrivateSubnet1", "PrivateSubnet3"]
        .map(|subnet| property(&net, &format!("MainVpc{subnet}"), "CidrBlock"));
    assert_eq!(blocks, ["\"10.1.0.0/19\"", "\"10.1.64.0/19\"", "\"10.1.96.0/19\"", "\"10.1.160.0/19\""]);
    assert_eq!(count(&net, "AWS::EC2::NatGateway"), 3);
}

#[test]
fn one_nat_gateway_serves_all_zones() {
    let net = network(".azs(3).nat_gateways(1)");
    assert_eq!(count(&net, "AWS::EC2::NatGateway"), 1);
    let way = property(&net, "MainVpcPrivateSubnet3DefaultRoute", "NatGatewayId");
    assert_eq!(way, "{\"Ref\":\"MainVpcPublicSubnet1NatGateway\"}");
}

#[test]
fn network_without_nat_gateways_has_public_subnets_only() {
    let net = network(".nat_gateways(0)");
    assert_eq!(count(&net, "AWS::EC2::Subnet"), 2);
    assert_eq!(property(&net, "MainVpcPublicSubnet2", "CidrBlock"), "\"10.0.128.0/17\"");
    assert_eq!(count(&net, "AWS::EC2::EIP"), 0);
}

#[test]
fn nat_gateway_depends_on_the_internet_gateway() {
    let net = network("");
    for part in ["Eip", "NatGateway"] {
        let waits = &resource(&net, &format!("MainVpcPublicSubnet1{part}")).depends_on;
        assert!(waits.contains(&"MainVpcGatewayAttachment".into()), "{part}");
    }
}

#[test]
fn endpoints_are_gateways_for_s3_and_interfaces_for_others() {
    let net = network(".endpoint(\"s3\").endpoint(\"ecr.api\").endpoint(\"logs\")");
    assert_eq!(property(&net, "MainVpcS3Endpoint", "VpcEndpointType"), "\"Gateway\"");
    assert_eq!(property(&net, "MainVpcS3Endpoint", "RouteTableIds.3"), "{\"Ref\":\"MainVpcPrivateSubnet2RouteTable\"}");
    assert_eq!(property(&net, "MainVpcEcrApiEndpoint", "VpcEndpointType"), "\"Interface\"");
    let service = property(&net, "MainVpcLogsEndpoint", "ServiceName");
    assert_eq!(service, "{\"Fn::Sub\":\"com.amazonaws.${AWS::Region}.logs\"}");
    assert_eq!(count(&net, "AWS::EC2::SecurityGroup"), 1, "interfaces share a group");
}

#[test]
fn flow_logs_may_write_to_their_log_group_only() {
    let net = network(".flow_logs()");
    let may = property(&net, "MainVpcFlowLogRole", "Policies.0.PolicyDocument.Statement.0.Resource");
    assert_eq!(may, "{\"Fn::GetAtt\":[\"MainVpcFlowLogGroup\",\"Arn\"]}");
    assert_eq!(property(&net, "MainVpcFlowLog", "ResourceId"), "{\"Ref\":\"MainVpc\"}");
}

#[test]
fn invalid_cidr_block_is_refused() {
    for (cidr, code) in [
        ("10.0.0.0/27", "cidr-too-small"),
        ("10.0.1.0/16", "invalid-cidr"),
        ("10.0.0.0/8", "invalid-cidr"),
        ("ten", "invalid-cidr"),
    ] {
        assert_eq!(found(&format!(".cidr(\"{cidr}\")")), [(code, vec!["cidr".to_owned()])], "{cidr}");
    }
}

#[test]
fn invalid_numbers_of_zones_and_gateways_are_refused() {
    assert_eq!(found(".azs(0)"), [("availability-zones", vec!["azs".to_owned()])]);
    assert_eq!(found(".azs(7)"), [("availability-zones", vec!["azs".to_owned()])]);
    assert_eq!(found(".azs(2).nat_gateways(3)"), [("nat-gateways", vec!["nat_gateways".to_owned()])]);
    assert_eq!(found(".endpoint(\"S3!\")"), [("vpc-endpoint", vec!["endpoint".to_owned()])]);
}

#[test]
fn setting_of_an_existing_network_is_refused() {
    let text = "Stack(\"a\").add(FargateService(\"Web\").image(\"nginx:1\").cluster(Cluster(\"Web\")\
                .vpc(Vpc::existing(\"vpc-0123456789abcdef0\").azs(3).private_subnets([\"subnet-0123456789abcdef0\"]))))";
    assert_eq!(problems(text), [("existing-network", vec!["azs".to_owned(), "existing".to_owned()])]);
    assert_eq!(found(".private_subnets([\"subnet-1\"])"), [("existing-network", vec!["private_subnets".to_owned()])]);
}

#[test]
fn service_in_an_existing_network_runs_in_its_private_subnets() {
    let web = stack(
        "Stack(\"a\").add(FargateService(\"Web\").image(\"nginx:1\").cluster(Cluster::existing(\"shared\")\
         .vpc(Vpc::existing(\"vpc-0123456789abcdef0\").private_subnets([\"subnet-0123456789abcdef0\", \"subnet-0123456789abcdef1\"]))))",
    );
    let subnets = property(&web, "WebService", "NetworkConfiguration.AwsvpcConfiguration.Subnets");
    assert_eq!(subnets, "[\"subnet-0123456789abcdef0\",\"subnet-0123456789abcdef1\"]");
    assert_eq!(property(&web, "WebService", "Cluster"), "\"shared\"");
    assert_eq!(property(&web, "WebServiceSecurityGroup", "VpcId"), "\"vpc-0123456789abcdef0\"");
    assert_eq!(count(&web, "AWS::EC2::VPC") + count(&web, "AWS::ECS::Cluster"), 0);
}

#[test]
fn invalid_id_is_reported_at_its_place() {
    let text = "let net = Vpc::existing(\"vpc_1\").private_subnets([\"net-1\"]);\n\
                let cluster = Cluster::existing(\"shared\").vpc(net);\n\
                Stack(\"a\").add(FargateService(\"Web\").image(\"nginx:1\").cluster(cluster))";
    let words = |word: &str| ("wrong-format", vec![word.to_owned()]);
    assert_eq!(problems(text), [words("existing"), words("private_subnets")]);
}
