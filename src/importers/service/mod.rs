//! A running service of any origin, written as blocks: the service with its task, its load balancer and its scaling.
//!
//! `task`, `container` and `ports` write the task definition, `load_balancer`, `routes` and `target_group` the way of requests,
//! `scaling` auto scaling, `strategy` shifts of traffic. `properties` records which properties were used: each other one is an override of the script, so that
//! nothing is lost.

mod container;
mod load_balancer;
mod ports;
mod properties;
mod routes;
mod scaling;
mod strategy;
mod target_group;
mod task;

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::Imported;
use super::draft::Draft;
use super::names::{Taken, block_name, variable_name};
use super::note::Note;
use super::secrets::Secrets;
use super::writer::{Expr, Script};
use crate::deploy::operate::ServiceParts;
use load_balancer::{Balancer, behind, own_balancer};
use properties::{Properties, int, list, literal};

/// The state of the writing of a service.
struct ServiceWriter<'p> {
    parts: &'p ServiceParts,
    secrets: Secrets,
    blocks: Taken,
    names: Taken,
    /// The log groups of containers so far.
    logged: BTreeSet<String>,
}

/// Writes a running service as a script. `stack` is the name of its stack, else that of the service.
pub fn service(parts: &ServiceParts, stack: Option<&str>) -> Imported {
    let mut writer = ServiceWriter {
        parts,
        secrets: Secrets::default(),
        blocks: Taken::default(),
        names: Taken::with(&["s", "stack", "vpc", "cluster"]),
        logged: BTreeSet::new(),
    };
    writer.write(stack)
}

