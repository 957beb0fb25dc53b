//! Commands on what runs in a rehearsed account, through the binary, and their records.

use std::path::Path;
use std::process::Output;

use serde_json::Value as Json;

use crate::program::{printed, rtiler};

const SCRIPT: &str = r#"
let web = FargateService("Web").image("nginx:1.29").port(80).count(2).exec().env("LEVEL", "quiet_value");
Stack("app").add(web)
"#;

struct Project(tempfile::TempDir);

impl Project {
    /// Creates a project whose stack is deployed in its rehearsal account.
    fn deployed() -> Self {
        let project = Self::new();
        let output = project.run(&["deploy"]);
        assert!(output.status.success(), "{}", printed(&output));
        project
    }

    fn new() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        std::fs::write(project.path().join("app.rhai"), SCRIPT).unwrap();
        project
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs `rtiler run app.rhai ARGUMENTS`, rehearsed; what follows `--` stays at the end.
    fn run(&self, arguments: &[&str]) -> Output {
        let at = arguments.iter().position(|argument| *argument == "--").unwrap_or(arguments.len());
        let rest = [&["run", "app.rhai"], &arguments[..at], &["--rehearse"], &arguments[at..]].concat();
        self.rtiler(&rest)
    }

    fn rtiler(&self, arguments: &[&str]) -> Output {
        let path = format!("{}:/usr/bin:/bin", self.path().display());
        rtiler(self.path(), arguments.iter().copied()).env("PATH", path).output().unwrap()
    }

    fn record(&self) -> std::path::PathBuf {
        let mut records = std::fs::read_dir(self.path().join(".rtiler/runs")).unwrap();
        records.next().expect("a record").unwrap().path()
    }
}

