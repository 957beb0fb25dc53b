//! Networks and security groups.

use super::{NETWORKS, refuses_creation, refuses_update, template};
use crate::deploy::engine::outcome::StackResult;
use crate::testing::harness::{Harness, stack};

#[test]
fn subnet_outside_its_network_is_refused() {
    let second = template(&[NETWORKS]).replace("!Ref Vpc, CidrBlock: 10.0.2.0/24", "!Ref Vpc, CidrBlock: 10.9.2.0/24");
    let expected = ("InvalidSubnet.Range", "The CIDR '10.9.2.0/24' is invalid.");
    refuses_update(&template(&[NETWORKS]), &second, "Two", expected);
}

#[test]
fn subnet_that_overlaps_another_is_refused() {
    let third = "
  Third: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/22}}
";
    let expected = ("InvalidSubnet.Conflict", "The CIDR '10.0.0.0/22' conflicts with another subnet");
    refuses_update(&template(&[NETWORKS]), &template(&[NETWORKS, third]), "Third", expected);
}

#[test]
fn network_larger_than_16_bits_is_refused() {
    let body = template(&["  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/8}}\n"]);
    refuses_creation(&body, "Vpc", ("InvalidVpc.Range", "The CIDR '10.0.0.0/8' is invalid."));
}

#[test]
fn duplicate_security_group_rule_is_refused() {
    let rule = |id: &str| {
        format!(
            "
  {id}:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {{GroupId: !GetAtt Guard.GroupId, IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: 0.0.0.0/0}}
"
        )
    };
    let first = template(&[NETWORKS, &rule("Open")]);
    let message = "the specified rule \"peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW\" already exists";
    let by_number = rule("Numbered").replace("IpProtocol: tcp", "IpProtocol: '6'");
    refuses_update(
        &first,
        &template(&[NETWORKS, &rule("Open"), &by_number]),
        "Numbered",
        ("InvalidPermission.Duplicate", message),
    );
    refuses_update(
        &first,
        &template(&[NETWORKS, &rule("Renamed")]),
        "Renamed",
        ("InvalidPermission.Duplicate", message),
    );
}

#[test]
fn second_internet_gateway_and_second_default_route_are_refused() {
    let gateway = |id: &str| {
        format!(
            "
  {id}: {{Type: AWS::EC2::InternetGateway}}
  {id}Attachment: {{Type: AWS::EC2::VPCGatewayAttachment, Properties: {{VpcId: !Ref Vpc, InternetGatewayId: !Ref {id}}}}}
"
        )
    };
    let route = |id: &str| {
        format!(
            "
  {id}:
    Type: AWS::EC2::Route
    DependsOn: GatewayAttachment
    Properties: {{RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}}
"
        )
    };
    let table = "
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
";
    let first = template(&[NETWORKS, table, &gateway("Gateway"), &route("Default")]);
    let second = template(&[&first["Resources:\n".len()..], &gateway("Again")]);
    refuses_update(
        &first,
        &second,
        "AgainAttachment",
        ("InvalidParameterValue", "already has an internet gateway attached"),
    );
    let second = first.replace("  Default:", "  Renamed:");
    let expected = ("RouteAlreadyExists", "The route identified by 0.0.0.0/0 already exists.");
    refuses_update(&first, &second, "Renamed", expected);
    let early = first
        .replace("    DependsOn: GatewayAttachment\n", "")
        .replace("Properties: {VpcId: !Ref Vpc, Int", "DependsOn: Two, Properties: {VpcId: !Ref Vpc, Int");
    refuses_creation(&early, "Default", ("InvalidParameterValue", "belong to different networks"));
}

