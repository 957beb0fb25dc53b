//! Every example in a doc comment that scripts see is evaluated and synthesised.

use std::rc::Rc;

use super::everything;
use crate::cfn::schema::Schema;
use crate::diag::{Color, render};
use crate::script::reference::{Entry, Kind};
use crate::script::{Files, Input, Limits, Unreadable, eval};
use crate::synth::synth;

/// What examples take for granted: each name stands for a block of its kind.
const GIVEN: &[(&str, &str)] = &[
    ("vpc", "Vpc(\"Net\")"),
    ("cluster", "Cluster(\"Apps\")"),
    ("alb", "Alb(\"Web\")"),
    ("service", "FargateService(\"Web\").image(\"nginx:1.27\")"),
    ("container", "Container(\"Agent\").image(\"public.ecr.aws/xray/aws-xray-daemon:3.3\")"),
    ("gunicorn", "Gunicorn()"),
    ("scaling", "Scaling(2..=10)"),
    ("route", "Route().path(\"/api/*\")"),
    ("check", "HealthCheck(\"/health\")"),
    ("bucket", "AWS::S3::Bucket(\"Tiles\", #{})"),
    ("stack", "Stack(\"web\").add(AWS::SQS::Queue(\"Jobs\", #{}))"),
];

struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _path: &str) -> Result<String, Unreadable> {
        Err(Unreadable::Missing)
    }
}

/// Where a value of this owner goes, so that it becomes part of a template.
fn placed(owner: &str) -> &'static str {
    match owner {
        "Container" => "Stack(\"example\").add(FargateService(\"Web\").image(\"nginx:1.27\").sidecar(it))",
        "Gunicorn" => "Stack(\"example\").add(FargateService(\"Web\").image(\"nginx:1.27\").gunicorn(it))",
        "Scaling" => "Stack(\"example\").add(FargateService(\"Web\").image(\"nginx:1.27\").scaling(it))",
        "Route" => {
            "Stack(\"example\").add(FargateService(\"Web\").image(\"nginx:1.27\").port(80).behind(Alb(\"Web\"), it))"
        }
        "HealthCheck" => {
            "Stack(\"example\").add(FargateService(\"Web\").image(\"nginx:1.27\").port(80).behind(Alb(\"Web\")).health_check(it))"
        }
        "Stack" => "it",
        "value" => "Stack(\"example\").add(AWS::SQS::Queue(\"Jobs\", #{})).output(\"Value\", it)",
        _ => "Stack(\"example\").add(it)",
    }
}

/// An example as a script: what it takes for granted before it, and after it its value in a stack.
fn script(entry: &Entry, example: &str) -> String {
    let words: Vec<&str> = example.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
    let given = GIVEN.iter().filter(|(name, _)| words.contains(name) && !example.contains(&format!("let {name} =")));
    let before: String = given.map(|(name, value)| format!("let {name} = {value};\n")).collect();
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

/// The errors of an example.
fn errors(script: &str) -> String {
    let input = Input {
        name: "example.rhai",
        text: script,
        files: Rc::new(NoFiles),
        given: Vec::new(),
        limits: Limits::default(),
    };
    let evaluation = eval(&input);
    let report = evaluation.report.and_then(|program| synth(&program, Schema::embedded()));
    let errors = report.problems.iter().filter(|problem| problem.is_error());
    errors.map(|problem| render(problem, &evaluation.sources, Color::Never, 100) + "\n").collect()
}

#[test]
fn every_example_does_what_it_says() {
    let run = || {
        let (mut faults, mut seen) = (String::new(), 0);
        for entry in everything().entries().iter().filter(|entry| entry.kind != Kind::Code) {
            for (example, wrong) in entry.examples() {
                let errors = errors(&script(entry, example));
                seen += 1;
                if errors.is_empty() == wrong {
                    faults += &format!("{}:\n{example}\n{errors}\n", entry.name);
                }
            }
        }
        assert!(faults.is_empty(), "{faults}");
        assert!(seen > 80, "{seen} examples");
    };
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(run).expect("a thread");
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

#[test]
fn every_block_has_an_example() {
    let reference = everything();
    let blocks = reference.entries().iter().filter(|entry| entry.kind == Kind::Block && entry.name != "Image");
    let without: Vec<&str> =
        blocks.filter(|entry| entry.examples().next().is_none()).map(|entry| entry.name.as_str()).collect();
    assert!(without.is_empty(), "{without:?}");
}
