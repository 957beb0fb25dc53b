//! A running service with what belongs to it, as CloudFormation describes it: read by Cloud Control API.
//!
//! Source of the identifiers: `primaryIdentifier` in the schemas of the resource types.

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use crate::cfn::type_names::{
    LISTENER, LISTENER_RULE, LOG_GROUP, SECURITY_GROUP, SERVICE, TARGET_GROUP, TASK_DEFINITION,
};
use crate::deploy::api::{AwsEnvironment, AwsError, CloudControl};

const LOAD_BALANCER: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";
const SUBNET: &str = "AWS::EC2::Subnet";
const SCALABLE_TARGET: &str = "AWS::ApplicationAutoScaling::ScalableTarget";
const SCALING_POLICY: &str = "AWS::ApplicationAutoScaling::ScalingPolicy";

/// A running service with the resources around it. Each resource is its properties.
#[derive(Debug, Clone, Default)]
pub struct ServiceParts {
    /// The name of its cluster.
    pub cluster: String,
    /// Its name.
    pub name: String,
    /// The partition, region and account, as in ARNs: `aws:ecs:REGION:ACCOUNT`.
    pub arn: String,
    /// The service.
    pub service: Json,
    /// Its task definition.
    pub task_definition: Json,
    /// The network of its tasks, if its first subnet can be read.
    pub vpc: Option<String>,
    /// Its target groups by ARN.
    pub target_groups: IndexMap<String, Json>,
    /// The load balancers that send requests to its target groups.
    pub load_balancers: Vec<LoadBalancerParts>,
    /// The target of auto scaling, if it scales.
    pub scalable_target: Option<Json>,
    /// The policies of auto scaling.
    pub scaling_policies: Vec<Json>,
    /// The log groups of its containers by name.
    pub log_groups: IndexMap<String, Json>,
    /// The resources that could not be read, with AWS's reason.
    pub unread: Vec<String>,
}

/// A load balancer with its listeners.
#[derive(Debug, Clone, Default)]
pub struct LoadBalancerParts {
    /// Its ARN.
    pub arn: String,
    /// The load balancer.
    pub properties: Json,
    /// Its security groups.
    pub security_groups: Vec<Json>,
    /// Its listeners with their ARNs and rules.
    pub listeners: Vec<ListenerParts>,
}

/// A listener with its rules.
#[derive(Debug, Clone, Default)]
pub struct ListenerParts {
    /// Its ARN.
    pub arn: String,
    /// The listener.
    pub properties: Json,
    /// Its rules, without the default action.
    pub rules: Vec<Json>,
}

/// Reads a service with what belongs to it; nothing if the service does not exist.
///
/// # Errors
///
/// The service or its task definition cannot be read. What else cannot be read is listed in the result.
pub async fn service_parts(
    cloud: &impl CloudControl,
    place: &AwsEnvironment,
    cluster: &str,
    name: &str,
) -> Result<Option<ServiceParts>, AwsError> {
    let home = format!("arn:{}:ecs:{}:{}", place.partition, place.region, place.account);
    let identifier = format!("{home}:service/{cluster}/{name}|{cluster}");
    let Some(service) = cloud.live_resource(SERVICE, &identifier).await? else { return Ok(None) };
    let definition = service["TaskDefinition"].as_str().unwrap_or_default().to_owned();
    let Some(task_definition) = cloud.live_resource(TASK_DEFINITION, &definition).await? else { return Ok(None) };
    let mut reader = Reader { cloud, unread: Vec::new() };
    let mut parts =
        ServiceParts { cluster: cluster.to_owned(), name: name.to_owned(), arn: home, ..ServiceParts::default() };
    parts.vpc = reader.vpc(&service).await;
    reader.load_balancing(&service, &mut parts).await;
    reader.scaling(&format!("service/{cluster}/{name}"), &mut parts).await;
    for group in log_groups(&task_definition) {
        if let Some(found) = reader.resource(LOG_GROUP, &group).await {
            parts.log_groups.insert(group, found);
        }
    }
    Ok(Some(ServiceParts { service, task_definition, unread: reader.unread, ..parts }))
}

/// Reads resources, and collects what cannot be read.
struct Reader<'c, C> {
    cloud: &'c C,
    unread: Vec<String>,
}

