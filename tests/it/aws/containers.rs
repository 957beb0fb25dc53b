//! ECS tasks as real containers: ministack with a Docker engine of our own, watched and explained by our watchdog.
//!
//! ministack's load balancer checks no health, so that `balancer` does it. The operations are of the mode `EXPRESS`,
//! because ministack's CloudFormation waits for no service: our own watch does.

use std::sync::OnceLock;
use std::time::Duration;

use rtiler::aws::Aws;
use rtiler::deploy::api::{DeploymentMode, Ecs, Task, TaskFilter};
use rtiler::deploy::{DeployEventKind, EngineOptions, ServiceEvent, StackResult};
use rtiler::diag::Diagnostic;
use rtiler::synth::DesiredStack;
use serde_json::{Value, json};

use super::balancer::Balancer;
use super::world::{RunReport, options as usual, run_with, stack};
use super::{connect, options, wait};
use crate::harness::{Boto, Emulator, Engine, Proxy, Server, containers_are_wanted};

/// The image that the engine has; it is in no registry.
const BOX: &str = "127.0.0.1:1/box:1";

/// ministack with its engine; they end with the test's process.
struct Host {
    server: Server,
    boto: Boto,
    _engine: Engine,
}

impl Host {
    fn shared() -> &'static Host {
        static HOST: OnceLock<Host> = OnceLock::new();
        HOST.get_or_init(|| {
            let engine = Engine::start();
            let environment = [("DOCKER_HOST", &*engine.host), ("HOSTNAME", &*engine.member)];
            let server = Server::start_with(Emulator::Ministack, &environment);
            Host { boto: Boto::new(&server.url(), "test"), server, _engine: engine }
        })
    }
}

/// An account of its own on the host.
struct Account {
    aws: Aws,
    boto: Boto,
    proxy: Proxy,
}

impl Account {
    /// Returns an account on the shared host; none if the tests with containers are left out.
    fn new(number: &str) -> Option<Account> {
        if !containers_are_wanted() {
            return None;
        }
        let host = Host::shared();
        let proxy = Proxy::before(host.server.port());
        Some(Account { aws: connect(options(&proxy.url(), number)), boto: host.boto.of(number), proxy })
    }

    fn deploy(&self, stack: &DesiredStack) -> RunReport {
        // Ten times as long as it is, by the clock of these runs.
        let limit = Some(Duration::from_mins(15));
        let options = EngineOptions { mode: DeploymentMode::Express, timeout: limit, ..usual() };
        run_with(&self.aws, std::slice::from_ref(stack), options, true, |_| false)
    }

    /// Returns the tasks of the only service.
    fn tasks(&self, which: TaskFilter) -> Vec<Task> {
        let clusters = self.boto.call("ecs", "list_clusters", &json!({}));
        let services = self.boto.call("ecs", "list_services", &json!({ "cluster": clusters["clusterArns"][0] }));
        wait(self.aws.tasks(services["serviceArns"][0].as_str().unwrap(), which)).unwrap()
    }
}

/// What the container of the task runs.
struct Program {
    image: String,
    command: &'static str,
    environment: Value,
}

/// Returns a web server that handles SIGTERM: the first process of a container has to, or Docker waits for it.
fn server(environment: Value) -> Program {
    let command = "trap 'exit 0' TERM; /bin/busybox httpd -f -p 8000 -h /www & wait";
    Program { image: BOX.to_owned(), command, environment }
}

/// Builds a service of one task behind a target group.
fn web(program: &Program) -> DesiredStack {
    let template = json!({ "Resources": {
        "Cluster": { "Type": "AWS::ECS::Cluster" },
        "Log": { "Type": "AWS::Logs::LogGroup", "Properties": { "LogGroupName": "/ecs/web" } },
        "Vpc": { "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": "10.0.0.0/16" } },
        "Targets": { "Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {
            "Name": "web", "Port": 8000, "Protocol": "HTTP", "TargetType": "ip", "VpcId": { "Ref": "Vpc" },
            "HealthCheckPath": HEALTH
        } },
        "Task": { "Type": "AWS::ECS::TaskDefinition", "Properties": {
            "Family": "web", "Cpu": "256", "Memory": "512", "NetworkMode": "awsvpc",
            "RequiresCompatibilities": ["FARGATE"],
            "ContainerDefinitions": [{
                "Name": "web", "Image": program.image, "Command": ["/bin/busybox", "sh", "-c", program.command],
                "Essential": true, "Environment": program.environment, "PortMappings": [{ "ContainerPort": 8000 }],
                "LogConfiguration": { "LogDriver": "awslogs", "Options": {
                    "awslogs-group": { "Ref": "Log" }, "awslogs-stream-prefix": "web", "awslogs-region": "us-east-1"
                } }
            }]
        } },
        "Service": { "Type": "AWS::ECS::Service", "Properties": {
            "Cluster": { "Ref": "Cluster" }, "TaskDefinition": { "Ref": "Task" }, "DesiredCount": 1,
            "LaunchType": "FARGATE",
            "LoadBalancers": [{ "ContainerName": "web", "ContainerPort": 8000, "TargetGroupArn": { "Ref": "Targets" } }]
        } }
    } });
    stack("web", &template)
}

