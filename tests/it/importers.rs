//! `rtiler import-from`: scripts that are written from what other tools describe (`tests/data/importers`).
//!
//! After a change that is meant: `BLESS=1 cargo test --test it importers`, and read the difference before it is committed.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use rtiler::cfn::schema::Schema;
use rtiler::cfn::{Template, check, emit, parse};
use rtiler::diag::Diagnostic;
use rtiler::importers;
use rtiler::script::{Input, Limits, NoFiles, eval};
use rtiler::synth::synth;
use serde_json::Value as Json;

use crate::cases::Snapshots;
use crate::program::{printed, rtiler};
use crate::scripted::deep;

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A copy of a folder of sources.
struct Sources(tempfile::TempDir);

impl Sources {
    fn of(name: &str) -> Self {
        let sources = Self(tempfile::tempdir().unwrap());
        copy(&data("importers").join(name), sources.path());
        // `.env` is ignored by git.
        if sources.path().join("env").exists() {
            std::fs::rename(sources.path().join("env"), sources.path().join(".env")).unwrap();
        }
        sources
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs a command that must succeed; returns what it printed.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = rtiler(self.path(), arguments.iter().copied()).output().unwrap();
        (output.status.code(), printed(&output))
    }

    /// Writes a script from a source, compares it with the recorded one, and checks it.
    fn imported(&self, kind: &str, path: &str, recorded: &str, settings: &[&str]) -> String {
        let (code, text) = self.run(&["import-from", kind, path, "--output", "app.rhai"]);
        assert_eq!(code, Some(0), "{text}");
        let script = std::fs::read_to_string(self.path().join("app.rhai")).unwrap();
        let mut snapshots = Snapshots::new();
        snapshots.compare(&data("importers").join(recorded), &script);
        snapshots.end();
        let (code, text) = self.run(&[&["check", "app.rhai"], settings].concat());
        assert_eq!(code, Some(0), "{text}\n{script}");
        script
    }
}

#[test]
fn compose_file_with_every_key_becomes_a_script_without_errors() {
    let sources = Sources::of("compose");
    let script = sources.imported("compose", "compose.yml", "compose.rhai", &["--set", "stage=test"]);
    let unknown: Vec<&str> = script.lines().filter(|line| line.contains("not a key that")).collect();
    // `api` extends `base`.
    assert_eq!(unknown.len(), 2, "only the wrong key is unknown: {unknown:#?}");
    assert!(unknown.iter().all(|line| line.contains("`typo_key` of")), "{unknown:#?}");
    assert!(!script.contains("hunter2"), "no secret is copied:\n{script}");
    for line in script.lines().filter(|line| line.contains("has no counterpart")) {
        assert!(line.contains("compose.yml:"), "a comment names the line of the source: {line}");
    }
}

#[test]
fn compose_file_of_a_key_more_has_a_comment_more() {
    let sources = tempfile::tempdir().unwrap();
    let note = |keys: &str| {
        let text = format!("services:\n  web:\n    image: nginx:1.29\n{keys}");
        std::fs::write(sources.path().join("compose.yml"), text).unwrap();
        let words = ["import-from", "compose", "compose.yml", "--json"];
        let output = rtiler(sources.path(), words).output().unwrap();
        let document: Json = serde_json::from_slice(&output.stdout).unwrap();
        document["result"]["notes"].clone()
    };
    assert_eq!(note(""), Json::Array(Vec::new()));
    let notes = note("    privileged: true\n");
    assert_eq!(notes[0]["line"], 4, "{notes}");
    assert!(notes[0]["text"].as_str().unwrap().starts_with("`privileged` of `web`"), "{notes}");
}

