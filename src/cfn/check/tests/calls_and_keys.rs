//! Calls between services, ports in variables, policies of keys, parts of APIs, failover of caches, and secret settings.

use crate::cfn::check::*;
use crate::cfn::parse;

/// Returns the codes of the problems of a template.
fn codes(resources: &str) -> Vec<&'static str> {
    let text = format!("Resources:\n{resources}\n");
    file("t.yaml", &text, Schema::embedded()).iter().map(|it| it.code.as_str()).collect()
}

/// Returns the codes of a template that has conditions before its resources.
fn codes_of(text: &str) -> Vec<&'static str> {
    file("t.yaml", text, Schema::embedded()).iter().map(|it| it.code.as_str()).collect()
}

/// Returns a service with a security group, and a variable.
fn service(name: &str, port: u16, variable: &str, rest: &str) -> String {
    format!(
        "  {name}Guard: {{Type: AWS::EC2::SecurityGroup, Properties: {{GroupDescription: it, VpcId: vpc-0a1b2c3d}}}}
  {name}Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      NetworkMode: awsvpc
      ContainerDefinitions:
        - Name: app
          Image: example/app:1
          Memory: 128
          PortMappings: [{{Name: web, ContainerPort: {port}}}]
          Environment: [{{Name: TARGET, Value: {variable}}}]
  {name}:
    Type: AWS::ECS::Service
    Properties:
      TaskDefinition: !Ref {name}Task
      {rest}
      NetworkConfiguration: {{AwsvpcConfiguration: {{Subnets: [subnet-0a1b2c3d], SecurityGroups: [!Ref {name}Guard]}}}}
"
    )
}

/// Returns a rule that lets a group into another one.
fn rule(to: &str, from: &str, port: u16) -> String {
    format!(
        "  {to}From{from}: {{Type: AWS::EC2::SecurityGroupIngress, Properties: {{GroupId: !Ref {to}, SourceSecurityGroupId: !Ref {from}, IpProtocol: tcp, FromPort: {port}, ToPort: {port}}}}}\n"
    )
}

#[test]
fn call_of_a_load_balancer_that_does_not_admit_the_service_is_a_warning() {
    let balancer = "  Guard: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: it, VpcId: vpc-0a1b2c3d}}
  Other: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: it, VpcId: vpc-0a1b2c3d}}
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Scheme: internal, Subnets: [subnet-0a1b2c3d, subnet-1a2b3c4d], SecurityGroups: [!Ref Guard]}}
  Listener: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {LoadBalancerArn: !Ref Balancer, Port: 80, Protocol: HTTP, DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: '404'}}]}}
";
    let call = |value: &str, rules: &str| codes(&format!("{balancer}{}{rules}", service("Web", 80, value, "")));
    for value in ["!Sub 'http://${Balancer.DNSName}/v1'", "!GetAtt Balancer.DNSName"] {
        assert_eq!(call(value, ""), ["call-not-admitted"], "{value}");
        assert_eq!(call(value, &rule("Guard", "Other", 80)), ["call-not-admitted"], "{value}");
        assert_eq!(call(value, &rule("Guard", "WebGuard", 8080)), ["call-not-admitted"], "{value}");
        assert_eq!(call(value, &rule("Guard", "WebGuard", 80)), [""; 0], "{value}");
    }
    let open = rule("Guard", "Other", 80).replace("SourceSecurityGroupId: !Ref Other", "CidrIp: 10.0.0.0/8");
    assert_eq!(call("!GetAtt Balancer.DNSName", &open), [""; 0]);
}

#[test]
fn call_of_a_service_by_the_name_of_a_registry_needs_a_rule() {
    let names = "  Space: {Type: AWS::ServiceDiscovery::PrivateDnsNamespace, Properties: {Name: shop.internal, Vpc: vpc-0a1b2c3d}}
  Entry: {Type: AWS::ServiceDiscovery::Service, Properties: {Name: stock, DnsConfig: {NamespaceId: !Ref Space, DnsRecords: [{Type: A, TTL: 10}]}}}
";
    let server = service("Stock", 9000, "none", "ServiceRegistries: [{RegistryArn: !GetAtt Entry.Arn}]");
    let call = |value: &str, rules: &str| codes(&format!("{names}{server}{}{rules}", service("Web", 80, value, "")));
    for value in ["'http://stock.shop.internal:9000'", "!Sub 'http://${Entry.Name}.shop.internal:9000'"] {
        assert_eq!(call(value, ""), ["call-not-admitted"], "{value}");
        assert_eq!(call(value, &rule("StockGuard", "WebGuard", 9000)), [""; 0], "{value}");
    }
    assert_eq!(call("'http://other.shop.internal:9000'", ""), [""; 0]);
}

