use crate::scripted::{problems, property, resource, stack};

fn behind(alb: &str, setters: &str) -> String {
    format!(
        "let alb = {alb};\nlet web = FargateService(\"Web\").image(\"nginx:1\").port(8080){setters};\n\
         Stack(\"app\").add(web).output(\"Url\", alb.url)"
    )
}

fn app(alb: &str) -> rtiler::synth::DesiredStack {
    stack(&behind(alb, ".behind(alb)"))
}

fn url(stack: &rtiler::synth::DesiredStack) -> String {
    rtiler::cfn::emit::json::compact(&stack.template.outputs["Url"].value)
}

#[test]
fn alb_without_a_listener_listens_on_80() {
    let app = app("Alb(\"Front\")");
    assert_eq!(
        property(&app, "FrontListener80", "DefaultActions.0.TargetGroupArn"),
        "{\"Ref\":\"WebFrontTargetGroup\"}"
    );
    assert_eq!(url(&app), "{\"Fn::Sub\":\"http://${FrontAlb.DNSName}\"}");
}

#[test]
fn https_with_a_redirect_serves_on_443_only() {
    let app = app("Alb(\"Front\").https(\"arn:aws:acm:eu-west-1:123456789012:certificate/1\").redirect_http()");
    assert_eq!(property(&app, "FrontListener80", "DefaultActions.0.RedirectConfig.StatusCode"), "\"HTTP_301\"");
    assert_eq!(property(&app, "FrontListener443", "DefaultActions.0.Type"), "\"forward\"");
    assert_eq!(property(&app, "FrontListener443", "SslPolicy"), "\"ELBSecurityPolicy-TLS13-1-2-2021-06\"");
    assert!(resource(&app, "WebService").depends_on.contains(&"FrontListener443".into()));
    assert_eq!(property(&app, "FrontAlbSecurityGroup", "SecurityGroupIngress.1.FromPort"), "443");
    assert_eq!(url(&app), "{\"Fn::Sub\":\"https://${FrontAlb.DNSName}\"}");
}

#[test]
fn further_certificates_and_domains_become_resources_named_after_them() {
    let alb = |order: [&str; 2]| {
        let [one, two] = order.map(|id| format!("\"arn:aws:acm:eu-west-1:123456789012:certificate/{id}\""));
        app(&format!(
            "Alb(\"Front\").https({one}).https({two}).domain(\"a.example.com\", \"Z1\").domain(\"b.example.com\", \"Z2\")"
        ))
    };
    let shop = alb(["0a-1", "0b-2"]);
    let certificates = "Certificates.0.CertificateArn";
    let arn = |id: &str| format!("\"arn:aws:acm:eu-west-1:123456789012:certificate/{id}\"");
    assert_eq!(property(&shop, "FrontListener443", certificates), arn("0a-1"));
    assert_eq!(property(&shop, "FrontListener443Certificate0b2", certificates), arn("0b-2"));
    assert_eq!(property(&shop, "AExampleComAliasRecord", "HostedZoneId"), "\"Z1\"");
    assert_eq!(property(&shop, "BExampleComAliasRecord", "HostedZoneId"), "\"Z2\"");
    assert_eq!(property(&alb(["0b-2", "0a-1"]), "FrontListener443Certificate0a1", certificates), arn("0a-1"));
}

#[test]
fn domain_becomes_an_alias_record_and_the_address() {
    let app = app("Alb(\"Front\").domain(\"api.example.com\", \"Z1\")");
    let target = property(&app, "ApiExampleComAliasRecord", "AliasTarget.HostedZoneId");
    assert_eq!(target, "{\"Fn::GetAtt\":[\"FrontAlb\",\"CanonicalHostedZoneID\"]}");
    assert_eq!(url(&app), "\"http://api.example.com\"");
}

#[test]
fn internal_alb_is_in_private_subnets_and_depends_on_no_route() {
    let app = app("Alb(\"Front\").internal().allow_from(\"10.0.0.0/8\").allow_from(\"fd00::/8\")");
    assert_eq!(property(&app, "FrontAlb", "Scheme"), "\"internal\"");
    assert_eq!(property(&app, "FrontAlb", "Subnets.0"), "{\"Ref\":\"VpcPrivateSubnet1\"}");
    assert!(resource(&app, "FrontAlb").depends_on.is_empty());
    assert_eq!(property(&app, "FrontAlbSecurityGroup", "SecurityGroupIngress.0.CidrIp"), "\"10.0.0.0/8\"");
    assert_eq!(property(&app, "FrontAlbSecurityGroup", "SecurityGroupIngress.1.CidrIpv6"), "\"fd00::/8\"");
}

