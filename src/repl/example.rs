//! Examples of the documentation as whole scripts.

use crate::script::reference::{Entry, Kind};

/// The variables that examples use without declaring them.
const VARIABLES: &[(&str, &str)] = &[
    ("vpc", "Vpc(\"Net\")"),
    ("cluster", "Cluster(\"Apps\")"),
    ("alb", "Alb(\"Web\")"),
    ("service", "FargateService(\"Web\").image(\"nginx:1.27\")"),
    ("express", "ExpressService(\"Web\").image(\"nginx:1.27\")"),
    ("job", "Job(\"Clean\").image(\"ghcr.io/acme/shop:1.4.2\")"),
    ("container", "Container(\"Agent\").image(\"public.ecr.aws/xray/aws-xray-daemon:3.3\")"),
    ("gunicorn", "Gunicorn()"),
    ("scaling", "Scaling(2..=10)"),
    ("route", "Route().path(\"/api/*\")"),
    ("target", "Target()"),
    ("shift", "TrafficShift()"),
    ("redirect", "Redirect()"),
    ("response", "FixedResponse(404)"),
    (
        "login",
        "Authentication::cognito(\"arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_AbCdEfGhI\", \"web\", \"login\")",
    ),
    ("check", "HealthCheck(\"/health\")"),
    ("bucket", "AWS::S3::Bucket(\"Tiles\", #{})"),
    ("db", "Database(\"Shop\")"),
    ("cache", "Cache(\"Pages\")"),
    ("media", "Bucket(\"Media\")"),
    ("jobs", "Queue(\"Jobs\")"),
    ("alerts", "Topic(\"Alerts\")"),
    ("sessions", "Table(\"Sessions\").partition_key(\"id\")"),
    ("files", "FileSystem(\"Files\")"),
    ("token", "Secret(\"Token\")"),
    ("images", "Repository(\"Web\")"),
    ("board", "Dashboard(\"Shop\")"),
    ("stack", "Stack(\"web\").add(AWS::SQS::Queue(\"Jobs\", #{}))"),
];

/// Returns the variable that examples use for a block: `service` for `FargateService`.
pub(super) fn variable(block: &str) -> String {
    let variable = VARIABLES.iter().find(|(_, value)| value.starts_with(&format!("{block}(")));
    variable.map_or_else(|| block.to_lowercase(), |(name, _)| (*name).to_owned())
}

/// Returns the expression that puts the value `it` of this owner into a stack.
fn placed(owner: &str) -> &'static str {
    match owner {
        "Container" => "Stack(\"example\").add(FargateService(\"Web\").image(\"nginx:1.27\").sidecar(it))",
        "Gunicorn" => "Stack(\"example\").add(FargateService(\"Web\").image(\"nginx:1.27\").gunicorn(it))",
        "Scaling" => "Stack(\"example\").add(FargateService(\"Web\").image(\"nginx:1.27\").scaling(it))",
        "Route" => {
            "Stack(\"example\").add(FargateService(\"Web\").image(\"nginx:1.27\").port(80).behind(Alb(\"Web\"), it))"
        }
        "Target" => {
            "Stack(\"example\").add(FargateService(\"Web\").image(\"nginx:1.27\").port(80).behind(Alb(\"Web\"), \"/*\", it))"
        }
        "TrafficShift" => {
            "Stack(\"example\").add(FargateService(\"Web\").image(\"nginx:1.27\").port(80).behind(Alb(\"Web\")).blue_green(it))"
        }
        "Redirect" | "FixedResponse" => {
            "Stack(\"example\").add(FargateService(\"Web\").image(\"nginx:1.27\").behind(Alb(\"Web\").route(\"/old/*\", it)))"
        }
        "Authentication" => {
            "Stack(\"example\").add(FargateService(\"Web\").image(\"nginx:1.27\").behind(Alb(\"Web\").https(\"arn:aws:acm:eu-central-1:123456789012:certificate/8f1d2c3b-1a2b-4c3d-8e9f-0a1b2c3d4e5f\").authenticate(it)))"
        }
        "HealthCheck" => {
            "Stack(\"example\").add(FargateService(\"Web\").image(\"nginx:1.27\").port(80).behind(Alb(\"Web\")).health_check(it))"
        }
        "Stack" => "it",
        "value" => "Stack(\"example\").add(AWS::SQS::Queue(\"Jobs\", #{})).output(\"Value\", it)",
        _ => "Stack(\"example\").add(it)",
    }
}

/// Returns an example as a script: the variables that it uses, the example, and its value in a stack.
pub fn script(entry: &Entry, example: &str) -> String {
    let words: Vec<&str> = example.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
    let used = VARIABLES.iter().filter(|(name, _)| words.contains(name) && !example.contains(&format!("let {name} =")));
    let before: String = used.map(|(name, value)| format!("let {name} = {value};\n")).collect();
    if example.contains("Stack(\"") {
        return format!("{before}{example}");
    }
    let is_value = matches!(entry.kind, Kind::Property | Kind::PseudoParameter)
        || ["cfn", "titiler"].contains(&entry.owner().unwrap_or(""))
        || ["settings", "optional", "Gunicorn.workers"].contains(&entry.name.as_str());
    let owner = if is_value { "value" } else { entry.owner().unwrap_or(&entry.name) };
    let (statements, last) = example.rsplit_once(";\n").map_or(("", example), |(before, last)| (before, last));
    let statements = if statements.is_empty() { String::new() } else { format!("{statements};\n") };
    format!("{before}{statements}let it = {last};\n{}", placed(owner))
}