#[test]
fn name_of_a_service_is_not_the_name_of_a_host() {
    let call = |value: &str, rest: &str| {
        codes(&format!("{}{}", service("StockService", 9000, "none", ""), service("Web", 80, value, rest)))
    };
    assert_eq!(call("'http://stock:9000'", ""), ["host-not-found"]);
    assert_eq!(call("'stock:9000'", ""), ["host-not-found"]);
    assert_eq!(call("stock", ""), [""; 0], "a word is not an address");
    assert_eq!(call("'http://app:9000'", ""), [""; 0], "a container of the task itself");
    assert_eq!(call("'http://stock.example.com'", ""), [""; 0]);
    assert_eq!(call("'http://elsewhere:9000'", ""), [""; 0]);
    let connect = "ServiceConnectConfiguration: {Enabled: true, Namespace: shop}";
    assert_eq!(call("'http://stock:9000'", connect), [""; 0], "the namespace may have the name");
}

#[test]
fn variable_with_another_port_than_the_container_maps_is_a_warning() {
    let task = |variable: &str, rest: &str| {
        codes(&format!(
            "  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - {{Name: web, Image: 'example/web:1', Memory: 128, PortMappings: [{{ContainerPort: 8080}}, {{ContainerPort: 9090}}], Environment: [{variable}]{rest}}}"
        ))
    };
    assert_eq!(task("{Name: PORT, Value: '3000'}", ""), ["port-mismatch"]);
    assert_eq!(task("{Name: SERVER_PORT, Value: '80'}", ""), ["port-mismatch"]);
    assert_eq!(task("{Name: PORT, Value: '9090'}", ""), [""; 0]);
    assert_eq!(task("{Name: DB_PORT, Value: '5432'}", ""), [""; 0]);
    assert_eq!(task("{Name: PORT, Value: !Ref AWS::Region}", ""), [""; 0]);
    assert_eq!(task("{Name: PORT, Value: '3000'}", ", Command: [gunicorn, -b, ':8080', app]"), [""; 0]);
}

#[test]
fn key_policy_that_locks_everybody_out_is_an_error() {
    let key = |statements: &str| {
        codes(&format!(
            "  Key: {{Type: AWS::KMS::Key, Properties: {{KeyPolicy: {{Version: '2012-10-17', Statement: [{statements}]}}}}}}"
        ))
    };
    let root = "Principal: {AWS: 'arn:aws:iam::123456789012:root'}";
    let service = "Principal: {Service: logs.amazonaws.com}";
    let allow =
        |principal: &str, action: &str| format!("{{Effect: Allow, {principal}, Action: {action}, Resource: '*'}}");
    for statements in [
        allow(service, "'kms:*'"),
        allow(root, "['kms:Encrypt', 'kms:Decrypt*']"),
        allow(root, "'kms:Get*'"),
        allow(root, "'kms:*'").replace("Allow", "Deny"),
    ] {
        assert_eq!(key(&statements), ["key-policy-lockout"], "{statements}");
    }
    for statements in [
        allow(root, "'kms:*'"),
        allow(root, "['kms:Put*', 'kms:Describe*']"),
        allow("Principal: '*'", "'*'"),
        format!("{}, {}", allow(service, "'kms:Decrypt'"), allow(root, "'kms:PutKeyPolicy'")),
        "!If [Never, !Ref AWS::NoValue, !Ref AWS::NoValue]".to_owned(),
    ] {
        assert!(!key(&statements).contains(&"key-policy-lockout"), "{statements}");
    }
}

