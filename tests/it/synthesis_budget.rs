//! Synthesis has the time and memory that the evaluation of the script left. Virtual meters: no test waits.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use rtiler::block::Program;
use rtiler::budget::{Budget, UsageMeter};
use rtiler::cfn::schema::Schema;
use rtiler::diag::{Code, Diagnostic};
use rtiler::script::{Input, Limits, NoFiles, eval};
use rtiler::synth::synth_within;

/// A clock that shows one second more at each look, and a memory that grows by a mebibyte.
#[derive(Default)]
struct Counting {
    runs: Cell<bool>,
    looks: Cell<u32>,
}

impl UsageMeter for Counting {
    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.looks.get().into())
    }

    fn allocated(&self) -> usize {
        if self.runs.get() {
            self.looks.set(self.looks.get() + 1);
        }
        (self.looks.get() as usize) << 20
    }
}

const SCRIPT: &str = "let stacks = [];
for i in 0..3 {
    let service = FargateService(`Api${i}`).image(\"nginx:1.29\").port(80);
    stacks.push(Stack(`s${i}`).add(service).add(AWS::S3::Bucket(`Files${i}`)));
}
stacks";

fn program(text: &str) -> Program {
    let (files, given) = (Rc::new(NoFiles), Vec::new());
    let input = Input { name: "app.rhai", text, files, given, limits: Limits::default() };
    eval(&input).report.value.expect("the script has no errors")
}

/// Synthesises with a number of looks before a limit; returns the problems and the looks.
fn within(seconds: u64, mebibytes: usize) -> (Vec<Diagnostic>, u32) {
    let program = program(SCRIPT);
    let meter = Rc::new(Counting::default());
    meter.runs.set(true);
    let budget = Budget::start(Duration::from_secs(seconds), mebibytes << 20, Rc::clone(&meter) as Rc<dyn UsageMeter>);
    let report = synth_within(&program, Schema::embedded(), &budget);
    assert_eq!(report.value.is_none(), report.problems.iter().any(Diagnostic::is_error));
    (report.problems, meter.looks.get())
}

const NO_LIMIT: usize = 1 << 30;

#[test]
fn clock_is_looked_at_before_every_block_and_every_rule() {
    let (problems, looks) = within(100_000, NO_LIMIT);
    assert!(problems.iter().all(|problem| !problem.is_error()), "{problems:?}");
    // 3 stacks with more than 30 rules for each, and at least 4 blocks in each: service, cluster, network, bucket.
    assert!(looks > 3 * (30 + 4), "{looks}");
}

#[test]
fn synthesis_ends_at_any_look_with_the_place_and_the_limit() {
    let (_, looks) = within(100_000, NO_LIMIT);
    let mut labels = Vec::new();
    for seconds in 1..u64::from(looks) {
        let (problems, at) = within(seconds, NO_LIMIT);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!((problems[0].code, u64::from(at)), (Code::LimitTime, seconds + 1));
        assert_eq!(problems[0].message, format!("the script and its templates take longer than {seconds} s"));
        assert!(problems[0].origin().is_some(), "{problems:?}");
        labels.push(problems[0].labels[0].message.clone());
    }
    for step in ["FargateService Api1", "the resource `Files2`", "the checks of the stack `s2`"] {
        let label = format!("the limit was reached before {step}");
        assert!(labels.contains(&label), "{step}: {labels:?}");
    }
}

#[test]
fn memory_ends_the_synthesis_too() {
    let (problems, _) = within(100_000, 2);
    assert_eq!(problems[0].code, Code::LimitMemory);
}

#[test]
fn evaluation_and_synthesis_share_one_clock() {
    let meter = Rc::new(Counting::default());
    let limits = Limits { meter: Rc::clone(&meter) as Rc<dyn UsageMeter>, ..Limits::default() };
    let input = Input { name: "app.rhai", text: SCRIPT, files: Rc::new(NoFiles), given: Vec::new(), limits };
    let mut evaluation = eval(&input);
    meter.looks.set(19);
    let budget = evaluation.budget.clone();
    assert_eq!(budget.exceeded(), None);
    meter.looks.set(21);
    let report = evaluation.and_then(|program| synth_within(&program, Schema::embedded(), &budget));
    assert_eq!(report.problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), [Code::LimitTime]);
}

#[test]
fn script_that_reached_a_limit_has_one_problem_about_it() {
    let meter = Rc::new(Counting::default());
    meter.runs.set(true);
    let limits = Limits { meter: Rc::clone(&meter) as Rc<dyn UsageMeter>, ..Limits::default() };
    let text = "let a = Stack(\"s\").add(AWS::S3::Bucket(\"B\"));\nloop {}\na";
    let input = Input { name: "app.rhai", text, files: Rc::new(NoFiles), given: Vec::new(), limits };
    let mut evaluation = eval(&input);
    let budget = evaluation.budget.clone();
    let report = evaluation.and_then(|program| synth_within(&program, Schema::embedded(), &budget));
    assert_eq!(report.problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), [Code::LimitTime]);
}

#[test]
fn patterns_of_routes_that_no_rule_can_have_are_not_compared() {
    // The comparison of two patterns takes the product of their lengths: 70 thousand million steps here.
    let text = "let long = \"x\"; for i in 0..18 { long += long; }
let alb = Alb(\"Edge\").listen(80);
let one = FargateService(\"One\").image(\"nginx:1.29\").port(80).behind(alb, \"/a*\" + long);
let two = FargateService(\"Two\").image(\"nginx:1.29\").port(80).behind(alb, \"/b*\" + long + \"*\");
Stack(\"s\").add([one, two])";
    let report = synth_within(&program(text), Schema::embedded(), &Budget::unlimited());
    assert!(report.problems.iter().all(|problem| problem.code != Code::AmbiguousRouteOrder));
}