#[test]
fn deletion_of_what_another_stack_uses_fails() {
    for (used, kind, id, message) in [
        (
            "{Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}",
            "AWS::EC2::SecurityGroup",
            "VpcId",
            "The vpc '",
        ),
        (
            "{Type: AWS::EC2::InternetGateway}",
            "AWS::EC2::VPCGatewayAttachment",
            "InternetGatewayId",
            "The internetGateway '",
        ),
    ] {
        let harness = Harness::new(9);
        let web = stack("web", &format!("Resources:\n  Used: {used}\n"));
        assert!(harness.deploy(std::slice::from_ref(&web)).outcome.is_success());
        let (_, physical_id) = harness.state.borrow().existing_resources().into_iter().next().expect("a resource");
        let vpc = if id == "VpcId" { "GroupDescription: web" } else { "VpcId: vpc-1" };
        let user = format!("Resources:\n  User: {{Type: {kind}, Properties: {{{id}: {physical_id}, {vpc}}}}}\n");
        assert!(harness.deploy(&[stack("user", &user)]).outcome.is_success());
        let report = harness.destroy(std::slice::from_ref(&web));
        assert_ne!(report.outcome.stacks[0].result, StackResult::Deleted);
        let reasons = super::reasons(&report, "web");
        assert!(reasons[0].contains(message) && reasons[0].contains("DependencyViolation"), "{reasons:?}");
        assert!(harness.destroy(&[stack("user", &user)]).outcome.is_success());
        assert!(harness.destroy(&[web]).outcome.is_success(), "it can be deleted once it is free");
    }
}

#[test]
fn database_subnets_in_one_zone_are_refused() {
    let group = |subnets: &str| {
        format!(
            "
  Group: {{Type: AWS::RDS::DBSubnetGroup, Properties: {{DBSubnetGroupDescription: it, SubnetIds: {subnets}}}}}
"
        )
    };
    let (first, second) =
        (template(&[NETWORKS, &group("[!Ref One, !Ref Two]")]), template(&[NETWORKS, &group("[!Ref One]")]));
    let message = "Current AZ coverage: eu-central-1a. Add subnets to cover at least 2 AZs.";
    refuses_update(&first, &second, "Group", ("DBSubnetGroupDoesNotCoverEnoughAZs", message));
}

#[test]
fn nat_gateway_without_internet_gateway_or_with_an_address_in_use_is_refused() {
    let nat = |id: &str, subnet: &str| {
        format!(
            "
  {id}:
    Type: AWS::EC2::NatGateway
    DependsOn: Two
    Properties: {{SubnetId: !Ref {subnet}, AllocationId: !GetAtt Address.AllocationId}}
"
        )
    };
    let address = "  Address: {Type: AWS::EC2::EIP}\n";
    let bare = template(&[NETWORKS, address, &nat("Nat", "One")]);
    refuses_creation(&bare, "Nat", ("Gateway.NotAttached", "has no Internet gateway attached"));
    let sound = template(&[NETWORKS, super::GATEWAYS, address, &nat("Nat", "One")]);
    let moved = template(&[NETWORKS, super::GATEWAYS, address, &nat("Nat", "Two")]);
    refuses_update(&sound, &moved, "Nat", ("Resource.AlreadyAssociated", "is already associated"));
}

#[test]
fn second_route_table_of_a_subnet_is_refused() {
    let association = |id: &str, table: &str| {
        format!(
            "  {id}: {{Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {{SubnetId: !Ref One, RouteTableId: !Ref {table}}}}}\n"
        )
    };
    let tables = "
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  Second: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  Elsewhere: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Other}}
";
    let with = |association: &str| template(&[NETWORKS, tables, association]);
    let first = with(&association("It", "Table"));
    let message = "conflicts with an existing association";
    refuses_update(&first, &with(&association("Renamed", "Table")), "Renamed", ("Resource.AlreadyAssociated", message));
    super::accepts_update(&first, &with(&association("It", "Second")));
    let message = "belong to different networks";
    refuses_creation(&with(&association("It", "Elsewhere")), "It", ("InvalidParameterValue", message));
}