#[test]
fn route_of_an_http_api_has_a_method_and_a_path_once() {
    let api = |kind: &str, routes: &str| {
        codes(&format!(
            "  Api: {{Type: AWS::ApiGatewayV2::Api, Properties: {{Name: shop, ProtocolType: {kind}, RouteSelectionExpression: '$request.body.action'}}}}\n{routes}"
        ))
    };
    let route = |id: &str, key: &str| {
        format!("  {id}: {{Type: AWS::ApiGatewayV2::Route, Properties: {{ApiId: !Ref Api, RouteKey: {key}}}}}\n")
    };
    assert_eq!(api("HTTP", &route("R", "/items")), ["route-key"]);
    assert_eq!(api("HTTP", &route("R", "'GET /{proxy+}/x'")), ["route-key"]);
    assert_eq!(api("HTTP", &route("R", "'GET /{proxy+}'")), [""; 0]);
    assert_eq!(api("WEBSOCKET", &route("R", "sendMessage")), [""; 0]);
    assert_eq!(api("HTTP", &[route("R", "GET /a"), route("S", "GET /a")].concat()), ["duplicate-api-part"]);
    assert_eq!(api("HTTP", &[route("R", "GET /a"), route("S", "POST /a")].concat()), [""; 0]);
    let integration = "  To: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: HTTP_PROXY, IntegrationMethod: ANY, IntegrationUri: 'https://example.com', PayloadFormatVersion: '1.0'}}\n";
    let with = |target: &str| format!("{integration}{}", route("R", &format!("GET /a, Target: {target}")));
    assert_eq!(api("HTTP", &with("!Ref To")), ["route-key"]);
    assert_eq!(api("HTTP", &with("!Sub 'integrations/${To}'")), [""; 0]);
}

#[test]
fn failover_without_a_second_node_is_an_error_in_each_branch() {
    let cache = |properties: &str| {
        codes_of(&format!(
            "Parameters: {{Stage: {{Type: String}}}}
Conditions: {{Production: !Equals [!Ref Stage, production], Test: !Not [!Condition Production]}}
Resources:
  Cache: {{Type: AWS::ElastiCache::ReplicationGroup, Properties: {{ReplicationGroupDescription: it, CacheNodeType: cache.t4g.small, Engine: redis, {properties}}}}}
"
        ))
    };
    let nodes = "NumCacheClusters: !If [Production, 2, 1]";
    assert_eq!(cache(&format!("{nodes}, AutomaticFailoverEnabled: true")), ["cache-failover"]);
    assert_eq!(cache(&format!("{nodes}, AutomaticFailoverEnabled: !If [Test, true, false]")), ["cache-failover"]);
    assert_eq!(cache(&format!("{nodes}, AutomaticFailoverEnabled: !If [Production, true, false]")), [""; 0]);
    assert_eq!(cache(&format!("{nodes}, AutomaticFailoverEnabled: !If [Test, false, true]")), [""; 0]);
    assert_eq!(cache("NumCacheClusters: 1, AutomaticFailoverEnabled: 'true'"), ["cache-failover"]);
    assert_eq!(cache("NumNodeGroups: 2, ReplicasPerNodeGroup: 0, AutomaticFailoverEnabled: true"), [""; 0]);
    assert_eq!(cache("NumCacheClusters: 2, MultiAZEnabled: true, AutomaticFailoverEnabled: false"), ["cache-failover"]);
}

#[test]
fn secret_setting_in_a_property_that_can_be_read_is_a_warning() {
    let secrets = [SecretSetting { name: "token".to_owned(), value: "correct-horse".to_owned() }];
    let found = |resources: &str| -> Vec<String> {
        let template = parse::template("t.yaml", &format!("Resources:\n{resources}\n")).value.expect("a template");
        let facts = StackFacts { secrets: &secrets, ..StackFacts::default() };
        let problems = check_stack(&template, Schema::embedded(), facts, &|| Ok(())).expect("no limit");
        problems.into_iter().filter(|it| it.code == Code::PlaintextSecret).map(|it| it.message).collect()
    };
    let message = "the secret setting `token` becomes plain text in the template";
    assert_eq!(found("  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: 'it is correct-horse'}}"), [message]);
    let function = "  Rule: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: a, Priority: 1, Actions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: '200'}}], Conditions: [{Field: http-header, HttpHeaderConfig: {HttpHeaderName: X-Key, Values: [!Sub 'correct-horse ${AWS::Region}']}}]}}";
    assert_eq!(found(function), [message]);
    assert!(found("  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: 'a correct word'}}").is_empty());
    let database = "  Db: {Type: AWS::RDS::DBInstance, Properties: {MasterUserPassword: correct-horse}}";
    let found = found(database);
    assert!(!found.contains(&message.to_owned()), "`plaintext` reports it once: {found:?}");
    assert_eq!(found.len(), 1);
}
