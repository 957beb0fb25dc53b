//! Every fault that a rehearsal knows, in every kind of operation: what the program says, how it ends, what is left.
//!
//! The table `tests/cases/matrix.txt` has a line for each: exit code, first problem with its line of the script, status of
//! the stack. What must hold in every cell is asserted here: what is undone leaves the account as it was, what succeeds
//! is whole, and the next run without the fault converges. `BLESS=1` accepts another table.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;

use serde_json::Value;

use crate::program::{printed, rtiler};

const SCRIPT: &str = r#"let alb = Alb("Web");
let vpc = Vpc::existing("vpc-0123456789abcdef0")
    .public_subnets(["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]);
let service = FargateService("Web")
    .cluster(Cluster("Web").vpc(vpc))
    .image("public.ecr.aws/nginx/nginx:1.29")
    .memory(512)
    .secret("TOKEN", "arn:aws:secretsmanager:us-east-1:123456789012:secret:web-Ab1Cd2")
    .port(80)
    .count(2)
    .public_ip()
    .behind(alb)
    .health_check("/healthz")
    .override("AWS::ECS::Service", #{ ServiceName: "web-1" });
let tiles = AWS::DynamoDB::Table("Tiles", #{
    AttributeDefinitions: [#{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [#{ AttributeName: "id", KeyType: "HASH" }],
    BillingMode: "PAY_PER_REQUEST",
});
Stack("web").add(service).add(tiles)
"#;

/// A service without a health check: ECS counts its tasks as healthy as soon as they run.
const WORKER: &str = r#"let vpc = Vpc::existing("vpc-0123456789abcdef0")
    .public_subnets(["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]);
let service = FargateService("Worker")
    .cluster(Cluster("Web").vpc(vpc))
    .image("public.ecr.aws/nginx/nginx:1.29")
    .memory(512)
    .count(1)
    .public_ip()
    .override("AWS::ECS::Service", #{ ServiceName: "web-1" });
Stack("web").add(service)
"#;

/// Faults, and options of `deploy`; those of `WorkerService` are tried on `WORKER`.
const FAULTS: &[&str] = &[
    "WebService:create-fails",
    "WebService:update-fails",
    "WebService:delete-fails",
    "WebService:update-fails WebService:rollback-fails",
    "Tiles:create-fails",
    "WebService:image-not-found",
    "WebService:image-denied",
    "WebService:no-route",
    "WebService:secret-unreadable",
    "WebService:oom",
    "WebService:exit=1",
    "WebService:unhealthy",
    "WebService:unhealthy=404",
    "WebService:silent",
    "WebService:no-capacity",
    "WebService:rolled-back-by-ecs",
    "throttle=0.3",
    "poll-errors=0.3",
    "lost-connection=30s+120s",
    "kill-at=42s",
    "WebService:unhealthy throttle=0.2 poll-errors=0.2",
    "WebService:rolled-back-by-ecs --max-task-failures=0",
    "WebService:exit=1 --max-task-failures=0",
    "WebService:oom --express",
    "WebService:unhealthy --no-rollback",
    "WorkerService:oom",
    "WorkerService:exit=0",
    "WorkerService:exit=1 --max-task-failures=0",
];

/// Returns the script that has the service of a fault.
fn script_of(fault: &str) -> &'static str {
    if fault.starts_with("WorkerService") { WORKER } else { SCRIPT }
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Operation {
    Create,
    Update,
    Replace,
    Delete,
}

impl Operation {
    const ALL: [Operation; 4] = [Self::Create, Self::Update, Self::Replace, Self::Delete];

    fn script(self, first: &str) -> String {
        match self {
            Self::Create | Self::Delete => first.to_owned(),
            Self::Update => first.replace("nginx:1.29", "nginx:1.30"),
            Self::Replace => first.replace("nginx:1.29", "nginx:1.30").replace("web-1", "web-2"),
        }
    }

    fn command(self) -> &'static str {
        if self == Self::Delete { "destroy --yes" } else { "deploy" }
    }
}

/// A folder with a script and a rehearsal account.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new(script: &str) -> Desk {
        let desk = Desk(tempfile::tempdir().unwrap());
        desk.write(script);
        desk
    }

    fn write(&self, script: &str) {
        std::fs::write(self.0.path().join("app.rhai"), script).unwrap();
    }

    /// Returns the exit code and the output.
    fn run(&self, words: &str, faults: &[&str]) -> (i32, String) {
        let mut command = rtiler(self.0.path(), ["run", "app.rhai"]);
        command.args(words.split(' ')).arg("--rehearse");
        for fault in faults {
            match fault.strip_prefix("--") {
                None => drop(command.args(["--fault", fault])),
                Some(_) if words == "deploy" => drop(command.arg(fault)),
                Some(_) => {}
            }
        }
        let output = command.output().unwrap();
        (output.status.code().unwrap_or(-1), printed(&output))
    }

    fn resources(&self) -> BTreeSet<(String, String)> {
        let Ok(text) = std::fs::read_to_string(self.account()) else { return BTreeSet::new() };
        let account: Value = serde_json::from_str(&text).unwrap();
        account["stacks"].as_array().unwrap().iter().flat_map(existing_resources).collect()
    }

    /// Returns the stack's status, and how many tasks of its services should run and do.
    fn status(&self) -> (String, Vec<(u64, u64)>) {
        let (_, printed) = self.run("status --json", &[]);
        // The result comes first; errors follow it.
        let mut results = serde_json::Deserializer::from_str(&printed).into_iter::<Value>();
        let reported = results.next().and_then(Result::ok).unwrap_or_else(|| panic!("{printed}"));
        let count = |service: &Value, name: &str| service["service"][name].as_u64().or(service[name].as_u64());
        let deployed = &reported["result"][0]["deployed"];
        let services = deployed["services"].as_array().into_iter().flatten();
        let counts = services.filter_map(|one| Some((count(one, "desired")?, count(one, "running")?))).collect();
        (deployed["status"].as_str().unwrap_or("-").to_owned(), counts)
    }

    fn account(&self) -> std::path::PathBuf {
        self.0.path().join(".rtiler").join("rehearsal.json")
    }

    /// Returns the code of the first error with its line.
    fn first_error(printed: &str) -> String {
        let Some((_, rest)) = printed.split_once("error[") else { return "-".to_owned() };
        let code = rest.split(']').next().unwrap_or_default();
        let place = rest.split_once("--> app.rhai:").map_or("", |(_, place)| place);
        let line = place.split(':').next().unwrap_or_default();
        format!("{code} at {line}")
    }
}

/// Returns every resource of a stack that exists: its type and physical id.
fn existing_resources(stack: &Value) -> Vec<(String, String)> {
    let lists =
        [&stack["leftovers"], &stack["operation"]["pending_deletions"], &stack["rollback_state"]["pending_deletions"]];
    let own = stack["resources"].as_object().into_iter().flat_map(|own| own.values());
    let others = lists.into_iter().filter_map(Value::as_array).flatten().map(|it| it.get(1).unwrap_or(it));
    let text = |resource: &Value, name: &str| resource[name].as_str().map(str::to_owned);
    own.chain(others).filter_map(|it| Some((text(it, "kind")?, text(it, "physical_id")?))).collect()
}

/// Runs one cell and returns its line of the table, and the rules that it breaks.
fn cell(fault: &str, operation: Operation, base: &Path) -> (String, Vec<String>) {
    let script = script_of(fault);
    let desk = Desk::new(script);
    if operation != Operation::Create {
        std::fs::create_dir(desk.0.path().join(".rtiler")).unwrap();
        std::fs::copy(base, desk.account()).unwrap();
    }
    let before = desk.resources();
    desk.write(&operation.script(script));
    let faults: Vec<&str> = fault.split(' ').collect();
    let (exit, printed) = desk.run(operation.command(), &faults);
    let (status, after) = (desk.status().0, desk.resources());
    let line = format!("{fault:<56} {operation:<8?} {exit:>3}  {:<30} {status}", Desk::first_error(&printed));
    let mut wrong = Vec::new();
    let mut hold = |holds: bool, what: &str| {
        if !holds {
            wrong.push(format!("{}: {what}\n{printed}", line.trim_end()));
        }
    };
    match exit {
        // Another deployment reverts what CloudFormation has completed, and registers a revision of its own.
        4 if status == "UPDATE_COMPLETE" => {
            hold(kinds(&after) == kinds(&before), "a rollback restores the previous resources");
        }
        4 => hold(after == before, "what is undone leaves the account as it was"),
        0 if operation == Operation::Delete => hold(after.is_empty(), "what is deleted is gone"),
        0 => hold(after.len() >= before.len().max(6), "what succeeds is whole"),
        137 => hold(printed.contains("rehearsal: simulated account"), "it was killed after it began"),
        _ => hold(printed.contains("error["), "a failure is explained"),
    }
    hold(!printed.contains("panicked"), "nothing panics");
    let tasks = if script == WORKER { 1 } else { 2 };
    converges(&desk, operation, tasks, &mut hold);
    (line, wrong)
}

/// Returns the type of each resource.
fn kinds(resources: &BTreeSet<(String, String)>) -> Vec<&str> {
    resources.iter().map(|(kind, _)| kind.as_str()).collect()
}

/// Checks that the next runs, without the fault, reach the desired state.
fn converges(desk: &Desk, operation: Operation, tasks: u64, hold: &mut impl FnMut(bool, &str)) {
    let (status, _) = desk.status();
    if status == "UPDATE_ROLLBACK_FAILED" {
        let (exit, printed) = desk.run("rollback", &[]);
        hold(exit == 0, &format!("a failed rollback is continued: {printed}"));
    }
    let (exit, printed) = desk.run(operation.command(), &[]);
    hold(exit == 0, &format!("the next {} succeeds: {printed}", operation.command()));
    if operation == Operation::Delete {
        return hold(desk.resources().is_empty(), "then all is gone");
    }
    let (exit, printed) = desk.run("deploy", &[]);
    hold(exit == 0 && printed.contains("no changes"), &format!("then nothing is left to do: {printed}"));
    let (_, counts) = desk.status();
    hold(counts == [(tasks, tasks)], &format!("then the service runs its tasks: {counts:?}"));
}

#[test]
fn every_fault_in_every_operation_ends_as_in_the_table() {
    let [base, worker] = [SCRIPT, WORKER].map(|script| {
        let base = Desk::new(script);
        let (exit, printed) = base.run("deploy", &[]);
        assert_eq!(exit, 0, "{printed}");
        base
    });
    let cells: Vec<(&str, Operation)> =
        FAULTS.iter().flat_map(|fault| Operation::ALL.map(|operation| (*fault, operation))).collect();
    let (next, done) = (Mutex::new(0..cells.len()), Mutex::new(vec![None; cells.len()]));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(at) = { next.lock().unwrap().next() } {
                    let (fault, operation) = cells[at];
                    let base = if script_of(fault) == WORKER { &worker } else { &base };
                    let ended = cell(fault, operation, &base.account());
                    done.lock().unwrap()[at] = Some(ended);
                }
            });
        }
    });
    let done: Vec<_> = done.into_inner().unwrap().into_iter().map(Option::unwrap).collect();
    let table: String = done.iter().map(|(line, _)| format!("{}\n", line.trim_end())).collect();
    let wrong: Vec<&String> = done.iter().flat_map(|(_, wrong)| wrong).collect();
    let shown: Vec<_> = wrong.iter().map(|one| one.chars().take(1500).collect::<String>()).collect();
    assert!(wrong.is_empty(), "{} of {} cells:\n{}\n\n{table}", wrong.len(), cells.len(), shown.join("\n\n"));
    let golden = Path::new("tests/cases/matrix.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(golden, &table).unwrap();
    }
    let expected = std::fs::read_to_string(golden).unwrap_or_default();
    let unexpected: Vec<&str> = table.lines().filter(|line| !expected.lines().any(|one| one == *line)).collect();
    assert!(table == expected, "cells that differ from {}:\n{}", golden.display(), unexpected.join("\n"));
}

#[test]
fn rehearsal_with_the_same_seed_repeats_itself() {
    let rehearse = || {
        let desk = Desk::new(SCRIPT);
        desk.run("deploy", &["WebService:unhealthy", "throttle=0.2", "poll-errors=0.2"])
    };
    let first = rehearse();
    // Another second, and another process.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_eq!(first, rehearse());
}
