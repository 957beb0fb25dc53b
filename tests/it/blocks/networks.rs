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
fn network_without_nat_gateways_has_public_and_isolated_subnets() {
    let net = network(".nat_gateways(0)");
    assert_eq!(count(&net, "AWS::EC2::Subnet"), 4);
    assert_eq!(property(&net, "MainVpcPublicSubnet2", "CidrBlock"), "\"10.0.64.0/18\"");
    assert_eq!(property(&net, "MainVpcIsolatedSubnet1", "CidrBlock"), "\"10.0.128.0/18\"");
    assert_eq!(property(&net, "MainVpcIsolatedSubnet1", "MapPublicIpOnLaunch"), "false");
    assert_eq!(count(&net, "AWS::EC2::EIP"), 0);
    assert_eq!(count(&net, "AWS::EC2::Route"), 2, "isolated subnets have no route to the internet");
}

#[test]
fn isolated_subnets_come_after_the_private_ones() {
    let net = network(".azs(2).isolated_subnets()");
    assert_eq!(property(&net, "MainVpcPrivateSubnet2", "CidrBlock"), "\"10.0.96.0/19\"");
    assert_eq!(property(&net, "MainVpcIsolatedSubnet2", "CidrBlock"), "\"10.0.160.0/19\"");
    assert!(!net.template.resources.contains_key("MainVpcIsolatedSubnet1DefaultRoute"));
    assert!(net.template.resources.contains_key("MainVpcIsolatedSubnet1RouteTableAssociation"));
    assert_eq!(found(".isolated_subnets([\"subnet-1\"])"), [("existing-network", vec!["isolated_subnets".to_owned()])]);
}

#[test]
fn databases_and_internal_load_balancers_prefer_inner_subnets() {
    for (network, of_database, of_balancer) in [
        ("", "Private", "Private"),
        (".isolated_subnets()", "Isolated", "Private"),
        (".nat_gateways(0)", "Isolated", "Isolated"),
    ] {
        let shop = stack(&format!(
            "Stack(\"shop\").vpc(Vpc(\"Net\"){network}).add(Database(\"Shop\"))\
             .add(FargateService(\"Web\").image(\"nginx:1.29\").port(80).behind(Alb(\"Web\").internal()))"
        ));
        let group = property(&shop, "ShopDatabaseSubnetGroup", "SubnetIds.0");
        assert_eq!(group, format!("{{\"Ref\":\"NetVpc{of_database}Subnet1\"}}"), "{network}");
        assert_eq!(
            property(&shop, "WebAlb", "Subnets.0"),
            format!("{{\"Ref\":\"NetVpc{of_balancer}Subnet1\"}}"),
            "{network}"
        );
    }
}

/// Returns a stack of one service with an image of ECR in a network.
fn in_network(network: &str, setters: &str) -> rtiler::synth::DesiredStack {
    stack(&format!(
        "let net = Vpc(\"Net\"){network};\n\
         let web = FargateService(\"Web\").image(`${{Repository(\"Web\").uri}}:1.0.0`){setters};\n\
         Stack(\"web\").vpc(net).add(web)"
    ))
}

/// Returns the names of the endpoints of a network.
fn endpoints(stack: &rtiler::synth::DesiredStack) -> Vec<String> {
    let of =
        |id: &rtiler::cfn::LogicalId| Some(id.as_str().strip_prefix("NetVpc")?.strip_suffix("Endpoint")?.to_owned());
    stack.template.resources.keys().filter_map(of).collect()
}

#[test]
fn tasks_of_a_network_with_private_endpoints_and_no_nat_gateways_run_in_isolated_subnets() {
    let web = in_network(".nat_gateways(0).private_endpoints()", "");
    let network = "NetworkConfiguration.AwsvpcConfiguration";
    assert_eq!(property(&web, "WebService", &format!("{network}.Subnets.1")), "{\"Ref\":\"NetVpcIsolatedSubnet2\"}");
    assert_eq!(property(&web, "WebService", &format!("{network}.AssignPublicIp")), "\"DISABLED\"");
    assert_eq!(endpoints(&web), ["EcrApi", "EcrDkr", "Logs", "S3"]);
    assert_eq!(property(&web, "NetVpcLogsEndpoint", "SubnetIds.0"), "{\"Ref\":\"NetVpcIsolatedSubnet1\"}");
    assert!(property(&web, "NetVpcS3Endpoint", "RouteTableIds").contains("NetVpcIsolatedSubnet2RouteTable"));
    let waits = &resource(&web, "WebService").depends_on;
    for needed in ["NetVpcEcrDkrEndpoint", "NetVpcIsolatedSubnet1RouteTableAssociation"] {
        assert!(waits.contains(&needed.into()), "{needed}");
    }
}

