//! Load balancers, target groups, listeners and rules.

use super::{GATEWAYS, NETWORKS, accepts_update, refuses_creation, refuses_update, template};

const BALANCER: &str = "
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, DependsOn: [Attached, OtherAttached], Properties: {Subnets: [!Ref One, !Ref Two], SecurityGroups: [!Ref Guard]}}
";

const GROUP: &str = "
  Group: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {VpcId: !Ref Vpc, Port: 80, Protocol: HTTP, TargetType: ip}}
";

const LISTENER: &str = "
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]
";

/// Returns a listener rule with a priority.
fn rule(id: &str, priority: u32) -> String {
    format!(
        "
  {id}:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Listener
      Priority: {priority}
      Conditions: [{{Field: path-pattern, PathPatternConfig: {{Values: [/{id}]}}}}]
      Actions: [{{Type: forward, TargetGroupArn: !Ref Group}}]
"
    )
}

/// Returns a stack with a load balancer and these resources.
fn web(resources: &[&str]) -> String {
    template(&[NETWORKS, GATEWAYS, BALANCER, GROUP, LISTENER, &resources.concat()])
}

#[test]
fn replaced_load_balancer_with_the_same_target_group_is_refused() {
    let first = web(&[]);
    let second = first.replace("Properties: {Subnets: [!Ref One", "Properties: {Scheme: internal, Subnets: [!Ref One");
    let message = "The following target groups cannot be associated with more than one load balancer: arn:aws:";
    refuses_update(&first, &second, "Listener", ("TargetGroupAssociationLimit", message));
}

#[test]
fn target_group_with_a_rule_of_another_load_balancer_is_refused() {
    let inner = "
  Inner: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Scheme: internal, Subnets: [!Ref One, !Ref Two]}}
  InnerListener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Inner
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: '404'}}]
";
    let second = rule("Route", 1).replace("!Ref Listener", "!Ref InnerListener");
    let message = "The following target groups cannot be associated with more than one load balancer: arn:aws:";
    refuses_update(&web(&[inner]), &web(&[inner, &second]), "Route", ("TargetGroupAssociationLimit", message));
}

#[test]
fn rule_inserted_before_others_is_refused() {
    let first = web(&[&rule("First", 1), &rule("Second", 2)]);
    let second = web(&[&rule("First", 2), &rule("Second", 3), &rule("New", 1)]);
    refuses_update(&first, &second, "", ("PriorityInUse", "is currently in use"));
}

#[test]
fn rules_that_exchange_their_priorities_are_refused() {
    let first = web(&[&rule("First", 1), &rule("Second", 2)]);
    let second = web(&[&rule("First", 2), &rule("Second", 1)]);
    refuses_update(&first, &second, "", ("PriorityInUse", "is currently in use"));
}

#[test]
fn renamed_rule_with_the_same_priority_is_refused() {
    let (first, second) = (web(&[&rule("First", 1)]), web(&[&rule("Renamed", 1)]));
    refuses_update(&first, &second, "Renamed", ("PriorityInUse", "Priority '1' is currently in use"));
}

#[test]
fn rule_with_a_free_priority_is_accepted() {
    accepts_update(&web(&[&rule("First", 1)]), &web(&[&rule("First", 3), &rule("Second", 2)]));
}

#[test]
fn second_listener_on_a_port_is_refused() {
    let second = LISTENER.replace("  Listener:", "  Again:");
    let message = "A listener already exists on this port for this load balancer 'arn:aws:";
    refuses_update(&web(&[]), &web(&[&second]), "Again", ("DuplicateListener", message));
}

#[test]
fn listener_moved_to_a_port_in_use_is_refused() {
    let other = LISTENER.replace("  Listener:", "  Other80:").replace("Port: 80", "Port: 8080");
    let first = web(&[&other]);
    let second = first.replace("Port: 8080", "Port: 80");
    refuses_update(&first, &second, "Other80", ("ValidationError", "Listener port '80' is already in use"));
}

#[test]
fn https_listener_without_certificate_is_refused() {
    let second = web(&[]).replace("Protocol: HTTP\n", "Protocol: HTTPS\n");
    let message = "A certificate must be specified for HTTPS listeners";
    refuses_update(&web(&[]), &second, "Listener", ("ValidationError", message));
}

#[test]
fn certificate_of_another_region_is_refused() {
    let arn = "arn:aws:acm:us-east-1:123456789012:certificate/8b2c1f4e-0f5a-4f3e-9d39-3b9c0f6a1e22";
    let https = format!("Protocol: HTTPS\n      Certificates: [{{CertificateArn: '{arn}'}}]\n");
    let second = web(&[]).replace("Protocol: HTTP\n", &https);
    let message = format!("Certificate '{arn}' not found");
    refuses_update(&web(&[]), &second, "Listener", ("CertificateNotFound", &message));
    accepts_update(&web(&[]), &second.replace("us-east-1", "eu-central-1"));
}