impl<C: CloudControl> Reader<'_, C> {
    async fn resource(&mut self, kind: &str, identifier: &str) -> Option<Json> {
        match self.cloud.live_resource(kind, identifier).await {
            Ok(found) => found,
            Err(error) => {
                self.unread.push(format!("{kind} {identifier}: {error}"));
                None
            }
        }
    }

    async fn all(&mut self, kind: &str, parent: &Json) -> Vec<(String, Json)> {
        let identifiers = match self.cloud.live_identifiers(kind, parent).await {
            Ok(found) => found,
            Err(error) => {
                self.unread.push(format!("the list of {kind}: {error}"));
                Vec::new()
            }
        };
        let mut found = Vec::new();
        for identifier in identifiers {
            if let Some(resource) = self.resource(kind, &identifier).await {
                found.push((identifier, resource));
            }
        }
        found
    }

    async fn vpc(&mut self, service: &Json) -> Option<String> {
        let subnet = service["NetworkConfiguration"]["AwsvpcConfiguration"]["Subnets"][0].as_str()?.to_owned();
        Some(self.resource(SUBNET, &subnet).await?["VpcId"].as_str()?.to_owned())
    }

    async fn load_balancing(&mut self, service: &Json, parts: &mut ServiceParts) {
        let mut balancers: Vec<String> = Vec::new();
        let alternates = service["LoadBalancers"].as_array().into_iter().flatten();
        let alternates: Vec<String> = alternates
            .filter_map(|entry| entry["AdvancedConfiguration"]["AlternateTargetGroupArn"].as_str().map(str::to_owned))
            .collect();
        for arn in texts(&service["LoadBalancers"], "TargetGroupArn").into_iter().chain(alternates) {
            let Some(group) = self.resource(TARGET_GROUP, &arn).await else { continue };
            let used = group["LoadBalancerArns"].as_array().into_iter().flatten().filter_map(Json::as_str);
            balancers.extend(used.map(str::to_owned));
            parts.target_groups.insert(arn, group);
        }
        balancers.dedup();
        for arn in balancers {
            if let Some(balancer) = self.load_balancer(arn).await {
                parts.load_balancers.push(balancer);
            }
        }
    }

    async fn load_balancer(&mut self, arn: String) -> Option<LoadBalancerParts> {
        let properties = self.resource(LOAD_BALANCER, &arn).await?;
        let mut security_groups = Vec::new();
        for id in properties["SecurityGroups"].as_array().into_iter().flatten().filter_map(Json::as_str) {
            security_groups.extend(self.resource(SECURITY_GROUP, id).await);
        }
        let mut listeners = Vec::new();
        for (listener, properties) in self.all(LISTENER, &json!({ "LoadBalancerArn": arn })).await {
            let rules = self.all(LISTENER_RULE, &json!({ "ListenerArn": listener })).await;
            let named = rules.into_iter().map(|(arn, mut rule)| {
                if let Some(properties) = rule.as_object_mut() {
                    properties.insert("RuleArn".to_owned(), arn.into());
                }
                rule
            });
            let own = named.filter(|rule| rule["IsDefault"] != true);
            listeners.push(ListenerParts { arn: listener, properties, rules: own.collect() });
        }
        Some(LoadBalancerParts { arn, properties, security_groups, listeners })
    }

    async fn scaling(&mut self, resource: &str, parts: &mut ServiceParts) {
        let identifier = format!("{resource}|ecs:service:DesiredCount|ecs");
        parts.scalable_target = self.resource(SCALABLE_TARGET, &identifier).await;
        if parts.scalable_target.is_none() {
            return;
        }
        let policies = self.all(SCALING_POLICY, &json!({ "ServiceNamespace": "ecs" })).await;
        let of_service = |policy: &Json| {
            let target = policy["ScalingTargetId"].as_str().unwrap_or_default();
            policy["ResourceId"] == resource || target.starts_with(&format!("{resource}|"))
        };
        parts.scaling_policies = policies.into_iter().map(|(_, policy)| policy).filter(of_service).collect();
    }
}

/// Returns the log groups of the containers, each once.
fn log_groups(task_definition: &Json) -> Vec<String> {
    let containers = task_definition["ContainerDefinitions"].as_array().into_iter().flatten();
    let options = containers.map(|container| &container["LogConfiguration"]["Options"]["awslogs-group"]);
    let mut groups: Vec<String> = options.filter_map(|group| group.as_str().map(str::to_owned)).collect();
    groups.sort();
    groups.dedup();
    groups
}

fn texts(list: &Json, key: &str) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|item| item[key].as_str().map(str::to_owned)).collect()
}