const HEALTH: &str = "/cgi-bin/health";

/// Returns the first problem of a deployment that was rolled back.
fn problem(report: &RunReport) -> &Diagnostic {
    assert_eq!(report.only().result, StackResult::RolledBack, "{:#?}", report.events);
    report.only().problems.first().expect("a rollback has a cause")
}

#[test]
fn healthy_service_is_watched_until_its_container_answers() {
    let Some(account) = Account::new("200000000001") else { return };
    let balancer = Balancer::before(&account.proxy, &account.boto, 8000, HEALTH);
    let report = account.deploy(&web(&server(json!([]))));
    assert_eq!((&report.only().result, &report.only().problems), (&StackResult::Created, &Vec::new()));
    assert_eq!(balancer.answers(), [200]);
    let running = account.tasks(TaskFilter::Running);
    assert_eq!((running.len(), running[0].status.as_str()), (1, "RUNNING"));
    assert!(running[0].address.is_some(), "{running:?}");
    assert!(account.tasks(TaskFilter::Stopped).is_empty());
}

#[test]
fn exited_container_is_explained_by_its_code_and_last_log_lines_and_rolled_back() {
    let Some(account) = Account::new("200000000002") else { return };
    let _balancer = Balancer::before(&account.proxy, &account.boto, 8000, HEALTH);
    assert_eq!(account.deploy(&web(&server(json!([])))).only().result, StackResult::Created);
    let command = "echo 'no database' >&2; /bin/busybox sleep 0.3; exit 3";
    let report = account.deploy(&web(&Program { command, ..server(json!([])) }));
    let problem = problem(&report);
    assert!(problem.code == "task-exited" && problem.message.contains("with code 3"), "{problem:?}");
    assert!(problem.notes.iter().any(|note| note.contains("no database")), "{problem:?}");
    let is_3 = |fact: &DeployEventKind| matches!(fact, DeployEventKind::Service(ServiceEvent::TaskStopped { task, .. }) if task.containers[0].exit_code == Some(3));
    assert_eq!(report.events.iter().filter(|event| is_3(&event.kind)).count(), 3, "{:#?}", report.events);
}

#[test]
fn missing_image_is_explained_at_its_line() {
    let Some(account) = Account::new("200000000003") else { return };
    // The registry is ministack's own; it has no such repository.
    let image = format!("127.0.0.1:{}/web:misspelt", Host::shared().server.port());
    let wanted = web(&Program { image, ..server(json!([])) });
    let report = account.deploy(&wanted);
    let problem = problem(&report);
    assert_eq!(problem.code, "task-image-not-found", "{problem:?}");
    let line = usize::try_from(problem.origin().unwrap().line).unwrap();
    let blamed = wanted.body().lines().nth(line - 1).unwrap().to_owned();
    assert!(blamed.contains("misspelt"), "line {line}: {blamed}");
}

#[test]
fn container_that_answers_500_to_its_health_check_is_explained_and_rolled_back() {
    let Some(account) = Account::new("200000000004") else { return };
    let balancer = Balancer::before(&account.proxy, &account.boto, 8000, HEALTH);
    assert_eq!(account.deploy(&web(&server(json!([])))).only().result, StackResult::Created);
    let report = account.deploy(&web(&server(json!([{ "Name": "BROKEN", "Value": "yes" }]))));
    let problem = problem(&report);
    assert!(problem.code == "task-unhealthy" && problem.message.contains("500"), "{problem:?}");
    assert!(
        report.has(|fact| matches!(fact, DeployEventKind::Service(ServiceEvent::TargetUnhealthy { .. }))),
        "{:?}",
        report.events
    );
    assert_eq!(balancer.answers(), [200, 500]);
}
