//! `cargo bench --bench verbs`: the verbs of the library, one by one, on the TiTiler stack.

#![allow(clippy::disallowed_methods, missing_docs, reason = "a bench reads its script")]

use std::hint::black_box;
use std::rc::Rc;

use criterion::{Criterion, criterion_group, criterion_main};
use rtiler::cfn::schema::Schema;
use rtiler::cfn::{check, emit, parse};
use rtiler::repl::{Outcome, Repl};
use rtiler::script::session::{Folder, Session};
use rtiler::script::{Evaluation, Files, Input, Limits, Unreadable, eval};
use rtiler::synth::{Synth, synth};

struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _path: &str) -> Result<String, Unreadable> {
        Err(Unreadable::Missing)
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

fn synthesised(text: &str) -> Synth {
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

impl Files for Hundred {
    fn read(&self, _path: &str) -> Result<String, Unreadable> {
        let stack = "let web = FargateService(\"Web\").image(\"nginx:1.29\").port(80).behind(Alb(\"Web\"));";
        let stacks = "stacks.push(Stack(`web-${n}`).add(web));";
        Ok(format!("let stacks = [];\nfor n in 0..100 {{\n{stack}\n{stacks}\n}}\nstacks"))
    }
}

impl Folder for Hundred {
    fn list(&self, _path: &str) -> Vec<String> {
        Vec::new()
    }
}

fn session() -> Session {
    Session::new(Rc::new(Hundred), Vec::new(), Limits::default())
}

fn repl(criterion: &mut Criterion) {
    criterion.bench_function("first line of a session", |bench| bench.iter(|| session().enter(black_box("1 + 1"))));
    let empty = session();
    for text in ["AWS::EC2::Instance(\"x\", #{", "FargateService(\"x\").cpu(1).", "AWS::"] {
        let name = format!("complete {text}");
        criterion.bench_function(&name, |bench| bench.iter(|| empty.complete(black_box(text), text.len(), &Hundred)));
    }
    let mut repl = Repl::new(session());
    assert!(matches!(repl.answer(":load hundred.rhai"), Outcome::Done(_)));
    criterion.bench_function("reload of 100 stacks", |bench| bench.iter(|| repl.answer(":reload")));
    criterion.bench_function("check of 100 stacks", |bench| bench.iter(|| repl.answer(":check")));
}

criterion_group!(benches, verbs, repl);
criterion_main!(benches);
