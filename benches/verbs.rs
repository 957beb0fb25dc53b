//! `cargo bench --bench verbs`: the verbs of the library, one by one, on the TiTiler stack.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench reads its script, and prints"
)]

use std::alloc::System;
use std::hint::black_box;
use std::rc::Rc;
use std::time::Instant;

use cap::Cap;
use criterion::{Criterion, criterion_group, criterion_main};
use rtiler::cfn::schema::Schema;
use rtiler::cfn::{check, emit, parse};
use rtiler::repl::{LineResult, Repl};
use rtiler::script::session::{DirectoryListing, Session};
use rtiler::script::{Evaluation, Input, Limits, LoadError, SourceLoader, eval};
use rtiler::synth::{DesiredStack, synth};

struct NoFiles;

impl SourceLoader for NoFiles {
    fn read(&self, _path: &str) -> Result<String, LoadError> {
        Err(LoadError::Missing)
    }
}

fn evaluated(text: &str) -> Evaluation {
    eval(&Input {
        name: "scripts/app.rhai",
        text,
        files: Rc::new(NoFiles),
        given: Vec::new(),
        limits: Limits::default(),
    })
}

fn synthesised(text: &str) -> DesiredStack {
    let report = evaluated(text).report.and_then(|program| synth(&program, Schema::embedded()));
    report.value.and_then(|stacks| stacks.into_iter().next()).expect("the TiTiler script is right")
}

fn verbs(criterion: &mut Criterion) {
    let text = std::fs::read_to_string("scripts/app.rhai").expect("the script is there");
    let program = evaluated(&text).report.value.expect("the script is right");
    let stack = synthesised(&text);
    let yaml = emit::yaml(&stack.template);
    criterion.bench_function("eval", |bench| bench.iter(|| evaluated(black_box(&text))));
    criterion.bench_function("synth with check", |bench| bench.iter(|| synth(black_box(&program), Schema::embedded())));
    criterion
        .bench_function("check", |bench| bench.iter(|| check::check(black_box(&stack.template), Schema::embedded())));
    criterion.bench_function("emit YAML", |bench| bench.iter(|| emit::yaml(black_box(&stack.template))));
    criterion.bench_function("emit JSON", |bench| bench.iter(|| emit::json(black_box(&stack.template))));
    criterion.bench_function("parse YAML", |bench| bench.iter(|| parse::template("app.yaml", black_box(&yaml))));
}

/// A hundred stacks of a service behind a load balancer.
struct Hundred;

impl SourceLoader for Hundred {
    fn read(&self, _path: &str) -> Result<String, LoadError> {
        let stack = "let web = FargateService(\"Web\").image(\"nginx:1.29\").port(80).behind(Alb(\"Web\"));";
        let stacks = "stacks.push(Stack(`web-${n}`).add(web));";
        Ok(format!("let stacks = [];\nfor n in 0..100 {{\n{stack}\n{stacks}\n}}\nstacks"))
    }
}

impl DirectoryListing for Hundred {
    fn list(&self, _path: &str) -> Vec<String> {
        Vec::new()
    }
}

fn session() -> Session {
    Session::new(Rc::new(Hundred), Vec::new(), Limits::default())
}

fn repl(criterion: &mut Criterion) {
    criterion.bench_function("first line of a session", |bench| bench.iter(|| session().evaluate(black_box("1 + 1"))));
    let empty = session();
    for text in ["AWS::EC2::Instance(\"x\", #{", "FargateService(\"x\").cpu(1).", "AWS::"] {
        let name = format!("complete {text}");
        criterion.bench_function(&name, |bench| bench.iter(|| empty.complete(black_box(text), text.len(), &Hundred)));
    }
    let mut repl = Repl::new(session());
    assert!(matches!(repl.evaluate(":load hundred.rhai"), LineResult::Done(_)));
    criterion.bench_function("reload of 100 stacks", |bench| bench.iter(|| repl.evaluate(":reload")));
    criterion.bench_function("check of 100 stacks", |bench| bench.iter(|| repl.evaluate(":check")));
}

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// Milliseconds of one line and bytes in use, at three points of a long session.
fn long_session(name: &str, grows: bool, line: impl Fn(usize) -> String) {
    const LINES: usize = 1_000;
    let mut repl = Repl::new(session());
    repl.evaluate("let x = 0");
    repl.evaluate("let list = []");
    let mut rows = Vec::new();
    for n in 1..=LINES {
        let began = Instant::now();
        let text = line(n);
        match repl.evaluate(&text) {
            LineResult::Done(_) => {}
            LineResult::Failed(told) => panic!("{text}: {:?}", told.problems),
            _ => panic!("{text} is a line"),
        }
        if [LINES / 10, LINES / 2, LINES].contains(&n) {
            rows.push((began.elapsed().as_secs_f64() * 1e3, ALLOCATOR.allocated() / 1024));
        }
    }
    let text: Vec<String> = rows.iter().map(|(ms, kib)| format!("{ms:.1} ms {kib} KiB")).collect();
    println!("{name}, lines {}, {} and {LINES}: {}", LINES / 10, LINES / 2, text.join(", "));
    let growth = rows[2].1.saturating_sub(rows[0].1);
    assert!(grows || growth < 32, "{name}: a line that was overtaken leaves {growth} KiB behind");
}

/// The first completions of a process, which unpack what they need of the schema.
fn cold(_: &mut Criterion) {
    for text in
        ["AWS::EC2::Instance(\"x\", #{", "AWS::EC2::Instance(\"x\", #{ Im", "AWS::ECS::Service(\"x\", #{ ", "AWS::"]
    {
        let empty = session();
        let began = Instant::now();
        let found = empty.complete(black_box(text), text.len(), &Hundred).candidates.len();
        println!("first completion of `{text}`: {:.1} ms, {found} candidates", began.elapsed().as_secs_f64() * 1e3);
    }
}

fn long(_: &mut Criterion) {
    for (name, line) in [
        ("assign", (|n| format!("x = {n}")) as fn(usize) -> String),
        ("let service", |n| format!("let s = FargateService(\"A\").cpu({})", n % 7 + 1)),
        ("look", |n| format!("x + {n}")),
        ("underscore", |n| if n % 2 == 0 { "_ + 1".into() } else { "list.len()".into() }),
        ("underscore chain", |n| if n == 1 { "1".into() } else { "_ + 1".into() }),
        ("stack", |n| format!("Stack(\"a{n}\")")),
        ("fn", |n| format!("fn f() {{ {n} }}")),
        ("push", |n| format!("list.push({n})")),
        ("new variable", |n| format!("let a{n} = {n}")),
    ] {
        let grows = ["underscore chain", "push", "new variable"].contains(&name);
        long_session(name, grows, line);
    }
}

criterion_group!(benches, cold, long, verbs, repl);
criterion_main!(benches);