#[test]
fn grpc_behind_an_http_listener_is_refused() {
    let grpc = GROUP.replace("  Group:", "  Grpc:").replace("Port: 80", "Port: 81, ProtocolVersion: GRPC");
    let second = web(&[&grpc]).replace("TargetGroupArn: !Ref Group", "TargetGroupArn: !Ref Grpc");
    let message = "Listener protocol 'HTTP' is not supported with a target group with the protocol-version 'GRPC'";
    refuses_update(&web(&[]), &second, "Listener", ("InvalidConfigurationRequest", message));
}

#[test]
fn load_balancer_moved_to_another_network_is_refused() {
    let second = web(&[])
        .replace("[!Ref One, !Ref Two]", "[!Ref Three, !Ref Four]")
        .replace("SecurityGroups: [!Ref Guard]", "SecurityGroups: [!Ref OtherGuard]");
    let message = "The requested configuration is not valid: the subnets of a load balancer must be in one VPC";
    refuses_update(&web(&[]), &second, "Balancer", ("InvalidConfigurationRequest", message));
}

#[test]
fn load_balancer_in_two_networks_is_refused() {
    let body = template(&[NETWORKS, GATEWAYS, BALANCER]).replace("!Ref Two", "!Ref Four");
    let message = "The requested configuration is not valid: the subnets of a load balancer must be in one VPC";
    refuses_creation(&body, "Balancer", ("InvalidConfigurationRequest", message));
}

#[test]
fn load_balancer_in_one_zone_is_refused() {
    let alone = template(&[NETWORKS, GATEWAYS, BALANCER]).replace(", !Ref Two]", "]");
    let message = "At least two subnets in two different Availability Zones must be specified";
    refuses_creation(&alone, "Balancer", ("ValidationError", message));
    let same = template(&[NETWORKS, GATEWAYS, BALANCER]).replace("eu-central-1b", "eu-central-1a");
    let message = "A load balancer cannot be attached to multiple subnets in the same Availability Zone";
    refuses_creation(&same, "Balancer", ("InvalidConfigurationRequest", message));
}

#[test]
fn security_group_of_another_network_is_refused() {
    let second = web(&[]).replace("[!Ref Guard]", "[!Ref OtherGuard]");
    let message = "One or more security groups are invalid";
    refuses_update(&web(&[]), &second, "Balancer", ("InvalidConfigurationRequest", message));
}

#[test]
fn target_group_of_another_network_is_refused() {
    let other = GROUP.replace("  Group:", "  Elsewhere:").replace("!Ref Vpc", "!Ref Other");
    let second = web(&[&other]).replace("TargetGroupArn: !Ref Group", "TargetGroupArn: !Ref Elsewhere");
    let message = "is in a different VPC than load balancer 'arn:aws:";
    refuses_update(&web(&[]), &second, "Listener", ("InvalidConfigurationRequest", message));
}

#[test]
fn resolved_name_over_32_characters_is_refused() {
    let long = "Name: !Sub '${AWS::StackName}-has-a-name-over-the-limit'";
    let group = GROUP.replace("Port: 80", &format!("Port: 80, {long}"));
    let message = "Target group name 'web-has-a-name-over-the-limit' cannot be longer than '32' characters";
    let short = message.replace("-over-the-limit", "-that-is-over-the-limit");
    let group = group.replace("-over-the-limit", "-that-is-over-the-limit");
    refuses_creation(&template(&[NETWORKS, &group]), "Group", ("ValidationError", &short));
    let balancer = BALANCER.replace("{Subnets", "{Name: !Sub '${AWS::StackName}-under_score', Subnets");
    let message = "The load balancer name 'web-under_score' can only contain characters that are alphanumeric";
    refuses_creation(&template(&[NETWORKS, GATEWAYS, &balancer]), "Balancer", ("ValidationError", message));
}

#[test]
fn target_group_name_in_use_is_refused() {
    let named = |id: &str| GROUP.replace("  Group:", &format!("  {id}:")).replace("Port: 80", "Port: 80, Name: tiles");
    let (first, second) = (template(&[NETWORKS, &named("Group")]), template(&[NETWORKS, &named("Renamed")]));
    let message = "A target group with the same name 'tiles' exists, but with different settings";
    refuses_update(&first, &second, "Renamed", ("DuplicateTargetGroupName", message));
}

#[test]
fn success_codes_out_of_range_are_refused() {
    for (codes, wrong) in [("200-599", "200-599"), ("200,abc", "abc"), ("399-200", "399-200")] {
        let second = web(&[]).replace("TargetType: ip", &format!("TargetType: ip, Matcher: {{HttpCode: '{codes}'}}"));
        let message = format!("Health check matcher HTTP code '{wrong}' must be within '200-499' inclusive");
        refuses_update(&web(&[]), &second, "Group", ("ValidationError", &message));
    }
    accepts_update(
        &web(&[]),
        &web(&[]).replace("TargetType: ip", "TargetType: ip, Matcher: {HttpCode: '200-299,404'}"),
    );
}

