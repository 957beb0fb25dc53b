//! Gateways, endpoints and IPv6 blocks of networks; versions of functions; names in place of ARNs; parameters.

use crate::cfn::check::*;

/// Returns the codes of the problems of a template, each with its line.
fn found(resources: &str) -> Vec<(&'static str, u32)> {
    let text = format!("Resources:\n{resources}\n");
    let problems = file("t.yaml", &text, Schema::embedded());
    problems.iter().map(|it| (it.code.as_str(), it.origin().map_or(0, |origin| origin.line))).collect()
}

const NETS: &str = "  A: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  B: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.1.0.0/16}}
  G: {Type: AWS::EC2::InternetGateway}
  H: {Type: AWS::EC2::InternetGateway}
";

fn attached(first: (&str, &str), second: (&str, &str)) -> Vec<(&'static str, u32)> {
    let one = |id: &str, (vpc, gateway): (&str, &str)| {
        format!(
            "  {id}: {{Type: AWS::EC2::VPCGatewayAttachment, Properties: {{VpcId: !Ref {vpc}, InternetGatewayId: !Ref {gateway}}}}}\n"
        )
    };
    found(&format!("{NETS}{}{}", one("X", first), one("Y", second)))
}

#[test]
fn gateway_of_two_vpcs_and_vpc_of_two_gateways_are_errors() {
    assert_eq!(attached(("A", "G"), ("B", "G")), [("gateway-attached-twice", 7)]);
    assert_eq!(attached(("A", "G"), ("A", "H")), [("gateway-attached-twice", 7)]);
    assert_eq!(attached(("A", "G"), ("B", "H")), []);
}

fn endpoint(properties: &str) -> Vec<(&'static str, u32)> {
    found(&format!(
        "{NETS}  R: {{Type: AWS::EC2::RouteTable, Properties: {{VpcId: !Ref A}}}}
  E: {{Type: AWS::EC2::VPCEndpoint, Properties: {{VpcId: !Ref A, {properties}}}}}"
    ))
}

#[test]
fn endpoint_has_the_properties_and_services_of_its_type() {
    let s3 = "ServiceName: !Sub \"com.amazonaws.${AWS::Region}.s3\"";
    let sqs = "ServiceName: com.amazonaws.eu-west-1.sqs";
    let subnet = "SubnetIds: [subnet-0a1b2c3d4e5f60711]";
    assert_eq!(endpoint(&format!("{s3}, RouteTableIds: [!Ref R]")), []);
    assert_eq!(endpoint(&format!("{s3}, VpcEndpointType: Interface, {subnet}, PrivateDnsEnabled: true")), []);
    assert_eq!(endpoint(&format!("{s3}, {subnet}")), [("endpoint-type", 7)]);
    assert_eq!(endpoint(&format!("{s3}, PrivateDnsEnabled: true")), [("endpoint-type", 7)]);
    assert_eq!(endpoint(&format!("{s3}, PrivateDnsEnabled: false")), []);
    assert_eq!(endpoint(sqs), [("endpoint-type", 7)]);
    assert_eq!(
        endpoint(&format!("{sqs}, VpcEndpointType: Interface, RouteTableIds: [!Ref R]")),
        [("endpoint-type", 7)]
    );
    // The service of another owner, and a service that only the deployment knows.
    assert_eq!(endpoint("ServiceName: !ImportValue Shared"), []);
}

#[test]
fn route_cannot_lead_to_a_gateway_endpoint() {
    let routed = |kind: &str| {
        endpoint(&format!(
            "ServiceName: com.amazonaws.eu-west-1.s3, VpcEndpointType: {kind}}}}}\n  T: {{Type: AWS::EC2::Route, Properties: {{RouteTableId: !Ref R, DestinationCidrBlock: 0.0.0.0/0, VpcEndpointId: !Ref E"
        ))
    };
    assert_eq!(routed("Gateway"), [("endpoint-type", 8)]);
    assert_eq!(routed("GatewayLoadBalancer"), []);
}

fn subnet(properties: &str, rest: &str) -> Vec<(&'static str, u32)> {
    found(&format!(
        "{NETS}  S:
    Type: AWS::EC2::Subnet
    Properties: {{VpcId: !Ref A, CidrBlock: 10.0.0.0/24, {properties}}}
{rest}"
    ))
}

#[test]
fn ipv6_block_of_a_subnet_needs_one_of_its_vpc_first() {
    let block = "Ipv6CidrBlock: !Select [0, !Cidr [!Select [0, !GetAtt A.Ipv6CidrBlocks], 4, 64]]";
    let of_vpc = |id: &str| {
        format!(
            "  V: {{Type: AWS::EC2::VPCCidrBlock, Properties: {{VpcId: !Ref {id}, AmazonProvidedIpv6CidrBlock: true}}}}"
        )
    };
    let waits = format!("    DependsOn: V\n{}", of_vpc("A"));
    assert_eq!(subnet(block, &waits), []);
    assert_eq!(subnet(&format!("{block}, AssignIpv6AddressOnCreation: true"), &waits), []);
    assert_eq!(subnet(block, &of_vpc("A")), [("ipv6-block", 8)]);
    assert_eq!(subnet(block, &of_vpc("B")), [("ipv6-block", 8)]);
    assert_eq!(subnet("AssignIpv6AddressOnCreation: true", ""), [("ipv6-block", 8)]);
    assert_eq!(subnet("AssignIpv6AddressOnCreation: false", ""), []);
}

