//! Routes to targets of another VPC, and IPv6 blocks of subnets.

use super::{NETWORKS, accepts_each, refuses_creation, refuses_update, template};

const TABLES: &str = "
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  OtherTable: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Other}}
";

/// Returns a route of a table to a target.
fn route(table: &str, target: &str, rest: &str) -> String {
    format!(
        "  Route:\n    Type: AWS::EC2::Route\n    {rest}\n    Properties: {{RouteTableId: !Ref {table}, DestinationCidrBlock: 10.9.0.0/16, {target}}}\n"
    )
}

#[test]
fn route_to_a_target_of_another_network_is_refused() {
    let targets = [
        (
            "  Nat: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: !Ref One, ConnectivityType: private}}\n",
            "NatGatewayId: !Ref Nat",
        ),
        (
            "  Out: {Type: AWS::EC2::EgressOnlyInternetGateway, Properties: {VpcId: !Ref Vpc}}\n",
            "EgressOnlyInternetGatewayId: !Ref Out",
        ),
        (
            "  Wall: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcId: !Ref Vpc, VpcEndpointType: GatewayLoadBalancer, ServiceName: com.amazonaws.vpce.eu-central-1.vpce-svc-1, SubnetIds: [!Ref One]}}\n",
            "VpcEndpointId: !Ref Wall",
        ),
        (
            "  Card: {Type: AWS::EC2::NetworkInterface, Properties: {SubnetId: !Ref Two}}\n",
            "NetworkInterfaceId: !Ref Card",
        ),
    ];
    for (target, reference) in targets {
        accepts_each(&[&format!("{NETWORKS}{TABLES}{target}{}", route("Table", reference, ""))]);
        let body = template(&[NETWORKS, TABLES, target, &route("OtherTable", reference, "")]);
        refuses_creation(&body, "Route", ("InvalidParameterValue", "belong to different networks"));
    }
}

#[test]
fn route_to_a_peering_connection_of_other_networks_is_refused() {
    let peering = "
  Third: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.3.0.0/16}}
  ThirdTable: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Third}}
  Peering: {Type: AWS::EC2::VPCPeeringConnection, Properties: {VpcId: !Ref Vpc, PeerVpcId: !Ref Third}}
";
    let reference = "VpcPeeringConnectionId: !Ref Peering";
    for table in ["Table", "ThirdTable"] {
        accepts_each(&[&format!("{NETWORKS}{TABLES}{peering}{}", route(table, reference, ""))]);
    }
    let body = template(&[NETWORKS, TABLES, peering, &route("OtherTable", reference, "")]);
    refuses_creation(&body, "Route", ("InvalidParameterValue", "belong to different networks"));
}

#[test]
fn route_to_a_transit_gateway_waits_for_the_attachment() {
    let gateway = "
  Hub: {Type: AWS::EC2::TransitGateway}
  Attached: {Type: AWS::EC2::TransitGatewayAttachment, Properties: {TransitGatewayId: !Ref Hub, VpcId: !Ref Vpc, SubnetIds: [!Ref One]}}
";
    let with =
        |rest: &str| format!("{NETWORKS}{TABLES}{gateway}{}", route("Table", "TransitGatewayId: !Ref Hub", rest));
    accepts_each(&[&with("DependsOn: Attached")]);
    refuses_creation(&template(&[&with("")]), "Route", ("InvalidTransitGatewayID.NotFound", "is not attached to"));
}

#[test]
fn endpoint_with_parts_of_another_network_is_refused() {
    let gateway = |table: &str| {
        format!(
            "  Store: {{Type: AWS::EC2::VPCEndpoint, Properties: {{VpcId: !Ref Vpc, ServiceName: com.amazonaws.eu-central-1.s3, RouteTableIds: [!Ref {table}]}}}}\n"
        )
    };
    let expected = ("InvalidParameter", "does not belong to the VPC");
    let (own, other) = (gateway("Table"), gateway("OtherTable"));
    refuses_update(&template(&[NETWORKS, TABLES, &own]), &template(&[NETWORKS, TABLES, &other]), "Store", expected);
    let logs = "  Logs: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcId: !Ref Vpc, VpcEndpointType: Interface, ServiceName: com.amazonaws.eu-central-1.logs, SubnetIds: [!Ref One, !Ref Four]}}\n";
    refuses_creation(&template(&[NETWORKS, logs]), "Logs", expected);
    accepts_each(&[&format!("{NETWORKS}{}", logs.replace("Four", "Two"))]);
}

const IPV6: &str = "
  Wide: {Type: AWS::EC2::VPCCidrBlock, Properties: {VpcId: !Ref Vpc, AmazonProvidedIpv6CidrBlock: true}}
";

/// Returns a subnet with an IPv6 block that waits for a resource.
fn subnet(id: &str, vpc: &str, block: &str, first: &str) -> String {
    let number = id.len();
    format!(
        "  {id}: {{Type: AWS::EC2::Subnet, DependsOn: {first}, Properties: {{VpcId: !Ref {vpc}, CidrBlock: 10.0.{number}0.0/24, Ipv6CidrBlock: {block}}}}}\n"
    )
}

#[test]
fn ipv6_blocks_of_one_network_do_not_overlap() {
    let nth = |at: u8| format!("!Select [{at}, !Cidr [!Select [0, !GetAtt Vpc.Ipv6CidrBlocks], 8, 64]]");
    let first = template(&[NETWORKS, IPV6, &subnet("Six", "Vpc", &nth(0), "Wide")]);
    let with = |at: u8| template(&[&first["Resources:\n".len()..], &subnet("Seven", "Vpc", &nth(at), "Wide")]);
    super::accepts_update(&first, &with(1));
    refuses_update(&first, &with(0), "Seven", ("InvalidSubnet.Conflict", "conflicts with another subnet"));
    let block = "  More: {Type: AWS::EC2::SubnetCidrBlock, DependsOn: Wide, Properties: {SubnetId: !Ref One, Ipv6CidrBlock: BLOCK}}\n";
    let more = |at: u8| template(&[&first["Resources:\n".len()..], &block.replace("BLOCK", &nth(at))]);
    super::accepts_update(&first, &more(2));
    refuses_update(&first, &more(0), "More", ("InvalidSubnet.Conflict", "conflicts with another subnet"));
}

#[test]
fn ipv6_block_outside_of_the_network_is_refused() {
    let range = "InvalidSubnet.Range";
    let own = "  Wide: {Type: AWS::EC2::VPCCidrBlock, Properties: {VpcId: !Ref Vpc, Ipv6CidrBlock: '2001:db8:7::/56', Ipv6Pool: pool-1}}\n";
    let with = |block: &str, vpc: &str| template(&[NETWORKS, own, &subnet("Six", vpc, block, "Wide")]);
    accepts_each(&[&with("'2001:db8:7:5::/64'", "Vpc")["Resources:\n".len()..]]);
    refuses_creation(&with("'2001:db8:8::/64'", "Vpc"), "Six", (range, "The CIDR '2001:db8:8::/64' is invalid."));
    refuses_creation(&with("'2001:db8:7::/64'", "Other"), "Six", (range, "The CIDR '2001:db8:7::/64' is invalid."));
    refuses_creation(&with("'2001:db8:7::/62'", "Vpc"), "Six", (range, "is invalid."));
    let early = subnet("Six", "Vpc", "'2001:db8:7::/64'", "Guard").replace("DependsOn: Guard, ", "");
    refuses_creation(&template(&[NETWORKS, own, &early]), "Six", (range, "is invalid."));
}