#[test]
fn access_logs_without_a_bucket_policy_are_refused() {
    let bucket = "
  Store: {Type: AWS::S3::Bucket}
";
    let logs = "{LoadBalancerAttributes: [{Key: access_logs.s3.enabled, Value: 'true'}, \
                {Key: access_logs.s3.bucket, Value: !Ref Store}], Subnets";
    let second = web(&[bucket]).replace("{Subnets", logs);
    refuses_update(&web(&[bucket]), &second, "Balancer", ("InvalidConfigurationRequest", "Access Denied for bucket: "));
}

#[test]
fn dual_stack_in_subnets_without_ipv6_is_refused() {
    let dual = web(&[])
        .replace("Properties: {Subnets: [!Ref One", "Properties: {IpAddressType: dualstack, Subnets: [!Ref One");
    let message = "You must specify subnets with an associated IPv6 CIDR block.";
    refuses_creation(&dual, "Balancer", ("ValidationError", message));
    let blocks = "
  Addresses: {Type: AWS::EC2::VPCCidrBlock, Properties: {VpcId: !Ref Vpc, Ipv6CidrBlock: '2001:db8::/56', Ipv6Pool: pool-1}}
  Wide: {Type: AWS::EC2::SubnetCidrBlock, DependsOn: Addresses, Properties: {SubnetId: !Ref One, Ipv6CidrBlock: '2001:db8:0:1::/64'}}
  Broad: {Type: AWS::EC2::SubnetCidrBlock, DependsOn: Addresses, Properties: {SubnetId: !Ref Two, Ipv6CidrBlock: '2001:db8:0:2::/64'}}
";
    accepts_update(&web(&[blocks]), &template(&[&dual["Resources:\n".len()..], blocks]));
}

#[test]
fn internet_facing_load_balancer_without_an_internet_gateway_is_refused() {
    let body = template(&[NETWORKS, BALANCER]).replace("DependsOn: [Attached, OtherAttached], ", "");
    refuses_creation(&body, "Balancer", ("InvalidSubnet", "has no internet gateway"));
    let internal = body.replace("Properties: {Subnets", "Properties: {Scheme: internal, Subnets");
    accepts_update(
        &internal,
        &internal.replace("10.0.2.0/24", "10.0.3.0/24").replace("CidrBlock: 10.0.3.0/24", "CidrBlock: 10.0.2.0/24"),
    );
}

#[test]
fn redirect_to_itself_is_refused() {
    let redirect = |config: &str| {
        web(&[]).replace(
            "{Type: forward, TargetGroupArn: !Ref Group}",
            &format!("{{Type: redirect, RedirectConfig: {{StatusCode: HTTP_301{config}}}}}"),
        )
    };
    let message = "The redirect configuration is not valid because it creates a loop.";
    let code = "InvalidLoadBalancerAction";
    refuses_creation(&redirect(""), "Listener", (code, message));
    refuses_creation(&redirect(", Protocol: HTTP, Port: '80'"), "Listener", (code, message));
    accepts_update(&redirect(", Protocol: HTTPS, Port: '443'"), &redirect(", Host: www.example.com"));
}

#[test]
fn protocols_that_do_not_fit_are_refused() {
    let sound = web(&[]);
    let tcp = sound.replace("      Protocol: HTTP\n", "      Protocol: TCP\n");
    refuses_creation(&tcp, "Listener", ("ValidationError", "Listener protocol 'TCP' must be one of 'HTTPS, HTTP'"));
    let group = sound.replace("Port: 80, Protocol: HTTP, TargetType", "Port: 80, Protocol: TCP, TargetType");
    let message = "have incompatible protocols: 'HTTP' and 'TCP'";
    refuses_creation(&group, "Listener", ("IncompatibleProtocols", message));
    let http2 = sound.replace("TargetType: ip", "TargetType: ip, ProtocolVersion: HTTP2");
    let message = "is not supported with a target group with the protocol-version 'HTTP2'";
    refuses_creation(&http2, "Listener", ("InvalidConfigurationRequest", message));
}

#[test]
fn health_check_that_elb_does_not_accept_is_refused() {
    let group = |rest: &str| web(&[]).replace("TargetType: ip", &format!("TargetType: ip, {rest}"));
    let message = "Health check timeout '30' must be smaller than the interval '30'";
    refuses_creation(&group("HealthCheckTimeoutSeconds: 30"), "Group", ("ValidationError", message));
    let tcp = group("HealthCheckProtocol: TCP, Matcher: {HttpCode: '200'}");
    let message = "Health check matchers are not supported for TCP health checks";
    refuses_creation(&tcp, "Group", ("InvalidConfigurationRequest", message));
    accepts_update(&group("HealthCheckTimeoutSeconds: 29"), &group("HealthCheckTimeoutSeconds: 10"));
}