impl ServiceWriter<'_> {
    fn write(&mut self, stack: Option<&str>) -> Imported {
        let parts = self.parts;
        let source = format!("{}/{}", parts.cluster, parts.name);
        let name = self.blocks.unique(&block_name(stem(&parts.name)), "-");
        let variable = self.names.unique(&variable_name(&name), "_");
        let balancers = self.balancers();
        let mut script = Script::new([
            format!("Written by `rtiler import-from service` from the running service {source}."),
            "The stack is next to it: it has the same network, cluster and role of the program, and its own service."
                .to_owned(),
            "Check it with `rtiler check`, rehearse it, deploy it, move the traffic, then delete the old service."
                .to_owned(),
        ]);
        let mut draft = Draft::new(&source);
        parts.unread.iter().for_each(|what| draft.note(0, format!("cannot be read: {what}")));
        self.service(&name, &balancers, &mut draft);
        let mut notes: Vec<Note> = draft.notes.clone();
        self.secrets.write(&mut script);
        self.network(&balancers, &mut script);
        for balancer in &balancers {
            let mut own = Draft::new(&source);
            let value = if balancer.is_own {
                own_balancer(balancer, &name, &mut own)
            } else {
                self.shared_balancer(balancer, &mut own)
            };
            notes.extend(own.notes.iter().cloned());
            script.define(own.comments(), &balancer.variable, value);
        }
        script.define(draft.comments(), &variable, draft.expression(Expr::call("FargateService", [Expr::text(&name)])));
        script.end(Vec::new(), self.stack(stack.unwrap_or(&name), &variable, &balancers));
        notes.sort();
        Imported { script: script.text(), notes }
    }

    fn stack(&self, name: &str, variable: &str, balancers: &[Balancer<'_>]) -> Expr {
        let mut stack = Expr::call("Stack", [Expr::text(block_name(name))]);
        let tags = self.parts.service["Tags"].as_array().into_iter().flatten();
        let own = tags.filter(|tag| tag["Key"].as_str().is_some_and(|key| !key.starts_with("aws:")));
        let own: Vec<(String, Expr)> =
            own.map(|tag| (tag["Key"].as_str().unwrap_or_default().to_owned(), literal(&tag["Value"]))).collect();
        if !own.is_empty() {
            stack = stack.set("tags", [Expr::Map(own)]);
        }
        stack = stack.set("add", [Expr::name(variable)]);
        match balancers.iter().find(|balancer| balancer.is_own && !balancer.is_network()) {
            Some(balancer) => {
                stack.set("output", [Expr::text("Url"), Expr::Name(format!("{}.url", balancer.variable))])
            }
            None => stack,
        }
    }

    /// Adds the network and the cluster, which exist.
    fn network(&self, balancers: &[Balancer<'_>], script: &mut Script) {
        let parts = self.parts;
        let network = &parts.service["NetworkConfiguration"]["AwsvpcConfiguration"];
        let of_group = || parts.target_groups.values().find_map(|group| group["VpcId"].as_str().map(str::to_owned));
        let vpc = parts.vpc.clone().or_else(of_group);
        let comments = match vpc {
            None => vec!["The id of the network is not known: set it here.".to_owned()],
            Some(_) => Vec::new(),
        };
        let tasks = Properties::of(network).texts("Subnets");
        let is_public = has_public_ip(&parts.service);
        let of_balancers = |scheme: &str| {
            let fitting = balancers.iter().filter(|it| it.is_own && it.parts.properties["Scheme"] == scheme);
            fitting.map(|it| Properties::of(&it.parts.properties).texts("Subnets")).find(|subnets| !subnets.is_empty())
        };
        let public = if is_public { Some(tasks.clone()) } else { of_balancers("internet-facing") };
        let private = if is_public { of_balancers("internal") } else { Some(tasks) };
        let mut value = Expr::call("Vpc::existing", [Expr::text(vpc.unwrap_or_else(|| "vpc-unknown".to_owned()))]);
        for (setter, subnets) in [("public_subnets", public), ("private_subnets", private)] {
            if let Some(subnets) = subnets.filter(|subnets| !subnets.is_empty()) {
                value = value.set(setter, [list(&subnets)]);
            }
        }
        script.define(comments, "vpc", value);
        let cluster = Expr::call("Cluster::existing", [Expr::text(&parts.cluster)]);
        script.define(Vec::new(), "cluster", cluster.set("vpc", [Expr::name("vpc")]));
    }

    fn service(&mut self, name: &str, balancers: &[Balancer<'_>], draft: &mut Draft) {
        let parts = self.parts;
        let service = Properties::of(&parts.service);
        draft.set("cluster", [Expr::name("cluster")]);
        let first = service.items("LoadBalancers").next();
        let served = (
            first.and_then(|entry| entry["ContainerName"].as_str()),
            first.and_then(|entry| int(&entry["ContainerPort"])),
        );
        self.task(name, served, draft);
        behind(balancers, &parts.service, draft);
        let group = first.and_then(|entry| parts.target_groups.get(entry["TargetGroupArn"].as_str()?));
        if let Some(group) = group {
            target_group::write(group, draft);
        }
        size(&service, parts.scalable_target.is_some(), draft);
        scaling::write(parts, draft);
        network(&service, &parts.service, draft);
        deployment(&service, parts, draft);
        launch(&service, draft);
        service.skip(&[
            "Cluster",
            "Name",
            "PlacementConstraints",
            "PlacementStrategies",
            "Role",
            "ServiceArn",
            "ServiceName",
            "Tags",
            "TaskDefinition",
        ]);
        for (key, value) in service.rest() {
            draft.set("override", [Expr::text("Service"), Expr::text(key), literal(value)]);
        }
    }
}

/// Returns the name of a service without what CloudFormation adds to it: `Web` of `shop-WebService-1Ab2Cd3Ef4Gh`.
fn stem(name: &str) -> &str {
    let Some((before, end)) = name.rsplit_once('-') else { return name };
    let is_random = end.len() >= 12 && end.chars().all(|letter| letter.is_ascii_alphanumeric());
    if !is_random {
        return name;
    }
    let block = before.strip_suffix("Service").map_or(before, |block| block.trim_end_matches('-'));
    block.rsplit('-').next().filter(|stem| !stem.is_empty()).unwrap_or(name)
}

fn has_public_ip(service: &Json) -> bool {
    service["NetworkConfiguration"]["AwsvpcConfiguration"]["AssignPublicIp"] == "ENABLED"
}

/// Sets the number of tasks, unless auto scaling does.
fn size(service: &Properties<'_>, scales: bool, draft: &mut Draft) {
    let count = service.int("DesiredCount");
    if let Some(count) = count.filter(|count| !scales && *count != 1) {
        draft.set_int("count", count);
    }
}

fn network(service: &Properties<'_>, whole: &Json, draft: &mut Draft) {
    if let Some(network) = service.get("NetworkConfiguration") {
        if has_public_ip(whole) {
            draft.set("public_ip", []);
        }
        for group in Properties::of(&network["AwsvpcConfiguration"]).texts("SecurityGroups") {
            draft.set_text("security_group", group);
        }
    }
    let has_target = service.get("LoadBalancers").is_some();
    if let Some(seconds) = service.int("HealthCheckGracePeriodSeconds").filter(|seconds| has_target && *seconds != 60) {
        draft.set_int("grace_period", seconds);
    }
    if service.get("ServiceConnectConfiguration").is_some_and(|connect| connect["Enabled"] == true) {
        draft.note(
            0,
            "the service uses Service Connect: give the cluster `.namespace(name)`, and the service `.calls(other)`",
        );
    }
}

/// Sets how a deployment replaces tasks (`DeploymentConfiguration` of `AWS::ECS::Service`).
fn deployment(service: &Properties<'_>, parts: &ServiceParts, draft: &mut Draft) {
    let Some(configuration) = service.get("DeploymentConfiguration").map(Properties::of) else { return };
    let least = configuration.int("MinimumHealthyPercent").unwrap_or(100);
    let most = configuration.int("MaximumPercent").unwrap_or(200);
    if (least, most) != (100, 200) {
        draft.set("healthy_percent", [Expr::Range(least, most)]);
    }
    let breaker = configuration.get("DeploymentCircuitBreaker");
    if breaker.is_none_or(|breaker| breaker["Enable"] != true) {
        draft.set("no_circuit_breaker", []);
    } else if breaker.is_some_and(|breaker| breaker["Rollback"] != true) {
        draft.note(0, "the circuit breaker of the running service does not roll back; that of the script does");
    }
    if let Some(alarms) = configuration.get("Alarms").filter(|alarms| alarms["Enable"] == true) {
        for name in Properties::of(alarms).texts("AlarmNames") {
            draft.set_text("alarm", name);
        }
    }
    strategy::write(&configuration, (&parts.service, &parts.load_balancers), draft);
    for (key, value) in configuration.rest() {
        let path = format!("DeploymentConfiguration.{key}");
        draft.set("override", [Expr::text("Service"), Expr::text(path), literal(value)]);
    }
}

/// Sets how tasks run. What is as without a setting is left out.
fn launch(service: &Properties<'_>, draft: &mut Draft) {
    if service.is_true("EnableExecuteCommand") {
        draft.set("exec", []);
    }
    if let Some(kind) = service.text("LaunchType").filter(|kind| *kind != "FARGATE") {
        draft.note(0, format!("the tasks run on {kind}; those of the script run on Fargate"));
    }
    if let Some(strategy) = service.get("CapacityProviderStrategy") {
        draft.note(
            0,
            format!(
                "the tasks have a strategy of capacity providers; for Fargate Spot use `.spot(weight)`: {strategy}"
            ),
        );
    }
    if let Some(platform) = service.text("PlatformVersion").filter(|platform| *platform != "LATEST") {
        draft.set("override", [Expr::text("Service"), Expr::text("PlatformVersion"), Expr::text(platform)]);
    }
    if service.text("PropagateTags") == Some("TASK_DEFINITION") {
        draft.set("override", [Expr::text("Service"), Expr::text("PropagateTags"), Expr::text("TASK_DEFINITION")]);
    }
    if service.text("AvailabilityZoneRebalancing") == Some("DISABLED") {
        let path = Expr::text("AvailabilityZoneRebalancing");
        draft.set("override", [Expr::text("Service"), path, Expr::text("DISABLED")]);
    }
    if service.text("SchedulingStrategy").is_some_and(|strategy| strategy != "REPLICA") {
        draft.note(0, "the service runs a task on each instance, which Fargate cannot");
    }
    if service.get("DeploymentController").is_some_and(|controller| controller["Type"] != "ECS") {
        draft.note(0, "another tool deploys the service (`DeploymentController`): ECS deploys that of the script");
    }
    // A service with tags has both in the script.
    service.skip(&["EnableECSManagedTags"]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_that_cloudformation_made_is_that_of_the_block() {
        for (name, expected) in [
            ("shop-WebService-1Ab2Cd3Ef4Gh", "Web"),
            ("shop-dev-api-Service-a1B2c3D4e5F6", "api"),
            ("web", "web"),
            ("orders-api", "orders-api"),
            ("a-Service", "a-Service"),
        ] {
            assert_eq!(stem(name), expected, "{name}");
        }
    }
}
