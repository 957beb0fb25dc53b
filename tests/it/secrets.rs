//! Secrets: a script full of marked secrets goes through every command, and every byte that is written is searched.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::program::{printed, rtiler};

/// A script in which every secret is `zq@-KIND-qz`; `@` is the version.
const SCRIPT: &str = r##"
let s = settings("SEC", #{ license: secret("string"), db_password: optional("string"), size: 256 });
let key = parameter("MasterKey", #{ Type: "String", NoEcho: true, Default: "zq@-noecho-default-qz" });
let web = FargateService("Web").image("nginx:1.29").port(80).count(1).cpu(s.size).memory(1024).exec()
    .env("LEVEL", "zq@-env-plain-qz")
    .env("DB_PASSWORD", "zq@-env-named-qz")
    .env("DATABASE_URL", "postgres://app:zq@-env-url-qz@db.internal/app")
    .env("LICENSE", s.license)
    .env("FROM_SETTING", s.db_password)
    .command(["serve", "--password", "zq@-argument-qz", "--token=zq@-option-qz", "redis://cache:zq@-address-qz@cache:6379",
        "sh -c 'redis-server --requirepass zq@-shell-qz'", "Authorization: Bearer zq@-bearer-qz"])
    .container_health_check("curl -u app:zq@-user-qz http://localhost/")
    .sidecar(Container("agent").image("busybox:1.36").env("API_KEY", "zq@-sidecar-qz"))
    .behind(Alb("Web"));
let raw = [
    AWS::RDS::DBInstance("Db", #{ DBInstanceClass: "db.t4g.micro", Engine: "postgres", AllocatedStorage: "20",
        MasterUsername: "app", MasterUserPassword: "zq@-master-qz" }).deletion_policy("Delete"),
    AWS::SecretsManager::Secret("Held", #{ SecretString: "zq@-secret-string-qz" }),
    AWS::SecretsManager::Secret("Made", #{ GenerateSecretString: #{ GenerateStringKey: "password",
        SecretStringTemplate: "{\"user\":\"zq@-template-qz\"}" } }),
    AWS::SSM::Parameter("Config", #{ Type: "String", Value: "zq@-ssm-value-qz" }),
    AWS::SSM::Parameter("FromKey", #{ Type: "String", Value: key }),
    AWS::ApiGateway::ApiKey("Access", #{ Value: "zq@-api-key-value-qz-long-enough" }),
    AWS::EC2::LaunchTemplate("Machine", #{ LaunchTemplateData: #{ UserData: cfn::base64("#!/bin/sh\necho zq@-user-data-qz") } }),
    AWS::Batch::JobDefinition("Night", #{ Type: "container", ContainerProperties: #{ Image: "busybox:1.36",
        Environment: [#{ Name: "MODE", Value: "zq@-batch-env-qz" }], Command: ["run", "--api-key", "zq@-batch-argument-qz"],
        ResourceRequirements: [#{ Type: "VCPU", Value: "1" }, #{ Type: "MEMORY", Value: "2048" }] } }),
    AWS::Events::Connection("Hook", #{ AuthorizationType: "API_KEY", AuthParameters: #{ ApiKeyAuthParameters: #{
        ApiKeyName: "x-key", ApiKeyValue: "zq@-connection-qz" }, InvocationHttpParameters: #{ HeaderParameters: [
        #{ Key: "x-other", Value: "zq@-header-qz", IsValueSecret: true }] } } }),
    AWS::IAM::User("Robot", #{ LoginProfile: #{ Password: "zq@-login-qz" } }),
    AWS::SNS::Subscription("Push", #{ TopicArn: "arn:aws:sns:us-east-1:123456789012:news", Protocol: "https",
        Endpoint: "https://hook:zq@-endpoint-qz@example.com/news" }),
    AWS::Lambda::Function("Worker", #{ Runtime: "python3.13", Handler: "index.handler", Role: "arn:aws:iam::123456789012:role/worker",
        Code: #{ ZipFile: "key = 'zq@-inline-code-qz'" }, Environment: #{ Variables: #{ MODE: "zq@-lambda-env-qz",
        SIGNING_KEY: "zq@-lambda-key-qz" } } }),
    AWS::CodeBuild::Project("Build", #{ ServiceRole: "arn:aws:iam::123456789012:role/build", Artifacts: #{ Type: "NO_ARTIFACTS" },
        Source: #{ Type: "NO_SOURCE", BuildSpec: "version: 0.2" }, Environment: #{ Type: "LINUX_CONTAINER",
        ComputeType: "BUILD_GENERAL1_SMALL", Image: "aws/codebuild/standard:7.0", EnvironmentVariables: [
        #{ Name: "MODE", Type: "PLAINTEXT", Value: "zq@-build-env-qz" }] } }),
    AWS::DMS::Endpoint("Source", #{ EndpointType: "source", EngineName: "mysql", Username: "app", Password: "zq@-dms-qz",
        ExtraConnectionAttributes: "initstmt=zq@-attributes-qz" }),
    AWS::CloudFormation::CustomResource("Other", #{ ServiceToken: "arn:aws:lambda:us-east-1:123456789012:function:f",
        ClientSecret: "zq@-custom-qz", PrivateKey: "-----BEGIN PRIVATE KEY-----\nzq@-private-key-qz-0123456789\n-----END PRIVATE KEY-----" }),
];
Stack("sec").add(web).add(raw).output("AdminPassword", "zq@-output-qz").output("Url", "https://app:zq@-output-url-qz@example.com")
"##;

/// The files that hold secrets, with the reason. Only their owner can read them.
const ALLOWED: [(&str, &str); 2] = [
    (".rtiler/rehearsal.json", "the simulated account: it has to know what it deployed"),
    (".rtiler/templates/", "the templates for `rollback`, which deploys them again"),
];

/// The commands, in this order. `KEY` is the value of the parameter.
const FIRST: &[&[&str]] = &[
    &["check", "app.rhai"],
    &["check", "app.rhai", "--sarif"],
    &["run", "app.rhai", "check"],
    &["run", "app.rhai", "settings"],
    &["run", "app.rhai", "ls"],
    &["run", "app.rhai", "permissions"],
    &["run", "app.rhai", "cost"],
    &["run", "app.rhai", "cost", "--json"],
    &["run", "app.rhai", "images", "--rehearse"],
    &["doctor", "app.rhai"],
    &["run", "app.rhai", "diff", "--rehearse", "-v", "KEY"],
    &["run", "app.rhai", "plan", "--rehearse", "-v", "--save", "first.json", "KEY"],
    &["run", "app.rhai", "deploy", "--rehearse", "--fault", "Db:create-fails", "KEY"],
    &["run", "app.rhai", "deploy", "--rehearse", "KEY"],
    &["run", "app.rhai", "status", "--rehearse", "-v"],
    &["run", "app.rhai", "outputs", "--rehearse"],
    &["run", "app.rhai", "drift", "--rehearse"],
    &["run", "app.rhai", "inspect", "WebTask", "--rehearse"],
    &["run", "app.rhai", "inspect", "Db", "--drift", "--rehearse"],
    &["run", "app.rhai", "inspect", "Worker", "--rehearse"],
    &["run", "app.rhai", "inspect", "Build", "--rehearse"],
    &["run", "app.rhai", "events", "--rehearse"],
    &["run", "app.rhai", "events", "--chart", "--rehearse"],
    &["run", "app.rhai", "logs", "--since", "1h", "--rehearse"],
    &["run", "app.rhai", "tasks", "--rehearse"],
    &["run", "app.rhai", "images", "--rehearse"],
    &["run", "app.rhai", "tasks", "--stopped", "--rehearse"],
    &["run", "app.rhai", "exec", "WebService", "--rehearse", "--", "env"],
    &["run", "app.rhai", "run-task", "WebService", "--rehearse", "--", "env"],
];

/// The commands after every secret has changed.
const SECOND: &[&[&str]] = &[
    &["run", "app.rhai", "diff", "--rehearse", "-v", "KEY"],
    &["run", "app.rhai", "inspect", "WebTask", "--rehearse"],
    &["run", "app.rhai", "inspect", "Held", "--rehearse"],
    &["run", "app.rhai", "hotswap", "--rehearse", "KEY"],
    &["run", "app.rhai", "deploy", "--rehearse", "-v", "--fault", "WebService:oom", "KEY"],
    &["run", "app.rhai", "deploy", "--rehearse", "--no-rollback", "--fault", "Db:update-fails", "KEY"],
    &["run", "app.rhai", "rollback", "--rehearse", "-v"],
    &["run", "app.rhai", "plan", "--rehearse", "-v", "--save", "second.json", "KEY"],
    &["run", "app.rhai", "deploy", "--rehearse", "-v", "--plan", "second.json", "KEY"],
    &["run", "app.rhai", "rollback", "--rehearse", "-v"],
    &["run", "app.rhai", "import", "sec", "Config=x", "--rehearse"],
    &["run", "app.rhai", "scale", "WebService", "2", "--rehearse"],
    &["run", "app.rhai", "diff", "--rehearse", "--show-values", "KEY"],
    &[
        "repl",
        "app.rhai",
        "-k",
        "-e",
        "web",
        "-e",
        "raw",
        "-e",
        "raw[0]",
        "-e",
        "s",
        "-e",
        ":settings",
        "-e",
        ":resources",
        "-e",
        ":synth",
        "-e",
        ":check",
        "-e",
        ":vars",
        "-e",
        ":why Db",
        "-e",
        ":diff",
        "-e",
        "print(s.license)",
        "-e",
        ":status",
    ],
    &["check", "wrong.rhai"],
    &["run", "wrong.rhai", "deploy", "--rehearse"],
    &["run", "app.rhai", "destroy", "--rehearse"],
];

/// Commands that show nothing of the script with its settings: tests have settings of their own.
const WITHOUT_A_SCRIPT: [&str; 18] = [
    "bootstrap",
    "gc",
    "init",
    "import-from",
    "doc",
    "explain",
    "completions",
    "man",
    "help",
    "licenses",
    "test",
    "add",
    "remove",
    "update",
    "vendor",
    "tree",
    "outdated",
    "publish",
];

/// Commands whose purpose is the template, or the text of the script.
const SHOWS_THE_TEXT: [&str; 2] = ["synth", "fmt"];

struct Project {
    folder: tempfile::TempDir,
    version: u32,
}

impl Project {
    fn new() -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap(), version: 1 };
        for name in ["home", "tmp"] {
            std::fs::create_dir(project.path().join(name)).unwrap();
        }
        project
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&mut self, version: u32) {
        self.version = version;
        let script = SCRIPT.replace("zq@", &format!("zq{version}"));
        std::fs::write(self.path().join("app.rhai"), &script).unwrap();
        std::fs::write(self.path().join("wrong.rhai"), script.replace(".cpu(s.size)", ".cpu(3000)")).unwrap();
    }

    /// Runs a command; `--json` is before the command of a container.
    fn run(&self, arguments: &[&str], json: bool) -> Output {
        let key = format!("MasterKey=zq{}-given-qz", self.version);
        let at = arguments.iter().position(|word| *word == "--").unwrap_or(arguments.len());
        let json: &[&str] = if json && !arguments.contains(&"--sarif") { &["--json"] } else { &[] };
        let words = [&arguments[..at], json, &arguments[at..]].concat();
        let words = words.iter().flat_map(|word| match *word {
            "KEY" => vec!["--parameter", key.as_str()],
            word => vec![word],
        });
        let mut command = rtiler(self.path(), words);
        command.env("HOME", self.path().join("home")).env("TMPDIR", self.path().join("tmp"));
        command.env("SEC_LICENSE", format!("zq{}-license-qz", self.version));
        command.env("SEC_DB_PASSWORD", format!("zq{}-setting-qz", self.version));
        command.output().unwrap()
    }

    fn run_all(&self, commands: &[&[&str]], found: &mut BTreeSet<String>) {
        for json in [false, true] {
            for arguments in commands {
                let output = self.run(arguments, json);
                found.extend(
                    marks(&printed(&output)).map(|mark| format!("{mark} printed by {arguments:?}, json: {json}")),
                );
            }
        }
    }
}

/// Returns the marks in a text; the first letters of one are enough, because a long value may be cut.
fn marks(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.match_indices("zq").map(|(at, _)| &text[at..]);
    starts
        .filter(|rest| rest[2..].starts_with(|letter: char| letter.is_ascii_digit()) && rest[3..].starts_with('-'))
        .map(|rest| {
            rest.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').next().unwrap_or_default()
        })
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn no_command_writes_a_secret() {
    let mut project = Project::new();
    let mut found = BTreeSet::new();
    project.write(1);
    let kinds: BTreeSet<&str> = SCRIPT.split("zq@-").skip(1).filter_map(|rest| rest.split("-qz").next()).collect();
    assert!(kinds.len() >= 25, "{kinds:?}");
    project.run_all(FIRST, &mut found);
    project.write(2);
    project.run_all(SECOND, &mut found);
    let records = files(&project.path().join(".rtiler/runs"));
    assert!(records.len() > 5, "{records:?}");
    for record in &records {
        for json in [false, true] {
            let output = project.run(&["replay", &record.display().to_string()], json);
            found.extend(marks(&printed(&output)).map(|mark| format!("{mark} printed by replay")));
        }
    }
    for name in ["app.rhai", "wrong.rhai"] {
        std::fs::remove_file(project.path().join(name)).unwrap();
    }
    for file in files(project.path()) {
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        let path = file.strip_prefix(project.path()).unwrap().display().to_string();
        if marks(&text).next().is_none() {
            continue;
        }
        if ALLOWED.iter().any(|(allowed, _)| path.starts_with(allowed)) {
            let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600, "{path}");
        } else {
            found.extend(marks(&text).map(|mark| format!("{mark} in {path}")));
        }
    }
    assert_eq!(found, BTreeSet::new());
}

#[test]
fn every_command_is_searched_for_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let known: Vec<&str> = WITHOUT_A_SCRIPT.iter().chain(&SHOWS_THE_TEXT).copied().chain(["run", "replay"]).collect();
    let mut missing = Vec::new();
    for (arguments, at) in [(&["help"][..], 0), (&["run", "--help"], 2)] {
        let help = printed(&rtiler(folder.path(), arguments.iter().copied()).output().unwrap());
        let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
        let names = commands.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
        let is_run = |name: &str| FIRST.iter().chain(SECOND).any(|words| words.get(at) == Some(&name));
        missing.extend(names.filter(|name| !known.contains(name) && !is_run(name)).map(str::to_owned));
    }
    assert!(missing.is_empty(), "commands that `FIRST` and `SECOND` do not run: {missing:?}");
}

#[test]
fn changed_secret_makes_a_saved_plan_stale_and_is_shown_as_changed() {
    let mut project = Project::new();
    project.write(1);
    let deployed = project.run(&["run", "app.rhai", "deploy", "--rehearse", "KEY"], false);
    assert!(deployed.status.success(), "{}", printed(&deployed));
    let saved = project.run(&["run", "app.rhai", "plan", "--rehearse", "--save", "plan.json", "KEY"], false);
    assert!(saved.status.success(), "{}", printed(&saved));
    project.write(2);
    let stale = project.run(&["run", "app.rhai", "deploy", "--rehearse", "--plan", "plan.json", "KEY"], false);
    assert_eq!(stale.status.code(), Some(1), "{}", printed(&stale));
    assert!(printed(&stale).contains("whose value is not shown"), "{}", printed(&stale));
    let diff = printed(&project.run(&["run", "app.rhai", "diff", "--rehearse", "-v", "KEY"], false));
    for line in [
        "MasterUserPassword: (changed, not shown)",
        "ContainerDefinitions[web].Environment[LEVEL].Value: (changed, not shown)",
        "Command[3]: \"--token=(not shown)\" -> \"--token=(changed, not shown)\"",
    ] {
        assert!(diff.contains(line), "{line}: {diff}");
    }
}

#[test]
fn values_are_shown_on_a_terminal_only() {
    let mut project = Project::new();
    project.write(1);
    let output = project.run(&["run", "app.rhai", "diff", "--rehearse", "--show-values", "KEY"], false);
    assert_eq!(output.status.code(), Some(2));
    assert!(printed(&output).contains("`--show-values` needs a terminal"), "{}", printed(&output));
}

#[test]
fn warning_about_a_plain_secret_covers_options_variables_and_properties() {
    let mut project = Project::new();
    project.write(1);
    let text = printed(&project.run(&["check", "app.rhai"], false));
    for subject in [
        "--password",
        "--token",
        "DB_PASSWORD",
        "MasterUserPassword",
        "SecretString",
        "API_KEY",
        "SIGNING_KEY",
        "ApiKeyValue",
    ] {
        assert!(text.contains(&format!("`{subject}` holds a secret as plain text")), "{subject}: {text}");
    }
    assert!(text.contains("MasterUserPassword: \"*******"), "{text}");
}