#[test]
fn alb_attributes_are_set_by_name() {
    let app = app("Alb(\"Front\").idle_timeout(120).access_logs(\"logs\", \"front\").deletion_protection()");
    let attributes = property(&app, "FrontAlb", "LoadBalancerAttributes");
    for pair in [
        "{\"Key\":\"deletion_protection.enabled\",\"Value\":\"true\"}",
        "{\"Key\":\"routing.http.drop_invalid_header_fields.enabled\",\"Value\":\"true\"}",
        "{\"Key\":\"idle_timeout.timeout_seconds\",\"Value\":\"120\"}",
        "{\"Key\":\"access_logs.s3.prefix\",\"Value\":\"front\"}",
    ] {
        assert!(attributes.contains(pair), "{pair} in {attributes}");
    }
}

#[test]
fn override_is_merged_into_the_resources_of_its_type() {
    let app = app("Alb(\"Front\").override(\"AWS::ElasticLoadBalancingV2::LoadBalancer\", #{ Name: \"edge\" })");
    assert_eq!(property(&app, "FrontAlb", "Name"), "\"edge\"");
    let text =
        behind("Alb(\"Front\").override(\"AWS::ElasticLoadBalancingV2::Listner\", #{ Port: 81 })", ".behind(alb)");
    assert_eq!(problems(&text), [("override-unknown-role", vec!["override".to_owned()])]);
}

#[test]
fn dual_stack_in_a_network_without_ipv6_is_refused() {
    let alb =
        "Alb(\"Front\").override(\"AWS::ElasticLoadBalancingV2::LoadBalancer\", #{ IpAddressType: \"dualstack\" })";
    let found = problems(&behind(alb, ".behind(alb)"));
    assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["dualstack-subnets"]);
}

#[test]
fn https_without_a_certificate_is_refused() {
    for (alb, word) in [
        ("Alb(\"Front\").listen(443)", "listen"),
        ("Alb(\"Front\").redirect_http()", "redirect_http"),
        ("Alb(\"Front\").https(\"\")", "https"),
    ] {
        let found = problems(&behind(alb, ".behind(alb)"));
        assert_eq!(found, [("https-without-certificate", vec![word.to_owned()])], "{alb}");
    }
}

#[test]
fn alb_in_one_zone_is_refused() {
    let found = problems(&behind("Alb(\"Front\")", ".cluster(Cluster(\"Web\").azs(1)).behind(alb)"));
    assert_eq!(found, [("alb-zones", vec!["azs".to_owned(), "Alb".to_owned()])]);
}

#[test]
fn alb_without_a_service_and_a_network_is_refused() {
    assert_eq!(problems("Stack(\"a\").add(Alb(\"Front\"))"), [("alb-without-network", vec!["Alb".to_owned()])]);
    let alone = stack("Stack(\"a\").add(Alb(\"Front\").vpc(Vpc(\"Main\")))");
    assert_eq!(property(&alone, "FrontListener80", "DefaultActions.0.FixedResponseConfig.StatusCode"), "\"404\"");
}

#[test]
fn services_of_one_alb_are_in_its_network() {
    let text = "let alb = Alb(\"Front\");\n\
                let one = FargateService(\"One\").image(\"nginx:1\").behind(alb);\n\
                let two = FargateService(\"Two\").image(\"nginx:1\").behind(alb, \"/two/*\");\n\
                Stack(\"app\").add([one, two])";
    assert_eq!(problems(text), [], "both are in the network of the stack");
    let found = problems(&text.replace(".behind(alb);", ".cluster(Cluster(\"Own\")).behind(alb);"));
    assert_eq!(found[0].0, "alb-two-networks", "{found:?}");
}

const TWO: &str = "let alb = Alb(\"Front\");\nlet cluster = Cluster(\"Main\");\n\
    let one = FargateService(\"One\").image(\"nginx:1\").cluster(cluster).behind(alb, \"/one/*\");\n\
    let two = FargateService(\"Two\").image(\"nginx:1\").cluster(cluster).behind(alb, ROUTE);\n\
    Stack(\"app\").add([one, two])";

#[test]
fn rule_has_the_conditions_of_its_route_and_a_name_and_priority_that_follow_from_them() {
    let app = stack(&TWO.replace("ROUTE", "Route().host(\"two.example.com\").header(\"x-beta\", \"yes\").priority(1)"));
    let two = "FrontListener80Rule1";
    assert_eq!(property(&app, two, "Priority"), "1");
    assert_eq!(property(&app, "OneFrontListenerRule80One", "Conditions.0.PathPatternConfig.Values"), "[\"/one/*\"]");
    assert_eq!(property(&app, two, "Conditions.0.Field"), "\"host-header\"");
    assert_eq!(property(&app, two, "Conditions.1.HttpHeaderConfig.HttpHeaderName"), "\"x-beta\"");
    assert!(resource(&app, "TwoService").depends_on.contains(&two.into()));
    assert_eq!(property(&app, "FrontListener80", "DefaultActions.0.Type"), "\"fixed-response\"");
    let alone = stack(&TWO.replace("ROUTE", "\"/two/*\""));
    let priority = |app| property(app, "OneFrontListenerRule80One", "Priority");
    assert_eq!(priority(&alone), priority(&app), "another route changes no priority");
}

