//! `cargo bench --bench verbs`: the verbs of the library, one by one, on the TiTiler stack.

#![allow(clippy::disallowed_methods, missing_docs, reason = "a bench reads its script")]

use std::hint::black_box;
use std::rc::Rc;

use criterion::{Criterion, criterion_group, criterion_main};
use rtiler::cfn::schema::Schema;
use rtiler::cfn::{check, emit, parse};
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

criterion_group!(benches, verbs);
criterion_main!(benches);