fn answer(output: &Output) -> String {
    assert!(output.status.success(), "{}", printed(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn missing_stack_is_an_error_for_commands_that_need_it() {
    let project = Project::new();
    for looking in [["status"].as_slice(), &["outputs"], &["events"], &["events", "--chart"], &["logs"], &["tasks"]] {
        let output = project.run(looking);
        assert_eq!(output.status.code(), Some(3), "{looking:?}: {}", printed(&output));
        assert!(printed(&output).contains("error[not-deployed]: stack `app` is not deployed"), "{}", printed(&output));
    }
    let working: [&[&str]; 3] =
        [&["exec", "WebService"], &["scale", "WebService", "3"], &["run-task", "WebService", "--", "x"]];
    for working in working {
        let output = project.run(working);
        assert_eq!(output.status.code(), Some(3), "{working:?}: {}", printed(&output));
        assert!(printed(&output).contains("error[not-deployed]"), "{}", printed(&output));
    }
    for (command, exit) in [("hotswap", 3), ("rollback", 3), ("destroy", 0)] {
        let output = project.run(&[command]);
        assert_eq!(output.status.code(), Some(exit), "{command}: {}", printed(&output));
        assert!(printed(&output).contains("is not deployed"), "{command}: {}", printed(&output));
    }
}

#[test]
fn service_of_a_failed_creation_is_not_deployed() {
    let project = Project::new();
    assert!(!project.run(&["deploy", "--fault", "WebService"]).status.success());
    for working in [&["exec", "WebService"][..], &["scale", "WebService", "3"], &["run-task", "WebService", "--", "x"]]
    {
        let output = project.run(working);
        assert_eq!(output.status.code(), Some(3), "{working:?}: {}", printed(&output));
        assert!(printed(&output).contains("is in ROLLBACK_COMPLETE"), "{}", printed(&output));
    }
    let stopped = project.run(&["tasks", "WebService", "--stopped"]);
    assert!(stopped.status.code() == Some(3), "{}", printed(&stopped));
    assert!(printed(&stopped).contains("is in ROLLBACK_COMPLETE and has no services"), "{}", printed(&stopped));
    let inspected = answer(&project.run(&["inspect", "WebService"]));
    assert!(
        inspected.contains("is not deployed") && !inspected.lines().any(|line| line.ends_with("  =")),
        "{inspected}"
    );
}

#[test]
fn unknown_name_on_the_command_line_is_a_usage_error() {
    let project = Project::deployed();
    for arguments in [&["ls", "ap"][..], &["synth", "ap"], &["check", "ap"], &["deploy", "ap"], &["logs", "Wub"]] {
        let output = project.rtiler(&[&["run", "app.rhai"], arguments].concat());
        let output = if arguments[0] == "logs" { project.run(arguments) } else { output };
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", printed(&output));
        assert!(printed(&output).contains("error[unknown-"), "{arguments:?}: {}", printed(&output));
    }
    for option in ["--max-task-failures=x", "--seed=-1"] {
        let output = project.run(&["deploy", option]);
        assert!(printed(&output).contains("expected a whole number of at least 0"), "{}", printed(&output));
    }
}

#[test]
fn piped_tables_are_whole_and_without_colours() {
    let project = Project::deployed();
    for command in [["status", "-v"].as_slice(), &["tasks"], &["events"], &["events", "--chart"]] {
        let text = answer(&project.run(command));
        assert!(!text.contains("..") && !text.contains('\u{1b}'), "{text}");
    }
    let all = answer(&project.run(&["status", "-v"]));
    let id = "VpcPrivateSubnet2RouteTableAssociation  AWS::EC2::SubnetRouteTableAssociation  ";
    assert!(all.contains(id), "{all}");
    let brief = answer(&project.run(&["status"]));
    assert!(brief.contains("well: WebService: 2 of 2 tasks running") && !brief.contains("VpcPrivate"), "{brief}");
    let status: Json = serde_json::from_str(&answer(&project.run(&["status", "--json"]))).unwrap();
    let service = &status["result"][0]["deployed"]["services"][0];
    assert_eq!((&service["service"], service["tasks"].as_array().unwrap().len()), (&"WebService".into(), 2));
}

#[test]
fn logs_have_their_task_names_and_can_be_searched() {
    let project = Project::deployed();
    let all = answer(&project.run(&["logs", "--since", "1h", "--json"]));
    let mut lines: Vec<Json> = all.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.pop().unwrap()["exit_code"], 0, "the document is the last line");
    let found = answer(&project.run(&["logs", "Web*", "--since", "1h", "--grep", "(?i)LISTENING"]));
    let listening = lines.iter().filter(|line| line["text"].as_str().unwrap().contains("Listening")).count();
    assert_eq!((found.lines().count(), listening), (2, 2), "{all}");
    let task = lines[0]["task"].as_str().unwrap();
    assert!(found.contains(&format!(" {} ", &task[..8])), "{found}");
    assert_eq!(project.run(&["logs", "Wep"]).status.code(), Some(2));
}

#[test]
fn rehearsed_exec_is_a_simulated_shell_and_says_so() {
    let project = Project::deployed();
    let output = project.run(&["exec", "WebService", "--", "ls"]);
    assert!(printed(&output).contains("a rehearsed task runs no programs"), "{}", printed(&output));
    assert_eq!(output.status.code(), Some(127));
    let output = project.run(&["exec", "WebService", "--", "echo", "hello"]);
    assert_eq!(answer(&output), "hello\n");
    assert!(printed(&output).contains("simulated shell of container web"), "{}", printed(&output));
    assert!(!printed(&project.run(&["exec", "WebService", "--", "env"])).contains("quiet_value"));
    let without = SCRIPT.replace(".exec()", "");
    std::fs::write(project.path().join("app.rhai"), without).unwrap();
    assert!(project.run(&["deploy"]).status.success());
    assert!(printed(&project.run(&["exec", "WebService", "--", "env"])).contains("error[exec-disabled]"));
}

/// A network of another team, by an SSM parameter, an export and a dynamic reference.
const FOREIGN: &str = r#"
let network = parameter("Network", #{ Type: "AWS::SSM::Parameter::Value<AWS::EC2::VPC::Id>", Default: "/net/vpc" });
let subnets = cfn::split(",", cfn::import_value("public-subnets"));
let alb = Alb("App");
let web = FargateService("App").image("nginx:1.29").port(80).behind(alb).security_group("{{resolve:ssm:/net/door}}");
Stack("app").vpc(Vpc::existing(network).public_subnets(subnets)).add(web).output("Vpc", network)
"#;

#[test]
fn values_of_others_are_assumed_and_said_once() {
    let project = Project::new();
    std::fs::write(project.path().join("app.rhai"), FOREIGN).unwrap();
    let first = project.run(&["deploy"]);
    let text = printed(&first);
    assert!(first.status.success(), "{text}");
    for form in ["  /net/vpc = vpc-", "  public-subnets = subnet-", "  /net/door = sg-"] {
        assert_eq!(text.matches(form).count(), 1, "{form} in {text}");
    }
    assert!(text.contains("Vpc = vpc-"), "{text}");
    assert!(printed(&project.run(&["deploy"])).contains("no changes"), "the same values again");
}

#[test]
fn given_values_are_used_and_kept() {
    let project = Project::new();
    std::fs::write(project.path().join("app.rhai"), FOREIGN).unwrap();
    std::fs::write(project.path().join("net.txt"), "# the network\n/net/vpc=vpc-1\n\n/net/door = sg-7\n").unwrap();
    let output = project.run(&[
        "deploy",
        "--assume-file",
        "net.txt",
        "--assume",
        "public-subnets=subnet-1,subnet-2",
        "--assume",
        "/net/vcp=vpc-9",
    ]);
    let text = printed(&output);
    assert!(output.status.success() && text.contains("Vpc = vpc-1"), "{text}");
    assert!(!text.contains("this rehearsal assumes"), "{text}");
    assert!(text.contains("nothing in this command reads `/net/vcp` of `--assume`"), "{text}");
    let again = project.run(&["deploy"]);
    assert!(printed(&again).contains("no changes"), "the account keeps them: {}", printed(&again));
    let wrong = project.run(&["deploy", "--assume", "vpc-1"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(printed(&wrong).contains("error[invalid-assumption]"), "{}", printed(&wrong));
}

#[test]
fn export_of_the_script_itself_is_not_assumed() {
    let project = Project::new();
    let script = "let queue = AWS::SQS::Queue(\"Jobs\");\n\
        let reader = AWS::SSM::Parameter(\"Copy\", #{ Type: \"String\", Value: cfn::import_value(\"jobs\") });\n\
        let base = Stack(\"base\").add(queue).export_output(\"jobs\", queue);\n[base, Stack(\"app\").add(reader).after(base)]";
    std::fs::write(project.path().join("app.rhai"), script).unwrap();
    let output = project.run(&["deploy"]);
    assert!(output.status.success(), "{}", printed(&output));
    assert!(!printed(&output).contains("assumes"), "{}", printed(&output));
}

#[test]
fn assumed_resource_is_imported() {
    let project = Project::new();
    let script =
        "Stack(\"app\").add(AWS::S3::Bucket(\"Tiles\", #{ BucketName: \"my-bucket\" }).deletion_policy(\"Retain\"))";
    std::fs::write(project.path().join("app.rhai"), script).unwrap();
    let refused = project.run(&["import", "app", "Tiles=my-bucket"]);
    assert!(!refused.status.success());
    assert!(printed(&refused).contains("--assume AWS::S3::Bucket=my-bucket"), "{}", printed(&refused));
    let output = project.run(&["import", "app", "Tiles=my-bucket", "--assume", "AWS::S3::Bucket=my-bucket"]);
    assert!(output.status.success(), "{}", printed(&output));
    assert!(printed(&project.run(&["diff"])).contains("has no changes"));
    let drift = project.run(&["drift"]);
    assert!(drift.status.success(), "{}", printed(&drift));
}

#[test]
fn scaled_service_runs_and_has_a_warning() {
    let project = Project::deployed();
    let output = project.run(&["scale", "WebService", "3"]);
    assert!(printed(&output).contains("warning[scale-differs]"), "{}", printed(&output));
    assert!(answer(&output).contains("WebService: desired count is now 3"));
    let status: Json = serde_json::from_str(&answer(&project.run(&["status", "--json"]))).unwrap();
    assert_eq!(status["result"][0]["deployed"]["services"][0]["desired"], 3);
    assert_eq!(project.run(&["scale", "WebService", "3..1"]).status.code(), Some(2));
}

#[test]
fn one_off_task_ends_with_its_exit_code() {
    let project = Project::deployed();
    let output = project.run(&["run-task", "WebService", "--json", "--", "true"]);
    let last: Json = serde_json::from_str(answer(&output).lines().last().unwrap()).unwrap();
    assert_eq!((&last["result"]["exit_code"], &last["result"]["container"]), (&0.into(), &"web".into()));
}

#[test]
fn one_off_task_meets_its_fault_and_reports_what_to_do() {
    let project = Project::deployed();
    let ends = |fault: &str| {
        let output = project.run(&["run-task", "WebService", "--fault", &format!("WebService:{fault}"), "--", "x"]);
        (output.status.code(), printed(&output))
    };
    let (code, printed) = ends("exit=3");
    assert_eq!(code, Some(3), "{printed}");
    assert!(!printed.contains("error"), "the code is the command's: {printed}");
    let (code, printed) = ends("oom");
    assert!(code == Some(137) && printed.contains("error[task-out-of-memory]"), "{printed}");
    for (fault, cause) in [
        ("image-not-found", "task-image-not-found"),
        ("image-denied", "task-image-denied"),
        ("no-route", "task-no-route"),
        ("no-capacity", "task-no-capacity"),
    ] {
        let (code, printed) = ends(fault);
        assert!(code == Some(3) && printed.contains(cause) && printed.contains("help:"), "{fault}: {printed}");
        assert!(printed.contains("--> app.rhai:2"), "at its line: {printed}");
    }
    let (code, printed) = ends("rolled-back-by-ecs");
    assert!(code == Some(0) && printed.contains("warning[unused-fault]"), "{printed}");
}

#[test]
fn unused_fault_is_reported() {
    let project = Project::deployed();
    for fault in ["WebService:oom", "WebService:update-fails", "lost-connection=1h+1m", "kill-at=1h"] {
        let output = project.run(&["deploy", "--fault", fault]);
        assert_eq!(output.status.code(), Some(0), "{fault}");
        assert!(printed(&output).contains("warning[unused-fault]"), "{fault}: {}", printed(&output));
    }
    let fresh = Project::new();
    let output = fresh.run(&["deploy", "--fault", "WebService:create-fails"]);
    assert!(!printed(&output).contains("unused-fault"), "{}", printed(&output));
    let output = fresh.run(&["deploy", "--fault", "WebService:exit=1"]);
    assert!(!printed(&output).contains("unused-fault"), "{}", printed(&output));
}

#[test]
fn truncated_record_is_replayed() {
    let project = Project::deployed();
    let record = project.record();
    let text = std::fs::read_to_string(&record).unwrap();
    assert!(!text.contains("quiet_value"), "values of variables are not recorded");
    let shown = project.rtiler(&["replay", record.to_str().unwrap()]);
    assert!(shown.status.success() && printed(&shown).contains("app created in"), "{}", printed(&shown));
    let events = answer(&project.rtiler(&["replay", "--json", record.to_str().unwrap()]));
    assert_eq!(
        events.lines().count(),
        text.lines().count() - 1,
        "the document is instead of the first and the last line"
    );
    let half = project.path().join("half.ndjson");
    std::fs::write(&half, &text[..text.len() / 2]).unwrap();
    let shown = project.rtiler(&["replay", half.to_str().unwrap()]);
    assert!(shown.status.success(), "{}", printed(&shown));
    let whole = text[..text.len() / 2].lines().count();
    assert!(printed(&shown).contains(&format!("skipped line {whole} of the record")), "{}", printed(&shown));
    assert!(printed(&shown).contains("the record is incomplete"), "{}", printed(&shown));
}

#[test]
fn warnings_of_the_script_are_printed_by_commands_that_check_or_deploy_it() {
    let project = Project::new();
    let script =
        "Stack(\"app\").add(FargateService(\"Web\").image(\"nginx:latest\").count(1).container_health_check(\"true\"))";
    std::fs::write(project.path().join("app.rhai"), script).unwrap();
    for checking in [["deploy"].as_slice(), &["diff"], &["plan"]] {
        let output = project.run(checking);
        assert!(printed(&output).contains("warning[mutable-image-tag]"), "{checking:?}: {}", printed(&output));
    }
    for looking in [["status"].as_slice(), &["outputs"], &["events"], &["logs"], &["tasks"], &["drift"], &["destroy"]] {
        let output = project.run(looking);
        assert!(!printed(&output).contains("warning[mutable-image-tag]"), "{looking:?}: {}", printed(&output));
    }
}

#[test]
fn plan_of_a_new_stack_is_folded_by_block_and_its_json_has_every_resource() {
    let project = Project::new();
    let plan = answer(&project.run(&["plan"]));
    assert!(plan.contains("+ FargateService Web: ") && !plan.contains("VpcPublicSubnet1"), "{plan}");
    assert!(plan.trim_end().lines().last().unwrap().contains("to create; -v lists every resource"), "{plan}");
    assert!(!plan.contains("sts:AssumeRole"), "{plan}");
    let all = answer(&project.run(&["plan", "-v"]));
    assert!(all.contains("+ VpcPublicSubnet1") && all.contains("sts:AssumeRole"), "{all}");
    let json: Json = serde_json::from_str(&answer(&project.run(&["plan", "--json"]))).unwrap();
    let plan = &json["result"]["stacks"][0]["plan"];
    let vpc = plan["resources"].as_array().unwrap().iter().find(|it| it["logical_id"] == "VpcPublicSubnet1").unwrap();
    assert!(vpc["block"].as_str().unwrap().starts_with("Vpc"), "{vpc}");
    assert!(plan["broadenings"].as_array().unwrap().iter().any(|it| it["minimum"] == true), "{plan}");
}

#[test]
fn status_names_the_target_group_that_has_the_tasks_and_a_plan_that_sets_it_back_is_warned_of() {
    let script = |port: u16, image: &str| {
        format!(
            "let alb = Alb(\"Main\").listen({port});\nlet web = FargateService(\"Web\")\n    \
             .image(\"nginx:{image}\").port(80).behind(alb).count(2).blue_green(TrafficShift().bake(60));\n\
             Stack(\"app\").add(web)\n"
        )
    };
    let project = Project::new();
    let mut groups = Vec::new();
    for image in ["1.28", "1.29"] {
        std::fs::write(project.path().join("app.rhai"), script(80, image)).unwrap();
        answer(&project.run(&["deploy", "--yes"]));
        let status = answer(&project.run(&["status"]));
        let group = status.split("2 of 2 targets healthy in ").nth(1).and_then(|rest| rest.split(';').next());
        groups.push(group.unwrap_or_else(|| panic!("{status}")).to_owned());
        assert!(answer(&project.run(&["status", "-v"])).contains(&format!("2 of 2 in {}", groups.last().unwrap())));
    }
    assert!(groups[0].contains("Alternate") && !groups[1].contains("Alternate"), "{groups:?}");
    assert!(!printed(&project.run(&["plan"])).contains("traffic-reset"));
    std::fs::write(project.path().join("app.rhai"), script(8080, "1.29")).unwrap();
    let plan = project.run(&["plan"]);
    assert!(printed(&plan).contains("warning[traffic-reset]"), "{}", printed(&plan));
}

const EXPRESS: &str = r#"
let web = ExpressService("Web").image("nginx:1.29").port(8080).scaling(Scaling(2..=10).cpu(60));
Stack("app").add(web)
"#;

impl Project {
    /// Creates a project with a service of Express Mode.
    fn express() -> Self {
        let project = Self::new();
        std::fs::write(project.path().join("app.rhai"), EXPRESS).unwrap();
        project
    }
}

#[test]
fn service_of_express_mode_is_operated_like_any_other() {
    let project = Project::express();
    let output = project.run(&["deploy"]);
    assert!(output.status.success(), "{}", printed(&output));
    let status: Json = serde_json::from_str(&answer(&project.run(&["status", "--json"]))).unwrap();
    let service = &status["result"][0]["deployed"]["services"][0];
    assert_eq!(
        (service["running"].as_u64(), service["tasks"].as_array().map(Vec::len)),
        (Some(2), Some(2)),
        "{status}"
    );
    assert_eq!(answer(&project.run(&["tasks", "Web"])).matches("RUNNING").count(), 2);
    assert!(!answer(&project.run(&["logs", "web"])).is_empty());
    let scaled = project.run(&["scale", "Web", "3..8"]);
    assert!(printed(&scaled).contains("scale-differs") && scaled.status.success(), "{}", printed(&scaled));
    let status: Json = serde_json::from_str(&answer(&project.run(&["status", "--json"]))).unwrap();
    assert_eq!(status["result"][0]["deployed"]["services"][0]["desired"], 3, "the new minimum");
    let exec = project.run(&["exec", "Web"]);
    assert!(printed(&exec).contains("Express Mode has no setting for it"), "{}", printed(&exec));
    let task = project.run(&["run-task", "Web", "--", "migrate"]);
    assert!(task.status.success(), "{}", printed(&task));
    let unchanged = project.run(&["deploy"]);
    assert!(printed(&unchanged).contains("no changes"), "{}", printed(&unchanged));
}

#[test]
fn failing_tasks_of_express_mode_roll_a_deployment_back_at_the_line_of_the_image() {
    let project = Project::express();
    assert!(project.run(&["deploy"]).status.success());
    std::fs::write(project.path().join("app.rhai"), EXPRESS.replace("1.29", "1.30")).unwrap();
    let output = project.run(&["deploy", "--fault", "Web:exit=1"]);
    assert_eq!(output.status.code(), Some(4), "{}", printed(&output));
    assert!(printed(&output).contains("task-exited"), "{}", printed(&output));
    assert!(printed(&output).contains("app.rhai:2:"), "{}", printed(&output));
    let again = project.run(&["deploy"]);
    assert!(again.status.success(), "{}", printed(&again));
}