#[test]
fn equally_specific_routes_that_match_common_requests_need_a_priority() {
    let text = TWO.replace("\"/one/*\"", "\"/files/*.png\"").replace("ROUTE", "\"/files/draft*\"");
    assert_eq!(problems(&text), [("ambiguous-route-order", vec!["behind".to_owned(), "behind".to_owned()])]);
    let ordered = text.replace("\"/files/draft*\"", "Route().path(\"/files/draft*\").priority(5)");
    assert_eq!(problems(&ordered), []);
    let nested = TWO.replace("\"/one/*\"", "\"/files/*\"").replace("ROUTE", "\"/files/draft/*\"");
    assert_eq!(problems(&nested), [], "the longer path goes first");
}

#[test]
fn two_routes_with_one_priority_are_refused() {
    let text = TWO
        .replace("\"/one/*\"", "Route().path(\"/one/*\").priority(7)")
        .replace("ROUTE", "Route().path(\"/two/*\").priority(7)");
    assert_eq!(problems(&text), [("duplicate-route-priority", vec!["priority".to_owned(), "priority".to_owned()])]);
}

#[test]
fn service_without_a_route_is_the_default_action() {
    let text = TWO.replace(", \"/one/*\"", "").replace(", ROUTE", "");
    assert_eq!(problems(&text), [("two-default-routes", vec!["behind".to_owned(), "behind".to_owned()])]);
}

#[test]
fn route_without_a_condition_is_refused() {
    let found = problems(&TWO.replace("ROUTE", "Route().priority(3)"));
    assert_eq!(found[0], ("empty-route", vec!["behind".to_owned()]), "{found:?}");
}

#[test]
fn service_of_two_albs_has_a_target_group_for_each() {
    let app = stack(
        "let web = FargateService(\"Web\").image(\"nginx:1\").behind(Alb(\"Outer\")).behind(Alb(\"Inner\").internal());\n\
         Stack(\"app\").add(web)",
    );
    assert_eq!(
        property(&app, "OuterListener80", "DefaultActions.0.TargetGroupArn"),
        "{\"Ref\":\"WebOuterTargetGroup\"}"
    );
    let inner = property(&app, "InnerListener80", "DefaultActions.0.TargetGroupArn");
    assert_eq!(inner, "{\"Ref\":\"WebInnerInternalTargetGroup\"}");
    assert_eq!(property(&app, "WebService", "LoadBalancers.0.TargetGroupArn"), inner);
}

#[test]
fn long_names_of_load_balancers_and_target_groups_are_refused() {
    let name = "a-name-of-more-than-thirty-two-letters";
    let balancer = format!(".override(\"AWS::ElasticLoadBalancingV2::LoadBalancer\", #{{ Name: \"{name}\" }})");
    let found = problems(&behind(&format!("Alb(\"Front\"){balancer}"), ".behind(alb)"));
    assert_eq!(found, [("physical-name", vec!["Name:".to_owned()])]);
    let group = format!(".behind(alb).override(\"AWS::ElasticLoadBalancingV2::TargetGroup\", #{{ Name: \"{name}\" }})");
    let found = problems(&behind("Alb(\"Front\")", &group));
    assert_eq!(found, [("physical-name", vec!["Name:".to_owned()])]);
}

#[test]
fn alb_without_a_network_that_only_a_string_mentions_is_reported_once() {
    let script = "let alb = Alb(\"Front\");\nStack(\"a\").add(FargateService(\"Web\").image(\"nginx:1.27\").env(\"URL\", alb.url))";
    assert_eq!(problems(script), [("alb-without-network", vec!["Alb".to_owned()])]);
}

#[test]
fn target_names_a_port_of_the_container_and_gets_a_target_group_of_its_own() {
    let app = stack(
        "let alb = Alb(\"Edge\");\n\
         let api = FargateService(\"Api\").image(\"api:1\").port(\"http\", 8080).port(\"admin\", 9090)\n\
             .behind(alb).behind(alb, \"/admin/*\", Target().port(\"admin\"));\n\
         Stack(\"app\").add(api)",
    );
    let mappings = property(&app, "ApiTask", "ContainerDefinitions.0.PortMappings");
    assert_eq!(mappings.matches("8080").count(), 1, "{mappings}");
    assert_eq!(property(&app, "ApiEdgeTargetGroup", "Port"), "8080", "the first port with a name is the default one");
    assert_eq!(property(&app, "ApiEdgePort9090TargetGroup", "Port"), "9090");
    assert_eq!(property(&app, "ApiService", "LoadBalancers.1.ContainerPort"), "9090");
}