#[test]
fn manifests_of_copilot_become_a_script_without_errors() {
    let sources = Sources::of("copilot");
    let script = sources.imported("copilot", ".", "copilot.rhai", &[]);
    let (code, text) = sources.run(&["check", "app.rhai", "--set", "stage=prod"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(!script.contains("not a key that"), "{script}");
    assert!(!script.contains("hunter2"), "no secret is copied:\n{script}");
}

#[test]
fn template_with_every_part_becomes_a_script_without_errors() {
    let sources = Sources::of("template");
    sources.imported("template", "everything.yaml", "everything.rhai", &[]);
}

#[test]
fn parts_that_scripts_do_not_have_are_comments() {
    let sources = Sources::of("template");
    let script = sources.imported("template", "odd.yaml", "odd.rhai", &[]);
    for (line, text) in
        [(3, "`jobs` is `Jobs`"), (4, "`Custom::Widget`"), (5, "`Acme::Private::Thermostat`"), (6, "`Hooks`")]
    {
        let found =
            script.lines().any(|comment| comment.contains(&format!("odd.yaml:{line}: ")) && comment.contains(text));
        assert!(found, "line {line}: {text}\n{script}");
    }
}

/// The templates that scripts cannot write as they are, with the reason.
const DIFFERENT: &[(&str, &str)] = &[];

#[test]
fn script_of_a_template_gives_that_template() {
    deep(|| {
        let (mut compared, mut wrong) = (0, String::new());
        for file in templates() {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&file).unwrap();
            let Ok(imported) = importers::template(&name, &text, "web", Schema::embedded()) else { continue };
            if !imported.notes.is_empty() || DIFFERENT.iter().any(|(known, _)| *known == name) {
                continue;
            }
            let Some(given) = parse::template(&name, &text).value else { continue };
            match synthesised(&imported.script) {
                Ok(made) if plain(&made) == plain(&given) => compared += 1,
                Ok(made) => {
                    wrong +=
                        &format!("{name} differs:\n{:#}\n{:#}\n{}\n", plain(&given), plain(&made), imported.script);
                }
                // A script with an error has no template, as a template with an error.
                Err(_) if check::file(&name, &text, Schema::embedded()).iter().any(Diagnostic::is_error) => {}
                Err(problems) => wrong += &format!("{name}: {problems}\n{}\n", imported.script),
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
        assert!(compared > 15, "only {compared} templates were compared");
    });
}

fn templates() -> Vec<PathBuf> {
    let folders = ["templates/accept", "templates/disputed", "templates/refuse", "importers/template"];
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(data(folder)).unwrap());
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Returns the template of a script, also if the checks find problems in it.
fn synthesised(script: &str) -> Result<Template, String> {
    let input =
        Input { name: "app.rhai", text: script, files: Rc::new(NoFiles), given: Vec::new(), limits: Limits::default() };
    let evaluation = eval(&input);
    let shown = |problems: &[Diagnostic]| {
        problems.iter().map(|it| format!("{}: {}; ", it.code, it.message)).collect::<String>()
    };
    let Some(program) = &evaluation.report.value else { return Err(shown(&evaluation.report.problems)) };
    let report = synth(program, Schema::embedded());
    let problems = shown(&report.problems);
    report
        .value
        .and_then(|stacks| stacks.into_iter().next())
        .map(|stack| Template::clone(&stack.template))
        .ok_or(problems)
}

/// Returns a template as JSON, without what has no meaning: the order of `DependsOn`, the version, the policy that is the default.
fn plain(template: &Template) -> Json {
    let mut json: Json = serde_json::from_str(&emit::json(template)).unwrap();
    json.as_object_mut().unwrap().remove("AWSTemplateFormatVersion");
    let resources = json.get_mut("Resources").and_then(Json::as_object_mut);
    for resource in resources.into_iter().flat_map(|resources| resources.values_mut()) {
        let resource = resource.as_object_mut().unwrap();
        if resource.get("UpdateReplacePolicy") == Some(&Json::from("Delete")) {
            resource.remove("UpdateReplacePolicy");
        }
        if resource.get("Properties") == Some(&Json::Object(serde_json::Map::new())) {
            resource.remove("Properties");
        }
        if let Some(Json::Array(ids)) = resource.get_mut("DependsOn") {
            ids.sort_by_key(std::string::ToString::to_string);
        }
    }
    json
}

#[test]
fn script_is_not_overwritten_without_force() {
    let sources = Sources::of("template");
    let import = ["import-from", "template", "odd.yaml", "--output", "app.rhai"];
    assert_eq!(sources.run(&import).0, Some(0));
    std::fs::write(sources.path().join("app.rhai"), "mine").unwrap();
    let (code, text) = sources.run(&import);
    assert_eq!((code, text.contains("--force")), (Some(2), true), "{text}");
    assert_eq!(std::fs::read_to_string(sources.path().join("app.rhai")).unwrap(), "mine");
    assert_eq!(sources.run(&[&import[..], &["--force"]].concat()).0, Some(0));
    assert_ne!(std::fs::read_to_string(sources.path().join("app.rhai")).unwrap(), "mine");
}

#[test]
fn source_that_cannot_be_imported_is_an_error_with_its_place() {
    let sources = Sources::of("template");
    let write = |text: &str| std::fs::write(sources.path().join("source.yml"), text).unwrap();
    for (kind, text, expected) in [
        ("compose", "version: '3'\n", "has no services"),
        ("compose", "services: [\n", "source.yml:"),
        ("template", "Resources:\n  F: { Type: AWS::Serverless::Function }\n", "--template-stage Processed"),
        ("template", "Parameters: {}\n", "has no resources"),
        ("copilot", "", "has no manifests of Copilot"),
    ] {
        write(text);
        let path = if kind == "copilot" { "." } else { "source.yml" };
        let (code, printed) = sources.run(&["import-from", kind, path]);
        assert_eq!((code, printed.contains(expected)), (Some(1), true), "{kind} {text:?}: {printed}");
    }
}

/// The stack that a running service is imported from, with every setting that has a counterpart.
const RUNNING: &str = r#"let alb = Alb("Web").listen(80).idle_timeout(120).allow_from("10.0.0.0/8");
let agent = Container("agent")
    .image("public.ecr.aws/xray/aws-xray-daemon:3.6.0")
    .essential(false)
    .memory(64)
    .port("traces", 2000, "udp");
let web = FargateService("Web")
    .image("ghcr.io/example/web:1.4.2")
    .cpu(512).memory(1024)
    .arm64()
    .port(8080)
    .env(#{ LEVEL: "info", MODE: "live" })
    .secret("TOKEN", "arn:aws:ssm:us-east-1:000000000000:parameter/web/token")
    .command(["serve", "--port", "8080"])
    .user("1000")
    .ulimit("nofile", 65536)
    .label("team", "maps")
    .container_health_check(HealthCheck("curl -f http://localhost:8080/health").interval(20))
    .stop_timeout(60)
    .ephemeral_storage(40)
    .log_retention(90)
    .volume("cache").mount("cache", "/cache")
    .sidecar(agent)
    .depends_on("agent", "START")
    .behind(alb)
    .behind(alb, Route().path("/admin/*").priority(7))
    .health_check(HealthCheck("/health").interval(15).codes("200-299"))
    .drain(120)
    .sticky(3600)
    .grace_period(120)
    .healthy_percent(50..=150)
    .exec()
    .scaling(Scaling(2..=10).cpu(60).requests_per_target(3000).scale_out_after(30));
Stack("web").add(web)
"#;

/// The properties that name what the running service has and the written one makes or names itself.
const NAMED: &[&str] = &[
    "Cluster",
    "ExecutionRoleArn",
    "GroupDescription",
    "SecurityGroups",
    "Subnets",
    "TaskRoleArn",
    "ResourceId",
    "awslogs-stream-prefix",
    "VpcId",
];

fn without_names(value: &mut Json) {
    match value {
        Json::Object(map) => {
            map.retain(|key, _| !NAMED.contains(&key.as_str()) && key != "DependsOn");
            map.values_mut().for_each(without_names);
        }
        Json::Array(items) => items.iter_mut().for_each(without_names),
        _ => {}
    }
}

/// Returns the resources of some types, with their properties, without what `NAMED` lists.
fn resources_of(script: &str, kinds: &[&str]) -> Json {
    let template = synthesised(script).unwrap_or_else(|problem| panic!("{problem}\n{script}"));
    let mut template: Json = serde_json::from_str(&emit::json(&template)).unwrap();
    let resources = template["Resources"].as_object_mut().unwrap();
    resources.retain(|_, resource| kinds.contains(&resource["Type"].as_str().unwrap()));
    without_names(&mut template["Resources"]);
    template["Resources"].clone()
}

/// Returns a folder with a rehearsed account that has a stack, and the name of a service in it.
fn account_with(script: &str, service: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("running.rhai"), script).unwrap();
    let deploy = rtiler(folder.path(), ["run", "running.rhai", "deploy", "--rehearse"]).output().unwrap();
    assert!(deploy.status.success(), "{}", printed(&deploy));
    let output = rtiler(folder.path(), ["run", "running.rhai", "status", "--rehearse", "--json"]).output().unwrap();
    let status: Json = serde_json::from_slice(&output.stdout).unwrap();
    let services = status["result"][0]["deployed"]["services"].as_array().unwrap();
    let found = services.iter().find(|known| known["service"] == service).unwrap();
    let arn = found["arn"].as_str().unwrap();
    (folder, arn.split_once(":service/").unwrap().1.to_owned())
}

#[test]
fn script_of_a_running_service_gives_that_service() {
    let (folder, name) = account_with(RUNNING, "WebService");
    let words = ["import-from", "service", &name, "--rehearse", "--name", "web", "--output", "app.rhai"];
    let output = rtiler(folder.path(), words).output().unwrap();
    assert!(output.status.success(), "{}", printed(&output));
    let script = std::fs::read_to_string(folder.path().join("app.rhai")).unwrap();
    let (code, text) = {
        let output = rtiler(folder.path(), ["check", "app.rhai"]).output().unwrap();
        (output.status.code(), printed(&output))
    };
    assert_eq!(code, Some(0), "{text}\n{script}");
    deep(move || {
        let kinds = [
            "AWS::ApplicationAutoScaling::ScalableTarget",
            "AWS::ApplicationAutoScaling::ScalingPolicy",
            "AWS::ECS::Service",
            "AWS::ECS::TaskDefinition",
            "AWS::ElasticLoadBalancingV2::Listener",
            "AWS::ElasticLoadBalancingV2::ListenerRule",
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "AWS::ElasticLoadBalancingV2::TargetGroup",
            "AWS::Logs::LogGroup",
        ];
        let (given, made) = (resources_of(RUNNING, &kinds), resources_of(&script, &kinds));
        let text = |value: &Json| serde_json::to_string_pretty(value).unwrap();
        assert!(given == made, "{}\n--- is not\n{}\n--- of\n{script}", text(&made), text(&given));
    });
}

/// A stack whose service shifts its traffic.
const SHIFTING: &str = r#"let alb = Alb("Web").listen(80).listen(9000);
let web = FargateService("Web")
    .image("ghcr.io/example/web:1.4.2")
    .port(8080)
    .behind(alb)
    .canary(10, 600, TrafficShift()
        .bake(300)
        .test_listener(9000)
        .hook("arn:aws:lambda:us-east-1:123456789012:function:smoke-test", "POST_TEST_TRAFFIC_SHIFT")
        .pause("PRE_PRODUCTION_TRAFFIC_SHIFT", 3600, "continue"));
Stack("web").add(web)
"#;

#[test]
fn running_service_that_shifts_its_traffic_has_its_strategy_in_the_script() {
    let (folder, name) = account_with(SHIFTING, "WebService");
    let words = ["import-from", "service", &name, "--rehearse", "--name", "web"];
    let output = rtiler(folder.path(), words).output().unwrap();
    let script = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", printed(&output));
    for part in [".canary(", "10,", "600,", ".bake(300)", ".test_listener(9000)", ".hook(", ".pause("] {
        assert!(script.contains(part), "no `{part}` in:\n{script}");
    }
    deep(move || {
        let kinds = ["AWS::ECS::Service", "AWS::ElasticLoadBalancingV2::ListenerRule"];
        let (given, made) = (resources_of(SHIFTING, &kinds), resources_of(&script, &kinds));
        let text = |value: &Json| serde_json::to_string_pretty(value).unwrap();
        assert!(given == made, "{}\n--- is not\n{}\n--- of\n{script}", text(&made), text(&given));
    });
}

#[test]
fn secrets_of_a_running_service_are_not_copied_and_shared_load_balancers_are_used() {
    let script = r#"let alb = Alb("Edge").listen(80);
let api = FargateService("Api").image("ghcr.io/example/api:1").port(80)
    .env("DB_PASSWORD", "hunter2").env("DATABASE_URL", "postgres://app:hunter2@db/app")
    .behind(alb, "/api/*");
let web = FargateService("Web").image("ghcr.io/example/web:1").port(80).behind(alb);
Stack("shop").add([api, web])
"#;
    let (folder, name) = account_with(script, "ApiService");
    let output = rtiler(folder.path(), ["import-from", "service", &name, "--rehearse"]).output().unwrap();
    let written = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", printed(&output));
    assert!(!printed(&output).contains("hunter2"), "{written}");
    for part in ["Alb::existing(#{", "Route().path(\"/api/*\")", "Secret(\"db-password\")", "Cluster::existing("] {
        assert!(written.contains(part), "no `{part}` in:\n{written}");
    }
}

#[test]
fn service_that_does_not_exist_or_has_no_cluster_is_a_usage_error() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("shop/web", "has no service `shop/web`"), ("web", "CLUSTER/SERVICE")] {
        let output = rtiler(folder.path(), ["import-from", "service", name, "--rehearse"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", printed(&output));
        assert!(printed(&output).contains(text), "{}", printed(&output));
    }
}

#[test]
fn addon_of_a_service_is_in_the_script_with_what_the_service_gets() {
    let sources = Sources::of("copilot");
    let (code, _) = sources.run(&["import-from", "copilot", ".", "--output", "app.rhai"]);
    assert_eq!(code, Some(0));
    let script = std::fs::read_to_string(sources.path().join("app.rhai")).unwrap();
    for part in [
        ".env(\"PRODUCTS_TABLE_NAME\", table)",
        ".env(\"JOBS_URL\", jobs)",
        ".secret(\"SESSION_SECRET\", session)",
        ".managed_policy(table_access_policy)",
        "orders/addons/topic.yml:1: the addon is not in the script, because it has conditions",
        "environments/addons/shared.yml:1: the addon of the environments stays",
    ] {
        assert!(script.contains(part), "no `{part}` in:\n{script}");
    }
    let (code, text) = sources.run(&["run", "app.rhai", "synth", "--format", "json"]);
    assert_eq!(code, Some(0), "{text}");
    let output =
        rtiler(sources.path(), ["run", "app.rhai", "synth", "--format", "json", "--set", "stage=test"]).output();
    let template: Json = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    let table = &template["Resources"]["FrontTable"]["Properties"];
    assert_eq!(
        (&table["TableName"], &table["BillingMode"]),
        (&"shop-test-front-products".into(), &"PAY_PER_REQUEST".into())
    );
    assert_eq!(template["Resources"]["FrontJobs"]["Properties"]["MessageRetentionPeriod"], 1_209_600, "{template}");
    let policy = &template["Resources"]["FrontTableAccessPolicy"]["Properties"]["PolicyDocument"]["Statement"][0];
    assert_eq!(policy["Resource"]["Fn::GetAtt"][0], "FrontTable", "{policy}");
}