#[test]
fn ipv6_block_has_a_prefix_in_steps_of_four() {
    let of_vpc = "    DependsOn: V\n  V: {Type: AWS::EC2::VPCCidrBlock, Properties: {VpcId: !Ref A, Ipv6Pool: p, Ipv6CidrBlock: \"2001:db8::/56\"}}";
    for (block, is_right) in
        [("2001:db8::/64", true), ("2001:db8::/60", true), ("2001:db8::/62", false), ("2001:db8::/80", false)]
    {
        let problems = subnet(&format!("Ipv6CidrBlock: \"{block}\""), of_vpc);
        assert_eq!(problems.is_empty(), is_right, "{block}: {problems:?}");
    }
}

const FUNCTIONS: &str = "  F: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13, Handler: a.b, Role: \"arn:aws:iam::123456789012:role/f\", Code: {ZipFile: x}}}
  G: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13, Handler: a.b, Role: \"arn:aws:iam::123456789012:role/f\", Code: {ZipFile: x}}}
  V: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref F}}
";

#[test]
fn alias_takes_a_published_version_of_its_function() {
    let alias = |properties: &str| {
        found(&format!("{FUNCTIONS}  L: {{Type: AWS::Lambda::Alias, Properties: {{Name: live, {properties}}}}}"))
    };
    assert_eq!(alias("FunctionName: !Ref F, FunctionVersion: !GetAtt V.Version"), []);
    assert_eq!(alias("FunctionName: !GetAtt F.Arn, FunctionVersion: !GetAtt V.Version"), []);
    assert_eq!(alias("FunctionName: !Ref G, FunctionVersion: !GetAtt V.Version"), [("lambda-alias", 5)]);
    assert_eq!(alias("FunctionName: !Ref F, FunctionVersion: $LATEST"), []);
    let weights = "RoutingConfig: {AdditionalVersionWeights: [{FunctionVersion: \"2\", FunctionWeight: 0.1}]}";
    assert_eq!(alias(&format!("FunctionName: !Ref F, FunctionVersion: $LATEST, {weights}")), [("lambda-alias", 5)]);
    assert_eq!(alias(&format!("FunctionName: !Ref F, FunctionVersion: \"3\", {weights}")), []);
}

#[test]
fn second_version_of_a_function_is_a_warning_unless_it_is_retained() {
    let second = |more: &str| {
        found(&format!("{FUNCTIONS}  W: {{Type: AWS::Lambda::Version, {more}Properties: {{FunctionName: !Ref F}}}}"))
    };
    assert_eq!(second(""), [("lambda-version", 5)]);
    assert_eq!(second("DeletionPolicy: Retain, "), []);
}

#[test]
fn name_or_url_in_place_of_an_arn_is_an_error() {
    let queues = |target: &str| {
        found(&format!(
            "  D: {{Type: AWS::SQS::Queue}}\n  Q: {{Type: AWS::SQS::Queue, Properties: {{RedrivePolicy: {{deadLetterTargetArn: {target}, maxReceiveCount: 3}}}}}}"
        ))
    };
    assert_eq!(queues("!Ref D"), [("arn-form", 3)]);
    assert_eq!(queues("!GetAtt D.Arn"), []);
    let policy = |resource: &str| {
        found(&format!(
            "  D: {{Type: AWS::SQS::Queue}}\n  T: {{Type: AWS::SNS::Topic}}\n  P: {{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {{Version: \"2012-10-17\", Statement: [{{Effect: Allow, Action: [\"sqs:SendMessage\", \"sns:Publish\"], Resource: {resource}}}]}}}}}}"
        ))
    };
    assert_eq!(policy("!Ref D"), [("policy-document", 4)]);
    assert_eq!(policy("!Sub \"${D}/*\""), [("policy-document", 4)]);
    assert_eq!(policy("!Ref T"), []);
    assert_eq!(policy("!GetAtt D.Arn"), []);
}

#[test]
fn metadata_and_bounds_of_parameters_are_checked() {
    let codes = |text: &str| -> Vec<(&'static str, u32)> {
        let whole =
            format!("{text}Resources: {{Q: {{Type: AWS::SQS::Queue, Properties: {{DelaySeconds: !Ref Delay}}}}}}\n");
        let problems = file("t.yaml", &whole, Schema::embedded());
        problems.iter().map(|it| (it.code.as_str(), it.origin().map_or(0, |origin| origin.line))).collect()
    };
    let parameter = "Parameters: {Delay: {Type: Number, MinValue: 1, MaxValue: 60}}\n";
    let interface =
        |text: &str| codes(&format!("Metadata:\n  AWS::CloudFormation::Interface:\n    {text}\n{parameter}"));
    assert_eq!(interface("ParameterGroups: [{Label: {default: a}, Parameters: [Delay]}]"), []);
    assert_eq!(interface("ParameterGroup: []"), [("interface-metadata", 3)]);
    assert_eq!(interface("ParameterGroups: [{Label: {default: a}, Parameters: [Dela]}]"), [("interface-metadata", 3)]);
    assert_eq!(interface("ParameterLabels: {Delai: {default: a}}"), [("interface-metadata", 3)]);
    assert_eq!(codes("Parameters: {Delay: {Type: Number, MinValue: 61, MaxValue: 60}}\n"), [("parameter-range", 1)]);
}
