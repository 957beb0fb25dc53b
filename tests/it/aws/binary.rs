//! The program itself against ministack: what a user types, and Ctrl-C.

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use super::Account;
use crate::harness::Emulator;
use crate::program::{printed, rtiler};

/// A folder with a script, and the environment that reaches an account.
pub(super) struct Desk {
    pub(super) folder: tempfile::TempDir,
    pub(super) account: Account,
}

impl Desk {
    pub(super) fn new(script: &str) -> Desk {
        Desk::of(script, Emulator::Ministack)
    }

    pub(super) fn of(script: &str, emulator: Emulator) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("app.rhai"), script).unwrap();
        Desk { folder, account: Account::new(emulator) }
    }

    pub(super) fn command(&self, words: &str) -> Command {
        let words: Vec<&str> = ["run", "app.rhai"].into_iter().chain(words.split(' ')).collect();
        self.rtiler(&words)
    }

    /// Runs `rtiler repl app.rhai` in `us-east-1` with these lines.
    fn session(&self, lines: &[&str]) -> Output {
        let given = lines.iter().flat_map(|line| ["-e", line]);
        let words: Vec<&str> = ["repl", "app.rhai", "--target", "aws"].into_iter().chain(given).collect();
        self.rtiler(&words).env("AWS_REGION", "us-east-1").stdin(Stdio::null()).output().unwrap()
    }

    pub(super) fn rtiler(&self, words: &[&str]) -> Command {
        let mut command = rtiler(self.folder.path(), words.iter().copied());
        command.env("AWS_ENDPOINT_URL", self.account.proxy.url());
        command.env("AWS_ACCESS_KEY_ID", &self.account.number).env("AWS_SECRET_ACCESS_KEY", "secret");
        command
    }

    /// Runs to the end, in `us-east-1`.
    pub(super) fn run(&self, words: &str) -> Output {
        self.command(words).env("AWS_REGION", "us-east-1").output().unwrap()
    }
}

/// A desk with keys of one account in the environment, and those of another in the profile `work`.
struct TwoAccounts {
    desk: Desk,
    other: Account,
}

impl TwoAccounts {
    fn new() -> TwoAccounts {
        let desk = Desk::new(r#"Stack("jobs").add(AWS::SQS::Queue("Queue"))"#);
        let other = Account::new(Emulator::Ministack);
        let folder = desk.folder.path().join(".aws");
        std::fs::create_dir(&folder).unwrap();
        let keys = format!("aws_access_key_id = {}\naws_secret_access_key = secret\n", other.number);
        std::fs::write(folder.join("config"), format!("[profile work]\n{keys}[profile empty]\n")).unwrap();
        TwoAccounts { desk, other }
    }

    /// Counts the queues of the account of the environment and of that of the profile.
    fn queues(&self) -> (usize, usize) {
        let count = |account: &Account| {
            account.boto.call("sqs", "list_queues", &json!({}))["QueueUrls"].as_array().map_or(0, Vec::len)
        };
        (count(&self.desk.account), count(&self.other))
    }
}

#[test]
fn profile_flag_overrides_keys_in_the_environment() {
    let accounts = TwoAccounts::new();
    let (code, printed) = result(&accounts.desk.run("deploy --yes --profile work"));
    assert_eq!((code, accounts.queues()), (Some(0), (0, 1)), "{printed}");
    let deploy =
        accounts.desk.command("deploy --yes").envs([("AWS_PROFILE", "work"), ("AWS_REGION", "us-east-1")]).output();
    let (code, printed) = result(&deploy.unwrap());
    assert_eq!((code, accounts.queues()), (Some(0), (1, 1)), "{printed}");
}

#[test]
fn unknown_profile_is_reported_and_no_other_credentials_are_used() {
    let TwoAccounts { desk, .. } = TwoAccounts::new();
    let (code, printed) = result(&desk.run("deploy --yes --profile wrok"));
    assert!(code == Some(3) && printed.contains("there is no AWS profile `wrok`\n"), "{printed}");
    assert!(printed.contains("did you mean `work`?") && printed.contains("--rehearse"), "{printed}");
    let (code, printed) = result(
        &desk.command("status").env("AWS_PROFILE", "elsewhere").env("AWS_REGION", "us-east-1").output().unwrap(),
    );
    assert!(
        code == Some(3) && printed.contains("there is no AWS profile `elsewhere`, which `AWS_PROFILE` names"),
        "{printed}"
    );
    assert!(
        printed
            .contains("the profiles are `empty`, `work`; create another with `aws configure sso --profile elsewhere`"),
        "{printed}"
    );
    assert_eq!(desk.account.proxy.calls().len(), 0);
}

#[test]
fn profile_without_credentials_is_named_in_the_sign_in_command() {
    let TwoAccounts { desk, .. } = TwoAccounts::new();
    let mut status = desk.command("status --profile empty");
    let (code, printed) =
        result(&status.envs([("AWS_REGION", "us-east-1"), ("AWS_EC2_METADATA_DISABLED", "true")]).output().unwrap());
    assert!(
        code == Some(3) && printed.contains("aws sso login --profile empty") && printed.contains("--rehearse"),
        "{printed}"
    );
}

/// Returns the exit code, and all that was printed.
pub(super) fn result(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), printed(output))
}