#[test]
fn security_group_with_an_invalid_description_or_peer_is_refused() {
    let group = |description: &str, rule: &str| {
        let group = format!(
            "  It: {{Type: AWS::EC2::SecurityGroup, Properties: {{GroupDescription: '{description}', VpcId: !Ref Vpc, SecurityGroupIngress: [{{IpProtocol: tcp, FromPort: 80, ToPort: 80, {rule}}}]}}}}\n"
        );
        template(&[NETWORKS, &group])
    };
    let anyone = "CidrIp: 0.0.0.0/0";
    let value = "InvalidParameterValue";
    let ascii = "Character sets beyond ASCII are not supported.";
    refuses_creation(&group("caf\u{e9}", anyone), "It", (value, ascii));
    let rule = format!("{anyone}, Description: 'it''s open'");
    refuses_creation(&group("web", &rule), "It", (value, "Invalid rule description."));
    let peer = "SourceSecurityGroupId: !Ref OtherGuard";
    let message = "You have specified two resources that belong to different networks.";
    refuses_creation(&group("web", peer), "It", ("InvalidGroup.NotFound", message));
    super::accepts_update(&group("web", "SourceSecurityGroupId: !Ref Guard"), &group("web", anyone));
}

#[test]
fn endpoint_that_the_network_does_not_support_is_refused() {
    let endpoint = |id: &str, rest: &str| {
        format!(
            "
  {id}:
    Type: AWS::EC2::VPCEndpoint
    Properties: {{VpcId: !Ref Vpc, VpcEndpointType: Interface, PrivateDnsEnabled: true, ServiceName: com.amazonaws.eu-central-1.logs, SubnetIds: [!Ref One], {rest}}}
"
        )
    };
    let dns = NETWORKS.replace("10.0.0.0/16}", "10.0.0.0/16, EnableDnsHostnames: true}");
    let with = |endpoints: &str| template(&[&dns, endpoints]);
    let (own, other) = ("SecurityGroupIds: [!Ref Guard]", "SecurityGroupIds: [!Ref OtherGuard]");
    let sound = with(&endpoint("Logs", own));
    let attributes = "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames";
    let plain = template(&[NETWORKS, &endpoint("Logs", own)]);
    refuses_creation(&plain, "Logs", ("InvalidParameter", attributes));
    let both = with(&format!("{}{}", endpoint("Logs", own), endpoint("Again", own)));
    let conflict = "already a conflicting DNS domain for logs.eu-central-1.amazonaws.com in the VPC";
    refuses_update(&sound, &both, "Again", ("InvalidParameter", conflict));
    let elsewhere = sound.replace("com.amazonaws.eu-central-1.logs", "com.amazonaws.us-east-1.logs");
    let missing = "The Vpc Endpoint Service 'com.amazonaws.us-east-1.logs' does not exist";
    refuses_creation(&elsewhere, "Logs", ("InvalidServiceName", missing));
    refuses_creation(&with(&endpoint("Logs", other)), "Logs", ("InvalidGroup.NotFound", "does not exist in VPC"));
    let third = "  Third: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.3.0/24, AvailabilityZone: eu-central-1a}}\n";
    let same = format!("{}{third}", endpoint("Logs", own).replace("[!Ref One]", "[!Ref One, !Ref Third]"));
    refuses_creation(&with(&same), "Logs", ("DuplicateSubnetsInSameZone", "Found another VPC endpoint subnet"));
}

#[test]
fn second_flow_log_of_a_network_is_refused() {
    let flow = |id: &str, traffic: &str| {
        format!(
            "  {id}: {{Type: AWS::EC2::FlowLog, Properties: {{ResourceId: vpc-1, ResourceType: VPC, TrafficType: {traffic}, LogGroupName: flows, DeliverLogsPermissionArn: x}}}}\n"
        )
    };
    let first = template(&[&flow("One", "ALL")]);
    super::accepts_update(&first, &template(&[&flow("One", "ALL"), &flow("Two", "REJECT")]));
    let second = template(&[&flow("One", "ALL"), &flow("Two", "ALL")]);
    let message = "There is an existing Flow Log with the same configuration and log destination.";
    refuses_update(&first, &second, "Two", ("FlowLogAlreadyExists", message));
}