#[test]
fn private_endpoints_follow_from_secrets_links_permissions_and_exec() {
    let closed = ".nat_gateways(0).private_endpoints()";
    for (setters, added) in [
        (".secret(\"KEY\", Secret(\"Key\").arn)", "Secretsmanager"),
        (".secret(\"KEY\", \"arn:aws:ssm:eu-central-1:123456789012:parameter/key\")", "Ssm"),
        (".exec()", "Ssmmessages"),
        (".link(Queue(\"Jobs\"))", "Sqs"),
        (".link(Topic(\"News\").encrypted())", "Sns"),
        (".link(Table(\"Carts\").partition_key(\"id\"))", "Dynamodb"),
        (".link(Database(\"Shop\"))", "Secretsmanager"),
        (".allow(\"kms:Sign\", \"arn:aws:kms:eu-central-1:123456789012:key/1\")", "Kms"),
        (".allow(\"bedrock:InvokeModel\", \"*\")", "BedrockRuntime"),
    ] {
        let mut expected = ["EcrApi", "EcrDkr", "Logs", "S3", added].map(str::to_owned);
        expected.sort();
        let mut found = endpoints(&in_network(closed, setters));
        found.sort();
        assert_eq!(found, expected, "{setters}");
    }
    assert_eq!(endpoints(&in_network(&format!("{closed}.endpoint(\"logs\")"), "")), ["Logs", "EcrApi", "EcrDkr", "S3"]);
    assert_eq!(endpoints(&in_network(closed, ".subnets(\"public\").exec()")).len(), 4, "public tasks need none");
}

#[test]
fn image_of_a_public_registry_is_refused_in_isolated_subnets() {
    let text = |setters: &str| {
        format!(
            "let net = Vpc(\"Net\").nat_gateways(0).private_endpoints();\n\
             Stack(\"web\").vpc(net).add({setters})"
        )
    };
    let words = |words: [&str; 2]| words.map(str::to_owned).to_vec();
    for job in ["FargateService(\"Web\").image(\"nginx:1.29\")", "Job(\"Web\").image(\"ghcr.io/acme/web:1.0\")"] {
        let refused = problems(&text(job));
        assert_eq!(refused.first(), Some(&("unreachable-registry", words(["image", "Vpc"]))), "{job}");
    }
    let routed = text("FargateService(\"Web\").image(\"nginx:1.29\").subnets(\"public\")");
    assert_eq!(problems(&routed), []);
}

#[test]
fn job_in_isolated_subnets_without_endpoints_is_reported() {
    let text = "let net = Vpc(\"Net\").nat_gateways(0);\n\
                let image = `${Repository(\"Web\").uri}:1.0.0`;\n\
                Stack(\"web\").vpc(net).add(Job(\"Clean\").image(image).subnets(\"isolated\"))";
    let words = ["Job", "Vpc"].map(str::to_owned).to_vec();
    assert_eq!(problems(text), [("no-internet-route", words)]);
}

#[test]
fn tasks_run_in_the_listed_subnets_and_wait_for_their_routes() {
    let web = in_network("", ".subnets([net.private_subnets[1]])");
    let network = "NetworkConfiguration.AwsvpcConfiguration";
    assert_eq!(property(&web, "WebService", &format!("{network}.Subnets")), "[{\"Ref\":\"NetVpcPrivateSubnet2\"}]");
    assert_eq!(property(&web, "WebService", &format!("{network}.AssignPublicIp")), "\"DISABLED\"");
    let waits = &resource(&web, "WebService").depends_on;
    assert!(waits.contains(&"NetVpcPrivateSubnet2DefaultRoute".into()));
    assert!(!waits.contains(&"NetVpcPrivateSubnet1DefaultRoute".into()));
}

#[test]
fn dual_stack_network_has_ipv6_blocks_routes_and_rules() {
    let web = in_network(".dual_stack().isolated_subnets()", ".port(80).behind(Alb(\"Web\").dual_stack())");
    assert_eq!(property(&web, "NetVpcIpv6Block", "AmazonProvidedIpv6CidrBlock"), "true");
    let block = |subnet: &str| property(&web, &format!("NetVpc{subnet}"), "Ipv6CidrBlock");
    let whole = "{\"Fn::Select\":[0,{\"Fn::GetAtt\":[\"NetVpc\",\"Ipv6CidrBlocks\"]}]}";
    for (subnet, at) in [("PublicSubnet1", 0), ("PublicSubnet2", 1), ("PrivateSubnet1", 8), ("IsolatedSubnet2", 17)] {
        assert_eq!(block(subnet), format!("{{\"Fn::Select\":[{at},{{\"Fn::Cidr\":[{whole},24,64]}}]}}"));
    }
    assert!(resource(&web, "NetVpcPrivateSubnet1").depends_on.contains(&"NetVpcIpv6Block".into()));
    let way =
        |subnet: &str, property_name: &str| property(&web, &format!("NetVpc{subnet}DefaultRouteIpv6"), property_name);
    assert_eq!(way("PublicSubnet1", "GatewayId"), "{\"Ref\":\"NetVpcInternetGateway\"}");
    assert_eq!(way("PrivateSubnet1", "EgressOnlyInternetGatewayId"), "{\"Ref\":\"NetVpcEgressOnlyGateway\"}");
    assert!(!web.template.resources.contains_key("NetVpcIsolatedSubnet1DefaultRouteIpv6"));
    assert_eq!(property(&web, "WebServiceSecurityGroup", "SecurityGroupEgress.1.CidrIpv6"), "\"::/0\"");
    assert_eq!(property(&web, "WebAlb", "IpAddressType"), "\"dualstack\"");
    assert!(resource(&web, "WebAlb").depends_on.contains(&"NetVpcPublicSubnet1DefaultRouteIpv6".into()));
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
