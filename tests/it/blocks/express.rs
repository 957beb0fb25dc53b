//! Services of ECS Express Mode.

use crate::scripted::{problems, property, resource, stack};

fn express(setters: &str) -> rtiler::synth::DesiredStack {
    stack(&format!("Stack(\"web\").add(ExpressService(\"Web\").image(\"nginx:1.29\"){setters})"))
}

#[test]
fn express_service_is_public_and_has_its_roles_logs_and_security_group() {
    let web = express("");
    let service = |path: &str| property(&web, "WebExpressService", path);
    assert_eq!(service("NetworkConfiguration.Subnets.0"), "{\"Ref\":\"VpcPublicSubnet1\"}");
    let group = "{\"Fn::GetAtt\":[\"WebExpressServiceSecurityGroup\",\"GroupId\"]}";
    assert_eq!(service("NetworkConfiguration.SecurityGroups"), format!("[{group}]"));
    assert_eq!(service("InfrastructureRoleArn"), "{\"Fn::GetAtt\":[\"WebInfrastructureRole\",\"Arn\"]}");
    let policy = property(&web, "WebInfrastructureRole", "ManagedPolicyArns.0");
    assert!(policy.contains("AmazonECSInfrastructureRoleforExpressGatewayServices"), "{policy}");
    assert_eq!(service("PrimaryContainer.AwsLogsConfiguration.LogGroup"), "{\"Ref\":\"WebLogs\"}");
    assert_eq!((service("Cpu"), service("HealthCheckPath")), ("\"256\"".to_owned(), "\"/\"".to_owned()));
    assert!(!web.template.resources.contains_key("WebTask"), "ECS makes the task definition");
    assert!(resource(&web, "WebExpressService").depends_on.contains(&"VpcPublicSubnet1DefaultRoute".into()));
}

#[test]
fn private_subnets_make_an_express_service_internal() {
    let subnet = property(&express(".subnets(\"private\")"), "WebExpressService", "NetworkConfiguration.Subnets.1");
    assert_eq!(subnet, "{\"Ref\":\"VpcPrivateSubnet2\"}");
}

#[test]
fn linked_database_admits_the_security_group_of_an_express_service() {
    let web = express(".link(Database(\"Shop\"))");
    let rule = "WebExpressServiceToShopDatabase";
    let source = property(&web, rule, "SourceSecurityGroupId");
    assert_eq!(source, "{\"Fn::GetAtt\":[\"WebExpressServiceSecurityGroup\",\"GroupId\"]}");
    assert!(resource(&web, "WebExpressService").depends_on.contains(&rule.into()));
    assert!(property(&web, "WebExpressService", "PrimaryContainer.Environment").contains("DB_HOST"));
    assert!(property(&web, "WebExpressService", "PrimaryContainer.Secrets").contains("DB_PASSWORD"));
}

#[test]
fn scaling_of_an_express_service_has_bounds_and_one_metric() {
    let web = express(".scaling(Scaling(2..=8).memory(70))");
    let target = property(&web, "WebExpressService", "ScalingTarget");
    let expected = "{\"MinTaskCount\":2,\"MaxTaskCount\":8,\"AutoScalingMetric\":\"AVERAGE_MEMORY\",\"AutoScalingTargetValue\":70}";
    assert_eq!(target, expected);
    let text =
        "Stack(\"web\").add(ExpressService(\"Web\").image(\"nginx:1.29\").scaling(Scaling(1..=2).cpu(60).memory(70)))";
    let words = ["memory", "cpu"].map(str::to_owned).to_vec();
    assert_eq!(problems(text), [("express-mode", words)]);
}

#[test]
fn cluster_without_capacity_providers_is_refused() {
    let text = "Stack(\"web\").add(ExpressService(\"Web\").image(\"nginx:1.29\").cluster(Cluster(\"Apps\")))";
    let words = ["Cluster", "ExpressService"].map(str::to_owned).to_vec();
    assert_eq!(problems(text), [("express-mode", words)]);
}
