//! The exit codes of the commands (README, "Exit codes"), for each kind of end.

use std::path::Path;

use crate::program::{printed, rtiler};

const SCRIPT: &str = r#"let s = settings("W", #{ tag: "1", table: "tiles", broken: false });
if s.broken { throw "broken on request"; }
let tiles = AWS::DynamoDB::Table("Tiles", #{
    TableName: s.table,
    AttributeDefinitions: [#{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [#{ AttributeName: "id", KeyType: "HASH" }],
    BillingMode: "PAY_PER_REQUEST",
});
let vpc = Vpc::existing("vpc-0123456789abcdef0")
    .private_subnets(["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]);
let worker = FargateService("Worker").cluster(Cluster("Jobs").vpc(vpc)).image(`example/worker:${s.tag}`).count(1);
Stack("worker").add([worker, tiles])
"#;

/// Commands on a stack that is not deployed.
const ABSENT: &[(&str, i32)] = &[
    ("ls", 0),
    ("permissions", 0),
    ("images --rehearse", 0),
    ("settings", 0),
    ("synth", 0),
    ("check", 0),
    ("plan --rehearse", 0),
    ("diff --rehearse", 5),
    ("destroy --rehearse --yes", 0),
    ("outputs --rehearse", 3),
    ("status --rehearse", 3),
    ("events --rehearse", 3),
    ("logs --rehearse", 3),
    ("logs WorkerService --rehearse", 3),
    ("tasks --rehearse", 3),
    ("drift --rehearse", 3),
    ("inspect WorkerService --rehearse", 3),
    ("scale WorkerService 2 --rehearse --yes", 3),
    ("run-task WorkerService --rehearse --yes -- ls", 3),
    ("hotswap --rehearse --yes", 3),
    ("rollback --rehearse --yes", 3),
];

/// Commands on a deployed stack, one after the other.
const DEPLOYED: &[(&str, i32)] = &[
    ("deploy --rehearse --yes", 0),
    ("deploy --rehearse --yes", 0),
    ("outputs --rehearse", 0),
    ("status --rehearse", 0),
    ("diff --rehearse", 0),
    ("diff --rehearse --set tag=2", 5),
    ("plan --rehearse --set tag=2", 0),
    ("drift --rehearse", 0),
    ("run-task WorkerService --rehearse --yes -- ls", 0),
    ("run-task WorkerService --rehearse --yes --fault WorkerService:exit=7 -- ls", 7),
    ("scale WorkerService 2 --rehearse --yes", 0),
    // The script, its settings or the plan is refused.
    ("check --set broken=true", 1),
    ("deploy --rehearse --yes --set unknown=1", 1),
    ("deploy --rehearse --yes --set table=maps", 1),
    // The command line is wrong.
    ("deploy --unknown", 2),
    ("status other --rehearse", 2),
    ("logs Other --rehearse", 2),
    ("scale WorkerService many --rehearse", 2),
    ("scale WorkerService 1..4 --rehearse --yes", 2),
    ("deploy --rehearse --parameter Other=1", 2),
    ("deploy --rehearse --fault Other:oom", 2),
    ("deploy --rehearse --allow-replace Other", 2),
    ("deploy --rehearse --plan missing.json", 2),
    // A deployment failed: rolled back, or left as it is.
    ("deploy --rehearse --yes --set tag=3 --fault WorkerService:image-not-found", 4),
    ("deploy --rehearse --yes --set tag=3 --fault WorkerService:exit=1", 4),
    (
        "deploy --rehearse --yes --set tag=3 --no-rollback --fault Tiles:update-fails --fault WorkerService:update-fails",
        3,
    ),
];

fn exit(folder: &Path, words: &str) -> (i32, String) {
    let output = rtiler(folder, ["run", "app.rhai"].into_iter().chain(words.split(' '))).output().unwrap();
    (output.status.code().unwrap_or(-1), printed(&output))
}

fn check(commands: &[(&str, i32)]) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.rhai"), SCRIPT).unwrap();
    let wrong = commands.iter().filter_map(|(words, expected)| {
        let (code, text) = exit(folder.path(), words);
        (code != *expected).then(|| format!("`{words}` ends with {code}, not {expected}:\n{text}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn command_that_needs_a_deployed_stack_fails_without_one() {
    check(ABSENT);
}

#[test]
fn command_on_a_deployed_stack_ends_with_the_code_of_its_result() {
    check(DEPLOYED);
}

#[test]
fn failed_reading_names_the_command_that_deploys() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.rhai"), SCRIPT).unwrap();
    let (_, text) = exit(folder.path(), "status --rehearse --set tag=9");
    assert!(text.contains("`rtiler run app.rhai deploy worker --set tag=9 --rehearse`"), "{text}");
}
