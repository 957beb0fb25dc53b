//! Health checks, which ministack leaves out: each container is asked by HTTP, and what it answers has the consequences
//! that Elastic Load Balancing and ECS's scheduler give it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Boto, Proxy, status};

/// A target that fails so many checks is stopped.
const UNHEALTHY_THRESHOLD: u32 = 2;

/// What ECS's scheduler says of a task that it stops for its health.
const FAILED: &str = "Task failed ELB health checks";

/// Checks the containers of an account's tasks until it is dropped.
pub(super) struct Balancer {
    state: Arc<Mutex<State>>,
    checks: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    over: bool,
    /// What each target answered last, by address; nothing where it did not.
    targets: HashMap<String, Option<u16>>,
    answers: BTreeSet<u16>,
}

impl Balancer {
    /// Checks this path of this port, and has the proxy report the result.
    pub(super) fn before(proxy: &Proxy, boto: &Boto, port: u16, path: &'static str) -> Balancer {
        let state = Arc::new(Mutex::new(State::default()));
        let seen = Arc::clone(&state);
        proxy.edit("DescribeTargetHealth", move |body| with_health(&body, &seen.lock().unwrap().targets));
        proxy.edit("DescribeTasks", |body| stopped_by_the_scheduler(&body));
        let (shared, boto) = (Arc::clone(&state), boto.of_same());
        let checks = thread::spawn(move || check(&boto, &shared, port, path));
        Balancer { state, checks: Some(checks) }
    }

    /// Returns every status that a container answered with.
    pub(super) fn answers(&self) -> Vec<u16> {
        self.state.lock().unwrap().answers.iter().copied().collect()
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner).over = true;
        let _ = self.checks.take().map(JoinHandle::join);
    }
}

fn check(boto: &Boto, state: &Mutex<State>, port: u16, path: &str) {
    let mut failures: HashMap<String, u32> = HashMap::new();
    while !state.lock().unwrap().over {
        for (task, address) in tasks(boto) {
            let answer = status(&format!("{address}:{port}"), path);
            let mut state = state.lock().unwrap();
            state.answers.extend(answer);
            state.targets.insert(address, answer);
            drop(state);
            let failed = failures.entry(task.clone()).or_default();
            *failed += u32::from(answer.is_some_and(|status| status >= 400));
            if *failed == UNHEALTHY_THRESHOLD {
                // Time to look at the target before it is removed.
                thread::sleep(Duration::from_secs(1));
                replace(boto, &task);
            }
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// Stops a task, and has ministack start another one in its place, which it does when a count is set.
fn replace(boto: &Boto, task: &str) {
    let cluster = task.rsplit('/').nth(1).unwrap_or_default();
    let reason = format!("{FAILED} in (target-group arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/web/1)");
    boto.call("ecs", "stop_task", &json!({ "cluster": cluster, "task": task, "reason": reason }));
    let services = boto.call("ecs", "list_services", &json!({ "cluster": cluster }));
    for service in services["serviceArns"].as_array().into_iter().flatten() {
        boto.call("ecs", "update_service", &json!({ "cluster": cluster, "service": service, "desiredCount": 1 }));
    }
}

/// Marks stops by the balancer as those of a scheduler, which ministack does not have.
fn stopped_by_the_scheduler(body: &str) -> String {
    let Ok(mut reply) = serde_json::from_str::<Value>(body) else { return body.to_owned() };
    for task in reply["tasks"].as_array_mut().into_iter().flatten() {
        if task["stoppedReason"].as_str().is_some_and(|reason| reason.starts_with(FAILED)) {
            task["stopCode"] = json!("ServiceSchedulerInitiated");
        }
    }
    reply.to_string()
}

/// Returns the running tasks of the account with their addresses.
fn tasks(boto: &Boto) -> Vec<(String, String)> {
    let clusters = boto.call("ecs", "list_clusters", &json!({}));
    let mut found = Vec::new();
    for cluster in clusters["clusterArns"].as_array().into_iter().flatten() {
        let listed = boto.call("ecs", "list_tasks", &json!({ "cluster": cluster }));
        if listed["taskArns"].as_array().is_none_or(Vec::is_empty) {
            continue;
        }
        let tasks = boto.call("ecs", "describe_tasks", &json!({ "cluster": cluster, "tasks": listed["taskArns"] }));
        for task in tasks["tasks"].as_array().into_iter().flatten().filter(|task| task["lastStatus"] == "RUNNING") {
            let details = task["attachments"][0]["details"].as_array().into_iter().flatten();
            let mut address = details.filter(|detail| detail["name"] == "privateIPv4Address");
            let address = address.next().and_then(|detail| detail["value"].as_str());
            let arn = task["taskArn"].as_str().expect("a task has an ARN");
            found.extend(address.map(|address| (arn.to_owned(), address.to_owned())));
        }
    }
    found
}

/// Adds the answer of each target to a reply, in the form of Elastic Load Balancing.
fn with_health(body: &str, targets: &HashMap<String, Option<u16>>) -> String {
    let members = body.split("<member>").enumerate().map(|(place, member)| {
        let id = member.split_once("<Id>").and_then(|(_, rest)| Some(rest.split_once("</Id>")?.0));
        let health = match id.and_then(|id| targets.get(id).copied().flatten()) {
            Some(status) if status < 400 => "<State>healthy</State>".to_owned(),
            Some(status) => format!(
                "<State>unhealthy</State><Reason>Target.ResponseCodeMismatch</Reason>\
                 <Description>Health checks failed with these codes: [{status}]</Description>"
            ),
            None => "<State>initial</State><Reason>Elb.InitialHealthChecking</Reason>".to_owned(),
        };
        let start = if place == 0 { "" } else { "<member>" };
        format!("{start}{}", member.replace("<State>healthy</State>", &health))
    });
    members.collect()
}