#[test]
fn script_is_deployed_found_unchanged_and_destroyed() {
    let desk = Desk::new(r#"Stack("jobs").add(AWS::SQS::Queue("Queue", #{ QueueName: "jobs" }))"#);
    let (code, printed) = result(&desk.run("deploy --yes"));
    assert_eq!(code, Some(0), "{printed}");
    let queues = desk.account.boto.call("sqs", "list_queues", &json!({}));
    assert!(queues["QueueUrls"][0].as_str().is_some_and(|url| url.ends_with("/jobs")), "{queues}");
    let (code, printed) = result(&desk.run("deploy --yes"));
    assert!(code == Some(0) && printed.to_lowercase().contains("no changes"), "{printed}");
    let (code, printed) = result(&desk.run("destroy --yes"));
    assert_eq!(code, Some(0), "{printed}");
    let gone = desk.account.boto.refusal("cloudformation", "describe_stacks", &json!({ "StackName": "jobs" }));
    assert_eq!(gone, "ValidationError");
}

#[test]
fn session_deploys_reads_and_deletes_and_calls_aws_only_on_command() {
    let desk = Desk::new(
        r#"let s = settings("JOBS", #{ seconds: 30 });
        Stack("jobs").add(AWS::SQS::Queue("Queue", #{ QueueName: "jobs", VisibilityTimeout: s.seconds }))"#,
    );
    let calls = || desk.account.proxy.calls().len();
    let (code, printed) =
        result(&desk.session(&[":resources", ":target", ":rehearse --from empty", ":target rehearsal", ":status"]));
    assert!(code == Some(0) && printed.contains("jobs created"), "{printed}");
    assert_eq!(calls(), 0, "nothing of that concerned AWS");
    let (code, printed) = result(&desk.session(&[":deploy"]));
    assert!(
        code == Some(2) && printed.contains("cannot request confirmation: stdin is not a terminal; pass `--yes`"),
        "{printed}"
    );
    assert!(printed.contains(&format!("AWS account {}, us-east-1", desk.account.number)), "{printed}");
    let lines =
        [":deploy --yes", ":status", ":outputs", ":events -n 3", ":set seconds=60", ":diff", ":inspect Queue", ":plan"];
    let (code, printed) = result(&desk.session(&lines));
    assert_eq!(code, Some(5), "`:diff` found a difference: {printed}");
    assert!(printed.contains("jobs created in") && printed.contains("VisibilityTimeout: 30 -> 60"), "{printed}");
    let row = printed.lines().find(|line| line.starts_with("~  VisibilityTimeout")).unwrap();
    assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["~", "VisibilityTimeout", "30", "60"]);
    let (code, printed) = result(&desk.session(&[":destroy --yes", ":status"]));
    assert!(code == Some(3) && printed.contains("jobs is not deployed"), "{printed}");
}

#[test]
fn rehearsal_starts_from_the_deployed_stack_and_does_not_change_it() {
    let script = |seconds: u32| {
        format!(
            r#"Stack("jobs").add(AWS::SQS::Queue("Queue", #{{ QueueName: "jobs", VisibilityTimeout: {seconds} }}))"#
        )
    };
    let desk = Desk::new(&script(30));
    assert_eq!(result(&desk.run("deploy --yes")).0, Some(0));
    let (code, printed) = result(&desk.run("deploy --rehearse"));
    assert!(code == Some(0) && printed.contains("starting from jobs as deployed in us-east-1"), "{printed}");
    assert!(printed.contains("no changes"), "{printed}");
    std::fs::write(desk.folder.path().join("app.rhai"), script(60)).unwrap();
    let executed = desk.account.proxy.count("ExecuteChangeSet");
    let (code, printed) = result(&desk.run("deploy --rehearse"));
    assert!(code == Some(0) && printed.contains("jobs updated"), "{printed}");
    let (_, again) = result(&desk.run("deploy --rehearse --from saved"));
    assert!(again.contains("no changes"), "{again}");
    let (_, fresh) = result(&desk.run("deploy --rehearse --from empty"));
    assert!(fresh.contains("jobs created"), "{fresh}");
    assert_eq!(desk.account.proxy.count("ExecuteChangeSet"), executed, "a rehearsal only looks");
}

#[test]
fn missing_region_is_reported_with_the_places_to_set_it() {
    let desk = Desk::new(r#"Stack("jobs").add(AWS::SNS::Topic("Topic", #{}))"#);
    let output = desk.command("deploy --yes").env("AWS_EC2_METADATA_DISABLED", "true").output().unwrap();
    let (code, printed) = result(&output);
    assert!(code == Some(3) && printed.contains("aws-no-region") && printed.contains("AWS_REGION"), "{printed}");
}

#[test]
fn missing_credentials_are_reported_with_a_hint_to_rehearse() {
    let desk = Desk::new(r#"Stack("jobs").add(AWS::SNS::Topic("Topic", #{}))"#);
    let mut command = desk.command("deploy --yes --region us-east-1");
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    let (code, printed) = result(&command.env("AWS_EC2_METADATA_DISABLED", "true").output().unwrap());
    assert!(code == Some(3) && printed.contains("aws-no-credentials") && printed.contains("--rehearse"), "{printed}");
    assert!(
        printed.contains("Environment: environment variable not set\n") && printed.contains("Profile: not set\n"),
        "{printed}"
    );
}

#[test]
fn ctrl_c_ends_the_program_and_aws_continues_the_operation() {
    let desk = Desk::new(
        r#"let handle = AWS::CloudFormation::WaitConditionHandle("Handle", #{});
        let wait = AWS::CloudFormation::WaitCondition("Wait", #{ Handle: handle, Count: 1, Timeout: "120" });
        Stack("slow").add(wait)"#,
    );
    let mut command = desk.command("deploy --yes --region us-east-1");
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    until_in_progress(&desk.account);
    interrupt(&child);
    let (code, printed) = result(&child.wait_with_output().unwrap());
    assert!(code == Some(130) && printed.contains("slow"), "{code:?} {printed}");
    let live = desk.account.boto.call("cloudformation", "describe_stacks", &json!({ "StackName": "slow" }));
    assert_eq!(live["Stacks"][0]["StackStatus"], "CREATE_IN_PROGRESS");
}

pub(super) fn until_in_progress(account: &Account) {
    until_called(account, "DescribeStackEvents");
}

pub(super) fn until_called(account: &Account, action: &str) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while account.proxy.count(action) == 0 {
        assert!(Instant::now() < deadline, "the deployment never began: {:?}", account.proxy.calls());
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn interrupt(child: &Child) {
    signal(child, "INT");
}

/// Sends a signal to a process.
pub(super) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
}
