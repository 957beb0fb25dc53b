//! The logs, images and records of validations that other services write into resources, and that prevent their deletion.

use serde_json::Value as Json;

use crate::cfn::type_names::{BUCKET, EXPRESS_SERVICE, LOAD_BALANCER, SERVICE};
use crate::rehearsal::account::Account;
use crate::rehearsal::property_access::{list, number, text};
use crate::rehearsal::state::{ResourceState, resource_key};

impl Account {
    /// Records what the service of a complete resource writes into others.
    pub(in crate::rehearsal) fn record_contents(&mut self, existing: Option<&ResourceState>) {
        let Some(existing) = existing else { return };
        let properties = &existing.properties;
        let keys: Vec<String> = match existing.kind.as_str() {
            LOAD_BALANCER => log_bucket(properties).into_iter().collect(),
            "AWS::EC2::FlowLog" => flow_log_bucket(properties).into_iter().collect(),
            "AWS::CertificateManager::Certificate" => {
                let zones = list(properties, "DomainValidationOptions").filter_map(|it| text(it, "HostedZoneId"));
                zones.map(|zone| resource_key("AWS::Route53::HostedZone", &zone)).collect()
            }
            SERVICE => self.repositories(properties),
            EXPRESS_SERVICE => {
                let image = properties.get("PrimaryContainer").and_then(|container| text(container, "Image"));
                let name = image.as_deref().and_then(repository);
                name.map(|name| resource_key("AWS::ECR::Repository", name)).into_iter().collect()
            }
            _ => Vec::new(),
        };
        self.state.contents.extend(keys);
    }

    /// Returns the repositories of ECR from which the tasks of a service run.
    fn repositories(&self, service: &Json) -> Vec<String> {
        if number(service, "DesiredCount") == Some(0) {
            return Vec::new();
        }
        let images = text(service, "TaskDefinition").map(|arn| self.state.ecs.images(&arn)).unwrap_or_default();
        let repositories = images.iter().filter_map(|image| repository(image));
        repositories.map(|name| resource_key("AWS::ECR::Repository", name)).collect()
    }
}

/// Returns the name of the repository of an image in ECR.
pub(in crate::rehearsal) fn repository(image: &str) -> Option<&str> {
    let (_, path) = image.split_once('/').filter(|(host, _)| host.contains(".dkr.ecr."))?;
    path.split(['@', ':']).next()
}

/// Returns the bucket of the access logs of a load balancer: Elastic Load Balancing writes `ELBAccessLogTestFile` at once ("Enable
/// access logs for your Application Load Balancer", user guide).
fn log_bucket(properties: &Json) -> Option<String> {
    let attribute = |key: &str| {
        let mut all = list(properties, "LoadBalancerAttributes");
        all.find(|it| text(it, "Key").as_deref() == Some(key)).and_then(|it| text(it, "Value"))
    };
    attribute("access_logs.s3.enabled").filter(|value| value == "true")?;
    attribute("access_logs.s3.bucket").map(|bucket| resource_key(BUCKET, &bucket))
}

/// Returns the bucket of a flow log.
fn flow_log_bucket(properties: &Json) -> Option<String> {
    text(properties, "LogDestinationType").filter(|kind| kind == "s3")?;
    let destination = text(properties, "LogDestination")?;
    let bucket = destination.rsplit(":::").next()?.split('/').next()?;
    Some(resource_key(BUCKET, bucket))
}
